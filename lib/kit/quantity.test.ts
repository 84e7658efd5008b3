import { expect, test } from "vitest";
import { parseRubles } from "@/lib/kit/money.ts";
import { lineSum, normalizeQuantity, QuantityFormatError, quantityFromMillis, quantityMillis, QuantityPrecisionError } from "@/lib/kit/quantity.ts";
import ffd from "./fixtures/ffd.json";

test("NUM-05: every vector of price × quantity", () => {
  for (const each of ffd.line_sum.cases) {
    if (each.sum_kop === undefined) expect(() => parseRubles(each.price)).toThrow();
    else expect([each.price, each.qty, lineSum(parseRubles(each.price), each.qty)]).toEqual([each.price, each.qty, BigInt(each.sum_kop)]);
  }
});

test("NUM-03: one spelling, three decimals", () => {
  expect(["2.000", "0,750", "1 250", "0.001", "3.140000", "007", "2.0000000000"].map(normalizeQuantity)).toEqual(["2", "0.75", "1250", "0.001", "3.14", "7", "2"]);
  expect(() => normalizeQuantity("0.333333")).toThrow(QuantityPrecisionError);
  for (const bad of ["", "-1", "1e3", "1.", ".5", "abc", "1.2.3", "1".repeat(10), "1.1234567"]) expect(() => normalizeQuantity(bad)).toThrow(QuantityFormatError);
  expect([quantityMillis("0.75"), quantityFromMillis(1500n), quantityFromMillis(0n)]).toEqual([750n, "1.5", "0"]);
});
