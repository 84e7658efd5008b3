/**
 * W4: a day of 50 000 payments is reconciled with a registry of 50 000 lines: file read, stored, matched, differences written. The
 * floor of the same run: COPY of the same lines into a bare table and one hash join by id.
 */
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { mkdtempSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { migrateDatabase } from "@/db/migrate.ts";
import type { Tx } from "@/db/index.ts";
import { createConnection } from "@/lib/connections/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";
import { openRuntime } from "@/lib/runtime.ts";
import type { Runtime } from "@/lib/runtime.ts";
import { reconcile, uploadRegistry } from "@/lib/reconciliation/index.ts";
import { startPostgres } from "../scripts/lib/postgres-server.mjs";
import { machine, peakRssMb } from "./harness.ts";

const PAYMENTS = 50_000;
/** Lines that differ, so that the work after the match is measured as well. */
const [LOST, FOREIGN, WRONG] = [20, 20, 20];

type World = { runtime: Runtime; connectionId: string; day: string };

async function prepare(databaseUrl: string): Promise<World> {
  const runtime = await openRuntime(databaseUrl, "bench");
  const { ctx } = runtime;
  const { sql } = ctx.database;
  const day = addDays(localDate(ctx.now(), ctx.zone), -1);
  const [sellerOrgId, storeId] = [newId(), newId()];
  await sql`insert into seller_orgs (id, brand_name, legal_name, inn, tax_system, address, phone, email, site_url, created_at) values (${sellerOrgId}, 'Б', 'ООО Б', '9900000017', 'osn', 'а', '+70000000000', 'a@b.ru', 'https://b.ru', now())`;
  await sql`insert into stores (id, seller_org_id, name, mode, created_at) values (${storeId}, ${sellerOrgId}, 'М', 'live', now())`;
  const { connectionId } = await createConnection(ctx, { kind: "acquirer", provider: "paykeeper", name: "PK", sellerOrgId, environment: "test", settings: { baseUrl: "http://127.0.0.1:9", login: "x" }, secret: { password: "x", secretWord: "x" } });
  await sql`
    insert into orders (id, seller_org_id, store_id, onec_guid, number, order_date, payer_kind, buyer_name, lifecycle, is_posted, revision_no, content_hash, total_kopecks, lines_match_total, payment_status, captured_kopecks, is_test, created_at, updated_at)
    select gen_random_uuid(), ${sellerOrgId}::uuid, ${storeId}::uuid, 'g' || i, 'B' || i, ${day}::date, 'individual', 'Иванов', 'active', true, 1, 'h', 663100, true, 'paid', 663100, true, now(), now() from generate_series(1, ${PAYMENTS}) i`;
  await sql.begin(async (tx) => {
    await tx`
      insert into money_facts (id, kind, amount_kopecks, method, connection_id, provider_payment_id, capture_no, occurred_at, recorded_at, business_date, fiscal_owner, is_test, actor)
      select gen_random_uuid(), 'payment_captured', 663100, 'card', ${connectionId}::uuid, 'p' || i, 1, ${day}::date + interval '9 hours', ${day}::date + interval '9 hours', ${day}::date, 'none', true, 'bench' from generate_series(1, ${PAYMENTS}) i`;
    await tx`insert into allocations (id, fact_id, order_id, amount_kopecks, created_at, actor)
      select gen_random_uuid(), f.id, o.id, f.amount_kopecks, now(), 'bench' from money_facts f join orders o on o.onec_guid = 'g' || substr(f.provider_payment_id, 2)`;
  });
  // A year of the same shop behind it: tables are never as empty as a benchmark's.
  await sql`
    insert into registries (id, connection_id, source, day_from, day_to, line_count, new_count, known_count, problem_count, received_by, received_at, is_test)
    values (${newId()}, ${connectionId}, 'api', ${addDays(day, -60)}, ${addDays(day, -30)}, 0, 0, 0, 0, 'bench', now(), true)`;
  await sql`
    insert into registry_entries (id, registry_id, connection_id, line_no, kind, entry_key, provider_payment_id, amount_kopecks, occurred_at, business_date, is_test)
    select gen_random_uuid(), (select id from registries limit 1), ${connectionId}::uuid, i, 'payment', 'old' || i, 'old' || i, 663100, ${day}::date - 40, ${day}::date - 40, true from generate_series(1, 300000) i`;
  await sql`vacuum analyze`;
  return { runtime, connectionId, day };
}

function registryOf(day: string): { bytes: Buffer; lines: string[][] } {
  const shown = day.split("-").toReversed().join(".");
  const lines: string[][] = [];
  for (let i = 1; i <= PAYMENTS; i++) {
    const id = i <= LOST ? null : i <= LOST + FOREIGN ? `foreign-${i}` : `p${i}`;
    const sum = i > PAYMENTS - WRONG ? "6630.99" : "6631.00";
    lines.push([id ?? `rest-${i}`, `${shown} 12:00:00`, "Оплата", sum, "139.25", "", `${day}-1`, shown]);
  }
  const header = "ID платежа;Дата операции;Тип операции;Сумма;Комиссия;Карта;Номер выплаты;Дата выплаты";
  return { bytes: Buffer.from([header, ...lines.map((cells) => cells.join(";"))].join("\r\n")), lines };
}

async function floor({ runtime, connectionId, day }: World, lines: readonly string[][]): Promise<number> {
  const { sql } = runtime.ctx.database;
  const started = performance.now();
  await sql.begin(async (given) => {
    const tx = given as Tx;
    await tx`create temp table bare (id text, at text, kind text, sum text, fee text, card text, payout text, payout_on text) on commit drop`;
    const target = await tx`copy bare from stdin`.writable();
    await pipeline(Readable.from(lines.map((cells) => `${cells.join("\t")}\n`)), target);
    await tx`select count(*) from bare b join money_facts f on f.provider_payment_id = b.id where f.connection_id = ${connectionId} and f.business_date = ${day}`;
  });
  return performance.now() - started;
}

export async function benchReconciliation(): Promise<void> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "kopeyka-bench-"));
  const postgres = (await startPostgres({ data: path.join(dataDir, "postgres") })) as { url(name: string): string; stop(): Promise<void> };
  try {
    process.env["KOPEYKA_SECRET_KEYS"] = `b:${randomBytes(32).toString("base64")}`;
    process.env["PUBLIC_URL"] = "http://127.0.0.1";
    process.env["LOG_LEVEL"] = "silent";
    const databaseUrl = postgres.url("postgres");
    await migrateDatabase(databaseUrl);
    const world = await prepare(databaseUrl);
    const { bytes, lines } = registryOf(world.day);
    console.log(`W4 reconciling ${PAYMENTS} payments with ${PAYMENTS} lines (${machine()}, file ${(bytes.length / 1024 / 1024).toFixed(1)} MB)`);
    await floor(world, lines);
    const floorMs = await floor(world, lines);
    const started = performance.now();
    await uploadRegistry(world.runtime.ctx, { connectionId: world.connectionId, fileName: "day.csv", bytes });
    const storedMs = performance.now() - started;
    await reconcile(world.runtime.ctx, "full");
    const allMs = performance.now() - started;
    const again = performance.now();
    await reconcile(world.runtime.ctx, "full");
    const againMs = performance.now() - again;
    console.log(`  file read and stored ${seconds(storedMs)}, matched and written ${seconds(allMs - storedMs)}, together ${seconds(allMs)}; the same once more ${seconds(againMs)}`);
    console.log(`  floor (COPY and one hash join) ${seconds(floorMs)}; ratio ${(allMs / floorMs).toFixed(1)} ×; peak memory of the process ${peakRssMb(process.pid)} MB`);
    await verify(world);
    await world.runtime.close();
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** A benchmark that finds the wrong things measures nothing. */
async function verify({ runtime }: World): Promise<void> {
  const rows = await runtime.ctx.database.sql<{ class: string; count: number }[]>`select class, count(*)::int as count from discrepancies where state in ('expected', 'open') and class not in ('REGISTRY_LATE', 'SETTLEMENT_MISSING') group by 1 order by 1`;
  const found = Object.fromEntries(rows.map((row) => [row.class, row.count]));
  const expected = { AMOUNT_MISMATCH: WRONG, MISSING_IN_LEDGER: LOST + FOREIGN, MISSING_IN_REGISTRY: LOST + FOREIGN };
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`wrong differences: ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
  console.log(`  checked: ${JSON.stringify(found)}`);
}
