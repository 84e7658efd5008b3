/** Lines of a JSON order to lines of ours, with an echo that the stock exchange can give back (commerceml.md 7, point 5). Pure. */
import { cutText } from "@/lib/kit/storable-text.ts";
import { mulDivRoundHalfUp, rublesText, sum } from "@/lib/kit/money.ts";
import { lineSum, quantityMicros } from "@/lib/kit/quantity.ts";
import { vatFromGross, vatPercent } from "@/lib/kit/vat.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { DraftLine } from "../wire/order-draft.ts";
import type { EchoLine } from "../wire/types.ts";
import type { Problem } from "./problems.ts";
import type { OrderItem, Subject } from "./schema-order.ts";

const NAME_MAX = 255;
const SKU_MAX = 255;
const UNIT_MAX = 50;

export type ReadLines = { lines: DraftLine[]; warnings: string[] } | Problem;

const problem = (code: Problem["code"], field: string, msg: string): Problem => ({ code, field, msg });

type Whole = OrderItem & { quantity: string; amount: bigint };

/**
 * `isGross`: sums of the lines include VAT. `mayUse20`: the order is of before 2026. `isRateNeeded`: the seller pays VAT, so a line without its rate is a mistake. Lines that say what they said keep the echo of
 * `standing`, so that the same order by another door makes no new revision.
 */
export function readLines(items: readonly OrderItem[], given: { isGross: boolean; mayUse20: boolean; isRateNeeded: boolean; standing: readonly DraftLine[] }): ReadLines {
  const warnings: string[] = [];
  const lines: DraftLine[] = [];
  for (const [at, item] of items.entries()) {
    const field = `items[${at}]`;
    if (item.quantity === null || item.quantity === undefined) return problem("missing_field", `${field}.quantity`, `${field}.quantity: нет количества`);
    if (item.amount === null || item.amount === undefined) return problem("missing_field", `${field}.amount`, `${field}.amount: нет суммы строки`);
    const read = readLine({ ...item, quantity: item.quantity, amount: item.amount }, at, given, warnings);
    if ("code" in read) return read;
    const before = given.standing[at];
    lines.push(before && says(before) === says(read) ? { ...read, included: true, echo: before.echo } : read);
  }
  return { lines, warnings };
}

/** What people and registers see of a line; the echo is its spelling. */
const says = (line: DraftLine): string =>
  [line.included, line.position, line.ref, line.article, line.name, line.service, line.unitName, line.unitCode, line.quantity, line.priceKopecks, line.discountKopecks, line.sumKopecks, line.vat, line.vatKopecks].join("\u0000");

function readLine(item: Whole, at: number, { isGross, mayUse20, isRateNeeded }: { isGross: boolean; mayUse20: boolean; isRateNeeded: boolean }, warnings: string[]): DraftLine | Problem {
  const field = `items[${at}]`;
  if (item.vatRate == null && isRateNeeded) return problem("missing_field", `${field}.vatRate`, `${field}.vatRate: нет ставки НДС; организация на общей системе, для строки без налога передайте "none"`);
  if (item.vatRate == null) warnings.push(`${field}.vatRate: ставка не указана, принято «без НДС»`);
  const vat: VatRate = item.vatRate ?? "none";
  if (vat === "vat20" && !mayUse20) return problem("bad_value", `${field}.vatRate`, `${field}.vatRate: ставка 20 % действовала до 2026 года, теперь 22`);
  const vatKopecks = vatOf(item, vat, isGross);
  if (typeof vatKopecks !== "bigint") return problem("amount_mismatch", `${field}.vatAmount`, `НДС строки ${at + 1}: ${rublesText(vatKopecks.said)}, а по ставке ${vatPercent(vat) ?? "без НДС"} должно быть ${rublesText(vatKopecks.due)}`);
  const sumKopecks = isGross ? item.amount : item.amount + vatKopecks;
  if (sumKopecks > 0n && item.quantity === "0") return problem("bad_value", `${field}.quantity`, `${field}.quantity: количество ноль, а сумма нет`);
  if (!item.name) warnings.push(`${field}.name: нет названия`);
  if ((item.name?.length ?? 0) > NAME_MAX) warnings.push(`${field}.name: название длиннее ${NAME_MAX} знаков, обрезано`);
  const name = cutText(item.name ?? item.sku ?? "Товар без названия", NAME_MAX);
  const service = isService(item.subject ?? null, field, warnings);
  const priceKopecks = priceOf(item, sumKopecks, isGross);
  const full = lineSum(priceKopecks, item.quantity);
  const unitCode = item.unitCode && /^\d{1,4}$/.test(item.unitCode) ? item.unitCode.padStart(3, "0") : null;
  const line: Omit<DraftLine, "echo"> = {
    position: at + 1, ref: refOf(item), article: item.sku ? cutText(item.sku, SKU_MAX) : null, name, service, unitName: item.unit ? cutText(item.unit, UNIT_MAX) : null, unitCode, quantity: item.quantity, priceKopecks,
    discountKopecks: full > sumKopecks ? full - sumKopecks : 0n, sumKopecks, vat, vatKopecks, included: true,
  };
  return { ...line, echo: echoOf(line, item, isGross) };
}

/** As the stock exchange names goods with a characteristic. */
const refOf = ({ id, characteristicId }: Pick<OrderItem, "id" | "characteristicId">): string => (id ? (characteristicId ? `${id}#${characteristicId}` : id) : "");
export const itemRef = refOf;

/** API-17: 1C's figure within a kopeck of the rate, or what the rate gives. */
function vatOf({ amount, vatAmount }: Whole, vat: VatRate, isGross: boolean): bigint | { said: bigint; due: bigint } {
  const due = isGross ? vatFromGross(amount, vat) : mulDivRoundHalfUp(amount, BigInt(vatPercent(vat) ?? "0"), 100n);
  if (vatAmount === null || vatAmount === undefined) return due;
  const off = vatAmount > due ? vatAmount - due : due - vatAmount;
  if (off > 1n) return { said: vatAmount, due };
  return vat === "none" || vat === "vat0" ? 0n : vatAmount;
}

/** Receipts of ours know goods and services; the rest is told apart in 1C. */
function isService(subject: Subject | null, field: string, warnings: string[]): boolean {
  if (subject !== null && subject !== "commodity" && subject !== "service") warnings.push(`${field}.subject: в чеке будет «${subject === "job" ? "услуга" : "товар"}», признак ${subject} пока не передаётся`);
  return subject === "service" || subject === "job";
}

/** 1C's price when it explains the sum as price × quantity − discount; else what one unit really costs. */
function priceOf({ price, quantity }: Whole, sumKopecks: bigint, isGross: boolean): bigint {
  const micros = quantityMicros(quantity);
  if (micros === 0n) return 0n;
  if (isGross && price !== null && price !== undefined && lineSum(price, quantity) >= sumKopecks) return price;
  return mulDivRoundHalfUp(sumKopecks, 1_000_000n, micros);
}

function echoOf(line: Omit<DraftLine, "echo">, item: Whole, isGross: boolean): EchoLine {
  const rate = vatPercent(line.vat) ?? "Без НДС";
  const price = item.price ?? (isGross ? line.priceKopecks : null);
  return {
    ...(line.ref !== "" && { id: line.ref }),
    ...(item.barcode && { barcode: item.barcode }),
    ...(line.article !== null && { article: line.article }),
    name: line.name,
    ...((line.unitCode !== null || line.unitName !== null) && { unit: { ...(line.unitCode !== null && { code: line.unitCode }), ...(line.unitName !== null && { text: line.unitName }) } }),
    taxRates: [{ name: "НДС", rate }],
    requisites: [{ name: "ТипНоменклатуры", values: [line.service ? "Услуга" : "Товар"] }],
    ...(price !== null && { price: rublesText(price) }),
    quantity: line.quantity,
    sum: rublesText(item.amount),
    ...(line.unitCode !== null && { packUnit: line.unitCode, coefficient: "1" }),
    taxes: [{ name: "НДС", included: String(isGross), sum: rublesText(line.vatKopecks), rate }],
    ...(item.discount && { discounts: [{ name: "Скидка", sum: rublesText(item.discount), included: "true" }] }),
  };
}

/** To be paid for these lines. */
export const linesTotal = (lines: readonly DraftLine[]): bigint => sum(lines.filter((line) => line.included).map((line) => line.sumKopecks));
