import { expect, test } from "vitest";
import { daysOf, parsePeriod, periodOf } from "./period.ts";

const zone = "Europe/Moscow";
const now = new Date("2026-11-21T11:05:31Z");

test("A1: today is compared with yesterday up to the same minute", () => {
  const { current, previous } = periodOf("today", now, zone);
  expect(current).toEqual({ from: "2026-11-21", to: "2026-11-21", since: new Date("2026-11-20T21:00:00Z"), until: now });
  expect(previous).toEqual({ from: "2026-11-20", to: "2026-11-20", since: new Date("2026-11-19T21:00:00Z"), until: new Date("2026-11-20T11:05:31Z") });
});

test("A1: yesterday is a whole day, a week ends today", () => {
  expect(periodOf("yesterday", now, zone)).toMatchObject({ current: { from: "2026-11-20", to: "2026-11-20", until: new Date("2026-11-20T20:59:59.999Z") }, previous: { from: "2026-11-19", to: "2026-11-19" } });
  expect(periodOf("7", now, zone)).toMatchObject({ current: { from: "2026-11-15", to: "2026-11-21" }, previous: { from: "2026-11-08", to: "2026-11-14", until: new Date("2026-11-14T11:05:31Z") } });
  expect(periodOf("30", now, zone)).toMatchObject({ current: { from: "2026-10-23" }, previous: { from: "2026-09-23", to: "2026-10-22" } });
});

test("anything else in the address means today, and months end where they end", () => {
  expect([parsePeriod("7"), parsePeriod("year"), parsePeriod(null)]).toEqual(["7", "today", "today"]);
  expect(daysOf("2026-02-27", "2026-03-02")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
});
