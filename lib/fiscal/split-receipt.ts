/** Receipts longer than registers take (FISC-41). Pure. */
import { vatFromGross } from "@/lib/kit/vat.ts";
import type { ReceiptLine } from "./cash-register.ts";

/** Strictest limit of the services (NUM-04). */
export const POSITIONS_MAX = 100;
/** A settlement that needs more documents than this is no retail order: a person looks. */
export const PARTS_MAX = 20;

/** Equal lines become one when the receipt would be too long; what is still too long becomes several, each with its share of the money. */
export function splitReceipt(lines: readonly ReceiptLine[]): ReceiptLine[][] {
  const merged = mergeEqual(lines);
  const parts: ReceiptLine[][] = [];
  for (let from = 0; from < merged.length; from += POSITIONS_MAX) parts.push(merged.slice(from, from + POSITIONS_MAX));
  return parts;
}

function mergeEqual(lines: readonly ReceiptLine[]): ReceiptLine[] {
  if (lines.length <= POSITIONS_MAX) return [...lines];
  const merged = new Map<string, ReceiptLine>();
  for (const line of lines) {
    const key = [line.name, line.priceKopecks, line.vat, line.method, line.subject, line.measure, line.markCode].join("\u0000");
    const same = merged.get(key);
    // Only whole quantities add up without a new rounding; a marked piece stays alone.
    if (!same || line.markCode !== null || line.quantity.includes(".") || same.quantity.includes(".")) {
      merged.set(same ? `${key}\u0000${merged.size}` : key, line);
      continue;
    }
    const quantity = (BigInt(same.quantity) + BigInt(line.quantity)).toString();
    const sumKopecks = same.sumKopecks + line.sumKopecks;
    merged.set(key, { ...same, quantity, sumKopecks, vatKopecks: vatFromGross(sumKopecks, same.vat) });
  }
  return [...merged.values()];
}

export const sumOf = (lines: readonly Pick<ReceiptLine, "sumKopecks">[]): bigint => lines.reduce((sum, line) => sum + line.sumKopecks, 0n);
