import type { Viewer } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";

export type AlertRow = {
  alertId: string; code: string; severity: "P1" | "P2" | "P3" | "P4"; state: "firing" | "acknowledged" | "resolved" | "muted"; title: string; advice: string; amountKopecks: bigint | null; count: number;
  firstAt: Date; lastAt: Date; resolvedAt: Date | null; orderId: string | null; orderNumber: string | null; objectKey: string; ownerName: string | null;
  /** What a person wrote when he closed it; null = its cause went away, or it is open. */
  closedBecause: string | null;
};

export type AlertScope = { viewer: Viewer; isTest: boolean };

/** Alerts about orders and connections of the other world stay out of sight; the rest belongs to both. */
const visible = (ctx: Ctx, { viewer, isTest }: AlertScope) => {
  const { sql } = ctx.database;
  return sql`(a.order_id is null or o.is_test = ${isTest})
    and (a.object_key not like 'connection:%' or exists (select 1 from connections c where 'connection:' || c.id = a.object_key and c.environment = ${isTest ? "test" : "live"})) ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}`;
};

/** `by: money` puts the greatest risk first, `severity` the worst and the newest. */
export async function listAlerts(ctx: Ctx, scope: AlertScope, query: { state: "open" | "resolved"; by: "severity" | "money"; limit: number }): Promise<AlertRow[]> {
  const { sql } = ctx.database;
  const order = query.state === "resolved" ? sql`a.resolved_at desc` : query.by === "money" ? sql`a.amount_kopecks desc nulls last, a.severity, a.last_at desc` : sql`a.severity, a.last_at desc`;
  return sql<AlertRow[]>`
    select a.id as alert_id, a.code, a.severity, a.state, a.title, a.advice, a.amount_kopecks, a.count, a.first_at, a.last_at, a.resolved_at, a.order_id, o.number as order_number, a.object_key,
           u.name as owner_name, a.detail->>'closedBecause' as closed_because
      from alerts a left join orders o on o.id = a.order_id left join staff_users u on u.id = a.acknowledged_by
     where ${query.state === "open" ? sql`a.state in ('firing', 'acknowledged')` : sql`a.state = 'resolved'`} and ${visible(ctx, scope)} order by ${order} limit ${query.limit}`;
}

export async function countOpenAlerts(ctx: Ctx, scope: AlertScope): Promise<{ open: bigint; firing: bigint }> {
  const { sql } = ctx.database;
  const [row] = await sql<{ open: bigint; firing: bigint }[]>`
    select count(*) as open, count(*) filter (where a.state = 'firing') as firing from alerts a left join orders o on o.id = a.order_id
     where a.state in ('firing', 'acknowledged') and ${visible(ctx, scope)}`;
  return row!;
}

/** Last sign of life of a worker: the moment up to which alerts can be trusted. Null = none is running. */
export async function lastHeartbeat(ctx: Ctx): Promise<Date | null> {
  const [row] = await ctx.database.sql<{ at: Date | null }[]>`select max(at) as at from heartbeats where name like 'worker-%'`;
  return row?.at ?? null;
}
