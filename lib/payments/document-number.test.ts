import { expect, test } from "vitest";
import { plainDocumentNumber, sameDocumentNumber } from "./document-number.ts";

test.each([
  ["УТ00-000377", "377", true],
  ["УТ00-000377", "№ 377", true],
  ["УТ00-000377", "ут00-000377", true],
  // Latin look-alikes.
  ["ТД000001877", "TД000001877", true],
  ["000377", "377", true],
  ["УТ00-000377", "НФНФ-000377", false],
  ["УТ00-000377", "УТ00-000378", false],
  ["377", "3770", false],
  ["б/н", "б/н", true],
  ["б/н", "377", false],
  ["", "", false],
] as const)("%s and %s: %s", (left, right, same) => {
  expect(sameDocumentNumber(left, right)).toBe(same);
  expect(sameDocumentNumber(right, left)).toBe(same);
});

test("one spelling for keys", () => {
  expect(plainDocumentNumber(" № 000377 ")).toBe(plainDocumentNumber("377"));
});
