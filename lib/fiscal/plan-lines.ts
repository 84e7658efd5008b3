/** Lines of the receipt of captured money (FISC-12, FISC-37, FISC-42, FISC-43, VAT-03). Pure. */
import { shareByLargestRemainder } from "@/lib/kit/share.ts";
import { calculatedRate, straightRate } from "@/lib/kit/vat.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { LockedLine, LockedOrder, ReceiptedLine } from "@/lib/orders/lock-order.ts";
import type { ReceiptLine, SettlementMethod, TaxSystem } from "./cash-register.ts";
import { linesFor, measureOf, moneyLine, subjectOf } from "./receipt-line.ts";

export type LinePlan = { lines: ReceiptLine[]; goodsKopecks: bigint; advanceKopecks: bigint };

/**
 * Shares a payment over what is left of each line; what the goods cannot take is an advance (FISC-25). `isHandedOver`: the goods
 * are with the buyer already and nothing was receipted before, so the money is a full settlement at straight rates.
 */
export function planLines(order: Pick<LockedOrder, "lines" | "receipted"> & Partial<Pick<LockedOrder, "creditIssuedKopecks">>, amountKopecks: bigint, taxSystem: TaxSystem, isHandedOver = false): LinePlan {
  const left = openSums(order.lines, order.receipted);
  const payable = order.lines.reduce((sum, line) => sum + line.sumKopecks, 0n);
  const receipted = order.receipted.reduce((sum, line) => sum + line.sumKopecks, 0n);
  const open = left.reduce((sum, rest) => sum + rest, 0n);
  // Goods that left the order or became cheaper keep what was receipted for them: it counts against the whole (FISC-37).
  const covered = receipted + (order.creditIssuedKopecks ?? 0n);
  const goodsKopecks = smallest(amountKopecks, open, payable > covered ? payable - covered : 0n);
  const advanceKopecks = amountKopecks - goodsKopecks;
  const method: SettlementMethod = isHandedOver ? 4 : goodsKopecks === payable && receipted === 0n ? 1 : 2;
  const shares = goodsKopecks === open ? left : goodsKopecks === 0n ? left.map(() => 0n) : shareByLargestRemainder(goodsKopecks, left);
  const lines = order.lines.flatMap((line, i) => goodsLines(line, shares[i] ?? 0n, method));
  if (advanceKopecks > 0n) lines.push(moneyLine("Аванс", advanceKopecks, advanceRate(order.lines, taxSystem), 3));
  return { lines, goodsKopecks, advanceKopecks };
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
  const vat = method === 4 ? straightRate(line.vatRate) : calculatedRate(line.vatRate);
  return linesFor({ name: line.name, vat, method, subject: subjectOf(line.kind), measure: measureOf(line.unitCode), orderLineId: line.lineId }, shareKopecks, line.quantity);
}

/** FISC-19, VAT-08: 22/122 for a payer of VAT, nothing for the others. */
function advanceRate(lines: readonly LockedLine[], taxSystem: TaxSystem): VatRate {
  if (lines.length > 0 && lines.every((line) => line.vatRate === "none")) return "none";
  return taxSystem === "osn" || lines.length > 0 ? "vat22_122" : "none";
}
