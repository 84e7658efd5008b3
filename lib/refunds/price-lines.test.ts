import fc from "fast-check";
import { expect, test } from "vitest";
import { quantityFromMillis, quantityMillis } from "@/lib/kit/quantity.ts";
import { splitLine } from "@/lib/kit/share.ts";
import type { LockedLine } from "@/lib/orders/lock-order.ts";
import { priceLines } from "./price-lines.ts";
import type { ReturnedLine } from "./price-lines.ts";

const line = (sumKopecks: bigint, quantity = "1"): LockedLine => ({ lineId: "l1", lineNo: 1, itemId: "i1", name: "Чайник", kind: "goods", unitCode: "796", quantity, sumKopecks, vatRate: "vat22" });
const gone = (quantity: string, sumKopecks: bigint): ReturnedLine[] => [{ lineId: "l1", quantityMillis: quantityMillis(quantity), sumKopecks }];
const one = (of: LockedLine, quantity: string, returned: ReturnedLine[] = []) => priceLines([of], returned, [{ orderLineId: "l1", quantity }], "goods_return")[0]!.sumKopecks;

test("FISC-45: line A of FISC-43 (1 × 299.99, 2 × 300.00): the dearer pieces go back first, the cheaper one last", () => {
  expect(one(line(89_999n, "3"), "1")).toBe(30_000n);
  expect(one(line(89_999n, "3"), "1", gone("1", 30_000n))).toBe(30_000n);
  expect(one(line(89_999n, "3"), "1", gone("2", 60_000n))).toBe(29_999n);
  expect(one(line(89_999n, "3"), "2")).toBe(60_000n);
  expect(one(line(89_999n, "3"), "3")).toBe(89_999n);
});

test("FISC-43, FISC-45: whatever is returned piece by piece, each step takes the dearest pieces that are left, and all of it is the line", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 100n, max: 10_000_000n }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }), (sumKopecks, steps) => {
      const quantity = String(steps.reduce((a, b) => a + b, 0));
      const prices = splitLine({ totalKopecks: sumKopecks, quantity }).flatMap((part) => Array.from({ length: Number(part.quantity) }, () => part.priceKopecks)).toSorted((a, b) => (a < b ? 1 : -1));
      let [at, sum] = [0, 0n];
      for (const step of steps) {
        const got = one(line(sumKopecks, quantity), String(step), at === 0 ? [] : gone(String(at), sum));
        expect(got).toBe(prices.slice(at, at + step).reduce((a, b) => a + b, 0n));
        at += step;
        sum += got;
      }
      expect(sum).toBe(sumKopecks);
    }),
  );
});

test("FISC-45: weights share by what is left, the last part to the kopeck", () => {
  expect(one(line(10_000n, "1.5"), "0.5")).toBe(3_333n);
  expect(one(line(10_000n, "1.5"), "1", gone("0.5", 3_333n))).toBe(6_667n);
  expect(quantityFromMillis(1_500n)).toBe("1.5");
});

const concession = (sumKopecks: bigint | null, of = line(499_000n)) => priceLines([of], [], [{ orderLineId: "l1", quantity: "1", sumKopecks }], "price_concession");

test("FISC-36: a concession takes its own sum off the line, less than its price; any other reason takes the price", () => {
  expect(concession(50_000n)).toEqual([{ orderLineId: "l1", quantity: "1", sumKopecks: 50_000n }]);
  for (const bad of [499_000n, 600_000n, 0n, -1n, null]) expect(() => concession(bad)).toThrow();
  const back = (sumKopecks: bigint) => priceLines([line(499_000n)], [], [{ orderLineId: "l1", quantity: "1", sumKopecks }], "goods_return");
  expect(back(499_000n)[0]!.sumKopecks).toBe(499_000n);
  expect(() => back(50_000n)).toThrow(/снижении цены/);
});
