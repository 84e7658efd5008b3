import { recordAudit } from "@/lib/audit/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, notFound } from "@/lib/kit/errors.ts";
import { newId, uuidOrNull } from "@/lib/kit/ids.ts";
import { EVERY_ORDER } from "@/lib/live/index.ts";
import { allow, reasonOf, who } from "./may-act.ts";
import { lockPayments } from "./pay-lock.ts";

export type StopInput = { /** Null: every store. */ storeId: string | null; reason: string };

/**
 * The kill switch (PIL-05; permission `payments.stop`, audited): from the moment this returns no new link, attempt or invoice begins.
 * Notifications, polling, receipts, refunds and news to 1C of what has begun go on. Throws `forbidden`, `invalid` (no reason),
 * `not_found`, `conflict` when it is stopped already.
 */
export async function stopPayments(ctx: Ctx, { storeId, ...input }: StopInput): Promise<{ stopId: string }> {
  allow(ctx, "payments.stop", storeId);
  const reason = reasonOf(input.reason, "Напишите, почему останавливаете приём оплаты: от 5 до 500 знаков");
  const stopId = newId();
  await inTransaction(ctx, async (tx) => {
    await lockPayments(tx);
    if (storeId !== null) {
      const [store] = await tx`select 1 from stores where id = ${uuidOrNull(storeId)}`;
      if (!store) throw notFound("Магазин не найден");
    }
    const [standing] = await tx`select 1 from payment_stops where resumed_at is null and store_id is not distinct from ${storeId}`;
    if (standing) throw conflict("Приём оплаты уже остановлен");
    await tx`insert into payment_stops (id, store_id, stopped_at, stopped_by, reason) values (${stopId}, ${storeId}, ${ctx.now()}, ${who(ctx)}, ${reason})`;
    await recordAudit(ctx, tx, { action: "payments.stopped", objectType: "store", objectId: storeId ?? "all", after: { stopId }, reason });
  });
  ctx.hint(EVERY_ORDER);
  return { stopId };
}

/**
 * Payments begin again (permission `payments.resume`, audited); orders that came meanwhile get their links. Throws `forbidden`, `invalid`,
 * `not_found`, `conflict` when nobody had stopped them.
 */
export async function resumePayments(ctx: Ctx, input: { stopId: string; reason: string }): Promise<void> {
  allow(ctx, "payments.resume", null);
  const reason = reasonOf(input.reason, "Напишите, что проверено перед возобновлением: от 5 до 500 знаков");
  await inTransaction(ctx, async (tx) => {
    await lockPayments(tx);
    const [stop] = await tx<{ storeId: string | null; stoppedAt: Date; resumedAt: Date | null }[]>`select store_id, stopped_at, resumed_at from payment_stops where id = ${uuidOrNull(input.stopId)} for update`;
    if (!stop) throw notFound("Остановка не найдена");
    if (stop.resumedAt) throw conflict("Приём оплаты уже возобновлён");
    await tx`update payment_stops set resumed_at = ${ctx.now()}, resumed_by = ${who(ctx)}, resume_reason = ${reason} where id = ${input.stopId}`;
    await recordAudit(ctx, tx, { action: "payments.resumed", objectType: "store", objectId: stop.storeId ?? "all", before: { stopId: input.stopId }, reason });
    const stores = await tx<{ id: string }[]>`select id from stores where ${stop.storeId}::uuid is null or id = ${stop.storeId}`;
    for (const { id } of stores) await ctx.enqueue(tx, "links.offer", { storeId: id, since: stop.stoppedAt.toISOString(), after: "0" });
  });
  ctx.hint(EVERY_ORDER);
}
