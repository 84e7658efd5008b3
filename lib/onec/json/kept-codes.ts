import type { Tx } from "@/db/index.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { goodsKey } from "@/lib/shipments/index.ts";
import { codesOf, findLine } from "./goods-lines.ts";
import type { ShipmentRequest } from "./schema-goods.ts";

/**
 * How many codes of a recorded hand-over stand on goods that the document names now without any. They stay: what went on a receipt is not
 * taken back by a silence. A document without lines says nothing of them.
 */
export async function keptCodes(tx: Tx, order: LockedOrder, { items }: ShipmentRequest, siteId: string): Promise<number> {
  const taken = new Set<string>();
  const bare = new Set<string>();
  const coded = new Set<string>();
  for (const item of items ?? []) {
    const line = findLine(item, order.lines, taken);
    if (!line) continue;
    taken.add(line.lineId);
    (codesOf(item) === null ? bare : coded).add(goodsKey(line));
  }
  const lineIds = order.lines.filter((line) => bare.has(goodsKey(line)) && !coded.has(goodsKey(line))).map((line) => line.lineId);
  if (lineIds.length === 0) return 0;
  const [row] = await tx<{ count: number }[]>`
    select coalesce(sum(coalesce(cardinality(l.mark_codes), 0) + (select count(*) from shipment_codes c where c.shipment_id = l.shipment_id and c.line_no = l.line_no)), 0)::int as count
      from shipment_lines l where l.shipment_id = ${siteId} and l.order_line_id = any(${lineIds}::uuid[])`;
  return row!.count;
}
