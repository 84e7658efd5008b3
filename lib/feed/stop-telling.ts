import type { Tx } from "@/db/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { refusalKey } from "./refuse-told.ts";

/** A person has booked this money in 1C and named the document: what 1C did not fetch yet is not sent or offered any more, and the later events of its order wait for it no longer. The caller holds the feed (`lockFeed`). */
export async function stopTelling(ctx: Ctx, tx: Tx, exportId: string): Promise<void> {
  const stopped = await tx<{ connectionId: string }[]>`
    update feed_events set push_state = 'delivered', pushed_at = ${ctx.now()}, next_push_at = null where export_id = ${exportId} and (push_state = 'waiting' or push_state = 'none' and not exists (
      select 1 from feed_cursors u where u.connection_id = feed_events.connection_id and feed_events.seq <= u.acked_seq)) returning connection_id`;
  for (const connectionId of new Set(stopped.map((row) => row.connectionId))) await ctx.enqueue(tx, "feed.push", { connectionId });
}

/** Staff have set aside an event that 1C will not take: it is not sent any more, and its order's later events go on. What 1C fetches is behind its cursor by then. The caller holds the feed. */
export async function stopTellingEvent(ctx: Ctx, tx: Tx, eventId: string): Promise<void> {
  const [event] = await tx<{ connectionId: string; key: string; isStopped: boolean }[]>`
    with told as (select connection_id, key, type from feed_events where id = ${eventId}),
    stopped as (
      update feed_events e set push_state = 'delivered', pushed_at = ${ctx.now()}, next_push_at = null from told
       where e.connection_id = told.connection_id and e.key = told.key and e.type = told.type and e.push_state = 'waiting' returning e.id)
    select connection_id, key, exists (select 1 from stopped) as is_stopped from told`;
  if (!event) return;
  if (event.isStopped) await ctx.enqueue(tx, "feed.push", { connectionId: event.connectionId });
  await resolveAlert(ctx, tx, "ALR-14", refusalKey(event.connectionId, event.key));
}
