/** The receipts that a rehearsal has built so far, as the planners of real ones want to see receipts. Pure. */
import type { FiscalBalance, PastLine, PastReceipt } from "@/lib/fiscal/index.ts";
import { balanceOf } from "@/lib/fiscal/index.ts";
import type { ReceiptKind, ReceiptLine } from "@/lib/fiscal/cash-register.ts";
import type { LockedOrder, ReceiptedLine } from "@/lib/orders/lock-order.ts";

/** A line as it is kept: sums are decimal kopeck text. */
export type DryLine = Omit<ReceiptLine, "priceKopecks" | "sumKopecks" | "vatKopecks"> & { priceKopecks: string; sumKopecks: string; vatKopecks: string };
/** `reason`: none would have been due (a key of `notRequiredReasons`). */
export type DryReceipt = { lines: DryLine[]; offsetKopecks: string; creditKopecks: string; contact: string | null; reason: string | null };
export type PastDry = { receiptKind: ReceiptKind; purpose: string; isProblem: boolean; content: DryReceipt };

export const dryLine = ({ priceKopecks, sumKopecks, vatKopecks, ...line }: ReceiptLine): DryLine => ({
  ...line, priceKopecks: priceKopecks.toString(), sumKopecks: sumKopecks.toString(), vatKopecks: vatKopecks.toString(),
});

/** The order as it would stand had these receipts been printed. */
export function rehearsedOrder(order: LockedOrder, past: readonly PastDry[]): { order: LockedOrder; balance: FiscalBalance } {
  const printed = past.filter((one) => !one.isProblem && one.content.reason === null);
  const balance = balanceOf(printed.map((one) => pastReceipt(order, one)));
  const creditIssuedKopecks = printed.reduce((sum, one) => sum + BigInt(one.content.creditKopecks), 0n);
  const isHandedOver = past.some((one) => one.purpose === "closing" && ["paid_elsewhere", "b2b_bank_transfer"].includes(one.content.reason ?? ""));
  return { order: { ...order, isOurs: true, receipted: receiptedLines(order, printed), creditKopecks: balance.creditKopecks, creditIssuedKopecks, isHandedOver }, balance };
}

function pastReceipt(order: LockedOrder, { receiptKind, content }: PastDry): PastReceipt {
  return {
    kind: receiptKind, offsetKopecks: BigInt(content.offsetKopecks), creditKopecks: BigInt(content.creditKopecks),
    lines: content.lines.map((line): PastLine => {
      const goods = order.lines.find((each) => each.lineId === line.orderLineId);
      return {
        orderLineId: line.orderLineId, itemId: goods?.itemId ?? null, name: goods?.name ?? line.name, goodsName: goods?.name ?? line.name, vat: line.vat, method: line.method, subject: line.subject,
        measure: line.measure, quantity: line.quantity, sumKopecks: BigInt(line.sumKopecks), lineQuantity: goods?.quantity ?? "0", markCode: line.markCode,
      };
    }),
  };
}

/** Prepayment of each line that these receipts took and did not give back (FISC-37). */
function receiptedLines(order: LockedOrder, printed: readonly PastDry[]): ReceiptedLine[] {
  return order.lines.flatMap((line) => {
    const sumKopecks = printed.reduce((sum, { receiptKind, content }) => {
      const own = content.lines.filter((each) => each.orderLineId === line.lineId && each.method <= 2).reduce((part, each) => part + BigInt(each.sumKopecks), 0n);
      return receiptKind === "income" ? sum + own : sum - own;
    }, 0n);
    return sumKopecks > 0n ? [{ lineId: line.lineId, itemId: line.itemId, name: line.name, vatRate: line.vatRate, sumKopecks }] : [];
  });
}
