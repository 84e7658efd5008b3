import type { SeenPayment } from "@/lib/acquirers/acquirer.ts";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import type { Outcome } from "@/lib/kit/outcome.ts";
import { MINUTE_MS, SECOND_MS, addMs } from "@/lib/kit/time.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { seeAttempt } from "@/lib/payments/poll-attempt.ts";
import { callProvider } from "@/lib/payments/record-opened.ts";
import type { HoldOperationKind, HoldOperationState } from "./states.ts";

const STEP_LIMIT_MS = 2 * MINUTE_MS;
const FIRST_PAUSE_MS = 30 * SECOND_MS;
const LONGEST_PAUSE_MS = 30 * MINUTE_MS;
/** About a day of tries; then a person decides. */
const STEPS_MAX = 60;
const transient = new Set(["auth", "auth_or_protocol", "transient", "wrong_state", "config"]);

type Operation = {
  operationId: string; attemptId: string; orderId: string; orderNumber: string; connectionId: string; kind: HoldOperationKind; amountKopecks: bigint; state: HoldOperationState; stepNo: number;
  providerPaymentId: string; heldKopecks: bigint; attemptState: string; dueKopecks: bigint;
};

/**
 * Job: one step of taking or releasing held money. The payment is read after every call and before every repetition: what the bank shows
 * decides, and `applyProviderState` books it. It goes out again only when the bank still shows the money held: neither a capture nor a
 * release can happen twice to one hold. A `stepNo` that is not the operation's next step is an old chain and does nothing.
 */
export async function workHold(ctx: Ctx, operationId: string, stepNo: number): Promise<void> {
  const operation = await claim(ctx, operationId, stepNo);
  if (!operation) return;
  if (operation.state !== "requested") {
    const seen = await seeAttempt(ctx, operation.attemptId);
    if (await ended(ctx, operation, seen)) return;
    if (seen?.state !== "held") return later(ctx, operation, "банк не сказал, что стало с деньгами");
  }
  // The order may have been cancelled, lowered or paid another way since the capture was asked for.
  if (operation.kind === "capture" && operation.amountKopecks > operation.dueKopecks) return fail(ctx, operation, "over_due", "по заказу столько больше не нужно");
  const outcome = await send(ctx, operation);
  const seen = await seeAttempt(ctx, operation.attemptId);
  if (await ended(ctx, operation, seen)) return;
  if (outcome.kind === "refused" && !transient.has(outcome.code)) return fail(ctx, operation, outcome.code, outcome.message);
  await later(ctx, operation, outcome.kind === "done" ? null : outcome.message);
}

async function claim(ctx: Ctx, operationId: string, stepNo: number): Promise<Operation | null> {
  const [row] = await ctx.database.sql<Operation[]>`
    with before as (select id, state from hold_operations where id = ${operationId})
    update hold_operations h set step_no = h.step_no + 1, next_try_at = ${addMs(ctx.now(), STEP_LIMIT_MS)}, state = 'submitting', submitted_at = coalesce(h.submitted_at, ${ctx.now()}::timestamptz)
      from before b, payment_attempts a join orders o on o.id = a.order_id
     where h.id = b.id and h.step_no = ${stepNo} and h.state in ('requested', 'submitting', 'unknown') and a.id = h.attempt_id and a.provider_payment_id is not null
    returning h.id as operation_id, h.attempt_id, a.order_id, o.number as order_number, a.connection_id, h.kind, h.amount_kopecks, b.state, h.step_no, a.provider_payment_id, a.state as attempt_state,
      coalesce((select f.amount_kopecks from money_facts f where f.attempt_id = a.id and f.kind = 'authorized'), h.amount_kopecks)::bigint as held_kopecks,
      (case when o.lifecycle in ('cancelled', 'deleted') then 0 else o.total_kopecks - o.goods_returned_kopecks - o.captured_kopecks + o.reversed_kopecks + o.refunded_kopecks + o.charged_back_kopecks end)::bigint as due_kopecks`;
  return row ?? null;
}

async function send(ctx: Ctx, operation: Operation): Promise<Outcome<void>> {
  const connection = await loadConnection(ctx, operation.connectionId);
  const { providerPaymentId, amountKopecks, heldKopecks, kind } = operation;
  const about = { subjectId: operation.operationId, orderId: operation.orderId, connectionId: operation.connectionId };
  const acquirer = acquirerOf(connection, ctx.now);
  return callProvider(ctx, about, kind === "capture" ? "capture" : "release", (signal) =>
    kind === "capture" ? acquirer.capture({ providerPaymentId, amountKopecks, partial: amountKopecks !== heldKopecks }, signal) : acquirer.release({ providerPaymentId, amountKopecks: heldKopecks }, signal),
  );
}

/** What the bank shows ended it, one way or the other. */
async function ended(ctx: Ctx, operation: Operation, seen: SeenPayment | null): Promise<boolean> {
  if (!seen || seen.state === "held") return false;
  const [attempt] = await ctx.database.sql<{ state: string }[]>`select state from payment_attempts where id = ${operation.attemptId}`;
  const isTaken = attempt?.state === "succeeded";
  const isFree = !isTaken && (seen.state === "canceled" || seen.state === "declined" || seen.state === "expired" || attempt?.state === "canceled" || attempt?.state === "expired");
  if (!isTaken && !isFree) return false;
  if (isTaken === (operation.kind === "capture")) {
    await inTransaction(ctx, async (tx) => {
      await tx`update hold_operations set state = 'done', finished_at = ${ctx.now()}, next_try_at = null, step_no = step_no + 1, fail_code = null, fail_text = null where id = ${operation.operationId} and step_no = ${operation.stepNo}`;
      await resolveAlert(ctx, tx, "ALR-03", `hold:${operation.attemptId}`);
    });
    ctx.hint(operation.orderId);
  } else await fail(ctx, operation, isTaken ? "taken" : "released", isTaken ? "деньги уже списаны" : "блокировка уже снята");
  return true;
}

async function later(ctx: Ctx, operation: Operation, text: string | null): Promise<void> {
  if (operation.stepNo > STEPS_MAX) return fail(ctx, operation, "no_answer", text ?? "банк не исполняет");
  const nextAt = addMs(ctx.now(), Math.min(FIRST_PAUSE_MS * 2 ** Math.min(operation.stepNo - 1, 10), LONGEST_PAUSE_MS));
  await inTransaction(ctx, async (tx) => {
    const [moved] = await tx`
      update hold_operations set state = 'unknown', step_no = step_no + 1, next_try_at = ${nextAt}, fail_text = ${text?.slice(0, 300) ?? null}
       where id = ${operation.operationId} and step_no = ${operation.stepNo} returning id`;
    if (!moved) return;
    await ctx.enqueue(tx, "hold.work", { operationId: operation.operationId, stepNo: operation.stepNo + 1 }, { startAfter: nextAt });
    if (operation.state === "requested") await recordEvent(ctx, tx, { orderId: operation.orderId, kind: "hold.unknown", subjectId: operation.operationId, amountKopecks: operation.amountKopecks, detail: { kind: operation.kind } });
  });
}

async function fail(ctx: Ctx, operation: Operation, code: string, text: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const [moved] = await tx`
      update hold_operations set state = 'failed', step_no = step_no + 1, next_try_at = null, finished_at = ${ctx.now()}, fail_code = ${code.slice(0, 60)}, fail_text = ${text.slice(0, 300)}
       where id = ${operation.operationId} and step_no = ${operation.stepNo} returning id`;
    if (!moved) return;
    await recordEvent(ctx, tx, { orderId: operation.orderId, kind: "hold.failed", subjectId: operation.operationId, amountKopecks: operation.amountKopecks, detail: { kind: operation.kind, reason: text.slice(0, 300) } });
    await raiseAlert(ctx, tx, {
      code: "ALR-03", objectKey: `hold:${operation.attemptId}`, orderId: operation.orderId, severity: "P2", amountKopecks: operation.amountKopecks,
      title: `${operation.kind === "capture" ? "Не удалось списать заблокированные" : "Не удалось снять блокировку"} ${formatMoney(operation.amountKopecks)}, заказ №${NBSP}${operation.orderNumber}: ${text.slice(0, 120)}`,
      advice: "Откройте платёж в кабинете банка и повторите или сделайте это там. Мы увидим результат сами.",
    });
  });
  ctx.hint(operation.orderId);
}
