import { recordAudit } from "@/lib/audit/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { writeTogether } from "@/db/write-together.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { addMs, localDate } from "@/lib/kit/time.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import type { ReceiptKind } from "./cash-register.ts";
import { TARGET_MS } from "./plan-receipt.ts";
import { holdReceipt, registerOf } from "./read-receipt.ts";
import { newReceiptWrites } from "./write-receipt.ts";

export type CorrectionInput = {
  receiptId: string;
  /** `own`: nobody asked us (1173 = 0); `order`: by order of the tax office, with its number (1173 = 1, 1179). */
  basis: "own" | "order";
  orderNumber?: string | null;
};

/** Their documents may be printed already: a correction would double the revenue. */
const mayBePrinted: ReadonlySet<string> = new Set(["LOST_BY_REGISTER", "RECEIPT_DUPLICATE"]);
/** Their lines are no receipt. */
const notBuilt: ReadonlySet<string> = new Set(["ORDER_UNKNOWN", "LINES_TOTAL_MISMATCH", "TOO_MANY_LINES", "NAME_EMPTY", "RETURN_NOT_COVERED", "MARK_CODE_REQUIRED", "VAT20_BLOCKED"]);

const correctionOf: Partial<Record<ReceiptKind, ReceiptKind>> = { income: "income_correction", income_return: "income_return_correction" };

/**
 * A settlement whose receipt was never made gets a correction receipt with the lines of the plan (FISC-31, LOST-15, E12): one per
 * settlement, its day is the day of the settlement (1178). Answers the new receipt. Permission `receipt.correct`, audited. Throws
 * `forbidden`, `invalid` (details.field), `not_found`, `conflict` when the receipt waits for nothing, may be printed already, or is a correction.
 */
export async function makeCorrectionReceipt(ctx: Ctx, input: CorrectionInput): Promise<{ receiptId: string }> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "receipt.correct")) throw forbidden();
  const orderNumber = input.basis === "order" ? (input.orderNumber?.trim() ?? "") : null;
  if (orderNumber !== null && (orderNumber.length < 1 || orderNumber.length > 32)) throw invalid("Укажите номер предписания, до 32 знаков", { field: "orderNumber" });
  const made = await inTransaction(ctx, async (tx) => {
    const late = await holdReceipt(tx, input.receiptId);
    if (late.state !== "failed_final") throw conflict("Чек коррекции делают для чека, который ждёт решения");
    if (mayBePrinted.has(late.failCode ?? "")) throw conflict("Этот чек мог пробиться. Сначала сверьте документ в кабинете кассы");
    const kind = correctionOf[late.kind];
    if (!kind || notBuilt.has(late.failCode ?? "") || late.orderId === null || late.lines.length === 0) throw conflict("Коррекцию не из чего собрать: сначала исправьте причину ошибки");
    if (late.contact === null) throw conflict("Укажите почту или телефон покупателя и повторите чек");
    const connectionId = await registerOf(tx, late);
    if (connectionId === null) throw conflict("Не подключена касса организации. Подключите кассу в настройках");
    const order = await lockOrder(tx, late.orderId);
    await tx`update receipts set state = 'not_required', reason_code = 'corrected', step_no = step_no + 1, next_try_at = null where id = ${late.receiptId}`;
    const { receiptId, writes } = newReceiptWrites(ctx, tx, {
      order, factId: late.factId, shipmentId: late.shipmentId, isTest: late.isTest, purpose: "correction", kind, partNo: late.partNo, correctsReceiptId: late.receiptId, connectionId,
      lines: late.lines, offsetKopecks: late.offsetKopecks, creditKopecks: late.creditKopecks, cashKopecks: late.cashKopecks, contact: late.contact, taxSystem: late.taxSystem,
      dueAt: addMs(ctx.now(), TARGET_MS), problem: null, correction: { basis: input.basis, settledOn: localDate(late.settledAt, ctx.zone), orderNumber },
    });
    await writeTogether(tx, writes);
    await ctx.enqueue(tx, "receipt.work", { receiptId, stepNo: 0 });
    await resolveAlert(ctx, tx, "ALR-08", `receipt:${late.receiptId}`);
    await recordEvent(ctx, tx, { orderId: late.orderId, kind: "receipt.not_required", subjectId: late.receiptId, detail: { reason: "corrected" } });
    await recordAudit(ctx, tx, {
      action: "receipt.corrected", objectType: "receipt", objectId: late.receiptId, before: { state: late.state, failCode: late.failCode }, after: { state: "not_required", correctedBy: receiptId, basis: input.basis, orderNumber },
    });
    return { receiptId, orderId: late.orderId };
  });
  ctx.hint(made.orderId);
  return { receiptId: made.receiptId };
}
