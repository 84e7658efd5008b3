import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { byHandWords } from "@/lib/exports/index.ts";
import { resendEvent } from "@/lib/feed/index.ts";
import { conflict, forbidden, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { canResend, readSent, wayOf } from "./read-sending.ts";
import type { SendingWay, SentRow } from "./read-sending.ts";

/**
 * «Повторить» for a message to 1C: sent anew where we send, offered anew where 1C comes for it, always under the same id, so that who has
 * booked it books nothing twice (invariant 13). Money that is booked already stays «Учтено в 1С». Throws `forbidden`, `not_found`, `conflict`.
 */
export async function sendAgain(ctx: Ctx, messageId: string): Promise<SendingWay> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "onec.repeat")) throw forbidden();
  const id = uuidOrNull(messageId);
  const found = id === null ? null : await readSent(ctx, ctx.database.sql, id);
  if (!found) throw notFound("Сообщение не найдено");
  const way = wayOf(found);
  if (way === "push" || way === "fetch") {
    if (found.eventId === null) throw conflict("Сообщение ещё не передавали: оно ждёт своей очереди");
    await resendEvent(ctx, found.eventId);
    return way;
  }
  await inTransaction(ctx, async (tx) => {
    await lockOrder(tx, found.orderId);
    const row = (await readSent(ctx, tx, id!))!;
    if (!canResend(row)) throw conflict(whyNot(row));
    if (way === "notice") await notifyAgain(ctx, tx, row.factId!);
    else await giveAgain(ctx, tx, row);
    await recordAudit(ctx, tx, { action: "message.sent_again", objectType: "onec_message", objectId: id!, after: { orderId: row.orderId } });
  });
  ctx.hint(found.orderId);
  return way;
}

function whyNot(row: SentRow): string {
  if (row.isNoticing) return "Отправка уже идёт";
  if (wayOf(row) === "asked") return "Эта 1С сама спрашивает, оплачен ли счёт: отправлять ей нечего";
  if (row.byHand !== null) return `${byHandWords[row.byHand].why} ${byHandWords[row.byHand].todo}`;
  return "1С ещё не забирала этого: отдадим при следующем обмене";
}

/** The next answer of the stock exchange has the order again, with its payments (CML-25). */
async function giveAgain(ctx: Ctx, tx: Tx, { orderId, exportId }: SentRow): Promise<void> {
  await tx`update orders set export_version = export_version + 1, updated_at = ${ctx.now()} where id = ${orderId}`;
  if (exportId === null) return;
  await tx`update export_messages set skipped_at = null where id = ${exportId} and state = 'delivered'`;
  await tx`update export_messages set state = 'pending', rejected_reason = null where id = ${exportId} and state = 'rejected'`;
}

async function notifyAgain(ctx: Ctx, tx: Tx, factId: string): Promise<void> {
  await tx`update bill_notices set taken_at = null, next_try_at = ${ctx.now()}, claimed_until = null, note = null where fact_id = ${factId}`;
  await ctx.enqueue(tx, "bill.notify", { factId });
}
