import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { cancelUnsent } from "./cancel-unsent.ts";
import { failureCause } from "./failure-causes.ts";
import { isUnsentSql } from "./is-unsent.ts";
import { planReturnPart, returnedParts } from "./plan-return.ts";
import type { Returned } from "./plan-return.ts";

type Cancelled = Returned["fact"] & { refundId: string | null; contact: string | null; receiptIds: string[] };

/**
 * A hand-over was taken back before its receipt went out: a return that was to give back what it sold gives back a sale that never was. Returns of the
 * order of which nothing has gone out are planned anew, oldest first (FISC-20); none of that sale is out before the sale (FISC-35). One that is out or was
 * ended by a person in part is a person's: its rest is not printed by itself (ALR-08). The caller holds the order.
 */
export async function replanReturns(ctx: Ctx, tx: Tx, orderId: string): Promise<void> {
  const returns = await tx<(Cancelled & { isWhole: boolean; hasUnsent: boolean })[]>`
    select f.id as fact_id, f.amount_kopecks, f.method, f.fiscal_owner, f.occurred_at, f.is_test, f.parent_fact_id, (select x.id from refunds x where x.fact_id = f.id) as refund_id, max(r.contact) as contact, array_agg(r.id) as receipt_ids,
           bool_and(${isUnsentSql(ctx, tx)}) as is_whole, bool_or(${isUnsentSql(ctx, tx)}) as has_unsent
      from receipts r join money_facts f on f.id = r.fact_id and f.kind = 'refund_succeeded'
     where r.order_id = ${orderId} and r.purpose = 'refund' and r.corrects_receipt_id is null and r.state <> 'cancelled' and r.reason_code is distinct from 'return_stands'
     group by f.id order by f.occurred_at, f.id`;
  for (const { factId, isWhole, hasUnsent } of returns) if (!isWhole && hasUnsent) await stopParts(ctx, tx, orderId, factId);
  const waiting = returns.filter(({ isWhole }) => isWhole);
  for (const { receiptIds } of waiting) await cancelUnsent(ctx, tx, orderId, receiptIds);
  for (const { receiptIds: _receipts, isWhole: _isWhole, hasUnsent: _hasUnsent, refundId, contact, ...fact } of waiting) {
    const part = (await returnedParts(tx, fact)).find((each) => each.orderId === orderId);
    if (part) await planReturnPart(ctx, tx, { fact, order: await lockOrder(tx, orderId), refundId, contact, amountKopecks: part.amountKopecks });
  }
}

/** Nothing would hold these parts back any more, and they would give back what no receipt has sold. */
async function stopParts(ctx: Ctx, tx: Tx, orderId: string, factId: string): Promise<void> {
  const { title, advice } = failureCause("HAND_OVER_WITHDRAWN");
  const stopped = await tx<{ id: string; totalKopecks: bigint }[]>`
    update receipts r set state = 'failed_final', step_no = step_no + 1, claimed_until = null, next_try_at = null, fail_code = 'HAND_OVER_WITHDRAWN', fail_text = ${title}
     where r.fact_id = ${factId} and r.order_id = ${orderId} and r.purpose = 'refund' and r.corrects_receipt_id is null and ${isUnsentSql(ctx, tx)} returning r.id, r.total_kopecks`;
  for (const { id, totalKopecks } of stopped) {
    await raiseAlert(ctx, tx, { code: "ALR-08", objectKey: `receipt:${id}`, orderId, severity: "P1", amountKopecks: totalKopecks, title: `${title}: ${formatMoney(totalKopecks)}`, advice, detail: { code: "HAND_OVER_WITHDRAWN" } });
    await recordEvent(ctx, tx, { orderId, kind: "receipt.failed", subjectId: id, amountKopecks: totalKopecks, detail: { reason: title } });
  }
}
