import type { SeenPayment } from "@/lib/acquirers/acquirer.ts";
import type { Tx, Write } from "@/db/index.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { saveStatus } from "@/lib/orders/apply-money.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import type { OrderEventKind } from "@/lib/orders/record-event.ts";
import { alertCurrency, alertOfBank } from "./alert-of-bank.ts";
import type { LockedAttempt } from "./lock-attempt.ts";
import { recordCapture } from "./record-capture.ts";
import { recordHold, releaseHoldOf } from "./record-hold.ts";
import type { AttemptState } from "./states.ts";
import { canMove } from "./states.ts";

/** `notification`: the provider told us; `read`: we asked it. */
export type SeenBy = "notification" | "read";

/** `attempt.unknownToFailedMinutes` of domain 11. */
const UNKNOWN_TO_FAILED_MS = 15 * MINUTE_MS;

/** So long a bank may not show money in its lists that it announced. */
const LISTS_LAG_MS = 10 * MINUTE_MS;

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
  if (seen.state === "paid" && !(await isReleasedHold(tx, attempt, seen))) return applyPaid(ctx, tx, attempt, seen, by, alongside);
  if (by === "read" && attempt.state === "succeeded" && attempt.confirmedByReadAt === null) await watchUnconfirmed(ctx, tx, attempt, seen);
  if (seen.state === "absent") return applyAbsent(ctx, tx, attempt);

  if (seen.state === "held") return applyHeld(ctx, tx, attempt, seen);
  const to = seen.state === "paid" ? "canceled" : target[seen.state];
  if (to && attempt.state === "succeeded" && (to === "canceled" || to === "failed") && by === "read") {
    await alertOfBank(ctx, tx, attempt, "contradiction", seen);
  }
  if (to === "pending" && seen.declineCode !== null && attempt.state === "pending") return noteRefusedTry(ctx, tx, attempt, seen);
  if (!to || !canMove(attempt.state, to)) return false;
  await moveAttempt(ctx, tx, attempt, to, seen);
  return true;
}

/** Some cabinets may call a released hold «refunded»: nothing was taken, so nothing is booked. */
async function isReleasedHold(tx: Tx, attempt: LockedAttempt, seen: SeenPayment): Promise<boolean> {
  if (attempt.state !== "authorized" || seen.amountKopecks === null || seen.refundedKopecks !== seen.amountKopecks) return false;
  const [release] = await tx`select 1 from hold_operations where attempt_id = ${attempt.attemptId} and kind = 'void' and state in ('submitting', 'unknown', 'done')`;
  return release !== undefined;
}

/** The bank holds the money of a two-stage payment. SBP has no holds: there the word means money on its way. */
async function applyHeld(ctx: Ctx, tx: Tx, attempt: LockedAttempt, seen: SeenPayment): Promise<boolean> {
  if (seen.providerPaymentId === null || seen.amountKopecks === null || seen.amountKopecks <= 0n || attempt.method === "sbp") return false;
  if (seen.currency !== "RUB") {
    await alertCurrency(ctx, tx, attempt, seen);
    return false;
  }
  if (seen.reference !== null && seen.reference !== attempt.reference) {
    await alertOfBank(ctx, tx, attempt, "stranger", seen);
    return false;
  }
  return recordHold(ctx, tx, attempt, { providerPaymentId: seen.providerPaymentId, amountKopecks: seen.amountKopecks, paidAt: seen.paidAt, instrument: seen.instrument });
}

async function applyPaid(ctx: Ctx, tx: Tx, attempt: LockedAttempt, seen: SeenPayment, by: SeenBy, alongside: Write[]): Promise<boolean> {
  if (seen.providerPaymentId === null || seen.amountKopecks === null) return false;
  if (seen.currency !== "RUB") {
    await alertCurrency(ctx, tx, attempt, seen);
    return false;
  }
  // Only a notification is bound by its reference; what we read by an id may be a stranger's payment (LOST-19).
  if (seen.reference !== null && seen.reference !== attempt.reference) {
    await alertOfBank(ctx, tx, attempt, "stranger", seen);
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
  if (by === "read") {
    await watchRefunds(ctx, tx, attempt, seen.providerPaymentId, seen.refundedKopecks);
    return (await confirmByRead(ctx, tx, attempt, seen, booked)) || booked;
  }
  return booked;
}

/** The bank gave back another sum than we know of: a job reads its refunds (LOST-11, LOST-24). */
async function watchRefunds(ctx: Ctx, tx: Tx, attempt: LockedAttempt, providerPaymentId: string, refundedKopecks: bigint | null): Promise<void> {
  if (refundedKopecks === null || (refundedKopecks === 0n && attempt.order.refundedKopecks === 0n)) return;
  const [known] = await tx<{ kopecks: bigint }[]>`
    select coalesce(sum(case f.kind when 'refund_succeeded' then f.amount_kopecks else -f.amount_kopecks end), 0)::bigint as kopecks from money_facts f
     where f.connection_id = ${attempt.connectionId} and f.provider_payment_id = ${providerPaymentId} and f.kind in ('refund_succeeded', 'refund_reversed')`;
  if (known!.kopecks !== refundedKopecks) await ctx.enqueue(tx, "refund.absorb", { connectionId: attempt.connectionId, providerPaymentId });
}

/** The bank's own answer confirms what we booked only when it names the same payment and the same sum (README decision 3). */
async function confirmByRead(ctx: Ctx, tx: Tx, attempt: LockedAttempt, seen: SeenPayment, isNew: boolean): Promise<boolean> {
  if (isNew && attempt.bookedPaymentIds.length > 0) await alertOfBank(ctx, tx, attempt, "second", seen);
  if (!isNew) {
    const [fact] = await tx<{ amountKopecks: bigint }[]>`
      select amount_kopecks from money_facts where attempt_id = ${attempt.attemptId} and kind = 'payment_captured' and provider_payment_id = ${seen.providerPaymentId}`;
    if (fact?.amountKopecks !== seen.amountKopecks) {
      await alertOfBank(ctx, tx, attempt, "amount", seen);
      return false;
    }
  }
  // A second payment says nothing of the first one.
  const isOurs = attempt.bookedPaymentIds.length === 0 || attempt.providerPaymentId === seen.providerPaymentId;
  if (attempt.confirmedByReadAt !== null || !isOurs) return false;
  await Promise.all([
    tx`update payment_attempts set confirmed_by_read_at = ${ctx.now()} where id = ${attempt.attemptId}`,
    recordEvent(ctx, tx, { orderId: attempt.order.orderId, kind: "attempt.confirmed_by_read", subjectId: attempt.attemptId, amountKopecks: seen.amountKopecks }),
    resolveAlert(ctx, tx, "ALR-16", `attempt:${attempt.attemptId}:unconfirmed`),
  ]);
  return true;
}

/** The bank announced money that it does not show: its lists may lag, but not for long. */
async function watchUnconfirmed(ctx: Ctx, tx: Tx, attempt: LockedAttempt, seen: SeenPayment): Promise<void> {
  const [old] = await tx`
    select 1 from money_facts where attempt_id = ${attempt.attemptId} and kind = 'payment_captured' and recorded_at < ${addMs(ctx.now(), -LISTS_LAG_MS)} limit 1`;
  if (old) await alertOfBank(ctx, tx, attempt, "unconfirmed", seen);
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
  if (isFinal && attempt.onHoldKopecks > 0n) await releaseHoldOf(ctx, tx, attempt);
  const kind = eventOf[to];
  await Promise.all([
    tx`update payment_attempts set state = ${to}, provider_payment_id = coalesce(provider_payment_id, ${seen?.providerPaymentId ?? null}),
         provider_invoice_id = coalesce(provider_invoice_id, ${seen?.providerInvoiceId ?? null}),
         fail_code = ${isFinal ? (seen?.declineCode ?? seen?.rawState ?? "absent") : null}, fail_class = ${isFinal ? (seen?.declineClass ?? null) : null},
         finished_at = ${isFinal ? ctx.now() : null} where id = ${attempt.attemptId}`,
    saveStatus(ctx, tx, { ...attempt.order, heldKopecks: attempt.order.heldKopecks - attempt.onHoldKopecks }, !isFinal),
    kind &&
      recordEvent(ctx, tx, {
        orderId: attempt.order.orderId,
        kind,
        subjectId: attempt.attemptId,
        amountKopecks: attempt.amountKopecks,
        detail: { method: attempt.method, provider: attempt.provider, declineClass: seen?.declineClass ?? null, rawState: seen?.rawState ?? null },
      }),
  ]);
  if (to === "failed") await ctx.announce(ctx, tx, { type: "attempt.failed", attemptId: attempt.attemptId, orderId: attempt.order.orderId });
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
