/** Return receipts whose money came back to us (LOST-24): they stay, and are the receipts of the next way back. */
import type { Sql, Tx } from "@/db/index.ts";

/** The refund of a receipt (alias `r`) came back to us (LOST-24). */
export const cameBackSql = (on: Sql | Tx): ReturnType<Tx> => (on as Tx)`exists (
  select 1 from refunds y join money_facts z on z.kind = 'refund_reversed' and z.provider_operation_id = 'bounce:' || y.id where y.fact_id = r.fact_id)`;

/**
 * How much the return receipts of an order (without one: of a payment that stands on none) have given back of money that came back to us since, kopecks: those receipts stay
 * and are the receipts of the next way back (LOST-24). Each serves once, unless the second way back came back too.
 */
export async function standingReturn(tx: Tx, of: { orderId: string } | { paymentFactId: string }): Promise<bigint> {
  const isOurs = "orderId" in of ? tx`r.order_id = ${of.orderId}` : tx`r.order_id is null and x.payment_fact_id = ${of.paymentFactId}`;
  const [row] = await tx<{ kopecks: bigint }[]>`
    select coalesce(sum(case when r.state not in ('cancelled', 'not_required') and back.is_back then case when r.kind in ('income_return', 'income_return_correction') then r.total_kopecks else -r.total_kopecks end
                             when r.reason_code = 'return_stands' and not back.is_back then -r.total_kopecks else 0 end), 0)::bigint as kopecks
      from receipts r join refunds x on x.fact_id = r.fact_id
      cross join lateral (select ${cameBackSql(tx)} as is_back) back
     where ${isOurs} and r.state <> 'cancelled' and (r.corrects_receipt_id is null or r.purpose = 'correction')
       and not exists (select 1 from receipts v where v.corrects_receipt_id = r.id and v.purpose = 'reversal' and v.state <> 'cancelled')`;
  return row!.kopecks > 0n ? row!.kopecks : 0n;
}

/** The order other than `orderId` whose return receipt of this payment waits for the next way back; null when none does. While one waits, the money stays where its receipts are. */
export async function standsElsewhere(tx: Tx, paymentFactId: string, orderId: string): Promise<string | null> {
  const orders = await tx<{ orderId: string }[]>`
    select distinct r.order_id from refunds x join receipts r on r.fact_id = x.fact_id and r.state not in ('cancelled', 'not_required') and r.corrects_receipt_id is null
     where x.payment_fact_id = ${paymentFactId} and r.order_id is not null and r.order_id <> ${orderId} and ${cameBackSql(tx)} order by 1`;
  for (const each of orders) if ((await standingReturn(tx, each)) > 0n) return each.orderId;
  return null;
}
