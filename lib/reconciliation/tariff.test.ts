import { expect, test } from "vitest";
import { discrepancyAdvice } from "./advice.ts";
import { discrepancyClasses } from "./states.ts";
import { expectedPayout, feeByTariff, tariffOf } from "./tariff.ts";

test("REC-06: the example of the rule, fee by fee, to the payout of 9 664.16", () => {
  const tariff = tariffOf("2.1")!;
  const captured = [663_100n, 269_981n, 120_000n];
  const fees = captured.map((kopecks) => feeByTariff(kopecks, tariff));
  expect(fees).toEqual([13_925n, 5_670n, 2_520n]);
  const sum = (values: bigint[]) => values.reduce((a, b) => a + b, 0n);
  expect(expectedPayout({ capturedKopecks: sum(captured), refundedKopecks: 64_550n, chargedBackKopecks: 0n, feeKopecks: sum(fees), feeVatKopecks: 0n, adjustmentKopecks: 0n })).toBe(966_416n);
});

test.each([["2.1", 210n], ["0", 0n], ["100", 10_000n], ["2,15", 215n], ["101", null], ["-1", null], ["2.155", null], ["two", null]])("a tariff of %s percent", (text, hundredths) => {
  expect(tariffOf(text)).toBe(hundredths);
});

test("every class of 5.2 has its advice", () => {
  expect(Object.keys(discrepancyAdvice).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(Object.keys(discrepancyClasses).toSorted((a, b) => (a < b ? -1 : 1)));
});
