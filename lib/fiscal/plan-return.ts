import type { Sql, Tx } from "@/db/index.ts";
import { writeTogether } from "@/db/write-together.ts";
import type { Ctx } from "@/lib/context.ts";
import type { DomainEvent } from "@/lib/events.ts";
import { addMs } from "@/lib/kit/time.ts";
import type { LockedLine, LockedOrder } from "@/lib/orders/lock-order.ts";
import { isPayableLifecycle } from "@/lib/orders/states.ts";
import type { RefundReason } from "@/lib/refunds/states.ts";
import { loadBalance } from "./load-balance.ts";
import { planReturnLines } from "./plan-return-lines.ts";
import type { ReturnPlan, ReturnedLine } from "./plan-return-lines.ts";
import { TARGET_MS } from "./plan-receipt.ts";
import { moneyLine } from "./receipt-line.ts";
import { problemOf } from "./receipt-problem.ts";
import type { Problem } from "./receipt-problem.ts";
import { splitReceipt, sumOf } from "./split-receipt.ts";
import { returnStands } from "./return-stands.ts";
import type { NotRequiredReason } from "./states.ts";
import { newReceiptWrites, notRequiredWrites } from "./write-receipt.ts";

type Event = Extract<DomainEvent, { type: "money.returned" }>;
/** The part of a return that its receipt is made of. */
export type Returned = Pick<Event, "order" | "refundId" | "contact"> & { fact: Pick<Event["fact"], "factId" | "amountKopecks" | "method" | "fiscalOwner" | "occurredAt" | "isTest" | "parentFactId"> };

const uncovered: Problem = { code: "RETURN_NOT_COVERED", text: "Возвращено больше, чем пробито чеками", advice: "Сверьте чеки заказа: возврат на эту сумму пробейте в кассе сами и закройте эту запись." };

/**
 * Plans the return receipt of money that went back, in the transaction of the fact and never before (LOST-25). Nothing when another
 * side prints (FISC-00); `not_required` with the reason of the income receipt when that one was not needed. The register gets
 * it after the receipts of the same order that came before (FISC-35).
 */
export async function planReturn(ctx: Ctx, tx: Tx, { fact, order, refundId, contact }: Returned): Promise<void> {
  if (fact.fiscalOwner !== "site") return;
  const about = { order, factId: fact.factId, shipmentId: null, isTest: fact.isTest };
  const [income, wish] = [await readIncome(tx, fact.parentFactId ?? null, order?.orderId ?? null), await readWish(tx, refundId)];
  if (income.notRequired) return writeTogether(tx, notRequiredWrites(ctx, tx, { ...about, purpose: "refund", kind: "income_return", totalKopecks: fact.amountKopecks }, income.notRequired));
  if (await returnStands(tx, { refundId, amountKopecks: fact.amountKopecks })) {
    return writeTogether(tx, notRequiredWrites(ctx, tx, { ...about, purpose: "refund", kind: "income_return", totalKopecks: fact.amountKopecks }, "return_stands"));
  }
  const plan = await planFor(tx, { order, parentFactId: fact.parentFactId ?? null, amountKopecks: fact.amountKopecks, lines: wish.lines, reason: wish.reason });
  const to = contact ?? income.contact ?? order?.orderContact ?? null;
  const lines = plan.receipts.flatMap((receipt) => receipt.lines);
  const parts = plan.receipts.flatMap(({ kind, lines: all }) => splitReceipt(all).map((part) => ({ kind, lines: part })));
  const problem = order && plan.uncoveredKopecks > 0n ? uncovered : problemOf({ order, contact: to, lines, partCount: parts.length, isReturn: true });
  // A stopped one carries the whole sum, so that nobody overlooks a part of it.
  const rows: { kind: "income" | "income_return"; lines: typeof lines }[] =
    problem === uncovered || parts.length === 0 ? [{ kind: "income_return", lines: [moneyLine("Возврат", fact.amountKopecks, "none", 3)] }] : parts;
  const isCash = fact.method === "cash";
  for (const [i, part] of rows.entries()) {
    const { receiptId, writes } = newReceiptWrites(ctx, tx, {
      ...about, purpose: "refund", kind: part.kind, partNo: i + 1, lines: part.lines, contact: to, dueAt: addMs(fact.occurredAt, TARGET_MS), problem, cashKopecks: isCash ? sumOf(part.lines) : 0n,
    });
    await writeTogether(tx, writes);
    if (!problem) await ctx.enqueue(tx, "receipt.work", { receiptId, stepNo: 0 });
  }
}

export type ReturnWish = { order: LockedOrder | null; parentFactId: string | null; amountKopecks: bigint; lines: readonly ReturnedLine[]; reason: RefundReason };

/** What the receipts of this return will say; the preview of the refund form asks the same (FISC-16). */
export async function planFor(tx: Tx | Sql, { order, parentFactId, amountKopecks, lines, reason }: ReturnWish): Promise<ReturnPlan> {
  const of = order ? { orderId: order.orderId } : parentFactId ? { factId: parentFactId } : null;
  if (of === null) return { receipts: [], uncoveredKopecks: amountKopecks };
  const [balance, ofPayment] = [await loadBalance(tx, of), parentFactId ? await loadBalance(tx, { factId: parentFactId }) : null];
  const current: readonly LockedLine[] = order && isPayableLifecycle(order.lifecycle) ? order.lines : [];
  const advanceOfPaymentKopecks = ofPayment?.advances.reduce((sum, one) => sum + one.openKopecks, 0n) ?? 0n;
  return planReturnLines({ amountKopecks, lines, reason, balance, current, advanceOfPaymentKopecks });
}

/** The receipts of the payment that goes back: no return without an income. */
export async function readIncome(tx: Tx | Sql, parentFactId: string | null, orderId: string | null): Promise<{ notRequired: NotRequiredReason | null; contact: string | null }> {
  const rows = await (tx as Tx)<{ state: string; reasonCode: NotRequiredReason | null; contact: string | null }[]>`
    select state, reason_code, contact from receipts where ${parentFactId ? tx`fact_id = ${parentFactId}` : tx`order_id = ${orderId} and purpose in ('prepayment', 'advance', 'credit_payment')`}
       and state <> 'cancelled' order by planned_at desc, part_no limit 40`;
  const standing = rows.filter((row) => row.state !== "not_required");
  return { notRequired: standing.length === 0 ? (rows[0]?.reasonCode ?? null) : null, contact: standing.find((row) => row.contact !== null)?.contact ?? null };
}

async function readWish(tx: Tx, refundId: string | null): Promise<{ reason: RefundReason; lines: ReturnedLine[] }> {
  if (refundId === null) return { reason: "other", lines: [] };
  const [refund] = await tx<{ reason: RefundReason }[]>`select reason from refunds where id = ${refundId}`;
  const lines = await tx<ReturnedLine[]>`
    select l.order_line_id, ol.onec_item_id as item_id, ol.name, ol.vat_rate as vat, l.quantity, l.sum_kopecks
      from refund_lines l join order_lines ol on ol.id = l.order_line_id where l.refund_id = ${refundId} order by l.line_no`;
  return { reason: refund?.reason ?? "other", lines };
}
