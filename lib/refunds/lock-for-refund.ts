import type { Tx } from "@/db/index.ts";
import { conflict, notFound } from "@/lib/kit/errors.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { lockPayment, partAt } from "@/lib/payments/lock-payment.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";

export type LockedForRefund = { order: LockedOrder | null; /** Newest first. */ payments: LockedPayment[] };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Locks an order with its payments, or one named payment: all orders concerned first, ascending, then the payments, ascending.
 * Throws `not_found`, or `conflict` when the payment does not stand on the order.
 */
export async function lockForRefund(tx: Tx, given: { orderId: string | null; paymentFactId: string | null }): Promise<LockedForRefund> {
  const { orderId, paymentFactId } = given;
  if (paymentFactId !== null && !UUID.test(paymentFactId)) throw notFound("Платёж не найден");
  const found =
    paymentFactId !== null
      ? [{ factId: paymentFactId }]
      : await tx<{ factId: string }[]>`
          select distinct f.id as fact_id from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId} and f.kind = 'payment_captured' order by f.id limit 200`;
  const factIds = found.map((row) => row.factId);
  const standing = await tx<{ orderId: string }[]>`select distinct order_id from allocations where fact_id = any(${factIds}::uuid[]) and order_id is not null`;
  const orderIds = [...new Set([...standing.map((row) => row.orderId), ...(orderId === null ? [] : [orderId])])].toSorted();
  for (const id of orderIds) await lockOrder(tx, id);
  const payments: LockedPayment[] = [];
  for (const factId of factIds.toSorted()) payments.push(await lockPayment(tx, factId, orderIds));
  const order = orderId === null ? null : (payments[0]?.orders.get(orderId) ?? (await lockOrder(tx, orderId)));
  if (paymentFactId !== null && partAt(payments[0]!, orderId).leftKopecks <= 0n) throw conflict("Денег этого платежа здесь больше нет", { reason: "refund_limit", refundableKopecks: "0" });
  return { order, payments: payments.toSorted((a, b) => b.occurredAt.getTime() - a.occurredAt.getTime() || (a.factId < b.factId ? 1 : -1)) };
}
