/** Soft limits of the customer's pages (SEC-11): guessing links is hopeless, a customer never notices. */
import { RateLimiterDrizzle, RateLimiterRes } from "rate-limiter-flexible";
import { throttles } from "@/db/schema/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { sha256Hex } from "@/lib/kit/ids.ts";

/** Unknown links asked for by one address. */
const MISS_PREFIX = "pay-miss";
export const MISSES_MAX = 60;
/** Forms sent for one link: attempts, invoices, new links. */
const ACTION_PREFIX = "pay-act";
const ACTIONS_MAX = 40;
const WINDOW_SECONDS = 10 * 60;

/** Row of `throttles` that counts the misses of an address; null when addresses are not known here. */
export const missKeyOf = (ip: string | null): string | null => (ip ? `${MISS_PREFIX}:${ip}` : null);

const limiter = (ctx: Ctx, keyPrefix: string, points: number) =>
  new RateLimiterDrizzle({ storeClient: ctx.database.orm, schema: throttles, keyPrefix, points, duration: WINDOW_SECONDS, clearExpiredByTimeout: false });

export async function countMiss(ctx: Ctx, ip: string | null): Promise<void> {
  if (ip) await take(ctx, MISS_PREFIX, MISSES_MAX, ip);
}

/** False: this link was used too often just now. */
export const mayAct = (ctx: Ctx, token: string): Promise<boolean> => take(ctx, ACTION_PREFIX, ACTIONS_MAX, sha256Hex(token).slice(0, 32));

async function take(ctx: Ctx, prefix: string, points: number, key: string): Promise<boolean> {
  try {
    await limiter(ctx, prefix, points).consume(key, 1);
    return true;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return false;
    throw refused;
  }
}
