import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { can } from "@/lib/auth/permissions.ts";
import { maskName } from "@/lib/auth/scope.ts";
import type { Viewer } from "@/lib/auth/scope.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import { openRefundStates } from "./states.ts";
import type { RefundMethod, RefundReason, RefundSource, RefundState } from "./states.ts";

/** A refund as pages show it. Sums are kopecks. */
export type RefundView = {
  refundId: string;
  orderId: string | null;
  orderNumber: string | null;
  buyerName: string | null;
  paymentFactId: string | null;
  amountKopecks: bigint;
  method: RefundMethod;
  /** How the payment came. */
  payMethod: PayMethodCode | null;
  reason: RefundReason;
  reasonText: string | null;
  source: RefundSource;
  state: RefundState;
  requestedBy: string;
  /** Name of the staff member, when it was one. */
  requestedByName: string | null;
  requestedAt: Date;
  decidedByName: string | null;
  decidedAt: Date | null;
  decisionText: string | null;
  dueOn: string | null;
  providerRefundId: string | null;
  documentNumber: string | null;
  failText: string | null;
  nextTryAt: Date | null;
  finishedAt: Date | null;
  factId: string | null;
  /** The money came back to us afterwards (LOST-24). */
  hasBounced: boolean;
  isTest: boolean;
  lines: { name: string; quantity: string; sumKopecks: string }[];
};

const viewColumns = (sql: Ctx["database"]["sql"]) => sql`
  r.id as refund_id, r.order_id, o.number as order_number, o.buyer_name, r.payment_fact_id, r.amount_kopecks, r.method, p.method as pay_method, r.reason, r.reason_text, r.source, r.state,
  r.requested_by, (select u.name from staff_users u where r.requested_by = 'staff:' || u.id) as requested_by_name, r.requested_at,
  (select u.name from staff_users u where r.decided_by = 'staff:' || u.id) as decided_by_name, r.decided_at, r.decision_text, r.due_on::text, r.provider_refund_id, r.document_number, r.fail_text,
  r.next_try_at, r.finished_at, r.fact_id, exists (select 1 from money_facts b where b.kind = 'refund_reversed' and b.provider_operation_id = 'bounce:' || r.id) as has_bounced, r.is_test,
  (select coalesce(json_agg(json_build_object('name', ol.name, 'quantity', rl.quantity, 'sumKopecks', rl.sum_kopecks::text) order by rl.line_no), '[]'::json)
     from refund_lines rl join order_lines ol on ol.id = rl.order_line_id where rl.refund_id = r.id) as lines`;

export type RefundFilter = {
  /** `approve`: the queue of decisions; `pay_out`: approved, waiting for 1C's document; `open`: not over; `all`. */
  show: "approve" | "pay_out" | "open" | "all";
  isTest: boolean;
  limit?: number;
  /** Rows after this one, as the last row of the page before said. */
  before?: { requestedAt: Date; refundId: string } | null;
};

/** Refunds that this person may see, newest first; the queue of decisions oldest first. */
export async function listRefunds(ctx: Ctx, viewer: Viewer, filter: RefundFilter): Promise<RefundView[]> {
  const { sql } = ctx.database;
  const shown = { approve: sql`r.state = 'requested'`, pay_out: sql`r.state = 'approved' and r.method <> 'instrument'`, open: sql`r.state = any(${openRefundStates as unknown as string[]})`, all: sql`true` }[filter.show];
  const before = filter.before ?? null;
  const isQueue = filter.show === "approve" || filter.show === "pay_out";
  const rows = await sql<RefundView[]>`
    select ${viewColumns(sql)} from refunds r left join orders o on o.id = r.order_id left join money_facts p on p.id = r.payment_fact_id
     where r.is_test = ${filter.isTest} and ${shown} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}
       ${before ? (isQueue ? sql`and (r.requested_at, r.id) > (${before.requestedAt}, ${before.refundId})` : sql`and (r.requested_at, r.id) < (${before.requestedAt}, ${before.refundId})`) : sql``}
     order by ${isQueue ? sql`r.requested_at, r.id` : sql`r.requested_at desc, r.id desc`} limit ${Math.min(filter.limit ?? 50, 200)}`;
  return rows.map((row) => ({ ...row, buyerName: row.buyerName !== null && !viewer.seesBuyers ? maskName(row.buyerName) : row.buyerName }));
}

/** How many wait for a decision of this person: not those that they asked for themselves. */
export async function countToApprove(ctx: Ctx, isTest: boolean): Promise<number> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "refund.approve")) return 0;
  const [row] = await ctx.database.sql<{ count: number }[]>`select count(*)::int as count from refunds where state = 'requested' and is_test = ${isTest} and requested_by <> ${actorText(ctx.actor)}`;
  return row!.count;
}

/** Every refund of one order, newest first. */
export async function readOrderRefunds(ctx: Ctx, orderId: string): Promise<RefundView[]> {
  const { sql } = ctx.database;
  const rows = await sql<RefundView[]>`
    select ${viewColumns(sql)} from refunds r left join orders o on o.id = r.order_id left join money_facts p on p.id = r.payment_fact_id where r.order_id = ${uuidOrNull(orderId)} order by r.requested_at desc, r.id desc limit 200`;
  return [...rows];
}

/** The named refunds, newest first; the caller has checked who may see them. */
export async function readRefunds(ctx: Ctx, refundIds: readonly string[]): Promise<RefundView[]> {
  if (refundIds.length === 0) return [];
  const { sql } = ctx.database;
  const rows = await sql<RefundView[]>`
    select ${viewColumns(sql)} from refunds r left join orders o on o.id = r.order_id left join money_facts p on p.id = r.payment_fact_id where r.id = any(${refundIds as string[]}::uuid[]) order by r.requested_at desc, r.id desc limit 200`;
  return [...rows];
}
