import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { payBarSql } from "@/lib/orders/order-may.ts";
import { refreshOffer } from "./offer-links.ts";

const ORDERS_PER_STEP = 200;

/**
 * Job: a store takes money again, or more of its orders may be paid (mode, kill switch, pilot): orders that ask for money and never had a
 * link get one, and those that 1C changed since the bar began. A link that ran out stays so; the buyer may ask for a new one. One page
 * per job; the next one follows in the same transaction. Runs twice without harm.
 */
export async function offerStore(ctx: Ctx, { storeId, since, after }: { storeId: string; since: string; after: string }): Promise<void> {
  const touched = await inTransaction(ctx, async (tx) => {
    const page = await tx<{ id: string; no: bigint }[]>`
      select o.id, o.no from orders o
       where o.store_id = ${storeId} and o.no > ${after}::bigint and o.is_posted and o.onec_payment_number is null and o.lifecycle not in ('cancelled', 'deleted')
         and o.payment_status in ('not_paid', 'partially_paid') and ${payBarSql(tx)} is null
         and not exists (select 1 from payment_links l where l.order_id = o.id and l.state = 'active')
         and (o.updated_at >= ${since}::timestamptz or not exists (select 1 from payment_links l where l.order_id = o.id and l.state <> 'superseded'))
       order by o.no limit ${ORDERS_PER_STEP}`;
    for (const { id } of page) await refreshOffer(ctx, tx, id);
    const last = page.at(-1);
    if (page.length === ORDERS_PER_STEP && last) await ctx.enqueue(tx, "links.offer", { storeId, since, after: last.no.toString() });
    return page;
  });
  for (const { id } of touched) ctx.hint(id);
}
