/** A goods line of an order that was born on the site, as 1C's own line would be: what УТ needs to make its order of it (commerceml.md 7, points 5 and 9). */
import { mulDivRoundHalfUp, rublesText } from "@/lib/kit/money.ts";
import { lineSum, quantityMicros } from "@/lib/kit/quantity.ts";
import { cutText } from "@/lib/kit/storable-text.ts";
import { straightRate, vatPercent } from "@/lib/kit/vat.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { EchoLine } from "./types.ts";

export type SiteLine = {
  itemId: string | null; sku: string | null; name: string; kind: "goods" | "service"; unitCode: string | null; unitName: string | null; quantity: string;
  priceKopecks: bigint; sumKopecks: bigint; vatRate: VatRate; vatKopecks: bigint;
};

const pieces = { code: "796", fullName: "Штука", international: "PCE", text: "шт" };

export function siteLine(line: SiteLine): EchoLine {
  const rate = vatPercent(straightRate(line.vatRate));
  const sum = rublesText(line.sumKopecks);
  const discount = lineSum(line.priceKopecks, line.quantity) - line.sumKopecks;
  const kind = line.kind === "service" ? "Услуга" : "Товар";
  return {
    // УТ looks for the goods by reference, then by article, then by name; another's reference would only be a wrong one.
    id: line.itemId ?? line.sku ?? cutText(line.name, 80),
    ...(line.sku !== null && { article: line.sku }),
    name: cutText(line.name, 250),
    unit: line.unitCode === null || line.unitCode === pieces.code ? pieces : { code: line.unitCode, ...(line.unitName !== null && { fullName: line.unitName, text: line.unitName }) },
    taxRates: [{ name: "НДС", rate: rate ?? "Без НДС" }],
    requisites: [{ name: "ВидНоменклатуры", values: [kind] }, { name: "ТипНоменклатуры", values: [kind] }],
    // Three for a hundred roubles cost 33.33 each: the kopeck that is left over is the sum's, never the price of one.
    price: rublesText(discount >= 0n ? line.priceKopecks : mulDivRoundHalfUp(line.sumKopecks, 1_000_000n, quantityMicros(line.quantity))),
    quantity: line.quantity,
    sum,
    packUnit: line.unitCode ?? pieces.code,
    coefficient: "1",
    ...(rate !== null && line.vatKopecks > 0n && { taxes: [{ name: "НДС", included: "true", sum: rublesText(line.vatKopecks), rate }] }),
    ...(discount > 0n && { discounts: [{ name: "Скидка", sum: rublesText(discount), included: "true" }] }),
  };
}
