import type { Tx } from "@/db/index.ts";

/**
 * Whether this money goes to the buyer a second time because the first refund of the same sum came back (LOST-24): that one's return
 * receipt stays and is the receipt of this one. Each receipt that stayed serves once, unless the second way back came back too.
 */
export async function returnStands(tx: Tx, { refundId, amountKopecks }: { refundId: string | null; amountKopecks: bigint }): Promise<boolean> {
  if (refundId === null) return false;
  const [row] = await tx<{ left: number }[]>`
    with bounced as (
      select r.id, r.fact_id, exists (select 1 from money_facts f where f.kind = 'refund_reversed' and f.provider_operation_id = 'bounce:' || r.id) as is_back
        from refunds r join refunds mine on mine.id = ${refundId} and r.id <> mine.id and r.amount_kopecks = ${amountKopecks}
         and (r.order_id = mine.order_id or (r.order_id is null and mine.order_id is null and r.payment_fact_id = mine.payment_fact_id))
       where r.fact_id is not null)
    select count(*) filter (where b.is_back and x.stands)::int - count(*) filter (where not b.is_back and x.leans)::int as left
      from bounced b cross join lateral (
        select coalesce(bool_or(c.state not in ('cancelled', 'not_required')), false) as stands, coalesce(bool_or(c.reason_code = 'return_stands'), false) as leans
          from receipts c where c.fact_id = b.fact_id) x`;
  return row!.left > 0;
}
