import type { Tx } from "@/db/index.ts";
import { conflict } from "@/lib/kit/errors.ts";
import type { DomainError } from "@/lib/kit/errors.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import { partAt } from "@/lib/payments/lock-payment.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";
import { reservingRefundStates } from "./states.ts";
import type { RefundReason } from "./states.ts";

type Promised = { onOrder: bigint; onPart: bigint; own: bigint };

/** Money on its way back takes part in every limit; `own` = the refund that is being looked at again. */
async function promisedOf(tx: Tx, paymentFactId: string | null, orderId: string | null, ownRefundId: string | null): Promise<Promised> {
  const [row] = await tx<Promised[]>`
    select coalesce(sum(amount_kopecks) filter (where order_id = ${orderId}::uuid and id is distinct from ${ownRefundId}::uuid), 0)::bigint as on_order,
           coalesce(sum(amount_kopecks) filter (where payment_fact_id = ${paymentFactId}::uuid and order_id is not distinct from ${orderId}::uuid and id is distinct from ${ownRefundId}::uuid), 0)::bigint as on_part,
           coalesce(sum(amount_kopecks) filter (where payment_fact_id = ${paymentFactId}::uuid and id = ${ownRefundId}::uuid), 0)::bigint as own
      from refunds where state = any(${reservingRefundStates as unknown as string[]}) and (order_id = ${orderId}::uuid or payment_fact_id = ${paymentFactId}::uuid)`;
  return row!;
}

/**
 * How much may go back now (PAY-05): min(refundable(payment), what the payment still holds at this place, refundable(order)), kopecks.
 * The one rule of the request, the approval and the moment before sending; all rows are locked. `ownRefundId` is left out of what is
 * promised. Without a payment (a bank refund of 1C) the order alone limits.
 */
export async function refundableOf(tx: Tx, at: { payment: LockedPayment | null; order: LockedOrder | null }, ownRefundId: string | null = null): Promise<bigint> {
  const { payment, order } = at;
  const promised = await promisedOf(tx, payment?.factId ?? null, order?.orderId ?? null, ownRefundId);
  const limits: bigint[] = [];
  if (payment) limits.push(payment.freeKopecks + promised.own, partAt(payment, order?.orderId ?? null).leftKopecks - promised.onPart);
  if (order) limits.push(orderBalance(order).netPaidKopecks - promised.onOrder);
  const least = limits.reduce((low, each) => (each < low ? each : low), limits[0] ?? 0n);
  return least > 0n ? least : 0n;
}

const surplusReasons: ReadonlySet<RefundReason> = new Set(["double_payment", "overpayment"]);

/**
 * What an order holds beyond its price and beyond what refunds are promised, kopecks: it goes back, or moves, once (LOST-06, LOST-09). 1C tells of a
 * refund's goods before it or after it, by a document or by a lower sum: whatever is promised may be what made the surplus. Refunds that were
 * approved after `ownRefundId` take nothing of its own.
 */
export async function surplusOf(tx: Tx, order: LockedOrder, ownRefundId: string | null = null): Promise<bigint> {
  const { overpaidKopecks } = orderBalance(order);
  if (overpaidKopecks === 0n) return 0n;
  const [row] = await tx<{ promised: bigint }[]>`
    select coalesce(sum(r.amount_kopecks), 0)::bigint as promised from refunds r
     where r.order_id = ${order.orderId} and r.state = any(${reservingRefundStates as unknown as string[]}) and r.id is distinct from ${ownRefundId}::uuid
       and (r.reason = any(${[...surplusReasons]}) or r.decided_at <= coalesce((select own.decided_at from refunds own where own.id = ${ownRefundId}::uuid), 'infinity'))`;
  return overpaidKopecks > row!.promised ? overpaidKopecks - row!.promised : 0n;
}

/**
 * A refund that says it gives a surplus back takes no other money: what was surplus may have gone another way meanwhile. The refusal, or null.
 * `ownRefundId`: a request that stands already.
 */
export async function surplusRefusal(tx: Tx, { order, reason, amountKopecks }: { order: LockedOrder | null; reason: RefundReason; amountKopecks: bigint }, ownRefundId: string | null = null): Promise<DomainError | null> {
  if (!order || !surplusReasons.has(reason)) return null;
  const surplusKopecks = await surplusOf(tx, order, ownRefundId);
  if (amountKopecks <= surplusKopecks) return null;
  const now = surplusKopecks > 0n
    ? `Как переплату сейчас можно вернуть не больше ${formatMoney(surplusKopecks)}`
    : "Свободной переплаты по заказу нет: её вернули, перенесли, обещали другому возврату, или 1С ещё не передала новую сумму заказа";
  const what = ownRefundId === null ? "укажите её" : "нужен новый запрос с ней";
  return conflict(`${now}. Если деньги возвращают по другой причине, ${what}`, { reason: "refund_limit", refundableKopecks: surplusKopecks.toString() });
}

/** LOST-10: the refusal names the exact sum. */
export const overLimit = (refundableKopecks: bigint) =>
  conflict(refundableKopecks > 0n ? `Вернуть можно не больше ${formatMoney(refundableKopecks)}` : "Возвращать нечего: деньги уже возвращены или возврат уже идёт", {
    reason: "refund_limit",
    refundableKopecks: refundableKopecks.toString(),
  });
