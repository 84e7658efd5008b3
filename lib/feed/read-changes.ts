import type { Ctx } from "@/lib/context.ts";
import { conflict } from "@/lib/kit/errors.ts";
import { offsetText } from "@/lib/kit/time.ts";
import { cursorOf, cursorText } from "./cursor.ts";
import { readEvents } from "./event-rows.ts";
import { renderEvent } from "./render-event.ts";
import type { FeedItem } from "./render-event.ts";
import { sequenceFeed } from "./sequence-feed.ts";

export type Changes = { cursor: string; hasMore: boolean; serverTime: string; items: FeedItem[] };

/** More in one answer would not fit into the ten seconds of a 1C client with VAT and documents. */
export const CHANGES_MAX = 1_000;

/**
 * A page of the feed (API-21, API-26): without `since` what comes after the last acknowledged event and was not pushed, with `since` everything after
 * it again, for repair. Reading acknowledges nothing. Local
 * times are of `zone`. Throws `invalid` for what is no cursor, `conflict` (details.cursor = where it stands) for one that is ahead of everything.
 */
export async function readChanges(ctx: Ctx, connectionId: string, { since, limit, zone = ctx.zone }: { since: string | null; limit: number; zone?: string }): Promise<Changes> {
  const { sql } = ctx.database;
  const asked = since === null ? null : cursorOf(since);
  const last = await sequenceFeed(ctx, connectionId);
  const [standing] = await sql<{ ackedSeq: bigint }[]>`
    insert into feed_cursors (connection_id, read_at) values (${connectionId}, ${ctx.now()}) on conflict (connection_id) do update set read_at = excluded.read_at returning acked_seq`;
  // Nothing would ever come after it: a program that keeps its own cursor would wait in silence, for one after a restored copy of the site.
  if (asked !== null && asked > last) throw conflict("Такого курсора сайт не выдавал: читайте без since или с курсором из этого ответа", { cursor: cursorText(standing!.ackedSeq) });
  const from = asked ?? standing!.ackedSeq;
  const size = Math.min(Math.max(1, limit), CHANGES_MAX);
  const rows = await readEvents(sql, sql`e.connection_id = ${connectionId} and e.seq > ${from} ${asked === null ? sql`and e.push_state <> 'delivered'` : sql``}`, size + 1);
  const page = rows.slice(0, size);
  return {
    cursor: cursorText(page.at(-1)?.seq ?? from),
    hasMore: rows.length > size,
    serverTime: offsetText(ctx.now(), zone),
    items: page.map((row) => renderEvent(row, zone)),
  };
}
