import { mulDivRoundHalfUp, type Kopecks } from "@/lib/kit/money.ts";

/** Tag 1199 by name; `vat22_122` is the calculated rate 22/122. Codes of services are mapped from names only. */
export type VatRate =
  | "vat22" | "vat22_122" | "vat20" | "vat20_120" | "vat10" | "vat10_110"
  | "vat7" | "vat7_107" | "vat5" | "vat5_105" | "vat0" | "none";

type Facts = { percent: bigint; straight: VatRate; calculated: VatRate; label: string };

const facts: Record<VatRate, Facts> = {
  vat22: { percent: 22n, straight: "vat22", calculated: "vat22_122", label: "НДС 22\u00A0%" },
  vat22_122: { percent: 22n, straight: "vat22", calculated: "vat22_122", label: "НДС 22/122" },
  vat20: { percent: 20n, straight: "vat20", calculated: "vat20_120", label: "НДС 20\u00A0%" },
  vat20_120: { percent: 20n, straight: "vat20", calculated: "vat20_120", label: "НДС 20/120" },
  vat10: { percent: 10n, straight: "vat10", calculated: "vat10_110", label: "НДС 10\u00A0%" },
  vat10_110: { percent: 10n, straight: "vat10", calculated: "vat10_110", label: "НДС 10/110" },
  vat7: { percent: 7n, straight: "vat7", calculated: "vat7_107", label: "НДС 7\u00A0%" },
  vat7_107: { percent: 7n, straight: "vat7", calculated: "vat7_107", label: "НДС 7/107" },
  vat5: { percent: 5n, straight: "vat5", calculated: "vat5_105", label: "НДС 5\u00A0%" },
  vat5_105: { percent: 5n, straight: "vat5", calculated: "vat5_105", label: "НДС 5/105" },
  vat0: { percent: 0n, straight: "vat0", calculated: "vat0", label: "НДС 0\u00A0%" },
  none: { percent: 0n, straight: "none", calculated: "none", label: "Без НДС" },
};

export const vatRates = Object.keys(facts) as VatRate[];

export const isVatRate = (text: string): text is VatRate => Object.hasOwn(facts, text);

/** VAT-02: the tax inside a gross sum, half up; straight and calculated rates give the same number. */
export function vatFromGross(grossKopecks: Kopecks, rate: VatRate): Kopecks {
  const { percent } = facts[rate];
  return mulDivRoundHalfUp(grossKopecks, percent, 100n + percent);
}

/** VAT-03: the rate of money taken before hand-over (22 → 22/122). */
export const calculatedRate = (rate: VatRate): VatRate => facts[rate].calculated;

/** VAT-03: the rate at hand-over (22/122 → 22). */
export const straightRate = (rate: VatRate): VatRate => facts[rate].straight;

/** «НДС 22 %», «НДС 22/122», «Без НДС». */
export const vatLabel = (rate: VatRate): string => facts[rate].label;

/** "22" for 22 % and 22/122; null for goods without VAT. */
export const vatPercent = (rate: VatRate): string | null => (rate === "none" ? null : facts[rate].percent.toString());

/** The straight rate a percent names ("22", "22.00", "10"); null when no such rate exists in Russia. */
export function vatRateOfPercent(text: string): VatRate | null {
  const percent = /^\s*(\d{1,2})(?:[.,]0+)?\s*%?\s*$/u.exec(text)?.[1];
  const rate = percent === undefined ? null : `vat${Number(percent)}`;
  return rate !== null && isVatRate(rate) ? rate : null;
}

export type VatTotal = { rate: VatRate; grossKopecks: Kopecks; vatKopecks: Kopecks };

/**
 * VAT-07: VAT of the lines summed per rate, never recomputed from the total. For `none` and `vat0` the number that a
 * receipt prints is the turnover, `grossKopecks` (tags 1104, 1105). Rates come in the order of `vatRates`.
 */
export function vatTotals(lines: Iterable<{ vat: VatRate; sumKopecks: Kopecks; vatKopecks: Kopecks }>): VatTotal[] {
  const totals = new Map<VatRate, VatTotal>();
  for (const line of lines) {
    const total = totals.get(line.vat) ?? { rate: line.vat, grossKopecks: 0n, vatKopecks: 0n };
    total.grossKopecks += line.sumKopecks;
    total.vatKopecks += line.vatKopecks;
    totals.set(line.vat, total);
  }
  return vatRates.flatMap((rate) => totals.get(rate) ?? []);
}
