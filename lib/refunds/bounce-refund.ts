import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { lockPayment } from "@/lib/payments/lock-payment.ts";
import { refreshOffer } from "@/lib/payments/offer-links.ts";
import { createRefund } from "./create-refund.ts";
import { lockRefund } from "./lock-refund.ts";
import type { LockedRefund } from "./lock-refund.ts";

/** A refund comes back at most once (PAY-02: refundId, seq). */
const operationOf = (refundId: string): string => `bounce:${refundId}`;

export async function hasBounced(tx: Tx, refundId: string): Promise<boolean> {
  const [fact] = await tx`select 1 from money_facts where kind = 'refund_reversed' and provider_operation_id = ${operationOf(refundId)}`;
  return fact !== undefined;
}

/**
 * The accountant saw that returned money came back to us (LOST-24): fact `refund_reversed`, ALR-20, and a new task to pay the buyer in
 * another way. The return receipt stays. Throws `forbidden`, `invalid` (details.field), `not_found`, `conflict`.
 */
export async function recordBouncedRefund(ctx: Ctx, input: { refundId: string; reason: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "money.reverse")) throw forbidden();
  const reason = input.reason.trim();
  if (reason.length < 5 || reason.length > 500) throw invalid("Напишите, откуда известно, что деньги вернулись", { field: "reason" });
  const orderId = await inTransaction(ctx, async (tx) => {
    const locked = await lockRefund(tx, input.refundId);
    if (locked.refund.state !== "succeeded") throw conflict("Вернуться могут только деньги исполненного возврата");
    if (await hasBounced(tx, input.refundId)) throw conflict("Этот возврат уже отмечен как вернувшийся");
    await bounceRefund(ctx, tx, locked, reason);
    await recordAudit(ctx, tx, { action: "refund.bounced", objectType: "refund", objectId: input.refundId, reason, after: { amountKopecks: locked.refund.amountKopecks } });
    return locked.refund.orderId;
  });
  if (orderId) ctx.hint(orderId);
}

/** The same on a locked refund that succeeded and has not bounced yet. */
export async function bounceRefund(ctx: Ctx, tx: Tx, { refund, payment, order }: LockedRefund, reason: string): Promise<void> {
  const [paid] = await tx<{ method: "card"; connectionId: string | null; providerPaymentId: string | null; fiscalOwner: "site" }[]>`
    select method, connection_id, provider_payment_id, fiscal_owner from money_facts where id = ${refund.factId}`;
  const shares = await tx<{ orderId: string | null; counterpartyId: string | null; amountKopecks: bigint }[]>`
    select order_id, counterparty_id, sum(amount_kopecks)::bigint as amount_kopecks from allocations where fact_id = ${refund.factId} group by order_id, counterparty_id having sum(amount_kopecks) <> 0`;
  const fact = await recordFact(ctx, tx, {
    kind: "refund_reversed", amountKopecks: refund.amountKopecks, method: paid!.method, connectionId: paid!.connectionId, providerPaymentId: paid!.providerPaymentId,
    providerOperationId: operationOf(refund.refundId), attemptId: payment?.attemptId ?? null, parentFactId: payment?.factId ?? null, occurredAt: ctx.now(),
    fiscalOwner: paid!.fiscalOwner, isTest: refund.isTest, note: reason, allocations: [...shares],
  });
  if (!fact) return;
  let home = order;
  for (const share of shares) {
    if (share.orderId === null) continue;
    const given = share.orderId === order?.orderId ? order : (payment?.orders.get(share.orderId) ?? (await lockOrder(tx, share.orderId)));
    const saved = await saveMoney(ctx, tx, withMoney(given, "refund_reversed", share.amountKopecks), given.hasLiveAttempt);
    await recordEvent(ctx, tx, { orderId: saved.orderId, kind: "money.return_bounced", amountKopecks: share.amountKopecks, subjectId: fact.factId, detail: { text: reason } });
    await refreshOffer(ctx, tx, saved.orderId);
    if (saved.orderId === refund.orderId) home = saved;
  }
  await ctx.announce(ctx, tx, { type: "money.undone", fact, order: home });
  await raiseAlert(ctx, tx, {
    code: "ALR-20", objectKey: `refund:${refund.refundId}`, orderId: refund.orderId, severity: "P2", amountKopecks: refund.amountKopecks,
    title: `Возврат ${formatMoney(refund.amountKopecks)} не дошёл до покупателя${home ? `, заказ №${NBSP}${home.number}` : ""}`,
    advice: "Деньги снова у нас. Одобрите возврат переводом по заявлению покупателя. Чек возврата остаётся, решите о нём с бухгалтером.",
  });
  // The buyer is still owed: a task by another way for each place that the money stands on again, decided by people like every other (LOST-24).
  for (const share of shares) {
    const again = payment && (await lockPayment(tx, payment.factId, home ? [home.orderId] : []));
    const of = share.orderId === null ? null : (again?.orders.get(share.orderId) ?? home);
    await createRefund(ctx, tx, {
      payment: again, order: of, amountKopecks: share.amountKopecks, method: "bank_transfer", reason: share.orderId === refund.orderId ? refund.reason : "other",
      reasonText: "Прошлый возврат вернулся из банка", source: "auto", state: "requested", isTest: refund.isTest,
    });
  }
}
