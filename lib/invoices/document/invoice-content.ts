/** Everything that stands on a счёт на оплату (onec/invoice.md 2 to 6), as texts. Pure; kept with the invoice, which never changes (INV-3). */
import { formatCount, formatDate, formatDateLong, formatMoneyBare, formatQuantity, moneyInWords, NBSP, NNBSP } from "@/lib/kit/format.ts";
import { gostQr, GostQrError } from "@/lib/kit/gost-qr.ts";
import { rublesText, sum, type Kopecks } from "@/lib/kit/money.ts";
import { vatPercent, vatTotals, type VatTotal } from "@/lib/kit/vat.ts";
import { paymentPurpose } from "./payment-purpose.ts";
import type { InvoiceLine, InvoiceSnapshot, InvoiceStage } from "./invoice-snapshot.ts";

/** JSON-safe: amounts are printed texts, `totalRubles` is decimal text. */
export type InvoiceContent = {
  number: string;
  date: string;
  validUntil: string;
  version: number;
  /** `Счет на оплату № N от 21 ноября 2026 г.`, with the version from the second on. */
  title: string;
  /** Above the bank block: validity, then the shop's text. */
  remarks: string[];
  bank: { name: string; bik: string; account: string; correspondentAccount: string };
  payee: { name: string; inn: string; kpp: string };
  purpose: string;
  /** Label and text, in the order of the print form. */
  parties: { label: string; text: string }[];
  hasArticles: boolean;
  hasDiscounts: boolean;
  lines: { position: string; article: string; name: string; quantity: string; unit: string; price: string; discount: string; sum: string }[];
  /** Label and sum, right-aligned under the table. */
  totals: { label: string; sum: string }[];
  countLine: string;
  sumInWords: string;
  stages: { share: string; sum: string; due: string }[];
  signatures: { role: string; name: string }[];
  /** Payload of the QR by requisites; null when a requisite does not fit the standard, `qrProblem` then says why. */
  qr: string | null;
  qrProblem: string | null;
  totalRubles: string;
};

/** The snapshot contradicts itself; such an invoice must not reach a buyer. */
export class InvoiceNotPrintable extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InvoiceNotPrintable";
  }
}

/** A document of more pages than anybody reads; 1C itself splits such orders. */
const linesMax = 1000;

/** @throws InvoiceNotPrintable */
export function buildInvoiceContent(snapshot: InvoiceSnapshot): InvoiceContent {
  const { seller, bank, lines, totalKopecks } = snapshot;
  check(snapshot);
  const vat = vatTotals(lines);
  const purpose = paymentPurpose(snapshot.number, snapshot.date, vat);
  if (purpose === null) throw new InvoiceNotPrintable("number too long for a payment purpose");

  return {
    number: snapshot.number,
    date: snapshot.date,
    validUntil: snapshot.validUntil,
    version: snapshot.version,
    title: `Счет на оплату №\u00A0${snapshot.number} от ${formatDateLong(snapshot.date)}${snapshot.version > 1 ? ` (редакция\u00A0${snapshot.version})` : ""}`,
    remarks: [`Счет действителен до ${formatDate(snapshot.validUntil)}.`, ...(snapshot.remarks ? [snapshot.remarks] : [])],
    bank: { name: bank.name, bik: bank.bik, account: bank.account, correspondentAccount: bank.correspondentAccount ?? "" },
    payee: { name: seller.name, inn: seller.inn, kpp: seller.kpp ?? "" },
    purpose,
    parties: [
      { label: "Поставщик", text: partyText(seller) },
      { label: "Покупатель", text: partyText(snapshot.buyer) },
      ...(snapshot.basis ? [{ label: "Основание", text: snapshot.basis }] : []),
    ],
    hasArticles: lines.some((line) => line.article),
    hasDiscounts: lines.some((line) => line.discountKopecks > 0n),
    lines: lines.map(lineText),
    totals: totalsOf(totalKopecks, vat),
    countLine: `Всего наименований ${lines.length}, на сумму ${printed(totalKopecks)} руб.`,
    sumInWords: moneyInWords(totalKopecks),
    stages: snapshot.stages.map((stage) => stageText(stage, totalKopecks)),
    signatures: signaturesOf(snapshot),
    ...qrOf(snapshot, purpose),
    totalRubles: rublesText(totalKopecks),
  };
}

function check({ number, lines, totalKopecks, stages }: InvoiceSnapshot) {
  if (!/^\S+$/.test(number)) throw new InvoiceNotPrintable("a number is one word (INV-1)");
  if (lines.length === 0 || lines.length > linesMax) throw new InvoiceNotPrintable(`an invoice has 1 to ${linesMax} lines`);
  if (totalKopecks <= 0n) throw new InvoiceNotPrintable("the total must be positive");
  if (sum(lines.map((line) => line.sumKopecks)) !== totalKopecks) throw new InvoiceNotPrintable("the lines do not add up to the total");
  if (stages.length > 0 && sum(stages.map((stage) => stage.sumKopecks)) !== totalKopecks) throw new InvoiceNotPrintable("the stages do not add up to the total");
}

/** Paper: the narrow space of the screen is hardly seen in small print, and 1C prints a full one. */
const plainSpaces = (text: string) => text.replaceAll(NNBSP, NBSP);
const printed = (kopecks: Kopecks) => plainSpaces(formatMoneyBare(kopecks));

function partyText(party: { name: string; inn: string | null; kpp: string | null; address: string | null; phone: string | null }): string {
  return [
    party.name,
    party.inn && `ИНН\u00A0${party.inn}`,
    party.kpp && `КПП\u00A0${party.kpp}`,
    party.address,
    party.phone && `тел.:\u00A0${party.phone}`,
  ]
    .filter(Boolean)
    .join(", ");
}

const lineText = (line: InvoiceLine, at: number) => ({
  position: String(at + 1),
  article: line.article ?? "",
  name: line.name,
  quantity: plainSpaces(formatQuantity(line.quantity)),
  unit: line.unitName ?? "",
  price: printed(line.priceKopecks),
  discount: line.discountKopecks > 0n ? printed(line.discountKopecks) : "",
  sum: printed(line.sumKopecks),
});

/** One line per rate, each the sum of its lines (VAT-07). */
function totalsOf(totalKopecks: Kopecks, vat: VatTotal[]) {
  const taxed = vat.filter((total) => total.rate !== "none");
  return [
    { label: "Итого:", sum: printed(totalKopecks) },
    ...(taxed.length === 0
      ? [{ label: "Без налога (НДС)", sum: "–" }]
      : taxed.map((total) => ({ label: `В том числе НДС ${vatPercent(total.rate)}%:`, sum: printed(total.vatKopecks) }))),
    { label: "Всего к оплате:", sum: printed(totalKopecks) },
  ];
}

const dayForms = {
  calendar: ["календарного дня", "календарных дней", "календарных дней"],
  working: ["рабочего дня", "рабочих дней", "рабочих дней"],
} as const;

function stageText(stage: InvoiceStage, totalKopecks: Kopecks) {
  const { due } = stage;
  // Tenths of a percent, so that thirds do not look like 33 + 33 + 33 = 100.
  const tenths = Number((stage.sumKopecks * 2000n + totalKopecks) / (2n * totalKopecks));
  return {
    share: `${tenths % 10 === 0 ? tenths / 10 : `${Math.floor(tenths / 10)},${tenths % 10}`}\u00A0%`,
    sum: printed(stage.sumKopecks),
    due: due.kind === "day" ? `до ${formatDate(due.day)}` : `в течение ${formatCount(due.days, dayForms[due.dayKind])} после отгрузки`,
  };
}

/** A sole trader signs alone. */
function signaturesOf({ seller }: InvoiceSnapshot) {
  if (seller.inn.length === 12) return [{ role: "Предприниматель", name: seller.directorName ?? "" }];
  return [
    { role: "Руководитель", name: seller.directorName ?? "" },
    { role: "Бухгалтер", name: seller.accountantName ?? "" },
  ];
}

function qrOf({ seller, bank, totalKopecks }: InvoiceSnapshot, purpose: string): { qr: string | null; qrProblem: string | null } {
  try {
    const qr = gostQr({
      payee: { name: seller.name, inn: seller.inn, kpp: seller.kpp },
      bank,
      sumKopecks: totalKopecks,
      purpose,
      // The purpose names it already, and every field makes the code finer.
      document: null,
    });
    return { qr, qrProblem: null };
  } catch (error) {
    if (!(error instanceof GostQrError)) throw error;
    return { qr: null, qrProblem: error.message };
  }
}
