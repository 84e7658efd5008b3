import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { addMs } from "@/lib/kit/time.ts";
import { saveStatus } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { barredPayment } from "@/lib/orders/order-may.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { setOwnContact } from "@/lib/orders/set-own-contact.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import type { OpenAttempt } from "./open-attempt.ts";
import { pollDelayMs } from "./poll-plan.ts";

export type CreatedAttempt = {
  attemptId: string;
  orderId: string;
  orderNumber: string;
  connectionId: string;
  reference: string;
  payerId: string;
  amountKopecks: bigint;
  expiresAt: Date | null;
};

/**
 * Writes the attempt before the provider hears of it (2.4), with its first poll. Throws `conflict` as `openAttempt` says.
 */
export async function createAttempt(ctx: Ctx, tx: Tx, input: OpenAttempt, contact: string): Promise<CreatedAttempt> {
  const order = await lockOrder(tx, input.orderId);
  const dueKopecks = assertPayable(order, input.amountSeenKopecks);
  if (order.payMethods && !order.payMethods.includes(input.method)) throw conflict("Магазин не принимает оплату этого заказа таким способом", { reason: "not_payable" });
  const [link] = await tx<{ validUntil: Date; state: string }[]>`select valid_until, state from payment_links where id = ${input.linkId} and order_id = ${order.orderId}`;
  if (!link || link.state !== "active" || link.validUntil <= ctx.now()) throw conflict("Срок ссылки истёк, запросите новую", { reason: "expired" });
  // Test and live never mix (LOST-27, PIL-03).
  const [connection] = await tx<{ id: string; provider: string }[]>`
    select id, provider from connections where kind = 'acquirer' and enabled and seller_org_id = ${order.sellerOrgId}
       and environment = ${order.isTest ? "test" : "live"} order by priority, created_at limit 1`;
  if (!connection) throw conflict("Оплата на сайте пока недоступна", { reason: "not_payable" });

  const attemptId = newId();
  const [count] = await tx<{ n: bigint }[]>`select count(*) as n from payment_attempts where order_id = ${order.orderId}`;
  const reference = `k${order.no}-${(count?.n ?? 0n) + 1n}`;
  const payerId = `order-${order.no}`;
  const now = ctx.now();
  await tx`
    insert into payment_attempts (id, order_id, link_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state,
      form_key, expires_at, next_poll_at, is_test, created_at)
    values (${attemptId}, ${order.orderId}, ${input.linkId}, ${connection.id}, ${connection.provider}, ${input.method}, ${reference}, ${order.orderRevisionNo},
      ${dueKopecks}, ${payerId}, ${contact}, 'created', ${input.formKey}, ${link.validUntil}, ${addMs(now, pollDelayMs(0))}, ${order.isTest}, ${now})`;
  await Promise.all([
    setOwnContact(ctx, tx, order, contact),
    saveStatus(ctx, tx, order, true),
    recordEvent(ctx, tx, { orderId: order.orderId, kind: "attempt.created", subjectId: attemptId, amountKopecks: dueKopecks, detail: { method: input.method, provider: connection.provider } }),
    // The poller finds the payment even when we die right after this commit (LOST-22).
    ctx.enqueue(tx, "attempt.poll", { attemptId, pollNo: 0 }, { startAfter: addMs(now, pollDelayMs(0)) }),
  ]);
  return { attemptId, orderId: order.orderId, orderNumber: order.number, connectionId: connection.id, reference, payerId, amountKopecks: dueKopecks, expiresAt: link.validUntil };
}

function assertPayable(order: LockedOrder, amountSeenKopecks: bigint): bigint {
  const { dueKopecks } = orderBalance(order);
  if (!isPayableLifecycle(order.lifecycle)) throw conflict("Заказ отменён магазином", { reason: "not_payable" });
  if (order.onecPaymentNumber !== null || dueKopecks === 0n) throw conflict("Заказ уже оплачен", { reason: "paid" });
  if (!order.isPosted) throw conflict("Магазин ещё не подтвердил заказ", { reason: "not_payable" });
  if (order.payBar !== null) throw barredPayment(order.payBar);
  if (dueKopecks !== amountSeenKopecks) throw conflict("Сумма заказа изменилась", { reason: "amount_changed", dueKopecks: dueKopecks.toString() });
  return dueKopecks;
}
