import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { isTypedInSql } from "@/lib/exports/index.ts";
import { conflict, forbidden, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { noteExports } from "@/lib/onec/note-exports.ts";
import { lockFeed } from "./lock-feed.ts";
import { noteTold } from "./note-told.ts";
import { loadPushConsumer } from "./push-consumer.ts";

type Told = { id: string; connectionId: string; orderId: string | null; exportId: string | null };

/**
 * «Отправить ещё раз». To an address the event goes out anew at once, under the same `webhook-id`; a consumer that fetches finds it again
 * behind everything else, under the same `key`: who has booked it ignores it. Money that 1C had refused waits for it again. Throws
 * `forbidden`, `not_found`, `conflict` when a try is under way, it was not fetched yet, or a person has booked it by hand.
 */
export async function resendEvent(ctx: Ctx, eventId: string): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "onec.repeat")) throw forbidden();
  const { sql } = ctx.database;
  const [event] = await sql<Told[]>`select id, connection_id, order_id, export_id from feed_events where id = ${uuidOrNull(eventId)}`;
  if (!event) throw notFound("Событие не найдено");
  const [typed] = await sql<{ isTypedIn: boolean }[]>`select ${isTypedInSql(sql, sql`${event.orderId}::uuid`, sql`${event.exportId}::uuid`)} as is_typed_in`;
  if (typed!.isTypedIn) throw conflict("Бухгалтер провёл эту оплату в 1С вручную: ещё раз её не передают");
  const consumer = await loadPushConsumer(ctx, event.connectionId);
  await inTransaction(ctx, async (tx) => {
    await lockFeed(tx, event.connectionId);
    await (consumer ? pushAgain(ctx, tx, event) : offerAgain(ctx, tx, event));
    if (event.exportId) {
      const freed = await tx<{ id: string }[]>`update export_messages set state = 'pending', rejected_reason = null where id = ${event.exportId} and state = 'rejected' returning id`;
      await noteExports(ctx, tx, freed.map(({ id }) => id));
    }
    await noteTold(ctx, tx, tx`e.id = ${event.id}`, { result: "waiting_1c", text: "Передаём ещё раз" });
    await recordAudit(ctx, tx, { action: "feed.resent", objectType: "feed_event", objectId: event.id, after: { orderId: event.orderId } });
  });
  if (event.orderId) ctx.hint(event.orderId);
}

async function pushAgain(ctx: Ctx, tx: Tx, event: Told): Promise<void> {
  const [again] = await tx`
    update feed_events set push_state = 'waiting', next_push_at = ${ctx.now()}, push_first_at = null, push_note = null where id = ${event.id} and (push_claimed_until is null or push_claimed_until < ${ctx.now()}) returning 1`;
  if (!again) throw conflict("Отправка уже идёт");
  await ctx.enqueue(tx, "feed.push", { connectionId: event.connectionId });
}

/** A cursor never goes back, so what was acknowledged is told by a new row. */
async function offerAgain(ctx: Ctx, tx: Tx, event: Told): Promise<void> {
  const [again] = await tx`
    insert into feed_events (id, connection_id, type, key, repeat_no, order_id, subject_id, share_kopecks, export_id, created_at, push_state)
    select gen_random_uuid(), e.connection_id, e.type, e.key, (select max(x.repeat_no) + 1 from feed_events x where x.connection_id = e.connection_id and x.key = e.key and x.type = e.type),
           e.order_id, e.subject_id, e.share_kopecks, e.export_id, ${ctx.now()}::timestamptz, 'none'
      from feed_events e where e.id = ${event.id}
       and not exists (select 1 from feed_events x left join feed_cursors c on c.connection_id = x.connection_id
                        where x.connection_id = e.connection_id and x.key = e.key and x.type = e.type and (x.seq is null or x.seq > coalesce(c.acked_seq, 0)))
    returning 1`;
  if (!again) throw conflict("1С ещё не забирала это событие: оно ждёт её");
}
