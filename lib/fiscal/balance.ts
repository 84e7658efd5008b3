/** What the receipts of an order say together: money taken for goods not handed over yet, goods sold, credit (3.6). Pure. */
import { straightRate } from "@/lib/kit/vat.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import { quantityMillis } from "@/lib/kit/quantity.ts";
import type { ReceiptKind, SettlementMethod, SettlementSubject } from "./cash-register.ts";
import { matching } from "./same-goods.ts";
import type { Goods } from "./same-goods.ts";

export type PastLine = Goods & {
  method: SettlementMethod;
  subject: SettlementSubject;
  measure: number | null;
  quantity: string;
  sumKopecks: bigint;
  /** The name in the order: the receipt's own may carry a quantity. */
  goodsName: string;
  /** Quantity of the order line, "0" when it names none. */
  lineQuantity: string;
  markCode: string | null;
};

export type PastReceipt = { kind: ReceiptKind; offsetKopecks: bigint; creditKopecks: bigint; lines: PastLine[] };

/** Prepayment of goods that is neither offset nor returned; `method` and `vat` are those of the receipt that took it (VAT-05). */
export type Prepaid = Goods & { method: 1 | 2; subject: SettlementSubject; measure: number | null; openKopecks: bigint; lineMillis: bigint; returnedMillis: bigint; shippedMillis: bigint };
/** Goods handed over by a receipt and not returned. */
export type Sold = Goods & { subject: SettlementSubject; measure: number | null; markCode: string | null; openKopecks: bigint; openMillis: bigint };
export type Advance = { name: string; vat: VatRate; openKopecks: bigint };

export type FiscalBalance = {
  prepaid: Prepaid[];
  sold: Sold[];
  advances: Advance[];
  /** Handed over on credit and not paid since (tag 1216 less method 7). */
  creditKopecks: bigint;
  /** Offset or given back beyond these receipts: it came out of an advance that another order's receipt took (LOST-09). */
  overdrawnKopecks: bigint;
};

export const emptyBalance = (): FiscalBalance => ({ prepaid: [], sold: [], advances: [], creditKopecks: 0n, overdrawnKopecks: 0n });

/** Everything that a closing receipt may offset. */
export const poolOf = ({ prepaid, advances }: Pick<FiscalBalance, "prepaid" | "advances">): bigint =>
  [...prepaid, ...advances].reduce((sum, one) => sum + one.openKopecks, 0n);

/** Receipts in the order of their settlements. */
export function balanceOf(receipts: readonly PastReceipt[]): FiscalBalance {
  const balance = emptyBalance();
  for (const receipt of receipts) (receipt.kind === "income" || receipt.kind === "income_correction" ? income : giveBack)(balance, receipt);
  return balance;
}

function income(balance: FiscalBalance, { lines, offsetKopecks, creditKopecks }: PastReceipt): void {
  balance.creditKopecks += creditKopecks;
  for (const line of lines) {
    if (line.method === 3) addAdvance(balance, line);
    else if (line.method === 7) balance.creditKopecks = least0(balance.creditKopecks - line.sumKopecks);
    else if (line.method <= 2) addPrepaid(balance, line);
    else addSold(balance, line);
  }
  offset(balance, lines.filter((line) => line.method >= 4 && line.method <= 6), offsetKopecks);
}

function addAdvance(balance: FiscalBalance, { name, vat, sumKopecks }: PastLine): void {
  const same = balance.advances.find((one) => one.vat === vat);
  if (same) same.openKopecks += sumKopecks;
  else balance.advances.push({ name, vat, openKopecks: sumKopecks });
}

function addPrepaid(balance: FiscalBalance, line: PastLine): void {
  const method = line.method === 1 ? 1 : 2;
  const same = balance.prepaid.find((one) => one.orderLineId === line.orderLineId && one.vat === line.vat && one.method === method && one.subject === line.subject);
  if (same) same.openKopecks += line.sumKopecks;
  else {
    const { orderLineId, itemId, goodsName: name, vat, subject, measure, sumKopecks: openKopecks } = line;
    balance.prepaid.push({ orderLineId, itemId, name, vat, method, subject, measure, openKopecks, lineMillis: quantityMillis(line.lineQuantity), returnedMillis: 0n, shippedMillis: 0n });
  }
}

function addSold(balance: FiscalBalance, line: PastLine): void {
  const same = balance.sold.find((one) => one.orderLineId === line.orderLineId && one.vat === line.vat && one.subject === line.subject && one.markCode === line.markCode);
  const millis = quantityMillis(line.quantity);
  if (same) {
    same.openKopecks += line.sumKopecks;
    same.openMillis += millis;
  } else {
    const { orderLineId, itemId, goodsName: name, vat, subject, measure, markCode, sumKopecks: openKopecks } = line;
    balance.sold.push({ orderLineId, itemId, name, vat, subject, measure, markCode, openKopecks, openMillis: millis });
  }
}

/** The goods' own prepayment goes first, then that of other goods (FISC-22), then the advance. */
function offset(balance: FiscalBalance, lines: readonly PastLine[], offsetKopecks: bigint): void {
  let left = offsetKopecks;
  for (const line of lines) {
    let wanted = smaller(line.sumKopecks, left);
    for (const [i, one] of matching(balance.prepaid, line).entries()) {
      if (i === 0) one.shippedMillis += quantityMillis(line.quantity);
      const taken = take(one, wanted);
      wanted -= taken;
      left -= taken;
    }
  }
  for (const one of [...balance.prepaid, ...balance.advances]) left -= take(one, left);
  balance.overdrawnKopecks += left;
}

function giveBack(balance: FiscalBalance, { lines }: PastReceipt): void {
  for (const line of lines) {
    if (line.method === 7) balance.creditKopecks += line.sumKopecks;
    let left = line.sumKopecks;
    if (line.method === 3) {
      for (const one of balance.advances) left -= one.vat === line.vat ? take(one, left) : 0n;
      balance.overdrawnKopecks += left;
    }
    const millis = quantityMillis(line.quantity);
    if (line.method <= 2) {
      for (const [i, one] of matching(balance.prepaid, line).filter((each) => each.vat === line.vat && each.method === line.method).entries()) {
        if (i === 0) one.returnedMillis += millis;
        left -= take(one, left);
      }
    }
    if (line.method >= 4 && line.method <= 6) {
      let millisLeft = millis;
      for (const one of matching(balance.sold, line).filter((each) => each.vat === line.vat && each.markCode === line.markCode)) {
        left -= take(one, left);
        const pieces = smaller(one.openMillis, millisLeft);
        one.openMillis -= pieces;
        millisLeft -= pieces;
      }
    }
  }
}

/** Takes at most `wanted` out of what is open; answers how much it was. */
export function take(from: { openKopecks: bigint }, wanted: bigint): bigint {
  const taken = smaller(from.openKopecks, wanted);
  from.openKopecks -= taken;
  return taken;
}

const least0 = (sum: bigint): bigint => (sum > 0n ? sum : 0n);
export const smaller = (a: bigint, b: bigint): bigint => least0(a < b ? a : b);

/** A copy that a planner may take from. */
export const copyOf = (balance: FiscalBalance): FiscalBalance => ({
  prepaid: balance.prepaid.map((one) => ({ ...one })),
  sold: balance.sold.map((one) => ({ ...one })),
  advances: balance.advances.map((one) => ({ ...one })),
  creditKopecks: balance.creditKopecks,
  overdrawnKopecks: balance.overdrawnKopecks,
});

/** The order line's goods as a balance knows goods: with the straight rate both sides compare equal. */
export const goodsOf = (line: { lineId: string; itemId: string | null; name: string; vatRate: VatRate }): Goods => ({ orderLineId: line.lineId, itemId: line.itemId, name: line.name, vat: straightRate(line.vatRate) });
