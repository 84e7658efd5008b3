import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { actingAs, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS, addMs } from "@/lib/kit/time.ts";
import { confirmTold } from "./confirm-told.ts";
import { deliverEvent } from "./deliver-event.ts";
import type { Delivery } from "./deliver-event.ts";
import { readEvents } from "./event-rows.ts";
import type { EventRow } from "./event-rows.ts";
import { lockFeed } from "./lock-feed.ts";
import { loadPushConsumer } from "./push-consumer.ts";
import type { PushConsumer } from "./push-consumer.ts";
import { noteTold } from "./note-told.ts";
import { refusalKey, refusalText, refuseTold } from "./refuse-told.ts";
import { sequenceFeed } from "./sequence-feed.ts";

/**
 * Pauses after a failed try (domain 2.7); the last one repeats without end for 1C, for three days for a shop: three days of tries, counted
 * from the first one or from the return of a receiver that was away for longer than `AWAY_MS` or switched off.
 */
const pauses = [1, 2, 5, 15].map((minutes) => minutes * MINUTE_MS);
const SHOP_PATIENCE_MS = 3 * DAY_MS;
const AWAY_MS = DAY_MS;
/** Longer than one try: a process that died with it is forgotten then. */
const CLAIM_MS = 45 * SECOND_MS;
/** Calls at one consumer at a time: each takes a session and often a licence of 1C. */
const PARALLEL = 4;
/** A job ends before its time is up and is given again while something is due. */
const BUDGET_MS = 60 * SECOND_MS;

type Claimed = { id: string; orderId: string | null };

/**
 * Job: sends what is due to one consumer. Events of one order go one after another, different orders side by side (2.7). However many jobs run,
 * each event is with one of them. The outbox stays the truth: what is not taken here waits for the next try or is fetched.
 */
export async function pushFeed(ctx: Ctx, connectionId: string): Promise<void> {
  const consumer = await loadPushConsumer(ctx, connectionId);
  // Switched off, or it fetches now: what waits stays where it is (see `settlePushStates`).
  if (!consumer) return;
  const inside = consumer.kind === "onec" ? actingAs(ctx, { kind: "onec", connectionId }) : ctx;
  const until = performance.now() + BUDGET_MS;
  for (;;) {
    await sequenceFeed(ctx, connectionId);
    const claimed = await claim(ctx, connectionId);
    if (claimed.length === 0) return;
    await Promise.all(claimed.map((event) => push(inside, consumer, event)));
    if (performance.now() > until) return inTransaction(ctx, (tx) => ctx.enqueue(tx, "feed.push", { connectionId }));
  }
}

/** An event waits for the earlier ones of its order, also for one that another process is sending. */
const claim = (ctx: Ctx, connectionId: string): Promise<Claimed[]> => inTransaction(ctx, async (tx) => {
  const now = ctx.now();
  // Claimers take turns, so that the places below are counted rightly.
  await lockFeed(tx, connectionId);
  return tx<Claimed[]>`
    update feed_events set push_claimed_until = ${addMs(now, CLAIM_MS)} where id in (
      select e.id from feed_events e
       where e.connection_id = ${connectionId} and e.push_state = 'waiting' and e.seq is not null and e.next_push_at <= ${now} and (e.push_claimed_until is null or e.push_claimed_until < ${now})
         and not exists (select 1 from feed_events b where b.order_id = e.order_id and b.connection_id = e.connection_id and b.insert_no < e.insert_no and b.push_state = 'waiting')
       order by e.next_push_at, e.seq
       -- One slow receiver holds one job of ours, not all of them: further jobs find its places taken and end.
       limit greatest(0, ${PARALLEL} - (select count(*) from feed_events f where f.connection_id = ${connectionId} and f.push_state = 'waiting' and f.push_claimed_until >= ${now})) for update skip locked)
    returning id, order_id`;
});

async function push(ctx: Ctx, consumer: PushConsumer, claimed: Claimed): Promise<void> {
  const { sql } = ctx.database;
  const [event] = await readEvents(sql, sql`e.id = ${claimed.id} and e.push_state = 'waiting'`, 1);
  if (!event) return;
  const delivery = await deliverEvent(ctx, consumer, { ...event, orderId: claimed.orderId });
  const touched = await inTransaction(ctx, async (tx) => {
    await lockFeed(tx, consumer.connectionId);
    if (delivery.kind !== "taken") {
      await postpone(ctx, tx, consumer, event, delivery);
      return [];
    }
    const [moved] = await tx<{ wasAway: boolean }[]>`
      update feed_events set push_state = 'delivered', pushed_at = ${ctx.now()}, push_tries = push_tries + 1, next_push_at = null, push_claimed_until = null, push_note = null
       where id = ${event.id} and push_state = 'waiting' returning coalesce(push_first_at <= ${addMs(ctx.now(), -AWAY_MS)}, false) as was_away`;
    if (!moved) return [];
    const orders = consumer.kind === "onec" ? await confirmTold(ctx, tx, tx`e.id = ${event.id}`, [{ key: event.key, number: delivery.number }], "push") : [];
    await moveCursor(ctx, tx, consumer.connectionId);
    // Silence of a small shop is no absence: only what went through after it had not.
    if (moved.wasAway) await tx`update feed_cursors set push_up_since = ${ctx.now()} where connection_id = ${consumer.connectionId}`;
    await resolveAlert(ctx, tx, "ALR-13", pushKey(consumer.connectionId));
    if (consumer.kind === "onec") await resolveAlert(ctx, tx, "ALR-14", refusalKey(consumer.connectionId, event.key));
    return orders;
  });
  await sql`update connections set last_seen_at = greatest(last_seen_at, ${ctx.now()}) where id = ${consumer.connectionId} and ${delivery.kind !== "lost"}`;
  for (const orderId of touched) ctx.hint(orderId);
}

export const pushKey = (connectionId: string): string => `connection:${connectionId}:push`;

type Tx = Parameters<typeof confirmTold>[1];

/** Everything before the first event that is not delivered is acknowledged: who fetches beside the push gets only the rest. */
const moveCursor = (ctx: Ctx, tx: Tx, connectionId: string) => tx`
  update feed_cursors c set acked_at = ${ctx.now()},
         acked_seq = coalesce((select min(e.seq) - 1 from feed_events e where e.connection_id = c.connection_id and e.seq > c.acked_seq and e.push_state <> 'delivered'), c.last_seq)
   where c.connection_id = ${connectionId}`;

async function postpone(ctx: Ctx, tx: Tx, consumer: PushConsumer, event: EventRow, delivery: Exclude<Delivery, { kind: "taken" }>): Promise<void> {
  const now = ctx.now();
  const [since] = await tx<{ at: Date }[]>`
    select greatest(coalesce(e.push_first_at, ${now}), c.push_up_since) as at from feed_events e left join feed_cursors c on c.connection_id = e.connection_id where e.id = ${event.id}`;
  const isOver = consumer.kind === "shop" && now.getTime() - since!.at.getTime() >= SHOP_PATIENCE_MS;
  const [tried] = await tx<{ pushTries: number }[]>`
    update feed_events set push_tries = push_tries + 1, push_first_at = coalesce(push_first_at, ${now}), push_note = ${delivery.note}, push_claimed_until = null, push_state = ${isOver ? "stopped" : "waiting"},
           next_push_at = ${isOver ? null : addMs(now, pauses[Math.min(event.pushTries, pauses.length - 1)]!)}
     where id = ${event.id} and push_state = 'waiting' returning push_tries`;
  if (!tried) return;
  const isSettled = delivery.kind === "refused" && consumer.kind === "onec" && (await refuseTold(ctx, tx, { connectionId: consumer.connectionId, key: event.key, reason: delivery.note })) === "settled";
  const text = delivery.kind === "refused" ? refusalText(delivery.note, isSettled) : `Не доставлено, повторяем: ${delivery.note}`;
  await noteTold(ctx, tx, tx`e.id = ${event.id}`, { result: isSettled ? "skipped" : delivery.kind === "refused" ? "error" : "waiting_1c", text, isAttempt: true });
  if (tried.pushTries < 3 && !isOver) return;
  await raiseAlert(ctx, tx, {
    code: "ALR-13", objectKey: pushKey(consumer.connectionId), severity: isOver ? "P1" : "P2",
    title: `«${consumer.name}» не принимает оповещения об оплатах`,
    advice: `${delivery.note}. ${isOver ? "Три дня попыток вышли: исправьте адрес и отправьте оповещение ещё раз вручную." : "Повторы идут сами; ничего не потеряно."}`,
    detail: { eventId: event.id, tries: tried.pushTries },
  });
}
