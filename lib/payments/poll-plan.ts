import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "@/lib/kit/time.ts";

/** PAY-13: first steps, then every half hour until the provider's limit + 24 h, then daily to day 7, then an alert. */
const steps = [15 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 15 * MINUTE_MS];
const REGULAR_MS = 30 * MINUTE_MS;
export const POLLING_ENDS_MS = 7 * DAY_MS;

/** Pause before read number `pollNo` (0 = the first), ms. Regular part only; `nextPollAt` knows the rest. */
export const pollDelayMs = (pollNo: number): number => steps[pollNo] ?? REGULAR_MS;

/** When to read next, or null when the plan is over. `pollNo` = reads done so far. */
export function nextPollAt(pollNo: number, now: Date, createdAt: Date, expiresAt: Date | null): Date | null {
  const age = now.getTime() - createdAt.getTime();
  if (age > POLLING_ENDS_MS) return null;
  const regularUntil = (expiresAt?.getTime() ?? createdAt.getTime() + DAY_MS) + 24 * HOUR_MS;
  const delay = now.getTime() > regularUntil ? DAY_MS : pollDelayMs(pollNo);
  return new Date(now.getTime() + delay);
}
