import { formatDate } from "@/lib/kit/format.ts";
import { rublesText, sum } from "@/lib/kit/money.ts";
import { vatPercent, type VatTotal } from "@/lib/kit/vat.ts";

/** Field 24 of a payment order. */
export const purposeLengthMax = 210;

/**
 * INV-2: `Оплата по счету № УТ00-000815 от 16.11.2026. В т.ч. НДС 22% 16610.00`, one line, no quotation marks or bars, so
 * that banks pass it on unchanged and the statement brings the number back (INV-8). Null when it does not fit.
 */
export function paymentPurpose(number: string, date: string, vat: readonly VatTotal[]): string | null {
  const subject = `Оплата по счету № ${number.replace(/["'«»„“”|]/g, "")} от ${formatDate(date)}.`;
  const taxed = vat.filter((total) => total.rate !== "none");
  const rates = taxed.map((total) => `НДС ${vatPercent(total.rate)}% ${rublesText(total.vatKopecks)}`).join(", ");
  const long = `${subject} ${taxed.length > 0 ? `В т.ч. ${rates}` : "Без НДС"}`;
  if (long.length <= purposeLengthMax) return long;
  const short = `${subject} В т.ч. НДС ${rublesText(sum(taxed.map((total) => total.vatKopecks)))}`;
  return short.length <= purposeLengthMax ? short : null;
}
