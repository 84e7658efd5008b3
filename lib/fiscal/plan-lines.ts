/** Lines of a prepayment receipt (FISC-12, FISC-37, FISC-42, FISC-43, VAT-03). Pure. */
import { fiscalNameLengthMax, fiscalText } from "@/lib/kit/fiscal-text.ts";
import { lineSum } from "@/lib/kit/quantity.ts";
import { shareByLargestRemainder, splitLine } from "@/lib/kit/share.ts";
import { calculatedRate, vatFromGross } from "@/lib/kit/vat.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { LockedLine, LockedOrder, ReceiptedLine } from "@/lib/orders/lock-order.ts";
import type { ReceiptLine, SettlementMethod, TaxSystem } from "./cash-register.ts";

/** Strictest limit of the services (NUM-04). */
export const POSITIONS_MAX = 100;

export type LinePlan = { lines: ReceiptLine[]; goodsKopecks: bigint; advanceKopecks: bigint };

/** Shares a payment over what is left of each line; what the goods cannot take is an advance (FISC-25). */
export function planLines(order: Pick<LockedOrder, "lines" | "receipted">, amountKopecks: bigint, taxSystem: TaxSystem): LinePlan {
  const left = openSums(order.lines, order.receipted);
  const payable = order.lines.reduce((sum, line) => sum + line.sumKopecks, 0n);
  const receipted = order.receipted.reduce((sum, line) => sum + line.sumKopecks, 0n);
  const open = left.reduce((sum, rest) => sum + rest, 0n);
  // Goods that left the order or became cheaper keep what was receipted for them: it counts against the whole (FISC-37).
  const goodsKopecks = smallest(amountKopecks, open, payable > receipted ? payable - receipted : 0n);
  const advanceKopecks = amountKopecks - goodsKopecks;
  const method: SettlementMethod = goodsKopecks === payable && order.receipted.length === 0 ? 1 : 2;
  const shares = goodsKopecks === open ? left : goodsKopecks === 0n ? left.map(() => 0n) : shareByLargestRemainder(goodsKopecks, left);
  const lines = order.lines.flatMap((line, i) => goodsLines(line, shares[i] ?? 0n, method));
  if (advanceKopecks > 0n) lines.push(advanceLine(advanceKopecks, advanceRate(order.lines, taxSystem)));
  return { lines: mergeEqual(lines), goodsKopecks, advanceKopecks };
}

const smallest = (...sums: bigint[]): bigint => sums.reduce((least, sum) => (sum < least ? sum : least));

/**
 * What is left of each line. A receipted sum belongs to its own line, else to lines of the same item: revisions renumber
 * lines, and goods of another name or rate must not go out in their place.
 */
function openSums(lines: readonly LockedLine[], receipted: readonly ReceiptedLine[]): bigint[] {
  const left = lines.map((line) => line.sumKopecks);
  const rest = receipted.map((done) => done.sumKopecks);
  for (const isSame of [isSameLine, isSameItem]) {
    for (const [r, done] of receipted.entries()) {
      for (const [i, line] of lines.entries()) {
        if (!isSame(line, done)) continue;
        const taken = smallest(left[i]!, rest[r]!);
        left[i] = left[i]! - taken;
        rest[r] = rest[r]! - taken;
      }
    }
  }
  return left;
}

const isSameLine = (line: LockedLine, done: ReceiptedLine): boolean => line.lineId === done.lineId;
const isSameItem = (line: LockedLine, done: ReceiptedLine): boolean =>
  line.itemId !== null && done.itemId !== null ? line.itemId === done.itemId : line.name === done.name && line.vatRate === done.vatRate;

function goodsLines(line: LockedLine, shareKopecks: bigint, method: SettlementMethod): ReceiptLine[] {
  // FISC-44: a free line is not sent.
  if (shareKopecks === 0n) return [];
  const vat = calculatedRate(line.vatRate);
  return splitLine({ totalKopecks: shareKopecks, quantity: line.quantity }).map((part) => {
    const sumKopecks = lineSum(part.priceKopecks, part.quantity);
    return {
      name: `${fiscalText(line.name, fiscalNameLengthMax - part.nameSuffix.length)}${fiscalText(part.nameSuffix)}`,
      priceKopecks: part.priceKopecks,
      quantity: part.quantity,
      sumKopecks,
      vat,
      vatKopecks: vatFromGross(sumKopecks, vat),
      method,
      subject: line.kind === "service" ? 4 : 1,
      measure: part.nameSuffix === "" ? measureOf(line.unitCode) : 0,
      orderLineId: line.lineId,
    };
  });
}

function advanceLine(sumKopecks: bigint, vat: VatRate): ReceiptLine {
  return { name: "Аванс", priceKopecks: sumKopecks, quantity: "1", sumKopecks, vat, vatKopecks: vatFromGross(sumKopecks, vat), method: 3, subject: 10, measure: 0, orderLineId: null };
}

/** FISC-19, VAT-08: 22/122 for a payer of VAT, nothing for the others. */
function advanceRate(lines: readonly LockedLine[], taxSystem: TaxSystem): VatRate {
  if (lines.length > 0 && lines.every((line) => line.vatRate === "none")) return "none";
  return taxSystem === "osn" || lines.length > 0 ? "vat22_122" : "none";
}

/** FISC-41: equal lines become one only when the receipt would be too long. */
function mergeEqual(lines: ReceiptLine[]): ReceiptLine[] {
  if (lines.length <= POSITIONS_MAX) return lines;
  const merged = new Map<string, ReceiptLine>();
  for (const line of lines) {
    const key = [line.name, line.priceKopecks, line.vat, line.subject, line.measure].join("\u0000");
    const same = merged.get(key);
    // Only whole quantities add up without a new rounding.
    if (!same || line.quantity.includes(".") || same.quantity.includes(".")) {
      merged.set(same ? `${key}\u0000${merged.size}` : key, line);
      continue;
    }
    const quantity = (BigInt(same.quantity) + BigInt(line.quantity)).toString();
    const sumKopecks = same.sumKopecks + line.sumKopecks;
    merged.set(key, { ...same, quantity, sumKopecks, vatKopecks: vatFromGross(sumKopecks, same.vat) });
  }
  return [...merged.values()];
}

/** Tag 2108 of a 1C unit code (ОКЕИ), ffd.md 2.7. */
const measures: Record<string, number> = { "796": 0, "166": 11, "163": 10, "168": 12, "006": 22, "112": 41, "113": 42, "055": 32, "356": 71 };
const measureOf = (unitCode: string | null): number => (unitCode === null ? 0 : (measures[unitCode] ?? 255));
