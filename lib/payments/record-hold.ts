import type { Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { factWrites, recordFact } from "@/lib/ledger/index.ts";
import type { NewFact, RecordedFact } from "@/lib/ledger/index.ts";
import { saveStatus, withMoney } from "@/lib/orders/apply-money.ts";
import { eventWrite, recordEvent } from "@/lib/orders/record-event.ts";
import type { LockedAttempt } from "./lock-attempt.ts";
import { canMove } from "./states.ts";

export type Hold = { providerPaymentId: string; amountKopecks: bigint; paidAt: Date | null; instrument: string | null };

/** Held money is not ours: no receipt (FISC-27), nothing for 1C; the fact only says that the bank holds it or let it go. */
const newHoldFact = (ctx: Ctx, attempt: LockedAttempt, kind: "authorized" | "authorization_voided", providerPaymentId: string, amountKopecks: bigint, at: Date | null): NewFact => ({
  kind, amountKopecks, method: attempt.method, connectionId: attempt.connectionId, providerPaymentId, attemptId: attempt.attemptId, occurredAt: at && at < ctx.now() ? at : ctx.now(),
  fiscalOwner: "none", isTest: attempt.order.isTest, allocations: [{ orderId: attempt.order.orderId, counterpartyId: attempt.order.counterpartyId, amountKopecks }],
});

/** The writes of a hold's fact, to go in one statement with others. */
export const holdFact = (ctx: Ctx, tx: Tx, attempt: LockedAttempt, kind: "authorized" | "authorization_voided", providerPaymentId: string, amountKopecks: bigint): { fact: RecordedFact; writes: Write[] } =>
  factWrites(ctx, tx, newHoldFact(ctx, attempt, kind, providerPaymentId, amountKopecks, null));

/** The order's line about money that the bank let go. */
export const releasedWrite = (ctx: Ctx, tx: Tx, attempt: LockedAttempt, amountKopecks: bigint, text: string | null): Write =>
  eventWrite(ctx, tx, { orderId: attempt.order.orderId, kind: "money.hold_released", subjectId: attempt.attemptId, amountKopecks, detail: { text } });

/**
 * The bank holds the money of a locked attempt: fact `authorized`, the order's held money and status. An attempt that had ended keeps its
 * state (only money brings it back, PAY-11); the hold is announced all the same, so that it is let go at once (LOST-05). Returns false
 * when it was known.
 */
export async function recordHold(ctx: Ctx, tx: Tx, attempt: LockedAttempt, hold: Hold): Promise<boolean> {
  const { order } = attempt;
  if (!canMove(attempt.state, "authorized")) {
    if (attempt.state !== "authorized" && attempt.state !== "succeeded") {
      await tx`update payment_attempts set provider_payment_id = coalesce(provider_payment_id, ${hold.providerPaymentId}) where id = ${attempt.attemptId}`;
      await ctx.announce(ctx, tx, { type: "money.held", attemptId: attempt.attemptId, amountKopecks: hold.amountKopecks, order, isLate: true });
    }
    return false;
  }
  const fact = await recordFact(ctx, tx, newHoldFact(ctx, attempt, "authorized", hold.providerPaymentId, hold.amountKopecks, hold.paidAt));
  if (!fact) return false;
  const held = withMoney(order, "authorized", hold.amountKopecks);
  await Promise.all([
    tx`update payment_attempts set state = 'authorized', provider_payment_id = coalesce(provider_payment_id, ${hold.providerPaymentId}), instrument = coalesce(${hold.instrument}, instrument)
        where id = ${attempt.attemptId}`,
    tx`update orders set held_kopecks = ${held.heldKopecks}, updated_at = ${ctx.now()} where id = ${order.orderId}`,
    saveStatus(ctx, tx, held, true),
    recordEvent(ctx, tx, { orderId: order.orderId, kind: "money.held", subjectId: attempt.attemptId, amountKopecks: hold.amountKopecks, detail: { provider: attempt.provider, instrument: hold.instrument } }),
  ]);
  await ctx.announce(ctx, tx, { type: "money.held", attemptId: attempt.attemptId, amountKopecks: hold.amountKopecks, order: held, isLate: false });
  return true;
}

/** The bank let the whole hold of a locked attempt go: released by us, by it, or run out. The caller moves the attempt and saves the status. */
export async function releaseHoldOf(ctx: Ctx, tx: Tx, attempt: LockedAttempt): Promise<void> {
  const { onHoldKopecks, order } = attempt;
  if (attempt.providerPaymentId === null) throw new Error(`attempt ${attempt.attemptId} holds money of no payment`);
  await recordFact(ctx, tx, newHoldFact(ctx, attempt, "authorization_voided", attempt.providerPaymentId, onHoldKopecks, null));
  await Promise.all([
    tx`update orders set held_kopecks = ${order.heldKopecks - onHoldKopecks}, updated_at = ${ctx.now()} where id = ${order.orderId}`,
    releasedWrite(ctx, tx, attempt, onHoldKopecks, null),
  ]);
}
