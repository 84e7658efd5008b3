import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { lockFeed } from "./lock-feed.ts";

/** Events numbered under one lock; a base that was away for months is numbered in several goes. */
const BATCH = 2_000;
const ROUNDS = 50;

/**
 * Gives numbers to the committed events of one consumer, in the order of writing (API-22). Numbers are given here and not when the
 * row is written: whoever commits late gets a late number, so no reader's cursor can have passed it. The lock on the cursor makes
 * sequencers take turns; the statement after it sees everything that was committed before. Returns the highest number.
 */
export async function sequenceFeed(ctx: Ctx, connectionId: string): Promise<bigint> {
  const { sql } = ctx.database;
  let last = 0n;
  for (let round = 0; round < ROUNDS; round++) {
    const [standing] = await sql<{ lastSeq: bigint; hasNew: boolean }[]>`
      select coalesce(max(c.last_seq), 0)::bigint as last_seq, exists (select 1 from feed_events e where e.connection_id = ${connectionId} and e.seq is null) as has_new
        from feed_cursors c where c.connection_id = ${connectionId}`;
    last = standing!.lastSeq;
    if (!standing!.hasNew) return last;
    const count = await inTransaction(ctx, async (tx) => {
      await tx`insert into feed_cursors (connection_id) values (${connectionId}) on conflict do nothing`;
      await lockFeed(tx, connectionId);
      const [numbered] = await tx<{ count: number }[]>`
        with fresh as (
          select e.id, e.type, e.order_id, e.subject_id, e.share_kopecks, row_number() over (order by e.insert_no) as n from feed_events e
           where e.connection_id = ${connectionId} and e.seq is null order by e.insert_no limit ${BATCH}
        ), moved as (
          update feed_cursors c set last_seq = c.last_seq + (select count(*) from fresh) where c.connection_id = ${connectionId} returning c.last_seq
        ), given as (
          update feed_events e set seq = (select last_seq from moved) - (select count(*) from fresh) + f.n, paid_kopecks = m.paid, refunded_kopecks = m.refunded, due_kopecks = m.due
            from fresh f left join orders o on o.id = f.order_id
              -- Money as it stood with this very fact: two events numbered together do not both tell of the second (API-25). A fact that came
              -- to this order later is no measure.
              left join money_facts s on s.id = f.subject_id and (f.share_kopecks is null or s.kind <> 'payment_captured')
              left join lateral (
                select coalesce(sum(x.amount) filter (where x.kind = 'payment_captured'), 0) - coalesce(sum(x.amount) filter (where x.kind in ('payment_reversed', 'chargeback')), 0)
                         + coalesce(sum(x.amount) filter (where x.kind = 'chargeback_reversed'), 0) as paid,
                       coalesce(sum(x.amount) filter (where x.kind = 'refund_succeeded'), 0) - coalesce(sum(x.amount) filter (where x.kind = 'refund_reversed'), 0) as refunded
                  from (select w.kind, a.amount_kopecks as amount from allocations a join money_facts w on w.id = a.fact_id
                         where a.order_id = f.order_id and w.is_test = o.is_test and (s.id is null or (w.recorded_at, w.id) <= (s.recorded_at, s.id))) x) t on o.id is not null
              left join lateral (
                select t.paid::bigint as paid, t.refunded::bigint as refunded,
                       greatest(0, case when o.lifecycle in ('cancelled', 'deleted') then 0 else o.total_kopecks - o.goods_returned_kopecks end - t.paid + t.refunded)::bigint as due) m on o.id is not null
           where e.id = f.id returning 1
        )
        select count(*)::int as count from given`;
      return numbered!.count;
    });
    if (count < BATCH) break;
  }
  const [after] = await sql<{ lastSeq: bigint }[]>`select last_seq from feed_cursors where connection_id = ${connectionId}`;
  return after?.lastSeq ?? last;
}
