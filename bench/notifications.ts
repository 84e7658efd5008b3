/**
 * W1: a signed PayKeeper notification becomes recorded money. Floors of the same run: an empty route of the same build, and
 * the same verb called by a bare client without HTTP.
 */
import { createHash } from "node:crypto";
import { openDatabase } from "@/db/index.ts";
import type { Database } from "@/db/index.ts";
import { createConnection } from "@/lib/connections/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { receiveNotification } from "@/lib/payments/index.ts";
import { openRuntime } from "@/lib/runtime.ts";
import { load, machine, share, startBenchApp } from "./harness.ts";
import type { BenchApp } from "./harness.ts";

const SECRET_WORD = "bench-word";
const SECONDS = 8;
const ATTEMPTS = 30_000;
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

type Prepared = { path: string; door: string; body(i: number): string };

async function prepare(app: BenchApp): Promise<Prepared> {
  Object.assign(process.env, app.env);
  const { ctx, close } = await openRuntime(app.databaseUrl, "bench");
  const { sql } = ctx.database;
  const [sellerOrgId, storeId] = [newId(), newId()];
  await sql`insert into seller_orgs (id, brand_name, legal_name, inn, tax_system, address, phone, email, site_url, created_at) values (${sellerOrgId}, 'Б', 'ООО Б', '9900000017', 'osn', 'а', '+70000000000', 'a@b.ru', 'https://b.ru', now())`;
  await sql`insert into stores (id, seller_org_id, name, mode, created_at) values (${storeId}, ${sellerOrgId}, 'М', 'live', now())`;
  const acquirer = await createConnection(ctx, { kind: "acquirer", provider: "paykeeper", name: "PK", sellerOrgId, environment: "test", settings: { baseUrl: "http://127.0.0.1:9", login: "x" }, secret: { password: "x", secretWord: SECRET_WORD } });
  await createConnection(ctx, { kind: "register", provider: "orange_data", name: "OD", sellerOrgId, environment: "test", settings: { baseUrl: "https://127.0.0.1:9", inn: "9900000017", group: "Main_2" }, secret: {} });
  const onec = await createConnection(ctx, { kind: "onec", provider: "commerceml", name: "1С", sellerOrgId: null, storeId, environment: "test", settings: {}, secret: {} });
  await seedAttempts(ctx.database, { sellerOrgId, storeId, acquirerId: acquirer.connectionId, onecId: onec.connectionId });
  await close();
  return {
    door: acquirer.door,
    path: `/api/acquirers/${acquirer.door}/notifications`,
    body(i) {
      const [id, sum, clientid, orderid] = [String(70_000_000 + i), "6631.00", `order-${i}`, `k${i}-1`];
      return new URLSearchParams({ id, sum, clientid, orderid, ps_id: "99", key: md5(id + sum + clientid + orderid + SECRET_WORD) }).toString();
    },
  };
}

/** Orders of three lines with a waiting attempt each, written in bulk. */
async function seedAttempts({ sql }: Database, ids: { sellerOrgId: string; storeId: string; acquirerId: string; onecId: string }): Promise<void> {
  await sql`
    insert into orders (id, seller_org_id, store_id, onec_connection_id, onec_guid, number, order_date, payer_kind, buyer_name, lifecycle, is_posted, revision_no, content_hash,
      total_kopecks, lines_match_total, payment_status, is_test, created_at, updated_at)
    select gen_random_uuid(), ${ids.sellerOrgId}::uuid, ${ids.storeId}::uuid, ${ids.onecId}::uuid, 'g' || i, 'B' || i, now(), 'individual', 'Иванов', 'active', true, 1, 'h', 663100, true, 'awaiting_payment', true, now(), now()
      from generate_series(1, ${ATTEMPTS}) i`;
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

/** The verb without HTTP: what the same statements cost on this machine with this database. */
async function bareClient(app: BenchApp, prepared: Prepared, from: number): Promise<number> {
  const { ctx, close } = await openRuntime(app.databaseUrl, "bench");
  let i = from;
  const until = performance.now() + SECONDS * 1_000;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (performance.now() < until) await receiveNotification(ctx, prepared.door, { headers: {}, body: prepared.body(i++), ip: null });
    }),
  );
  const perSecond = (i - from) / ((performance.now() - started) / 1_000);
  await close();
  return perSecond;
}

export async function benchNotifications(): Promise<void> {
  const app = await startBenchApp();
  try {
    const prepared = await prepare(app);
    console.log(`W1 notification → money recorded (${machine()})`);
    let i = 1;
    const ok = (status: number, body: string) => status === 200 && body.startsWith("OK ");
    // The first requests load code and fill caches.
    await load(app.webUrl, 4, 2, () => ({ path: "/api/bench/empty", body: null }), (status) => status === 204);
    await load(app.webUrl, 4, 2, () => ({ path: prepared.path, body: prepared.body(i++) }), ok);
    for (const connections of [1, 16, 64]) {
      const floor = await load(app.webUrl, connections, SECONDS, () => ({ path: "/api/bench/empty", body: null }), (status) => status === 204);
      const settled = await load(app.webUrl, connections, SECONDS, () => (i < ATTEMPTS ? { path: prepared.path, body: prepared.body(i++) } : null), ok);
      console.log(
        `  ${connections} connections: ${Math.round(settled.perSecond)} payments/s, p50 ${settled.p50Ms.toFixed(1)} ms, p99 ${settled.p99Ms.toFixed(1)} ms; ` +
          `empty route ${Math.round(floor.perSecond)}/s; ratio ${share(settled.perSecond, floor.perSecond)}`,
      );
    }
    const repeated = await load(app.webUrl, 16, SECONDS, () => ({ path: prepared.path, body: prepared.body(1 + Math.floor(Math.random() * 500)) }), ok);
    console.log(`  duplicates at 16 connections: ${Math.round(repeated.perSecond)}/s`);
    const bare = await bareClient(app, prepared, i + 10);
    console.log(`  the same verb by a bare client, 16 at once: ${Math.round(bare)}/s`);
    await verify(app, i - 1);
  } finally {
    await app.stop();
  }
}

/** A benchmark that loses money measures nothing. */
async function verify(app: BenchApp, sent: number): Promise<void> {
  const database = openDatabase(app.databaseUrl, { maxConnections: 1 });
  const [row] = await database.sql<{ facts: bigint; paid: bigint; planned: bigint }[]>`
    select (select count(*) from money_facts) as facts, (select count(*) from orders where payment_status = 'paid') as paid, (select count(*) from receipts) as planned`;
  await database.close();
  if (!row || row.facts < BigInt(sent) || row.facts !== row.paid || row.facts !== row.planned) throw new Error(`money does not add up: ${JSON.stringify(row, (_k, v: unknown) => String(v))}, sent ${sent}`);
  console.log(`  checked: ${row.facts} facts = paid orders = planned receipts`);
}
