import { formatMoney } from "@/lib/kit/format.ts";
import { parseRubles } from "@/lib/kit/money.ts";
import type { InvoiceContent } from "./invoice-content.ts";

/** `copy` is what a copy button puts on the clipboard, without typographic spaces. */
export type RequisiteRow = { label: string; shown: string; copy: string };

/** INV-5: the requisites of an invoice as rows for a page or a letter. */
export function requisiteRows({ payee, bank, purpose, totalRubles }: InvoiceContent): RequisiteRow[] {
  return [
    ...same("Получатель", payee.name),
    ...same("ИНН", payee.inn),
    ...same("КПП", payee.kpp),
    ...same("Расчётный счёт", bank.account),
    ...same("Банк", bank.name),
    ...same("БИК", bank.bik),
    ...same("Корр. счёт", bank.correspondentAccount),
    { label: "Сумма", shown: formatMoney(parseRubles(totalRubles)), copy: totalRubles },
    ...same("Назначение платежа", purpose),
  ];
}

const same = (label: string, text: string): RequisiteRow[] => (text ? [{ label, shown: text, copy: text }] : []);
