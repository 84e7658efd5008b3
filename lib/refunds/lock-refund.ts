import type { Tx } from "@/db/index.ts";
import { notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { lockPayment } from "@/lib/payments/lock-payment.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";
import type { RefundMethod, RefundReason, RefundSource, RefundState } from "./states.ts";

/** A refund's row as verbs need it. Amounts are kopecks. */
export type RefundRow = {
  refundId: string;
  orderId: string | null;
  paymentFactId: string | null;
  connectionId: string | null;
  amountKopecks: bigint;
  method: RefundMethod;
  reason: RefundReason;
  reasonText: string | null;
  source: RefundSource;
  state: RefundState;
  documentKey: string | null;
  documentNumber: string | null;
  requestedBy: string;
  requestedAt: Date;
  dueOn: string | null;
  providerRefundId: string | null;
  knownBefore: string[] | null;
  submittedAt: Date | null;
  stepNo: number;
  pollCount: number;
  factId: string | null;
  isTest: boolean;
};

export type LockedRefund = { refund: RefundRow; payment: LockedPayment | null; order: LockedOrder | null };

const columns = (tx: Tx) => tx`
  id as refund_id, order_id, payment_fact_id, connection_id, amount_kopecks, method, reason, reason_text, source, state, document_key, document_number, requested_by,
  requested_at, due_on::text, provider_refund_id, known_before, submitted_at, step_no, poll_count, fact_id, is_test`;

/** Orders, then the payment, then the refund: the one lock order of money verbs. Throws `not_found`. */
export async function lockRefund(tx: Tx, refundId: string): Promise<LockedRefund> {
  const [known] = await tx<{ orderId: string | null; paymentFactId: string | null }[]>`select order_id, payment_fact_id from refunds where id = ${uuidOrNull(refundId)}`;
  if (!known) throw notFound("Возврат не найден");
  const payment = known.paymentFactId === null ? null : await lockPayment(tx, known.paymentFactId, known.orderId === null ? [] : [known.orderId]);
  const order = known.orderId === null ? null : (payment?.orders.get(known.orderId) ?? (await lockOrder(tx, known.orderId)));
  await tx`select 1 from refunds where id = ${refundId} for no key update`;
  const [refund] = await tx<RefundRow[]>`select ${columns(tx)} from refunds where id = ${refundId}`;
  return { refund: refund!, payment, order };
}

/** All refunds of a locked payment, oldest first, locked. */
export async function lockRefundsOf(tx: Tx, paymentFactId: string): Promise<RefundRow[]> {
  await tx`select 1 from refunds where payment_fact_id = ${paymentFactId} order by id for no key update`;
  const rows = await tx<RefundRow[]>`select ${columns(tx)} from refunds where payment_fact_id = ${paymentFactId} order by requested_at, id`;
  return [...rows];
}
