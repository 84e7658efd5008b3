import { mulDivRoundHalfUp, type Kopecks } from "@/lib/kit/money.ts";

/** Not a decimal number that can be a quantity. */
export class QuantityFormatError extends Error {
  constructor(readonly text: string, message = "not a quantity") {
    super(`${message}: ${JSON.stringify(text.slice(0, 40))}`);
    this.name = "QuantityFormatError";
  }
}

/** A real number with more significant decimals than registers take: three (NUM-03). */
export class QuantityPrecisionError extends QuantityFormatError {
  constructor(text: string) {
    super(text, "more than three decimals in a quantity");
    this.name = "QuantityPrecisionError";
  }
}

const million = 1_000_000n;
/** Most quantities: whole and spelled as we spell them. */
const pieces = /^[1-9]\d{0,8}$/;

/** Millionths of a unit; up to 6 decimals, digits beyond the integer part's 9 are refused. @throws QuantityFormatError */
export function quantityMicros(text: string): bigint {
  const match = text.length <= 40 ? /^(\d{1,9}|\d{1,3}(?:\s\d{3}){1,2})(?:[.,](\d{1,6})0*)?$/u.exec(text.trim()) : null;
  if (!match) throw new QuantityFormatError(text);
  return BigInt((match[1] ?? "").replace(/\s/gu, "")) * million + BigInt((match[2] ?? "").padEnd(6, "0"));
}

/**
 * The one spelling we keep: dot, no trailing zeros ("2.000" → "2", "0,750" → "0.75").
 * @throws QuantityPrecisionError when more than three decimals matter, QuantityFormatError when it is no number
 */
export function normalizeQuantity(text: string): string {
  if (pieces.test(text)) return text;
  const micros = quantityMicros(text);
  if (micros % 1000n !== 0n) throw new QuantityPrecisionError(text);
  return quantityFromMillis(micros / 1000n);
}

/** Thousandths of a unit of a normal quantity. */
export const quantityMillis = (quantity: string): bigint => quantityMicros(normalizeQuantity(quantity)) / 1000n;

export function quantityFromMillis(millis: bigint): string {
  if (millis < 0n) throw new RangeError("a quantity cannot be negative");
  const decimals = (millis % 1000n).toString().padStart(3, "0").replace(/0+$/, "");
  return `${millis / 1000n}${decimals && `.${decimals}`}`;
}

/** NUM-05: price × quantity to the kopeck, half up; the same arithmetic as the registers'. */
export const lineSum = (priceKopecks: Kopecks, quantity: string): Kopecks =>
  pieces.test(quantity) ? priceKopecks * BigInt(quantity) : mulDivRoundHalfUp(priceKopecks, quantityMicros(quantity), million);
