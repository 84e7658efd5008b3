/** The neutral receipt into Orange Data's document. Pure; everything the service or the register would refuse or garble is refused here. */
import { ReceiptNotExpressible, isCorrection, type CorrectionCause, type FiscalReceipt, type ReceiptKind, type ReceiptLine } from "@/lib/fiscal/cash-register.ts";
import { parseContact } from "@/lib/kit/contact.ts";
import { checkReceiptPayments } from "@/lib/kit/fiscal-payments.ts";
import { fiscalText } from "@/lib/kit/fiscal-text.ts";
import { isInn } from "@/lib/kit/inn.ts";
import { sum } from "@/lib/kit/money.ts";
import { lineSum, quantityMillis } from "@/lib/kit/quantity.ts";
import { roubles, units, writeBody, type Body } from "./body.ts";
import { correctionSumCodes, ffdCodes, paymentCodes, plannedStatusCodes, taxCodes, taxSystemCodes, typeCodes } from "./codes.ts";

export type DocumentAccount = { inn: string; key: string; group: string; ffd: "1.05" | "1.2" };

const linesMax = 250;
const sumKopecksMax = 9_999_999_999n;
const bodyBytesMax = 100_000;
/** Room for the longest name in either format: tag 1227 takes 243, `customerInfo.name` 239. */
const buyerNameMax = 239;

function must(condition: boolean, field: string, message: string): asserts condition {
  if (!condition) throw new ReceiptNotExpressible(field, message);
}

/** @throws ReceiptNotExpressible */
export function documentBody(receipt: FiscalReceipt, account: DocumentAccount): string {
  must(/^[A-Za-z0-9_-]{1,64}$/.test(receipt.externalId), "externalId", "letters, digits, _ and -, at most 64");
  must(receipt.ffd === account.ffd, "ffd", `the register works by FFD ${account.ffd}`);
  must(account.group.endsWith("_2") === (account.ffd === "1.2"), "group", "groups of FFD 1.2, and only they, end in _2");
  must(isCorrection(receipt.kind) === (receipt.correction !== null), "correction", "belongs to a correction, and every correction has one");
  must(receipt.meta === null || (receipt.meta.length >= 1 && receipt.meta.length <= 128), "meta", "1 to 128 characters");
  const body = writeBody({
    id: receipt.externalId, inn: account.inn, group: account.group, key: account.key,
    content: receipt.correction !== null && receipt.ffd === "1.05" ? sumsOnly(receipt) : content(receipt),
    meta: receipt.meta ?? undefined,
  });
  must(Buffer.byteLength(body) <= bodyBytesMax, "lines", `the document is larger than ${bodyBytesMax} bytes`);
  return body;
}

function content(receipt: FiscalReceipt): Body {
  must(receipt.lines.length >= 1 && receipt.lines.length <= linesMax, "lines", `1 to ${linesMax} positions`);
  must(receipt.totalKopecks > 0n && receipt.totalKopecks <= sumKopecksMax, "totalKopecks", "from 0.01 to 99999999.99");
  must(sum(receipt.lines.map((line) => line.sumKopecks)) === receipt.totalKopecks, "totalKopecks", "differs from the sum of the lines");
  const contact = parseContact(receipt.contact);
  must(!("error" in contact) && contact.value === receipt.contact, "contact", "an e-mail or a phone like +79161234567");
  must(receipt.senderEmail === null || "value" in parseContact(receipt.senderEmail), "senderEmail", "not an e-mail");
  const uses20 = new Set(receipt.lines.map((line) => taxCodes[line.vat].tax20).filter((each) => each !== undefined));
  must(uses20.size < 2, "vat", "20 % and 22 % cannot stand in one receipt");

  return {
    ffdVersion: ffdCodes[receipt.ffd],
    type: typeCodes[receipt.kind],
    positions: receipt.lines.map((line, at) => position(line, `lines[${at}]`, receipt.ffd, receipt.kind)),
    checkClose: { payments: payments(receipt), taxationSystem: taxSystemCodes[receipt.taxSystem] },
    customerContact: receipt.contact,
    senderEmail: receipt.senderEmail ?? undefined,
    ...buyer(receipt),
    isInternetStore: receipt.internet,
    useTax20: uses20.has(true) ? true : undefined,
    additionalAttribute: additionalAttribute(receipt.additionalAttribute),
    ...(receipt.correction && cause(receipt.correction)),
  };
}

function additionalAttribute(text: string | null): string | undefined {
  must(text === null || /^[0-9A-Za-z]{1,16}$/.test(text), "additionalAttribute", "1 to 16 letters and digits");
  return text ?? undefined;
}

/** Tags 1173, 1178, 1179. */
function cause({ basis, settledOn, orderNumber }: CorrectionCause): { correctionType: number; causeDocumentDate: string; causeDocumentNumber: string | undefined } {
  must(/^\d{4}-\d{2}-\d{2}$/.test(settledOn), "correction.settledOn", "a day like 2026-11-19");
  must(basis === "own" ? orderNumber === null : orderNumber !== null && /^.{1,32}$/u.test(orderNumber), "correction.orderNumber", "1 to 32 characters, only of an order of the tax office");
  return { correctionType: basis === "own" ? 0 : 1, causeDocumentDate: `${settledOn}T00:00:00`, causeDocumentNumber: orderNumber ?? undefined };
}

/** A correction of FFD 1.05 has no lines: kinds of money, and tax per rate (turnover where there is no tax). */
function sumsOnly(receipt: FiscalReceipt): Body {
  must(receipt.kind === "income_correction", "kind", "FFD 1.05 has no correction of a return");
  // The checks of a receipt hold for what a correction sums up.
  const { customerContact } = content(receipt) as Record<string, Body>;
  const { cashKopecks, electronicKopecks, prepaidKopecks, creditKopecks } = receipt.payments;
  const taxes = new Map<string, bigint>();
  for (const line of receipt.lines) {
    const code = correctionSumCodes[line.vat];
    taxes.set(code, (taxes.get(code) ?? 0n) + (line.vat === "none" || line.vat === "vat0" ? line.sumKopecks : line.vatKopecks));
  }
  const { correctionType, causeDocumentDate, causeDocumentNumber } = cause(receipt.correction!);
  return {
    correctionType, type: typeCodes[receipt.kind], causeDocumentDate, causeDocumentNumber, totalSum: roubles(receipt.totalKopecks),
    cashSum: roubles(cashKopecks), eCashSum: roubles(electronicKopecks), prepaymentSum: roubles(prepaidKopecks), postpaymentSum: roubles(creditKopecks), otherPaymentTypeSum: roubles(0n),
    ...Object.fromEntries([...taxes].map(([code, kopecks]) => [code, roubles(kopecks)])),
    taxationSystem: taxSystemCodes[receipt.taxSystem], customerContact, senderEmail: receipt.senderEmail ?? undefined, isInternetStore: receipt.internet,
  };
}

/** There is no line sum in the protocol: the register computes price × quantity, so it must give our sum. VAT is computed there too. */
function position(line: ReceiptLine, field: string, ffd: "1.05" | "1.2", kind: ReceiptKind): Body {
  must(line.priceKopecks >= 0n && line.priceKopecks <= sumKopecksMax, `${field}.priceKopecks`, "from 0 to 99999999.99");
  must(quantityMillis(line.quantity) > 0n, `${field}.quantity`, "must be positive");
  must(lineSum(line.priceKopecks, line.quantity) === line.sumKopecks, `${field}.sumKopecks`, "is not price × quantity");
  must(line.name !== "" && fiscalText(line.name) === line.name, `${field}.name`, "1 to 128 characters of CP866");
  must(line.subject < 30 || ffd === "1.2", `${field}.subject`, "marked goods need FFD 1.2");
  must(line.markCode === null || (line.markCode.length >= 1 && line.markCode.length <= 223 && line.quantity === "1"), `${field}.markCode`, "one code of 1 to 223 characters for one piece");
  must((line.subject === 31 || line.subject === 33) === (line.markCode !== null), `${field}.markCode`, "subjects 31 and 33, and only they, have a code");
  must(line.method !== 7 || line.subject === 10, `${field}.subject`, "a credit payment has subject 10");
  return {
    quantity: units(line.quantity),
    price: roubles(line.priceKopecks),
    tax: taxCodes[line.vat].tax,
    text: line.name,
    paymentMethodType: line.method,
    paymentSubjectType: line.subject,
    quantityMeasurementUnit: ffd === "1.2" ? (line.measure ?? undefined) : undefined,
    ...(line.markCode !== null && { itemCode: line.markCode, plannedStatus: kind === "income" || kind === "income_correction" ? plannedStatusCodes.sold : plannedStatusCodes.returned }),
  };
}

function payments(receipt: FiscalReceipt): Body[] {
  const { cashKopecks, electronicKopecks, prepaidKopecks, creditKopecks } = receipt.payments;
  const check = checkReceiptPayments(receipt.totalKopecks, cashKopecks, [electronicKopecks, prepaidKopecks, creditKopecks]);
  must(check.ok, "payments", check.ok ? "" : check.problem);
  must(check.changeKopecks === 0n, "payments", "we never give change");
  const parts = [
    { type: paymentCodes.cash, kopecks: cashKopecks },
    { type: paymentCodes.electronic, kopecks: electronicKopecks },
    { type: paymentCodes.prepaid, kopecks: prepaidKopecks },
    { type: paymentCodes.credit, kopecks: creditKopecks },
  ];
  return parts.filter((part) => part.kopecks > 0n).map((part) => ({ type: part.type, amount: roubles(part.kopecks) }));
}

function buyer(receipt: FiscalReceipt): Record<string, Body> {
  if (receipt.buyer === null) return {};
  const name = fiscalText(receipt.buyer.name, buyerNameMax);
  const { inn } = receipt.buyer;
  must(name !== "", "buyer.name", "nothing of it can be printed");
  must(inn === null || isInn(inn), "buyer.inn", "wrong check digit or length");
  if (receipt.ffd === "1.2") return { customerInfo: inn === null ? { name } : { name, inn } };
  return inn === null ? { customer: name } : { customer: name, customerINN: inn };
}
