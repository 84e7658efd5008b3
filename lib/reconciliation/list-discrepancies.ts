import type { Ctx } from "@/lib/context.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { acquirerOf, columnOfClass } from "./day-columns.ts";
import type { DayColumn } from "./day-columns.ts";
import type { DiscrepancyClass, DiscrepancyState } from "./states.ts";
import { discrepancyClasses } from "./states.ts";

export type DiscrepancyRow = {
  discrepancyId: string; class: DiscrepancyClass; severity: "P1" | "P2" | "P3"; state: DiscrepancyState; connectionId: string | null; connectionName: string | null; businessDate: string;
  oursKopecks: bigint | null; theirsKopecks: bigint | null; orderId: string | null; orderNumber: string | null; factId: string | null; settlementId: string | null; bankLineId: string | null; receiptId: string | null;
  shipmentId: string | null; providerPaymentId: string | null; detail: Record<string, unknown>; dueAt: Date; foundAt: Date; openedAt: Date | null; closedAt: Date | null; closedBy: string | null; closedByName: string | null; resolution: string | null;
  evidence: { id: string; url: string | null; fileName: string | null }[];
};
/** `column` and `acquirerId` are those of the day's table; `acquirerId` "none" = outside acquirers. */
export type DiscrepancyFilter = {
  isTest: boolean; day?: string | null; connectionId?: string | null; class?: DiscrepancyClass | null; tab: "open" | "expected" | "closed" | "all"; orderId?: string | null; page?: number;
  column?: DayColumn | null; acquirerId?: string | null;
};

export const DISCREPANCIES_PER_PAGE = 100;
const statesOf: Record<DiscrepancyFilter["tab"], readonly DiscrepancyState[]> = {
  open: ["open"], expected: ["expected"], closed: ["auto_resolved", "resolved", "ignored"], all: ["expected", "open", "auto_resolved", "resolved", "ignored"],
};

/** A page of differences, the most urgent first; `hasMore` when there is a next page. */
export async function listDiscrepancies(ctx: Ctx, filter: DiscrepancyFilter): Promise<{ rows: DiscrepancyRow[]; hasMore: boolean }> {
  const { sql } = ctx.database;
  const known = filter.class && filter.class in discrepancyClasses ? filter.class : null;
  const ofColumn = filter.column ? Object.keys(discrepancyClasses).filter((name) => columnOfClass(name) === filter.column) : null;
  const acquirer = filter.acquirerId ? (filter.acquirerId === "none" ? sql`and ${acquirerOf(sql)} is null` : sql`and ${acquirerOf(sql)}::text = ${filter.acquirerId}`) : sql``;
  const page = Math.min(Math.max(Math.trunc(filter.page ?? 0), 0), 10_000);
  const rows = await sql<DiscrepancyRow[]>`
    select d.id as discrepancy_id, d.class, d.severity, d.state, d.connection_id, c.name as connection_name, d.business_date::text, d.ours_kopecks, d.theirs_kopecks, d.order_id, o.number as order_number, d.fact_id,
           d.settlement_id, d.bank_line_id, d.receipt_id, d.shipment_id, d.detail->>'providerPaymentId' as provider_payment_id, d.detail, d.due_at, d.found_at, d.opened_at, d.closed_at, d.closed_by, u.name as closed_by_name, d.resolution,
           coalesce((select jsonb_agg(jsonb_build_object('id', e.id, 'url', e.url, 'fileName', e.file_name) order by e.added_at) from evidence e where e.object_type = 'discrepancy' and e.object_id = d.id), '[]'::jsonb) as evidence
      from discrepancies d left join connections c on c.id = d.connection_id left join orders o on o.id = d.order_id left join staff_users u on 'staff:' || u.id = d.closed_by
     where d.is_test = ${filter.isTest} and d.state = any(${statesOf[filter.tab] as string[]}) ${filter.day ? sql`and d.business_date = ${filter.day}` : sql``} ${filter.connectionId ? sql`and d.connection_id = ${filter.connectionId}` : sql``}
       ${known ? sql`and d.class = ${known}` : sql``} ${ofColumn ? sql`and d.class = any(${ofColumn})` : sql``} ${acquirer} ${filter.orderId ? sql`and d.order_id = ${filter.orderId}` : sql``}
     order by (d.state = 'open') desc, d.severity, d.business_date desc, d.found_at desc, d.id limit ${DISCREPANCIES_PER_PAGE + 1} offset ${page * DISCREPANCIES_PER_PAGE}`;
  return { rows: rows.slice(0, DISCREPANCIES_PER_PAGE), hasMore: rows.length > DISCREPANCIES_PER_PAGE };
}

/** How many of a day stand in each tab. */
export async function countDayDiscrepancies(ctx: Ctx, input: { day: string; isTest: boolean }): Promise<{ open: bigint; expected: bigint; closed: bigint }> {
  const [row] = await ctx.database.sql<{ open: bigint; expected: bigint; closed: bigint }[]>`
    select count(*) filter (where state = 'open') as open, count(*) filter (where state = 'expected') as expected, count(*) filter (where state not in ('open', 'expected')) as closed
      from discrepancies where is_test = ${input.isTest} and business_date = ${input.day}`;
  return row!;
}

/** The day on whose page a discrepancy stands, for links from elsewhere; null when there is none. */
export async function findDiscrepancyDay(ctx: Ctx, discrepancyId: string): Promise<{ day: string; tab: "open" | "expected" | "closed"; orderId: string | null } | null> {
  const [row] = await ctx.database.sql<{ day: string; tab: "open" | "expected" | "closed"; orderId: string | null }[]>`select business_date::text as day, order_id, case when state in ('expected', 'open') then state else 'closed' end as tab from discrepancies where id = ${uuidOrNull(discrepancyId)}`;
  return row ?? null;
}

/** Open ones by severity, for badges and the overview. */
export async function countOpenDiscrepancies(ctx: Ctx, isTest: boolean): Promise<{ p1: bigint; p2: bigint; p3: bigint; kopecks: bigint }> {
  const [row] = await ctx.database.sql<{ p1: bigint; p2: bigint; p3: bigint; kopecks: bigint }[]>`
    select count(*) filter (where severity = 'P1') as p1, count(*) filter (where severity = 'P2') as p2, count(*) filter (where severity = 'P3') as p3,
           coalesce(sum(abs(coalesce(theirs_kopecks, 0) - coalesce(ours_kopecks, 0))), 0)::bigint as kopecks from discrepancies where state = 'open' and is_test = ${isTest}`;
  return row!;
}
