import type { SeenPayment } from "@/lib/acquirers/acquirer.ts";
import type { Tx, Write } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { MINUTE_MS } from "@/lib/kit/time.ts";
import { saveStatus } from "@/lib/orders/apply-money.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import type { OrderEventKind } from "@/lib/orders/record-event.ts";
import type { LockedAttempt } from "./lock-attempt.ts";
import { recordCapture } from "./record-capture.ts";
import type { AttemptState } from "./states.ts";
import { canMove } from "./states.ts";

/** `notification`: the provider told us; `read`: we asked it. */
export type SeenBy = "notification" | "read";

/** `attempt.unknownToFailedMinutes` of domain 11. */
const UNKNOWN_TO_FAILED_MS = 15 * MINUTE_MS;

const target: Record<SeenPayment["state"], AttemptState | null> = {
  waiting: "pending",
  held: "authorized",
  paid: "succeeded",
  declined: "failed",
  canceled: "canceled",
  expired: "expired",
  absent: null,
  unrecognized: null,
};

const eventOf: Partial<Record<AttemptState, OrderEventKind>> = {
  pending: "attempt.opened",
  failed: "attempt.declined",
  canceled: "attempt.canceled",
  expired: "attempt.expired",
};

/**
 * Applies what the provider says of a locked attempt: the only place that moves an attempt by news from outside
 * (PAY-12). Forward only; stale news changes nothing (PAY-11). Returns true when something changed; `alongside` goes in one
 * statement with recorded money, and is left to the caller when the answer is false.
 */
export async function applyProviderState(ctx: Ctx, tx: Tx, attempt: LockedAttempt, seen: SeenPayment, by: SeenBy, alongside: Write[] = []): Promise<boolean> {
  if (seen.state === "unrecognized") {
    await raiseAlert(ctx, tx, {
      code: "ALR-03",
      objectKey: `provider-status:${attempt.attemptId}`,
      orderId: attempt.order.orderId,
      severity: "P2",
      title: `Неизвестный статус платежа «${seen.rawState.slice(0, 40)}» по заказу №\u00A0${attempt.order.number}`,
      advice: "Откройте платёж в кабинете банка. Мы продолжаем спрашивать банк сами.",
      amountKopecks: attempt.amountKopecks,
    });
    return false;
  }
  if (seen.state === "paid") return applyPaid(ctx, tx, attempt, seen, by, alongside);
  if (seen.state === "absent") return applyAbsent(ctx, tx, attempt);

  const to = target[seen.state];
  if (to && attempt.state === "succeeded" && (to === "canceled" || to === "failed") && by === "read") {
    await alertContradiction(ctx, tx, attempt, seen);
  }
  if (to === "pending" && seen.declineCode !== null && attempt.state === "pending") return noteRefusedTry(ctx, tx, attempt, seen);
  if (!to || !canMove(attempt.state, to)) return false;
  await moveAttempt(ctx, tx, attempt, to, seen);
  return true;
}

async function applyPaid(ctx: Ctx, tx: Tx, attempt: LockedAttempt, seen: SeenPayment, by: SeenBy, alongside: Write[]): Promise<boolean> {
  if (seen.providerPaymentId === null || seen.amountKopecks === null) return false;
  if (seen.currency !== "RUB") {
    await alertCurrency(ctx, tx, attempt, seen);
    return false;
  }
  const booked = await recordCapture(ctx, tx, attempt, {
    providerPaymentId: seen.providerPaymentId,
    amountKopecks: seen.amountKopecks,
    currency: seen.currency,
    paidAt: seen.paidAt,
    instrument: seen.instrument,
    rrn: seen.rrn,
    payerId: seen.payerId,
  }, alongside);
  if (by === "read" && attempt.confirmedByReadAt === null) {
    await Promise.all([
      tx`update payment_attempts set confirmed_by_read_at = ${ctx.now()} where id = ${attempt.attemptId}`,
      recordEvent(ctx, tx, { orderId: attempt.order.orderId, kind: "attempt.confirmed_by_read", subjectId: attempt.attemptId, amountKopecks: seen.amountKopecks }),
    ]);
    return true;
  }
  return booked;
}

/** The provider has no such payment. Believed only some time after creation: its own lists may lag. */
async function applyAbsent(ctx: Ctx, tx: Tx, attempt: LockedAttempt): Promise<boolean> {
  const age = ctx.now().getTime() - attempt.createdAt.getTime();
  if ((attempt.state !== "unknown" && attempt.state !== "created") || age < UNKNOWN_TO_FAILED_MS) return false;
  await moveAttempt(ctx, tx, attempt, "failed", null);
  return true;
}

async function moveAttempt(ctx: Ctx, tx: Tx, attempt: LockedAttempt, to: AttemptState, seen: SeenPayment | null): Promise<void> {
  const isFinal = to === "failed" || to === "canceled" || to === "expired";
  const kind = eventOf[to];
  await Promise.all([
    tx`update payment_attempts set state = ${to}, provider_payment_id = coalesce(provider_payment_id, ${seen?.providerPaymentId ?? null}),
         provider_invoice_id = coalesce(provider_invoice_id, ${seen?.providerInvoiceId ?? null}),
         fail_code = ${isFinal ? (seen?.declineCode ?? seen?.rawState ?? "absent") : null}, fail_class = ${isFinal ? (seen?.declineClass ?? null) : null},
         finished_at = ${isFinal ? ctx.now() : null} where id = ${attempt.attemptId}`,
    saveStatus(ctx, tx, attempt.order, !isFinal),
    kind &&
      recordEvent(ctx, tx, {
        orderId: attempt.order.orderId,
        kind,
        subjectId: attempt.attemptId,
        amountKopecks: attempt.amountKopecks,
        detail: { method: attempt.method, provider: attempt.provider, declineClass: seen?.declineClass ?? null, rawState: seen?.rawState ?? null },
      }),
  ]);
}

/** The bank refused one try and keeps its page open for another: the attempt goes on, the buyer reads the reason. */
async function noteRefusedTry(ctx: Ctx, tx: Tx, attempt: LockedAttempt, seen: SeenPayment): Promise<boolean> {
  if (attempt.failCode === seen.declineCode) return false;
  await Promise.all([
    tx`update payment_attempts set fail_code = ${seen.declineCode}, fail_class = ${seen.declineClass} where id = ${attempt.attemptId}`,
    recordEvent(ctx, tx, {
      orderId: attempt.order.orderId,
      kind: "attempt.declined",
      subjectId: attempt.attemptId,
      amountKopecks: attempt.amountKopecks,
      detail: { method: attempt.method, provider: attempt.provider, declineClass: seen.declineClass, rawState: seen.declineCode },
    }),
  ]);
  return true;
}

/** LOST-29: a final state is never undone by a message; a person decides with evidence. */
async function alertContradiction(ctx: Ctx, tx: Tx, attempt: LockedAttempt, seen: SeenPayment): Promise<void> {
  await raiseAlert(ctx, tx, {
    code: "ALR-16",
    objectKey: `attempt:${attempt.attemptId}:contradiction`,
    orderId: attempt.order.orderId,
    severity: "P1",
    amountKopecks: attempt.amountKopecks,
    title: `Банк называет оплаченный платёж «${seen.rawState.slice(0, 40)}», заказ №\u00A0${attempt.order.number}`,
    advice: "Заказ остаётся оплаченным. Проверьте платёж в кабинете банка и решите с бухгалтером.",
    detail: { class: "STATUS_MISMATCH" },
  });
}

/** NUM-01: money in another currency is no fact of ours; a person looks at it. */
async function alertCurrency(ctx: Ctx, tx: Tx, attempt: LockedAttempt, seen: SeenPayment): Promise<void> {
  await raiseAlert(ctx, tx, {
    code: "ALR-16",
    objectKey: `attempt:${attempt.attemptId}:currency`,
    orderId: attempt.order.orderId,
    severity: "P1",
    title: `Платёж в валюте ${seen.currency.slice(0, 8)} по заказу №\u00A0${attempt.order.number}`,
    advice: "Платёж не учтён: магазин принимает только рубли. Свяжитесь с банком.",
    detail: { class: "CURRENCY_MISMATCH" },
  });
}
