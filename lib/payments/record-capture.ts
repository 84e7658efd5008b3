import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { siteFiscalOwner } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import type { LockedAttempt } from "./lock-attempt.ts";

export type Capture = {
  providerPaymentId: string;
  amountKopecks: bigint;
  currency: string;
  paidAt: Date | null;
  instrument: string | null;
  rrn: string | null;
  payerId: string | null;
};

/**
 * Money of an attempt arrived: the fact, the order's money, and everything owed because of it, in the caller's
 * transaction, with the order and the attempt locked. The real sum is recorded whatever was asked for (LOST-07, PAY-16);
 * what is odd raises an alert. Returns false when this money was booked before (LOST-02).
 */
export async function recordCapture(ctx: Ctx, tx: Tx, attempt: LockedAttempt, capture: Capture): Promise<boolean> {
  const { order } = attempt;
  // Statements go out pipelined; each is awaited at the end (README decision 16).
  const fact = await recordFact(ctx, tx, {
    kind: "payment_captured",
    amountKopecks: capture.amountKopecks,
    method: attempt.method,
    connectionId: attempt.connectionId,
    providerPaymentId: capture.providerPaymentId,
    captureNo: 1,
    attemptId: attempt.attemptId,
    occurredAt: capture.paidAt ?? ctx.now(),
    fiscalOwner: siteFiscalOwner(order),
    isTest: order.isTest,
    allocations: [{ orderId: order.orderId, counterpartyId: order.counterpartyId, amountKopecks: capture.amountKopecks }],
  });
  if (!fact) return false;

  const paid = withMoney(order, "payment_captured", capture.amountKopecks);
  // Order of issue = order of execution: the order's new version is known before reactions use it.
  const saved = { ...paid, exportVersion: order.exportVersion + 1 };
  await Promise.all([
    tx`update payment_attempts set state = 'succeeded', provider_payment_id = coalesce(provider_payment_id, ${capture.providerPaymentId}),
         instrument = coalesce(${capture.instrument}, instrument), rrn = coalesce(${capture.rrn}, rrn), finished_at = ${ctx.now()}
       where id = ${attempt.attemptId} and state <> 'succeeded'`,
    saveMoney(ctx, tx, paid, false),
    recordEvent(ctx, tx, {
      orderId: order.orderId,
      kind: "money.captured",
      amountKopecks: capture.amountKopecks,
      subjectId: attempt.attemptId,
      detail: { provider: attempt.provider, method: attempt.method, providerPaymentId: capture.providerPaymentId, instrument: capture.instrument },
    }),
    ...oddities(ctx, tx, attempt, capture, paid),
    ctx.announce(ctx, tx, { type: "money.captured", fact, order: saved, revisionNo: attempt.revisionNo, contact: attempt.contact }),
  ]);
  return true;
}

/** Money that is real but strange: recorded as it is and shown to a person. */
function oddities(ctx: Ctx, tx: Tx, attempt: LockedAttempt, capture: Capture, paid: LockedOrder): Promise<void>[] {
  const { order } = attempt;
  const alerts: Promise<void>[] = [];
  const about = { orderId: order.orderId, amountKopecks: capture.amountKopecks };
  if (capture.amountKopecks !== attempt.amountKopecks) {
    alerts.push(
      raiseAlert(ctx, tx, {
        ...about,
        code: "ALR-16",
        objectKey: `attempt:${attempt.attemptId}:amount`,
        severity: "P1",
        title: `Банк сообщил ${formatMoney(capture.amountKopecks)} вместо ${formatMoney(attempt.amountKopecks)} по заказу №\u00A0${order.number}`,
        advice: "Деньги учтены как пришли. Сверьте сумму в кабинете банка; возвраты по этому платежу закрыты до решения.",
        detail: { class: "AMOUNT_MISMATCH" },
      }),
    );
  }
  if (capture.payerId !== null && capture.payerId !== attempt.payerId) {
    alerts.push(
      raiseAlert(ctx, tx, {
        ...about,
        code: "ALR-16",
        objectKey: `attempt:${attempt.attemptId}:payer`,
        severity: "P2",
        title: `В уведомлении по заказу №\u00A0${order.number} другой плательщик`,
        advice: "Проверьте платёж в кабинете банка: уведомление подписано верно, но плательщик не тот, кого передавали мы.",
        detail: { class: "STATUS_MISMATCH" },
      }),
    );
  }
  if (!isPayableLifecycle(order.lifecycle)) {
    alerts.push(
      raiseAlert(ctx, tx, {
        ...about,
        code: "ALR-05",
        objectKey: `order:${order.orderId}:late`,
        severity: "P1",
        title: `Деньги за ${order.lifecycle === "deleted" ? "удалённый" : "отменённый"} заказ №\u00A0${order.number}`,
        advice: "Верните деньги или восстановите заказ в 1С.",
      }),
    );
  }
  const { overpaidKopecks } = orderBalance({ ...paid, goodsReturnedKopecks: 0n });
  if (overpaidKopecks > 0n && isPayableLifecycle(order.lifecycle)) {
    alerts.push(
      raiseAlert(ctx, tx, {
        ...about,
        code: "ALR-04",
        objectKey: `order:${order.orderId}:overpaid`,
        severity: overpaidKopecks > 5_000_000n ? "P1" : "P2",
        amountKopecks: overpaidKopecks,
        title: `Переплата ${formatMoney(overpaidKopecks)} по заказу №\u00A0${order.number}`,
        advice: "Верните лишнее покупателю или перенесите на другой его заказ.",
      }),
    );
  }
  return alerts;
}
