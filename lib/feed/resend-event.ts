import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { loadPushConsumer } from "./push-consumer.ts";

/**
 * «Отправить ещё раз»: the event goes out anew, at once, with the same `webhook-id`: who has it already ignores it. Throws `forbidden`,
 * `not_found`, `conflict` when its consumer has no address or a try is under way.
 */
export async function resendEvent(ctx: Ctx, eventId: string): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "onec.repeat")) throw forbidden();
  const { sql } = ctx.database;
  const [event] = await sql<{ id: string; connectionId: string; orderId: string | null }[]>`select id, connection_id, order_id from feed_events where id = ${uuidOrNull(eventId)}`;
  if (!event) throw notFound("Событие не найдено");
  if (!(await loadPushConsumer(ctx, event.connectionId))) throw conflict("У получателя не указан адрес: события он забирает сам");
  await inTransaction(ctx, async (tx) => {
    const [again] = await tx<{ pushTries: number }[]>`
      update feed_events set push_state = 'waiting', next_push_at = ${ctx.now()}, push_note = null where id = ${event.id} and (push_claimed_until is null or push_claimed_until < ${ctx.now()}) returning push_tries`;
    if (!again) throw conflict("Отправка уже идёт");
    await recordAudit(ctx, tx, { action: "feed.resent", objectType: "feed_event", objectId: event.id, after: { tries: again.pushTries } });
    await ctx.enqueue(tx, "feed.push", { connectionId: event.connectionId });
  });
  if (event.orderId) ctx.hint(event.orderId);
}
