import type { SeenRefund } from "@/lib/acquirers/acquirer.ts";
import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { lockPayment } from "@/lib/payments/lock-payment.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";
import { bounceRefund, hasBounced } from "./bounce-refund.ts";
import { recordExternalRefund } from "./external-refund.ts";
import { lockRefundsOf } from "./lock-refund.ts";
import type { LockedRefund, RefundRow } from "./lock-refund.ts";
import { refundPollDelayMs } from "./poll-plan.ts";
import { recordReturn } from "./record-return.ts";
import { failRefund, stepRefund } from "./settle-refund.ts";

type Listed = SeenRefund & { providerRefundId: string };

const isNamed = (refund: SeenRefund): refund is Listed => refund.providerRefundId !== null;
const lockedWith = (payment: LockedPayment, refund: RefundRow): LockedRefund => ({ refund, payment, order: refund.orderId === null ? null : (payment.orders.get(refund.orderId) ?? null) });

/**
 * What the provider lists as refunds of one payment, against what we know: ours go on or end, a refund of unknown fate is recognised by
 * what is new since it was sent (`knownBefore`), the others were begun outside (LOST-11), a finished one that failed after all has bounced
 * (LOST-24). Idempotent. Returns whether anything changed.
 */
export async function settleListed(ctx: Ctx, tx: Tx, paymentFactId: string, seen: readonly SeenRefund[]): Promise<boolean> {
  let changed = false;
  for (const listed of seen.filter(isNamed)) {
    // Read anew each time: the one before may have moved money.
    const payment = await lockPayment(tx, paymentFactId, await orderIdsOf(tx, paymentFactId));
    const refunds = await lockRefundsOf(tx, paymentFactId);
    const known = refunds.find((refund) => refund.providerRefundId === listed.providerRefundId) ?? null;
    const ours = known ?? refunds.find((refund) => isOnItsWay(refund) && refund.amountKopecks === listed.amountKopecks && !refund.knownBefore?.includes(listed.providerRefundId)) ?? null;
    changed = (ours ? await settleOne(ctx, tx, lockedWith(payment, ours), listed) : await recordExternalRefund(ctx, tx, payment, refunds, listed)) || changed;
  }
  return changed;
}

/** Sent by us, and the provider's number of it is not known yet. */
export const isOnItsWay = (refund: RefundRow): boolean => refund.providerRefundId === null && (refund.state === "submitting" || refund.state === "unknown" || refund.state === "pending");

/** Orders of its refunds: the money may have been moved away since. */
async function orderIdsOf(tx: Tx, paymentFactId: string): Promise<string[]> {
  const rows = await tx<{ orderId: string }[]>`select distinct order_id from refunds where payment_fact_id = ${paymentFactId} and order_id is not null`;
  return rows.map((row) => row.orderId);
}

async function settleOne(ctx: Ctx, tx: Tx, locked: LockedRefund, listed: Listed): Promise<boolean> {
  const { refund } = locked;
  const { providerRefundId } = listed;
  switch (refund.state) {
    case "submitting":
    case "unknown":
    case "pending":
    case "external":
      if (listed.state === "done") return (await recordReturn(ctx, tx, locked, { providerRefundId, documentKey: null, documentNumber: null, occurredAt: listed.createdAt ?? ctx.now() })) !== null;
      if (listed.state === "refused") return failed(ctx, tx, locked, listed);
      if (refund.state === "external" || refund.providerRefundId !== null) return false;
      await stepRefund(ctx, tx, refund, { state: "pending", event: "refund.accepted", next: refundPollDelayMs(0), polls: 0, providerRefundId });
      return true;
    case "succeeded":
      if (listed.state !== "refused" || (await hasBounced(tx, refund.refundId))) return false;
      await bounceRefund(ctx, tx, locked, "банк показывает этот возврат несостоявшимся");
      return true;
    case "failed":
      // The provider took its refusal back: the money left all the same, and the row that ended stays as it ended.
      return listed.state === "done" && locked.payment !== null ? recordExternalRefund(ctx, tx, locked.payment, [], { ...listed, providerRefundId: `${providerRefundId}:late` }) : false;
    default:
      return false;
  }
}

async function failed(ctx: Ctx, tx: Tx, locked: LockedRefund, listed: Listed): Promise<boolean> {
  await failRefund(ctx, tx, locked, { code: "refused_by_provider", text: "банк принял возврат и не исполнил его", providerRefundId: listed.providerRefundId });
  return true;
}
