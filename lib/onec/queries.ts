import type { Ctx } from "@/lib/context.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";

/** How one 1C base is doing, for the overview. Amounts of work are counts, delays are ms, null = nothing to tell yet. */
export type BaseHealth = {
  connectionId: string;
  name: string;
  environment: "test" | "live";
  enabled: boolean;
  lastSeenAt: Date | null;
  /** Uploaded files that are not loaded yet. */
  queueIn: number;
  /** Payments that 1C has not taken. */
  queueOut: number;
  /** Taken by 1C and not proven booked (CML-32). */
  unconfirmed: number;
  oldestWaitingAt: Date | null;
  /** Median from the payment to its taking by 1C, last seven days. */
  medianDelayMs: number | null;
};

export async function baseHealth(ctx: Ctx): Promise<BaseHealth[]> {
  const since = addMs(ctx.now(), -7 * DAY_MS);
  return ctx.database.sql<BaseHealth[]>`
    select c.id as connection_id, c.name, c.environment, c.enabled, c.last_seen_at,
           (select count(*)::int from onec_files f where f.connection_id = c.id and f.state in ('receiving', 'processing')) as queue_in,
           coalesce(m.queue_out, 0)::int as queue_out, coalesce(m.unconfirmed, 0)::int as unconfirmed, m.oldest_waiting_at,
           (select (percentile_cont(0.5) within group (order by extract(epoch from e.delivered_at - e.created_at)) * 1000)::float8 from export_messages e
             where e.connection_id = c.id and e.delivered_at > ${since}) as median_delay_ms
      from connections c left join lateral (
        select count(*) filter (where e.state = 'pending') as queue_out, count(*) filter (where e.state = 'delivered') as unconfirmed,
               min(e.created_at) filter (where e.state = 'pending') as oldest_waiting_at
          from export_messages e where e.connection_id = c.id and e.state <> 'confirmed') m on true
     where c.kind = 'onec' order by c.created_at`;
}

export type ExchangeCall = { at: Date; connectionName: string | null; type: string; mode: string; answer: string; summary: string; durationMs: number };

/** The journal of the exchange, newest first. */
export async function latestCalls(ctx: Ctx, given: { connectionId?: string; limit: number }): Promise<ExchangeCall[]> {
  const { sql } = ctx.database;
  return sql<ExchangeCall[]>`
    select l.at, c.name as connection_name, l.type, l.mode, l.answer, l.summary, l.duration_ms from onec_calls l left join connections c on c.id = l.connection_id
     where ${given.connectionId ? sql`l.connection_id = ${given.connectionId}` : sql`true`} order by l.at desc, l.id desc limit ${Math.min(given.limit, 500)}`;
}
