import type { PayMethod } from "@/lib/acquirers/acquirer.ts";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict } from "@/lib/kit/errors.ts";
import { saveStatus } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import { correctContact } from "./correct-contact.ts";
import { lockAttempt } from "./lock-attempt.ts";
import { readAttempt } from "./poll-attempt.ts";
import { callProvider } from "./record-opened.ts";
import { liveAttemptStates } from "./states.ts";
import { viewAttempt } from "./view-attempt.ts";
import type { AttemptView } from "./view-attempt.ts";

export type Live = { attemptId: string; connectionId: string; orderId: string; method: PayMethod; amountKopecks: bigint; state: string; hasGo: boolean; expiresAt: Date | null };

/** What the buyer asks for now; `contact` is parsed. */
export type Wanted = { orderId: string; method: PayMethod; amountKopecks: bigint; contact: string };

/**
 * PAY-14, before a new attempt: an equal live one is used again; another one is asked about, and when it is not paid it is
 * cancelled at the provider, or marked superseded where the provider cannot cancel. Returns the attempt to go on with, or
 * null when a new one may be made. Throws `conflict` when it turns out paid or its outcome is still unknown. The contact of an
 * attempt that is used again becomes the one given now: the receipt goes there (FISC-05).
 */
export async function settleLiveAttempt(ctx: Ctx, wanted: Wanted): Promise<AttemptView | null> {
  const { orderId, method, amountKopecks, contact } = wanted;
  const { sql } = ctx.database;
  const [live] = await sql<Live[]>`
    select id as attempt_id, connection_id, order_id, method, amount_kopecks, state, go_target is not null as has_go, expires_at from payment_attempts
     where order_id = ${orderId} and not is_superseded and state = any(${liveAttemptStates as unknown as string[]})`;
  if (!live) return null;
  const isEqual = live.state === "pending" && live.hasGo && live.method === method && live.amountKopecks === amountKopecks && (live.expiresAt === null || live.expiresAt > ctx.now());
  const seen = await readAttempt(ctx, live.attemptId);
  if (seen === "paid") throw conflict("Заказ уже оплачен", { reason: "paid" });
  const now = await viewAttempt(ctx, live.attemptId);
  if (!(liveAttemptStates as readonly string[]).includes(now.state)) return null;
  if (now.state === "authorized") throw conflict("Деньги уже заблокированы на карте, второй раз платить не нужно", { reason: "in_progress" });
  // 1C may have changed or cancelled the order since: its old sum must not be handed out again (LOST-07).
  if (isEqual && (await isOwed(ctx, orderId, amountKopecks))) {
    await correctContact(ctx, live.attemptId, contact);
    return now;
  }
  if (now.state === "unknown" || now.state === "created" || seen === "unknown") {
    throw conflict("Проверяем прошлую попытку оплаты. Если деньги списались, второй раз платить не нужно", { reason: "in_progress" });
  }
  await cancelLive(ctx, live);
  return null;
}

/** Whether this very sum is what the order still asks for. */
export async function isOwed(ctx: Ctx, orderId: string, amountKopecks: bigint): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, orderId);
    const isPayable = isPayableLifecycle(order.lifecycle) && order.isPosted && order.onecPaymentNumber === null && order.payBar === null;
    return isPayable && orderBalance(order).dueKopecks === amountKopecks;
  });
}

/** Cancels an unpaid attempt at the provider, or marks it superseded where that is not certain. */
export async function cancelLive(ctx: Ctx, live: Live): Promise<void> {
  const connection = await loadConnection(ctx, live.connectionId);
  const [ref] = await ctx.database.sql<{ reference: string; providerInvoiceId: string | null; providerPaymentId: string | null; createdAt: Date }[]>`
    select reference, provider_invoice_id, provider_payment_id, created_at from payment_attempts where id = ${live.attemptId}`;
  const outcome = await callProvider(ctx, live, "cancel", (signal) => acquirerOf(connection, ctx.now).cancel(ref!, signal));
  await inTransaction(ctx, async (tx) => {
    const attempt = await lockAttempt(tx, { attemptId: live.attemptId });
    if (!attempt || !(liveAttemptStates as readonly string[]).includes(attempt.state)) return;
    const isCanceled = outcome.kind === "done";
    // Not cancelled for sure: the old object may still be paid, so it stays watched (LOST-06 takes what comes).
    await Promise.all([
      isCanceled
        ? tx`update payment_attempts set state = 'canceled', finished_at = ${ctx.now()} where id = ${live.attemptId}`
        : tx`update payment_attempts set is_superseded = true where id = ${live.attemptId}`,
      saveStatus(ctx, tx, attempt.order, false),
      recordEvent(ctx, tx, { orderId: live.orderId, kind: isCanceled ? "attempt.canceled" : "attempt.superseded", subjectId: live.attemptId, amountKopecks: live.amountKopecks, detail: { method: live.method } }),
    ]);
  });
}
