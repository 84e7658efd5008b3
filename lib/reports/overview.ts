/** Figures of the overview (A1), all from the ledger and rows of fact, never from counters (6.2). */
import type { Viewer } from "@/lib/auth/scope.ts";
import type { Sql } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import { dueSql } from "@/lib/orders/list-orders.ts";
import { daysOf } from "./period.ts";
import type { ComparedPeriod, Period } from "./period.ts";

/** Methods as the overview groups them. */
export const takingsGroups = ["card", "sbp", "invoice", "other"] as const;
export type TakingsGroup = (typeof takingsGroups)[number];
export const takingsGroupLabels: Record<TakingsGroup, string> = { card: "Карта", sbp: "СБП", invoice: "Счёт", other: "Прочее" };
const groupOf: Record<PayMethodCode, TakingsGroup> = { card: "card", sbp: "sbp", sbp_b2b: "sbp", digital_ruble: "other", bank_transfer: "invoice", cash: "other", card_pos: "other", offset: "other" };

export type Takings = { totalKopecks: bigint; count: bigint; byGroup: Record<TakingsGroup, bigint> };
export type Overview = {
  takings: Takings;
  previousTakings: Takings;
  /** Money given back within the period. */
  returnedKopecks: bigint;
  waiting: { kopecks: bigint; orders: bigint };
  /** Of the links made in the period: how many were paid. */
  links: { made: bigint; paid: bigint };
  previousLinks: { made: bigint; paid: bigint };
  receiptTrouble: { count: bigint; kopecks: bigint };
  overdue: { kopecks: bigint; orders: bigint; buyers: bigint };
  notInOnec: { kopecks: bigint; count: bigint };
};

export type Scope = { viewer: Viewer; isTest: boolean };

/**
 * Money facts by order. Σ allocations = fact (invariant 2), so that the whole business is read from the facts alone; a store
 * needs the orders behind them.
 */
const moneyOf = (sql: Sql, viewer: Viewer) =>
  viewer.storeId
    ? sql`(select f.id, f.kind, f.method, f.is_test, f.business_date, f.occurred_at, a.amount_kopecks from money_facts f join allocations a on a.fact_id = f.id
            join orders o on o.id = a.order_id where o.store_id = ${viewer.storeId})`
    : sql`(select f.id, f.kind, f.method, f.is_test, f.business_date, f.occurred_at, f.amount_kopecks from money_facts f)`;

const inStore = (sql: Sql, viewer: Viewer) => (viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``);

export async function readOverview(ctx: Ctx, scope: Scope, period: ComparedPeriod): Promise<Overview> {
  const [takings, previousTakings, returnedKopecks, links, previousLinks, standing] = await Promise.all([
    readTakings(ctx, scope, period.current), readTakings(ctx, scope, period.previous), readReturned(ctx, scope, period.current),
    readLinks(ctx, scope, period.current), readLinks(ctx, scope, period.previous), readStanding(ctx, scope),
  ]);
  return { takings, previousTakings, returnedKopecks, links, previousLinks, ...standing };
}

/** Σ `payment_captured` of the business days (Turnover of 6.2), by method. Advances without an order belong to nobody's store. */
export async function readTakings(ctx: Ctx, { viewer, isTest }: Scope, period: Period): Promise<Takings> {
  const { sql } = ctx.database;
  const rows = await sql<{ method: PayMethodCode; sum: bigint; count: bigint }[]>`
    select f.method, sum(f.amount_kopecks)::bigint as sum, count(distinct f.id) as count from ${moneyOf(sql, viewer)} f
     where f.kind = 'payment_captured' and f.is_test = ${isTest} and f.business_date between ${period.from} and ${period.to} and f.occurred_at <= ${period.until}
     group by f.method`;
  const byGroup: Record<TakingsGroup, bigint> = { card: 0n, sbp: 0n, invoice: 0n, other: 0n };
  for (const row of rows) byGroup[groupOf[row.method]] += row.sum;
  return { totalKopecks: rows.reduce((sum, row) => sum + row.sum, 0n), count: rows.reduce((sum, row) => sum + row.count, 0n), byGroup };
}

async function readReturned(ctx: Ctx, { viewer, isTest }: Scope, period: Period): Promise<bigint> {
  const { sql } = ctx.database;
  const [row] = await sql<{ sum: bigint }[]>`
    select coalesce(sum(case when f.kind in ('refund_reversed', 'chargeback_reversed') then -f.amount_kopecks else f.amount_kopecks end), 0)::bigint as sum from ${moneyOf(sql, viewer)} f
     where f.kind in ('refund_succeeded', 'refund_reversed', 'chargeback', 'chargeback_reversed', 'payment_reversed') and f.is_test = ${isTest}
       and f.business_date between ${period.from} and ${period.to} and f.occurred_at <= ${period.until}`;
  return row!.sum;
}

/** Link conversion = fulfilled / made; links that a new sum replaced were never the buyer's last word. */
async function readLinks(ctx: Ctx, { viewer, isTest }: Scope, period: Period): Promise<{ made: bigint; paid: bigint }> {
  const { sql } = ctx.database;
  const [row] = await sql<{ made: bigint; paid: bigint }[]>`
    select count(*) as made, count(*) filter (where l.state = 'fulfilled') as paid from payment_links l join orders o on o.id = l.order_id
     where l.created_at between ${period.since} and ${period.until} and l.state not in ('superseded', 'revoked') and o.is_test = ${isTest} ${inStore(sql, viewer)}`;
  return row!;
}

/** What stands open now, whatever the period. */
async function readStanding(ctx: Ctx, { viewer, isTest }: Scope): Promise<Pick<Overview, "waiting" | "receiptTrouble" | "overdue" | "notInOnec">> {
  const { sql } = ctx.database;
  const today = localDate(ctx.now(), ctx.zone);
  const [[debts], [receipts], [exports]] = await Promise.all([
    sql<{ kopecks: bigint; orders: bigint; lateKopecks: bigint; lateOrders: bigint; lateBuyers: bigint }[]>`
      select coalesce(sum(due), 0)::bigint as kopecks, count(*) as orders, coalesce(sum(due) filter (where due_date < ${today}), 0)::bigint as late_kopecks,
             count(*) filter (where due_date < ${today}) as late_orders, count(distinct coalesce(counterparty_id, id)) filter (where due_date < ${today}) as late_buyers
        from (select o.id, o.counterparty_id, o.due_date, ${dueSql(sql)} as due from orders o
               where o.is_test = ${isTest} and o.is_posted and o.payment_status in ('not_paid', 'awaiting_payment', 'authorized', 'partially_paid') and o.onec_payment_number is null ${inStore(sql, viewer)}) d
       where due > 0`,
    sql<{ count: bigint; kopecks: bigint }[]>`
      select count(*) as count, coalesce(sum(r.total_kopecks), 0)::bigint as kopecks from receipts r left join orders o on o.id = r.order_id
       where r.state in ('failed_final', 'failed_retryable') and r.is_test = ${isTest} ${inStore(sql, viewer)}`,
    sql<{ count: bigint; kopecks: bigint }[]>`
      select count(*) as count, coalesce(sum(e.amount_kopecks), 0)::bigint as kopecks from export_messages e join orders o on o.id = e.order_id
       where e.state <> 'confirmed' and o.is_test = ${isTest} ${inStore(sql, viewer)}`,
  ]);
  return {
    waiting: { kopecks: debts!.kopecks, orders: debts!.orders },
    overdue: { kopecks: debts!.lateKopecks, orders: debts!.lateOrders, buyers: debts!.lateBuyers },
    receiptTrouble: receipts!,
    notInOnec: exports!,
  };
}

export type TakingsDay = { day: string; byGroup: Record<TakingsGroup, bigint>; totalKopecks: bigint };

/** Money by day and method, days without money included. At least a week, so that one day has something to stand beside. */
export async function readTakingsByDay(ctx: Ctx, { viewer, isTest }: Scope, period: ComparedPeriod): Promise<TakingsDay[]> {
  const { sql } = ctx.database;
  const { to } = period.current;
  const from = addDays(to, 1 - Math.max(7, period.lengthDays));
  const rows = await sql<{ day: string; method: PayMethodCode; sum: bigint }[]>`
    select f.business_date as day, f.method, sum(f.amount_kopecks)::bigint as sum from ${moneyOf(sql, viewer)} f
     where f.kind = 'payment_captured' and f.is_test = ${isTest} and f.business_date between ${from} and ${to} group by 1, 2`;
  const days = new Map(daysOf(from, to).map((day) => [day, { day, byGroup: { card: 0n, sbp: 0n, invoice: 0n, other: 0n }, totalKopecks: 0n } satisfies TakingsDay as TakingsDay]));
  for (const row of rows) {
    const at = days.get(row.day);
    if (!at) continue;
    at.byGroup[groupOf[row.method]] += row.sum;
    at.totalKopecks += row.sum;
  }
  return [...days.values()];
}

/** Business day of the last money of this world; null = there was none yet. */
export async function lastTakingsDay(ctx: Ctx, { isTest }: Scope): Promise<string | null> {
  const [row] = await ctx.database.sql<{ day: string | null }[]>`
    select business_date as day from money_facts where kind = 'payment_captured' and is_test = ${isTest} order by business_date desc limit 1`;
  return row?.day ?? null;
}
