/** Lines of the receipts of money given back (FISC-16 … FISC-18, FISC-20, FISC-25, FISC-36, FISC-45, FISC-46, VAT-05). Pure. */
import { quantityFromMillis, quantityMillis } from "@/lib/kit/quantity.ts";
import { shareByLargestRemainder } from "@/lib/kit/share.ts";
import type { LockedLine } from "@/lib/orders/lock-order.ts";
import type { RefundReason } from "@/lib/refunds/states.ts";
import type { ReceiptLine } from "./cash-register.ts";
import { copyOf, goodsOf, smaller, take } from "./balance.ts";
import type { FiscalBalance, Prepaid, Sold } from "./balance.ts";
import { linesFor, moneyLine } from "./receipt-line.ts";
import { matching } from "./same-goods.ts";
import type { Goods } from "./same-goods.ts";
import { sumOf } from "./split-receipt.ts";

export type ReturnedLine = Goods & { quantity: string; sumKopecks: bigint };

export type Return = {
  amountKopecks: bigint;
  /** Goods the money is for; none = a bare sum (FISC-46). */
  lines: readonly ReturnedLine[];
  reason: RefundReason;
  balance: FiscalBalance;
  /** Lines of the current revision; none when the order was cancelled or deleted. */
  current: readonly LockedLine[];
  /** The part of the returned payment that its own receipt took as an advance (FISC-25). */
  advanceOfPaymentKopecks: bigint;
};

export type ReturnPlan = {
  /** First what is given back; after a price concession also the same goods at the new price (FISC-36). */
  receipts: { kind: "income_return" | "income"; lines: ReceiptLine[] }[];
  /** Money that no receipt of ours covers: a person decides. */
  uncoveredKopecks: bigint;
};

type Step = (sum: bigint) => bigint;

export function planReturnLines({ amountKopecks, lines, reason, balance: given, current, advanceOfPaymentKopecks }: Return): ReturnPlan {
  const balance = copyOf(given);
  const back: ReceiptLine[] = [];
  const anew: ReceiptLine[] = [];
  const isShippedFirst = reason === "goods_return";
  const isAdvanceFirst = reason === "double_payment" || reason === "overpayment" || reason === "late_payment";

  const fromAdvance = (sum: bigint): bigint =>
    balance.advances.reduce((left, one) => {
      const taken = take(one, left);
      if (taken > 0n) back.push(moneyLine(one.name, taken, one.vat, 3));
      return left - taken;
    }, sum);
  const takePrepaid = (one: Prepaid, sum: bigint, quantity: string): bigint => {
    const taken = take(one, sum);
    back.push(...linesFor({ name: one.name, vat: one.vat, method: one.method, subject: one.subject, measure: one.measure, orderLineId: one.orderLineId }, taken, quantity));
    return taken;
  };
  const takeSold = (one: Sold, sum: bigint, quantity: string): bigint => {
    const millis = smaller(quantityMillis(quantity), one.openMillis);
    const taken = take(one, sum);
    one.openMillis -= millis;
    back.push(...linesFor(soldLine(one), taken, millis === 0n ? "1" : quantityFromMillis(millis)));
    return taken;
  };

  /** Shares a sum over what is open; a whole rest goes with its whole quantity, a part of a price as one piece. */
  const over = <T extends { openKopecks: bigint }>(all: readonly T[], weights: readonly bigint[], sum: bigint, giveBack: (one: T, share: bigint, isWhole: boolean) => bigint): bigint => {
    const whole = weights.reduce((a, b) => a + b, 0n);
    const part = smaller(sum, whole);
    if (part === 0n) return sum;
    const shares = shareByLargestRemainder(part, weights);
    return all.reduce((left, one, i) => left - (shares[i]! === 0n ? 0n : giveBack(one, shares[i]!, shares[i] === weights[i])), sum);
  };
  const fromExcess: Step = (sum) => {
    const extra = excessOf(balance, current);
    return over(balance.prepaid, extra.map((one) => one.kopecks), sum, (one, share, isWhole) => takePrepaid(one, share, isWhole ? extra[balance.prepaid.indexOf(one)]!.quantity : "1"));
  };
  const fromPrepaid: Step = (sum) => over(balance.prepaid, balance.prepaid.map((one) => one.openKopecks), sum, (one, share, isWhole) => takePrepaid(one, share, isWhole ? restOf(one) : "1"));
  const fromSold: Step = (sum) => over(balance.sold, balance.sold.map((one) => one.openKopecks), sum, (one, share, isWhole) => takeSold(one, share, isWhole ? quantityFromMillis(one.openMillis) : "1"));

  const ofLine = (line: ReturnedLine): bigint => {
    let left = line.sumKopecks;
    const prepaid = () => {
      for (const one of matching(balance.prepaid, line)) if (one.openKopecks > 0n && left > 0n) left -= takePrepaid(one, left, line.quantity);
    };
    const sold = () => {
      for (const one of matching(balance.sold, line)) if (one.openKopecks > 0n && left > 0n) left -= takeSold(one, left, line.quantity);
    };
    for (const step of isShippedFirst ? [sold, prepaid] : [prepaid, sold]) step();
    return left;
  };

  let left = amountKopecks;
  if (reason === "price_concession") left = concede(balance, lines, left, back, anew);
  else if (lines.length > 0) {
    const asked = sumOf(lines);
    const shares = asked > left ? shareByLargestRemainder(left, lines.map((line) => line.sumKopecks)) : lines.map((line) => line.sumKopecks);
    left = lines.reduce((rest, line, i) => rest - shares[i]! + ofLine({ ...line, sumKopecks: shares[i]! }), left);
  } else if (isAdvanceFirst) left = fromAdvance(left);
  else if (advanceOfPaymentKopecks > 0n && !isShippedFirst) {
    const part = smaller(left, advanceOfPaymentKopecks);
    left = left - part + fromAdvance(part);
  }
  for (const step of isShippedFirst ? [fromSold, fromExcess, fromPrepaid, fromAdvance] : [fromExcess, fromPrepaid, fromAdvance, fromSold]) left = step(left);
  const receipts: ReturnPlan["receipts"] = [];
  if (back.length > 0) receipts.push({ kind: "income_return", lines: back });
  if (anew.length > 0) receipts.push({ kind: "income", lines: anew });
  return { receipts, uncoveredKopecks: left };
}

const soldLine = (one: Sold) => ({ name: one.name, vat: one.vat, method: 4 as const, subject: one.subject, measure: one.measure, orderLineId: one.orderLineId, markCode: one.markCode });

/** FISC-36: goods stay with the buyer: back at the old price, out again at the new one. Answers what is left of the sum. */
function concede(balance: FiscalBalance, lines: readonly ReturnedLine[], sum: bigint, back: ReceiptLine[], anew: ReceiptLine[]): bigint {
  let left = sum;
  const wanted = balance.sold.map(() => 0n);
  if (lines.length > 0) {
    for (const line of lines) {
      let part = smaller(line.sumKopecks, left);
      for (const one of matching(balance.sold, line)) {
        const at = balance.sold.indexOf(one);
        const share = smaller(part, one.openKopecks - wanted[at]!);
        wanted[at] = wanted[at]! + share;
        part -= share;
        left -= share;
      }
    }
  } else {
    const open = balance.sold.map((one) => one.openKopecks);
    const part = smaller(left, open.reduce((a, b) => a + b, 0n));
    if (part > 0n) for (const [at, share] of shareByLargestRemainder(part, open).entries()) wanted[at] = share;
    left -= part;
  }
  for (const [at, one] of balance.sold.entries()) {
    const off = wanted[at]!;
    if (off === 0n) continue;
    const quantity = one.openMillis === 0n ? "1" : quantityFromMillis(one.openMillis);
    back.push(...linesFor(soldLine(one), one.openKopecks, quantity));
    anew.push(...linesFor(soldLine(one), one.openKopecks - off, quantity));
    one.openKopecks = 0n;
    one.openMillis = 0n;
  }
  return left;
}

/** What was prepaid for goods beyond what the current revision still wants of them: the dropped goods or the fallen price (FISC-16). */
function excessOf(balance: FiscalBalance, current: readonly LockedLine[]): { kopecks: bigint; quantity: string }[] {
  const wanted = current.map((line) => {
    const sold = matching(balance.sold, goodsOf(line));
    const soldKopecks = sold.reduce((sum, one) => sum + one.openKopecks, 0n);
    const soldMillis = sold.reduce((sum, one) => sum + one.openMillis, 0n);
    return { goods: goodsOf(line), kopecks: smaller(line.sumKopecks, line.sumKopecks - soldKopecks), millis: smaller(quantityMillis(line.quantity), quantityMillis(line.quantity) - soldMillis) };
  });
  const kept = balance.prepaid.map(() => ({ kopecks: 0n, millis: 0n }));
  for (const want of wanted) {
    for (const one of matching(balance.prepaid, want.goods)) {
      const at = kept[balance.prepaid.indexOf(one)]!;
      const kopecks = smaller(want.kopecks, one.openKopecks - at.kopecks);
      at.kopecks += kopecks;
      at.millis += want.millis;
      want.kopecks -= kopecks;
    }
  }
  return balance.prepaid.map((one, i) => {
    const millis = one.lineMillis - one.shippedMillis - one.returnedMillis - kept[i]!.millis;
    return { kopecks: one.openKopecks - kept[i]!.kopecks, quantity: millis > 0n ? quantityFromMillis(millis) : "1" };
  });
}

/** Pieces of a prepaid line that are neither handed over nor returned. */
function restOf(one: Prepaid): string {
  const millis = one.lineMillis - one.shippedMillis - one.returnedMillis;
  return millis > 0n ? quantityFromMillis(millis) : "1";
}

