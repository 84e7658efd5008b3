import { expect, test } from "vitest";
import { dueDate, orderDueDate, workingCalendar } from "./due-date.ts";

const range = (month: string, from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => ({ day: `${month}-${String(from + i).padStart(2, "0")}`, isWorking: false }));
// B2B-03: the non-working days of 2026 and the certain ones of 2027 that the table needs.
const calendar = workingCalendar([{ day: "2026-11-04", isWorking: false }, { day: "2026-12-31", isWorking: false }, ...range("2027-01", 1, 10)]);

test.each([
  ["shipment Fri 2026-12-18, 14 calendar: 01.01 is a holiday", "2026-12-18", 14, "calendar", "2027-01-11"],
  ["shipment Tue 2026-11-03, 5 working: 4 Nov is a holiday", "2026-11-03", 5, "working", "2026-11-11"],
  ["invoice Tue 2026-11-10, 30 calendar", "2026-11-10", 30, "calendar", "2026-12-10"],
  ["shipment Sat 2026-11-07, 14 calendar: Sat moves to Mon", "2026-11-07", 14, "calendar", "2026-11-23"],
] as const)("B2B-02: %s", (_what, base, days, dayKind, due) => {
  expect(dueDate(base, { days, dayKind }, calendar)).toBe(due);
});

test("B2B-02: a contract may leave a due date on a day off", () => {
  expect(dueDate("2026-11-07", { days: 14, dayKind: "calendar" }, calendar, false)).toBe("2026-11-21");
});

test("B2B-03: a working Saturday of the calendar counts", () => {
  const shifted = workingCalendar([{ day: "2026-11-21", isWorking: true }]);
  expect(dueDate("2026-11-07", { days: 14, dayKind: "calendar" }, shifted)).toBe("2026-11-21");
  expect(dueDate("2026-11-20", { days: 1, dayKind: "working" }, shifted)).toBe("2026-11-21");
});

test("B2B-02: terms from shipment wait for the shipment, the others start with the order", () => {
  const terms = { days: 14, dayKind: "calendar", base: "shipment_date" } as const;
  expect(orderDueDate(terms, { orderDay: "2026-11-10", shipmentDay: null }, calendar)).toBeNull();
  expect(orderDueDate(terms, { orderDay: "2026-11-10", shipmentDay: "2026-11-07" }, calendar)).toBe("2026-11-23");
  expect(orderDueDate({ ...terms, base: "invoice_date", days: 30 }, { orderDay: "2026-11-10", shipmentDay: null }, calendar)).toBe("2026-12-10");
  expect(orderDueDate(null, { orderDay: "2026-11-10", shipmentDay: null }, calendar)).toBeNull();
});

test("a calendar without working days does not hang", () => {
  expect(dueDate("2026-11-10", { days: 1, dayKind: "calendar" }, () => false)).toMatch(/^\d{4}-/);
});
