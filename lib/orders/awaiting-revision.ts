import type { Sql, Tx } from "@/db/index.ts";

/**
 * PAY-06: money went back because the order became smaller, and 1C has not sent the smaller order yet. What then looks due is not asked
 * for: no link, no reminder, «ждём новую сумму из 1С». A boolean expression; wants `o` = orders. Returned goods are awaited as a goods
 * return document, the other reasons as a new revision.
 */
export const awaitsRevisionSql = (on: Sql | Tx) => on`(
  o.refunded_kopecks > 0 and (
    exists (select 1 from refunds rf join order_revisions rv on rv.order_id = o.id and rv.no = o.revision_no
      where rf.order_id = o.id and rf.state = 'succeeded' and rf.reason in ('order_reduction', 'order_cancelled', 'price_concession') and rv.received_at <= rf.finished_at
        and not exists (select 1 from money_facts bf where bf.kind = 'refund_reversed' and bf.provider_operation_id = 'bounce:' || rf.id))
    or (select coalesce(sum(rf.amount_kopecks), 0) from refunds rf where rf.order_id = o.id and rf.state = 'succeeded' and rf.reason = 'goods_return'
        and not exists (select 1 from money_facts bf where bf.kind = 'refund_reversed' and bf.provider_operation_id = 'bounce:' || rf.id)) > o.goods_returned_kopecks))`;

/** The same of one order. */
export async function awaitsRevision(on: Sql | Tx, orderId: string): Promise<boolean> {
  const [row] = await on<{ awaits: boolean }[]>`select ${awaitsRevisionSql(on)} as awaits from orders o where o.id = ${orderId}`;
  return row?.awaits ?? false;
}
