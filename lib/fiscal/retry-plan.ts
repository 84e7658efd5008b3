import { HOUR_MS, MINUTE_MS, SECOND_MS } from "@/lib/kit/time.ts";

/** When to ask for the state of a sent receipt (2.6): pause before ask number `n` (0 = the first), ms. */
const asks = [3, 10, 15, 30, 60, 120, 300, 600].map((s) => s * SECOND_MS);
export const askDelayMs = (n: number): number => asks[n] ?? 15 * MINUTE_MS;

/** Pause after failed send number `n` (1 = the first), ms; null = a person decides (fiscal README 2). */
const sends = [10, 12, 15, 15, 15].map((s) => s * SECOND_MS);
export function resendDelayMs(n: number, sincePlannedMs: number): number | null {
  const quick = sends[n - 1];
  if (quick !== undefined) return quick;
  if (sincePlannedMs < HOUR_MS) return 5 * MINUTE_MS;
  return sincePlannedMs < 24 * HOUR_MS ? 30 * MINUTE_MS : null;
}
