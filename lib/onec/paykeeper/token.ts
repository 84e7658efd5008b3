import { createHmac, timingSafeEqual } from "node:crypto";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";

/**
 * The token of a 1C base (API-8). It guards nothing beyond the password and is remembered nowhere: made of the password and the day, so that a
 * changed password ends it. Today's and yesterday's are good: at least 24 hours.
 */
export const tokenOf = (base: OpenConnection, day: string): string =>
  createHmac("sha256", base.secret["password"] ?? base.secret["token"] ?? "").update(`paykeeper-token:${base.id}:${day}`).digest("hex").slice(0, 32);

export const tokenNow = (base: OpenConnection, now: Date, zone: string): string => tokenOf(base, localDate(now, zone));

export function isToken(base: OpenConnection, given: string, now: Date, zone: string): boolean {
  const today = localDate(now, zone);
  const asGiven = Buffer.from(given, "utf8");
  return [today, addDays(today, -1)].some((day) => {
    const good = Buffer.from(tokenOf(base, day), "utf8");
    return good.length === asGiven.length && timingSafeEqual(good, asGiven);
  });
}
