import { expect, test } from "vitest";
import type { LockedLine } from "@/lib/orders/lock-order.ts";
import { unshippedLines } from "./unshipped-lines.ts";

const line = (no: number, name: string, quantity: string, sumKopecks: bigint): LockedLine => ({
  lineId: `00000000-0000-4000-8000-00000000000${no}`, lineNo: no, itemId: `item-${name}`, name, kind: "goods", unitCode: "796", quantity, sumKopecks, vatRate: "vat22",
});
const kettle = line(1, "Чайник", "1", 499_000n);
const books = line(2, "Книга", "3", 100_000n);
const gone = (of: LockedLine, quantity: string, sumKopecks: bigint) => ({ lineId: of.lineId, itemId: of.itemId, name: of.name, quantity, sumKopecks });
const brief = (lines: ReturnType<typeof unshippedLines>) => lines.map((one) => [one.name, one.quantity, one.sumKopecks]);

test("FISC-10: nothing out yet: all of it", () => {
  expect(brief(unshippedLines([kettle, books], []))).toEqual([["Чайник", "1", 499_000n], ["Книга", "3", 100_000n]]);
});

test("FISC-21: the rest of a line takes the rest of its money to the kopeck", () => {
  expect(brief(unshippedLines([kettle, books], [gone(kettle, "1", 499_000n), gone(books, "1", 33_333n)]))).toEqual([["Книга", "2", 66_667n]]);
  expect(unshippedLines([books], [gone(books, "1", 33_333n), gone(books, "2", 66_667n)])).toEqual([]);
});

test("LOST-17: renumbered lines of a later revision are known by 1C's item, and only new pieces are left", () => {
  const later = { ...books, lineId: "00000000-0000-4000-9000-000000000001", quantity: "5", sumKopecks: 166_667n };
  expect(brief(unshippedLines([later], [gone(books, "3", 100_000n)]))).toEqual([["Книга", "2", 66_667n]]);
});

test("LOST-17: another price of goods that are out leaves nothing to ship", () => {
  expect(unshippedLines([{ ...kettle, sumKopecks: 600_000n }], [gone(kettle, "1", 499_000n)])).toEqual([]);
});

test("goods that left the order after their hand-over stay out, and hide nothing else", () => {
  expect(brief(unshippedLines([books], [gone(kettle, "1", 499_000n)]))).toEqual([["Книга", "3", 100_000n]]);
});
