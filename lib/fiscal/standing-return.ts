import type { Tx } from "@/db/index.ts";
import { standingReturnSql } from "./moved-money.ts";

/**
 * How much the return receipts of an order (without one: of a payment) have given back of money that came back to us since, kopecks: those receipts stay
 * and are the receipts of the next way back (LOST-24). Each serves once, unless the second way back came back too.
 */
export async function standingReturn(tx: Tx, of: { orderId: string } | { paymentFactId: string }): Promise<bigint> {
  const isOurs = "orderId" in of ? tx`r.order_id = ${of.orderId}` : tx`r.order_id is null and x.payment_fact_id = ${of.paymentFactId}`;
  const [row] = await tx<{ kopecks: bigint }[]>`
    select coalesce(sum(case when ${standingReturnSql(tx)} and back.is_back then case when r.kind in ('income_return', 'income_return_correction') then r.total_kopecks else -r.total_kopecks end
                             when r.reason_code = 'return_stands' and not back.is_back then -r.total_kopecks else 0 end), 0)::bigint as kopecks
      from receipts r join refunds x on x.fact_id = r.fact_id
      cross join lateral (select exists (select 1 from money_facts f where f.kind = 'refund_reversed' and f.provider_operation_id = 'bounce:' || x.id) as is_back) back
     where ${isOurs} and r.state <> 'cancelled' and (r.corrects_receipt_id is null or r.purpose = 'correction')
       and not exists (select 1 from receipts v where v.corrects_receipt_id = r.id and v.purpose = 'reversal' and v.state <> 'cancelled')`;
  return row!.kopecks > 0n ? row!.kopecks : 0n;
}
