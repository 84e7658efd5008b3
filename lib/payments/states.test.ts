import { expect, test } from "vitest";
import { attemptStates, canMove, isLive } from "./states.ts";
import { POLLING_ENDS_MS, nextLateReadAt, nextPollAt } from "./poll-plan.ts";

/** The whole table of domain 2.4, so that a new state cannot slip in untested. */
const allowed: Record<string, string> = {
  created: "pending failed unknown authorized succeeded canceled expired",
  unknown: "pending authorized succeeded failed canceled expired",
  pending: "authorized succeeded failed canceled expired",
  authorized: "succeeded canceled expired",
  succeeded: "",
  failed: "succeeded",
  canceled: "succeeded",
  expired: "succeeded",
};

test.each(attemptStates.flatMap((from) => attemptStates.map((to) => [from, to] as const)))("PAY-11: %s → %s", (from, to) => {
  expect(canMove(from, to)).toBe(allowed[from]!.split(" ").includes(to));
});

test("PAY-10: succeeded is final, and only success leaves a failed state", () => {
  expect(attemptStates.filter((to) => canMove("succeeded", to))).toEqual([]);
  expect(attemptStates.filter((to) => canMove("failed", to))).toEqual(["succeeded"]);
  expect(attemptStates.filter(isLive)).toEqual(["created", "unknown", "pending", "authorized"]);
});

test("PAY-13: 15 s, 30 s, 1, 2, 5, 10, 15 min, then half-hourly, daily after the limit, and an end on day 7", () => {
  const created = new Date("2026-11-21T09:00:00Z");
  const expires = new Date("2026-11-21T10:00:00Z");
  const pauses = Array.from({ length: 9 }, (_, n) => (nextPollAt(n, created, created, expires)!.getTime() - created.getTime()) / 1000);
  expect(pauses).toEqual([15, 30, 60, 120, 300, 600, 900, 1800, 1800]);
  const afterLimit = new Date(expires.getTime() + 25 * 3_600_000);
  expect(nextPollAt(40, afterLimit, created, expires)!.getTime() - afterLimit.getTime()).toBe(86_400_000);
  const ended = new Date(created.getTime() + 3_600_000);
  expect([0, 1, 1.9, 2, 20].map((hours) => (nextLateReadAt(new Date(ended.getTime() + hours * 3_600_000), ended).getTime() - ended.getTime()) / 3_600_000 - hours)).toEqual([0.5, 0.5, expect.closeTo(0.5), 6, 6]);
  expect(nextPollAt(50, new Date(created.getTime() + POLLING_ENDS_MS + 1), created, expires)).toBeNull();
});
