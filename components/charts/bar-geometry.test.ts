import { expect, test } from "vitest";
import { layOut, niceStep } from "./bar-geometry.ts";

const box = { width: 820, height: 330, left: 40, top: 20, bottom: 30 };

test("ux 3: at most four lines above zero, at round sums", () => {
  expect([1n, 4n, 5n, 40_000n, 22_500_000n, 999_999_999_999n].map(niceStep)).toEqual([1n, 1n, 2n, 10_000n, 10_000_000n, 500_000_000_000n]);
  for (const max of [1n, 7n, 123n, 99_999n, 22_543_210n]) expect(layOut([{ key: "a", segments: [{ key: "card", value: max }] }], box).lines.length).toBeLessThanOrEqual(5);
});

test("bars start at zero, are as high as their share, and segments leave a gap", () => {
  const { bars, lines, baseline } = layOut(
    [
      { key: "a", segments: [{ key: "card", value: 10_000n }, { key: "sbp", value: 10_000n }] },
      { key: "b", segments: [{ key: "card", value: 0n }] },
    ],
    box,
  );
  const [card, sbp] = bars[0]!.rects;
  expect(card!.y + card!.height).toBeCloseTo(baseline);
  expect(bars[0]!.top).toBeCloseTo(lines.at(-1)!.y);
  expect(sbp!.y + sbp!.height).toBeCloseTo(card!.y - 2);
  expect(bars[1]!.rects).toEqual([]);
});

test("a small sum beside a great one stays visible", () => {
  const { bars } = layOut([{ key: "a", segments: [{ key: "card", value: 999_999_999_999n }, { key: "sbp", value: 1n }] }], box);
  expect(bars[0]!.rects.at(-1)!.height).toBe(1);
});
