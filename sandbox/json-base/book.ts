import { kopecks } from "../core/money.ts";
import { field, partField, textField, type Structure } from "../core/structure.ts";
import { takeSiteOrder } from "./site-order.ts";
import { bookedOf, nextDocument } from "./orders.ts";
import type { Arrival, BookedDocument, JsonBaseState } from "./state.ts";

const ARRIVALS_KEPT = 20_000;

/** The base refuses to write: what the accountant reads. */
export class BusinessError extends Error {}

export type Booked = { outcome: "booked" | "known" | "noted"; number: string };

/** Event types that make a document, with the sign of its money; a transfer is told from a card by `method`. */
const MONEY: Record<string, { sign: 1n | -1n; card: string; bank: string }> = {
  "payment.succeeded": { sign: 1n, card: "Операция по платёжной карте", bank: "Поступление безналичных ДС" },
  "invoice.matched": { sign: 1n, card: "Операция по платёжной карте", bank: "Поступление безналичных ДС" },
  "payment.reversed": { sign: -1n, card: "Операция по платёжной карте (отмена)", bank: "Поступление безналичных ДС (сторно)" },
  "refund.succeeded": { sign: -1n, card: "Операция по платёжной карте (возврат)", bank: "Списание безналичных ДС" },
  "refund.reversed": { sign: 1n, card: "Операция по платёжной карте (возврат не состоялся)", bank: "Списание безналичных ДС (сторно)" },
};
const DISPUTE: Record<string, (typeof MONEY)[string]> = {
  chargeback: { sign: -1n, card: "Списание по спору", bank: "Списание по спору" },
  chargeback_reversed: { sign: 1n, card: "Возврат по выигранному спору", bank: "Возврат по выигранному спору" },
};
const NOTED = ["receipt.registered", "receipt.failed", "payment.failed", "order.expired", "payout.registered", "order.created"];

/**
 * Books one event by its key: the same key again makes nothing (API-24). Reads every field as 1C code does, so a missing one is an
 * error. Throws `BusinessError` when the base refuses.
 */
export function book(state: JsonBaseState, event: Structure, now: number, refuse: string | null): Booked {
  const key = textField(event, "key");
  const type = textField(event, "type");
  textField(event, "seq");
  textField(event, "at");
  for (const part of ["order", "payment", "refund", "receipt", "balance"]) field(event, part);
  if (key === "") throw new Error("у события нет key");
  const booked = state.books[key];
  if (booked) return { outcome: "known", number: booked.number };
  if (state.noted[key] !== undefined) return { outcome: "known", number: "" };
  if (refuse !== null) throw new BusinessError(refuse);
  const money = type === "payment.disputed" ? DISPUTE[textField(field(event, "payment"), "kind")] : MONEY[type];
  if (money) return { outcome: "booked", number: bookMoney(state, event, { key, type, now, ...money }).number };
  if (!NOTED.includes(type)) throw new Error(`неизвестный вид события «${type}»`);
  if (type === "order.created") takeSiteOrder(state, event, now);
  note(state, event, key, type);
  return { outcome: "noted", number: "" };
}

type How = { key: string; type: string; now: number; sign: 1n | -1n; card: string; bank: string };

function bookMoney(state: JsonBaseState, event: Structure, { key, type, now, sign, card, bank }: How): BookedDocument {
  const refund = partField(event, "refund");
  const part = refund ?? partField(event, "payment");
  if (!part) throw new Error(`событие ${key}: нет ни payment, ни refund`);
  const sum = kopecks(textField(part, "amount"));
  if (sum === null || sum === 0n) throw new Error(`событие ${key}: сумма «${textField(part, "amount")}» не читается`);
  const method = textField(part, "method");
  const moment = textField(part, refund ? "refundedAtLocal" : "paidAtLocal");
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(moment)) throw new Error(`событие ${key}: дата «${moment}» не читается`);
  const order = partField(event, "order");
  const orderId = order ? textField(order, "id") : "";
  const document: BookedDocument = {
    key,
    type,
    document: method === "card" || method === "sbp" ? card : bank,
    number: nextDocument(state),
    at: now,
    orderId,
    orderNumber: order ? textField(order, "number") : "",
    sum: sign * sum,
    method,
    note: refund ? `по оплате ${textField(refund, "paymentId")}` : detail(part),
  };
  state.books[key] = document;
  if (!state.orders[orderId]) document.note = `заказа нет в базе. ${document.note}`;
  checkBalance(state, event, document);
  return document;
}

/** The fields that «Операция по платёжной карте» wants (json-api.md 4). */
const detail = (payment: Structure): string =>
  ["acquirer", "acquirerId", "rrn", "authCode", "maskedPan", "fee", "net"].map((name) => [name, textField(payment, name)]).filter(([, value]) => value !== "").map(([name, value]) => `${name} ${value}`).join(", ");

/** API-25: the balance that came with a new document is what the books of this order now say. */
function checkBalance(state: JsonBaseState, event: Structure, document: BookedDocument): void {
  const balance = partField(event, "balance");
  if (!balance) return;
  const [paid, refunded] = [kopecks(textField(balance, "paid")), kopecks(textField(balance, "refunded"))];
  textField(balance, "due");
  if (paid === null || refunded === null) throw new Error(`событие ${document.key}: остаток не читается`);
  const ours = bookedOf(state, document.orderId);
  if (ours !== paid - refunded) document.note += `${document.note ? "; " : ""}по учёту ${ours}, по сайту ${paid - refunded} коп.`;
}

function note(state: JsonBaseState, event: Structure, key: string, type: string): void {
  const receipt = partField(event, "receipt");
  const text = receipt && type.startsWith("receipt.") ? ["kind", "fn", "fd", "fp", "registeredAt"].map((name) => textField(receipt, name)).join(" ") : "";
  state.noted[key] = `${type} ${text}`.trim();
  const order = partField(event, "order");
  const known = order && state.orders[textField(order, "id")];
  if (known) known.notes.push(state.noted[key]);
}

export function noteArrival(state: JsonBaseState, arrival: Arrival): void {
  state.arrivals.push(arrival);
  if (state.arrivals.length > ARRIVALS_KEPT) state.arrivals.splice(0, state.arrivals.length - ARRIVALS_KEPT);
}

/** What an arrival says of its event without failing on it. */
export function labelsOf(event: unknown): Pick<Arrival, "key" | "type" | "orderNumber"> {
  const text = (from: unknown, name: string) => (typeof from === "object" && from !== null && typeof (from as Record<string, unknown>)[name] === "string" ? ((from as Record<string, unknown>)[name] as string) : "");
  const order = typeof event === "object" && event !== null ? (event as Record<string, unknown>).order : null;
  return { key: text(event, "key"), type: text(event, "type"), orderNumber: text(order, "number") };
}
