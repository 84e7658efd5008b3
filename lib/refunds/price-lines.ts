import type { Tx } from "@/db/index.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { formatMoney, formatQuantity } from "@/lib/kit/format.ts";
import { QuantityFormatError, quantityFromMillis, quantityMillis } from "@/lib/kit/quantity.ts";
import { shareByLargestRemainder } from "@/lib/kit/share.ts";
import type { LockedLine, LockedOrder } from "@/lib/orders/lock-order.ts";
import type { RefundReason } from "./states.ts";

/** `sumKopecks`: less than the price of these pieces, which stay with the buyer (price concession, FISC-36); else it must equal their price. */
export type WantedLine = { orderLineId: string; quantity: string; sumKopecks?: bigint | null };
export type PricedLine = { orderLineId: string; quantity: string; sumKopecks: bigint };
/** What of a line was already given back, or is on its way. */
export type ReturnedLine = { lineId: string; quantityMillis: bigint; sumKopecks: bigint };

const LINES_MAX = 1_000;

/**
 * Sums of returned goods (FISC-45): whole pieces go dearer ones first, the cheaper piece last; a part of a weight by its share; never
 * more than was sold. Of a price concession the sum is the wish's own. Throws `invalid` (details.field `lines`). Pure.
 */
export function priceLines(lines: readonly LockedLine[], returned: readonly ReturnedLine[], wanted: readonly WantedLine[], reason: RefundReason): PricedLine[] {
  if (wanted.length === 0 || wanted.length > LINES_MAX) throw invalid("Выберите позиции для возврата", { field: "lines" });
  if (new Set(wanted.map((line) => line.orderLineId)).size < wanted.length) throw invalid("Позиция выбрана дважды", { field: "lines" });
  return wanted.map((want) => {
    const line = lines.find((each) => each.lineId === want.orderLineId);
    if (!line) throw invalid("Позиции нет в заказе: он изменился, обновите страницу", { field: "lines" });
    const { leftMillis, leftKopecks } = leftOf(line, returned);
    const millis = millisOf(want.quantity, line);
    if (millis > leftMillis) throw invalid(`«${line.name.slice(0, 80)}»: вернуть можно не больше ${formatQuantity(quantityFromMillis(leftMillis))}`, { field: "lines" });
    const priceKopecks = priceOf(leftKopecks, leftMillis, millis);
    if (priceKopecks === 0n) throw invalid(`«${line.name.slice(0, 80)}»: за эту позицию возвращать нечего`, { field: "lines" });
    return { orderLineId: line.lineId, quantity: quantityFromMillis(millis), sumKopecks: wantedSum(line, want, priceKopecks, reason) };
  });
}

const PIECE = 1_000n;

/** FISC-43 splits a line into pieces at a price and pieces at one kopeck more; the dearer ones go back first. */
function priceOf(leftKopecks: bigint, leftMillis: bigint, millis: bigint): bigint {
  if (leftMillis % PIECE !== 0n || millis % PIECE !== 0n) return shareByLargestRemainder(leftKopecks, [millis, leftMillis - millis])[0]!;
  const [pieces, left] = [millis / PIECE, leftMillis / PIECE];
  const dearer = leftKopecks % left;
  return pieces * (leftKopecks / left) + (pieces < dearer ? pieces : dearer);
}

function wantedSum(line: LockedLine, { sumKopecks }: WantedLine, priceKopecks: bigint, reason: RefundReason): bigint {
  const name = `«${line.name.slice(0, 80)}»`;
  if (reason === "price_concession") {
    if (sumKopecks === null || sumKopecks === undefined || sumKopecks <= 0n) throw invalid(`${name}: укажите сумму скидки`, { field: "lines" });
    if (sumKopecks >= priceKopecks) throw invalid(`${name}: скидка должна быть меньше ${formatMoney(priceKopecks)}`, { field: "lines" });
    return sumKopecks;
  }
  if (sumKopecks !== null && sumKopecks !== undefined && sumKopecks !== priceKopecks) throw invalid(`${name}: за эти позиции возвращают ${formatMoney(priceKopecks)}. Меньше можно только при снижении цены`, { field: "lines" });
  return priceKopecks;
}

function millisOf(quantity: string, line: LockedLine): bigint {
  try {
    const millis = quantityMillis(quantity);
    if (millis > 0n) return millis;
  } catch (error) {
    if (!(error instanceof QuantityFormatError)) throw error;
  }
  throw invalid(`«${line.name.slice(0, 80)}»: укажите количество`, { field: "lines" });
}

/** What is left of a line to give back. Pure. */
export function leftOf(line: Pick<LockedLine, "lineId" | "quantity" | "sumKopecks">, returned: readonly ReturnedLine[]): { leftMillis: bigint; leftKopecks: bigint } {
  const gone = returned.find((each) => each.lineId === line.lineId);
  const leftMillis = quantityMillis(line.quantity) - (gone?.quantityMillis ?? 0n);
  const leftKopecks = line.sumKopecks - (gone?.sumKopecks ?? 0n);
  return { leftMillis: leftMillis > 0n ? leftMillis : 0n, leftKopecks: leftKopecks > 0n ? leftKopecks : 0n };
}

/**
 * Returned pieces per line of the current revision. An item is the same in every revision; a reduction that 1C has put into a later
 * revision is no longer in its lines and is not counted against them, a goods return always is: 1C's totals never include it. After a
 * price concession the goods are still with the buyer and may come back at their lower price.
 */
export async function returnedLines(tx: Tx, order: Pick<LockedOrder, "orderId" | "lines">): Promise<ReturnedLine[]> {
  const rows = await tx<{ lineId: string; itemId: string | null; name: string; isCurrent: boolean; isInSum: boolean; reason: string; quantity: string; sumKopecks: bigint }[]>`
    select ol.id as line_id, ol.onec_item_id as item_id, ol.name, v.no = o.revision_no as is_current, r.reason,
           -- 1C had lowered the price before the money went back: the line's sum knows it already.
           r.reason = 'price_concession' and exists (select 1 from order_lines p join order_revisions w on w.id = p.revision_id where w.order_id = o.id and w.no < v.no and p.quantity = ol.quantity
             and (case when ol.onec_item_id is null then p.onec_item_id is null and p.name = ol.name else p.onec_item_id = ol.onec_item_id end) and p.sum_kopecks - ol.sum_kopecks >= rl.sum_kopecks) as is_in_sum,
           rl.quantity, rl.sum_kopecks
      from refunds r join refund_lines rl on rl.refund_id = r.id join order_lines ol on ol.id = rl.order_line_id join order_revisions v on v.id = ol.revision_id
      join orders o on o.id = r.order_id where r.order_id = ${order.orderId} and r.state not in ('rejected', 'canceled', 'failed')
       and not exists (select 1 from money_facts f where f.kind = 'refund_reversed' and f.provider_operation_id = 'bounce:' || r.id) limit 10000`;
  const sums = new Map<string, ReturnedLine>();
  for (const row of rows) {
    if (row.isInSum || (!row.isCurrent && row.reason !== "goods_return")) continue;
    const line = order.lines.find((each) => each.lineId === row.lineId) ?? order.lines.find((each) => (row.itemId !== null ? each.itemId === row.itemId : each.itemId === null && each.name === row.name));
    if (!line) continue;
    const sum = sums.get(line.lineId) ?? { lineId: line.lineId, quantityMillis: 0n, sumKopecks: 0n };
    sums.set(line.lineId, { ...sum, quantityMillis: sum.quantityMillis + (row.reason === "price_concession" ? 0n : quantityMillis(row.quantity)), sumKopecks: sum.sumKopecks + row.sumKopecks });
  }
  return [...sums.values()];
}
