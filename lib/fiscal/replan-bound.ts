import type { Tx } from "@/db/index.ts";
import { writeTogether } from "@/db/write-together.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { cameBackSql } from "@/lib/refunds/standing-return.ts";
import { receiptWrites } from "./plan-receipt.ts";
import { planReturn } from "./plan-return.ts";
import type { Returned } from "./plan-return.ts";
import type { Captured } from "./plan-receipt.ts";

/**
 * Money without an order could not be receipted; now its order is known: the stopped plan is cancelled and made anew (LOST-20). A
 * receipt that went out meanwhile stays as it is.
 */
export async function replanBound(ctx: Ctx, tx: Tx, { factId, order, contact }: { factId: string; order: LockedOrder; contact: string | null }): Promise<void> {
  await cancelStopped(ctx, tx, factId);
  const [standing] = await tx`select 1 from receipts where fact_id = ${factId} and state <> 'cancelled' limit 1`;
  if (standing) return;
  const [fact] = await tx<Captured["fact"][]>`select id as fact_id, amount_kopecks, method, fiscal_owner, occurred_at, is_test from money_facts where id = ${factId}`;
  await writeTogether(tx, receiptWrites(ctx, tx, { fact: fact!, order, contact }));
  const planned = await tx<{ id: string; stepNo: number }[]>`select id, step_no from receipts where fact_id = ${factId} and state = 'planned'`;
  for (const { id, stepNo } of planned) await ctx.enqueue(tx, "receipt.work", { receiptId: id, stepNo });
  await replanReturnsOf(ctx, tx, factId, order, contact);
}

/** What of the money had gone back before its order was known. */
async function replanReturnsOf(ctx: Ctx, tx: Tx, factId: string, order: LockedOrder, contact: string | null): Promise<void> {
  const returns = await tx<(Returned["fact"] & { refundId: string | null })[]>`
    select g.id as fact_id, g.amount_kopecks, g.method, g.fiscal_owner, g.occurred_at, g.is_test, g.parent_fact_id, (select x.id from refunds x where x.fact_id = g.id) as refund_id
      from money_facts g where g.parent_fact_id = ${factId} and g.kind = 'refund_succeeded'
       and exists (select 1 from receipts r where r.fact_id = g.id and r.state = 'failed_final' and r.fail_code = 'ORDER_UNKNOWN' and not ${cameBackSql(tx)}) order by g.occurred_at, g.id`;
  for (const { refundId, ...fact } of returns) {
    await cancelStopped(ctx, tx, fact.factId);
    await planReturn(ctx, tx, { fact, order, refundId, contact });
  }
}

async function cancelStopped(ctx: Ctx, tx: Tx, factId: string): Promise<void> {
  const cancelled = await tx<{ id: string }[]>`
    update receipts set state = 'cancelled', step_no = step_no + 1, next_try_at = null where fact_id = ${factId} and state = 'failed_final' and fail_code = 'ORDER_UNKNOWN' returning id`;
  for (const { id } of cancelled) await resolveAlert(ctx, tx, "ALR-08", `receipt:${id}`);
}
