import type { Tx } from "@/db/index.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { formatQuantity } from "@/lib/kit/format.ts";
import { QuantityFormatError, quantityFromMillis, quantityMillis } from "@/lib/kit/quantity.ts";
import { shareByLargestRemainder } from "@/lib/kit/share.ts";
import type { LockedLine, LockedOrder } from "@/lib/orders/lock-order.ts";

export type WantedLine = { orderLineId: string; quantity: string };
export type PricedLine = { orderLineId: string; quantity: string; sumKopecks: bigint };
/** What of a line was already given back, or is on its way. */
export type ReturnedLine = { lineId: string; quantityMillis: bigint; sumKopecks: bigint };

const LINES_MAX = 1_000;

/**
 * Sums of returned goods (FISC-45): the line's money shared by quantity with largest remainders, so that the last piece takes what is
 * left to the kopeck; never more than was sold. Throws `invalid` (details.field `lines`). Pure.
 */
export function priceLines(lines: readonly LockedLine[], returned: readonly ReturnedLine[], wanted: readonly WantedLine[]): PricedLine[] {
  if (wanted.length === 0 || wanted.length > LINES_MAX) throw invalid("Выберите позиции для возврата", { field: "lines" });
  if (new Set(wanted.map((line) => line.orderLineId)).size < wanted.length) throw invalid("Позиция выбрана дважды", { field: "lines" });
  return wanted.map((want) => {
    const line = lines.find((each) => each.lineId === want.orderLineId);
    if (!line) throw invalid("Позиции нет в заказе: он изменился, обновите страницу", { field: "lines" });
    const { leftMillis, leftKopecks } = leftOf(line, returned);
    const millis = millisOf(want.quantity, line);
    if (millis > leftMillis) throw invalid(`«${line.name.slice(0, 80)}»: вернуть можно не больше ${formatQuantity(quantityFromMillis(leftMillis))}`, { field: "lines" });
    const [sumKopecks] = shareByLargestRemainder(leftKopecks, [millis, leftMillis - millis]);
    if (!sumKopecks) throw invalid(`«${line.name.slice(0, 80)}»: за эту позицию возвращать нечего`, { field: "lines" });
    return { orderLineId: line.lineId, quantity: quantityFromMillis(millis), sumKopecks };
  });
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
 * revision is no longer in its lines and is not counted against them, a goods return always is: 1C's totals never include it.
 */
export async function returnedLines(tx: Tx, order: Pick<LockedOrder, "orderId" | "lines">): Promise<ReturnedLine[]> {
  const rows = await tx<{ lineId: string; itemId: string | null; name: string; isCurrent: boolean; reason: string; quantity: string; sumKopecks: bigint }[]>`
    select ol.id as line_id, ol.onec_item_id as item_id, ol.name, v.no = o.revision_no as is_current, r.reason, rl.quantity, rl.sum_kopecks
      from refunds r join refund_lines rl on rl.refund_id = r.id join order_lines ol on ol.id = rl.order_line_id join order_revisions v on v.id = ol.revision_id
      join orders o on o.id = r.order_id where r.order_id = ${order.orderId} and r.state not in ('rejected', 'canceled', 'failed')
       and not exists (select 1 from money_facts f where f.kind = 'refund_reversed' and f.provider_operation_id = 'bounce:' || r.id) limit 10000`;
  const sums = new Map<string, ReturnedLine>();
  for (const row of rows) {
    if (!row.isCurrent && row.reason !== "goods_return") continue;
    const line = order.lines.find((each) => each.lineId === row.lineId) ?? order.lines.find((each) => (row.itemId !== null ? each.itemId === row.itemId : each.itemId === null && each.name === row.name));
    if (!line) continue;
    const sum = sums.get(line.lineId) ?? { lineId: line.lineId, quantityMillis: 0n, sumKopecks: 0n };
    sums.set(line.lineId, { ...sum, quantityMillis: sum.quantityMillis + quantityMillis(row.quantity), sumKopecks: sum.sumKopecks + row.sumKopecks });
  }
  return [...sums.values()];
}
