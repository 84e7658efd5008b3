/** Which order of ours an uploaded document is about (CML-19). Pure. */
import { DAY_MS } from "@/lib/kit/time.ts";
import type { OrderDraft, OrderStatus, ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import type { KnownOrder } from "./known-orders.ts";
import type { Late } from "./late-documents.ts";
import type { PlannedOrder } from "./plan-order.ts";
import { siteNumber } from "./site-number.ts";

export type TakenResult = {
  number: string;
  orderId: string | null;
  /** `status`: states changed, lines and total did not. `skipped`: nothing of ours to do with it; no error. */
  outcome: "created" | "revised" | "status" | "unchanged" | "skipped" | "refused";
  /** Russian, one line: why it was refused or skipped. */
  reason?: string;
  warnings: string[];
};

export type Found =
  | { kind: "take"; document: OrderDraft | OrderStatus; order: KnownOrder | null }
  /** `rival`: the order that has the document's number. */
  | { kind: "answer"; result: TakenResult; rival?: KnownOrder; report?: PlannedOrder["taken"]; /** An older version than ours. */ late?: Late };

export type Index = { byNumber: ReadonlyMap<string, KnownOrder>; byGuid: ReadonlyMap<string, KnownOrder> };

export function indexOrders(known: readonly KnownOrder[]): Index {
  const byNumber = new Map(known.map((order) => [order.number, order]));
  // An order of a shop comes back under the number that 1C was given for it.
  for (const order of known) if (order.shopConnectionId !== null && !byNumber.has(siteNumber(order))) byNumber.set(siteNumber(order), order);
  return { byNumber, byGuid: new Map(known.flatMap((order) => (order.onecGuid === null ? [] : [[order.onecGuid, order] as const]))) };
}

/** Orders whose document names the number of another one of ours: a person may have given them a number of their own. */
export const namesakes = (batch: readonly ReadOrder[], { byNumber, byGuid }: Index): KnownOrder[] =>
  batch.flatMap((document) => {
    const own = document.kind === "order" || document.kind === "status" ? byGuid.get(document.onecRef) : undefined;
    const rival = byNumber.get(document.number);
    return own && rival && rival !== own ? [own] : [];
  });

export type FindRules = { mayCreate: boolean; baseZone: string; shopId: string | null; ownNumber: string | null; byFile: boolean; at(local: string | null): Date | null };

/**
 * Another order under the number of one that a shop made: a file gives the site's own date back (commerceml.md 6), and neither the day nor the sum
 * is that of ours. Joined with it, it would put one customer's goods and name on another's page.
 */
function isStranger(document: OrderDraft, order: KnownOrder, { byFile, at }: FindRules): boolean {
  if (!byFile || order.shopConnectionId === null || order.onecGuid !== null || document.totalKopecks === order.totalKopecks) return false;
  const date = at(document.createdLocal);
  return date !== null && Math.abs(date.getTime() - order.orderDate.getTime()) > DAY_MS;
}

/**
 * By the site's number, else by the GUID, else a new order. `keepsNumber`: this order has another number here than the one that 1C repeats.
 * `ownNumber`: what a document is called here whose number is of an order of another year.
 */
export function findOrder(document: ReadOrder, { byNumber, byGuid }: Index, rules: FindRules, keepsNumber: (order: KnownOrder, onecNumber: string) => boolean): Found {
  const answer = (outcome: TakenResult["outcome"], reason: string, rival?: KnownOrder): Found => ({
    kind: "answer",
    result: { number: document.number, orderId: rival?.orderId ?? null, outcome, reason, warnings: document.kind === "refused" ? [] : document.warnings },
    ...(rival && { rival }),
  });
  if (document.kind === "refused") return answer("refused", document.reason);
  if (document.kind === "other") {
    const { operation } = document;
    const order = operation.baseRef === null ? undefined : (byNumber.get(operation.baseRef) ?? byGuid.get(operation.baseRef));
    if (!order) return answer("skipped", `документ «${operation.operation.slice(0, 60)}» не относится к нашим заказам`);
    const report = { orderId: order.orderId, isNew: false, revisionNo: order.revisionNo, payableDueKopecks: 0n, payUntil: order.payUntil, reported: { paid: null, operations: [operation], zone: rules.baseZone }, namesNoPayment: false, shipped: null };
    return { kind: "answer", result: { number: document.number, orderId: order.orderId, outcome: "status", warnings: document.warnings }, report };
  }
  const twin = byGuid.get(document.onecRef);
  if (twin && keepsNumber(twin, document.number)) return { kind: "take", document, order: twin };
  const order = rules.ownNumber === null ? (byNumber.get(document.number) ?? twin ?? null) : null;
  if (rules.shopId !== null && order) {
    const isOwn = order.shopConnectionId === rules.shopId;
    return { kind: "answer", result: { number: document.number, orderId: order.orderId, outcome: isOwn ? "unchanged" : "refused", ...(!isOwn && { reason: "номер занят другим заказом" }), warnings: document.warnings } };
  }
  if (order && order === byNumber.get(document.number) && order.onecGuid !== null && order.onecGuid !== document.onecRef) return answer("refused", "номер занят другим заказом 1С", order);
  if (order && document.kind === "order" && isStranger(document, order, rules)) return answer("refused", "номер занят другим заказом на сайте", order);
  // The number is of one order, the GUID of another: joining them would mix two customers.
  if (order && twin && twin.orderId !== order.orderId) return answer("refused", "номер занят другим заказом на сайте", order);
  if (!order && document.kind === "status") return answer("skipped", "заказа нет на сайте, а в документе нет товаров");
  if (!order && rules.shopId === null && !rules.mayCreate) return answer("refused", "заказа нет на сайте, а создание заказов из 1С выключено");
  return { kind: "take", document: rules.ownNumber === null ? document : { ...document, number: rules.ownNumber }, order };
}
