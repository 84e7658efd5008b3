import type { Tx } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId, newToken } from "@/lib/kit/ids.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import type { TakenOrder } from "@/lib/orders/intake/taken-order.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { payBarSql } from "@/lib/orders/order-may.ts";
import { askedKopecks, ensureLink } from "./links.ts";
import { liveAttemptStates } from "./states.ts";

const live = liveAttemptStates as unknown as string[];

/** Pay links of orders that 1C has just uploaded: new ones in one statement, changed ones only where something is to be done. */
export async function offerLinks(ctx: Ctx, tx: Tx, orders: readonly TakenOrder[]): Promise<void> {
  const fresh = orders.filter((order) => order.isNew && order.reported === null && order.payableDueKopecks > 0n);
  if (fresh.length > 0) await insertLinks(ctx, tx, fresh);
  const others = orders.filter((order) => !order.isNew || order.reported !== null).map((order) => order.orderId);
  if (others.length === 0) return;
  const stale = await tx<{ id: string }[]>`
    select o.id from orders o
      left join payment_links l on l.order_id = o.id and l.state = 'active'
      cross join lateral (select case when o.lifecycle in ('cancelled', 'deleted') or not o.is_posted or o.onec_payment_number is not null then 0
          else greatest(0, o.total_kopecks - o.goods_returned_kopecks - o.captured_kopecks + o.reversed_kopecks + o.refunded_kopecks + o.charged_back_kopecks) end as due) d
     where o.id = any(${others}::uuid[]) and (
        (l.id is null and d.due > 0 and ${payBarSql(tx)} is null) or (l.id is not null and (d.due <> l.amount_kopecks or l.revision_no <> o.revision_no or l.valid_until <= ${ctx.now()} or l.valid_until <> o.pay_until))
        or exists (select 1 from payment_attempts a where a.order_id = o.id and not a.is_superseded and a.state = any(${live}) and a.amount_kopecks <> d.due))
     order by o.id`;
  for (const { id } of stale) await refreshOffer(ctx, tx, id);
}

/** The link of one changed order, and a job that takes back an attempt whose sum is no longer what is due (LOST-07, CML-21). */
export async function refreshOffer(ctx: Ctx, tx: Tx, orderId: string): Promise<void> {
  const order = await lockOrder(tx, orderId);
  await ensureLink(ctx, tx, order);
  const attempts = await tx<{ id: string }[]>`
    select id from payment_attempts where order_id = ${orderId} and not is_superseded and state = any(${live}) and amount_kopecks <> ${await askedKopecks(ctx, tx, order)}`;
  for (const { id } of attempts) await ctx.enqueue(tx, "attempt.withdraw", { attemptId: id });
}

async function insertLinks(ctx: Ctx, tx: Tx, orders: readonly TakenOrder[]): Promise<void> {
  const now = ctx.now();
  const validUntil = addMs(now, (await readSetting(tx, "link.validDays")) * DAY_MS);
  const rows = orders.map((order) => ({ id: newId(), order_id: order.orderId, token: newToken(), revision: order.revisionNo, amount: order.payableDueKopecks.toString(), until: order.payUntil ?? validUntil, event: newId() }));
  await tx`
    with given as (
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, order_id uuid, token text, revision int, amount bigint, until timestamptz, event uuid)
    ), links as (
      insert into payment_links (id, order_id, token, state, revision_no, amount_kopecks, valid_until, created_at)
      select id, order_id, token, 'active', revision, amount, until, ${now}::timestamptz from given
    )
    insert into order_events (id, order_id, at, kind, actor, amount_kopecks, subject_id, detail)
    select event, order_id, ${now}::timestamptz, 'link.created', ${actorText(ctx.actor)}::text, amount, id, '{}'::jsonb from given`;
}
