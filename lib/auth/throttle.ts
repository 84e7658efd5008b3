/** Guesses are counted in the database, so that more web processes give nobody more tries. */
import { RateLimiterDrizzle, RateLimiterRes } from "rate-limiter-flexible";
import type { Database } from "@/db/index.ts";
import { throttles } from "@/db/schema/index.ts";
import { sha256Hex } from "@/lib/kit/ids.ts";

/** Wrong tries per account and per address within the window; then everything is refused until it ends. */
export const ACCOUNT_TRIES = 5;
export const ADDRESS_TRIES = 30;
const WINDOW_SECONDS = 15 * 60;

export type Throttle = {
  /** Counts a try before it is checked, so that parallel tries count too. Seconds to wait, or null: go on. */
  take(email: string, ip: string | null): Promise<number | null>;
  /** The try was right: the account starts afresh, the address gets its try back. */
  forgive(email: string, ip: string | null): Promise<void>;
  /** The password was right and a code is still missing: neither wrong nor a success. */
  giveBack(email: string, ip: string | null): Promise<void>;
};

export function createThrottle(database: Database): Throttle {
  const limiter = (keyPrefix: string, points: number) =>
    new RateLimiterDrizzle({ storeClient: database.orm, schema: throttles, keyPrefix, points, duration: WINDOW_SECONDS, clearExpiredByTimeout: false });
  const accounts = limiter("account", ACCOUNT_TRIES);
  const addresses = limiter("address", ADDRESS_TRIES);
  // The table names nobody: it holds hashes, and hashes have one length.
  const accountKey = (email: string) => sha256Hex(email).slice(0, 32);
  const addressKey = (ip: string | null) => ip ?? "direct";

  return {
    async take(email, ip) {
      const waits = await Promise.all([consume(accounts, accountKey(email)), consume(addresses, addressKey(ip))]);
      const wait = Math.max(...waits);
      return wait > 0 ? wait : null;
    },
    async forgive(email, ip) {
      await Promise.all([accounts.delete(accountKey(email)), addresses.reward(addressKey(ip), 1)]);
      await database.sql`delete from throttles where key in (select key from throttles where expire < now() limit 100)`;
    },
    async giveBack(email, ip) {
      await Promise.all([accounts.reward(accountKey(email), 1), addresses.reward(addressKey(ip), 1)]);
    },
  };
}

/** 0 = allowed; else seconds until the window ends. A failure of the database is a failure, not a free try. */
async function consume(limiter: RateLimiterDrizzle, key: string): Promise<number> {
  try {
    await limiter.consume(key, 1);
    return 0;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    throw refused;
  }
}
