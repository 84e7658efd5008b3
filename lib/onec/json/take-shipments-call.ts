import type { Tx } from "@/db/index.ts";
import { formatCount } from "@/lib/kit/format.ts";
import { moveDueDates } from "@/lib/orders/set-terms.ts";
import { leftToShip, recordShipment } from "@/lib/shipments/index.ts";
import type { ShipmentLine } from "@/lib/shipments/index.ts";
import { shipmentLines } from "./goods-lines.ts";
import type { Call, Reply } from "./operation.ts";
import { readPackage } from "./read-package.ts";
import { GOODS_MAX, ShipmentRequest } from "./schema-goods.ts";
import { takeGoods } from "./take-goods.ts";
import type { GoodsKind } from "./take-goods.ts";

const shipment: GoodsKind<ShipmentRequest, ShipmentLine> = {
  name: "Отгрузка",
  message: "shipment",
  async recorded(tx, orderId, id) {
    const [row] = await tx<{ siteId: string; totalKopecks: bigint; quantities: string[] }[]>`
      select s.id as site_id, s.total_kopecks, (select coalesce(json_agg(l.quantity order by l.line_no), '[]'::json) from shipment_lines l where l.shipment_id = s.id) as quantities
        from shipments s where s.order_id = ${orderId} and s.document_key = ${id}`;
    return row ?? null;
  },
  async linesOf(_ctx, tx, order, request, warnings) {
    const left = await leftToShip(tx, order);
    return request.items ? shipmentLines(request.items, order.lines, left, warnings) : left;
  },
  async record(ctx, tx, order, { id, number, at, lines }) {
    const made = await recordShipment(ctx, tx, order, { documentKey: id, number, shippedAt: at, source: "onec_document", lines });
    if (!made) return null;
    await noteOnOrder(tx, order.orderId, number, at);
    await moveDueDates(ctx, tx, tx`o.id = ${order.orderId}`);
    return { siteId: made.shipmentId, lifecycle: made.order.lifecycle };
  },
};

/** The term of a deferral counts from the first hand-over (B2B-02). */
const noteOnOrder = (tx: Tx, orderId: string, number: string | null, at: Date) => tx`
  update orders set onec_shipment_number = coalesce(${number}, onec_shipment_number), onec_shipment_at = coalesce(onec_shipment_at, ${at}) where id = ${orderId}`;

/** POST /shipments: hand-overs with their lines and marking codes. */
export async function takeShipmentsCall(call: Call): Promise<Reply> {
  const { items, warnings } = readPackage(call.bytes, "shipments", ShipmentRequest, GOODS_MAX);
  const json = await takeGoods(call, items, warnings, shipment);
  return { json, summary: `Принято ${formatCount(json.results.length, ["отгрузка", "отгрузки", "отгрузок"])}, отказано ${json.rejected}` };
}
