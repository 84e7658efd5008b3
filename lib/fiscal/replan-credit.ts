import type { Tx } from "@/db/index.ts";
import { writeTogether } from "@/db/write-together.ts";
import type { Ctx } from "@/lib/context.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { cancelUnsent } from "./cancel-unsent.ts";
import { isUnsentSql } from "./is-unsent.ts";
import { receiptWrites } from "./plan-receipt.ts";
import type { Captured } from "./plan-receipt.ts";

type Cancelled = Captured["fact"] & { receiptIds: string[]; contact: string | null; afterPart: number };

/**
 * A hand-over on credit was taken back before its receipt went out: money that came meanwhile repays nothing now. Its receipts that have not gone out are
 * planned anew as what they are (FISC-01, FISC-23); what repays the credit of another hand-over comes out the same. The caller holds the order.
 */
export async function replanCredit(ctx: Ctx, tx: Tx, orderId: string): Promise<void> {
  const waiting = await tx<Cancelled[]>`
    select f.id as fact_id, sum(r.total_kopecks)::bigint as amount_kopecks, f.method, f.fiscal_owner, f.occurred_at, f.is_test, array_agg(r.id) as receipt_ids, max(r.contact) as contact,
           (select coalesce(max(s.part_no), 0) from receipts s where s.fact_id = f.id and s.state <> 'cancelled' and s.corrects_receipt_id is null and not s.id = any(array_agg(r.id))) as after_part
      from receipts r join money_facts f on f.id = r.fact_id
     where r.order_id = ${orderId} and r.purpose in ('prepayment', 'advance', 'credit_payment') and ${isUnsentSql(ctx, tx)}
       and exists (select 1 from receipts c where c.fact_id = f.id and c.order_id = r.order_id and c.purpose = 'credit_payment' and c.state not in ('cancelled', 'not_required'))
     group by f.id order by f.occurred_at, f.id`;
  // All of them first: what one of them was to repay must not stand in the way of another.
  for (const { receiptIds } of waiting) await cancelUnsent(ctx, tx, orderId, receiptIds);
  for (const { receiptIds: _, contact, afterPart, ...fact } of waiting) {
    await writeTogether(tx, receiptWrites(ctx, tx, { fact, order: await lockOrder(tx, orderId), contact }, afterPart));
    const planned = await tx<{ id: string; stepNo: number }[]>`select id, step_no from receipts where fact_id = ${fact.factId} and part_no > ${afterPart} and state = 'planned'`;
    for (const { id, stepNo } of planned) await ctx.enqueue(tx, "receipt.work", { receiptId: id, stepNo });
  }
}
