import type { Viewer } from "@/lib/auth/scope.ts";
import { maskName } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import { maskContact } from "@/lib/kit/contact.ts";
import type { ReceiptKind } from "./cash-register.ts";
import type { ReceiptPurpose } from "./external-id.ts";
import type { ReceiptState } from "./states.ts";

export const receiptTabs = ["decide", "retry", "working", "done", "all"] as const;
export type ReceiptTab = (typeof receiptTabs)[number];
export const receiptTabLabels: Record<ReceiptTab, string> = { decide: "Нужно решение", retry: "Повтор", working: "В работе", done: "Пробиты", all: "Все" };

/** States behind each tab; a state that waits for the register's word is work, not failure. */
export const receiptTabStates: Record<ReceiptTab, readonly ReceiptState[]> = {
  decide: ["failed_final"],
  retry: ["failed_retryable"],
  working: ["planned", "queued", "sent", "unknown"],
  done: ["registered"],
  all: ["planned", "queued", "sent", "unknown", "registered", "failed_retryable", "failed_final", "cancelled", "not_required"],
};

export type ReceiptRow = {
  receiptId: string; orderId: string | null; orderNumber: string | null; buyerName: string | null; registerName: string | null; kind: ReceiptKind; purpose: ReceiptPurpose; state: ReceiptState;
  reasonCode: string | null; totalKopecks: bigint; contact: string | null; plannedAt: Date; dueAt: Date; registeredAt: Date | null; nextTryAt: Date | null; tryNo: number; sendCount: number; failCode: string | null;
  failText: string | null; fnNumber: string | null; fdNumber: string | null; fiscalSign: string | null; receiptUrl: string | null;
};
export type ReceiptScope = { viewer: Viewer; isTest: boolean };

export const RECEIPTS_PER_PAGE = 50;

const inScope = (ctx: Ctx, { viewer, isTest }: ReceiptScope) => {
  const { sql } = ctx.database;
  return sql`r.is_test = ${isTest} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}`;
};

/** A page of receipts, newest first; `before` is the id of the last row seen (ids grow with time). */
export async function listReceipts(ctx: Ctx, scope: ReceiptScope, query: { tab: ReceiptTab; before: string | null }): Promise<{ rows: ReceiptRow[]; next: string | null }> {
  const { sql } = ctx.database;
  const before = query.before !== null && /^[0-9a-f-]{36}$/.test(query.before) ? query.before : null;
  const found = await sql<ReceiptRow[]>`
    select r.id as receipt_id, r.order_id, o.number as order_number, o.buyer_name, c.name as register_name, r.kind, r.purpose, r.state, r.reason_code, r.total_kopecks, r.contact, r.planned_at, r.due_at,
           r.registered_at, r.next_try_at, r.try_no, r.send_count, r.fail_code, r.fail_text, r.fn_number, r.fd_number, r.fiscal_sign, r.receipt_url
      from receipts r left join orders o on o.id = r.order_id left join connections c on c.id = r.connection_id
     where r.state = any(${receiptTabStates[query.tab] as string[]}) and ${inScope(ctx, scope)} ${before ? sql`and r.id < ${before}` : sql``}
     order by r.id desc limit ${RECEIPTS_PER_PAGE + 1}`;
  const { seesBuyers } = scope.viewer;
  const rows = found.slice(0, RECEIPTS_PER_PAGE).map((row) => ({
    ...row,
    contact: row.contact === null || !seesBuyers ? null : maskContact(row.contact),
    buyerName: row.buyerName === null || seesBuyers ? row.buyerName : maskName(row.buyerName),
  }));
  return { rows, next: found.length > RECEIPTS_PER_PAGE ? rows.at(-1)!.receiptId : null };
}

export type ReceiptCounts = {
  byTab: Record<ReceiptTab, bigint>;
  /** The invariant of A5: payments whose receipt is ours to print, and those with one registered or a stored reason for none. */
  payments: bigint;
  settled: bigint;
  /** Payments with no row at all: must be zero (invariant 8). */
  forgotten: bigint;
};

export async function countReceipts(ctx: Ctx, scope: ReceiptScope): Promise<ReceiptCounts> {
  const { sql } = ctx.database;
  const { viewer, isTest } = scope;
  const [states, [facts]] = await Promise.all([
    sql<{ state: ReceiptState; count: bigint }[]>`
      select r.state, count(*) as count from receipts r left join orders o on o.id = r.order_id where ${inScope(ctx, scope)} group by r.state`,
    sql<{ payments: bigint; settled: bigint; forgotten: bigint }[]>`
      select count(*) as payments, count(*) filter (where r.rows > 0 and r.open = 0) as settled, count(*) filter (where r.rows = 0) as forgotten
        from money_facts f cross join lateral (
          select count(*) as rows, count(*) filter (where r.state not in ('registered', 'not_required')) as open from receipts r where r.fact_id = f.id and r.state <> 'cancelled') r
       where f.kind = 'payment_captured' and f.fiscal_owner = 'site' and f.is_test = ${isTest}
         ${viewer.storeId ? sql`and exists (select 1 from allocations a join orders o on o.id = a.order_id where a.fact_id = f.id and o.store_id = ${viewer.storeId})` : sql``}`,
  ]);
  const of = (tab: ReceiptTab) => states.filter((row) => receiptTabStates[tab].includes(row.state)).reduce((sum, row) => sum + row.count, 0n);
  return { byTab: { decide: of("decide"), retry: of("retry"), working: of("working"), done: of("done"), all: of("all") }, ...facts! };
}

export type FailedGroup = { failCode: string | null; count: bigint; kopecks: bigint; since: Date; nextTryAt: Date | null; sample: string | null };

/** Failed receipts by cause, the greatest sum first. */
export const groupFailures = (ctx: Ctx, scope: ReceiptScope, tab: "decide" | "retry"): Promise<FailedGroup[]> =>
  ctx.database.sql<FailedGroup[]>`
    select r.fail_code, count(*) as count, sum(r.total_kopecks)::bigint as kopecks, min(r.planned_at) as since, min(r.next_try_at) as next_try_at, min(r.fail_text) as sample
      from receipts r left join orders o on o.id = r.order_id
     where r.state = ${tab === "decide" ? "failed_final" : "failed_retryable"} and ${inScope(ctx, scope)} group by r.fail_code order by kopecks desc limit 20`;

/** For the sidebar's badge. */
export async function countReceiptsToDecide(ctx: Ctx, scope: ReceiptScope): Promise<bigint> {
  const [row] = await ctx.database.sql<{ count: bigint }[]>`
    select count(*) as count from receipts r left join orders o on o.id = r.order_id where r.state = 'failed_final' and ${inScope(ctx, scope)}`;
  return row!.count;
}
