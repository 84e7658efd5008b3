import { mulDivRoundHalfUp, sum, type Kopecks } from "@/lib/kit/money.ts";
import { lineSum, normalizeQuantity, quantityMillis } from "@/lib/kit/quantity.ts";

/**
 * FISC-42: `total` spread over `weights`: floors first, then single kopecks to the largest fractions, ties to the smaller index.
 * Parts add up to `total`, none is negative, each is less than a kopeck from its exact share (invariant 18).
 */
export function shareByLargestRemainder(total: Kopecks, weights: readonly bigint[]): Kopecks[] {
  if (total < 0n || weights.some((weight) => weight < 0n)) throw new RangeError("only non-negative sums can be shared");
  const whole = sum(weights);
  if (whole === 0n) {
    if (total === 0n) return weights.map(() => 0n);
    throw new RangeError("nothing to share the sum over");
  }
  const parts = weights.map((weight) => (total * weight) / whole);
  const byFraction = weights
    .map((weight, index) => ({ index, fraction: (total * weight) % whole }))
    .sort((a, b) => (a.fraction === b.fraction ? a.index - b.index : a.fraction > b.fraction ? -1 : 1));
  const missing = Number(total - sum(parts));
  for (const { index } of byFraction.slice(0, missing)) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts;
}

/** ffd.md 4.3: sharing a discounted total over lines where no line may vanish: a zero gets a kopeck of the largest line. */
export function shareKeepingLines(total: Kopecks, weights: readonly bigint[]): Kopecks[] {
  if (total < BigInt(weights.length)) throw new RangeError("fewer kopecks than lines");
  const parts = shareByLargestRemainder(total, weights);
  for (const [index, part] of parts.entries()) {
    if (part > 0n) continue;
    const largest = parts.reduce((best, each, at) => (each > (parts[best] ?? 0n) ? at : best), 0);
    parts[index] = 1n;
    parts[largest] = (parts[largest] ?? 0n) - 1n;
  }
  return parts;
}

/** One receipt line out of an order line; `nameSuffix` is " (3)" when the quantity had to go into the name, else "". */
export type SplitPart = { priceKopecks: Kopecks; quantity: string; nameSuffix: string };

/**
 * FISC-43, ffd.md 4.2: lines whose price × quantity rounds exactly to the line's total, as registers recompute it.
 * Whole quantities become at most two lines; what cannot be written becomes one piece with the quantity in its name.
 */
export function splitLine(line: { totalKopecks: Kopecks; quantity: string }): SplitPart[] {
  const quantity = normalizeQuantity(line.quantity);
  const millis = quantityMillis(quantity);
  if (millis === 0n || line.totalKopecks < 0n) throw new RangeError("a line needs a positive quantity and no negative sum");
  const inName: SplitPart[] = [{ priceKopecks: line.totalKopecks, quantity: "1", nameSuffix: ` (${quantity})` }];
  return (millis % 1000n === 0n ? splitWhole(line.totalKopecks, millis / 1000n) : splitFraction(line.totalKopecks, quantity, millis)) ?? inName;
}

function splitWhole(total: Kopecks, pieces: bigint): SplitPart[] | null {
  const base = total / pieces;
  const rest = total % pieces;
  if (rest === 0n) return [{ priceKopecks: base, quantity: pieces.toString(), nameSuffix: "" }];
  if (base === 0n) return null;
  return [
    { priceKopecks: base, quantity: (pieces - rest).toString(), nameSuffix: "" },
    { priceKopecks: base + 1n, quantity: rest.toString(), nameSuffix: "" },
  ];
}

function splitFraction(total: Kopecks, quantity: string, millis: bigint): SplitPart[] | null {
  const near = mulDivRoundHalfUp(total, 1000n, millis);
  const price = [near, near - 1n, near + 1n].find((each) => each > 0n && lineSum(each, quantity) === total);
  return price === undefined ? null : [{ priceKopecks: price, quantity, nameSuffix: "" }];
}
