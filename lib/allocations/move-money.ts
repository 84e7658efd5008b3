import type { Tx } from "@/db/index.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { saveMoney } from "@/lib/orders/apply-money.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import { lockPayment, partAt } from "@/lib/payments/lock-payment.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";
import { refreshOffer } from "@/lib/payments/offer-links.ts";
import { standsElsewhere } from "@/lib/refunds/standing-return.ts";
import { refundableOf, surplusOf } from "@/lib/refunds/refundable.ts";

export type MoveMoney = {
  /** The payment whose money moves. */
  factId: string;
  /** Null: out of the buyer's advance. */
  fromOrderId: string | null;
  /** Null: keep it as the buyer's advance. */
  toOrderId: string | null;
  amountKopecks: bigint;
  /** Why, and that the buyer agrees (LOST-09). */
  reason: string;
};

/**
 * Moves an overpayment to another order of the same buyer, keeps it as an advance, or takes it out of the advance (LOST-09). No money
 * moves in the world: the payment's allocations do, and Σ allocations = fact stays (PAY-04). 1C is asked to book it the same way
 * (B2B-26). Throws `forbidden`, `invalid` (details.field), `not_found`, `conflict` with the greatest sum that may move.
 */
export async function moveMoney(ctx: Ctx, input: MoveMoney): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "advance.move")) throw forbidden();
  const reason = input.reason.trim().slice(0, 1_000);
  if (reason === "") throw invalid("Укажите причину переноса", { field: "reason" });
  if (input.amountKopecks <= 0n) throw invalid("Укажите сумму больше нуля", { field: "amount" });
  if (input.fromOrderId === input.toOrderId) throw invalid("Деньги уже на этом заказе", { field: "toOrderId" });
  await inTransaction(ctx, async (tx) => {
    const payment = await lockPayment(tx, input.factId, input.toOrderId === null ? [] : [input.toOrderId]);
    const from = input.fromOrderId === null ? null : (payment.orders.get(input.fromOrderId) ?? null);
    const to = input.toOrderId === null ? null : payment.orders.get(input.toOrderId)!;
    if (input.fromOrderId !== null && !from) throw conflict("По этому заказу такого платежа нет");
    const part = partAt(payment, input.fromOrderId);
    if (input.fromOrderId === null && part.counterpartyId === null && part.leftKopecks > 0n) throw conflict("Чей это аванс, неизвестно: привяжите платёж к заказу");
    const [free, surplus] = [await refundableOf(tx, { payment, order: from }), from && (await surplusOf(tx, from))];
    const most = least(free, surplus, to && orderBalance(to).dueKopecks);
    if (to) await assertSamePeople(tx, payment, from, to);
    if (to && (await standsElsewhere(tx, input.factId, to.orderId))) throw conflict("Возврат этого платежа не дошёл до покупателя, а его чек пробит. Сначала верните деньги ещё раз: на другой заказ их не переносят");
    if (input.amountKopecks > most) throw conflict(`Перенести можно не больше ${formatMoney(most)}`, { maxKopecks: most.toString() });
    const counterpartyId = to?.counterpartyId ?? from?.counterpartyId ?? part.counterpartyId;
    await tx`
      insert into allocations (id, fact_id, order_id, counterparty_id, amount_kopecks, created_at, actor) values
        (${newId()}, ${input.factId}, ${input.fromOrderId}, ${part.counterpartyId}, ${-input.amountKopecks}, ${ctx.now()}, ${actorText(ctx.actor)}),
        (${newId()}, ${input.factId}, ${input.toOrderId}, ${counterpartyId}, ${input.amountKopecks}, ${ctx.now()}, ${actorText(ctx.actor)})`;
    if (from) await leave(ctx, tx, from, to, input, reason);
    if (to) await arrive(ctx, tx, from, to, input, reason);
    await recordAudit(ctx, tx, {
      action: "money.moved", objectType: "fact", objectId: input.factId, reason,
      before: { orderId: input.fromOrderId }, after: { orderId: input.toOrderId, amountKopecks: input.amountKopecks },
    });
  });
  for (const orderId of [input.fromOrderId, input.toOrderId]) if (orderId) ctx.hint(orderId);
}

const least = (...sums: (bigint | null)[]): bigint => {
  const known = sums.filter((sum) => sum !== null);
  const smallest = known.reduce((a, b) => (b < a ? b : a));
  return smallest > 0n ? smallest : 0n;
};

/** SEC-06, LOST-09: never across sellers, worlds or buyers. Money that stands on no order is the seller's whose terminal or other order took it. */
async function assertSamePeople(tx: Tx, payment: LockedPayment, from: LockedOrder | null, to: LockedOrder): Promise<void> {
  if (to.isTest !== payment.isTest) throw conflict("Тестовые и настоящие деньги не смешиваются");
  const [terminal] = await tx<{ sellerOrgId: string | null }[]>`select seller_org_id from connections where id = ${payment.connectionId}`;
  const sellers = [from?.sellerOrgId, terminal?.sellerOrgId, ...[...payment.orders.values()].filter((order) => order !== to).map((order) => order.sellerOrgId)];
  if (sellers.some((sellerOrgId) => sellerOrgId && sellerOrgId !== to.sellerOrgId)) throw conflict("Заказ другой организации: деньги принадлежат не ей");
  if (!isPayableLifecycle(to.lifecycle)) throw conflict("Этот заказ отменён, деньги на него не переносят");
  const sameCounterparty = to.counterpartyId !== null && to.counterpartyId === (from?.counterpartyId ?? partAt(payment, from?.orderId ?? null).counterpartyId);
  const sameContact = from?.orderContact !== null && from?.orderContact !== undefined && from.orderContact === to.orderContact;
  if (!sameCounterparty && !sameContact) throw conflict("Это заказ другого покупателя");
}

async function leave(ctx: Ctx, tx: Tx, from: LockedOrder, to: LockedOrder | null, { amountKopecks, factId }: MoveMoney, text: string): Promise<void> {
  const saved = await saveMoney(ctx, tx, { ...from, capturedKopecks: from.capturedKopecks - amountKopecks }, from.hasLiveAttempt);
  await recordEvent(ctx, tx, { orderId: from.orderId, kind: "money.moved_out", amountKopecks, subjectId: factId, detail: { orderNumber: to?.number ?? null, text } });
  if (orderBalance(saved).overpaidKopecks === 0n) {
    await resolveAlert(ctx, tx, "ALR-04", `order:${from.orderId}:overpaid`);
    await resolveAlert(ctx, tx, "ALR-05", `order:${from.orderId}:late`);
  }
  if (from.onecConnectionId === null) return;
  await raiseAlert(ctx, tx, {
    code: "ALR-13", objectKey: `moved:${factId}:${from.orderId}`, orderId: from.orderId, severity: "P3", amountKopecks,
    title: to ? `${formatMoney(amountKopecks)} перенесены с заказа №${NBSP}${from.number} на №${NBSP}${to.number}` : `${formatMoney(amountKopecks)} заказа №${NBSP}${from.number} оставлены авансом`,
    advice: "Разнесите оплату в 1С так же: обмен этого сам не умеет.",
  });
}

async function arrive(ctx: Ctx, tx: Tx, from: LockedOrder | null, to: LockedOrder, { amountKopecks, factId }: MoveMoney, text: string): Promise<void> {
  const saved = await saveMoney(ctx, tx, { ...to, capturedKopecks: to.capturedKopecks + amountKopecks }, to.hasLiveAttempt);
  await recordEvent(ctx, tx, { orderId: to.orderId, kind: "money.moved_in", amountKopecks, subjectId: factId, detail: { orderNumber: from?.number ?? null, text } });
  await ctx.announce(ctx, tx, { type: "money.arrived", factId, amountKopecks, order: saved });
  await refreshOffer(ctx, tx, to.orderId);
}
