import type { Ctx } from "@/lib/context.ts";
import { readEvents } from "./event-rows.ts";
import { renderEvent } from "./render-event.ts";

/** The JSON that 1C gets, or got, of a message of the journal: an event's, or the last telling of an export; null when it is none, or was forgotten. Its sums are of today's order. */
export async function readTold(ctx: Ctx, messageId: string): Promise<string | null> {
  const { sql } = ctx.database;
  const [base] = await sql<{ id: string; zone: string | null }[]>`
    select e.id, c.settings ->> 'zone' as zone from feed_events e join connections c on c.id = e.connection_id where e.id = ${messageId} or e.export_id = ${messageId} order by e.repeat_no desc limit 1`;
  if (!base) return null;
  const [event] = await readEvents(sql, sql`e.id = ${base.id}`, 1);
  return event ? JSON.stringify(renderEvent(event, base.zone ?? ctx.zone)) : null;
}
