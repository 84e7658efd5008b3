import type { Tx } from "@/db/index.ts";
import { writeTogether } from "@/db/write-together.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { addMs } from "@/lib/kit/time.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { ReceiptKind, ReceiptLine } from "./cash-register.ts";
import { planLines } from "./plan-lines.ts";
import { TARGET_MS } from "./plan-receipt.ts";
import { holdReceipt } from "./read-receipt.ts";
import type { HeldReceipt } from "./read-receipt.ts";
import { sumOf } from "./split-receipt.ts";
import { newReceiptWrites } from "./write-receipt.ts";

export type ReversalInput = { receiptId: string; reason: string };

const oppositeOf: Record<ReceiptKind, { ordinary: ReceiptKind; correction: ReceiptKind }> = {
  income: { ordinary: "income_return", correction: "income_return_correction" },
  income_return: { ordinary: "income", correction: "income_correction" },
  income_correction: { ordinary: "income_return", correction: "income_return_correction" },
  income_return_correction: { ordinary: "income", correction: "income_correction" },
};

/**
 * Takes back a registered receipt that is wrong or one too many (FISC-32, LOST-26): by FFD 1.05 an ordinary receipt of the opposite
 * sign, by 1.2 a correction with the wrong data. What a duplicate (`recordDuplicate`) documented stands in the other receipt; a wrong one of
 * captured money is followed by the right one, planned from the order as it is now. By 1.05 both name the wrong one's fiscal sign
 * (1192). Answers the new receipts. Permission `receipt.correct`, audited. Throws `forbidden`, `invalid` (details.field),
 * `not_found`, `conflict`.
 */
export async function reverseReceipt(ctx: Ctx, input: ReversalInput): Promise<{ reversalId: string; rightId: string | null }> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "receipt.correct")) throw forbidden();
  const reason = input.reason.trim().slice(0, 1_000);
  if (reason.length < 5) throw invalid("Напишите, что в чеке неверно", { field: "reason" });
  const made = await inTransaction(ctx, async (tx) => {
    const wrong = await holdReceipt(tx, input.receiptId);
    if (wrong.state !== "registered" || wrong.orderId === null || wrong.connectionId === null || wrong.contact === null) throw conflict("Сторнировать можно только пробитый чек заказа");
    const isDuplicate = wrong.correctsReceiptId !== null && wrong.purpose !== "correction";
    if (wrong.purpose === "reversal") throw conflict("Это уже исправляющий чек");
    const [done] = await tx`select 1 from receipts where corrects_receipt_id = ${wrong.receiptId} and purpose = 'reversal' and state <> 'cancelled' limit 1`;
    if (done) throw conflict("Этот чек уже сторнирован");
    const isOld = wrong.ffd === "1.05";
    const kind = oppositeOf[wrong.kind][isOld ? "ordinary" : "correction"];
    const reversalId = await plan(ctx, tx, wrong, { purpose: "reversal", kind, lines: wrong.lines, offsetKopecks: wrong.offsetKopecks, creditKopecks: wrong.creditKopecks });
    // The order is read after the reversal: what was wrong no longer counts as receipted.
    const rightLines = isDuplicate ? null : await rightLinesOf(tx, wrong);
    const rightId = rightLines && (await plan(ctx, tx, wrong, { purpose: "correction", kind: isOld ? "income" : "income_correction", lines: rightLines, offsetKopecks: 0n, creditKopecks: 0n }));
    await recordAudit(ctx, tx, { action: "receipt.reversed", objectType: "receipt", objectId: wrong.receiptId, reason, before: { state: wrong.state, fiscalSign: wrong.fiscalSign }, after: { reversalId, rightId } });
    return { reversalId, rightId, orderId: wrong.orderId };
  });
  ctx.hint(made.orderId);
  return { reversalId: made.reversalId, rightId: made.rightId };
}

type Part = { purpose: "reversal" | "correction"; kind: ReceiptKind; lines: ReceiptLine[]; offsetKopecks: bigint; creditKopecks: bigint };

async function plan(ctx: Ctx, tx: Tx, wrong: HeldReceipt, part: Part): Promise<string> {
  const order = await lockOrder(tx, wrong.orderId!);
  const isCorrection = part.kind.endsWith("_correction");
  const { receiptId, writes } = newReceiptWrites(ctx, tx, {
    ...part, order, factId: wrong.factId, shipmentId: wrong.shipmentId, isTest: wrong.isTest, partNo: wrong.partNo, correctsReceiptId: wrong.receiptId, connectionId: wrong.connectionId,
    cashKopecks: wrong.cashKopecks, contact: wrong.contact, taxSystem: wrong.taxSystem, dueAt: addMs(ctx.now(), TARGET_MS), problem: null,
    correction: isCorrection ? { basis: "own", settledOn: wrong.registeredOn!, orderNumber: null } : null,
    additionalAttribute: isCorrection ? null : wrong.fiscalSign,
  });
  await writeTogether(tx, writes);
  await ctx.enqueue(tx, "receipt.work", { receiptId, stepNo: 0 });
  return receiptId;
}

/** Only what captured money is for can be computed anew; a hand-over or a return is history that a person must state. */
async function rightLinesOf(tx: Tx, wrong: HeldReceipt): Promise<ReceiptLine[]> {
  const isOfCapture = (wrong.kind === "income" || wrong.kind === "income_correction") && wrong.factId !== null && wrong.shipmentId === null && wrong.lines.every((line) => line.method <= 3);
  if (!isOfCapture) throw conflict("Верный чек вместо этого собирает только человек: сторнируйте этот как лишний и пробейте верный на кассе");
  const order = await lockOrder(tx, wrong.orderId!);
  if (!order.linesMatchTotal) throw conflict("Строки заказа не сходятся с суммой. Исправьте заказ в 1С");
  const { lines } = planLines(order, wrong.totalKopecks, wrong.taxSystem);
  if (sumOf(lines) !== wrong.totalKopecks || lines.length > 100) throw conflict("Верный чек не собрать из строк заказа: сторнируйте этот как лишний и пробейте верный на кассе");
  return lines;
}
