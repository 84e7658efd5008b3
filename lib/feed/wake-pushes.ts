import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { factEventWrite } from "./feed-write.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";

/** Jobs for the consumers that want this order's events sent to them; in the transaction that wrote the events, or after it. */
export async function pushSoon(ctx: Ctx, tx: Tx, orderId: string): Promise<void> {
  const consumers = await tx<{ connectionId: string }[]>`
    select distinct e.connection_id from feed_events e where e.order_id = ${orderId} and e.push_state = 'waiting' and e.push_tries = 0 limit 20`;
  for (const { connectionId } of consumers) await ctx.enqueue(tx, "feed.push", { connectionId });
}

/**
 * Janitor: an address that was given or taken away decides anew for what its consumer does not have yet. A consumer that is switched off
 * keeps everything as it was: it comes back, and what could not be tried meanwhile is no failure of its receiver.
 */
async function settlePushStates(ctx: Ctx, tx: Tx): Promise<void> {
  await tx`update feed_cursors k set push_up_since = ${ctx.now()} from connections c where c.id = k.connection_id and c.kind = 'shop' and not c.enabled`;
  await tx`
    update feed_events e set push_state = 'waiting', next_push_at = ${ctx.now()}, push_first_at = null from connections c left join feed_cursors k on k.connection_id = c.id
     where c.kind in ('onec', 'shop') and c.enabled and c.settings ? 'push' and e.connection_id = c.id and e.push_state = 'none' and (e.seq is null or e.seq > coalesce(k.acked_seq, 0))`;
  await tx`
    update feed_events e set push_state = 'none', next_push_at = null from connections c
     where c.kind in ('onec', 'shop') and c.enabled and not c.settings ? 'push' and e.connection_id = c.id and e.push_state = 'waiting' and e.push_claimed_until is null`;
}

/** Janitor: a job for every consumer with something due, also for what lost its job. */
export async function wakePushes(ctx: Ctx, tx: Tx): Promise<void> {
  await settlePushStates(ctx, tx);
  const due = await tx<{ connectionId: string }[]>`
    select c.id as connection_id from connections c where c.kind in ('onec', 'shop') and c.enabled
       and exists (select 1 from feed_events e where e.connection_id = c.id and e.push_state = 'waiting' and e.next_push_at <= ${ctx.now()}) limit 200`;
  for (const { connectionId } of due) await ctx.enqueue(tx, "feed.push", { connectionId });
}

/** Acknowledged events stay readable for 90 days (API-23); that an order was told of is known as long as 1C does not have it. */
const KEEP_MS = 90 * 24 * 60 * MINUTE_MS;

export async function forgetEvents(ctx: Ctx, tx: Tx): Promise<void> {
  await tx`
    delete from feed_events where id in (
      select e.id from feed_events e join feed_cursors c on c.connection_id = e.connection_id and e.seq <= c.acked_seq where e.created_at < ${addMs(ctx.now(), -KEEP_MS)}
         -- Of money in no document with a number the event is what says that 1C took it (invariant 13).
         and not exists (select 1 from export_messages m where m.id = e.export_id and m.onec_document_number is null)
         and not (e.type = 'order.created' and exists (select 1 from orders o where o.id = e.order_id and o.onec_guid is null)) limit 1000)`;
}

/** What a base was owed by another channel, or before it was one of JSON: money that it has not taken gets its event (janitor). */
export async function feedUntold(ctx: Ctx, tx: Tx): Promise<void> {
  const untold = await tx<{ exportId: string; orderId: string; factId: string; kind: FactKind; method: string; partKopecks: bigint; isPart: boolean }[]>`
    select m.id as export_id, m.order_id, f.id as fact_id, f.kind, f.method, m.amount_kopecks as part_kopecks, m.amount_kopecks < f.amount_kopecks as is_part from connections c
      join export_messages m on m.connection_id = c.id and m.state = 'pending' join money_facts f on f.id = m.fact_id
     where c.kind = 'onec' and c.enabled and c.money_channel = 'json' and not exists (select 1 from feed_events e where e.export_id = m.id) order by m.created_at, m.order_id, m.seq limit 500`;
  for (const { exportId, orderId, partKopecks, isPart, ...fact } of untold) await factEventWrite(ctx, tx, { fact, orderId, exportId, ...(isPart && { partKopecks }) });
}
