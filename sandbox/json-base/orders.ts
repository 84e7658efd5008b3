import { randomUUID } from "node:crypto";
import { COMPANIES, DELIVERY, GOODS, PEOPLE, TIMBER } from "../onec/catalog.ts";
import { lineFrom, makeLine } from "../onec/orders.ts";
import type { BookedDocument, Customer, JsonBaseState, JsonOrder } from "./state.ts";

const MAX_ORDERS = 20_000;
const MANAGERS = ["Орлов Павел", "Лебедева Дарья"];

export const orderAmount = (order: JsonOrder): bigint => order.lines.reduce((all, l) => (l.cancelled ? all : all + l.sum), 0n);

/** Money of an order by the books of the base: what came minus what went back. */
export const bookedOf = (state: JsonBaseState, orderId: string): bigint => documentsOf(state, orderId).reduce((all, d) => all + d.sum, 0n);

export const documentsOf = (state: JsonBaseState, orderId: string): BookedDocument[] => Object.values(state.books).filter((d) => d.orderId === orderId);

export const changed = (order: JsonOrder): void => void (order.version += 1);

export const nextDocument = (state: JsonBaseState): string => `${state.prefix}-${String(++state.lastDocument).padStart(6, "0")}`;

export function addOrder(state: JsonBaseState, now: number, kind: "person" | "company", given: Partial<JsonOrder> = {}): JsonOrder {
  if (Object.keys(state.orders).length >= MAX_ORDERS) throw new SyntaxError(`more than ${MAX_ORDERS} orders, reset the data`);
  const no = ++state.lastOrder;
  const order: JsonOrder = {
    id: randomUUID(),
    number: `${state.prefix}-${String(no).padStart(6, "0")}`,
    at: now,
    customer: kind === "company" ? company(no) : person(no),
    lines:
      kind === "company"
        ? [makeLine(TIMBER, "1.5", TIMBER.price, "5"), makeLine(GOODS[2]!, "4"), makeLine({ ...DELIVERY, name: "Доставка до объекта" }, "1", 3_660_00n)]
        : [makeLine(GOODS[no % 4]!, "1"), makeLine(GOODS[4 + (no % 2)]!, "2"), makeLine(DELIVERY, "1")],
    comment: "",
    manager: MANAGERS[no % MANAGERS.length]!,
    posted: true,
    deleted: false,
    cancelled: false,
    payBy: "",
    deferral: null,
    methods: null,
    shippedAt: null,
    version: 1,
    sentVersion: 0,
    sent: null,
    before: null,
    verdict: "",
    payUrl: "",
    fromSite: false,
    siteId: "",
    notes: [],
    ...given,
  };
  state.orders[order.id] = order;
  return order;
}

const person = (no: number): Customer => {
  const name = PEOPLE[no % PEOPLE.length]!;
  return { id: randomUUID(), kind: "person", name, fullName: name, inn: "", kpp: "", email: "", phone: `8 (999) 000-${String(10 + (no % 90))}-03`, address: "" };
};

const company = (no: number): Customer => ({ id: randomUUID(), kind: "company", ...COMPANIES[no % COMPANIES.length]!, email: "buh@company.example", phone: "+7 999 000-00-02", address: "г Москва, ул Примерная, д 1" });

/** One order of POST /_ctl/json/<base>/orders: creates, or changes the one named by `id` or `number`. */
export function patchOrder(state: JsonBaseState, now: number, input: Record<string, unknown>): JsonOrder {
  const text = (name: string) => (typeof input[name] === "string" ? (input[name] as string) : undefined);
  const key = text("id") ?? text("number");
  let order = key === undefined ? undefined : Object.values(state.orders).find((o) => o.id === key || o.number === key);
  if (order) changed(order);
  else {
    const id = text("id");
    const number = text("number");
    order = addOrder(state, now, input.kind === "company" ? "company" : "person", { ...(id && { id }), ...(number && { number }) });
  }
  for (const name of ["comment", "manager", "payBy"] as const) {
    const value = text(name);
    if (value !== undefined) order[name] = value.slice(0, 3000);
  }
  for (const name of ["posted", "deleted", "cancelled"] as const) if (typeof input[name] === "boolean") order[name] = input[name] as boolean;
  if (order.deleted) order.posted = false;
  if (Array.isArray(input.lines)) order.lines = input.lines.slice(0, 1000).map((raw) => lineFrom(raw as Record<string, unknown>));
  if (Array.isArray(input.methods)) order.methods = input.methods.map(String).slice(0, 10);
  if (typeof input.customer === "object" && input.customer !== null) Object.assign(order.customer, customerFields(input.customer as Record<string, unknown>));
  if (typeof input.deferral === "object") order.deferral = input.deferral === null ? null : deferralOf(input.deferral as Record<string, unknown>);
  if (Number.isInteger(input.version)) order.version = Number(input.version);
  const at = text("at") === undefined ? Number.NaN : Date.parse(text("at") as string);
  if (Number.isFinite(at)) order.at = at;
  if (input.shipped === true) order.shippedAt ??= now;
  // An order that base and site have known for long: nothing to send until somebody changes it.
  if (input.sent === true) order.sentVersion = order.version;
  return order;
}

const deferralOf = (raw: Record<string, unknown>) => ({ kind: String(raw.kind ?? "calendarDays"), days: Number(raw.days ?? 0), from: String(raw.from ?? "shipment") });

function customerFields(raw: Record<string, unknown>): Partial<Customer> {
  const out: Partial<Customer> = {};
  if (raw.kind === "person" || raw.kind === "company" || raw.kind === "sole_trader") out.kind = raw.kind;
  for (const name of ["id", "name", "fullName", "inn", "kpp", "email", "phone", "address"] as const) if (typeof raw[name] === "string") out[name] = raw[name];
  return out;
}
