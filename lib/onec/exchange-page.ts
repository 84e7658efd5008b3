/** How the exchange with 1C is doing (A9), read for staff. */
import type { Ctx } from "@/lib/context.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import { byHandSql, isForBaseSql } from "@/lib/exports/index.ts";
import type { ByHandReason } from "@/lib/exports/index.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { isOursSql } from "@/lib/orders/order-may.ts";

export type OnecBase = {
  connectionId: string; name: string; storeName: string | null; enabled: boolean; lastSeenAt: Date | null;
  /** Payments that 1C has not booked yet: not taken, and taken but not confirmed. Without what it will not book. */
  pending: bigint; delivered: bigint; oldestAt: Date | null;
  /** What the exchange will not book: a person has to. */
  byHand: bigint; byHandKopecks: bigint;
  /** Orders whose present state 1C has not taken. */
  ordersToSend: bigint;
  /** Median of recorded → booked over the last 30 days, seconds; null = nothing was booked. */
  medianSeconds: number | null; p95Seconds: number | null;
  /** The same of recorded → taken by 1C. */
  takenMedianSeconds: number | null; takenP95Seconds: number | null;
  /** Uploaded files that are not loaded yet. */
  filesIn: bigint;
};
export type OnecCallRow = { callId: string; at: Date; baseName: string | null; type: string; mode: string; answer: string; summary: string; durationMs: number };
/** Money that 1C will not book by itself (CML-32). */
export type ByHandRow = { exportId: string; orderId: string; number: string; baseName: string; factKind: FactKind; amountKopecks: bigint; createdAt: Date; reason: ByHandReason };
export type ExchangePage = { bases: OnecBase[]; byHand: ByHandRow[] };

const CALLS = 200;
const BY_HAND = 50;

export async function readExchangePage(ctx: Ctx, { isTest, storeId }: { isTest: boolean; storeId: string | null }): Promise<ExchangePage> {
  const { sql } = ctx.database;
  const environment = isTest ? "test" : "live";
  const monthAgo = addMs(ctx.now(), -30 * DAY_MS);
  const [bases, byHand] = await Promise.all([
    sql<OnecBase[]>`
      select k.id as connection_id, k.name, s.name as store_name, k.enabled, k.last_seen_at, w.pending, w.delivered, w.oldest_at, w.by_hand, w.by_hand_kopecks, d.median_seconds, d.p95_seconds, d.taken_median_seconds, d.taken_p95_seconds,
             (select count(*) from onec_files q where q.connection_id = k.id and q.state in ('receiving', 'processing')) as files_in,
             (select count(*) from orders o where o.onec_connection_id = k.id and o.export_version > o.exported_version and ${isForBaseSql(sql)} and ${isOursSql(sql)}) as orders_to_send
        from connections k left join stores s on s.id = k.store_id,
             lateral (select count(*) filter (where x.state = 'pending' and x.reason is null) as pending, count(*) filter (where x.state = 'delivered' and x.reason is null) as delivered,
                             min(x.created_at) filter (where x.reason is null) as oldest_at, count(*) filter (where x.reason is not null) as by_hand,
                             coalesce(sum(x.amount_kopecks) filter (where x.reason is not null), 0)::bigint as by_hand_kopecks
                        from (select m.state, m.created_at, m.amount_kopecks, ${byHandSql(sql)} as reason from export_messages m join money_facts f on f.id = m.fact_id join orders o on o.id = m.order_id
                               where m.connection_id = k.id and m.state <> 'confirmed') x) w,
             lateral (select percentile_cont(0.5) within group (order by extract(epoch from e.confirmed_at - e.created_at)) filter (where e.confirmed_at > ${monthAgo})::float8 as median_seconds,
                             percentile_cont(0.95) within group (order by extract(epoch from e.confirmed_at - e.created_at)) filter (where e.confirmed_at > ${monthAgo})::float8 as p95_seconds,
                             percentile_cont(0.5) within group (order by extract(epoch from e.delivered_at - e.created_at)) filter (where e.delivered_at > ${monthAgo})::float8 as taken_median_seconds,
                             percentile_cont(0.95) within group (order by extract(epoch from e.delivered_at - e.created_at)) filter (where e.delivered_at > ${monthAgo})::float8 as taken_p95_seconds
                        from export_messages e where e.connection_id = k.id and e.created_at > ${addMs(monthAgo, -30 * DAY_MS)}) d
       where k.kind = 'onec' and k.environment = ${environment} order by k.name limit 50`,
    sql<ByHandRow[]>`
      select * from (
        select m.id as export_id, o.id as order_id, o.number, k.name as base_name, f.kind as fact_kind, m.amount_kopecks, m.created_at, ${byHandSql(sql)} as reason
          from export_messages m join money_facts f on f.id = m.fact_id join orders o on o.id = m.order_id join connections k on k.id = m.connection_id
         where m.state <> 'confirmed' and k.environment = ${environment} ${storeId === null ? sql`` : sql`and o.store_id = ${storeId}`}) x
       where reason is not null order by created_at limit ${BY_HAND}`,
  ]);
  return { bases, byHand };
}

/** The journal of calls of this world, newest first. */
export const readCalls = (ctx: Ctx, isTest: boolean): Promise<OnecCallRow[]> => ctx.database.sql<OnecCallRow[]>`
  select k.id as call_id, k.at, c.name as base_name, k.type, k.mode, k.answer, k.summary, k.duration_ms from onec_calls k left join connections c on c.id = k.connection_id
   where c.environment is null or c.environment = ${isTest ? "test" : "live"} order by k.id desc limit ${CALLS}`;

/** Bases of this world, to choose from. */
export const listBases = (ctx: Ctx, isTest: boolean): Promise<{ connectionId: string; name: string }[]> => ctx.database.sql<{ connectionId: string; name: string }[]>`
  select id as connection_id, name from connections where kind = 'onec' and environment = ${isTest ? "test" : "live"} order by enabled desc, name limit 50`;

/** Last word from any enabled base of this world; null = never. */
export async function lastExchangeAt(ctx: Ctx, { isTest }: { isTest: boolean }): Promise<Date | null> {
  const [row] = await ctx.database.sql<{ at: Date | null }[]>`
    select max(last_seen_at) as at from connections where kind = 'onec' and enabled and environment = ${isTest ? "test" : "live"}`;
  return row?.at ?? null;
}
