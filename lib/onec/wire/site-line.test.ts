import { expect, test } from "vitest";
import { siteLine } from "./site-line.ts";
import type { SiteLine } from "./site-line.ts";

const line = (given: Partial<SiteLine>): SiteLine => ({
  itemId: null, sku: null, name: "Чашка", kind: "goods", unitCode: null, unitName: null, quantity: "1", priceKopecks: 0n, sumKopecks: 0n, vatRate: "none", vatKopecks: 0n, ...given,
});

test("commerceml.md 7: 1C gets the price of one unit, whatever is left over in the sum, and a discount where the sum is less", () => {
  const written = (given: Partial<SiteLine>) => {
    const { price, quantity, sum, discounts } = siteLine(line(given));
    return [price, quantity, sum, discounts?.[0]?.sum ?? null];
  };
  expect(written({ quantity: "3", priceKopecks: 3_333n, sumKopecks: 10_000n })).toEqual(["33.33", "3", "100.00", null]);
  expect(written({ quantity: "0.5", priceKopecks: 0n, sumKopecks: 10_000n })).toEqual(["200.00", "0.5", "100.00", null]);
  expect(written({ quantity: "2", priceKopecks: 6_000n, sumKopecks: 10_000n })).toEqual(["60.00", "2", "100.00", "20.00"]);
  expect(written({ quantity: "0", priceKopecks: 500n })).toEqual(["5.00", "0", "0.00", null]);
});
