import { expect, test } from "vitest";
import { formatDuration } from "@/lib/kit/format.ts";

test("ux 2: how long something took", () => {
  expect([0, 780, 9_940, 9_960, 89_000, 95_000, 5_340_000, 7_200_000, 259_200_000].map(formatDuration)).toEqual([
    "<\u00A00,1\u00A0с", "0,8\u00A0с", "9,9\u00A0с", "10\u00A0с", "89\u00A0с", "2\u00A0мин", "89\u00A0мин", "2\u00A0ч", "3\u00A0дн.",
  ]);
});
