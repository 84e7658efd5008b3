import { expect, test } from "vitest";
import { linesFor } from "./receipt-line.ts";
import { splitReceipt, sumOf } from "./split-receipt.ts";

const bolt = (name: string, markCode: string | null = null) => linesFor({ name, vat: "vat22_122", method: 1, subject: markCode ? 33 : 1, measure: 0, orderLineId: null, markCode }, 100n, "1")[0]!;

test("FISC-41: more than a hundred equal lines become one", () => {
  expect(splitReceipt(Array.from({ length: 150 }, () => bolt("Болт")))).toEqual([[expect.objectContaining({ name: "Болт", quantity: "150", priceKopecks: 100n, sumKopecks: 15_000n, vatKopecks: 2_705n })]]);
});

test("FISC-41: what is still too long becomes several receipts, and their sums add up", () => {
  const lines = Array.from({ length: 250 }, (_, i) => bolt(`Болт М${i}`));
  const parts = splitReceipt(lines);
  expect(parts.map((part) => part.length)).toEqual([100, 100, 50]);
  expect(parts.map(sumOf).reduce((a, b) => a + b, 0n)).toBe(25_000n);
});

test("FISC-51: a marked piece is never merged with another", () => {
  const parts = splitReceipt([...Array.from({ length: 120 }, () => bolt("Болт")), bolt("Духи", "code-1"), bolt("Духи", "code-2")]);
  expect(parts[0]!.map((line) => [line.name, line.quantity, line.markCode])).toEqual([["Болт", "120", null], ["Духи", "1", "code-1"], ["Духи", "1", "code-2"]]);
});

test("FISC-41: a short receipt stays as it is, equal lines and all", () => {
  expect(splitReceipt([bolt("Болт"), bolt("Болт")])).toEqual([[bolt("Болт"), bolt("Болт")]]);
});
