/** POST /orders by JSON: packages, every field of an order, sums, rates, payments and the page they lead to (json-api.md 3, checklist 7, 10). */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { MINUTE_MS } from "@/lib/kit/time.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aShop } from "@/lib/testing/factories.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { anItem, anOrder, openOrderBases } from "@/lib/testing/order-packages.ts";
import type { Order, OrderBases } from "@/lib/testing/order-packages.ts";
import { OrdersAnswer } from "./schema-order.ts";

let t: OrderBases;
beforeAll(async () => {
  t = await openOrderBases();
});
afterAll(() => t.close());

const sample = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as { orders: Order[]; results: Order[]; accepted: number; rejected: number };

test("API-14: the sample request gives the sample answer, the links are the orders' own", async () => {
  const base = await t.aBase();
  const request = sample("orders-request");
  await base.one({ ...request.orders[0]!, version: 2, comment: "раньше" });
  const { json } = await base.post<OrdersAnswer>("/orders", request);
  const expected = sample("orders-response");
  expect(json).toMatchObject({ accepted: expected.accepted, rejected: expected.rejected, warnings: [] });
  expect(json.results).toHaveLength(3);
  for (const [at, result] of expected.results.entries()) {
    const { payUrl, ...rest } = result;
    expect(json.results[at]).toMatchObject(rest);
    expect(json.results[at]!.payUrl).toEqual(payUrl === undefined ? "" : expect.stringMatching(/^https:\/\/pay\.test\/pay\/[\w-]{20,}$/));
  }
  const order = (await t.rowOf("c0ffee11-c2d4-11f1-8f10-0050568b1a01"))!;
  // «Оплатить до 28.11» takes that day whole, Moscow time.
  expect(order).toMatchObject({ number: "УТ00-000840", onecNumber: "УТ00-000840", payMethods: null, payUntil: new Date("2026-11-28T21:00:00Z"), contact: "buh@sever.example", payerKind: "organization", dueDate: null, onecShipmentAt: null, onecVersion: 3n });
  expect(await t.rowOf("c0ffee12-c2d4-11f1-8f10-0050568b1a01")).toMatchObject({ contact: "+79990000003", counterpartyId: null, buyerName: "Розничный покупатель", payerKind: "individual" });
  // A second time nothing happens.
  expect((await base.post<OrdersAnswer>("/orders", request)).json.results.map(({ status }) => status)).toEqual(["unchanged", "unchanged", "rejected"]);
});

test("checklist 7: of 200 orders in one package one is broken, 199 are accepted, each answered in its place", async () => {
  const base = await t.aBase();
  const orders = Array.from({ length: 200 }, (_, at) => anOrder(at === 77 ? { items: [anItem({ amount: "сто рублей" })] } : {}));
  const started = performance.now();
  const answer = await base.send(...orders);
  const tookMs = performance.now() - started;
  expect(answer).toMatchObject({ accepted: 199, rejected: 1 });
  expect(answer.results.map(({ id }) => id)).toEqual(orders.map(({ id }) => id));
  expect(answer.results[77]).toMatchObject({ status: "rejected", code: "bad_value", msg: "items[0].amount: не сумма в рублях с копейками: «сто рублей»", payUrl: "" });
  expect(answer.results.filter(({ payUrl }) => payUrl !== "")).toHaveLength(199);
  if (process.env["TEST_LOG"]) console.log(`200 orders: ${Math.round(tookMs)} ms`);
  const { status, json } = await base.post("/orders", { orders: [...orders, anOrder()] });
  expect([status, json["code"], json["field"]]).toEqual([413, "too_large", "orders"]);
});

test("the same package twice at once makes each order once (API-15)", async () => {
  const base = await t.aBase();
  const orders = Array.from({ length: 20 }, () => anOrder());
  const both = await Promise.all([base.send(...orders), base.send(...orders)]);
  const statuses = both.flatMap(({ results }) => results.map(({ status }) => status));
  expect(statuses.filter((status) => status === "created")).toHaveLength(20);
  expect(statuses.filter((status) => status === "unchanged")).toHaveLength(20);
  const [row] = await t.ctx.database.sql<{ orders: number; links: number }[]>`
    select count(distinct o.id)::int as orders, count(l.id)::int as links from orders o left join payment_links l on l.order_id = o.id where o.onec_connection_id = ${base.shop.onecId}`;
  expect(row).toEqual({ orders: 20, links: 20 });
});

test("API-18: absent fields keep their value, null clears, unknown ones are warnings", async () => {
  const base = await t.aBase();
  const customer = { id: newId(), type: "legal", name: 'ООО "Север"', inn: "9900000024", kpp: "990101001", email: "a@b.ru", phone: "8 (999) 000-00-03", address: "Москва" };
  const order = anOrder({ comment: "первый", methods: ["card", "sbp"], payBy: "2026-12-01", customer, deferral: { kind: "calendarDays", days: 3, from: "order" } });
  await base.one(order);
  const before = (await t.rowOf(order["id"]))!;
  expect(before).toMatchObject({ payMethods: ["card", "sbp"], dueDate: "2026-11-24", contact: "a@b.ru" });
  const answer = await base.one({ id: order["id"], state: { status: "В сборке", colour: "red" }, Customer: {}, prioritet: 1 });
  expect(answer).toMatchObject({ status: "updated", warnings: ["неизвестное поле state.colour", "неизвестное поле Customer, может быть, customer", "неизвестное поле prioritet"] });
  const { onecVersion: _version, ...kept } = before;
  expect(await t.rowOf(order["id"])).toMatchObject({ ...kept, updatedAt: expect.anything(), onecState: "В сборке", contentHash: expect.anything() } as object);
  await base.one({ id: order["id"], comment: null, methods: null, payBy: "0001-01-01T00:00:00", deferral: null, customer: { id: customer.id, email: null, address: "" } });
  expect(await t.rowOf(order["id"])).toMatchObject({ comment: null, payMethods: null, payUntil: null, dueDate: null });
  const [buyer] = await t.ctx.database.sql`select official_name, inn, kpp, email, phone, address from counterparties where onec_guid = ${customer.id}`;
  expect(buyer).toEqual({ officialName: 'ООО "Север"', inn: "9900000024", kpp: "990101001", email: null, phone: "+79990000003", address: null });
  // A new order of a known buyer that names him only keeps what is known.
  await base.one(anOrder({ customer: { id: customer.id, name: 'ООО "Север"' } }));
  expect((await t.ctx.database.sql`select inn from counterparties where onec_guid = ${customer.id}`)[0]).toEqual({ inn: "9900000024" });
});

test("checklist 10: year 1, an empty GUID, trailing spaces and «Истина» are null, null, trimmed and true; numbers as text with spaces and commas", async () => {
  const base = await t.aBase();
  const nbsp = "\u00A0";
  const order = anOrder({
    number: "УТ00-77   ", amount: `1${nbsp}234,5`, vatIncluded: "Истина", payBy: "0001-01-01T00:00:00", currency: "руб.", customer: { id: "00000000-0000-0000-0000-000000000000", type: "ФизическоеЛицо", name: "Иванов  ", phone: "9990000003" },
    items: [anItem({ id: "00000000-0000-0000-0000-000000000000", sku: "00012  ", quantity: "0,5", price: "2 469", amount: `1${nbsp}234,50`, vatRate: "НДС22", vatAmount: "222,61" })], state: { posted: "Да", deleted: 0, cancelled: "Ложь", shippedAt: "0001-01-01T00:00:00" },
  });
  expect(await base.one(order)).toMatchObject({ status: "created", number: "УТ00-77", warnings: [], due: "1234.50" });
  const row = (await t.rowOf(order["id"]))!;
  expect(row).toMatchObject({ totalKopecks: 123_450n, counterpartyId: null, payUntil: null, isPosted: true, lifecycle: "active", onecShipmentAt: null, contact: "+79990000003", orderDate: new Date("2026-11-21T12:10:00Z") });
  const [line] = await t.ctx.database.sql`select l.sku, l.onec_item_id, l.quantity, l.price_kopecks, l.vat_rate, l.vat_kopecks from order_lines l join order_revisions v on v.id = l.revision_id where v.order_id = ${row.id}`;
  expect(line).toEqual({ sku: "00012", onecItemId: null, quantity: "0.5", priceKopecks: 246_900n, vatRate: "vat22", vatKopecks: 22_261n });
});

test("API-17: sums to the kopeck, VAT within a kopeck of its rate, lines without VAT inside", async () => {
  const base = await t.aBase();
  const refused = async (given: Order) => {
    const { status, code, msg } = await base.one(anOrder(given));
    return [status, code, msg];
  };
  expect(await refused({ amount: "1220.01" })).toEqual(["rejected", "amount_mismatch", "Сумма строк 1220.00 не равна сумме заказа 1220.01"]);
  expect(await refused({ items: [anItem({ vatAmount: "219.98" })] })).toEqual(["rejected", "amount_mismatch", "НДС строки 1: 219.98, а по ставке 22 должно быть 220.00"]);
  expect(await refused({ items: [anItem({ vatRate: "none", vatAmount: "220" })] })).toMatchObject(["rejected", "amount_mismatch", expect.stringContaining("без НДС")]);
  for (const vatAmount of ["219.99", "220.01", 220]) expect(await base.one(anOrder({ items: [anItem({ vatAmount })] }))).toMatchObject({ status: "created" });
  // Prices without VAT: 1000 + 22 % = 1220.
  expect(await base.one(anOrder({ vatIncluded: false, items: [anItem({ price: 1000, amount: 1000, vatAmount: 220 })] }))).toMatchObject({ status: "created", due: "1220.00" });
  expect(await base.one(anOrder({ vatIncluded: false, items: [anItem({ price: 1000, amount: 1220, vatAmount: 220 })] }))).toMatchObject({ status: "created", due: "1220.00" });
  expect(await refused({ vatIncluded: false, items: [anItem({ price: 1000, amount: 1000, vatAmount: 210 })] })).toMatchObject(["rejected", "amount_mismatch", expect.any(String)]);
});

test("API-19: every spelling of a rate; 20 % only before 2026; subjects by the names of the fiscal spec", async () => {
  const base = await t.aBase();
  for (const [given, rate] of [["22", "vat22"], [22, "vat22"], ["22%", "vat22"], ["НДС 22 %", "vat22"], ["10", "vat10"], ["7", "vat7"], ["5", "vat5"], ["0", "vat0"], ["НДС0", "vat0"], ["none", "none"], ["Без НДС", "none"], ["БезНДС", "none"]] as const) {
    const order = anOrder({ items: [anItem({ vatRate: given })] });
    expect(await base.one(order)).toMatchObject({ status: "created" });
    const [line] = await t.ctx.database.sql`select l.vat_rate from order_lines l join order_revisions v on v.id = l.revision_id join orders o on o.id = v.order_id where o.onec_guid = ${String(order["id"])}`;
    expect([given, line!["vatRate"]]).toEqual([given, rate]);
  }
  expect(await base.one(anOrder({ items: [anItem({ vatRate: "20" })] }))).toMatchObject({ status: "rejected", code: "bad_value", msg: expect.stringContaining("2026") });
  expect(await base.one(anOrder({ date: "2025-12-30T10:00:00", items: [anItem({ vatRate: "20" })] }))).toMatchObject({ status: "created" });
  expect(await base.one(anOrder({ items: [anItem({ vatRate: "18" })] }))).toMatchObject({ status: "rejected", code: "bad_value", msg: "items[0].vatRate: нет такой ставки НДС: «18»" });
  const work = anOrder({ items: [anItem({ subject: "job" })] });
  expect(await base.one(work)).toMatchObject({ status: "created", warnings: [expect.stringContaining("«услуга»")] });
});

test("FISC, API-19: a line without its rate is refused for a seller on the general tax system, and said for another one", async () => {
  const base = await t.aBase();
  const line = { name: "Доска", quantity: 1, amount: 1220 };
  expect(await base.one(anOrder({ items: [line] }))).toMatchObject({ status: "rejected", code: "missing_field", msg: expect.stringContaining("items[0].vatRate") });
  expect(await base.one(anOrder({ items: [{ ...line, vatRate: "none" }] }))).toMatchObject({ status: "created", warnings: [] });
  await aShop(t, { taxSystem: "usn_income", login: "simple", onecSettings: { doors: ["json"] } });
  const { json } = await jsonClient(t, "simple").post<OrdersAnswer>("/orders", { orders: [anOrder({ items: [line] })] });
  expect(json.results[0]).toMatchObject({ status: "created", warnings: [expect.stringContaining("items[0].vatRate: ставка не указана")] });
});

test("a new order without number, sum or lines, a strange id, another currency, lines that are not there", async () => {
  const base = await t.aBase();
  const { results } = await base.send({ ...anOrder(), number: " " }, { ...anOrder(), amount: null }, { ...anOrder(), items: [] }, { ...anOrder(), id: "000123" }, { ...anOrder(), id: undefined }, { ...anOrder(), currency: "USD" }, { ...anOrder(), items: "нет" }, { ...anOrder(), id: "00000000-0000-0000-0000-000000000000" });
  expect(results.map(({ code, msg }) => [code, msg])).toEqual([
    ["missing_field", "number: у нового заказа нет номера"], ["missing_field", "amount: у нового заказа нет суммы"], ["missing_field", "items: у нового заказа нет строк"], ["bad_value", "id: нужен GUID документа 1С"],
    ["bad_value", "id: нужен GUID документа 1С"], ["currency", "currency: валюта USD не поддерживается, нужны рубли"], ["bad_value", "items: нужен массив"], ["missing_field", "id: пустая ссылка вместо документа"],
  ]);
  expect((await base.send(null as unknown as Order, 5 as unknown as Order)).results.map(({ code, msg }) => [code, msg])).toEqual([["bad_value", "нужен объект"], ["bad_value", "нужен объект"]]);
});

test("API-16: paid money stays: a changed total gives the difference, a cancelled or deleted order a task for staff and no refund", async () => {
  const base = await t.aBase();
  const order = anOrder();
  const { siteId } = await base.one(order);
  await cardMoney(t, siteId, 122_000n, t.bankId);
  expect(await base.one({ ...order, version: 2, amount: 2440, items: [anItem({ quantity: 2, amount: 2440 })] })).toMatchObject({ status: "updated", paid: "1220.00", due: "1220.00", payUrl: expect.stringContaining("/pay/") });
  for (const state of [{ cancelled: true }, { cancelled: false, deleted: true }]) {
    expect(await base.one({ id: order["id"], state })).toMatchObject({ status: "updated", paid: "1220.00", due: "0.00", payUrl: "", warnings: [expect.stringContaining("получено 1220.00")] });
  }
  const [alert] = await t.ctx.database.sql`select code, severity from alerts where order_id = ${siteId} and code = 'ALR-05'`;
  expect(alert).toEqual({ code: "ALR-05", severity: "P1" });
  expect(await t.ctx.database.sql`select 1 from refunds where order_id = ${siteId}`).toHaveLength(0);
  expect(await t.rowOf(order["id"])).toMatchObject({ lifecycle: "deleted", capturedKopecks: 122_000n });
  expect(await base.one({ id: order["id"], state: { deleted: false } })).toMatchObject({ status: "updated", due: "1220.00" });
});

test("2.2: an order that is off may come with all its lines crossed out and no sum: it is cancelled, its lines stay", async () => {
  const base = await t.aBase();
  for (const [state, lifecycle] of [[{ posted: true, cancelled: true }, "cancelled"], [{ posted: false, deleted: true }, "deleted"]] as const) {
    const order = anOrder();
    await base.one(order);
    expect(await base.one({ ...order, version: 2, items: [], amount: 0, state })).toMatchObject({ status: "updated", payUrl: "", due: "0.00", code: "" });
    expect(await t.rowOf(order["id"])).toMatchObject({ lifecycle, totalKopecks: 122_000n });
  }
  const order = anOrder();
  await base.one(order);
  expect(await base.one({ ...order, version: 2, items: [], amount: 0 })).toMatchObject({ status: "rejected", code: "missing_field", msg: expect.stringContaining("state.cancelled") });
});

test("methods and payBy limit the page; a link whose time ran out is made anew, one whose term is over is not", async () => {
  const base = await t.aBase();
  const order = anOrder({ payBy: "2026-11-21T16:00:00" });
  const first = await base.one(order);
  const free = anOrder({ methods: ["Карта", "счёт", "биткойн"] });
  const second = await base.one(free);
  expect(second.warnings).toEqual(["methods: нет способа «биткойн», есть card, sbp, invoice"]);
  expect(await t.rowOf(free["id"])).toMatchObject({ payMethods: ["card", "invoice"] });
  expect(first.payUrl).not.toBe("");
  const now = t.ctx.now();
  try {
    t.clock.advance(4 * 24 * 60 * MINUTE_MS);
    const again = await base.send(order, free);
    expect(again.results.map(({ status }) => status)).toEqual(["unchanged", "unchanged"]);
    expect(again.results[0]!.payUrl).toBe("");
    expect(again.results[1]!.payUrl).toMatch(/\/pay\//);
    expect(again.results[1]!.payUrl).not.toBe(second.payUrl);
  } finally {
    t.clock.set(now);
  }
});

test("money that 1C booked itself comes with its order once, and is no event for 1C (CML-32)", async () => {
  const base = await t.aBase();
  const payment = { id: newId(), number: "ПБ-17", date: "2026-11-21T12:00:00", amount: "1220.00", method: "bank_transfer" };
  const order = anOrder({ customer: { id: newId(), type: "legal", name: "ООО Север", inn: "9900000024" }, payments: [payment] });
  expect(await base.one(order)).toMatchObject({ status: "created", paid: "1220.00", due: "0.00", paymentStatus: "paid" });
  expect(await base.one(order)).toMatchObject({ status: "unchanged", paid: "1220.00" });
  expect(await base.one({ ...order, version: 2, comment: "ещё" })).toMatchObject({ status: "updated", paid: "1220.00" });
  expect((await base.get("/changes")).json).toMatchObject({ items: [] });
  expect(await base.one(anOrder({ payments: [{ ...payment, id: null }] }))).toMatchObject({ status: "rejected", code: "missing_field" });
});
