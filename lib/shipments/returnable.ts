import type { Tx } from "@/db/index.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { quantityFromMillis, quantityMillis } from "@/lib/kit/quantity.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { readShipped } from "./record-shipment.ts";
import { goodsKey } from "./said-document.ts";

/** What buyers have and have not given back: of all, and of each kind of goods (`goodsKey`). */
export type Returnable = { kopecks: bigint; byGoods: Map<string, { millis: bigint; kopecks: bigint }> };

/**
 * Only what was handed over can come back (PAY-05), of a line no more than was sold (invariant 12). An order that 1C calls shipped or closed without
 * having told of a hand-over is handed over whole.
 */
export async function readReturnable(tx: Tx, order: Pick<LockedOrder, "orderId" | "lifecycle" | "lines" | "totalKopecks" | "goodsReturnedKopecks">): Promise<Returnable> {
  const [shipped, [out], returned] = await Promise.all([
    readShipped(tx, order.orderId),
    tx<{ kopecks: bigint }[]>`select coalesce(sum(total_kopecks), 0)::bigint as kopecks from standing_shipments where order_id = ${order.orderId}`,
    tx<{ itemId: string | null; name: string; quantity: string; sumKopecks: bigint }[]>`
      select ol.onec_item_id as item_id, ol.name, l.quantity, l.sum_kopecks from goods_returns g join goods_return_lines l on l.goods_return_id = g.id join order_lines ol on ol.id = l.order_line_id where g.order_id = ${order.orderId}`,
  ]);
  const isWhole = shipped.length === 0 && (order.lifecycle === "shipped" || order.lifecycle === "completed");
  const byGoods: Returnable["byGoods"] = new Map();
  const count = (goods: { itemId: string | null; name: string; quantity: string; sumKopecks: bigint }, sign: bigint) => {
    const left = byGoods.get(goodsKey(goods)) ?? { millis: 0n, kopecks: 0n };
    byGoods.set(goodsKey(goods), { millis: left.millis + sign * quantityMillis(goods.quantity), kopecks: left.kopecks + sign * goods.sumKopecks });
  };
  for (const goods of isWhole ? order.lines : shipped) count(goods, 1n);
  for (const goods of returned) count(goods, -1n);
  const handedKopecks = isWhole ? order.totalKopecks : out!.kopecks;
  return { kopecks: (handedKopecks < order.totalKopecks ? handedKopecks : order.totalKopecks) - order.goodsReturnedKopecks, byGoods };
}

type Line = { orderLineId: string | null; quantity: string; sumKopecks: bigint };

/** Null when these lines may come back; else why not, in Russian. */
export function whyNotReturnable({ lines: orderLines }: Pick<LockedOrder, "lines">, lines: readonly Line[], { kopecks, byGoods }: Returnable): string | null {
  const total = lines.reduce((sum, line) => sum + line.sumKopecks, 0n);
  if (kopecks <= 0n) return "По заказу нечего возвращать: не отгружено или уже возвращено";
  const left = new Map(byGoods);
  for (const line of lines) {
    const goods = orderLines.find((each) => each.lineId === line.orderLineId);
    if (!goods) continue;
    const was = left.get(goodsKey(goods)) ?? { millis: 0n, kopecks: 0n };
    const after = { millis: was.millis - quantityMillis(line.quantity), kopecks: was.kopecks - line.sumKopecks };
    if (after.millis < 0n) return `Товара «${goods.name.slice(0, 60)}» можно вернуть не больше ${quantityFromMillis(was.millis > 0n ? was.millis : 0n)}: столько отгружено и не возвращено`;
    if (after.kopecks < 0n) return `Товара «${goods.name.slice(0, 60)}» можно вернуть не больше чем на ${formatMoney(was.kopecks)}`;
    left.set(goodsKey(goods), after);
  }
  return total > kopecks ? `Вернуть можно товара не больше чем на ${formatMoney(kopecks)}` : null;
}
