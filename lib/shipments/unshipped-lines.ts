/** What of an order is not handed over yet. Pure. */
import { mulDivRoundHalfUp } from "@/lib/kit/money.ts";
import { quantityFromMillis, quantityMillis } from "@/lib/kit/quantity.ts";
import type { LockedLine } from "@/lib/orders/lock-order.ts";
import type { ShipmentLine } from "./record-shipment.ts";

export type ShippedSoFar = { lineId: string | null; itemId: string | null; name: string; quantity: string; sumKopecks: bigint };

/**
 * Lines of the current revision less what went out by earlier shipments. Revisions renumber lines, so goods are known by their line,
 * else by 1C's item, else by name. Only pieces that are left count: a new price of goods that are out changes no hand-over (LOST-17).
 */
export function unshippedLines(lines: readonly LockedLine[], shipped: readonly ShippedSoFar[]): ShipmentLine[] {
  const done = shipped.map((one) => ({ ...one, millis: quantityMillis(one.quantity), kopecks: one.sumKopecks }));
  const open = lines.map((line) => ({ line, millis: quantityMillis(line.quantity), kopecks: line.sumKopecks }));
  for (const isSame of [isSameLine, isSameItem]) {
    for (const one of done) {
      for (const left of open) {
        if (one.millis === 0n || left.millis === 0n || !isSame(left.line, one)) continue;
        const millis = one.millis < left.millis ? one.millis : left.millis;
        const kopecks = millis === one.millis ? one.kopecks : mulDivRoundHalfUp(one.kopecks, millis, one.millis);
        left.kopecks = millis === left.millis ? 0n : left.kopecks > kopecks ? left.kopecks - kopecks : 0n;
        left.millis -= millis;
        one.millis -= millis;
        one.kopecks -= kopecks;
      }
    }
  }
  return open.filter((left) => left.millis > 0n).map(({ line, millis, kopecks }) => ({
    orderLineId: line.lineId, name: line.name, kind: line.kind, unitCode: line.unitCode, quantity: quantityFromMillis(millis), sumKopecks: kopecks, vatRate: line.vatRate, markCodes: null,
  }));
}

const isSameLine = (line: LockedLine, one: ShippedSoFar): boolean => line.lineId === one.lineId;
const isSameItem = (line: LockedLine, one: ShippedSoFar): boolean => (line.itemId !== null && one.itemId !== null ? line.itemId === one.itemId : line.name === one.name);
