/** The table of an invoice out of an order. Pure. */
import { formatDate } from "@/lib/kit/format.ts";
import { sum } from "@/lib/kit/money.ts";
import { lineSum } from "@/lib/kit/quantity.ts";
import { shareByLargestRemainder } from "@/lib/kit/share.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import { vatFromGross, vatTotals } from "@/lib/kit/vat.ts";
import type { InvoiceLine } from "./document/invoice-snapshot.ts";

export type InvoicedOrderLine = {
  sku: string | null;
  name: string;
  quantity: string;
  unitName: string | null;
  priceKopecks: bigint;
  sumKopecks: bigint;
  vatRate: VatRate;
  vatKopecks: bigint;
};

/** Lines as the order has them; free lines are left out, an invoice asks for money. */
export function wholeOrderLines(lines: readonly InvoicedOrderLine[]): InvoiceLine[] {
  return lines
    .filter((line) => line.sumKopecks > 0n)
    .map((line) => {
      const full = lineSum(line.priceKopecks, line.quantity);
      const hasDiscount = full > line.sumKopecks;
      return {
        article: line.sku,
        name: line.name,
        quantity: line.quantity,
        unitName: line.unitName,
        priceKopecks: line.priceKopecks,
        discountKopecks: hasDiscount ? full - line.sumKopecks : 0n,
        sumKopecks: line.sumKopecks,
        vat: line.vatRate,
        vatKopecks: line.vatKopecks,
      };
    });
}

/** What remains after a part was paid: one line per VAT rate, the rest shared over the rates as the order's sums are. */
export function remainderLines(lines: readonly InvoicedOrderLine[], dueKopecks: bigint, order: { number: string; day: string }): InvoiceLine[] {
  const rates = vatTotals(lines.map((line) => ({ vat: line.vatRate, sumKopecks: line.sumKopecks, vatKopecks: line.vatKopecks })));
  const parts = shareByLargestRemainder(dueKopecks, rates.map((rate) => rate.grossKopecks));
  return rates.flatMap((rate, at) => {
    const part = parts[at] ?? 0n;
    if (part === 0n) return [];
    return [
      {
        article: null,
        name: `Доплата по заказу № ${order.number} от ${formatDate(order.day)}`,
        quantity: "1",
        unitName: null,
        priceKopecks: part,
        discountKopecks: 0n,
        sumKopecks: part,
        vat: rate.rate,
        vatKopecks: vatFromGross(part, rate.rate),
      },
    ];
  });
}

export const linesTotal = (lines: readonly { sumKopecks: bigint }[]): bigint => sum(lines.map((line) => line.sumKopecks));
