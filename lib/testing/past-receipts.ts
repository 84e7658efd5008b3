/** Receipts as the balance of an order reads them back, for tests of planners. */
import type { ReceiptLine } from "@/lib/fiscal/cash-register.ts";
import type { PastReceipt } from "@/lib/fiscal/balance.ts";
import type { LockedLine } from "@/lib/orders/lock-order.ts";

type Given = { kind?: PastReceipt["kind"]; offsetKopecks?: bigint; creditKopecks?: bigint };

/** A receipt with these lines; `order` names the goods that they are of. */
export const pastReceipt = (lines: readonly ReceiptLine[], order: readonly LockedLine[], given: Given = {}): PastReceipt => ({
  kind: given.kind ?? "income",
  offsetKopecks: given.offsetKopecks ?? 0n,
  creditKopecks: given.creditKopecks ?? 0n,
  lines: lines.map((line) => {
    const of = order.find((one) => one.lineId === line.orderLineId);
    return { ...line, itemId: of?.itemId ?? null, goodsName: of?.name ?? line.name, lineQuantity: of?.quantity ?? "0" };
  }),
});
