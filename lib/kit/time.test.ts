import { expect, test } from "vitest";
import { addDays, endOfLocalDay, instantOfLocal, localDate, localText } from "@/lib/kit/time.ts";

test("NUM-06: the business day is the shop's day", () => {
  expect([localDate(new Date("2026-11-20T20:59:59Z")), localDate(new Date("2026-11-20T21:00:00Z"))]).toEqual(["2026-11-20", "2026-11-21"]);
  expect(localText(new Date("2026-11-30T20:59:59Z"))).toBe("2026-11-30T23:59:59");
  expect(localText(new Date("2026-11-21T21:00:00Z"))).toBe("2026-11-22T00:00:00");
  expect(endOfLocalDay("2026-12-31").toISOString()).toBe("2026-12-31T20:59:59.999Z");
  expect([addDays("2026-12-31", 1), addDays("2026-03-01", -1)]).toEqual(["2027-01-01", "2026-02-28"]);
});

test("NUM-06: the wall clock before and after it is changed, in the middle of an hour too", () => {
  const shown = (text: string, zone: string) => localText(new Date(text), zone);
  expect([shown("2026-03-29T00:59:59Z", "Europe/Berlin"), shown("2026-03-29T01:00:00Z", "Europe/Berlin")]).toEqual(["2026-03-29T01:59:59", "2026-03-29T03:00:00"]);
  expect([shown("2026-10-03T15:29:59.999Z", "Australia/Lord_Howe"), shown("2026-10-03T15:30:00Z", "Australia/Lord_Howe")]).toEqual(["2026-10-04T01:59:59", "2026-10-04T02:30:00"]);
  expect([shown("1999-06-01T12:00:00Z", "Europe/Moscow"), shown("9999-12-31T22:00:00Z", "Europe/Moscow")]).toEqual(["1999-06-01T16:00:00", "10000-01-01T01:00:00"]);
});

test("texts without a zone become instants", () => {
  expect(instantOfLocal("2026-11-21 10:17:02")?.toISOString()).toBe("2026-11-21T07:17:02.000Z");
  expect(instantOfLocal("2026-11-21")?.toISOString()).toBe("2026-11-20T21:00:00.000Z");
  expect(instantOfLocal("2026-11-21T10:17", "Asia/Vladivostok")?.toISOString()).toBe("2026-11-21T00:17:00.000Z");
  expect(instantOfLocal("2026-07-01 12:00:00", "Europe/Berlin")?.toISOString()).toBe("2026-07-01T10:00:00.000Z");
  for (const bad of ["", "2026-02-30", "21.11.2026", "2026-11-21 24:00:00", "0000-00-00 00:00:00"]) expect(instantOfLocal(bad)).toBeNull();
});
