import type { Tx, Write } from "@/db/index.ts";
import { alertWrite } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { factWrites } from "@/lib/ledger/index.ts";
import { moneyWrites, withMoney } from "@/lib/orders/apply-money.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { eventWrite } from "@/lib/orders/record-event.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import type { LockedAttempt } from "./lock-attempt.ts";
import { holdFact, releasedWrite } from "./record-hold.ts";

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
 * transaction. The order and the attempt are locked, or else StaleRead is thrown when they are no longer as read. The real sum is recorded whatever was asked for (LOST-07, PAY-16);
 * what is odd raises an alert. Returns false when this money was booked before (LOST-02).
 */
export async function recordCapture(ctx: Ctx, tx: Tx, attempt: LockedAttempt, capture: Capture, alongside: Write[] = []): Promise<boolean> {
  if (attempt.bookedPaymentIds.includes(capture.providerPaymentId)) return false;
  const { order } = attempt;
  const { fact, writes } = factWrites(ctx, tx, {
    kind: "payment_captured",
    amountKopecks: capture.amountKopecks,
    method: attempt.method,
    connectionId: attempt.connectionId,
    providerPaymentId: capture.providerPaymentId,
    captureNo: 1,
    attemptId: attempt.attemptId,
    occurredAt: capture.paidAt ?? ctx.now(),
    // Ours also while no register is connected: then the planner stops with NO_REGISTER and a person is told.
    fiscalOwner: "site",
    isTest: order.isTest,
    allocations: [{ orderId: order.orderId, counterpartyId: order.counterpartyId, amountKopecks: capture.amountKopecks }],
  });
  // LOST-31: what was held and is not taken goes free at the bank; the receipt is for the taken sum alone.
  const { onHoldKopecks } = attempt;
  const fromHoldKopecks = onHoldKopecks < capture.amountKopecks ? onHoldKopecks : capture.amountKopecks;
  const freedKopecks = onHoldKopecks - fromHoldKopecks;
  const freed = freedKopecks > 0n ? holdFact(ctx, tx, attempt, "authorization_voided", capture.providerPaymentId, freedKopecks) : null;
  const taken = withMoney(order, "payment_captured", capture.amountKopecks, fromHoldKopecks);
  const paid = freed ? withMoney(taken, "authorization_voided", freedKopecks) : taken;
  const money = moneyWrites(ctx, tx, paid, false);
  const attemptWrite = attempt.state === "succeeded" ? null : tx`
    update payment_attempts set state = 'succeeded', provider_payment_id = coalesce(provider_payment_id, ${capture.providerPaymentId}),
      instrument = coalesce(${capture.instrument}, instrument), rrn = coalesce(${capture.rrn}, rrn), finished_at = ${ctx.now()}
     where id = ${attempt.attemptId} and state = ${attempt.state} returning 1`;
  const event = eventWrite(ctx, tx, {
    orderId: order.orderId,
    kind: "money.captured",
    amountKopecks: capture.amountKopecks,
    subjectId: attempt.attemptId,
    detail: { provider: attempt.provider, method: attempt.method, providerPaymentId: capture.providerPaymentId, instrument: capture.instrument },
  });
  await ctx.announce(ctx, tx, {
    type: "money.captured",
    fact,
    order: money.saved,
    revisionNo: attempt.revisionNo,
    contact: attempt.contact,
    writes: [...writes, ...(freed?.writes ?? []), freed && releasedWrite(ctx, tx, attempt, freedKopecks, "взята не вся сумма"), money.linkWrite, event, ...oddities(ctx, tx, attempt, capture, paid), ...alongside],
    mustChange: attemptWrite ? [money.orderWrite, attemptWrite] : [money.orderWrite],
  });
  return true;
}

/** Money that is real but strange: recorded as it is and shown to a person. */
function oddities(ctx: Ctx, tx: Tx, attempt: LockedAttempt, capture: Capture, paid: LockedOrder): Write[] {
  const { order } = attempt;
  const alerts: Write[] = [];
  const about = { orderId: order.orderId, amountKopecks: capture.amountKopecks };
  const isPartOfHold = attempt.onHoldKopecks === attempt.amountKopecks && capture.amountKopecks <= attempt.onHoldKopecks;
  if (capture.amountKopecks !== attempt.amountKopecks && !isPartOfHold) {
    alerts.push(
      alertWrite(ctx, tx, {
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
      alertWrite(ctx, tx, {
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
      alertWrite(ctx, tx, {
        ...about,
        code: "ALR-05",
        objectKey: `order:${order.orderId}:late`,
        severity: "P1",
        title: `Деньги за ${order.lifecycle === "deleted" ? "удалённый" : "отменённый"} заказ №\u00A0${order.number}`,
        advice: "Верните деньги или восстановите заказ в 1С.",
      }),
    );
  }
  const { overpaidKopecks } = orderBalance(paid);
  if (overpaidKopecks > 0n && isPayableLifecycle(order.lifecycle)) {
    alerts.push(
      alertWrite(ctx, tx, {
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
