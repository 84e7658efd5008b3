export { listGoodsReturns, listShipments } from "./list-shipments.ts";
export type { GoodsReturnRow, ShipmentRow } from "./list-shipments.ts";
export { recordGoodsReturn } from "./record-goods-return.ts";
export type { NewGoodsReturn } from "./record-goods-return.ts";
export { recordShipment } from "./record-shipment.ts";
export type { NewShipment, ShipmentLine } from "./record-shipment.ts";
export { shipReported } from "./ship-reported.ts";
export { shipmentSources } from "./states.ts";
export type { ShipmentSource } from "./states.ts";
