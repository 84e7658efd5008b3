import { expect, test } from "vitest";
import { workingCalendar } from "@/lib/orders/due-date.ts";
import { lastOrdinaryDay } from "./ordinary-until.ts";

const calendar = workingCalendar([{ day: "2026-11-04", isWorking: false }, { day: "2026-11-07", isWorking: true }]);

test.each([
  ["2026-11-19", "2026-11-20"], // Thursday: Friday.
  ["2026-11-20", "2026-11-23"], // Friday: Monday.
  ["2026-11-21", "2026-11-23"], // Saturday: Monday.
  ["2026-11-03", "2026-11-05"], // The holiday is skipped.
  ["2026-11-06", "2026-11-07"], // A Saturday that works.
])("FISC-31: money of %s is receipted in the ordinary way until the end of %s", (settledOn, until) => {
  expect(lastOrdinaryDay(settledOn, calendar)).toBe(until);
});

test("FISC-31: a calendar without working days does not hang", () => {
  expect(lastOrdinaryDay("2026-11-19", () => false)).toBe("2027-01-19");
});
