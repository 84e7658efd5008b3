import { fromMoscow } from "../core/clock.ts";
import { kopecks } from "../core/money.ts";
import { field, listField, partField, textField, type Structure } from "../core/structure.ts";
import type { Line, Vat } from "../onec/state.ts";
import { addOrder } from "./orders.ts";
import type { Customer, JsonBaseState, JsonOrder } from "./state.ts";

const text = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");

/** `order.created`: an order born on the site becomes an order of the base, once. `document` has the shape of POST /orders. */
export function takeSiteOrder(state: JsonBaseState, event: Structure, now: number): JsonOrder {
  const named = partField(event, "order");
  const document = partField(event, "document");
  if (!named || !document) throw new Error("order.created без заказа");
  const number = textField(named, "number");
  const known = Object.values(state.orders).find((order) => order.fromSite && order.number === number);
  if (known) return known;
  const customer = partField(document, "customer");
  const order = addOrder(state, now, "person", {
    number,
    at: fromMoscow(text(field(document, "date")).replace("T", " ").slice(0, 19)) ?? now,
    lines: listField(document, "items").map(lineOf),
    comment: text(field(document, "comment")),
    fromSite: true,
    siteId: textField(named, "siteId"),
    verdict: "взят с сайта",
    ...(customer && { customer: customerOf(customer) }),
  });
  return order;
}

function lineOf(raw: unknown): Line {
  const money = (name: string) => {
    const value = kopecks(text(field(raw, name)));
    if (value === null) throw new Error(`строка заказа: ${name} не читается`);
    return value;
  };
  const rate = text(field(raw, "vatRate"));
  return {
    id: text(field(raw, "id")),
    article: text(field(raw, "sku")),
    name: text(field(raw, "name")),
    kind: text(field(raw, "subject")) === "service" ? "Услуга" : "Товар",
    unitCode: text(field(raw, "unitCode")) || "796",
    unitName: text(field(raw, "unit")) || "Штука",
    unitShort: "PCE",
    price: money("price"),
    quantity: text(field(raw, "quantity")),
    discountPercent: "0",
    sum: money("amount"),
    vat: ((["22", "20", "10", "7", "5"] as const).find((known) => known === rate) ?? "0") as Vat,
    cancelled: false,
  };
}

function customerOf(raw: Structure): Customer {
  const type = text(field(raw, "type"));
  const name = text(field(raw, "name"));
  return {
    id: text(field(raw, "id")), kind: type === "legal" ? "company" : type === "person" ? "person" : "sole_trader", name, fullName: name,
    inn: text(field(raw, "inn")), kpp: text(field(raw, "kpp")), email: text(field(raw, "email")), phone: text(field(raw, "phone")), address: text(field(raw, "address")),
  };
}
