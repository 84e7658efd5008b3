/** How the exchange with 1C is doing (A9), read for staff. */
import type { Ctx } from "@/lib/context.ts";

export type OnecBase = {
  connectionId: string; name: string; storeName: string | null; enabled: boolean; lastSeenAt: Date | null;
  /** Payments that 1C has not booked yet: not taken, and taken but not confirmed. */
  pending: bigint; delivered: bigint; oldestAt: Date | null;
  /** Orders whose present state 1C has not taken. */
  ordersToSend: bigint;
  /** Median of recorded → booked over the last 30 days, seconds; null = nothing was booked. */
  medianSeconds: number | null;
};
export type OnecCallRow = { callId: string; at: Date; baseName: string | null; type: string; mode: string; answer: string; summary: string; durationMs: number };
export type RefusedOrder = { fileId: string; at: Date; baseName: string; number: string; text: string; refused: boolean };
export type ExchangePage = { bases: OnecBase[]; calls: OnecCallRow[]; refused: RefusedOrder[] };

const CALLS = 60;

export async function readExchangePage(ctx: Ctx, { isTest }: { isTest: boolean }): Promise<ExchangePage> {
  const { sql } = ctx.database;
  const environment = isTest ? "test" : "live";
  const monthAgo = new Date(ctx.now().getTime() - 30 * 86_400_000);
  const [bases, calls, refused] = await Promise.all([
    sql<OnecBase[]>`
      select c.id as connection_id, c.name, s.name as store_name, c.enabled, c.last_seen_at, m.pending, m.delivered, m.oldest_at, m.median_seconds,
             (select count(*) from orders o where o.onec_connection_id = c.id and o.export_version > o.exported_version) as orders_to_send
        from connections c left join stores s on s.id = c.store_id,
             lateral (select count(*) filter (where e.state = 'pending') as pending, count(*) filter (where e.state = 'delivered') as delivered, min(e.created_at) filter (where e.state <> 'confirmed') as oldest_at,
                             percentile_cont(0.5) within group (order by extract(epoch from e.confirmed_at - e.created_at)) filter (where e.confirmed_at > ${monthAgo})::float8 as median_seconds
                        from export_messages e where e.connection_id = c.id) m
       where c.kind = 'onec' and c.environment = ${environment} order by c.name limit 50`,
    sql<OnecCallRow[]>`
      select k.id as call_id, k.at, c.name as base_name, k.type, k.mode, k.answer, k.summary, k.duration_ms from onec_calls k left join connections c on c.id = k.connection_id
       where c.environment is null or c.environment = ${environment} order by k.id desc limit ${CALLS}`,
    sql<RefusedOrder[]>`
      select f.id as file_id, f.created_at as at, c.name as base_name, n.number, n.text, n.refused
        from onec_files f join connections c on c.id = f.connection_id, jsonb_to_recordset(f.notes) as n(number text, text text, refused boolean)
       where c.environment = ${environment} order by f.created_at desc, n.refused desc limit 50`,
  ]);
  return { bases, calls, refused };
}

/** Last word from any enabled base of this world; null = never. */
export async function lastExchangeAt(ctx: Ctx, { isTest }: { isTest: boolean }): Promise<Date | null> {
  const [row] = await ctx.database.sql<{ at: Date | null }[]>`
    select max(last_seen_at) as at from connections where kind = 'onec' and enabled and environment = ${isTest ? "test" : "live"}`;
  return row?.at ?? null;
}
