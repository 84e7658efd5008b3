import type { Viewer } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import type { DisputeState } from "./states.ts";

export type DisputeRow = {
  disputeId: string;
  orderId: string | null;
  orderNumber: string | null;
  paymentFactId: string;
  providerDisputeId: string;
  amountKopecks: bigint;
  state: DisputeState;
  reasonText: string | null;
  decisionText: string | null;
  deadlineOn: string | null;
  openedAt: Date;
  decidedAt: Date | null;
};

/** Disputes of one order, or of everything a person may see; open ones and near deadlines first, at most 200. */
export async function listDisputes(ctx: Ctx, viewer: Viewer, filter: { isTest: boolean; orderId?: string }): Promise<DisputeRow[]> {
  const { sql } = ctx.database;
  const rows = await sql<DisputeRow[]>`
    select d.id as dispute_id, d.order_id, o.number as order_number, d.payment_fact_id, d.provider_dispute_id, d.amount_kopecks, d.state, d.reason_text, d.decision_text, d.deadline_on,
           d.opened_at, d.decided_at
      from disputes d left join orders o on o.id = d.order_id
     where d.is_test = ${filter.isTest} ${filter.orderId ? sql`and d.order_id = ${filter.orderId}` : sql``} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}
     order by d.state in ('won', 'lost', 'accepted'), d.deadline_on nulls last, d.opened_at desc limit 200`;
  return [...rows];
}

/** Disputes that must be answered within three days, or are late already (ALR-21). */
export async function countNearDisputes(ctx: Ctx, isTest: boolean): Promise<number> {
  const [row] = await ctx.database.sql<{ count: number }[]>`
    select count(*)::int as count from disputes where is_test = ${isTest} and state in ('opened', 'evidence_needed') and deadline_on <= (${ctx.now()}::timestamptz at time zone ${ctx.zone})::date + 3`;
  return row!.count;
}
