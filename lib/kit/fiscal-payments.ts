import { sum, type Kopecks } from "@/lib/kit/money.ts";

export type PaymentsCheck = { ok: true; changeKopecks: Kopecks } | { ok: false; problem: "below_total" | "noncash_above_total" | "negative" };

/** ffd.md 2.6: payments cover the total, everything but cash stays within it, the surplus of cash is change. */
export function checkReceiptPayments(totalKopecks: Kopecks, cashKopecks: Kopecks, otherKopecks: readonly Kopecks[]): PaymentsCheck {
  const other = sum(otherKopecks);
  if (cashKopecks < 0n || otherKopecks.some((each) => each < 0n)) return { ok: false, problem: "negative" };
  if (other > totalKopecks) return { ok: false, problem: "noncash_above_total" };
  if (other + cashKopecks < totalKopecks) return { ok: false, problem: "below_total" };
  return { ok: true, changeKopecks: other + cashKopecks - totalKopecks };
}
