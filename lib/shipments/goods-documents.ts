/** Hand-overs and returns that an exchange file tells one by one: УНФ's subordinate documents, CommerceML 3.1, Bitrix (commerceml.md 8, 10). */
import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP } from "@/lib/kit/format.ts";
import { sum } from "@/lib/kit/money.ts";
import { quantityMillis } from "@/lib/kit/quantity.ts";
import { instantOfLocal } from "@/lib/kit/time.ts";
import type { OnecOperation } from "@/lib/onec/wire/order-draft.ts";
import type { TakenOrder } from "@/lib/orders/intake/taken-order.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedLine, LockedOrder } from "@/lib/orders/lock-order.ts";
import { isPayableLifecycle } from "@/lib/orders/states.ts";
import { recordGoodsReturn } from "./record-goods-return.ts";
import { leftToShip, recordShipment } from "./record-shipment.ts";
import type { ShipmentLine } from "./record-shipment.ts";
import { learnWords, recordedReturn, recordedShipment } from "./recorded-document.ts";
import { readReturnable, whyNotReturnable } from "./returnable.ts";
import { goodsKey, saysSame } from "./said-document.ts";
import type { SaidDocument, SaidLine } from "./said-document.ts";
import { withdrawShipment, withdrawnTooLate } from "./withdraw-shipment.ts";
import { withinLeft } from "./within-left.ts";

type DocumentLine = OnecOperation["lines"][number];

const kinds = new Map<string, "shipment" | "return">([["отпуск товара", "shipment"], ["возврат товара", "return"]]);
const kindOf = (operation: OnecOperation) => (operation.ref === "" ? null : (kinds.get(operation.operation.trim().toLowerCase()) ?? null));

const isOff = ({ marks }: OnecOperation): boolean => marks.deleted === true || marks.cancelled === true || marks.posted === false;

/** Whether an upload names hand-overs or returns of goods that stand in 1C. */
export const namesGoods = (operations: readonly OnecOperation[], kind: "shipment" | "return"): boolean =>
  operations.some((operation) => kindOf(operation) === kind && !isOff(operation));

/** Each document once, by its GUID. What it says beyond the order is left to a person; nothing here refuses the order itself. */
export async function takeGoodsDocuments(ctx: Ctx, tx: Tx, orders: readonly TakenOrder[]): Promise<void> {
  for (const { orderId, reported } of orders) {
    // Goods come back after they were handed over, in whatever order the document lists that.
    for (const kind of ["shipment", "return"] as const) {
      for (const operation of reported?.operations ?? []) if (kindOf(operation) === kind) await takeDocument(ctx, tx, orderId, kind, operation, reported!.zone);
    }
  }
}

async function takeDocument(ctx: Ctx, tx: Tx, orderId: string, kind: "shipment" | "return", operation: OnecOperation, zone: string): Promise<void> {
  const order = await lockOrder(tx, orderId);
  const { ref, marks } = operation;
  const number = marks.shipmentNumber ?? marks.onecNumber ?? (operation.number || null);
  const shipped = await recordedShipment(tx, orderId, ref);
  const known = shipped ?? (await recordedReturn(tx, orderId, ref));
  if (isOff(operation)) {
    if (shipped) await takeBack(ctx, tx, order, operation, { siteId: shipped.siteId, number });
    else if (known) await tell(ctx, tx, order, operation, number, "в 1С отменён, а у нас он уже учтён", "Сверьте возвраты заказа и долг покупателя: сам возврат не отменяется.");
    return;
  }
  const lines = operation.lines.filter((line) => quantityMillis(line.quantity) > 0n);
  const said: SaidDocument = { lines: lines.map((line) => saidLine(order.lines, line)), totalKopecks: null };
  if (known) {
    if (lines.length > 0 && known.said === null) await learnWords(tx, shipped ? "shipments" : "goods_returns", known.siteId, said);
    else if (lines.length > 0 && !saysSame(known.said!, said)) await tell(ctx, tx, order, operation, number, "в 1С изменён после того, как учтён", "На сайте он остался прежним. Оформите в 1С возврат или новую отгрузку на разницу.");
    return;
  }
  // Lines that do not add up make no receipt and no debt until 1C has put them right (CML-18).
  if (lines.length === 0 || !order.linesMatchTotal || !isPayableLifecycle(order.lifecycle)) return;
  const told = instantOfLocal(marks.shipmentDateLocal ?? marks.onecDateLocal ?? operation.createdLocal ?? "", zone);
  // A document of tomorrow by a wrong clock of the base counts today.
  const at = told && told <= ctx.now() ? told : ctx.now();
  if (kind === "shipment") {
    await recordShipment(ctx, tx, order, { documentKey: ref, number, shippedAt: at, source: "onec_document", said, lines: shippedNow(order.lines, await leftToShip(tx, order), lines) });
    return;
  }
  const returned = lines.map((line) => ({ orderLineId: sameLine(order.lines, line)?.lineId ?? null, quantity: line.quantity, sumKopecks: line.sumKopecks }));
  if (sum(returned.map((line) => line.sumKopecks)) === 0n || whyNotReturnable(order, returned, await readReturnable(tx, order))) {
    await tell(ctx, tx, order, operation, number, "не учтён: это больше, чем по заказу отгружено", "Сверьте возврат в 1С с отгрузками заказа.");
    return;
  }
  await recordGoodsReturn(ctx, tx, order, { documentKey: ref, number, returnedAt: at, source: "onec_document", said, lines: returned });
}

async function takeBack(ctx: Ctx, tx: Tx, order: LockedOrder, operation: OnecOperation, { siteId, number }: { siteId: string; number: string | null }): Promise<void> {
  const { kind } = await withdrawShipment(ctx, tx, order, { siteId, number });
  if (kind === "printed") await tell(ctx, tx, order, operation, number, "в 1С отменён, а закрывающий чек по нему уже ушёл", withdrawnTooLate.printed, "P1");
  if (kind === "returned") await tell(ctx, tx, order, operation, number, "в 1С отменён, а по заказу уже есть возврат товара", withdrawnTooLate.returned);
}

/** 1C's item decides; without one the name. */
const sameLine = <T extends { itemId: string | null; name: string }>(all: readonly T[], { ref, name }: DocumentLine): T | undefined =>
  all.find((line) => ref !== "" && line.itemId === ref) ?? all.find((line) => (ref === "" || line.itemId === null) && line.name === name);

/** The same goods may stand in several lines of the order. */
const shippedNow = (orderLines: readonly LockedLine[], left: readonly ShipmentLine[], lines: readonly DocumentLine[]): ShipmentLine[] =>
  withinLeft(left, lines.map((line) => {
    const { quantity, sumKopecks, vat: vatRate } = line;
    const candidates = orderLines.filter((each) => sameLine([each], line));
    if (candidates.length > 0) return { candidates, quantity, sumKopecks, vatRate, markCodes: null };
    return { orderLineId: null, name: line.name, kind: line.service ? "service" : "goods", unitCode: line.unitCode, quantity, sumKopecks, vatRate, markCodes: null };
  })).lines;

const saidLine = (orderLines: readonly LockedLine[], line: DocumentLine): SaidLine =>
  ({ goods: goodsKey(sameLine(orderLines, line) ?? { itemId: line.ref || null, name: line.name }), lineNo: null, quantity: line.quantity, sumKopecks: line.sumKopecks.toString() });

const tell = (ctx: Ctx, tx: Tx, order: LockedOrder, { ref, operation }: OnecOperation, number: string | null, what: string, advice: string, severity: "P1" | "P2" = "P2") =>
  raiseAlert(ctx, tx, {
    code: "ALR-16", objectKey: `order:${order.orderId}:document:${ref}`, orderId: order.orderId, severity,
    title: `«${operation.slice(0, 40)}» ${number ?? "б/н"} по заказу №${NBSP}${order.number} ${what}`,
    advice, detail: { class: "AMOUNT_MISMATCH", documentKey: ref },
  });
