/** What a discrepancy's row says beside its class: facts of its detail in words, and where it is solved. Pure. */
import { formatCount, formatDate, formatMoney } from "@/lib/kit/format.ts";
import type { DiscrepancyRow } from "@/lib/reconciliation/index.ts";

const text = (row: DiscrepancyRow, key: string): string | null => {
  const value = row.detail[key];
  return typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : null;
};

/** «у нас 1 200,00 ₽, у банка 1 100,00 ₽». */
export function sumsText(row: DiscrepancyRow): string {
  const theirs = row.class.endsWith("1C") ? "в\u00A01С" : row.class.startsWith("RECEIPT_") || row.class === "ADVANCE_NOT_CLOSED" ? "в чеках" : row.class.startsWith("SETTLEMENT_") || row.class === "BANK_UNEXPECTED" ? "на счёте" : "у банка";
  return [row.oursKopecks === null ? null : `у нас ${formatMoney(row.oursKopecks)}`, row.theirsKopecks === null ? null : `${theirs} ${formatMoney(row.theirsKopecks)}`].filter(Boolean).join(", ");
}

/** How great it is; null where no sums are compared. */
export function differenceOf({ oursKopecks, theirsKopecks }: DiscrepancyRow): bigint | null {
  return oursKopecks === null && theirsKopecks === null ? null : (theirsKopecks ?? 0n) - (oursKopecks ?? 0n);
}

export function factsOf(row: DiscrepancyRow): string[] {
  const lines = text(row, "lines");
  const first = text(row, "firstLine");
  const [file, payout, document, reference, explanation, purpose, day] = ["fileName", "payoutId", "documentNumber", "reference", "explanation", "purpose", "day"].map((key) => text(row, key));
  return [
    explanation ? `Похоже: ${explanation}` : null,
    row.providerPaymentId ? `платёж ${row.providerPaymentId}` : null,
    payout ? `выплата ${payout}` : null,
    reference ? `номер в банке ${reference}` : null,
    document ? `документ №\u00A0${document}` : null,
    file ? `файл «${file}»` : null,
    lines && /^\d+$/.test(lines) ? `${formatCount(Number(lines), ["строка", "строки", "строк"])}${first ? `, первая ${first}` : ""}` : null,
    purpose ? `назначение «${purpose}»` : null,
    day && /^\d{4}-\d{2}-\d{2}$/.test(day) && day !== row.businessDate ? `деньги от ${formatDate(day)}` : null,
  ].filter((each): each is string => each !== null);
}

export type FixLink = { label: string; href: string };

/** Pages on which this difference is dealt with. */
export function fixLinksOf(row: DiscrepancyRow): FixLink[] {
  const order = row.orderId ? `/admin/orders/${row.orderId}` : null;
  const registryId = text(row, "registryId");
  const links: (FixLink | null)[] = [
    row.class === "MISSING_IN_LEDGER" ? { label: "Привязать к заказу", href: "/admin/payments?tab=unbound" } : null,
    row.class === "CHARGEBACK_NEW" && order ? { label: "Открыть спор…", href: `${order}?action=dispute#action` } : null,
    (row.class === "MISSING_IN_REGISTRY" || row.class === "STATUS_MISMATCH" || row.class === "SETTLEMENT_MISSING") && order ? { label: "Деньги не поступили…", href: `${order}?action=reverse#action` } : null,
    row.class.startsWith("RECEIPT_") || row.class === "ADVANCE_NOT_CLOSED" ? { label: order ? "Чеки заказа" : "Чеки", href: order ?? "/admin/receipts" } : null,
    row.class.startsWith("SETTLEMENT_") && row.settlementId ? { label: "Состав выплаты", href: `#payout-${row.settlementId}` } : null,
    row.class === "REGISTRY_LATE" || row.class.startsWith("SETTLEMENT_") || row.class === "BANK_UNEXPECTED" ? { label: "Загрузить файл", href: "/admin/reconciliation/uploads" } : null,
    row.class.endsWith("1C") ? { label: "Журнал обмена", href: "/admin/exchange" } : null,
    registryId ? { label: "Отложенные строки", href: `/admin/reconciliation/uploads?delivery=${registryId}` } : null,
    row.class === "LATE_IN_CLOSED_DAY" ? { label: "Открыть день…", href: "#day" } : null,
  ];
  return links.filter((link): link is FixLink => link !== null);
}
