/** What 1C says of a payment, and what its silence says (CML-32). Pure. */
import type { OnecState, OrderDraft, OrderStatus } from "@/lib/onec/wire/order-draft.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";
import type { KnownOrder } from "./known-orders.ts";
import type { TakenOrder } from "./taken-order.ts";

/**
 * By our books the order is paid in full, and 1C's whole posted document names no payment. УТ names the payment of a posted and fully
 * paid order only: of the others its silence says nothing.
 */
export function namesNoPayment(known: KnownOrder, document: OrderDraft | OrderStatus, now: { lifecycle: Lifecycle; totalKopecks: bigint }): boolean {
  const { netPaidKopecks } = orderBalance({ ...known, ...now });
  return document.kind === "order" && document.state.posted && document.state.paid === null && isPayableLifecycle(now.lifecycle) && netPaidKopecks > 0n && netPaidKopecks >= now.totalKopecks;
}

/** 1C had called the order fully paid: УТ names the payment of such an order in each of its documents, and this one does not. */
export const takesPaymentBack = (known: KnownOrder, document: OrderDraft | OrderStatus, now: { lifecycle: Lifecycle; onecPaymentNumber: string | null }): boolean =>
  known.onecPaymentNumber !== null && now.onecPaymentNumber !== null && document.kind === "order" && document.state.posted && document.state.paid === null && isPayableLifecycle(now.lifecycle);

/** The same document again changes nothing, and still says that: 1C registers an order anew after it has written ours. Null: it says nothing. */
export function silentAgain(known: KnownOrder, document: OrderDraft | OrderStatus): TakenOrder | null {
  if (!namesNoPayment(known, document, known)) return null;
  return { orderId: known.orderId, isNew: false, revisionNo: known.revisionNo, payableDueKopecks: 0n, payUntil: known.payUntil, reported: null, namesNoPayment: true, shipped: null };
}

/** A document of nothing but requisites may bring the news of a payment alone (CML-21). */
export const namesPayment = (known: KnownOrder, { paid }: Pick<OnecState, "paid">): boolean =>
  paid !== null && (known.onecPaymentNumber === null || (paid.number !== null && paid.number !== known.onecPaymentNumber));
