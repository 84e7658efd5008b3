import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { findLine } from "./goods-lines.ts";
import type { RefundRequest } from "./schema-money.ts";

/** Returned goods as lines of the order that they were sold by. Throws `invalid` for goods that it does not have. */
export async function orderLinesOf(ctx: Ctx, orderId: string, items: NonNullable<RefundRequest["items"]>): Promise<{ orderLineId: string; quantity: string; sumKopecks: bigint | null }[]> {
  const { lines } = await inTransaction(ctx, (tx) => lockOrder(tx, orderId));
  const taken = new Set<string>();
  return items.map((item, at) => {
    const line = findLine(item, lines, taken);
    if (!line) throw invalid(`items[${at}]: строки нет в заказе`, { field: `items[${at}]` });
    if (!item.quantity || item.quantity === "0") throw invalid(`items[${at}].quantity: нет количества`, { field: `items[${at}].quantity` });
    taken.add(line.lineId);
    return { orderLineId: line.lineId, quantity: item.quantity, sumKopecks: item.amount ?? null };
  });
}
