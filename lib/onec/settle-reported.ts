import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { flavourSql } from "@/lib/exports/index.ts";
import { instantOfLocal } from "@/lib/kit/time.ts";
import { GaveWay } from "@/lib/orders/intake/gave-way.ts";
import type { TakenOrder } from "@/lib/orders/intake/taken-order.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import { isCompany, recordTransfer } from "@/lib/payments/book-transfer.ts";
import { alertDisagreement, bookClosing } from "./book-closing.ts";
import { takeReportedRefund } from "@/lib/refunds/onec-refunds.ts";
import { confirmExports, tellOfWaiting } from "./confirm-exports.ts";
import { endTakenBack } from "./payment-taken-back.ts";
import { provesByAmount } from "./proven-by-amount.ts";
import { settleOurs } from "./settle-ours.ts";
import { tellOfCardRefund, tellOfUnread, tellOfVoid, voidKey } from "./tell-of-document.ts";
import type { OnecOperation, OnecState } from "./wire/order-draft.ts";
import { plainWord } from "./wire/read-values.ts";
import { isRefund, refundNames } from "./wire/refund-operation.ts";

/** 1C said "paid" without naming a document. */
const UNNUMBERED = "б/н";

/** What 1C reported about money of uploaded orders: confirmations of ours, transfers of companies, closings (CML-21, CML-32). */
export async function settleReported(ctx: Ctx, tx: Tx, orders: readonly TakenOrder[]): Promise<void> {
  await noteSkipped(ctx, tx, orders.filter((order) => order.namesNoPayment));
  await holdRefundedOrders(tx, orders);
  for (const { orderId, reported } of orders) {
    if (reported) await settleOrder(ctx, tx, orderId, reported);
  }
}

/**
 * CML-32: УТ passes over a payment in silence and still says `success`; the order that comes back without a payment number tells. Not of
 * УНФ with subordinate documents: a part of the sum may be what it lacks. A file that was begun before 1C took the payment knows nothing of it.
 */
async function noteSkipped(ctx: Ctx, tx: Tx, orders: readonly TakenOrder[]): Promise<void> {
  if (orders.length === 0) return;
  const given = orders.map(({ orderId, saidAt }) => ({ id: orderId, said_at: saidAt ?? null }));
  await tx`
    update export_messages m set skipped_at = ${ctx.now()} from connections k, json_to_recordset(${JSON.stringify(given)}::text::json) as g(id uuid, said_at timestamptz)
     where m.order_id = g.id and (g.said_at is null or m.delivered_at <= g.said_at) and m.state = 'delivered' and m.skipped_at is null and k.id = m.connection_id and k.money_channel = 'commerceml' and ${flavourSql(tx)} <> 'unf'`;
}

/**
 * A refund takes every order that its payments stand on, also of other files. The intake holds them with its own (decision 0023); money that came to one
 * more while it waited may stand on a lower one. Such an order is taken without waiting, or the batch lets everything go and begins anew.
 */
async function holdRefundedOrders(tx: Tx, orders: readonly TakenOrder[]): Promise<void> {
  const refunded = orders.filter(({ reported }) => reported?.operations.some(isRefund)).map(({ orderId }) => orderId);
  if (refunded.length === 0) return;
  const standing = await tx<{ orderId: string }[]>`
    select distinct x.order_id from allocations a join money_facts f on f.id = a.fact_id and f.kind = 'payment_captured' join allocations x on x.fact_id = a.fact_id
     where a.order_id = any(${refunded}::uuid[]) and x.order_id is not null`;
  const held = await tx`select 1 from orders where id = any(${standing.map(({ orderId }) => orderId)}::uuid[]) for no key update skip locked`;
  if (held.length < standing.length) throw new GaveWay("the money of a refund came to an order that another transaction holds");
}

async function settleOrder(ctx: Ctx, tx: Tx, orderId: string, { paid, operations, zone }: NonNullable<TakenOrder["reported"]>): Promise<void> {
  let order = await lockOrder(tx, orderId);
  for (const operation of inReason(operations)) order = (await settleOperation(ctx, tx, order, operation, zone)) ?? order;
  if (paid) await settlePaid(ctx, tx, order, paid, operations, zone);
}

/**
 * 1C lists documents as it likes. What names our payment goes first, so that a payment at the till of the same sum is not taken for it;
 * money that came goes before money that went back.
 */
const inReason = (operations: readonly OnecOperation[]): OnecOperation[] => operations.toSorted((a, b) => rank(a) - rank(b));
const rank = (operation: OnecOperation): number => (oursOf(operation) !== null ? 0 : isRefund(operation) ? 2 : 1);

/** A refund may bear the id of the payment that it gives back: that is no proof of the payment. */
const oursOf = (operation: OnecOperation): string | null => isRefund(operation) ? null : [operation.ref, operation.number].map((text) => /^P-([0-9a-f-]{36})$/.exec(text)?.[1]).find((found) => found !== undefined) ?? null;

const isVoid = (marks: OnecOperation["marks"]): boolean => marks.deleted === true || marks.cancelled === true || marks.paid === false || marks.posted === false;

/** УНФ names each payment: ours by the id that we gave, the others by their GUID. Returns the order when its money changed. */
async function settleOperation(ctx: Ctx, tx: Tx, order: LockedOrder, operation: OnecOperation, zone: string): Promise<LockedOrder | null> {
  const { marks, totalKopecks } = operation;
  const number = marks.paymentNumber ?? (operation.number || null);
  const ours = oursOf(operation);
  if (ours !== null) {
    // Our own id said back is no number of 1C's.
    const documentNumber = [marks.paymentNumber, marks.onecNumber, operation.number].find((text) => text && text !== `P-${ours}`) ?? UNNUMBERED;
    await settleOurs(ctx, tx, order, { factId: ours, documentNumber, kopecks: totalKopecks, isVoid: isVoid(marks) });
    return null;
  }
  if (isVoid(marks)) return tellOfVoid(ctx, tx, order, operation, number);
  await resolveAlert(ctx, tx, "ALR-16", voidKey(order.orderId, operation.ref));
  const name = plainWord(operation.operation);
  if (name === ACQUIRING && totalKopecks !== null && totalKopecks > 0n && (await provesByAmount(ctx, tx, order, { ref: operation.ref, documentNumber: number ?? UNNUMBERED, amountKopecks: totalKopecks, isRefund: marks.refund === true }))) return null;
  const method = methods.get(name) ?? refundNames.get(name);
  // Money that a till gave back to a card: which payment it belongs to only a person can say.
  if (isRefund(operation) && method === "card_pos") return tellOfCardRefund(ctx, tx, order, operation, number);
  if (!method || operation.ref === "") return null;
  if (totalKopecks === null) return tellOfUnread(ctx, tx, order, operation, number);
  if (totalKopecks <= 0n) return null;
  const occurredAt = dated(ctx, marks.paymentDateLocal ?? operation.createdLocal, zone);
  if (isRefund(operation)) {
    const changed = await takeReportedRefund(ctx, tx, order, { amountKopecks: totalKopecks, method: method as "bank_transfer" | "cash", documentKey: operation.ref, documentNumber: number ?? marks.bankDocumentNumber, occurredAt });
    return changed ? lockOrder(tx, order.orderId) : null;
  }
  const booked = await recordTransfer(ctx, tx, order, {
    amountKopecks: totalKopecks,
    method,
    documentKey: operation.ref,
    documentNumber: number ?? marks.bankDocumentNumber,
    bankDocumentNumber: marks.bankDocumentNumber,
    occurredAt,
    fiscalOwner: method === "cash" || method === "card_pos" ? "pos" : isCompany(order) ? "site" : "onec",
  });
  return booked?.order ?? null;
}

const ACQUIRING = "эквайринговая операция";

const methods = new Map<string, "bank_transfer" | "cash" | "card_pos">([
  ["выплата безналичных денег", "bank_transfer"],
  ["выплата наличных денег", "cash"],
  [ACQUIRING, "card_pos"],
]);

const isPayment = (operation: OnecOperation): boolean => methods.has(plainWord(operation.operation)) && !isRefund(operation) && !isVoid(operation.marks);

/** «Номер оплаты по 1С»: the order is fully paid by 1C's data. */
async function settlePaid(ctx: Ctx, tx: Tx, given: LockedOrder, paid: NonNullable<OnecState["paid"]>, operations: readonly OnecOperation[], zone: string): Promise<void> {
  let order = given;
  const documentNumber = paid.number ?? operations.findLast((o) => o.marks.paymentNumber)?.marks.paymentNumber ?? UNNUMBERED;
  const isNews = order.onecPaymentNumber !== documentNumber;
  if (order.onecPaymentNumber !== null) await endTakenBack(ctx, tx, order.orderId, order.onecConnectionId);
  // Named one by one, our payments were proven by their own documents; those that are not there are not booked.
  if (operations.some(isPayment)) await tellOfWaiting(ctx, tx, order, documentNumber);
  else await confirmExports(ctx, tx, order, { documentNumber, factId: null });
  const paidAt = dated(ctx, paid.dateLocal, zone);
  if (isNews) {
    await Promise.all([
      tx`update orders set onec_payment_number = ${documentNumber}, onec_payment_at = ${paidAt} where id = ${order.orderId}`,
      recordEvent(ctx, tx, { orderId: order.orderId, kind: "order.paid_in_onec", detail: { documentNumber, documentDate: paidAt.toISOString() } }),
    ]);
    order = { ...order, onecPaymentNumber: documentNumber };
  }
  const { dueKopecks } = orderBalance(order);
  if ((await bookClosing(ctx, tx, order)) === "disagrees" && isNews) await alertDisagreement(ctx, tx, order, documentNumber, dueKopecks);
}

/** A document of tomorrow by a wrong clock of the base counts today. */
function dated(ctx: Ctx, local: string | null, zone: string): Date {
  const at = local === null ? null : instantOfLocal(local, zone);
  return at && at <= ctx.now() ? at : ctx.now();
}
