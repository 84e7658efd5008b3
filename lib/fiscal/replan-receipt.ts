import type { Tx } from "@/db/index.ts";
import { writeTogether } from "@/db/write-together.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict } from "@/lib/kit/errors.ts";
import { lockedOrderColumns, readLockedOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { receiptProblem, receiptWrites } from "./plan-receipt.ts";
import type { Captured } from "./plan-receipt.ts";

/** Faults of the order itself: its frozen lines can never become a receipt, those that 1C has corrected may. */
const orderFaults: ReadonlySet<string> = new Set(["LINES_TOTAL_MISMATCH", "TOO_MANY_LINES", "VAT20_BLOCKED", "NAME_EMPTY"]);
/** Faults of what stands around the order: the lines that the buyer saw still hold (FISC-37). */
const outerFaults: ReadonlySet<string> = new Set(["NO_REGISTER", "CONTACT_MISSING"]);

export const isOrderFault = (failCode: string | null): boolean => failCode !== null && orderFaults.has(failCode);

/** True: our own check stopped this receipt, it never went to a register, and only a new plan may. */
export const isPlannersFault = (failCode: string | null): boolean => failCode !== null && (orderFaults.has(failCode) || outerFaults.has(failCode));

/**
 * Cancels a receipt that our own checks stopped and plans another one for the same money, checks and all. The caller holds the
 * order. Returns the new receipt. Throws `conflict` with the reason while it still cannot be built: then nothing changes.
 */
export async function replanReceipt(ctx: Ctx, tx: Tx, old: { receiptId: string; orderId: string; failCode: string | null; contact: string | null }): Promise<string> {
  const [seen] = await tx<{ revisionNo: number }[]>`
    select v.no as revision_no from receipt_lines l join order_lines ol on ol.id = l.order_line_id join order_revisions v on v.id = ol.revision_id
     where l.receipt_id = ${old.receiptId} limit 1`;
  await tx`update receipts set state = 'cancelled', step_no = step_no + 1, next_try_at = null where id = ${old.receiptId}`;
  const [fact] = await tx<Captured["fact"][]>`
    select f.id as fact_id, f.amount_kopecks, f.method, f.fiscal_owner, f.occurred_at, f.is_test from money_facts f join receipts r on r.fact_id = f.id where r.id = ${old.receiptId}`;
  if (!fact || fact.fiscalOwner !== "site") throw conflict("Этот чек печатаем не мы");
  const current = await orderAt(tx, old.orderId, null);
  // Its lines were checked against the total before the register or the contact was looked for.
  const agreed = seen && outerFaults.has(old.failCode ?? "") ? { ...(await orderAt(tx, old.orderId, seen.revisionNo)), linesMatchTotal: true } : current;
  const events: Captured[] = [agreed, current].map((order) => ({ fact, order, contact: old.contact }));
  const event = events.find((each) => receiptProblem(each) === null);
  if (!event) {
    const problem = receiptProblem(events[0]!)!;
    throw conflict(`${problem.text}. ${problem.advice}`, { failCode: problem.code });
  }
  await writeTogether(tx, receiptWrites(ctx, tx, event));
  const planned = await tx<{ id: string; state: string; stepNo: number }[]>`
    select id, state, step_no from receipts where fact_id = ${fact.factId} and state <> 'cancelled' order by part_no`;
  for (const { id, state, stepNo } of planned) if (state === "planned") await ctx.enqueue(tx, "receipt.work", { receiptId: id, stepNo });
  return planned[0]!.id;
}

/** The order with the lines of one revision (null: the current one), without the receipt that was just cancelled. */
async function orderAt(tx: Tx, orderId: string, revisionNo: number | null): Promise<LockedOrder> {
  const [row] = await tx`select ${lockedOrderColumns(tx, revisionNo === null ? tx`o.revision_no` : tx`${revisionNo}::int`)} from orders o where o.id = ${orderId}`;
  return readLockedOrder(row as never);
}
