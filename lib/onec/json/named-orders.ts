import type { Tx } from "@/db/index.ts";
import type { OrderKeys } from "@/lib/orders/intake/known-orders.ts";
import { ORDERS_MAX } from "@/lib/orders/set-terms.ts";
import { findOrderId } from "./find-order.ts";
import type { JsonObject } from "./objects.ts";
import { readGuid } from "./values.ts";

export type NamedOrders = { all: OrderKeys; refunded: OrderKeys; /** Some order tells of money that 1C has booked. */ namesMoney: boolean };

/** The orders that these objects speak of, so that all can be held before the first is taken (decision 0023). What cannot be read names none: it changes none. */
export async function ordersOfObjects(tx: Tx, connectionId: string, objects: readonly JsonObject[]): Promise<NamedOrders> {
  const orders = objects.filter(({ list }) => list === "orders").map(({ raw }) => ({ raw, keys: keysOf(raw) }));
  const paying = orders.map(({ raw, keys }) => ({ keys, payments: listOf(raw, "payments") })).filter(({ payments }) => payments.length > 0);
  const ids: string[] = [];
  for (const { list, raw } of objects) {
    if (list !== "shipments" && list !== "returns") continue;
    const id = await findOrderId(tx, connectionId, { guid: textOf(raw, "orderId"), number: textOf(raw, "orderNumber") });
    if (id !== null) ids.push(id);
  }
  const buyers = objects.flatMap(({ list, raw }) => (list === "counterparties" ? guidsOf(raw, "id") : []));
  if (buyers.length > 0) {
    const theirs = await tx<{ id: string }[]>`
      select o.id from orders o join counterparties c on c.id = o.counterparty_id where c.onec_connection_id = ${connectionId} and c.onec_guid = any(${buyers}) order by o.id limit ${ORDERS_MAX}`;
    ids.push(...theirs.map(({ id }) => id));
  }
  const all = together(orders.map(({ keys }) => keys));
  return { all: { ...all, ids: [...(all.ids ?? []), ...ids] }, refunded: together(paying.filter(({ payments }) => payments.some((payment) => textOf(payment, "kind") === "refund")).map(({ keys }) => keys)), namesMoney: paying.length > 0 };
}

const keysOf = (raw: unknown): OrderKeys => ({ numbers: [textOf(raw, "number") ?? ""], guids: guidsOf(raw, "id"), ids: guidsOf(raw, "siteId") });
const together = (all: readonly OrderKeys[]): OrderKeys => ({ numbers: all.flatMap(({ numbers }) => numbers), guids: all.flatMap(({ guids }) => guids), ids: all.flatMap(({ ids }) => ids ?? []) });

const fieldOf = (raw: unknown, name: string): unknown => (typeof raw === "object" && raw !== null && Object.hasOwn(raw, name) ? (raw as Record<string, unknown>)[name] : null);
/** Numbers may come as such. A NUL cannot be asked for: no order has it. */
const textOf = (raw: unknown, name: string): string | null => {
  const value = fieldOf(raw, name);
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && !text.includes("\0") ? text.trim() : null;
};
const guidsOf = (raw: unknown, name: string): string[] => {
  const guid = readGuid(textOf(raw, name) ?? "");
  return guid === null ? [] : [guid];
};
const listOf = (raw: unknown, name: string): unknown[] => {
  const value = fieldOf(raw, name);
  return Array.isArray(value) ? value : [];
};
