import type { Tx } from "@/db/index.ts";
import { violated } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import type { DomainEvent } from "@/lib/events.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { HOUR_MS, addMs } from "@/lib/kit/time.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import { lockAttempt } from "@/lib/payments/lock-attempt.ts";
import type { HoldOperationKind } from "./states.ts";
import { openHoldOperationStates } from "./states.ts";

/**
 * The accountant takes held money, or less of it (LOST-31): the bank lets the rest go, the receipt is for what is taken. Throws
 * `forbidden`, `not_found`, `invalid` (details.field), `conflict` with details.reason `not_held`, `over_hold`, `over_due`, `busy`.
 */
export async function captureHold(ctx: Ctx, input: { attemptId: string; amountKopecks: bigint }): Promise<{ operationId: string }> {
  if (input.amountKopecks <= 0n) throw invalid("Укажите сумму больше нуля", { field: "amount" });
  return request(ctx, input.attemptId, "capture", input.amountKopecks, null);
}

/** The accountant lets held money go. Throws `forbidden`, `not_found`, `invalid` (no reason), `conflict` with details.reason `not_held`, `busy`. */
export async function releaseHold(ctx: Ctx, input: { attemptId: string; reason: string }): Promise<{ operationId: string }> {
  const reason = input.reason.trim();
  if (reason === "" || reason.length > 500) throw invalid("Напишите причину", { field: "reason" });
  return request(ctx, input.attemptId, "void", null, reason);
}

async function request(ctx: Ctx, attemptId: string, kind: HoldOperationKind, amountKopecks: bigint | null, reason: string | null): Promise<{ operationId: string }> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "hold.manage")) throw forbidden();
  if (!/^[0-9a-f-]{36}$/.test(attemptId)) throw notFound("Платёж не найден");
  let orderId: string | null = null;
  try {
    const operationId = await inTransaction(ctx, async (tx) => {
      const attempt = await lockAttempt(tx, { attemptId });
      if (!attempt) throw notFound("Платёж не найден");
      const { onHoldKopecks, order } = attempt;
      orderId = order.orderId;
      if (attempt.state !== "authorized" || onHoldKopecks <= 0n) throw conflict("Деньги этого платежа больше не заблокированы", { reason: "not_held" });
      const { dueKopecks } = orderBalance(order);
      if (amountKopecks !== null && amountKopecks > onHoldKopecks) throw conflict(`Заблокировано только ${formatMoney(onHoldKopecks)}`, { reason: "over_hold", field: "amount", maxKopecks: onHoldKopecks.toString() });
      if (amountKopecks !== null && amountKopecks > dueKopecks) throw conflict(dueKopecks === 0n ? "По заказу больше нечего брать: снимите блокировку" : `По заказу осталось взять ${formatMoney(dueKopecks)}`, { reason: "over_due", field: "amount", maxKopecks: dueKopecks.toString() });
      const id = await insertOperation(ctx, tx, { attemptId, orderId: order.orderId, kind, amountKopecks: amountKopecks ?? onHoldKopecks, reason });
      await recordAudit(ctx, tx, { action: kind === "capture" ? "hold.captured" : "hold.released", objectType: "attempt", objectId: attemptId, reason, after: { operationId: id, amountKopecks: amountKopecks ?? onHoldKopecks } });
      return id;
    });
    if (orderId) ctx.hint(orderId);
    return { operationId };
  } catch (error) {
    if (violated(error, "hold_operations_one_open")) throw conflict("С этой блокировкой уже что-то делают, обновите страницу", { reason: "busy" });
    throw error;
  }
}

type NewOperation = { attemptId: string; orderId: string; kind: HoldOperationKind; amountKopecks: bigint; reason: string | null };

async function insertOperation(ctx: Ctx, tx: Tx, given: NewOperation): Promise<string> {
  const operationId = newId();
  await tx`
    insert into hold_operations (id, attempt_id, kind, amount_kopecks, state, requested_by, reason, requested_at, next_try_at)
    values (${operationId}, ${given.attemptId}, ${given.kind}, ${given.amountKopecks}, 'requested', ${actorText(ctx.actor)}, ${given.reason}, ${ctx.now()}, ${ctx.now()})`;
  await recordEvent(ctx, tx, { orderId: given.orderId, kind: "hold.requested", subjectId: operationId, amountKopecks: given.amountKopecks, detail: { kind: given.kind, text: given.reason } });
  await ctx.enqueue(tx, "hold.work", { operationId, stepNo: 0 });
  return operationId;
}

/** A release that just failed is not tried again for so long; staff have the alert. */
const REST_MS = HOUR_MS;

/** Reaction: money held for an order that may not be paid, that owes nothing, or after its attempt ended, is let go at once (LOST-05). */
export async function releaseUnwanted(ctx: Ctx, tx: Tx, event: Extract<DomainEvent, { type: "money.held" }>): Promise<void> {
  const { order, attemptId } = event;
  if (!event.isLate && isPayableLifecycle(order.lifecycle) && orderBalance(order).dueKopecks > 0n) return;
  const [busy] = await tx`
    select 1 from hold_operations where attempt_id = ${attemptId}
       and (state = any(${openHoldOperationStates as unknown as string[]}) or (state = 'failed' and kind = 'void' and finished_at > ${addMs(ctx.now(), -REST_MS)}) or (state = 'done' and kind = 'void'))`;
  if (busy || event.amountKopecks <= 0n) return;
  const reason = event.isLate ? "оплата уже закончилась без денег" : isPayableLifecycle(order.lifecycle) ? "по заказу ничего не осталось к оплате" : "заказ отменён";
  await insertOperation(ctx, tx, { attemptId, orderId: order.orderId, kind: "void", amountKopecks: event.amountKopecks, reason });
}
