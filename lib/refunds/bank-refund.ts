import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { instantOfLocal, localDate } from "@/lib/kit/time.ts";
import { plainDocumentNumber } from "@/lib/payments/document-number.ts";
import { lockRefund } from "./lock-refund.ts";
import { recordReturn } from "./record-return.ts";
import { overLimit, refundableOf } from "./refundable.ts";

/** Begins the key of a payout that a person named: 1C may report the same document later under its own. */
export const MANUAL_REFUND = "manual:refund:";

/**
 * The accountant paid an approved bank or cash refund out and names the document (PAY-20): the fact is written. Throws `forbidden`,
 * `invalid` (details.field), `not_found`, `conflict` (not approved, sent through the bank, document known, more than is left).
 */
export async function confirmBankRefund(ctx: Ctx, input: { refundId: string; documentNumber: string; documentDate: string }): Promise<{ factId: string }> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "transfer.book")) throw forbidden();
  const documentNumber = input.documentNumber.trim();
  if (documentNumber === "" || documentNumber.length > 64) throw invalid("Укажите номер платёжного документа", { field: "documentNumber" });
  const paid = /^\d{4}-\d{2}-\d{2}$/.test(input.documentDate) ? instantOfLocal(`${input.documentDate}T12:00:00`, ctx.zone) : null;
  if (!paid || input.documentDate > localDate(ctx.now(), ctx.zone)) throw invalid("Укажите дату выплаты, не позже сегодняшней", { field: "documentDate" });
  const done = await inTransaction(ctx, async (tx) => {
    const locked = await lockRefund(tx, input.refundId);
    const { refund, payment, order } = locked;
    if (refund.method === "instrument") throw conflict("Этот возврат идёт через банк сайта", { reason: "by_instrument" });
    if (refund.state !== "approved") throw conflict("Сначала возврат одобряют", { reason: "state", state: refund.state });
    const freeKopecks = await refundableOf(tx, { payment, order }, refund.refundId);
    if (refund.amountKopecks > freeKopecks) throw overLimit(freeKopecks);
    const fact = await recordReturn(ctx, tx, locked, {
      providerRefundId: null, documentKey: `${MANUAL_REFUND}${refund.orderId ?? refund.paymentFactId}:${plainDocumentNumber(documentNumber)}`, documentNumber, occurredAt: paid > ctx.now() ? ctx.now() : paid,
    });
    if (!fact) throw conflict("Выплата с этим номером уже учтена", { reason: "booked" });
    await recordAudit(ctx, tx, {
      action: "refund.paid_out", objectType: "refund", objectId: refund.refundId,
      after: { factId: fact.factId, amountKopecks: refund.amountKopecks, documentNumber, documentDate: input.documentDate },
    });
    return { factId: fact.factId, orderId: refund.orderId };
  });
  if (done.orderId) ctx.hint(done.orderId);
  return { factId: done.factId };
}
