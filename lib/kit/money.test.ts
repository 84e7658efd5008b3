import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MoneyFormatError, mulDivRoundHalfUp, parseRubles, rublesText, sum } from "@/lib/kit/money.ts";

describe("NUM-02: roubles as text", () => {
  test.each([
    ["6631.00", 663100n], ["6631", 663100n], ["6 631,00", 663100n], ["6\u00A0631,00", 663100n], ["6\u202F631,00\u00A0₽", 663100n],
    ["1\u2009234\u2009567.8", 123456780n], ["100 руб.", 10000n], ["100,5руб", 10050n], ["-5", -500n], ["\u2212\u00A05".replace("\u00A0", ""), -500n], [" 0.01 ", 1n], ["0", 0n],
  ])("%s is %s kopecks", (text, kopecks) => expect(parseRubles(text)).toBe(kopecks));

  test.each(["", " ", "1.005", "12.5000", "1,2,3", "1e3", "0x10", "12 34", "--5", ".5", "5.", "NaN", "Infinity", "10 $", "1".repeat(14), "٣", "1 000 00"])(
    "%j is refused",
    (text) => expect(() => parseRubles(text)).toThrow(MoneyFormatError),
  );

  test("trimZeros takes zeros beyond the kopecks, not digits", () => {
    expect(parseRubles("12.5000", { trimZeros: true })).toBe(1250n);
    expect(parseRubles("12", { trimZeros: true })).toBe(1200n);
    expect(() => parseRubles("12.5001", { trimZeros: true })).toThrow(MoneyFormatError);
  });

  test("machine text reads back as the same sum", () => {
    fc.assert(fc.property(fc.bigInt(-(10n ** 15n) + 1n, 10n ** 15n - 1n), (kopecks) => parseRubles(rublesText(kopecks)) === kopecks));
    expect([rublesText(-1n), rublesText(0n), rublesText(124950n)]).toEqual(["-0.01", "0.00", "1249.50"]);
  });
});

test("NUM-05: halves go up, and a return mirrors its sale", () => {
  expect([mulDivRoundHalfUp(1n, 1n, 2n), mulDivRoundHalfUp(-1n, 1n, 2n), mulDivRoundHalfUp(1n, 49n, 100n), mulDivRoundHalfUp(7n, 3n, 3n)]).toEqual([1n, -1n, 0n, 7n]);
  expect(() => mulDivRoundHalfUp(1n, 1n, 0n)).toThrow(RangeError);
});

test("sums start from nothing", () => expect([sum([]), sum([1n, 2n])]).toEqual([0n, 3n]));
