import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatCount } from "@/lib/kit/format.ts";
import { quantityMillis } from "@/lib/kit/quantity.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { moveDueDates } from "@/lib/orders/set-terms.ts";
import { joinMarkCodes, leftToShip, recordShipment, recordedShipment, withdrawShipment, withdrawnTooLate } from "@/lib/shipments/index.ts";
import type { ShipmentLine } from "@/lib/shipments/index.ts";
import { saidLines, shipmentLines } from "./goods-lines.ts";
import { keptCodes } from "./kept-codes.ts";
import type { Call, Reply } from "./operation.ts";
import { readPackage } from "./read-package.ts";
import { GOODS_MAX, ShipmentRequest } from "./schema-goods.ts";
import { takeGoods } from "./take-goods.ts";
import type { GoodsKind } from "./take-goods.ts";

const shipment: GoodsKind<ShipmentRequest, ShipmentLine> = {
  name: "Отгрузка",
  message: "shipment",
  table: "shipments",
  recorded: recordedShipment,
  async linesOf(_ctx, tx, order, request, warnings) {
    const left = await leftToShip(tx, order);
    if (!request.items) return { lines: left, isOver: false, sums: left.map(({ sumKopecks }) => sumKopecks) };
    const read = shipmentLines(request.items, order.lines, left, warnings);
    if ("code" in read || read.lines.length > 0 || !read.isOver || (await isShippedByStatus(tx, order.orderId))) return read;
    return { code: "too_much", field: "items", msg: "По заказу уже всё отгружено: сначала передайте заказ с новыми количествами" };
  },
  async takeBack(ctx, tx, order, { siteId, id, number }) {
    const done = await withdrawShipment(ctx, tx, order, { siteId, number });
    if (done.kind === "withdrawn") return { lifecycle: done.order.lifecycle };
    const isPrinted = done.kind === "printed";
    await raiseAlert(ctx, tx, {
      code: "ALR-16", objectKey: `order:${order.orderId}:document:${id}`, orderId: order.orderId, severity: isPrinted ? "P1" : "P2",
      title: `Отгрузка ${number ?? "без номера"} по заказу №${NBSP}${order.number} в 1С отменена, а ${isPrinted ? "закрывающий чек по ней уже ушёл" : "по заказу уже есть возврат товара"}`,
      advice: withdrawnTooLate[done.kind], detail: { class: "AMOUNT_MISMATCH", documentKey: id },
    });
    return { refusal: isPrinted ? "по отгрузке уже ушёл закрывающий чек: проведите её снова, а если её не было, оформите по ней возврат товара" : "по заказу уже есть возврат товара: отгрузку отменить нельзя" };
  },
  async joinCodes(ctx, tx, order, request, siteId, warnings) {
    const rows = saidLines(request.items ?? [], order.lines).flatMap(({ goods, lineNo, quantity, markCodes }, at) => {
      const codes = markCodes ?? [];
      if (codes.length === 0) return [];
      if (BigInt(codes.length) * 1000n === quantityMillis(quantity)) return [{ goods, lineNo, codes }];
      // A wrong number of codes is no complete row (FISC-51).
      if (siteId !== null) warnings.push(`items[${at}].markCodes: кодов ${codes.length}, а количество ${quantity}; коды не приняты`);
      return [];
    });
    return joinMarkCodes(ctx, tx, order, { documentKey: request.id!, shipmentId: siteId, rows });
  },
  keptCodes,
  async record(ctx, tx, order, { id, number, at, said, lines, isOver }) {
    // A deferral that counts from this hand-over makes its receipt one on credit (FISC-23).
    await noteOnOrder(tx, order.orderId, number, at);
    await moveDueDates(ctx, tx, tx`o.id = ${order.orderId}`);
    const made = await recordShipment(ctx, tx, await lockOrder(tx, order.orderId), { documentKey: id, number, shippedAt: at, source: "onec_document", said, lines });
    if (!made) return null;
    if (isOver && !(await isShippedByStatus(tx, order.orderId))) await tellOver(ctx, tx, order, id, number);
    return { siteId: made.shipmentId, lifecycle: made.order.lifecycle };
  },
};

/** «Отгружен» came first: its document says the same hand-over again. */
async function isShippedByStatus(tx: Tx, orderId: string): Promise<boolean> {
  const [row] = await tx`select 1 from standing_shipments where order_id = ${orderId} and source = 'onec_status' limit 1`;
  return row !== undefined;
}

const tellOver = (ctx: Ctx, tx: Tx, order: LockedOrder, id: string, number: string | null) =>
  raiseAlert(ctx, tx, {
    code: "ALR-16", objectKey: `order:${order.orderId}:document:${id}`, orderId: order.orderId, severity: "P2",
    title: `Отгрузка ${number ?? "без номера"} по заказу №${NBSP}${order.number}: отгружено больше, чем в заказе`,
    advice: "На сайте учтено столько, сколько в заказе. Измените заказ в 1С и оформите отгрузку на разницу.", detail: { class: "AMOUNT_MISMATCH", documentKey: id },
  });

/** The term of a deferral counts from the first hand-over (B2B-02). */
const noteOnOrder = (tx: Tx, orderId: string, number: string | null, at: Date) => tx`
  update orders set onec_shipment_number = coalesce(${number}, onec_shipment_number), onec_shipment_at = coalesce(onec_shipment_at, ${at}) where id = ${orderId}`;

/** POST /shipments: hand-overs with their lines and marking codes. */
export async function takeShipmentsCall(call: Call): Promise<Reply> {
  const { items, warnings } = readPackage(call.bytes, "shipments", ShipmentRequest, GOODS_MAX);
  const json = await takeGoods(call, items, warnings, shipment);
  return { json, summary: `Принято ${formatCount(json.results.length, ["отгрузка", "отгрузки", "отгрузок"])}, отказано ${json.rejected}` };
}
