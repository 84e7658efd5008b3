import type { Ctx } from "@/lib/context.ts";
import { seededRandom } from "@/lib/kit/seeded-random.ts";
import { shareByLargestRemainder } from "@/lib/kit/share.ts";
import { DAY_MS } from "@/lib/kit/time.ts";
import type { Breaks, Invariant } from "./invariant.ts";
import { EXAMPLES_MAX } from "./invariant.ts";

const SAMPLE = 2_000;

function find(ctx: Ctx): Promise<Breaks> {
  // Another sample every day, the same one all day.
  const { below: next } = seededRandom(Math.floor(ctx.now().getTime() / DAY_MS));
  const examples: string[] = [];
  let count = 0;
  for (let i = 0; i < SAMPLE; i++) {
    const weights = Array.from({ length: 1 + next(40) }, () => BigInt(next(1_000_000)));
    const total = weights.reduce((sum, weight) => sum + weight, 0n);
    if (total === 0n) continue;
    const shared = BigInt(next(2_000_000_000)) % (total + 1n);
    const parts = shareByLargestRemainder(shared, weights);
    const isWhole = parts.reduce((sum, part) => sum + part, 0n) === shared;
    // |part − share| < 1, without fractions: |part × Σ − S × w| < Σ.
    const isNear = parts.every((part, at) => part >= 0n && abs(part * total - shared * weights[at]!) < total);
    if (isWhole && isNear) continue;
    count += 1;
    if (examples.length < EXAMPLES_MAX) examples.push(`${shared} по весам ${weights.join(", ").slice(0, 80)}`);
  }
  return Promise.resolve({ count, examples });
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

export const arithmeticInvariants: Invariant[] = [{ no: 18, title: "Доли при распределении дают целое", find }];
