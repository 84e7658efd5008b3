import type { Tx } from "@/db/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isUnsentSql } from "./is-unsent.ts";
import { planReturn } from "./plan-return.ts";
import type { Returned } from "./plan-return.ts";

type Cancelled = Returned["fact"] & { refundId: string | null; contact: string | null; receiptIds: string[] };

/**
 * A hand-over was taken back before its receipt went out: a return that was to give back what it sold gives back a sale that never was. Returns of the
 * order of which nothing has gone out are planned anew, oldest first (FISC-20); none of that sale is out before the sale (FISC-35). The caller holds the order.
 */
export async function replanReturns(ctx: Ctx, tx: Tx, orderId: string): Promise<void> {
  const waiting = await tx<Cancelled[]>`
    select f.id as fact_id, f.amount_kopecks, f.method, f.fiscal_owner, f.occurred_at, f.is_test, f.parent_fact_id, (select x.id from refunds x where x.fact_id = f.id) as refund_id, max(r.contact) as contact, array_agg(r.id) as receipt_ids
      from receipts r join money_facts f on f.id = r.fact_id and f.kind = 'refund_succeeded'
     where r.order_id = ${orderId} and r.purpose = 'refund' and r.corrects_receipt_id is null and r.state not in ('cancelled', 'not_required')
     group by f.id having bool_and(${isUnsentSql(ctx, tx)}) order by f.occurred_at, f.id`;
  for (const { receiptIds } of waiting) {
    await tx`update receipts set state = 'cancelled', step_no = step_no + 1, next_try_at = null where id = any(${receiptIds})`;
    for (const id of receiptIds) {
      for (const code of ["ALR-06", "ALR-07", "ALR-08"]) await resolveAlert(ctx, tx, code, `receipt:${id}`);
      await recordEvent(ctx, tx, { orderId, kind: "receipt.not_required", subjectId: id, detail: { reason: "hand_over_changed" } });
    }
  }
  for (const { receiptIds: _, refundId, contact, ...fact } of waiting) await planReturn(ctx, tx, { fact, order: await lockOrder(tx, orderId), refundId, contact });
}
