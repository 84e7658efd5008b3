import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { addDays, addMs, DAY_MS, localDate } from "@/lib/kit/time.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";
import type { PricedLine } from "./price-lines.ts";
import type { RefundMethod, RefundReason, RefundSource, RefundState } from "./states.ts";

export type NewRefund = {
  payment: LockedPayment | null;
  order: LockedOrder | null;
  amountKopecks: bigint;
  lines?: readonly PricedLine[];
  method: RefundMethod;
  reason: RefundReason;
  reasonText: string | null;
  source: RefundSource;
  /** `approved` by the system alone: under the limit of SEC-12, or a policy. */
  state: Extract<RefundState, "requested" | "approved" | "external">;
  formKey?: string | null;
  documentKey?: string | null;
  documentNumber?: string | null;
  demandedOn?: string | null;
  providerRefundId?: string | null;
  isTest: boolean;
};

/** ALR-23 thresholds of domain 6.1. */
const BIG_KOPECKS = 3_000_000n;
const PER_DAY = 5;
const TURNOVER_PERCENT = 3n;
/** PAY-21: the law's term for a consumer. */
const CONSUMER_DAYS = 10;

/** Writes the row, its lines and its line in the order's story; an approved one gets its job. The caller holds the locks and has checked the sum. */
export async function createRefund(ctx: Ctx, tx: Tx, given: NewRefund): Promise<string> {
  const refundId = newId();
  const now = ctx.now();
  const { payment, order, amountKopecks, state, source } = given;
  const isSent = state === "approved" && given.method === "instrument";
  const demandedOn = given.demandedOn ?? null;
  await tx`
    insert into refunds (id, order_id, payment_fact_id, connection_id, amount_kopecks, method, reason, reason_text, source, state, form_key, document_key, document_number,
      requested_by, requested_at, decided_by, decided_at, demanded_on, due_on, provider_refund_id, next_try_at, is_test)
    values (${refundId}, ${order?.orderId ?? null}, ${payment?.factId ?? null}, ${payment?.providerPaymentId ? payment.connectionId : null}, ${amountKopecks}, ${given.method}, ${given.reason},
      ${given.reasonText}, ${source}, ${state}, ${given.formKey ?? null}, ${given.documentKey ?? null}, ${given.documentNumber ?? null}, ${actorText(ctx.actor)}, ${now},
      ${state === "approved" ? "system" : null}, ${state === "approved" ? now : null}, ${demandedOn}, ${demandedOn && addDays(demandedOn, CONSUMER_DAYS)},
      ${given.providerRefundId ?? null}, ${isSent ? now : null}, ${given.isTest})`;
  for (const [i, line] of (given.lines ?? []).entries()) {
    await tx`insert into refund_lines (refund_id, line_no, order_line_id, quantity, sum_kopecks) values (${refundId}, ${i + 1}, ${line.orderLineId}, ${line.quantity}, ${line.sumKopecks})`;
  }
  if (order) await tellOrder(ctx, tx, order, refundId, given);
  if (source === "staff") await watchUnusual(ctx, tx, refundId, given);
  if (isSent) await ctx.enqueue(tx, "refund.work", { refundId, stepNo: 0 });
  return refundId;
}

async function tellOrder(ctx: Ctx, tx: Tx, order: LockedOrder, refundId: string, given: NewRefund): Promise<void> {
  const about = { orderId: order.orderId, subjectId: refundId, amountKopecks: given.amountKopecks };
  if (given.state === "external") {
    await recordEvent(ctx, tx, { ...about, kind: "refund.seen_outside", detail: { source: given.source, providerRefundId: given.providerRefundId ?? null, documentNumber: given.documentNumber ?? null } });
    return;
  }
  await recordEvent(ctx, tx, { ...about, kind: "refund.requested", detail: { reason: given.reason, text: given.reasonText, source: given.source, method: given.method } });
  if (given.state === "approved") await recordEvent(ctx, tx, { ...about, kind: "refund.approved" });
}

/** ALR-23: a refund that the director should see, at the moment it is asked for. */
async function watchUnusual(ctx: Ctx, tx: Tx, refundId: string, { amountKopecks, order, isTest }: NewRefund): Promise<void> {
  const now = ctx.now();
  const [day] = await tx<{ mine: number; turnover: bigint; refunds: bigint }[]>`
    select (select count(*)::int from refunds where requested_by = ${actorText(ctx.actor)} and requested_at > ${addMs(now, -DAY_MS)} and is_test = ${isTest}) as mine,
           (select coalesce(sum(amount_kopecks), 0)::bigint from money_facts where kind = 'payment_captured' and business_date = ${localDate(now, ctx.zone)}::date and is_test = ${isTest}) as turnover,
           (select coalesce(sum(amount_kopecks), 0)::bigint from refunds where requested_at > ${addMs(now, -DAY_MS)} and is_test = ${isTest} and state not in ('rejected', 'canceled', 'failed')) as refunds`;
  const { mine, turnover, refunds } = day!;
  const why =
    amountKopecks > BIG_KOPECKS ? "крупный возврат"
    : mine > PER_DAY ? `${mine}-й возврат сотрудника за сутки`
    : turnover > 0n && refunds * 100n > turnover * TURNOVER_PERCENT ? "возвраты за сутки больше 3 % выручки дня"
    : null;
  if (!why) return;
  await raiseAlert(ctx, tx, {
    code: "ALR-23", objectKey: `refund:${refundId}`, orderId: order?.orderId ?? null, severity: "P2", amountKopecks,
    title: `Необычный возврат ${formatMoney(amountKopecks)}${order ? ` по заказу №${NBSP}${order.number}` : ""}: ${why}`,
    advice: "Проверьте, кто и зачем возвращает деньги.",
  });
}
