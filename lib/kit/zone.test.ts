import { expect, test } from "vitest";
import { businessDate, fromZoned, zonedText } from "@/lib/kit/zone.ts";

test("NUM-06: the business day is the shop's day", () => {
  expect([businessDate(new Date("2026-11-20T20:59:59Z")), businessDate(new Date("2026-11-20T21:00:00Z"))]).toEqual(["2026-11-20", "2026-11-21"]);
  expect(zonedText(new Date("2026-11-30T20:59:59Z"))).toBe("2026-11-30 23:59:59");
});

test("texts without a zone become instants", () => {
  expect(fromZoned("2026-11-21 10:17:02")?.toISOString()).toBe("2026-11-21T07:17:02.000Z");
  expect(fromZoned("2026-11-21")?.toISOString()).toBe("2026-11-20T21:00:00.000Z");
  expect(fromZoned("2026-11-21T10:17", "Asia/Vladivostok")?.toISOString()).toBe("2026-11-21T00:17:00.000Z");
  expect(fromZoned("2026-07-01 12:00:00", "Europe/Berlin")?.toISOString()).toBe("2026-07-01T10:00:00.000Z");
  for (const bad of ["", "2026-02-30", "21.11.2026", "2026-11-21 24:00:00", "0000-00-00 00:00:00"]) expect(fromZoned(bad)).toBeNull();
});
