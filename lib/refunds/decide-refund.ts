import type { Tx } from "@/db/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { DomainError, conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { assertVisible } from "@/lib/orders/assert-visible.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { blockOf } from "./blocks.ts";
import { lockRefund } from "./lock-refund.ts";
import type { RefundRow } from "./lock-refund.ts";
import { overLimit, refundableOf, surplusRefusal } from "./refundable.ts";
import type { RefundState } from "./states.ts";
import { canRefundMove, refundStateLabels } from "./states.ts";

/**
 * A second person agrees (SEC-12): not the one who asked; above the setting only the director. What may be given back is looked at
 * again under lock, so that two refunds together never exceed it (LOST-10). Then the worker sends it, or it waits for 1C's document.
 * Throws `forbidden`, `not_found`, `conflict` (details as `requestRefund`).
 */
export async function approveRefund(ctx: Ctx, input: { refundId: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "refund.approve")) throw forbidden();
  const { role } = ctx.actor;
  const orderId = await inTransaction(ctx, async (tx) => {
    const { refund, payment, order } = await lockRefund(tx, input.refundId);
    expect(refund, "approved");
    if (refund.requestedBy === actorText(ctx.actor)) throw new DomainError("forbidden", "Одобрить должен другой сотрудник: этот возврат запросили вы", { reason: "four_eyes" });
    const directorAbove = BigInt(await readSetting(tx, "refundDirectorAbove"));
    if (refund.amountKopecks > directorAbove && role !== "director") throw new DomainError("forbidden", `Возврат больше ${formatMoney(directorAbove)} одобряет директор`, { reason: "director" });
    const block = payment && (await blockOf(tx, payment, order));
    if (block) throw block;
    const freeKopecks = await refundableOf(tx, { payment, order }, refund.refundId);
    if (refund.amountKopecks > freeKopecks) throw overLimit(freeKopecks);
    const gone = await surplusRefusal(tx, { order, ...refund }, refund.refundId);
    if (gone) throw gone;
    const isSent = refund.method === "instrument";
    await tx`update refunds set state = 'approved', decided_by = ${actorText(ctx.actor)}, decided_at = ${ctx.now()}, next_try_at = ${isSent ? ctx.now() : null} where id = ${refund.refundId}`;
    if (isSent) await ctx.enqueue(tx, "refund.work", { refundId: refund.refundId, stepNo: refund.stepNo });
    await note(ctx, tx, refund, "approved", null);
    return refund.orderId;
  });
  if (orderId) ctx.hint(orderId);
}

/** The second person says no. Throws `forbidden`, `invalid` (no reason), `not_found`, `conflict` (already decided). */
export async function rejectRefund(ctx: Ctx, input: { refundId: string; text: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "refund.approve")) throw forbidden();
  await end(ctx, input, "rejected");
}

/** Taken back before it was sent: by who asked, or by who may approve. Throws `forbidden`, `invalid`, `not_found`, `conflict`. */
export async function cancelRefund(ctx: Ctx, input: { refundId: string; text: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "refund.request")) throw forbidden();
  await end(ctx, input, "canceled");
}

async function end(ctx: Ctx, input: { refundId: string; text: string }, to: "rejected" | "canceled"): Promise<void> {
  const text = input.text.trim();
  if (text === "" || text.length > 500) throw invalid("Напишите причину", { field: "text" });
  const [known] = await ctx.database.sql<{ orderId: string | null }[]>`select order_id from refunds where id = ${uuidOrNull(input.refundId)}`;
  if (known?.orderId && ctx.actor.kind === "staff") await assertVisible(ctx, viewerOf(ctx.actor), known.orderId);
  const orderId = await inTransaction(ctx, async (tx) => {
    const { refund } = await lockRefund(tx, input.refundId);
    expect(refund, to);
    const isOwn = refund.requestedBy === actorText(ctx.actor);
    if (ctx.actor.kind !== "staff" || (!isOwn && !can(ctx.actor.role, "refund.approve"))) throw forbidden("Отменить возврат может тот, кто его запросил, бухгалтер или директор");
    if (isOwn && to === "rejected") throw new DomainError("forbidden", "Свой возврат можно отменить, а отклоняет его другой сотрудник", { reason: "four_eyes" });
    await endRefund(ctx, tx, refund, to, text);
    await note(ctx, tx, refund, to, text);
    return refund.orderId;
  });
  if (orderId) ctx.hint(orderId);
}

/** The row of a locked refund that will not be sent; the caller tells why. */
export async function endRefund(ctx: Ctx, tx: Tx, refund: RefundRow, to: "rejected" | "canceled", text: string): Promise<void> {
  await tx`
    update refunds set state = ${to}, decided_by = coalesce(decided_by, ${actorText(ctx.actor)}), decided_at = coalesce(decided_at, ${ctx.now()}), decision_text = ${text},
      finished_at = ${ctx.now()}, next_try_at = null, step_no = step_no + 1 where id = ${refund.refundId}`;
  await resolveAlert(ctx, tx, "ALR-23", `refund:${refund.refundId}`);
}

function expect(refund: RefundRow, to: RefundState): void {
  if (!canRefundMove(refund.state, to)) throw conflict(`Состояние возврата изменилось: «${refundStateLabels[refund.state]}». Обновите страницу`, { reason: "state", state: refund.state });
}

async function note(ctx: Ctx, tx: Tx, refund: RefundRow, to: "approved" | "rejected" | "canceled", text: string | null): Promise<void> {
  if (refund.orderId) await recordEvent(ctx, tx, { orderId: refund.orderId, kind: `refund.${to}`, subjectId: refund.refundId, amountKopecks: refund.amountKopecks, detail: { text } });
  await recordAudit(ctx, tx, { action: `refund.${to}`, objectType: "refund", objectId: refund.refundId, reason: text, before: { state: refund.state }, after: { state: to, amountKopecks: refund.amountKopecks } });
}
