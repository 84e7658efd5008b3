import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { violated } from "@/db/index.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { newExternalId } from "./external-id.ts";
import { holdReceipt } from "./read-receipt.ts";

export type DuplicateInput = { receiptId: string; fnNumber: string; fdNumber: string; fiscalSign: string; /** Day on the second document, `YYYY-MM-DD`. */ printedOn: string };

/**
 * A person saw in the register's cabinet or at the OFD that a receipt of ours was printed a second time (LOST-26): Orange Data has no list
 * that we could read. The second document becomes a row of its own, so that `reverseReceipt` can take it back (FISC-32), with
 * alert ALR-16. Answers that row. Permission `receipt.correct`, audited. Throws `forbidden`, `invalid` (details.field), `not_found`,
 * `conflict` when this document is known.
 */
export async function recordDuplicate(ctx: Ctx, input: DuplicateInput): Promise<{ receiptId: string }> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "receipt.correct")) throw forbidden();
  for (const field of ["fnNumber", "fdNumber", "fiscalSign"] as const) if (!/^\d{1,20}$/.test(input[field])) throw invalid("Укажите номер цифрами", { field });
  if (!/^\d{4}-\d{2}-\d{2}$/.test(input.printedOn)) throw invalid("Укажите дату второго чека", { field: "printedOn" });
  const receiptId = newId();
  try {
    const orderId = await inTransaction(ctx, async (tx) => {
      const first = await holdReceipt(tx, input.receiptId);
      if (first.state !== "registered") throw conflict("Второй документ бывает только у пробитого чека");
      const now = ctx.now();
      await tx`
        insert into receipts (id, fact_id, shipment_id, part_no, corrects_receipt_id, order_id, connection_id, purpose, kind, state, total_kopecks, offset_kopecks, credit_kopecks, cash_kopecks, contact,
          neutral, external_id, due_at, planned_at, registered_at, fn_number, fd_number, fiscal_sign, registered_at_local, is_test)
        select ${receiptId}, fact_id, shipment_id, part_no, id, order_id, connection_id, purpose, kind, 'registered', total_kopecks, offset_kopecks, credit_kopecks, cash_kopecks, contact,
          neutral, ${newExternalId(null, first.purpose, 1)}, ${now}, ${now}, ${now}, ${input.fnNumber}, ${input.fdNumber}, ${input.fiscalSign}, ${`${input.printedOn}T00:00:00`}, is_test
          from receipts where id = ${first.receiptId}`;
      await tx`
        insert into receipt_lines (receipt_id, line_no, order_line_id, name, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks, method, subject, measure, mark_code)
        select ${receiptId}, line_no, order_line_id, name, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks, method, subject, measure, mark_code from receipt_lines where receipt_id = ${first.receiptId}`;
      await raiseAlert(ctx, tx, {
        code: "ALR-16", objectKey: `receipt:${receiptId}:duplicate`, orderId: first.orderId, severity: "P1", amountKopecks: first.totalKopecks,
        title: `Чек на ${formatMoney(first.totalKopecks)} пробит дважды, ФД №${NBSP}${input.fdNumber}`, advice: "Сторнируйте второй чек: выручка в налоговой удвоена.", detail: { class: "RECEIPT_DUPLICATE" },
      });
      if (first.orderId) await recordEvent(ctx, tx, { orderId: first.orderId, kind: "receipt.registered", subjectId: receiptId, amountKopecks: first.totalKopecks, detail: { fdNumber: input.fdNumber, duplicateOf: first.receiptId } });
      await recordAudit(ctx, tx, { action: "receipt.duplicate_recorded", objectType: "receipt", objectId: first.receiptId, after: { duplicateId: receiptId, ...input } });
      return first.orderId;
    });
    if (orderId) ctx.hint(orderId);
  } catch (error) {
    if (violated(error, "receipts_fiscal_document")) throw conflict("Этот фискальный документ уже записан");
    throw error;
  }
  return { receiptId };
}
