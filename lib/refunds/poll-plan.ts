import { MINUTE_MS, SECOND_MS } from "@/lib/kit/time.ts";

/** A refund that the bank carries out: 30 s, 1, 2, 5, 15 min, then every half hour until it ends (SBP may take a day). */
const steps = [30 * SECOND_MS, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS];
const REGULAR_MS = 30 * MINUTE_MS;
/** Pause before poll number `pollNo` (0 = the first), ms. */
export const refundPollDelayMs = (pollNo: number): number => steps[pollNo] ?? REGULAR_MS;

/** Between two looks at a refund begun outside that the bank still carries out, ms. */
export const EXTERNAL_POLL_MS = REGULAR_MS;

/** A refund of unknown fate is missing in the bank's list so often, this far apart, before it goes out again. */
export const ABSENCES_NEEDED = 2;
/** Pause after absence number `absences`, ms: two minutes at first, slower with each round that brought nothing. */
export const absenceDelayMs = (absences: number): number => Math.min(2 * MINUTE_MS * 2 ** Math.floor(absences / ABSENCES_NEEDED), REGULAR_MS);
