/** Where the bars and lines of a stacked chart stand. Numbers are pixels of the viewBox; sums stay bigint until here. Pure. */

export type Segment = { key: string; value: bigint };
export type BarInput = { key: string; segments: readonly Segment[] };
export type Rect = { key: string; x: number; y: number; width: number; height: number };
export type Bar = { key: string; x: number; width: number; centre: number; top: number; rects: Rect[] };
export type Line = { y: number; value: bigint };
export type Geometry = { width: number; height: number; plotLeft: number; baseline: number; bars: Bar[]; lines: Line[]; step: number };

const GAP = 2;

/** The least of 1, 2, 5 × 10ⁿ kopecks that needs at most four lines. */
export function niceStep(max: bigint): bigint {
  for (let power = 1n; ; power *= 10n) {
    for (const times of [1n, 2n, 5n]) {
      const step = times * power;
      if (max <= step * 4n) return step;
    }
  }
}

export function layOut(bars: readonly BarInput[], box: { width: number; height: number; left: number; top: number; bottom: number }): Geometry {
  const totals = bars.map((bar) => bar.segments.reduce((sum, segment) => sum + segment.value, 0n));
  const max = totals.reduce((a, b) => (b > a ? b : a), 1n);
  const step = niceStep(max);
  const ceiling = ((max + step - 1n) / step) * step;
  const plotHeight = box.height - box.top - box.bottom;
  const baseline = box.height - box.bottom;
  const pixels = (value: bigint) => (Number(value) / Number(ceiling)) * plotHeight;
  const slot = (box.width - box.left) / Math.max(1, bars.length);
  const barWidth = Math.max(2, Math.min(52, slot * 0.56));
  return {
    width: box.width,
    height: box.height,
    plotLeft: box.left,
    baseline,
    step: slot,
    lines: Array.from({ length: Number(ceiling / step) + 1 }, (_, i) => ({ value: step * BigInt(i), y: baseline - pixels(step * BigInt(i)) })),
    bars: bars.map((bar, i) => {
      const x = box.left + slot * i + (slot - barWidth) / 2;
      let y = baseline;
      const rects: Rect[] = [];
      for (const segment of bar.segments) {
        if (segment.value <= 0n) continue;
        const full = pixels(segment.value);
        y -= full;
        // What is there is seen: a sliver stays one pixel high.
        rects.push({ key: segment.key, x, y, width: barWidth, height: Math.max(1, full - (rects.length > 0 ? GAP : 0)) });
      }
      return { key: bar.key, x, width: barWidth, centre: x + barWidth / 2, top: y, rects };
    }),
  };
}

/** Units of an axis in kopecks, with their Russian words; the axis takes the greatest that leaves at most four digits. */
const units = [
  { kopecks: 100n, word: "₽" },
  { kopecks: 100_000n, word: "тыс. ₽" },
  { kopecks: 100_000_000n, word: "млн ₽" },
  { kopecks: 100_000_000_000n, word: "млрд ₽" },
  { kopecks: 100_000_000_000_000n, word: "трлн ₽" },
] as const;

export const axisUnit = (max: bigint): (typeof units)[number] => units.findLast((unit) => max >= unit.kopecks * 2n) ?? units[0];

/** A sum in an axis unit: `0,5`, `150`; at most one decimal, as round lines need no more. */
export function inUnit(value: bigint, unitKopecks: bigint): string {
  const tenths = (value * 10n + unitKopecks / 2n) / unitKopecks;
  return tenths % 10n === 0n ? (tenths / 10n).toString() : `${tenths / 10n},${tenths % 10n}`;
}
