import type { Sql, Tx } from "@/db/index.ts";
import { writeTogether } from "@/db/write-together.ts";
import type { Ctx } from "@/lib/context.ts";
import type { DomainEvent } from "@/lib/events.ts";
import { addMs } from "@/lib/kit/time.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedLine, LockedOrder } from "@/lib/orders/lock-order.ts";
import { isPayableLifecycle } from "@/lib/orders/states.ts";
import { standingReturn } from "@/lib/refunds/standing-return.ts";
import type { RefundReason } from "@/lib/refunds/states.ts";
import { loadBalance } from "./load-balance.ts";
import { incomeOrderSql, keptOrderSql, receiptIdsSql } from "./moved-money.ts";
import { planReturnLines } from "./plan-return-lines.ts";
import type { ReturnPlan, ReturnedLine } from "./plan-return-lines.ts";
import { TARGET_MS } from "./plan-receipt.ts";
import { moneyLine } from "./receipt-line.ts";
import { problemOf } from "./receipt-problem.ts";
import type { Problem } from "./receipt-problem.ts";
import { smaller } from "./balance.ts";
import { splitReceipt, sumOf } from "./split-receipt.ts";
import type { NotRequiredReason } from "./states.ts";
import { newReceiptWrites, notRequiredWrites } from "./write-receipt.ts";

type Event = Extract<DomainEvent, { type: "money.returned" }>;
/** What of a return its receipts are made of. */
export type Returned = Pick<Event, "order" | "refundId" | "contact"> & { fact: Pick<Event["fact"], "factId" | "amountKopecks" | "method" | "fiscalOwner" | "occurredAt" | "isTest" | "parentFactId"> };
/** What of it went back from `order`, kopecks. */
export type ReturnedPart = Returned & { amountKopecks: bigint };

const uncovered: Problem = { code: "RETURN_NOT_COVERED", text: "Возвращено больше, чем пробито чеками", advice: "Сверьте чеки заказа: возврат на эту сумму пробейте в кассе сами и закройте эту запись." };

/**
 * Plans the return receipts of money that went back, in the transaction of the fact and never before (LOST-25). Nothing when another
 * side prints (FISC-00); `not_required` with the reason of the income receipt when that one was not needed. Each order that the money stood on
 * gives back its own part (LOST-09). The register gets a receipt after those of the same order that came before (FISC-35).
 */
export async function planReturn(ctx: Ctx, tx: Tx, returned: Returned): Promise<void> {
  const { fact, order } = returned;
  if (fact.fiscalOwner !== "site") return;
  const { notRequired } = await readIncome(tx, fact.parentFactId ?? null, order?.orderId ?? null);
  if (notRequired) return writeTogether(tx, needlessWrites(ctx, tx, { ...returned, amountKopecks: fact.amountKopecks }, notRequired, 1));
  for (const { orderId, amountKopecks } of await returnedParts(tx, fact)) {
    const of = orderId === null ? null : orderId === order?.orderId ? order : await lockOrder(tx, orderId);
    await planReturnPart(ctx, tx, { ...returned, order: of, amountKopecks });
  }
}

/** One order's part of a return: its receipts follow those of the same money that stand already. What the receipt of a refund that came back has given back needs none. */
export async function planReturnPart(ctx: Ctx, tx: Tx, part: ReturnedPart): Promise<void> {
  const { fact, order, contact } = part;
  const parentFactId = fact.parentFactId ?? null;
  const [last] = await tx<{ no: number }[]>`select coalesce(max(part_no), 0)::int as no from receipts where fact_id = ${fact.factId} and state <> 'cancelled' and corrects_receipt_id is null`;
  // One that is planned anew keeps what stood for it.
  const [known] = await tx<{ kopecks: bigint }[]>`
    select coalesce(sum(total_kopecks), 0)::bigint as kopecks from receipts where fact_id = ${fact.factId} and order_id is not distinct from ${order?.orderId ?? null}::uuid and state = 'not_required' and reason_code = 'return_stands' and corrects_receipt_id is null`;
  const dueKopecks = part.amountKopecks - known!.kopecks;
  const stands = order ? await standingReturn(tx, { orderId: order.orderId }) : parentFactId ? await standingReturn(tx, { paymentFactId: parentFactId }) : 0n;
  const needless = smaller(stands, dueKopecks);
  const amountKopecks = dueKopecks - needless;
  if (needless > 0n) await writeTogether(tx, needlessWrites(ctx, tx, { ...part, amountKopecks: needless }, "return_stands", last!.no + 1));
  if (amountKopecks <= 0n) return;
  const partsBefore = last!.no + (needless > 0n ? 1 : 0);
  const [income, wish] = [await readIncome(tx, parentFactId, order?.orderId ?? null), await readWish(tx, part.refundId, order?.orderId ?? null)];
  const plan = await planFor(tx, { order, parentFactId, amountKopecks, ...wish, factId: fact.factId });
  const to = contact ?? income.contact ?? order?.orderContact ?? null;
  const lines = plan.receipts.flatMap((receipt) => receipt.lines);
  const parts = plan.receipts.flatMap(({ kind, lines: all }) => splitReceipt(all).map((some) => ({ kind, lines: some })));
  const problem = order && plan.uncoveredKopecks > 0n ? uncovered : problemOf({ order, contact: to, lines, partCount: parts.length, isReturn: true });
  // A stopped one carries the whole sum, so that nobody overlooks a part of it.
  const rows: { kind: "income" | "income_return"; lines: typeof lines }[] =
    problem === uncovered || parts.length === 0 ? [{ kind: "income_return", lines: [moneyLine("Возврат", amountKopecks, "none", 3)] }] : parts;
  const isCash = fact.method === "cash";
  for (const [i, row] of rows.entries()) {
    const { receiptId, writes } = newReceiptWrites(ctx, tx, {
      order, factId: fact.factId, shipmentId: null, isTest: fact.isTest,
      purpose: "refund", kind: row.kind, partNo: partsBefore + i + 1, lines: row.lines, contact: to, dueAt: addMs(fact.occurredAt, TARGET_MS), problem, cashKopecks: isCash ? sumOf(row.lines) : 0n,
    });
    await writeTogether(tx, writes);
    if (!problem) await ctx.enqueue(tx, "receipt.work", { receiptId, stepNo: 0 });
  }
}

const needlessWrites = (ctx: Ctx, tx: Tx, { fact, order, amountKopecks }: ReturnedPart, reason: NotRequiredReason, partNo: number) =>
  notRequiredWrites(ctx, tx, { order, factId: fact.factId, shipmentId: null, isTest: fact.isTest, purpose: "refund", kind: "income_return", partNo, totalKopecks: amountKopecks }, reason);

/** Where a return's money stood, as receipts see it, kopecks: what the buyer kept as an advance goes back on the receipts of the order that it left last. */
export async function returnedParts(tx: Tx, fact: Returned["fact"]): Promise<{ orderId: string | null; amountKopecks: bigint }[]> {
  return tx<{ orderId: string | null; amountKopecks: bigint }[]>`
    select coalesce(a.order_id, ${keptOrderSql(tx, tx`${fact.parentFactId ?? null}::uuid`)}) as order_id, sum(a.amount_kopecks)::bigint as amount_kopecks
      from allocations a where a.fact_id = ${fact.factId} group by 1 order by 1 nulls last`;
}

export type ReturnWish = { order: LockedOrder | null; parentFactId: string | null; amountKopecks: bigint; lines: readonly ReturnedLine[]; reason: RefundReason; /** The return itself, once it is recorded. */ factId?: string };

/** What the receipts of this return will say; the preview of the refund form asks the same (FISC-16). */
export async function planFor(tx: Tx | Sql, { order, parentFactId, amountKopecks, lines, reason, factId }: ReturnWish): Promise<ReturnPlan> {
  const of = order ? { orderId: order.orderId } : parentFactId ? { factId: parentFactId } : null;
  if (of === null) return { receipts: [], uncoveredKopecks: amountKopecks };
  const [balance, ofPayment] = [await loadBalance(tx, of, factId ?? null), parentFactId ? await loadBalance(tx, { factId: parentFactId }) : null];
  const current: readonly LockedLine[] = order && isPayableLifecycle(order.lifecycle) ? order.lines : [];
  const incomeOrderId = parentFactId ? await readIncomeOrder(tx, parentFactId) : null;
  // Money that another order's receipt took stands here as an advance.
  const isArrived = order !== null && incomeOrderId !== null && incomeOrderId !== order.orderId;
  const advanceOfPaymentKopecks = isArrived ? amountKopecks : (ofPayment?.advances.reduce((sum, one) => sum + one.openKopecks, 0n) ?? 0n);
  return planReturnLines({ amountKopecks, lines, reason, balance, current, advanceOfPaymentKopecks });
}

async function readIncomeOrder(tx: Tx | Sql, factId: string): Promise<string | null> {
  const [row] = await (tx as Tx)<{ orderId: string | null }[]>`select ${incomeOrderSql(tx, (tx as Tx)`${factId}::uuid`)} as order_id`;
  return row!.orderId;
}

/** The receipts of the payment that goes back: no return without an income. */
export async function readIncome(tx: Tx | Sql, parentFactId: string | null, orderId: string | null): Promise<{ notRequired: NotRequiredReason | null; contact: string | null }> {
  const rows = await (tx as Tx)<{ state: string; reasonCode: NotRequiredReason | null; contact: string | null }[]>`
    select state, reason_code, contact from receipts where ${parentFactId ? (tx as Tx)`id in ${receiptIdsSql(tx, (tx as Tx)`${parentFactId}::uuid`)}` : (tx as Tx)`order_id = ${orderId} and purpose in ('prepayment', 'advance', 'credit_payment')`}
       and state <> 'cancelled' order by planned_at desc, part_no limit 40`;
  const standing = rows.filter((row) => row.state !== "not_required");
  return { notRequired: standing.length === 0 ? (rows[0]?.reasonCode ?? null) : null, contact: standing.find((row) => row.contact !== null)?.contact ?? null };
}

/** Goods and reason are those of the order that the refund names. */
async function readWish(tx: Tx, refundId: string | null, orderId: string | null): Promise<{ reason: RefundReason; lines: ReturnedLine[] }> {
  if (refundId === null) return { reason: "other", lines: [] };
  const [refund] = await tx<{ reason: RefundReason; orderId: string | null }[]>`select reason, order_id from refunds where id = ${refundId}`;
  if (!refund || refund.orderId !== orderId) return { reason: "other", lines: [] };
  const lines = await tx<ReturnedLine[]>`
    select l.order_line_id, ol.onec_item_id as item_id, ol.name, ol.vat_rate as vat, l.quantity, l.sum_kopecks
      from refund_lines l join order_lines ol on ol.id = l.order_line_id where l.refund_id = ${refundId} order by l.line_no`;
  return { reason: refund.reason, lines };
}
