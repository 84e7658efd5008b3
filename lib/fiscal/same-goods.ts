/** Which order line is which: revisions renumber lines, and 1C's item is the same in all of them. Pure. */
import { fiscalText } from "@/lib/kit/fiscal-text.ts";
import { straightRate } from "@/lib/kit/vat.ts";
import type { VatRate } from "@/lib/kit/vat.ts";

export type Goods = { orderLineId: string | null; itemId: string | null; name: string; vat: VatRate };

export const isSameLine = (a: Goods, b: Goods): boolean => a.orderLineId !== null && a.orderLineId === b.orderLineId;
/** 1C's item decides; without one the name and the rate do. */
export const isSameItem = (a: Goods, b: Goods): boolean =>
  a.itemId !== null && b.itemId !== null ? a.itemId === b.itemId : fiscalText(a.name) === fiscalText(b.name) && straightRate(a.vat) === straightRate(b.vat);

/** Those that are the very line first, then those of the same item. */
export function matching<T extends Goods>(all: readonly T[], wanted: Goods): T[] {
  return [...all.filter((one) => isSameLine(one, wanted)), ...all.filter((one) => !isSameLine(one, wanted) && isSameItem(one, wanted))];
}
