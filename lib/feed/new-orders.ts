import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { isOursSql } from "@/lib/orders/order-may.ts";
import { lockFeed } from "./lock-feed.ts";
import { noteTold } from "./note-told.ts";
import { refusalKey } from "./refuse-told.ts";
import { pushSoon } from "./wake-pushes.ts";

const BATCH = 500;

/**
 * Tells a base of JSON of orders that were made in a shop and that it does not have: of these when they are taken, of any (null) by the
 * janitor, because an order whose store is not open yet, or that no batch has chosen, is told when it is in work (PIL-01, PIL-02). Once
 * each: the event of an order that 1C has not taken is kept as long as the order (`forgetEvents`).
 */
export async function feedNewOrders(ctx: Ctx, tx: Tx, orderIds: readonly string[] | null): Promise<void> {
  const now = ctx.now();
  const told = await tx<{ orderId: string }[]>`
    insert into feed_events (id, connection_id, type, key, order_id, created_at, push_state, next_push_at)
    select gen_random_uuid(), c.id, 'order.created', 'order:' || o.id, o.id, ${now}::timestamptz, case when c.settings ? 'push' then 'waiting' else 'none' end, case when c.settings ? 'push' then ${now}::timestamptz end
      from orders o join connections c on c.id = o.onec_connection_id
     where c.kind = 'onec' and c.money_channel = 'json' and o.shop_connection_id is not null and o.onec_guid is null and o.exported_version = 0 and o.lifecycle not in ('cancelled', 'deleted')
       and ${orderIds === null ? tx`c.enabled` : tx`o.id = any(${orderIds as string[]}::uuid[])`} and ${isOursSql(tx)}
       and not exists (select 1 from feed_events e where e.connection_id = c.id and e.key = 'order:' || o.id and e.type = 'order.created')
     order by o.created_at, o.id limit ${BATCH}
    on conflict (connection_id, key, type, repeat_no) do nothing returning order_id`;
  for (const { orderId } of told) await pushSoon(ctx, tx, orderId);
}

/**
 * 1C has these orders now under GUIDs of its own, made from the event or typed by a person: what it has not taken yet of `order.created` is
 * told no more, or it would make them a second time (API-24). The orders are held by the caller.
 */
export async function endNewOrders(ctx: Ctx, tx: Tx, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return;
  const open = await tx<{ eventId: string; connectionId: string; key: string }[]>`
    select e.id as event_id, e.connection_id, e.key from feed_events e join orders o on o.id = e.order_id and o.onec_guid is not null left join feed_cursors c on c.connection_id = e.connection_id
     where e.order_id = any(${orderIds as string[]}::uuid[]) and e.type = 'order.created' and e.push_state <> 'delivered' and (e.seq is null or e.seq > coalesce(c.acked_seq, 0))`;
  for (const connectionId of new Set(open.map((event) => event.connectionId))) {
    await lockFeed(tx, connectionId);
    const events = open.filter((event) => event.connectionId === connectionId);
    const ids = events.map((event) => event.eventId);
    await tx`update feed_events set push_state = 'delivered', next_push_at = null where id = any(${ids}::uuid[])`;
    await noteTold(ctx, tx, tx`e.id = any(${ids}::uuid[])`, { result: "skipped", text: "Больше не нужно: заказ в 1С уже есть" });
    for (const { key } of events) await resolveAlert(ctx, tx, "ALR-14", refusalKey(connectionId, key));
    // Later events of these orders waited for it.
    await ctx.enqueue(tx, "feed.push", { connectionId });
  }
}

/** The shop took the order back: a base of JSON that has it, or has been told of it, hears of that; another one never hears of the order. */
export const feedCancelled = (ctx: Ctx, tx: Tx, orderId: string) => tx`
  insert into feed_events (id, connection_id, type, key, order_id, created_at, push_state, next_push_at)
  select gen_random_uuid(), c.id, 'order.expired', 'order-cancelled:' || o.id, o.id, ${ctx.now()}::timestamptz, case when c.settings ? 'push' then 'waiting' else 'none' end, case when c.settings ? 'push' then ${ctx.now()}::timestamptz end
    from orders o join connections c on c.id = o.onec_connection_id
   where o.id = ${orderId} and c.kind = 'onec' and c.money_channel = 'json'
     and (o.onec_guid is not null or exists (select 1 from feed_events e where e.connection_id = c.id and e.key = 'order:' || o.id and e.type = 'order.created'))
  on conflict (connection_id, key, type, repeat_no) do nothing`;
