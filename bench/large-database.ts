/** A database of a million paid orders, filled in bulk: for reads that must stay fast when a shop has grown old. */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openDatabase } from "@/db/index.ts";
import type { Sql } from "@/db/index.ts";
import { migrateDatabase } from "@/db/migrate.ts";
import { newId } from "@/lib/kit/ids.ts";
import { startPostgres } from "../scripts/lib/postgres-server.mjs";

export const LARGE_ORDERS = Number(process.env["BENCH_ORDERS"] ?? 1_000_000);

export type LargeDatabase = { url: string; env: Record<string, string>; fillSeconds: number; stop(): Promise<void> };

/** One database serves all benchmarks of one run: filling it takes minutes. */
let made: Promise<LargeDatabase> | null = null;
export const largeDatabase = (): Promise<LargeDatabase> => (made ??= make());

async function make(): Promise<LargeDatabase> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "kopeyka-large-"));
  // The server may run as another user than the one who made the folder.
  chmodSync(dataDir, 0o755);
  const server = (await startPostgres({ data: path.join(dataDir, "postgres"), flags: ["-c", "max_wal_size=8GB", "-c", "synchronous_commit=off"] as never[] })) as { url(name: string): string; stop(): Promise<void> };
  const url = server.url("postgres");
  await migrateDatabase(url);
  const database = openDatabase(url, { maxConnections: 2, applicationName: "kopeyka-bench" });
  const started = performance.now();
  await fill(database.sql);
  const fillSeconds = (performance.now() - started) / 1_000;
  await database.close();
  const env = { DATABASE_URL: url, KOPEYKA_SECRET_KEYS: `b:${randomBytes(32).toString("base64")}`, PUBLIC_URL: "http://127.0.0.1:9" };
  return {
    url,
    env,
    fillSeconds,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Every table that a paid, receipted and exported order leaves behind. Triggers are off while filling: the invariants are checked afterwards anyway. */
async function fill(pool: Sql): Promise<void> {
  const ids = { seller: newId(), store: newId(), onec: newId(), bank: newId(), register: newId() };
  await pool.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`set local maintenance_work_mem = '256MB'`;
    await sql`insert into seller_orgs (id, brand_name, legal_name, inn, tax_system, address, phone, email, site_url, created_at) values (${ids.seller}, 'Б', 'ООО Б', '9900000017', 'osn', 'а', '+70000000000', 'a@b.ru', 'https://b.ru', now())`;
    await sql`insert into stores (id, seller_org_id, name, mode, created_at) values (${ids.store}, ${ids.seller}, 'М', 'live', now())`;
    for (const [id, kind, provider] of [[ids.onec, "onec", "commerceml"], [ids.bank, "acquirer", "paykeeper"], [ids.register, "register", "orange_data"]] as const) {
      await sql`insert into connections (id, kind, provider, name, seller_org_id, store_id, environment, door, settings, enabled, created_at)
        values (${id}, ${kind}, ${provider}, ${provider}, ${kind === "onec" ? null : ids.seller}, ${kind === "onec" ? ids.store : null}, 'live', ${id}, '{}', true, now())`;
    }
    await sql`
      create temp table made on commit drop as
      select i, gen_random_uuid() as o, gen_random_uuid() as v, gen_random_uuid() as a, gen_random_uuid() as f, gen_random_uuid() as r, gen_random_uuid() as e, gen_random_uuid() as l1, gen_random_uuid() as l2,
             now() - (i % 365) * interval '1 day' - (i % 1440) * interval '1 minute' as at from generate_series(1, ${LARGE_ORDERS}) i`;
    await sql`
      insert into orders (id, seller_org_id, store_id, onec_connection_id, onec_guid, number, order_date, payer_kind, buyer_name, contact, lifecycle, is_posted, revision_no, content_hash, total_kopecks,
        lines_match_total, captured_kopecks, payment_status, paid_at, is_test, created_at, updated_at, export_version, exported_version)
      select o, ${ids.seller}, ${ids.store}, ${ids.onec}, 'g' || i, 'B' || i, at, 'individual', 'Иванов Иван', 'b' || i || '@example.ru', 'active', true, 1, 'h', 663100, true, 663100, 'paid', at, false, at, at, 1, 1 from made`;
    await sql`insert into order_revisions (id, order_id, no, total_kopecks, content_hash, source, received_at) select v, o, 1, 663100, 'h', '{}', at from made`;
    await sql`
      insert into order_lines (id, revision_id, line_no, name, kind, unit_code, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks)
      select l1, v, 1, 'Чайник', 'goods', '796', '1', 499000, 499000, 'vat22', 89984 from made union all select l2, v, 2, 'Книга', 'goods', '796', '1', 164100, 164100, 'vat10', 14918 from made`;
    await sql`insert into payment_links (id, order_id, token, state, revision_no, amount_kopecks, valid_until, created_at) select gen_random_uuid(), o, 't' || i, 'fulfilled', 1, 663100, at + interval '3 days', at from made`;
    await sql`
      insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, provider_payment_id, is_test, created_at, finished_at, confirmed_by_read_at)
      select a, o, ${ids.bank}, 'paykeeper', 'card', 'k' || i || '-1', 1, 663100, 'p' || i, 'b@example.ru', 'succeeded', 'f', i::text, false, at, at, at from made`;
    await sql`
      insert into money_facts (id, kind, amount_kopecks, method, connection_id, provider_payment_id, capture_no, attempt_id, occurred_at, recorded_at, business_date, fiscal_owner, is_test, actor)
      select f, 'payment_captured', 663100, 'card', ${ids.bank}, i::text, 1, a, at, at, (at at time zone 'Europe/Moscow')::date, 'site', false, 'provider' from made`;
    await sql`insert into allocations (id, fact_id, order_id, amount_kopecks, created_at, actor) select gen_random_uuid(), f, o, 663100, at, 'provider' from made`;
    await sql`
      insert into receipts (id, fact_id, order_id, connection_id, purpose, kind, state, total_kopecks, contact, external_id, due_at, planned_at, sent_at, registered_at, fn_number, fd_number, fiscal_sign, is_test)
      select r, f, o, ${ids.register}, 'prepayment', 'income', 'registered', 663100, 'b@example.ru', 'x' || i, at, at, at, at, '9999078900000001', i::text, i::text, false from made`;
    await sql`
      insert into receipt_lines (receipt_id, line_no, order_line_id, name, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks, method, subject)
      select r, 1, l1, 'Чайник', '1', 499000, 499000, 'vat22_122', 89984, 1, 1 from made union all select r, 2, l2, 'Книга', '1', 164100, 164100, 'vat10_110', 14918, 1, 1 from made`;
    await sql`
      insert into export_messages (id, connection_id, order_id, fact_id, amount_kopecks, seq, order_version, state, created_at, delivered_at, confirmed_at, onec_document_number, is_test)
      select e, ${ids.onec}, o, f, 663100, 1, 1, 'confirmed', at, at, at, 'УТ-' || i, false from made`;
    await sql`
      insert into order_events (id, order_id, at, kind, actor, amount_kopecks, subject_id, detail)
      select gen_random_uuid(), o, at + k.no * interval '1 second', k.kind, 'system', 663100, a, '{"method":"card","provider":"paykeeper"}'
        from made, (values (1, 'order.received'), (2, 'link.created'), (3, 'attempt.created'), (4, 'money.captured'), (5, 'receipt.registered'), (6, 'export.confirmed')) as k(no, kind)`;
    await sql`insert into exchange_log (id, connection_id, order_id, subject_id, at, action, request, answer, outcome, duration_ms) select gen_random_uuid(), ${ids.bank}, o, a, at, 'acquirer.open', 'POST /change/invoice/preview/', '{"invoice_id":"20261121101530417"}', 'done', 90 from made`;
  });
  await pool`vacuum analyze`;
}

/** The database, when a benchmark of this run has made it. */
export const largeDatabaseMade = (): Promise<LargeDatabase> | null => made;
