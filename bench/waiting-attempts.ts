/** Orders that wait for their payment, and the signed notifications that pay them: what the benchmarks of money's way begin with. */
import { createHash } from "node:crypto";
import type { Database } from "@/db/index.ts";
import { createConnection } from "@/lib/connections/index.ts";
import { openRuntime } from "@/lib/runtime.ts";
import type { BenchApp } from "./harness.ts";
import { makeBase } from "./prepare-base.ts";
import type { GivenBase } from "./prepare-base.ts";

const SECRET_WORD = "bench-word";
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** `body(i)` pays the order numbered `B<i>`, from 1. */
export type WaitingAttempts = { path: string; door: string; onecId: string; body(i: number): string };

export async function waitingAttempts(app: BenchApp, count: number, base: GivenBase = { settings: {}, secret: {} }): Promise<WaitingAttempts> {
  Object.assign(process.env, app.env);
  const { ctx, close } = await openRuntime(app.databaseUrl, "bench");
  const { sellerOrgId, storeId, onecId } = await makeBase(ctx, base);
  const acquirer = await createConnection(ctx, { kind: "acquirer", provider: "paykeeper", name: "PK", sellerOrgId, environment: "test", settings: { baseUrl: "http://127.0.0.1:9", login: "x" }, secret: { password: "x", secretWord: SECRET_WORD } });
  await createConnection(ctx, { kind: "register", provider: "orange_data", name: "OD", sellerOrgId, environment: "test", settings: { baseUrl: "https://127.0.0.1:9", inn: "9900000017", group: "Main_2" }, secret: {} });
  await seedAttempts(ctx.database, { sellerOrgId, storeId, acquirerId: acquirer.connectionId, onecId }, count);
  await close();
  return {
    door: acquirer.door,
    onecId,
    path: `/api/acquirers/${acquirer.door}/notifications`,
    body(i) {
      const [id, sum, clientid, orderid] = [String(70_000_000 + i), "6631.00", `order-${i}`, `k${i}-1`];
      return new URLSearchParams({ id, sum, clientid, orderid, ps_id: "99", key: md5(id + sum + clientid + orderid + SECRET_WORD) }).toString();
    },
  };
}

/** Orders of three lines with a waiting attempt each, written in bulk. */
async function seedAttempts({ sql }: Database, ids: { sellerOrgId: string; storeId: string; acquirerId: string; onecId: string }, count: number): Promise<void> {
  await sql`
    insert into orders (id, seller_org_id, store_id, onec_connection_id, onec_guid, number, order_date, payer_kind, buyer_name, lifecycle, is_posted, revision_no, content_hash,
      total_kopecks, lines_match_total, payment_status, is_test, created_at, updated_at)
    select gen_random_uuid(), ${ids.sellerOrgId}::uuid, ${ids.storeId}::uuid, ${ids.onecId}::uuid, 'g' || i, 'B' || i, now(), 'individual', 'Иванов', 'active', true, 1, 'h', 663100, true, 'awaiting_payment', true, now(), now()
      from generate_series(1, ${count}) i`;
  await sql`insert into order_revisions (id, order_id, no, total_kopecks, content_hash, source, received_at) select gen_random_uuid(), id, 1, 663100, 'h', '{}', now() from orders`;
  await sql`
    insert into order_lines (id, revision_id, line_no, name, kind, unit_code, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks)
    select gen_random_uuid(), v.id, l.no, l.name, l.kind, '796', l.quantity, l.sum, l.sum, l.rate, 0
      from order_revisions v, (values (1, 'Чайник', 'goods', '1', 499000, 'vat22'), (2, 'Книга', 'goods', '2', 129100, 'vat10'), (3, 'Доставка', 'service', '1', 35000, 'vat22')) as l(no, name, kind, quantity, sum, rate)`;
  await sql`
    insert into payment_links (id, order_id, token, state, revision_no, amount_kopecks, valid_until, created_at)
    select gen_random_uuid(), id, md5(random()::text), 'active', 1, 663100, now() + interval '3 days', now() from orders`;
  await sql`
    insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, is_test, created_at)
    select gen_random_uuid(), id, ${ids.acquirerId}::uuid, 'paykeeper', 'card', 'k' || substr(number, 2) || '-1', 1, 663100, 'order-' || substr(number, 2), 'a@b.ru', 'pending', 'f', true, now() from orders`;
  // Only what is full: statistics of an empty table would make plans that the growing table pays for.
  await sql`analyze orders, order_revisions, order_lines, payment_links, payment_attempts`;
}
