import fc from "fast-check";
import { expect, test } from "vitest";
import { sum } from "@/lib/kit/money.ts";
import { lineSum } from "@/lib/kit/quantity.ts";
import { shareByLargestRemainder, shareKeepingLines, splitLine } from "@/lib/kit/share.ts";
import ffd from "./fixtures/ffd.json";

test("FISC-42: every vector of a spread discount", () => {
  for (const { lines_kop, target_kop, result_kop } of ffd.discount_spread.cases) {
    const weights = lines_kop.map(BigInt);
    expect(shareByLargestRemainder(BigInt(target_kop), weights)).toEqual(result_kop.map(BigInt));
    expect(shareKeepingLines(BigInt(target_kop), weights)).toEqual(result_kop.map(BigInt));
  }
});

test("invariant 18: parts add up, none is negative, each is within a kopeck of its exact share", () => {
  const weights = fc.array(fc.bigInt(0n, 10n ** 12n), { minLength: 1, maxLength: 40 }).filter((each) => sum(each) > 0n);
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 12n), weights, (total, given) => {
      const whole = sum(given);
      const parts = shareByLargestRemainder(total, given);
      expect(sum(parts)).toBe(total);
      for (const [at, part] of parts.entries()) {
        const off = part * whole - total * (given[at] ?? 0n);
        expect(part >= 0n && off < whole && off > -whole).toBe(true);
      }
    }),
  );
});

test("ffd.md 4.3: no line vanishes in a discount", () => {
  expect(shareByLargestRemainder(100n, [1000000n, 1n])).toEqual([100n, 0n]);
  expect(shareKeepingLines(100n, [1000000n, 1n])).toEqual([99n, 1n]);
  expect(() => shareKeepingLines(1n, [1n, 1n])).toThrow(RangeError);
});

test("a sum cannot be shared over nothing, nothing can", () => {
  expect(() => shareByLargestRemainder(1n, [0n, 0n])).toThrow(RangeError);
  expect(() => shareByLargestRemainder(-1n, [1n])).toThrow(RangeError);
  expect(shareByLargestRemainder(0n, [0n, 0n])).toEqual([0n, 0n]);
});

test("FISC-43: every vector of a split line", () => {
  for (const { total_kop, qty, lines } of ffd.line_split.cases) {
    const expected = lines.map((line) => ({ priceKopecks: BigInt(line.price_kop), quantity: line.qty, nameSuffix: "name_suffix" in line ? line.name_suffix : "" }));
    expect(splitLine({ totalKopecks: BigInt(total_kop), quantity: qty })).toEqual(expected);
  }
});

test("FISC-43: the register always computes the same total", () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 10n), fc.integer({ min: 1, max: 99_999_999 }), (totalKopecks, millis) => {
      const parts = splitLine({ totalKopecks, quantity: (millis / 1000).toFixed(3) });
      expect(sum(parts.map((part) => lineSum(part.priceKopecks, part.quantity)))).toBe(totalKopecks);
      expect(parts.every((part) => part.priceKopecks > 0n)).toBe(true);
    }),
  );
});
