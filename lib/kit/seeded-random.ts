/** A stream of numbers that is the same for the same seed (sfc32). Not for secrets. */
export type SeededRandom = {
  /** A whole number, 0 ≤ n < below. */
  below(below: number): number;
  /** From least to most, both included. */
  between(least: number, most: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
};

export function seededRandom(seed: number): SeededRandom {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let d = seed ^ 0xdeadbeef;
  const draw = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 12; i++) draw();
  const below = (limit: number): number => Math.floor(draw() * limit);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => draw() < probability,
    pick: (from) => from[below(from.length)]!,
  };
}
