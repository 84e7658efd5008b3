import { expect, test } from "vitest";
import { axisUnit, inUnit, layOut, niceStep } from "./bar-geometry.ts";

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

test("an axis speaks in units that keep its numbers short", () => {
  expect([0n, 150_000n, 22_500_000n, 814_119_680n, 99_999_999_999_999n].map((max) => axisUnit(max).word)).toEqual(["₽", "₽", "тыс. ₽", "млн ₽", "млрд ₽"]);
  expect([inUnit(50_000_000n, 100_000_000n), inUnit(500_000_000n, 100_000_000n), inUnit(0n, 100n), inUnit(20_000_000n, 100_000n)]).toEqual(["0,5", "5", "0", "200"]);
  for (let max = 1n; max < 10n ** 15n; max *= 3n) {
    const { kopecks } = axisUnit(max);
    for (const line of layOut([{ key: "a", segments: [{ key: "card", value: max }] }], box).lines) expect(inUnit(line.value, kopecks).length, String(max)).toBeLessThanOrEqual(4);
  }
});
