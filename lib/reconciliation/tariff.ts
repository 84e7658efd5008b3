/** The acquirer's tariff, setting `feePercent` of its connection ("2.1"), and the payout equation of REC-06. Pure. */
import { mulDivRoundHalfUp, parseRubles } from "@/lib/kit/money.ts";

/** "2.1" percent in hundredths of a percent; null when the setting is no such number. */
export function tariffOf(percent: string): bigint | null {
  try {
    const hundredths = parseRubles(percent);
    return hundredths >= 0n && hundredths <= 10_000n ? hundredths : null;
  } catch {
    return null;
  }
}

/** The fee of one operation: half a kopeck goes up. The same formula stands in SQL where thousands are checked at once. */
export const feeByTariff = (amountKopecks: bigint, hundredthsOfPercent: bigint): bigint => mulDivRoundHalfUp(amountKopecks, hundredthsOfPercent, 10_000n);

export type PayoutSums = { capturedKopecks: bigint; refundedKopecks: bigint; chargedBackKopecks: bigint; feeKopecks: bigint; feeVatKopecks: bigint; adjustmentKopecks: bigint };

/** REC-06: what must come to the account. */
export const expectedPayout = (sums: PayoutSums): bigint =>
  sums.capturedKopecks - sums.refundedKopecks - sums.chargedBackKopecks - sums.feeKopecks - sums.feeVatKopecks + sums.adjustmentKopecks;
