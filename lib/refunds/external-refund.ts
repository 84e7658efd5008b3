import type { SeenRefund } from "@/lib/acquirers/acquirer.ts";
import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { addMs } from "@/lib/kit/time.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";
import { createRefund } from "./create-refund.ts";
import { endRefund } from "./decide-refund.ts";
import { lockRefund } from "./lock-refund.ts";
import type { RefundRow } from "./lock-refund.ts";
import { EXTERNAL_POLL_MS } from "./poll-plan.ts";
import { recordReturn } from "./record-return.ts";

/**
 * A refund of a locked payment that we did not start (LOST-11). It fulfils an equal refund of ours that was not sent yet, or is accepted
 * as a new one. The fact is written when the provider says `done`; before that the row only waits, and one that failed outside is nothing.
 * Staff are asked who did it and why. Returns false when there was nothing new.
 */
export async function recordExternalRefund(ctx: Ctx, tx: Tx, payment: LockedPayment, refunds: readonly RefundRow[], seen: SeenRefund & { providerRefundId: string }): Promise<boolean> {
  if (seen.state === "refused") return false;
  const [known] = await tx`
    select 1 from refunds where connection_id = ${payment.connectionId}::uuid and provider_refund_id = ${seen.providerRefundId}
    union all select 1 from money_facts where connection_id = ${payment.connectionId}::uuid and kind = 'refund_succeeded' and provider_operation_id = ${seen.providerRefundId} limit 1`;
  if (known) return false;
  const proof = { providerRefundId: seen.providerRefundId, documentKey: null, documentNumber: null, occurredAt: seen.createdAt ?? ctx.now() };
  const twin = refunds.find((refund) => refund.method === "instrument" && refund.amountKopecks === seen.amountKopecks && (refund.state === "approved" || refund.state === "requested"));
  if (twin?.state === "approved" && seen.state === "done") {
    const locked = await lockRefund(tx, twin.refundId);
    if (twin.orderId) await recordEvent(ctx, tx, { orderId: twin.orderId, kind: "refund.seen_outside", subjectId: twin.refundId, amountKopecks: twin.amountKopecks, detail: { source: "provider_cabinet", providerRefundId: seen.providerRefundId } });
    return (await recordReturn(ctx, tx, locked, proof)) !== null;
  }
  const order = twin?.orderId ? (payment.orders.get(twin.orderId) ?? null) : homeOf(payment);
  const refundId = await createRefund(ctx, tx, {
    payment, order, amountKopecks: seen.amountKopecks, method: "instrument", reason: twin?.reason ?? "other", reasonText: twin?.reasonText ?? null,
    source: "provider_cabinet", state: "external", providerRefundId: seen.providerRefundId, isTest: payment.isTest,
  });
  if (twin) await endRefund(ctx, tx, twin, "canceled", seen.state === "done" ? "Такой же возврат уже сделан в кабинете банка" : "Такой же возврат уже идёт из кабинета банка");
  if (seen.state === "done") await recordReturn(ctx, tx, await lockRefund(tx, refundId), proof);
  // No job of ours carries it out: the janitor asks about it until the bank ends it.
  else await tx`update refunds set next_try_at = ${addMs(ctx.now(), EXTERNAL_POLL_MS)} where id = ${refundId}`;
  await raiseAlert(ctx, tx, {
    code: "ALR-23", objectKey: `refund:${refundId}`, orderId: order?.orderId ?? null, severity: "P3", amountKopecks: seen.amountKopecks,
    title: `Возврат ${formatMoney(seen.amountKopecks)}${order ? ` по заказу №${NBSP}${order.number}` : ""} сделан в кабинете банка`,
    advice: "Возврат учтён. Выясните, кто и зачем его сделал.",
    detail: { class: "REFUND_UNKNOWN", providerRefundId: seen.providerRefundId },
  });
  return true;
}

/** Where most of the payment still stands. */
function homeOf(payment: LockedPayment) {
  const part = payment.parts.toSorted((a, b) => (a.leftKopecks < b.leftKopecks ? 1 : -1))[0];
  return part?.orderId ? (payment.orders.get(part.orderId) ?? null) : null;
}
