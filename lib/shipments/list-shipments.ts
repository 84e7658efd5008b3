import type { Ctx } from "@/lib/context.ts";
import type { ShipmentSource } from "./states.ts";

export type ShipmentRow = {
  shipmentId: string;
  number: string | null;
  shippedAt: Date;
  totalKopecks: bigint;
  source: ShipmentSource;
  /** 1C took it back. */
  withdrawnAt: Date | null;
  /** Its closing receipt; null = none is planned. */
  receipt: { receiptId: string; state: string; reasonCode: string | null } | null;
  lines: { name: string; quantity: string; sumKopecks: string }[];
};

/** Hand-overs of an order, oldest first. The caller has checked who may see it. */
export const listShipments = (ctx: Ctx, orderId: string): Promise<ShipmentRow[]> => ctx.database.sql<ShipmentRow[]>`
  select s.id as shipment_id, s.number, s.shipped_at, s.total_kopecks, s.source, (select w.told_at from shipment_withdrawals w where w.shipment_id = s.id) as withdrawn_at,
         (select json_build_object('receiptId', r.id, 'state', r.state, 'reasonCode', r.reason_code) from receipts r
           where r.shipment_id = s.id and r.state <> 'cancelled' order by r.planned_at desc, r.part_no limit 1) as receipt,
         (select coalesce(json_agg(json_build_object('name', l.name, 'quantity', l.quantity, 'sumKopecks', l.sum_kopecks::text) order by l.line_no), '[]'::json) from shipment_lines l where l.shipment_id = s.id) as lines
    from shipments s where s.order_id = ${orderId} order by s.recorded_at, s.id limit 200`;

export type GoodsReturnRow = { goodsReturnId: string; number: string | null; returnedAt: Date; totalKopecks: bigint; source: ShipmentSource };

/** Goods of an order that came back, oldest first. */
export const listGoodsReturns = (ctx: Ctx, orderId: string): Promise<GoodsReturnRow[]> => ctx.database.sql<GoodsReturnRow[]>`
  select id as goods_return_id, number, returned_at, total_kopecks, source from goods_returns where order_id = ${orderId} order by recorded_at, id limit 200`;
