import type { Tx } from "@/db/index.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { isOfGoods, readCodedLines } from "@/lib/shipments/index.ts";
import { saidLines } from "./goods-lines.ts";
import type { ShipmentRequest } from "./schema-goods.ts";

/**
 * How many codes of a recorded hand-over stand on goods that the document names now without any. They stay: what went on a receipt is not
 * taken back by a silence. A document without lines says nothing of them.
 */
export async function keptCodes(tx: Tx, order: LockedOrder, { items }: ShipmentRequest, siteId: string): Promise<number> {
  const said = saidLines(items ?? [], order.lines);
  const bare = said.filter(({ markCodes }) => markCodes === null);
  const coded = said.filter(({ markCodes }) => markCodes !== null);
  if (bare.length === 0) return 0;
  const lines = await readCodedLines(tx, order.orderId, { shipmentId: siteId, documentKey: null });
  return lines.filter((line) => bare.some((row) => isOfGoods(line, row)) && !coded.some((row) => isOfGoods(line, row))).reduce((count, line) => count + line.ownCodes.length + line.lateCodes.length, 0);
}
