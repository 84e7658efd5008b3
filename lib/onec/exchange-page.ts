/** How the exchange with 1C is doing (A9), read for staff. */
import type { Ctx } from "@/lib/context.ts";
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
  medianSeconds: number | null;
};
export type OnecCallRow = { callId: string; at: Date; baseName: string | null; type: string; mode: string; answer: string; summary: string; durationMs: number };
export type RefusedOrder = { fileId: string; at: Date; baseName: string; number: string; text: string; refused: boolean };
/** Money that 1C will not book by itself (CML-32). */
export type ByHandRow = { exportId: string; orderId: string; number: string; baseName: string; factKind: FactKind; amountKopecks: bigint; createdAt: Date; reason: ByHandReason };
export type ExchangePage = { bases: OnecBase[]; calls: OnecCallRow[]; refused: RefusedOrder[]; byHand: ByHandRow[] };

const CALLS = 60;
const BY_HAND = 50;

export async function readExchangePage(ctx: Ctx, { isTest, storeId }: { isTest: boolean; storeId: string | null }): Promise<ExchangePage> {
  const { sql } = ctx.database;
  const environment = isTest ? "test" : "live";
  const monthAgo = new Date(ctx.now().getTime() - 30 * 86_400_000);
  const [bases, calls, refused, byHand] = await Promise.all([
    sql<OnecBase[]>`
      select k.id as connection_id, k.name, s.name as store_name, k.enabled, k.last_seen_at, w.pending, w.delivered, w.oldest_at, w.by_hand, w.by_hand_kopecks, d.median_seconds,
             (select count(*) from orders o where o.onec_connection_id = k.id and o.export_version > o.exported_version and ${isForBaseSql(sql)} and ${isOursSql(sql)}) as orders_to_send
        from connections k left join stores s on s.id = k.store_id,
             lateral (select count(*) filter (where x.state = 'pending' and x.reason is null) as pending, count(*) filter (where x.state = 'delivered' and x.reason is null) as delivered,
                             min(x.created_at) filter (where x.reason is null) as oldest_at, count(*) filter (where x.reason is not null) as by_hand,
                             coalesce(sum(x.amount_kopecks) filter (where x.reason is not null), 0)::bigint as by_hand_kopecks
                        from (select m.state, m.created_at, m.amount_kopecks, ${byHandSql(sql)} as reason from export_messages m join money_facts f on f.id = m.fact_id join orders o on o.id = m.order_id
                               where m.connection_id = k.id and m.state <> 'confirmed') x) w,
             lateral (select percentile_cont(0.5) within group (order by extract(epoch from e.confirmed_at - e.created_at))::float8 as median_seconds
                        from export_messages e where e.connection_id = k.id and e.confirmed_at > ${monthAgo}) d
       where k.kind = 'onec' and k.environment = ${environment} order by k.name limit 50`,
    sql<OnecCallRow[]>`
      select k.id as call_id, k.at, c.name as base_name, k.type, k.mode, k.answer, k.summary, k.duration_ms from onec_calls k left join connections c on c.id = k.connection_id
       where c.environment is null or c.environment = ${environment} order by k.id desc limit ${CALLS}`,
    sql<RefusedOrder[]>`
      select f.id as file_id, f.created_at as at, c.name as base_name, n.number, n.text, n.refused
        from onec_files f join connections c on c.id = f.connection_id, jsonb_to_recordset(f.notes) as n(number text, text text, refused boolean)
       where c.environment = ${environment} order by f.created_at desc, n.refused desc limit 50`,
    sql<ByHandRow[]>`
      select * from (
        select m.id as export_id, o.id as order_id, o.number, k.name as base_name, f.kind as fact_kind, m.amount_kopecks, m.created_at, ${byHandSql(sql)} as reason
          from export_messages m join money_facts f on f.id = m.fact_id join orders o on o.id = m.order_id join connections k on k.id = m.connection_id
         where m.state <> 'confirmed' and k.environment = ${environment} ${storeId === null ? sql`` : sql`and o.store_id = ${storeId}`}) x
       where reason is not null order by created_at limit ${BY_HAND}`,
  ]);
  return { bases, calls, refused, byHand };
}

/** Last word from any enabled base of this world; null = never. */
export async function lastExchangeAt(ctx: Ctx, { isTest }: { isTest: boolean }): Promise<Date | null> {
  const [row] = await ctx.database.sql<{ at: Date | null }[]>`
    select max(last_seen_at) as at from connections where kind = 'onec' and enabled and environment = ${isTest ? "test" : "live"}`;
  return row?.at ?? null;
}
