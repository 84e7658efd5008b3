/** The list of payments as a Russian Excel opens it: UTF-8 with BOM, «;», decimal commas. Pure. */
import { formatDateTime, formatMoneyCopy } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import { attemptStateLabels } from "@/lib/payments/states.ts";
import { refundReasonLabels, refundStateLabels } from "@/lib/refunds/states.ts";
import { declineReasons } from "../provider-names.ts";
import type { PaymentRow } from "./list-payments.ts";

export const CSV_ROWS_MAX = 5_000;

const heads = ["Время, МСК", "Заказ", "Сумма, ₽", "Комиссия, ₽", "К зачислению, ₽", "Способ", "Карта или приложение", "Провайдер", "Состояние", "Причина", "RRN", "Номер в банке или документ", "Выплата", "Дата выплаты"];

/** A cell is text, never a formula: what begins like one gets an apostrophe, as Excel itself marks text. */
export function csvCell(text: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d]+(,\d+)?$)/.test(text) ? `'${text}` : text;
  return /[";\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const sum = (kopecks: bigint | null): string => (kopecks === null ? "" : formatMoneyCopy(kopecks));

/** No buyer's data in it: the number of the order leads to them. */
export function paymentsCsv(rows: readonly PaymentRow[]): string {
  const lines = rows.map((row) => [
    formatDateTime(row.at).replace("\u00A0", " "), row.orderNumber ?? "", sum(row.amountKopecks), sum(row.feeKopecks), sum(row.netKopecks), payMethodLabels[row.method], row.instrument ?? "", row.providerName ?? "",
    row.refund ? refundStateLabels[row.refund.state] : row.attemptState ? attemptStateLabels[row.attemptState] : "", row.refund ? (row.failText ?? refundReasonLabels[row.refund.reason]) : (declineReasons[row.failClass ?? ""] ?? ""), row.rrn ?? "", row.outsideId ?? "", row.payoutId ?? "", row.payoutDate ?? "",
  ]);
  return `\uFEFF${[heads, ...lines].map((line) => line.map(csvCell).join(";")).join("\r\n")}\r\n`;
}
