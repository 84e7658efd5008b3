/** JSON with exact decimals: a float like 0.1+0.2 or 1e-7 is refused or mis-rounded by the register. */
import { rublesText, type Kopecks } from "@/lib/kit/money.ts";
import { normalizeQuantity } from "@/lib/kit/quantity.ts";

/** A decimal number by its text: no exponent, no trailing zeros. */
export class Decimal {
  readonly text: string;
  constructor(text: string) {
    if (!/^\d+(?:\.\d*[1-9])?$/.test(text)) throw new RangeError("not a plain decimal");
    this.text = text;
  }
}

export type Body = string | number | boolean | null | Decimal | readonly Body[] | { readonly [key: string]: Body | undefined };

export const roubles = (kopecks: Kopecks): Decimal => new Decimal(rublesText(kopecks).replace(/\.?0+$/, ""));
export const units = (quantity: string): Decimal => new Decimal(normalizeQuantity(quantity));

/** Compact JSON; keys keep their order, undefined ones are left out. Only integers may be plain numbers. */
export function writeBody(value: Body): string {
  if (value instanceof Decimal) return value.text;
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new RangeError("only integers; use Decimal");
    return String(value);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(writeBody).join(",")}]`;
  const members = Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [`${JSON.stringify(key)}:${writeBody(inner)}`]));
  return `{${members.join(",")}}`;
}

const isList = (value: object): value is readonly Body[] => Array.isArray(value);
