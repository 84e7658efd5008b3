import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { parseContact } from "@/lib/kit/contact.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { saveMoney } from "@/lib/orders/apply-money.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { lockPayment, partAt } from "@/lib/payments/lock-payment.ts";
import { refreshOffer } from "@/lib/payments/offer-links.ts";
import { paymentKey } from "@/lib/payments/undecided-news.ts";
import { standsElsewhere } from "@/lib/refunds/standing-return.ts";

export type BindPayment = {
  factId: string;
  orderId: string;
  /** Contact for the receipt when the order has none. */
  contact?: string | null;
  reason: string;
};

/**
 * A person says to which order money without an order belongs (LOST-20): its whole rest is allocated there, the receipt that stood for
 * want of an order is planned anew, 1C learns of it. Throws `forbidden`, `invalid`, `not_found`, `conflict`.
 */
export async function bindPayment(ctx: Ctx, input: BindPayment): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "payment.bind")) throw forbidden();
  const reason = input.reason.trim().slice(0, 1_000);
  if (reason === "") throw invalid("Укажите, почему это платёж по этому заказу", { field: "reason" });
  const parsed = input.contact?.trim() ? parseContact(input.contact) : null;
  if (parsed && "error" in parsed) throw invalid("Укажите почту или телефон покупателя", { field: "contact" });
  const given = parsed?.value ?? null;
  await inTransaction(ctx, async (tx) => {
    const payment = await lockPayment(tx, input.factId, [input.orderId]);
    const order = payment.orders.get(input.orderId)!;
    const part = partAt(payment, null);
    const amountKopecks = part.leftKopecks < payment.freeKopecks ? part.leftKopecks : payment.freeKopecks;
    if (amountKopecks <= 0n) throw conflict("Этот платёж уже привязан или возвращён");
    if (part.counterpartyId !== null && part.counterpartyId !== order.counterpartyId) throw conflict("Это аванс другого покупателя");
    if (order.isTest !== payment.isTest) throw conflict("Тестовые и настоящие деньги не смешиваются");
    if (await standsElsewhere(tx, input.factId, order.orderId)) throw conflict("Возврат этого платежа не дошёл до покупателя, а его чек пробит. Сначала верните деньги ещё раз: на другой заказ их не переносят");
    const [connection] = await tx<{ sellerOrgId: string | null }[]>`select seller_org_id from connections where id = ${payment.connectionId}`;
    if (connection && connection.sellerOrgId !== null && connection.sellerOrgId !== order.sellerOrgId) throw conflict("Платёж принят терминалом другой организации");
    await tx`
      insert into allocations (id, fact_id, order_id, counterparty_id, amount_kopecks, created_at, actor) values
        (${newId()}, ${input.factId}, null, ${part.counterpartyId}, ${-amountKopecks}, ${ctx.now()}, ${actorText(ctx.actor)}),
        (${newId()}, ${input.factId}, ${order.orderId}, ${order.counterpartyId}, ${amountKopecks}, ${ctx.now()}, ${actorText(ctx.actor)})`;
    const saved = await saveMoney(ctx, tx, { ...order, capturedKopecks: order.capturedKopecks + amountKopecks }, order.hasLiveAttempt);
    await recordEvent(ctx, tx, { orderId: order.orderId, kind: "money.bound", amountKopecks, subjectId: input.factId, detail: { providerPaymentId: payment.providerPaymentId, text: reason } });
    await ctx.announce(ctx, tx, { type: "money.bound", factId: input.factId, amountKopecks, order: saved, contact: given ?? order.orderContact });
    await refreshOffer(ctx, tx, order.orderId);
    const [told] = await tx<{ number: string }[]>`select o.number from export_messages e join orders o on o.id = e.order_id where e.fact_id = ${input.factId} and o.id <> ${order.orderId}`;
    if (told) {
      await raiseAlert(ctx, tx, {
        code: "ALR-13", objectKey: `moved:${input.factId}:${order.orderId}`, orderId: order.orderId, severity: "P3", amountKopecks,
        title: `${formatMoney(amountKopecks)} оплаты заказа №${NBSP}${told.number} зачтены заказу №${NBSP}${order.number}`,
        advice: "Разнесите оплату в 1С так же: обмен этого сам не умеет.",
      });
    }
    if (payment.connectionId && payment.providerPaymentId) await resolveAlert(ctx, tx, "ALR-16", paymentKey(payment.connectionId, payment.providerPaymentId));
    await recordAudit(ctx, tx, { action: "payment.bound", objectType: "fact", objectId: input.factId, reason, after: { orderId: order.orderId, amountKopecks } });
  });
  ctx.hint(input.orderId);
}
