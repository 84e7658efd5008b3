/** The closing receipt of one hand-over (FISC-10 … FISC-13, FISC-21 … FISC-24, FISC-28, FISC-29, FISC-51). Pure. */
import { quantityMillis } from "@/lib/kit/quantity.ts";
import { shareByLargestRemainder } from "@/lib/kit/share.ts";
import { straightRate } from "@/lib/kit/vat.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { ReceiptLine } from "./cash-register.ts";
import { poolOf, smaller } from "./balance.ts";
import type { FiscalBalance } from "./balance.ts";
import { linesFor, measureOf, subjectOf } from "./receipt-line.ts";
import { sumOf } from "./split-receipt.ts";
import type { NotRequiredReason } from "./states.ts";

export type ShippedLine = {
  orderLineId: string | null;
  name: string;
  kind: "goods" | "service";
  unitCode: string | null;
  quantity: string;
  sumKopecks: bigint;
  vatRate: VatRate;
  /** One code per piece; null = goods that need none. */
  markCodes: string[] | null;
};

export type Closing = {
  lines: readonly ShippedLine[];
  balance: FiscalBalance;
  /** A company's hand-over needs a receipt only for what it paid on the site (FISC-28, FISC-29). */
  isCompany: boolean;
  /** Money of the order that another register prints. */
  hasForeignMoney: boolean;
  /** The buyer pays later by agreement (FISC-23). */
  hasDeferral: boolean;
  /** Setting `closing.unpaidRest`. */
  unpaidRest: "credit" | "store_register";
};

export type ClosingPlan =
  | { kind: "not_required"; reason: NotRequiredReason }
  | { kind: "receipt"; lines: ReceiptLine[]; offsetKopecks: bigint; creditKopecks: bigint; /** False: a marked piece has no code (FISC-51). */ hasMarkCodes: boolean };

export function planClosingLines({ lines, balance, isCompany, hasForeignMoney, hasDeferral, unpaidRest }: Closing): ClosingPlan {
  const totalKopecks = sumOf(lines);
  const offsetKopecks = smaller(totalKopecks, poolOf(balance));
  const hasMarkCodes = lines.every((line) => line.markCodes === null || BigInt(line.markCodes.length) * 1000n === quantityMillis(line.quantity));
  if (isCompany) {
    if (offsetKopecks === 0n) return { kind: "not_required", reason: "b2b_bank_transfer" };
    // Question 13 of the rules: only the share that was paid on the site, over all that was shipped (FISC-42).
    const shares = shareByLargestRemainder(offsetKopecks, lines.map((line) => line.sumKopecks));
    return { kind: "receipt", lines: lines.flatMap((line, i) => closingLines(line, shares[i]!, 4)), offsetKopecks, creditKopecks: 0n, hasMarkCodes };
  }
  const creditKopecks = totalKopecks - offsetKopecks;
  if (creditKopecks > 0n) {
    if (hasForeignMoney) return { kind: "not_required", reason: "fiscal_owner_other" };
    if (offsetKopecks === 0n && !hasDeferral) return { kind: "not_required", reason: "paid_elsewhere" };
    if (!hasDeferral && unpaidRest === "store_register") return { kind: "not_required", reason: "paid_elsewhere" };
  }
  const method = creditKopecks === 0n ? 4 : offsetKopecks > 0n ? 5 : 6;
  return { kind: "receipt", lines: lines.flatMap((line) => closingLines(line, line.sumKopecks, method)), offsetKopecks, creditKopecks, hasMarkCodes };
}

function closingLines(line: ShippedLine, sumKopecks: bigint, method: 4 | 5 | 6): ReceiptLine[] {
  const of = { name: line.name, vat: straightRate(line.vatRate), method, subject: subjectOf(line.kind), measure: measureOf(line.unitCode), orderLineId: line.orderLineId };
  const codes = line.markCodes ?? [];
  if (codes.length === 0) return linesFor(of, sumKopecks, line.quantity);
  // One line per code (FISC-51); the kopecks that do not divide go to the first pieces.
  const prices = shareByLargestRemainder(sumKopecks, codes.map(() => 1n));
  return codes.flatMap((markCode, i) => linesFor({ ...of, subject: 33, measure: 0, markCode }, prices[i]!, "1"));
}
