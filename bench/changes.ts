/** `changes` of a 1C base that acknowledged nothing for a million events. Floor of the same run: as many rows by their number, without what they tell of. */
import type { Sql } from "@/db/index.ts";
import { openRuntime } from "@/lib/runtime.ts";
import { readChanges, sequenceFeed } from "@/lib/feed/index.ts";
import { machine, times } from "./harness.ts";
import { LARGE_ORDERS, largeDatabase } from "./large-database.ts";

const EVENTS = 1_000_000;
const PAGES = 1_000;
const PAGE = 100;
const LIMIT_MS = 50;
const FRESH = 10_000;

export async function benchChanges(): Promise<void> {
  const large = await largeDatabase();
  Object.assign(process.env, large.env);
  const { ctx, close } = await openRuntime(large.url, "bench");
  const { sql } = ctx.database;
  const [base] = await sql<{ id: string }[]>`update connections set settings = '{"doors": ["json"], "login": "json"}' where kind = 'onec' returning id`;
  const connectionId = base!.id;
  const filling = performance.now();
  await fill(sql, connectionId);
  await sql`vacuum analyze feed_events`;
  const fillSeconds = (performance.now() - filling) / 1_000;
  const cursors = Array.from({ length: PAGES }, (_, i) => Math.floor(((i * 7_919) % PAGES) * ((EVENTS - PAGE) / PAGES)).toString());
  // The first pages load code and fill caches.
  for (const since of cursors.slice(0, 20)) await readChanges(ctx, connectionId, { since, limit: PAGE });
  const unacknowledged = await times(Array.from({ length: 200 }, () => null), () => readChanges(ctx, connectionId, { since: null, limit: PAGE }));
  const page = await times(cursors, (since) => readChanges(ctx, connectionId, { since, limit: PAGE }));
  const floor = await times(cursors, (since) => sql`select * from feed_events where connection_id = ${connectionId} and seq > ${since}::bigint order by seq limit ${PAGE}`);
  await sql`
    insert into feed_events (id, connection_id, type, key, order_id, created_at, push_state)
    select gen_random_uuid(), ${connectionId}::uuid, 'order.expired', 'fresh:' || id, id, now(), 'none' from orders limit ${FRESH}`;
  const numbering = performance.now();
  await sequenceFeed(ctx, connectionId);
  const numberedPerSecond = FRESH / ((performance.now() - numbering) / 1_000);
  await close();
  console.log(`\nchanges with ${EVENTS} unacknowledged events (${machine()}), pages of ${PAGE}; filled in ${fillSeconds.toFixed(0)} s`);
  console.log(`  from anywhere: p50 ${page.p50.toFixed(1)} ms, p99 ${page.p99.toFixed(1)} ms (limit ${LIMIT_MS}); the next unacknowledged: p50 ${unacknowledged.p50.toFixed(1)} ms, p99 ${unacknowledged.p99.toFixed(1)} ms`);
  console.log(`  bare rows: p50 ${floor.p50.toFixed(2)} ms, p99 ${floor.p99.toFixed(2)} ms; ratio of p50 ${(page.p50 / floor.p50).toFixed(0)}; numbering ${Math.round(numberedPerSecond)} events/s`);
}

/** Events of the paid orders, and of orders that expired for the rest of the million. The indexes are built when all rows are there. */
async function fill(sql: Sql, connectionId: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`set local maintenance_work_mem = '256MB'`;
    const indexes = await tx<{ name: string; made: string }[]>`
      select i.indexname as name, i.indexdef as made from pg_indexes i where i.tablename = 'feed_events' and not exists (select 1 from pg_constraint c where c.conname = i.indexname)`;
    for (const { name } of indexes) await tx.unsafe(`drop index ${name}`);
    await tx`
      create temp table told on commit drop as
      select row_number() over () as n, f.id as fact_id, a.order_id, r.id as receipt_id, e.id as export_id
        from money_facts f join allocations a on a.fact_id = f.id left join receipts r on r.fact_id = f.id left join export_messages e on e.fact_id = f.id`;
    await tx`
      insert into feed_events (id, connection_id, seq, type, key, order_id, subject_id, export_id, paid_kopecks, refunded_kopecks, due_kopecks, created_at, push_state)
      select gen_random_uuid(), ${connectionId}::uuid, (k - 1) * ${LARGE_ORDERS}::bigint + n, case when k = 1 then 'payment.succeeded' when k = 2 then 'receipt.registered' else 'order.expired' end, k || ':' || order_id, order_id,
             case when k = 1 then fact_id when k = 2 then receipt_id end, case when k = 1 then export_id end, 663100, 0, 0, now(), 'none'
        from told cross join generate_series(1, ${Math.ceil(EVENTS / LARGE_ORDERS)}::int) k where (k - 1) * ${LARGE_ORDERS}::bigint + n <= ${EVENTS}`;
    await tx`insert into feed_cursors (connection_id, last_seq) values (${connectionId}, ${EVENTS})`;
    for (const { made } of indexes) await tx.unsafe(made);
  });
}
