import { randomInt, randomUUID } from "node:crypto";
import { kopecks, lineSum, vatInside } from "../core/money.ts";
import { COMPANIES, DELIVERY, GOODS, PEOPLE, TIMBER, type Good } from "./catalog.ts";
import type { Buyer, Line, OnecOrder, OnecState, Vat } from "./state.ts";

export function lineVat(line: Line, included: boolean): bigint {
  const percent = BigInt(line.vat);
  if (percent === 0n) return 0n;
  return included ? vatInside(line.sum, percent) : (line.sum * percent + 50n) / 100n;
}

/** What the buyer owes: cancelled lines are left out, VAT on top is added. */
export function orderTotal(order: OnecOrder): bigint {
  return order.lines.filter((l) => !l.cancelled).reduce((all, l) => all + l.sum + (order.vatIncluded ? 0n : lineVat(l, false)), 0n);
}

export function outstanding(order: OnecOrder): bigint {
  return orderTotal(order) - order.payments.reduce((all, p) => all + p.sum, 0n);
}

export function changed(order: OnecOrder): void {
  order.version += 1;
}

export function makeLine(good: Good, quantity: string, price = good.price, discountPercent = "0"): Line {
  const gross = lineSum(price, quantity) ?? 0n;
  const percent = kopecks(discountPercent) ?? 0n;
  const { price: _, ...rest } = good;
  return { ...rest, price, quantity, discountPercent, sum: gross - (gross * percent + 5000n) / 10_000n, cancelled: false };
}

/** Prefix of the base's own numbers. */
const prefixOf = ({ settings }: OnecState): string => (settings.configuration === "unf" ? "НФНФ" : "УТ00");

export function nextDocument(state: OnecState): string {
  return `${prefixOf(state)}-${String(++state.lastDocument).padStart(6, "0")}`;
}

const MAX_ORDERS = 20_000;

export function addOrder(state: OnecState, now: number, buyer: Buyer, lines: Line[]): OnecOrder {
  if (Object.keys(state.orders).length >= MAX_ORDERS) throw new SyntaxError(`more than ${MAX_ORDERS} orders, reset the data`);
  const number = `${prefixOf(state)}-${String(++state.lastOrder).padStart(6, "0")}`;
  const order: OnecOrder = {
    id: randomUUID(),
    number,
    at: now,
    // A two-line subscription in the base copies the 1C number and date into the site attributes (commerceml.md 11).
    siteNumber: number,
    siteAt: now,
    buyer,
    lines,
    vatIncluded: true,
    comment: "",
    posted: true,
    deleted: false,
    state: "Ожидается согласование",
    payments: [],
    shipment: null,
    version: 1,
    sentVersion: 0,
    notes: [],
  };
  state.orders[order.id] = order;
  return order;
}

function pick<T>(list: readonly T[]): T {
  return list[randomInt(list.length)] as T;
}

export function personBuyer(name: string): Buyer {
  return { id: randomUUID(), kind: "person", name, fullName: name, inn: "", kpp: "" };
}

/** An individual's order: 22 % and 10 % goods, delivery as a service. */
export function newPersonOrder(state: OnecState, now: number): OnecOrder {
  const general = pick(GOODS.filter((g) => g.vat === "22"));
  const reduced = pick(GOODS.filter((g) => g.vat === "10"));
  return addOrder(state, now, personBuyer(pick(PEOPLE)), [
    makeLine(general, String(randomInt(1, 4)), general.price, pick(["0", "0", "5", "10"])),
    makeLine(reduced, String(randomInt(1, 3))),
    makeLine(DELIVERY, "1"),
  ]);
}

/** A company's order. */
export function newCompanyOrder(state: OnecState, now: number): OnecOrder {
  const company = pick(COMPANIES);
  const order = addOrder(state, now, { id: randomUUID(), kind: "company", ...company }, [
    makeLine(TIMBER, pick(["1.5", "4", "2.75"]), TIMBER.price, pick(["0", "5"])),
    makeLine(GOODS[2] as Good, String(randomInt(2, 15))),
    makeLine({ ...DELIVERY, name: "Доставка до объекта" }, "1", 3_660_00n),
  ]);
  order.comment = "Отгрузка до конца недели; пропуск на машину заказан & согласован";
  return order;
}

/** One order of POST /_ctl/onec/orders: creates, or changes the one named by id, siteNumber or number. */
export function patchOrder(state: OnecState, now: number, input: Record<string, unknown>): OnecOrder {
  const text = (name: string) => (typeof input[name] === "string" ? (input[name] as string) : undefined);
  const key = text("id") ?? text("number") ?? text("siteNumber");
  let order = key === undefined ? undefined : Object.values(state.orders).find((o) => [o.id, o.number, o.siteNumber].includes(key));
  if (!order) {
    order = input.kind === "company" ? newCompanyOrder(state, now) : newPersonOrder(state, now);
    if (text("id")) {
      delete state.orders[order.id];
      order.id = text("id") as string;
      state.orders[order.id] = order;
    }
    order.number = text("number") ?? order.number;
    order.siteNumber = text("siteNumber") ?? order.number;
  } else changed(order);
  if (text("siteNumber") !== undefined) order.siteNumber = text("siteNumber") as string;
  if (text("comment") !== undefined) order.comment = text("comment") as string;
  if (typeof input.posted === "boolean") order.posted = input.posted;
  if (typeof input.deleted === "boolean") {
    order.deleted = input.deleted;
    if (input.deleted) order.posted = false;
  }
  if (typeof input.vatIncluded === "boolean") order.vatIncluded = input.vatIncluded;
  const wanted = (["Ожидается согласование", "К выполнению", "Закрыт"] as const).find((s) => s === input.state);
  if (wanted) order.state = wanted;
  if (typeof input.buyer === "object" && input.buyer !== null) Object.assign(order.buyer, buyerFields(input.buyer as Record<string, unknown>));
  if (Array.isArray(input.lines)) order.lines = input.lines.slice(0, 1000).map((raw) => lineFrom(raw as Record<string, unknown>));
  if (input.bankPayment) bookBank(state, order, now, input.bankPayment as Record<string, unknown>);
  if (input.refund) refundBuyer(state, order, now, input.refund as Record<string, unknown>);
  if (input.ship) ship(state, order, now);
  // An order that the base and the site have known for long: nothing to upload until somebody changes it.
  const at = text("at") === undefined ? Number.NaN : Date.parse(text("at") as string);
  if (Number.isFinite(at)) order.at = order.siteAt = at;
  if (input.sent === true) order.sentVersion = order.version;
  return order;
}

function buyerFields(raw: Record<string, unknown>): Partial<Buyer> {
  const out: Partial<Buyer> = {};
  if (raw.kind === "person" || raw.kind === "company" || raw.kind === "sole_trader") out.kind = raw.kind;
  for (const name of ["id", "name", "fullName", "inn", "kpp"] as const) if (typeof raw[name] === "string") out[name] = raw[name];
  return out;
}

export function lineFrom(raw: Record<string, unknown>): Line {
  const known = GOODS.find((g) => g.article === raw.article) ?? (raw.kind === "Услуга" ? DELIVERY : (GOODS[0] as Good));
  const price = raw.price === undefined ? known.price : kopecks(String(raw.price));
  const vat = (["22", "20", "10", "7", "5", "0"] as const).find((v) => v === String(raw.vat ?? known.vat)) as Vat | undefined;
  const quantity = String(raw.quantity ?? "1");
  if (price === null || vat === undefined || lineSum(price, quantity) === null) throw new SyntaxError("line: price, quantity or vat is unreadable");
  const good: Good = { ...known, vat };
  if (typeof raw.id === "string") good.id = raw.id;
  if (typeof raw.article === "string") good.article = raw.article;
  if (typeof raw.name === "string") good.name = raw.name;
  if (raw.kind === "Услуга" || raw.kind === "Товар") good.kind = raw.kind;
  const line = makeLine(good, quantity, price, String(raw.discountPercent ?? "0"));
  line.cancelled = raw.cancelled === true;
  return line;
}

/** Books a bank transfer; the order tells its number to the site with the next exchange. */
export function bookBank(state: OnecState, order: OnecOrder, now: number, raw: Record<string, unknown>): void {
  const number = typeof raw.number === "string" && raw.number !== "" ? raw.number.slice(0, 20) : nextDocument(state);
  const sum = raw.sum === undefined || raw.sum === "" ? outstanding(order) : kopecks(String(raw.sum).replace(",", "."));
  if (sum === null || sum <= 0n) throw new SyntaxError("bank payment: nothing to book");
  order.payments.push({ kind: "Поступление безналичных ДС", number, at: now, sum, method: "банк" });
  changed(order);
}

/** Money that the base itself gave back; УНФ tells it as a subordinate document. */
export function refundBuyer(state: OnecState, order: OnecOrder, now: number, raw: Record<string, unknown>): void {
  const sum = kopecks(String(raw.sum ?? "").replace(",", "."));
  if (sum === null || sum <= 0n) throw new SyntaxError("refund: sum is unreadable");
  order.payments.push({ kind: "Возврат покупателю", number: nextDocument(state), at: now, sum: -sum, method: "банк" });
  changed(order);
}

export function ship(state: OnecState, order: OnecOrder, now: number): void {
  order.shipment ??= { number: nextDocument(state), at: now };
  changed(order);
}
