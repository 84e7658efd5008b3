/** Lines of a receipt out of goods and a sum (FISC-43, FISC-51). Pure. */
import { fiscalNameLengthMax, fiscalText } from "@/lib/kit/fiscal-text.ts";
import { lineSum } from "@/lib/kit/quantity.ts";
import { splitLine } from "@/lib/kit/share.ts";
import { vatFromGross } from "@/lib/kit/vat.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { ReceiptLine, SettlementMethod, SettlementSubject } from "./cash-register.ts";

/** What a line says of its goods, whatever the sum. */
export type LineOf = {
  name: string;
  vat: VatRate;
  method: SettlementMethod;
  subject: SettlementSubject;
  measure: number | null;
  orderLineId: string | null;
  markCode?: string | null;
};

/** Price × quantity of every line is exact; a free line is not sent (FISC-44). */
export function linesFor(of: LineOf, sumKopecks: bigint, quantity: string): ReceiptLine[] {
  if (sumKopecks === 0n) return [];
  return splitLine({ totalKopecks: sumKopecks, quantity }).map((part) => {
    const partKopecks = lineSum(part.priceKopecks, part.quantity);
    return {
      ...of,
      markCode: of.markCode ?? null,
      name: `${fiscalText(of.name, fiscalNameLengthMax - part.nameSuffix.length)}${fiscalText(part.nameSuffix)}`,
      priceKopecks: part.priceKopecks,
      quantity: part.quantity,
      sumKopecks: partKopecks,
      vatKopecks: vatFromGross(partKopecks, of.vat),
      measure: part.nameSuffix === "" ? of.measure : 0,
    };
  });
}

/** A line that names no goods: an advance, a repayment of credit. */
export const moneyLine = (name: string, sumKopecks: bigint, vat: VatRate, method: 3 | 7): ReceiptLine => ({
  name, priceKopecks: sumKopecks, quantity: "1", sumKopecks, vat, vatKopecks: vatFromGross(sumKopecks, vat), method, subject: 10, measure: 0, orderLineId: null, markCode: null,
});

export const subjectOf = (kind: "goods" | "service"): SettlementSubject => (kind === "service" ? 4 : 1);

/** Tag 2108 of a 1C unit code (ОКЕИ), ffd.md 2.7. */
const measures: Record<string, number> = { "796": 0, "166": 11, "163": 10, "168": 12, "006": 22, "112": 41, "113": 42, "055": 32, "356": 71 };
export const measureOf = (unitCode: string | null): number => (unitCode === null ? 0 : (measures[unitCode] ?? 255));
