/** Lines of 1C's document as lines of the order, no more of each than is left to hand over. Pure. */
import { mulDivRoundHalfUp, sum } from "@/lib/kit/money.ts";
import { quantityFromMillis, quantityMillis } from "@/lib/kit/quantity.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { LockedLine } from "@/lib/orders/lock-order.ts";
import type { ShipmentLine } from "./record-shipment.ts";

/** What of an order's line may still be handed over. */
export type Left = Pick<ShipmentLine, "orderLineId" | "quantity" | "sumKopecks">;

/** Goods of the order. */
export type SaidGoods = {
  /** Lines of the order with these goods, the one that is meant first: the same goods may stand in several. At least one. */
  candidates: readonly LockedLine[];
  quantity: string;
  /** Null = the order's own sum of these pieces. */
  sumKopecks: bigint | null;
  vatRate: VatRate;
  markCodes: string[] | null;
};

/**
 * A part may have gone out by «Отгружен» before its document came, or 1C may have handed over more than was ordered: no debt and no receipt
 * is made of pieces that the order does not have. Goods that the order does not name come as they are (FISC-22). `sums[i]` = kopecks of
 * row i; null = it says more than was left.
 */
export function withinLeft(left: readonly Left[], rows: readonly (SaidGoods | ShipmentLine)[]): { lines: ShipmentLine[]; sums: (bigint | null)[] } {
  const rest = new Map(left.map((line) => [line.orderLineId, { millis: quantityMillis(line.quantity), kopecks: line.sumKopecks }]));
  const sums: (bigint | null)[] = [];
  const lines = rows.flatMap((row) => {
    if (!("candidates" in row)) {
      sums.push(row.sumKopecks);
      return [row];
    }
    const told = quantityMillis(row.quantity);
    let open = told;
    const parts: ShipmentLine[] = [];
    for (const line of row.candidates) {
      const free = rest.get(line.lineId);
      const millis = free && free.millis < open ? free.millis : open;
      if (!free || millis === 0n) continue;
      const sumKopecks = row.sumKopecks === null ? shareOf(free, line, millis) : upTo(row.sumKopecks, told - open + millis, told) - upTo(row.sumKopecks, told - open, told);
      const codes = row.markCodes && (millis === told ? row.markCodes : row.markCodes.slice(pieces(told - open), pieces(told - open + millis)));
      parts.push({ orderLineId: line.lineId, name: line.name, kind: line.kind, unitCode: line.unitCode, quantity: quantityFromMillis(millis), sumKopecks, vatRate: row.vatRate, markCodes: codes });
      free.millis -= millis;
      free.kopecks = free.kopecks > sumKopecks ? free.kopecks - sumKopecks : 0n;
      open -= millis;
    }
    sums.push(open > 0n ? null : sum(parts.map((part) => part.sumKopecks)));
    return parts;
  });
  return { lines, sums };
}

/** The last pieces take what is left of the line, so that parts add up to it. */
const shareOf = (free: { millis: bigint; kopecks: bigint }, line: LockedLine, millis: bigint): bigint =>
  millis === free.millis ? free.kopecks : mulDivRoundHalfUp(line.sumKopecks, millis, quantityMillis(line.quantity));

/** Parts of a sum by differences of these add up to it. */
const upTo = (kopecks: bigint, millis: bigint, whole: bigint): bigint => mulDivRoundHalfUp(kopecks, millis, whole);

const pieces = (millis: bigint): number => Number(millis / 1000n);
