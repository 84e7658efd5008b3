import { copyTogether } from "@/db/copy-rows.ts";
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

/** Pay links of orders that 1C has just uploaded: new ones copied together, changed ones only where something is to be done. The caller sends nothing else on `tx` meanwhile. */
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
  const actor = actorText(ctx.actor);
  const links = orders.map((order) => ({ id: newId(), order, until: order.payUntil ?? validUntil }));
  await copyTogether(tx, [
    {
      table: "payment_links",
      columns: ["id", "order_id", "token", "state", "revision_no", "amount_kopecks", "valid_until", "created_at"],
      rows: links.map(({ id, order, until }) => [id, order.orderId, newToken(), "active", order.revisionNo, order.payableDueKopecks, until, now]),
    },
    {
      table: "order_events",
      columns: ["id", "order_id", "at", "kind", "actor", "amount_kopecks", "subject_id", "detail"],
      rows: links.map(({ id, order }) => [newId(), order.orderId, now, "link.created", actor, order.payableDueKopecks, id, "{}"]),
    },
  ]);
}
