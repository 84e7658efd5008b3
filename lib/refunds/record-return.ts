import type { Tx } from "@/db/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import type { FiscalOwner, NewFact, PayMethodCode, RecordedFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import { isCompany } from "@/lib/payments/book-transfer.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";
import { refreshOffer } from "@/lib/payments/offer-links.ts";
import type { LockedRefund } from "./lock-refund.ts";

/** How it is known that the money went back: the provider's refund, or a document of 1C. */
export type ReturnProof = {
  providerRefundId: string | null;
  documentKey: string | null;
  documentNumber: string | null;
  occurredAt: Date;
};

const methodOf = ({ refund, payment }: LockedRefund): PayMethodCode => (refund.method === "instrument" ? (payment?.method ?? "card") : refund.method);

/** The return's receipt is printed by who printed the payment's (FISC-00); cash goes back over the store's own register. */
async function ownerOf(tx: Tx, { refund, payment, order }: LockedRefund): Promise<FiscalOwner> {
  if (refund.method === "cash") return "pos";
  if (payment) return payment.fiscalOwner;
  if (order && !order.isOurs) return "onec";
  if (!order || isCompany(order)) return order ? "site" : "onec";
  // Of several payments: ours when the receipts of the site cover the sum.
  const [site] = await tx<{ kopecks: bigint }[]>`
    select coalesce(sum(case when f.kind in ('payment_captured', 'refund_reversed', 'chargeback_reversed') then a.amount_kopecks else -a.amount_kopecks end), 0)::bigint as kopecks
      from allocations a join money_facts f on f.id = a.fact_id
     where a.order_id = ${order.orderId} and f.fiscal_owner = 'site' and f.kind not in ('authorized', 'authorization_voided')`;
  return site!.kopecks >= refund.amountKopecks ? "site" : "onec";
}

type Allocation = NewFact["allocations"][number];

/** To the place the refund names; what a provider's refund takes beyond it comes from the payment's other places. */
function sharesOf({ refund, payment, order }: LockedRefund): Allocation[] {
  const home: Allocation = { orderId: refund.orderId, counterpartyId: order?.counterpartyId ?? payment?.parts.find((part) => part.orderId === refund.orderId)?.counterpartyId ?? null, amountKopecks: refund.amountKopecks };
  if (!payment) return [home];
  const places = payment.parts.toSorted((a, b) => Number(b.orderId === refund.orderId) - Number(a.orderId === refund.orderId) || (a.leftKopecks < b.leftKopecks ? 1 : -1));
  const shares: Allocation[] = [];
  let left = refund.amountKopecks;
  for (const { orderId, counterpartyId, leftKopecks } of places) {
    const part = leftKopecks < left ? leftKopecks : left;
    if (part <= 0n) continue;
    shares.push({ orderId, counterpartyId, amountKopecks: part });
    left -= part;
  }
  // More went back than the payment held: the order shows it as an error of accounting (PAY-06), nothing is hidden.
  return left === 0n ? shares : [...shares.filter((share) => share.orderId !== refund.orderId), { ...home, amountKopecks: left + (shares.find((share) => share.orderId === refund.orderId)?.amountKopecks ?? 0n) }];
}

/**
 * The money of a locked refund is back with the buyer: fact `refund_succeeded`, the orders' money, the end of the refund, and everything
 * owed because of it, in the caller's transaction. The return receipt is planned only here (LOST-25). Null when this very return is booked.
 */
export async function recordReturn(ctx: Ctx, tx: Tx, locked: LockedRefund, proof: ReturnProof): Promise<RecordedFact | null> {
  const { refund, payment, order } = locked;
  const isOnec = proof.documentKey !== null;
  const shares = sharesOf(locked);
  const fact = await recordFact(ctx, tx, {
    // 1C and shops were told this id when the refund was asked for.
    factId: refund.refundId,
    kind: "refund_succeeded",
    amountKopecks: refund.amountKopecks,
    method: methodOf(locked),
    connectionId: isOnec ? (order?.onecConnectionId ?? null) : (payment?.connectionId ?? null),
    providerPaymentId: isOnec ? null : (payment?.providerPaymentId ?? null),
    providerOperationId: proof.providerRefundId,
    documentKey: proof.documentKey,
    documentNumber: proof.documentNumber,
    attemptId: payment?.attemptId ?? null,
    parentFactId: payment?.factId ?? null,
    occurredAt: proof.occurredAt > ctx.now() ? ctx.now() : proof.occurredAt,
    fiscalOwner: await ownerOf(tx, locked),
    isTest: refund.isTest,
    note: refund.reasonText,
    allocations: shares,
  });
  if (!fact) return null;
  await tx`
    update refunds set state = 'succeeded', fact_id = ${fact.factId}, provider_refund_id = coalesce(provider_refund_id, ${proof.providerRefundId}), document_key = coalesce(document_key, ${proof.documentKey}),
      document_number = coalesce(document_number, ${proof.documentNumber}), finished_at = ${ctx.now()}, next_try_at = null, claimed_until = null, fail_code = null, fail_text = null, step_no = step_no + 1
     where id = ${refund.refundId}`;
  const saved: LockedOrder[] = [];
  for (const share of shares) {
    const touched = share.orderId === null ? null : share.orderId === refund.orderId ? order : payment?.orders.get(share.orderId);
    if (touched) saved.push(await saveShare(ctx, tx, touched, share.amountKopecks, fact));
  }
  const home = saved.find((each) => each.orderId === refund.orderId) ?? saved[0] ?? null;
  await ctx.announce(ctx, tx, { type: "money.returned", fact, order: home, refundId: refund.refundId, contact: await contactOf(tx, payment, order) });
  for (const each of saved) await refreshOffer(ctx, tx, each.orderId);
  await endAlerts(ctx, tx, locked);
  return fact;
}

async function saveShare(ctx: Ctx, tx: Tx, order: LockedOrder, amountKopecks: bigint, fact: RecordedFact): Promise<LockedOrder> {
  const saved = await saveMoney(ctx, tx, withMoney(order, "refund_succeeded", amountKopecks), order.hasLiveAttempt);
  // Money that 1C told us of is no news for it.
  if (fact.documentKey) await tx`update orders set exported_version = export_version where id = ${order.orderId} and exported_version = ${order.exportVersion}`;
  const [provider] = fact.connectionId && !fact.documentKey ? await tx<{ provider: string }[]>`select provider from connections where id = ${fact.connectionId}` : [];
  await recordEvent(ctx, tx, {
    orderId: order.orderId, kind: "money.returned", amountKopecks, subjectId: fact.factId,
    detail: { provider: provider?.provider ?? null, providerRefundId: fact.providerOperationId ?? null, documentNumber: fact.documentNumber ?? null },
  });
  const { overpaidKopecks } = orderBalance(saved);
  if (overpaidKopecks === 0n) {
    await resolveAlert(ctx, tx, "ALR-04", `order:${order.orderId}:overpaid`);
    await resolveAlert(ctx, tx, "ALR-05", `order:${order.orderId}:late`);
  }
  return saved;
}

/** Where the buyer wanted his receipt: the attempt knows best. */
async function contactOf(tx: Tx, payment: LockedPayment | null, order: LockedOrder | null): Promise<string | null> {
  const [attempt] = payment?.attemptId ? await tx<{ contact: string }[]>`select contact from payment_attempts where id = ${payment.attemptId}` : [];
  return attempt?.contact ?? order?.orderContact ?? null;
}

/** A later refund that succeeds ends the alert of an earlier one that failed or came back. */
async function endAlerts(ctx: Ctx, tx: Tx, { refund }: LockedRefund): Promise<void> {
  await tx`
    update alerts set state = 'resolved', resolved_at = ${ctx.now()} where state <> 'resolved' and (
      (code = 'ALR-19' and object_key = ${`refund:${refund.refundId}`})
      or (code = 'ALR-20' and object_key in (select 'refund:' || r.id from refunds r where r.order_id = ${refund.orderId}::uuid or r.payment_fact_id = ${refund.paymentFactId}::uuid)))`;
}
