import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";

type Row = {
  documentId: string; docNumber: string | null; amountKopecks: bigint | null; hiddenAt: Date | null; orderId: string; number: string; onecNumber: string | null; lifecycle: Lifecycle; totalKopecks: bigint; goodsReturnedKopecks: bigint;
  capturedKopecks: bigint; reversedKopecks: bigint; refundedKopecks: bigint; chargedBackKopecks: bigint; invoiceNumber: string | null;
};

/** `onec-invoice:<document>`. */
const keyOf = (documentId: string) => `onec-invoice:${documentId}`;

/** Written without leading zeros of prefix and with look-alike spaces: numbers are compared without what people do not see. */
const plain = (number: string): string => number.replace(/[\s\u00A0]/gu, "").toUpperCase().replaceAll("Ё", "Е");

/**
 * INV-15: 1C's own invoice is what the buyer downloads, so staff hear when it names another sum or number than the order. Set-based: an
 * upload of orders asks for all of them at once.
 */
export async function checkInvoices(ctx: Ctx, tx: Tx, orderIds: readonly string[]): Promise<void> {
  const rows = await tx<Row[]>`
    select d.id as document_id, d.number as doc_number, d.amount_kopecks, d.hidden_at, o.id as order_id, o.number, o.onec_number, o.lifecycle, o.total_kopecks, o.goods_returned_kopecks, o.captured_kopecks, o.reversed_kopecks,
           o.refunded_kopecks, o.charged_back_kopecks, (select i.number from invoices i where i.order_id = o.id order by i.version desc limit 1) as invoice_number
      from documents d join orders o on o.id = d.order_id where d.order_id = any(${orderIds as string[]}::uuid[]) and d.kind = 'invoice'`;
  const sound: string[] = [];
  for (const row of rows) {
    const wrong = row.hiddenAt === null ? disagreement(row) : null;
    if (!wrong) {
      sound.push(keyOf(row.documentId));
      continue;
    }
    await raiseAlert(ctx, tx, {
      code: "ALR-15", objectKey: keyOf(row.documentId), orderId: row.orderId, severity: "P2", amountKopecks: row.amountKopecks,
      title: `Счёт 1С ${row.docNumber ?? "без номера"} к заказу №${NBSP}${row.number}: ${wrong}`,
      advice: "Покупатель скачивает именно этот счёт. Исправьте его в 1С и передайте ещё раз.",
    });
  }
  if (sound.length > 0) await tx`update alerts set state = 'resolved', resolved_at = ${ctx.now()} where code = 'ALR-15' and state <> 'resolved' and object_key = any(${sound})`;
}

function disagreement(row: Row): string | null {
  const { dueKopecks } = orderBalance(row);
  if (row.amountKopecks !== null && row.amountKopecks !== row.totalKopecks && row.amountKopecks !== dueKopecks) return `в нём ${formatMoney(row.amountKopecks)}, а в заказе ${formatMoney(row.totalKopecks)}`;
  const known = [row.number, row.onecNumber, row.invoiceNumber].filter((number): number is string => number !== null).map(plain);
  // INV-1: the number that comes back in the purpose of the transfer must be one that we can find.
  return row.docNumber !== null && !known.includes(plain(row.docNumber)) ? `номер не совпадает ни с номером заказа, ни со счётом сайта, перевод по нему сам не найдётся` : null;
}
