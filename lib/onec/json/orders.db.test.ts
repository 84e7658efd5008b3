/** The JSON exchange: the door and POST /orders (json-api.md 3, checklist 7, 10). */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { MINUTE_MS } from "@/lib/kit/time.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aCompany, aDraft, aLine, upload } from "@/lib/testing/drafts.ts";
import { aOnecBase, aShop, aStore } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { openOwnBases } from "@/lib/testing/own-bases.ts";
import type { OwnBases } from "@/lib/testing/own-bases.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { decideConflict, seenOf } from "../inbox/index.ts";
import { OrdersAnswer } from "./schema-order.ts";

type Result = OrdersAnswer["results"][number];
type Order = Record<string, unknown>;

let t: TestContext;
let seller: TestShop;
let bankId: string;
let newBase: OwnBases["newBase"];
beforeAll(async () => {
  ({ t, seller, bankId, newBase } = await openOwnBases("json", { at: "2026-11-21T12:30:00Z", settings: { doors: ["json"] } }));
});
afterAll(() => t.close());

async function aBase(settings: Record<string, unknown> = {}) {
  const { connectionId, storeId, login } = await newBase(settings);
  const client = jsonClient(t, login);
  const send = async (...orders: Order[]): Promise<OrdersAnswer> => {
    const { status, json } = await client.post<OrdersAnswer>("/orders", { orders });
    expect(status).toBe(200);
    return OrdersAnswer.parse(json);
  };
  const one = async (order: Order): Promise<Result> => (await send(order)).results[0]!;
  return { ...client, login, shop: { ...seller, storeId, onecId: connectionId }, send, one };
}

const anItem = (given: Order = {}): Order => ({ line: 1, id: newId(), name: "Краска акриловая 2,5 л", quantity: 1, price: 1220, amount: 1220, vatRate: "22", ...given });
let numbers = 0;
const anOrder = (given: Order = {}): Order => ({ id: newId(), version: 1, number: `УТ00-${++numbers}`, date: "2026-11-21T15:10:00", amount: 1220, items: [anItem()], ...given });
const rowOf = async (id: unknown) => {
  const [row] = await t.ctx.database.sql<
    {
      id: string; number: string; onecNumber: string | null; revisionNo: number; comment: string | null; lifecycle: string; isPosted: boolean; onecVersion: bigint | null; payMethods: string[] | null; payUntil: Date | null; dueDate: string | null;
      orderDate: Date; contact: string | null; totalKopecks: bigint; buyerName: string; payerKind: string; counterpartyId: string | null; onecShipmentAt: Date | null; capturedKopecks: bigint;
    }[]
  >`select * from orders where onec_guid = ${String(id)}`;
  return row;
};
const sample = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as { orders: Order[]; results: Order[]; accepted: number; rejected: number };

test("API-14: the sample request gives the sample answer, the links are the orders' own", async () => {
  const base = await aBase();
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
  const order = (await rowOf("c0ffee11-c2d4-11f1-8f10-0050568b1a01"))!;
  // «Оплатить до 28.11» takes that day whole, Moscow time.
  expect(order).toMatchObject({ number: "УТ00-000840", onecNumber: "УТ00-000840", payMethods: null, payUntil: new Date("2026-11-28T21:00:00Z"), contact: "buh@sever.example", payerKind: "organization", dueDate: null, onecShipmentAt: null, onecVersion: 3n });
  expect(await rowOf("c0ffee12-c2d4-11f1-8f10-0050568b1a01")).toMatchObject({ contact: "+79990000003", counterpartyId: null, buyerName: "Розничный покупатель", payerKind: "individual" });
  // A second time nothing happens.
  expect((await base.post<OrdersAnswer>("/orders", request)).json.results.map(({ status }) => status)).toEqual(["unchanged", "unchanged", "rejected"]);
});

test("checklist 7: of 200 orders in one package one is broken, 199 are accepted, each answered in its place", async () => {
  const base = await aBase();
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
  const base = await aBase();
  const orders = Array.from({ length: 20 }, () => anOrder());
  const both = await Promise.all([base.send(...orders), base.send(...orders)]);
  const statuses = both.flatMap(({ results }) => results.map(({ status }) => status));
  expect(statuses.filter((status) => status === "created")).toHaveLength(20);
  expect(statuses.filter((status) => status === "unchanged")).toHaveLength(20);
  const [row] = await t.ctx.database.sql<{ orders: number; links: number }[]>`
    select count(distinct o.id)::int as orders, count(l.id)::int as links from orders o left join payment_links l on l.order_id = o.id where o.onec_connection_id = ${base.shop.onecId}`;
  expect(row).toEqual({ orders: 20, links: 20 });
});

test("API-15: a lower version is late, an equal one with other content is taken, a higher one with the same content is counted", async () => {
  const base = await aBase();
  const order = anOrder({ version: 5 });
  expect(await base.one(order)).toMatchObject({ status: "created", version: 5 });
  expect(await base.one({ ...order, version: 4, comment: "старое" })).toMatchObject({ status: "unchanged", msg: "устаревшая версия", version: 5 });
  expect(await rowOf(order["id"])).toMatchObject({ comment: null });
  expect(await base.one({ ...order, version: 5, comment: "новое" })).toMatchObject({ status: "updated", version: 5, msg: "" });
  expect(await base.one({ id: order["id"], version: 9 })).toMatchObject({ status: "unchanged", version: 9 });
  expect(await base.one({ id: order["id"], version: 8, comment: "позднее эхо" })).toMatchObject({ status: "unchanged", msg: "устаревшая версия", version: 9 });
  expect(await base.one({ id: order["id"], comment: "без версии" })).toMatchObject({ status: "updated", version: 9 });
  expect(await rowOf(order["id"])).toMatchObject({ comment: "без версии", revisionNo: 1 });
  // GUIDs are one in any spelling.
  expect(await base.one({ id: `{${String(order["id"]).toUpperCase()}}`, comment: "без версии" })).toMatchObject({ status: "unchanged" });
});

test("API-15: an older version that would change the order is a line of the journal with the difference; one about money is a question, asked once", async () => {
  const base = await aBase();
  const buyerRef = newId();
  const order = anOrder({ version: 5, customer: { id: buyerRef, name: "Иванова Мария", phone: "+79990000001" } });
  await base.one(order);
  const orderId = (await rowOf(order["id"]))!.id;
  const journal = async () => [...(await t.ctx.database.sql<{ id: string; result: string; summary: string; resultText: string; attempts: number; diff: { field: string }[] }[]>`select * from onec_messages where order_id = ${orderId} and result <> 'applied' order by at, id`)];
  const conflicts = async () => [...(await t.ctx.database.sql<{ id: string; field: string; state: string; ours: string; theirs: string; messageId: string }[]>`select * from onec_conflicts where order_id = ${orderId} order by opened_at, id`)];
  const small = { id: order["id"], version: 4, comment: "старое", customer: { id: buyerRef, phone: null } };
  for (const _ of [1, 2]) expect(await base.one(small)).toMatchObject({ status: "unchanged", msg: "устаревшая версия", version: 5 });
  expect(await journal()).toMatchObject([{ result: "noop", attempts: 2, summary: expect.stringContaining("прислала старую версию заказа"), resultText: "Версия 4, у нас уже 5", diff: [{ field: "comment", before: null, after: "старое" }] }]);
  expect(await conflicts()).toEqual([]);
  expect(await rowOf(order["id"])).toMatchObject({ comment: null, contact: "+79990000001" });
  const [buyer] = await t.ctx.database.sql`select c.phone from counterparties c join orders o on o.counterparty_id = c.id where o.id = ${orderId}`;
  expect(buyer).toEqual({ phone: "+79990000001" });

  const cheap = { ...order, version: 3, amount: 1000, items: [anItem({ price: 1000, amount: 1000 })] };
  expect(await base.one(cheap)).toMatchObject({ status: "unchanged", version: 5 });
  expect(await rowOf(order["id"])).toMatchObject({ totalKopecks: 122_000n, revisionNo: 1 });
  const [asked] = await conflicts();
  expect(asked).toMatchObject({ field: "version", state: "open", ours: "5", theirs: "3" });
  expect((await journal()).find(({ id }) => id === asked!.messageId)).toMatchObject({ result: "conflict", resultText: "Нужно решение: версия 3, у нас уже 5", diff: expect.arrayContaining([expect.objectContaining({ field: "total" })]) });
  const accountant = (await aStaff(t, { role: "accountant" })).ctx;
  await decideConflict(accountant, { conflictId: asked!.id, side: "ours", seen: seenOf(asked!) });
  await base.one(cheap);
  expect(await conflicts()).toMatchObject([{ state: "ours" }]);

  // 1C was restored from a copy: what it says now is right after all.
  const other = { ...cheap, version: 2, amount: 900, items: [anItem({ price: 900, amount: 900 })] };
  await base.one(other);
  const restored = (await conflicts()).find(({ state }) => state === "open")!;
  await decideConflict(accountant, { conflictId: restored.id, side: "theirs", seen: seenOf(restored) });
  expect(await rowOf(order["id"])).toMatchObject({ totalKopecks: 90_000n, onecVersion: 2n, revisionNo: 2 });
  expect((await journal()).some(({ id }) => id === restored.messageId)).toBe(false);
  expect(await base.one({ ...other, version: 3, comment: "дальше" })).toMatchObject({ status: "updated", version: 3 });
  // A newer version answers the question by itself.
  await base.one({ ...cheap, version: 1 });
  await base.one({ ...other, version: 4, comment: "новее" });
  expect((await conflicts()).map(({ state }) => state)).toEqual(["ours", "theirs", "gone"]);
});

test("API-15: a file that repeats an earlier state of an order on which JSON has counted on leaves it alone, and staff are asked; a new state of a file is taken", async () => {
  const base = await aBase({ doors: ["commerceml", "json"], moneyChannel: "json" });
  const draft = aDraft({ totalKopecks: 100_000n });
  const [made] = await upload(t, base.shop, draft);
  await base.one({ id: draft.onecRef, version: 10, amount: 700, items: [anItem({ price: 700, amount: 700 })] });
  const total = async () => (await t.ctx.database.sql<{ totalKopecks: bigint }[]>`select total_kopecks from orders where id = ${made!.orderId!}`)[0]!.totalKopecks;
  const conflicts = async () => [...(await t.ctx.database.sql<{ id: string; state: string; ours: string; theirs: string }[]>`select * from onec_conflicts where order_id = ${made!.orderId!} order by opened_at, id`)];
  for (const _ of [1, 2]) expect(await upload(t, base.shop, draft)).toMatchObject([{ outcome: "unchanged", reason: "устаревшая версия" }]);
  expect([await total(), await conflicts()]).toMatchObject([70_000n, [{ state: "open", ours: "10", theirs: "0" }]]);
  // What nobody said before is news, by whatever door.
  const fresh = aDraft({ onecRef: draft.onecRef, number: draft.number, buyer: draft.buyer, totalKopecks: 80_000n });
  expect(await upload(t, base.shop, fresh)).toMatchObject([{ outcome: "revised" }]);
  expect(await total()).toBe(80_000n);
  await upload(t, base.shop, draft);
  expect(await total()).toBe(80_000n);
  // 1C means it: a person takes the file's word, until JSON counts on.
  const accountant = (await aStaff(t, { role: "accountant" })).ctx;
  const open = (await conflicts()).find(({ state }) => state === "open")!;
  await decideConflict(accountant, { conflictId: open.id, side: "theirs", seen: seenOf(open) });
  await upload(t, base.shop, draft);
  expect(await total()).toBe(100_000n);
});

test("API-18: absent fields keep their value, null clears, unknown ones are warnings", async () => {
  const base = await aBase();
  const customer = { id: newId(), type: "legal", name: 'ООО "Север"', inn: "9900000024", kpp: "990101001", email: "a@b.ru", phone: "8 (999) 000-00-03", address: "Москва" };
  const order = anOrder({ comment: "первый", methods: ["card", "sbp"], payBy: "2026-12-01", customer, deferral: { kind: "calendarDays", days: 3, from: "order" } });
  await base.one(order);
  const before = (await rowOf(order["id"]))!;
  expect(before).toMatchObject({ payMethods: ["card", "sbp"], dueDate: "2026-11-24", contact: "a@b.ru" });
  const answer = await base.one({ id: order["id"], state: { status: "В сборке", colour: "red" }, Customer: {}, prioritet: 1 });
  expect(answer).toMatchObject({ status: "updated", warnings: ["неизвестное поле state.colour", "неизвестное поле Customer, может быть, customer", "неизвестное поле prioritet"] });
  const { onecVersion: _version, ...kept } = before;
  expect(await rowOf(order["id"])).toMatchObject({ ...kept, updatedAt: expect.anything(), onecState: "В сборке", contentHash: expect.anything() } as object);
  await base.one({ id: order["id"], comment: null, methods: null, payBy: "0001-01-01T00:00:00", deferral: null, customer: { id: customer.id, email: null, address: "" } });
  expect(await rowOf(order["id"])).toMatchObject({ comment: null, payMethods: null, payUntil: null, dueDate: null });
  const [buyer] = await t.ctx.database.sql`select official_name, inn, kpp, email, phone, address from counterparties where onec_guid = ${customer.id}`;
  expect(buyer).toEqual({ officialName: 'ООО "Север"', inn: "9900000024", kpp: "990101001", email: null, phone: "+79990000003", address: null });
  // A new order of a known buyer that names him only keeps what is known.
  await base.one(anOrder({ customer: { id: customer.id, name: 'ООО "Север"' } }));
  expect((await t.ctx.database.sql`select inn from counterparties where onec_guid = ${customer.id}`)[0]).toEqual({ inn: "9900000024" });
});

test("checklist 10: year 1, an empty GUID, trailing spaces and «Истина» are null, null, trimmed and true; numbers as text with spaces and commas", async () => {
  const base = await aBase();
  const nbsp = "\u00A0";
  const order = anOrder({
    number: "УТ00-77   ", amount: `1${nbsp}234,5`, vatIncluded: "Истина", payBy: "0001-01-01T00:00:00", currency: "руб.", customer: { id: "00000000-0000-0000-0000-000000000000", type: "ФизическоеЛицо", name: "Иванов  ", phone: "9990000003" },
    items: [anItem({ id: "00000000-0000-0000-0000-000000000000", sku: "00012  ", quantity: "0,5", price: "2 469", amount: `1${nbsp}234,50`, vatRate: "НДС22", vatAmount: "222,61" })], state: { posted: "Да", deleted: 0, cancelled: "Ложь", shippedAt: "0001-01-01T00:00:00" },
  });
  expect(await base.one(order)).toMatchObject({ status: "created", number: "УТ00-77", warnings: [], due: "1234.50" });
  const row = (await rowOf(order["id"]))!;
  expect(row).toMatchObject({ totalKopecks: 123_450n, counterpartyId: null, payUntil: null, isPosted: true, lifecycle: "active", onecShipmentAt: null, contact: "+79990000003", orderDate: new Date("2026-11-21T12:10:00Z") });
  const [line] = await t.ctx.database.sql`select l.sku, l.onec_item_id, l.quantity, l.price_kopecks, l.vat_rate, l.vat_kopecks from order_lines l join order_revisions v on v.id = l.revision_id where v.order_id = ${row.id}`;
  expect(line).toEqual({ sku: "00012", onecItemId: null, quantity: "0.5", priceKopecks: 246_900n, vatRate: "vat22", vatKopecks: 22_261n });
});

test("API-17: sums to the kopeck, VAT within a kopeck of its rate, lines without VAT inside", async () => {
  const base = await aBase();
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
  const base = await aBase();
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
  const base = await aBase();
  const line = { name: "Доска", quantity: 1, amount: 1220 };
  expect(await base.one(anOrder({ items: [line] }))).toMatchObject({ status: "rejected", code: "missing_field", msg: expect.stringContaining("items[0].vatRate") });
  expect(await base.one(anOrder({ items: [{ ...line, vatRate: "none" }] }))).toMatchObject({ status: "created", warnings: [] });
  const simple = await aShop(t, { taxSystem: "usn_income", login: "simple", onecSettings: { doors: ["json"] } });
  const { json } = await jsonClient(t, "simple").post<OrdersAnswer>("/orders", { orders: [anOrder({ items: [line] })] });
  expect(json.results[0]).toMatchObject({ status: "created", warnings: [expect.stringContaining("items[0].vatRate: ставка не указана")] });
  expect(simple.onecId).toBeTruthy();
});

test("a new order without number, sum or lines, a strange id, another currency, lines that are not there", async () => {
  const base = await aBase();
  const { results } = await base.send({ ...anOrder(), number: " " }, { ...anOrder(), amount: null }, { ...anOrder(), items: [] }, { ...anOrder(), id: "000123" }, { ...anOrder(), id: undefined }, { ...anOrder(), currency: "USD" }, { ...anOrder(), items: "нет" }, { ...anOrder(), id: "00000000-0000-0000-0000-000000000000" });
  expect(results.map(({ code, msg }) => [code, msg])).toEqual([
    ["missing_field", "number: у нового заказа нет номера"], ["missing_field", "amount: у нового заказа нет суммы"], ["missing_field", "items: у нового заказа нет строк"], ["bad_value", "id: нужен GUID документа 1С"],
    ["bad_value", "id: нужен GUID документа 1С"], ["currency", "currency: валюта USD не поддерживается, нужны рубли"], ["bad_value", "items: нужен массив"], ["missing_field", "id: пустая ссылка вместо документа"],
  ]);
  expect((await base.send(null as unknown as Order, 5 as unknown as Order)).results.map(({ code, msg }) => [code, msg])).toEqual([["bad_value", "нужен объект"], ["bad_value", "нужен объект"]]);
});

test("API-16: paid money stays: a changed total gives the difference, a cancelled or deleted order a task for staff and no refund", async () => {
  const base = await aBase();
  const order = anOrder();
  const { siteId } = await base.one(order);
  await cardMoney(t, siteId, 122_000n, bankId);
  expect(await base.one({ ...order, version: 2, amount: 2440, items: [anItem({ quantity: 2, amount: 2440 })] })).toMatchObject({ status: "updated", paid: "1220.00", due: "1220.00", payUrl: expect.stringContaining("/pay/") });
  for (const state of [{ cancelled: true }, { cancelled: false, deleted: true }]) {
    expect(await base.one({ id: order["id"], state })).toMatchObject({ status: "updated", paid: "1220.00", due: "0.00", payUrl: "", warnings: [expect.stringContaining("получено 1220.00")] });
  }
  const [alert] = await t.ctx.database.sql`select code, severity from alerts where order_id = ${siteId} and code = 'ALR-05'`;
  expect(alert).toEqual({ code: "ALR-05", severity: "P1" });
  expect(await t.ctx.database.sql`select 1 from refunds where order_id = ${siteId}`).toHaveLength(0);
  expect(await rowOf(order["id"])).toMatchObject({ lifecycle: "deleted", capturedKopecks: 122_000n });
  expect(await base.one({ id: order["id"], state: { deleted: false } })).toMatchObject({ status: "updated", due: "1220.00" });
});

test("methods and payBy limit the page; a link whose time ran out is made anew, one whose term is over is not", async () => {
  const base = await aBase();
  const order = anOrder({ payBy: "2026-11-21T16:00:00" });
  const first = await base.one(order);
  const free = anOrder({ methods: ["Карта", "счёт", "биткойн"] });
  const second = await base.one(free);
  expect(second.warnings).toEqual(["methods: нет способа «биткойн», есть card, sbp, invoice"]);
  expect(await rowOf(free["id"])).toMatchObject({ payMethods: ["card", "invoice"] });
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

test("an order of the stock exchange changed by JSON keeps what JSON does not say, and its lines go back as they came (CML-15)", async () => {
  const base = await aBase({ doors: ["commerceml", "json"], moneyChannel: "commerceml" });
  const draft = aDraft({ onecRef: newId(), number: "B2B-1", buyer: aCompany(), lines: [aLine({ sumKopecks: 122_000n }), aLine({ position: 2, sumKopecks: 50_000n, included: false })], totalKopecks: 122_000n, state: { number: "УТ00-0001" } });
  await upload(t, base.shop, draft);
  const before = (await rowOf(draft.onecRef))!;
  expect(await base.one({ id: draft.onecRef, comment: "по телефону" })).toMatchObject({ status: "updated", number: "B2B-1" });
  expect(await rowOf(draft.onecRef)).toMatchObject({ comment: "по телефону", revisionNo: 1, totalKopecks: 122_000n, buyerName: before.buyerName, counterpartyId: before.counterpartyId, onecNumber: "УТ00-0001", number: "B2B-1" });
  expect(await base.one({ id: draft.onecRef, comment: "по телефону" })).toMatchObject({ status: "unchanged" });
  // 1C's own number does not replace the one that the buyer knows.
  expect(await base.one({ id: draft.onecRef, number: "УТ00-0001", comment: "ещё" })).toMatchObject({ status: "updated", number: "B2B-1" });
  // The file again says nothing new about the lines: no revision, the link stays.
  await upload(t, base.shop, draft);
  expect(await rowOf(draft.onecRef)).toMatchObject({ revisionNo: 1 });
});

test("an order changed by both doors at once loses nothing of either", async () => {
  const base = await aBase({ doors: ["commerceml", "json"], moneyChannel: "commerceml" });
  for (let round = 0; round < 5; round++) {
    const draft = aDraft({ onecRef: newId(), number: `R-${round}` });
    await upload(t, base.shop, draft);
    const [, answer] = await Promise.all([upload(t, base.shop, aDraft({ ...draft, lines: [aLine({ sumKopecks: 200_000n })], totalKopecks: 200_000n })), base.one({ id: draft.onecRef, methods: ["sbp"], payBy: "2026-12-31" })]);
    expect(answer.status).toBe("updated");
    expect(await rowOf(draft.onecRef)).toMatchObject({ totalKopecks: 200_000n, revisionNo: 2, payMethods: ["sbp"], payUntil: new Date("2026-12-31T21:00:00Z") });
  }
});

test("an order that came by JSON goes to a base of the stock exchange with lines complete enough to be read back", async () => {
  const base = await aBase({ doors: ["commerceml", "json"], moneyChannel: "commerceml" });
  const request = sample("orders-request").orders[0]!;
  const { siteId } = await base.one({ ...request, id: newId(), number: "J-1" });
  await cardMoney(t, siteId, 9_211_000n, bankId);
  await t.ctx.database.sql`update orders set in_file = true where id = ${siteId}`;
  const onec = onecClient(t, base.login);
  const { body } = await onec.call("type=sale&mode=query", { session: await onec.open() });
  for (const part of ["<Наименование>Доска обрезная 50×150×6000 сорт 1</Наименование>", "<ЦенаЗаЕдиницу>21350.00</ЦенаЗаЕдиницу>", "<Количество>4</Количество>", "<Сумма>81130.00</Сумма>", "<Ставка>22</Ставка>", "<Артикул>ДО-50150</Артикул>", "<Значение>Услуга</Значение>", 'Код="113"'])
    expect(body).toContain(part);
});

test("an order born on the site is bound to 1C's document by siteId and keeps its number (API-15)", async () => {
  const base = await aBase();
  const [shopOrder] = await upload(t, base.shop, aDraft({ onecRef: "", number: "W-100" }));
  const guid = newId();
  expect(await base.one({ id: guid, siteId: shopOrder!.orderId, number: "УТ00-5000", comment: "взят" })).toMatchObject({ status: "updated", siteId: shopOrder!.orderId });
  expect((await rowOf(guid))!.id).toBe(shopOrder!.orderId);
  expect(await base.one({ id: newId(), siteId: shopOrder!.orderId, number: "УТ00-5001", amount: 1220, items: [anItem()] })).toMatchObject({ status: "created" });
});

test("API-15: 1C's numbers begin anew each year: another document with a number of last year is another order, with a number of its own here", async () => {
  const base = await aBase();
  const old = anOrder({ number: "УТ00-000001", date: "2025-01-10T10:00:00" });
  const [fresh, again] = [anOrder({ number: "УТ00-000001", date: "2026-01-09T10:00:00" }), anOrder({ number: "УТ00-000001", date: "2026-01-12T10:00:00" })];
  await base.one(old);
  const both = (await base.send(fresh, again)).results;
  expect(both.map(({ status, code, number }) => [status, code, number])).toEqual([["created", "", "УТ00-000001/26"], ["rejected", "number_taken", "УТ00-000001"]]);
  // Said again, in parts, whole, with its number or without: the same order under the same number.
  for (const said of [fresh, { id: fresh["id"], comment: "звонили" }, { id: fresh["id"], number: "УТ00-000001", comment: "ещё раз" }, { ...fresh, comment: null }]) {
    expect(["updated", "unchanged"]).toContain((await base.one(said)).status);
  }
  const orders = await t.ctx.database.sql`select number, onec_number from orders where onec_connection_id = ${base.shop.onecId} order by order_date`;
  expect([...orders]).toEqual([{ number: "УТ00-000001", onecNumber: "УТ00-000001" }, { number: "УТ00-000001/26", onecNumber: "УТ00-000001" }]);
  // 1C renumbers it: then that is its number.
  expect(await base.one({ id: old["id"], comment: "прошлогодний" })).toMatchObject({ status: "updated", number: "УТ00-000001" });
  // By the number alone nobody knows which is meant.
  const shipped = await base.post<{ results: { code: string; msg: string }[] }>("/shipments", { shipments: [{ id: newId(), orderNumber: "УТ00-000001", number: "Р-1" }] });
  expect(shipped.json.results[0]).toMatchObject({ code: "unknown_order", msg: expect.stringContaining("у нескольких заказов") });
  // A document that 1C has marked as deleted holds its number no longer.
  const [dropped, typed] = [anOrder({ state: { deleted: true } }), anOrder()];
  await base.one(dropped);
  expect(await base.one({ ...typed, number: dropped["number"] })).toMatchObject({ status: "created", number: `${String(dropped["number"])}/26` });
});

test("CML-19: a base that gets its money by the stock exchange knows orders by their number: one that is taken stays refused", async () => {
  const base = await aBase({ doors: ["commerceml", "json"], moneyChannel: "commerceml" });
  await base.one(anOrder({ number: "УТ00-000001", date: "2025-01-10T10:00:00" }));
  expect(await base.one(anOrder({ number: "УТ00-000001", date: "2026-01-10T10:00:00" }))).toMatchObject({ status: "rejected", code: "number_taken" });
});

test("an order with a number of its own is found by its GUID in a file that names 1C's number", async () => {
  const base = await aBase({ doors: ["commerceml", "json"], moneyChannel: "json" });
  const [old, fresh] = [anOrder({ number: "УТ-1", date: "2025-01-10T10:00:00" }), anOrder({ number: "УТ-1", date: "2026-01-09T10:00:00" })];
  await base.send(old, fresh);
  const [taken] = await upload(t, base.shop, aDraft({ onecRef: fresh["id"] as string, number: "УТ-1", totalKopecks: 70_000n }));
  expect(taken).toMatchObject({ outcome: "revised" });
  const rows = await t.ctx.database.sql`select number, total_kopecks from orders where onec_connection_id = ${base.shop.onecId} order by order_date`;
  expect(rows.map((row) => row["number"])).toEqual(["УТ-1", "УТ-1/26"]);
  expect(rows[1]).toMatchObject({ totalKopecks: 70_000n });
});

test("a number of another order is refused, an order named twice too, the others of the package are taken", async () => {
  const base = await aBase();
  const first = anOrder();
  await base.one(first);
  const [twin, other] = [anOrder({ number: first["number"] }), anOrder()];
  const { results } = await base.send(twin, other, { id: other["id"], comment: "второй раз в пакете" });
  expect(results.map(({ status, code }) => [status, code])).toEqual([["rejected", "number_taken"], ["created", ""], ["updated", ""]]);
});

test("money that 1C booked itself comes with its order once, and is no event for 1C (CML-32)", async () => {
  const base = await aBase();
  const payment = { id: newId(), number: "ПБ-17", date: "2026-11-21T12:00:00", amount: "1220.00", method: "bank_transfer" };
  const order = anOrder({ customer: { id: newId(), type: "legal", name: "ООО Север", inn: "9900000024" }, payments: [payment] });
  expect(await base.one(order)).toMatchObject({ status: "created", paid: "1220.00", due: "0.00", paymentStatus: "paid" });
  expect(await base.one(order)).toMatchObject({ status: "unchanged", paid: "1220.00" });
  expect(await base.one({ ...order, version: 2, comment: "ещё" })).toMatchObject({ status: "updated", paid: "1220.00" });
  expect((await base.get("/changes")).json).toMatchObject({ items: [] });
  expect(await base.one(anOrder({ payments: [{ ...payment, id: null }] }))).toMatchObject({ status: "rejected", code: "missing_field" });
});

test("the door: challenge, closed door, unreadable bodies with line and position, wrong addresses and methods, limits; always JSON with msg, never a redirect", async () => {
  const base = await aBase();
  const [closed] = [await aBase({ doors: ["commerceml"] })];
  const check = async (reply: ReturnType<typeof base.call>, status: number, more: Record<string, unknown> = {}) => {
    const { status: got, json, headers } = await reply;
    expect([got, json]).toEqual([status, expect.objectContaining({ msg: expect.stringMatching(/[а-яё]/i), line: expect.any(Number), position: expect.any(Number), field: expect.any(String), cursor: expect.any(String), requestId: expect.any(String), ...more })]);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(headers.get("content-length")).toBe(String(Buffer.byteLength(JSON.stringify(json))));
    expect(headers.get("location")).toBeNull();
    return headers;
  };
  expect((await check(base.call("GET", "/ping", { authorization: null }), 401, { code: "unauthorized" })).get("www-authenticate")).toBe('Basic realm="1C"');
  await check(base.call("GET", "/ping", { authorization: `Basic ${Buffer.from(`${base.login}:wrong`).toString("base64")}` }), 401);
  await check(closed.call("GET", "/ping"), 403, { code: "door_closed" });
  const broken = (text: string | Uint8Array) => base.call("POST", "/orders", { bytes: typeof text === "string" ? Buffer.from(text) : text });
  await check(broken('{"orders": [\n  {"id": 1,}\n]}'), 400, { code: "bad_json", line: 2, position: 12 });
  await check(broken('{"orders": ['), 400, { line: 1, position: 13 });
  await check(broken(""), 400, { line: 1, position: 1 });
  await check(broken("<html>"), 400, { line: 1, position: 1 });
  await check(broken("[]"), 422);
  await check(broken('{"order": []}'), 422, { field: "orders" });
  await check(base.call("POST", "/orders", { bytes: Buffer.from("{}"), headers: { "content-encoding": "gzip" } }), 415);
  await check(base.call("POST", "/orders", { bytes: Buffer.alloc(17 * 1024 * 1024, 0x20) }), 413);
  await check(base.call("GET", "/nowhere"), 404);
  expect((await check(base.call("PATCH", "/orders"), 405)).get("allow")).toBe("POST");
  await check(base.get(`/orders/${newId()}`), 404);
  for (const path of ["/ping", "/ping/", "/ping//"]) expect((await base.get(path)).json).toMatchObject({ ok: true, name: "УТ 11.5", scopes: ["json"], moneyChannel: "json", time: "2026-11-21T15:30:00+03:00", timeLocal: "2026-11-21T15:30:00" });
  const { connectionId } = await aOnecBase(t, { storeId: base.shop.storeId, login: "often", settings: { doors: ["json"], callsPerMinute: 2 } });
  const often = jsonClient(t, "often");
  expect([(await often.get("/ping")).status, (await often.get("/ping")).status]).toEqual([200, 200]);
  expect((await check(often.get("/ping"), 429)).get("retry-after")).toBe("60");
  t.clock.advance(MINUTE_MS);
  expect((await often.get("/ping")).status).toBe(200);
  const calls = await t.ctx.database.sql`select type, mode, answer from onec_calls where connection_id = ${connectionId} order by at, id`;
  expect(calls.map((call) => [call["type"], call["mode"], call["answer"]])).toEqual([["json", "GET /ping", "success"], ["json", "GET /ping", "success"], ["json", "GET /ping", "failure"], ["json", "GET /ping", "success"]]);
});

test("API-14: zero bytes in an address and a field a hundred thousand levels deep are bad input, not a failure of ours", async () => {
  const base = await aBase();
  expect(await base.call("GET", "/orders/%00")).toMatchObject({ status: 404 });
  expect(await base.call("PUT", `/documents/${newId()}?kind=upd&number=%00&order=%00`, { bytes: Buffer.from("%PDF-1.4"), headers: { "content-type": "application/pdf" } })).toMatchObject({ status: 200 });
  const deep = `{"orders":[{"id":"${newId()}","odd":${"[".repeat(30_000)}${"]".repeat(30_000)}}]}`;
  expect(await base.call("POST", "/orders", { bytes: Buffer.from(deep) })).toMatchObject({ status: 400, json: { msg: expect.stringContaining("вложены глубже") } });
});

test("bodies as 1C writes them: BOM, UTF-16, windows-1251 under the name of UTF-8, no Content-Type at all", async () => {
  const base = await aBase();
  const text = (name: string) => JSON.stringify({ orders: [anOrder({ comment: name })] });
  const windows = (source: string) => Uint8Array.from(source, (sign) => (/[А-я]/.test(sign) ? sign.charCodeAt(0) - 0x350 : sign.charCodeAt(0)));
  for (const [bytes, warns] of [
    [Buffer.from(`\uFEFF${text("Срочно")}`), 0],
    [Buffer.from(`\uFEFF${text("Срочно")}`, "utf16le"), 1],
    [windows(text("Срочно")), 1],
  ] as const) {
    const { status, json } = await base.call<OrdersAnswer>("POST", "/orders", { bytes, headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" } });
    expect([status, json.results[0]!.status, json.warnings.length]).toEqual([200, "created", warns]);
    expect(await rowOf(json.results[0]!.id)).toMatchObject({ comment: "Срочно" });
  }
});

test("Bearer instead of Basic; a login in Cyrillic in both code pages", async () => {
  const { storeId } = await aStore(t, { sellerOrgId: seller.sellerOrgId });
  await aOnecBase(t, { storeId, login: "Обмен", settings: { doors: ["json"] } });
  const windows = Buffer.from(Uint8Array.from("Обмен:secret", (sign) => (/[А-я]/.test(sign) ? sign.charCodeAt(0) - 0x350 : sign.charCodeAt(0)))).toString("base64");
  const client = jsonClient(t, "Обмен");
  expect((await client.get("/ping")).status).toBe(200);
  expect((await client.call("GET", "/ping", { authorization: `Basic ${windows}` })).status).toBe(200);
});
