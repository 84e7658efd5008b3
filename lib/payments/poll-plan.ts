import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "@/lib/kit/time.ts";

/** PAY-13: first steps, then every half hour until the provider's limit + 24 h, then daily to day 7, then an alert. */
const steps = [15 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS, 15 * MINUTE_MS];
const REGULAR_MS = 30 * MINUTE_MS;
export const POLLING_ENDS_MS = 7 * DAY_MS;
/** A payment that ended without money rarely becomes money after all, and then mostly soon: its bank is asked seldom (LOST-05). */
const LATE_SOON_MS = 2 * HOUR_MS;
const LATE_PAUSE_MS = 6 * HOUR_MS;

/** When to read a payment again that ended without money at `finishedAt`: half-hourly for two hours, then four times a day. */
export const nextLateReadAt = (now: Date, finishedAt: Date): Date => new Date(now.getTime() + (now.getTime() - finishedAt.getTime() < LATE_SOON_MS ? REGULAR_MS : LATE_PAUSE_MS));

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
