import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { isCompanyPayer, notRequiredReasons, planClosingLines, planReceipts, planReturnLines, problemOf } from "@/lib/fiscal/index.ts";
import type { NotRequiredReason } from "@/lib/fiscal/index.ts";
import type { ReceiptKind, ReceiptLine } from "@/lib/fiscal/cash-register.ts";
import { newId } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { isPayableLifecycle } from "@/lib/orders/states.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { dryLine, rehearsedOrder } from "./dry-receipt.ts";
import type { DryReceipt, PastDry } from "./dry-receipt.ts";
import { readTold } from "./read-told.ts";
import type { Told } from "./read-told.ts";

/**
 * Job: builds what would have gone out for orders of a shadow store had the money come through the site (PIL-01), and keeps it for viewing:
 * the receipt and the document for 1C of each payment and return, the closing receipt of each hand-over. What is kept already stays.
 */
export async function rehearseOrders(ctx: Ctx, orderIds: readonly string[]): Promise<void> {
  for (const orderId of orderIds) await inTransaction(ctx, (tx) => rehearse(ctx, tx, orderId));
}

async function rehearse(ctx: Ctx, tx: Tx, orderId: string): Promise<void> {
  const order = await lockOrder(tx, orderId);
  const [store] = await tx<{ mode: string }[]>`select mode from stores where id = ${order.storeId}`;
  if (store?.mode !== "shadow" || order.isOurs) return;
  const past = await tx<(PastDry & { key: string })[]>`select key, receipt_kind, purpose, is_problem, content from dry_runs where order_id = ${orderId} and kind = 'receipt' order by created_at, id`;
  const known = new Set(past.map((one) => one.key));
  for (const told of await readTold(tx, order)) {
    if (known.has(told.key)) continue;
    const receipt = await planOf(tx, order, past, told);
    if (receipt) {
      await insertReceipt(ctx, tx, order, told, receipt);
      past.push({ key: told.key, ...receipt });
    }
    if (told.kind !== "shipment") await insertExport(ctx, tx, order, told);
  }
}

type DryPlan = PastDry & { totalKopecks: bigint; problem: string | null };

/** The same planners as real receipts; only what they look at is the rehearsal's own past. */
async function planOf(tx: Tx, real: LockedOrder, past: readonly PastDry[], told: Told): Promise<DryPlan | null> {
  const { order, balance } = rehearsedOrder(real, past);
  // The buyer types it on the pay page; only the register's other demands can fail.
  const contact = order.orderContact ?? "+70000000000";
  if (told.kind === "payment") {
    const plan = planReceipts({ order, contact, fact: { factId: "", amountKopecks: told.amountKopecks, method: told.method, fiscalOwner: "site", occurredAt: told.at, isTest: order.isTest } });
    if ("reason" in plan) return none(order, "prepayment", "income", told.amountKopecks, plan.reason);
    return dry(order, plan.parts[0]!.purpose, "income", plan.parts.flatMap((part) => part.lines), plan.problem?.text ?? null);
  }
  if (told.kind === "return") {
    const plan = planReturnLines({ amountKopecks: told.amountKopecks, lines: [], reason: "other", balance, current: isPayableLifecycle(order.lifecycle) ? order.lines : [], advanceOfPaymentKopecks: 0n });
    const lines = plan.receipts.filter((receipt) => receipt.kind === "income_return").flatMap((receipt) => receipt.lines);
    return lines.length === 0 ? null : dry(order, "refund", "income_return", lines, problemOf({ order, contact, lines, partCount: 1, isReturn: true })?.text ?? null);
  }
  const total = told.lines.reduce((sum, line) => sum + line.sumKopecks, 0n);
  const trigger = await readSetting(tx, "closingTrigger");
  const plan = trigger === "never" ? ({ kind: "not_required", reason: "closing_off" } as const) : planClosingLines({
    lines: told.lines, balance, unpaidRest: await readSetting(tx, "closing.unpaidRest"), isCompany: isCompanyPayer(order), hasForeignMoney: false, hasDeferral: order.dueDate !== null,
  });
  if (plan.kind === "not_required") return none(order, "closing", "income", total, plan.reason);
  const problem = plan.hasMarkCodes ? (problemOf({ order, contact, lines: plan.lines, partCount: 1 })?.text ?? null) : "У маркированного товара нет кода";
  return dry(order, "closing", "income", plan.lines, problem, plan);
}

type Parts = { offsetKopecks: bigint; creditKopecks: bigint };

function dry(order: LockedOrder, purpose: string, receiptKind: ReceiptKind, lines: readonly ReceiptLine[], problem: string | null, { offsetKopecks, creditKopecks }: Parts = { offsetKopecks: 0n, creditKopecks: 0n }): DryPlan {
  const content: DryReceipt = { lines: lines.map(dryLine), offsetKopecks: offsetKopecks.toString(), creditKopecks: creditKopecks.toString(), contact: order.orderContact, reason: null };
  return { purpose, receiptKind, content, problem, isProblem: problem !== null, totalKopecks: lines.reduce((sum, line) => sum + line.sumKopecks, 0n) };
}

function none(order: LockedOrder, purpose: string, receiptKind: ReceiptKind, totalKopecks: bigint, reason: NotRequiredReason): DryPlan {
  return { purpose, receiptKind, totalKopecks, problem: notRequiredReasons[reason], isProblem: false, content: { lines: [], offsetKopecks: "0", creditKopecks: "0", contact: order.orderContact, reason } };
}

async function insertReceipt(ctx: Ctx, tx: Tx, order: LockedOrder, told: Told, plan: DryPlan): Promise<void> {
  await tx`
    insert into dry_runs (id, order_id, kind, key, revision_no, amount_kopecks, purpose, receipt_kind, content, problem, is_problem, created_at, is_test)
    values (${newId()}, ${order.orderId}, 'receipt', ${told.key}, ${order.orderRevisionNo}, ${plan.totalKopecks}, ${plan.purpose}, ${plan.receiptKind}, ${JSON.stringify(plan.content)}::text::jsonb,
      ${plan.problem}, ${plan.isProblem}, ${ctx.now()}, ${order.isTest}) on conflict (order_id, kind, key) do nothing`;
}

async function insertExport(ctx: Ctx, tx: Tx, order: LockedOrder, told: Exclude<Told, { kind: "shipment" }>): Promise<void> {
  if (order.onecConnectionId === null) return;
  const content = { kind: told.kind === "payment" ? "payment_captured" : "refund_succeeded", method: told.method, documentNumber: told.documentNumber };
  await tx`
    insert into dry_runs (id, order_id, kind, key, revision_no, amount_kopecks, content, is_problem, created_at, is_test)
    values (${newId()}, ${order.orderId}, 'export', ${told.key}, ${order.orderRevisionNo}, ${told.amountKopecks}, ${JSON.stringify(content)}::text::jsonb, false, ${ctx.now()}, ${order.isTest})
    on conflict (order_id, kind, key) do nothing`;
}
