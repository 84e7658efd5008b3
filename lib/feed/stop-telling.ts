import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";

/** A person has booked this money in 1C and named the document: it is not sent or offered any more, and the later events of its order wait for it no longer. */
export async function stopTelling(ctx: Ctx, tx: Tx, exportId: string): Promise<void> {
  const stopped = await tx<{ connectionId: string }[]>`
    update feed_events set push_state = 'delivered', pushed_at = ${ctx.now()}, next_push_at = null where export_id = ${exportId} and push_state in ('waiting', 'none') returning connection_id`;
  for (const connectionId of new Set(stopped.map((row) => row.connectionId))) await ctx.enqueue(tx, "feed.push", { connectionId });
}
