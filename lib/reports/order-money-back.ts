import type { Viewer } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import { listDisputes, openDisputeStates } from "@/lib/disputes/index.ts";
import type { DisputeRow } from "@/lib/disputes/index.ts";
import { listEvidence } from "@/lib/evidence/index.ts";
import type { EvidenceRow } from "@/lib/evidence/index.ts";
import { openHoldOperationStates, readOrderHolds } from "@/lib/holds/index.ts";
import type { HoldView } from "@/lib/holds/index.ts";
import { awaitsRevision } from "@/lib/orders/awaiting-revision.ts";
import { openRefundStates, readOrderRefunds } from "@/lib/refunds/index.ts";
import type { RefundView } from "@/lib/refunds/index.ts";

export type OrderMoneyBack = {
  refunds: RefundView[];
  disputes: DisputeRow[];
  /** Proofs of this order's disputes and reversals, oldest first. */
  evidence: (EvidenceRow & { objectId: string })[];
  holds: HoldView[];
  bank: { isInRegistry: boolean; creditedOn: string | null };
  flags: { hasPendingRefund: boolean; hasDispute: boolean; awaitsRevision: boolean };
};

/** What the order's page shows of money after the payment (A3). The caller has checked who may see the order. */
export async function readOrderMoneyBack(ctx: Ctx, viewer: Viewer, order: { orderId: string; isTest: boolean }): Promise<OrderMoneyBack> {
  const { orderId, isTest } = order;
  const { sql } = ctx.database;
  const [refunds, disputes, holds, awaits, [bank], undone] = await Promise.all([
    readOrderRefunds(ctx, orderId),
    listDisputes(ctx, viewer, { isTest, orderId }),
    readOrderHolds(ctx, orderId),
    awaitsRevision(sql, orderId),
    sql<{ isInRegistry: boolean; creditedOn: string | null }[]>`
      select exists (select 1 from order_events where order_id = ${orderId} and kind = 'registry.seen') as is_in_registry,
             (select max(coalesce(detail->>'receivedOn', to_char(at at time zone ${ctx.zone}, 'YYYY-MM-DD'))) from order_events where order_id = ${orderId} and kind = 'settlement.credited') as credited_on`,
    sql<{ id: string }[]>`select distinct f.id from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId} and f.kind = 'payment_reversed' limit 100`,
  ]);
  const evidence = await listEvidence(ctx, [...disputes.map((dispute) => dispute.disputeId), ...undone.map((fact) => fact.id)]);
  return {
    refunds, disputes, evidence, holds, bank: bank!,
    flags: {
      hasPendingRefund: refunds.some((refund) => (openRefundStates as readonly string[]).includes(refund.state)),
      hasDispute: disputes.some((dispute) => (openDisputeStates as readonly string[]).includes(dispute.state)),
      awaitsRevision: awaits,
    },
  };
}

/** The last operation of a hold while it is not over. */
export const askedOf = (hold: HoldView): "capture" | "void" | null => (hold.operation && (openHoldOperationStates as readonly string[]).includes(hold.operation.state) ? hold.operation.kind : null);
