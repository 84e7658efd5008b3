import { expect, test } from "vitest";
import { validate, version } from "uuid";
import { newId } from "./ids.ts";

test("NUM-08: ids are UUIDs of version 7, all different, each greater than the one before", () => {
  const ids = Array.from({ length: 5_000 }, newId);
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
});

test("an id tells its moment", () => {
  const before = Date.now();
  const at = Number.parseInt(newId().replaceAll("-", "").slice(0, 12), 16);
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThanOrEqual(Date.now() + 1);
});

test("the random part differs also between ids of one draw", () => {
  const tails = new Set(Array.from({ length: 1_000 }, () => newId().slice(-10)));
  expect(tails.size).toBeGreaterThan(990);
});
