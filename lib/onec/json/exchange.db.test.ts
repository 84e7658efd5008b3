/** The JSON exchange: shipments, returns, counterparties, refunds, statements, one order and the feed (json-api.md 3, 4). */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPayPage } from "@/lib/orders/pay-page-query.ts";
import { changeTerms } from "@/lib/orders/change-terms.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { newId } from "@/lib/kit/ids.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { changeStoreMode, resumePayments, stopPayments } from "@/lib/pilot/index.ts";
import { approveRefund } from "@/lib/refunds/index.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aOnecBase, aRegister, aSeller, aStore } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { openOwnBases } from "@/lib/testing/own-bases.ts";
import type { OwnBases } from "@/lib/testing/own-bases.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { applyByHand, decideConflict, readMessage, rehearse, repeatMessage, seenOf } from "../inbox/index.ts";
import { AckAnswer, ChangesAnswer } from "./schema-changes.ts";
import { CounterpartiesAnswer } from "./schema-counterparties.ts";
import { GoodsAnswer } from "./schema-goods.ts";
import { OrderAnswer, RefundAnswer, StatementAnswer } from "./schema-money.ts";
import type { OrdersAnswer } from "./schema-order.ts";

let t: TestContext;
let seller: TestShop;
let bankId: string;
let newBase: OwnBases["newBase"];
beforeAll(async () => {
  ({ t, seller, bankId, newBase } = await openOwnBases("json", { settings: { doors: ["json"] } }));
});
afterAll(() => t.close());

async function aBase(settings: Record<string, unknown> = {}) {
  const { connectionId, login } = await newBase(settings);
  return { ...jsonClient(t, login), connectionId };
}
type Base = Awaited<ReturnType<typeof aBase>>;

let numbers = 0;
const boards = newId();
const screws = newId();
/** Four boards at 500 and three packs of screws at 100.01. */
async function anOrder(base: Base, given: Record<string, unknown> = {}) {
  const id = newId();
  const number = `УТ00-${++numbers}`;
  const items = [
    { line: 1, id: boards, name: "Доска", quantity: 4, price: 500, amount: 2000, vatRate: "22" },
    { line: 2, id: screws, characteristicId: boards, name: "Саморез", quantity: 3, price: "100.01", amount: "300.03", vatRate: "22" },
  ];
  const { json } = await base.post<OrdersAnswer>("/orders", { orders: [{ id, number, date: "2026-11-20T10:00:00", amount: "2300.03", items, ...given }] });
  expect(json.results[0]).toMatchObject({ status: "created" });
  return { id, number, siteId: json.results[0]!.siteId };
}
const ship = async (base: Base, ...shipments: Record<string, unknown>[]) => GoodsAnswer.parse((await base.post("/shipments", { shipments })).json).results;
const giveBack = async (base: Base, ...returns: Record<string, unknown>[]) => GoodsAnswer.parse((await base.post("/returns", { returns })).json).results;
const stateOf = async (base: Base, guid: string) => {
  const { status, json } = await base.get(`/orders/${guid}`);
  expect(status).toBe(200);
  return OrderAnswer.parse(json);
};

test("shipments: lines find the order's, sums are its shares to the kopeck, codes are kept, the same document changes nothing", async () => {
  const base = await aBase();
  const order = await anOrder(base, { deferral: { days: 14, from: "shipment" } });
  const first = { id: newId(), number: "Р-1", date: "2026-11-20T12:00:00", orderId: order.id, items: [{ id: screws, characteristicId: boards, quantity: 1, markCodes: ["код-1"] }, { line: 1, quantity: "2" }] };
  expect(await ship(base, first)).toMatchObject([{ id: first.id, status: "created", lifecycle: "partially_shipped", orderId: order.id, warnings: [], siteId: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  const [again] = await ship(base, first);
  expect(again).toMatchObject({ status: "unchanged", lifecycle: "partially_shipped" });
  const lines = await t.ctx.database.sql`
    select l.name, l.quantity, l.sum_kopecks, l.mark_codes from shipment_lines l join shipments s on s.id = l.shipment_id where s.order_id = ${order.siteId} order by l.line_no`;
  expect([...lines]).toEqual([{ name: "Саморез", quantity: "1", sumKopecks: 10_001n, markCodes: ["код-1"] }, { name: "Доска", quantity: "2", sumKopecks: 100_000n, markCodes: null }]);
  // 14 calendar days after Friday the 20th.
  expect(await stateOf(base, order.id)).toMatchObject({ lifecycle: "partially_shipped", dueDate: "2026-12-04", shipments: [{ id: first.id, number: "Р-1", amount: "1100.01", dateLocal: "2026-11-20T12:00:00" }] });
  // A partial update of a partly shipped order ships nothing by itself.
  await base.post("/orders", { orders: [{ id: order.id, comment: "звонили" }] });
  expect((await stateOf(base, order.id)).shipments).toHaveLength(1);
  // No lines: everything that is left.
  const rest = { id: newId(), number: "Р-2", orderNumber: order.number, amount: "1200.02" };
  expect(await ship(base, rest)).toMatchObject([{ status: "created", lifecycle: "shipped" }]);
  expect(await ship(base, rest, { id: newId(), orderId: order.id })).toMatchObject([{ status: "unchanged" }, { status: "unchanged", msg: expect.stringContaining("больше нечего") }]);
  expect((await stateOf(base, order.id)).shipments.map(({ amount }) => amount)).toEqual(["1100.01", "1200.02"]);
});

test("a recorded shipment is not rewritten: another content is refused, and staff hear of it; one deleted in 1C counts no more", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const one = { id: newId(), number: "Р-9", orderId: order.id, items: [{ line: 1, quantity: 1 }] };
  await ship(base, one);
  expect(await ship(base, { ...one, items: [{ line: 1, quantity: 2 }] })).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
  expect(await ship(base, { ...one, deleted: true })).toMatchObject([{ status: "withdrawn", lifecycle: "active", siteId: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  expect(await ship(base, { ...one, deleted: true })).toMatchObject([{ status: "unchanged" }]);
  expect((await stateOf(base, order.id)).shipments).toEqual([]);
  expect(await ship(base, { ...one, items: [{ line: 1, quantity: 2 }] })).toMatchObject([{ status: "created", lifecycle: "partially_shipped" }]);
  expect((await stateOf(base, order.id)).shipments).toMatchObject([{ id: one.id, amount: "1000.00" }]);
  expect(await ship(base, { ...one, id: newId(), posted: false })).toMatchObject([{ status: "unchanged" }]);
  const [alert] = await t.ctx.database.sql`select code, count from alerts where order_id = ${order.siteId} and object_key = ${`document:${one.id}`}`;
  expect(alert).toEqual({ code: "ALR-15", count: 1 });
});

test("FISC-10, B2B-01: «Отгружен» and the document of the same hand-over make one shipment, one debt and one closing receipt", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const order = await anOrder(base, { deferral: { days: 14, from: "shipment" }, customer: { type: "person", name: "Иванов", email: "a@example.ru" } });
  await cardMoney(t, order.siteId, 230_003n, bankId);
  await base.post("/orders", { orders: [{ id: order.id, state: { shippedAt: "2026-11-20T12:00:00", shipmentNumber: "Р-1" } }] });
  const one = { id: newId(), number: "Р-1", orderId: order.id, date: "2026-11-20T12:00:00", items: [{ line: 1, quantity: 4 }, { line: 2, quantity: 3, amount: "300.03" }] };
  expect(await ship(base, one, one)).toMatchObject([{ status: "unchanged", msg: expect.stringContaining("больше нечего") }, { status: "unchanged" }]);
  const { sql } = t.ctx.database;
  expect([...await sql`select source, total_kopecks from shipments where order_id = ${order.siteId}`]).toEqual([{ source: "onec_status", totalKopecks: 230_003n }]);
  expect([...await sql`select total_kopecks, offset_kopecks, credit_kopecks from receipts where order_id = ${order.siteId} and purpose = 'closing'`]).toHaveLength(1);
  // A new revision brings two boards more: the next document has room for them and no more.
  const more = [{ line: 1, id: boards, name: "Доска", quantity: 6, price: 500, amount: 3000, vatRate: "22" }, { line: 2, id: screws, characteristicId: boards, name: "Саморез", quantity: 3, price: "100.01", amount: "300.03", vatRate: "22" }];
  await base.post("/orders", { orders: [{ id: order.id, amount: "3300.03", items: more }] });
  const next = { id: newId(), number: "Р-2", orderId: order.id, amount: 1500, items: [{ line: 1, quantity: 3, amount: 1500 }] };
  const [taken] = await ship(base, next);
  expect(taken).toMatchObject({ status: "created", lifecycle: "shipped", warnings: [expect.stringContaining("лишнее не учтено")] });
  // The same words again, though less of them is recorded.
  expect(await ship(base, next)).toMatchObject([{ status: "unchanged", siteId: taken!.siteId }]);
  expect((await stateOf(base, order.id)).shipments.map(({ amount }) => amount)).toEqual(["2300.03", "1000.00"]);
  expect([...await sql`select 1 from alerts where order_id = ${order.siteId} and code in ('ALR-15', 'ALR-16')`]).toEqual([]);
});

test("a document of before its words were kept: the first comparison keeps what it says and calls nothing a change, the next ones compare", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const unknown = (table: "shipments" | "goods_returns") => t.ctx.database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update ${tx(table)} set said = null where order_id = ${order.siteId}`;
  });
  const one = { id: newId(), number: "Р-1", orderId: order.id, items: [{ line: 1, quantity: 3 }] };
  await ship(base, one);
  const back = { id: newId(), number: "В-1", orderId: order.id, items: [{ line: 1, quantity: 1 }] };
  await giveBack(base, back);
  for (const table of ["shipments", "goods_returns"] as const) await unknown(table);
  // It had said more than was left of the order then.
  const told = { ...one, items: [{ line: 1, quantity: 5 }] };
  expect(await ship(base, told, told)).toMatchObject([{ status: "unchanged" }, { status: "unchanged" }]);
  expect(await giveBack(base, back, back)).toMatchObject([{ status: "unchanged" }, { status: "unchanged" }]);
  expect([...(await t.ctx.database.sql`select code from alerts where order_id = ${order.siteId}`)]).toEqual([]);
  expect(await ship(base, one)).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
  expect(await giveBack(base, { ...back, items: [{ line: 1, quantity: 2 }] })).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
  // Words are kept once; nothing else of a document ever changes.
  const { sql } = t.ctx.database;
  await expect(sql`update shipments set said = '{"lines": null, "totalKopecks": null}' where order_id = ${order.siteId}`).rejects.toThrow(/append-only|refused/);
  await unknown("shipments");
  await expect(sql`update shipments set said = '{"lines": null, "totalKopecks": null}', number = 'Р-2' where order_id = ${order.siteId}`).rejects.toThrow(/append-only|refused/);
});

const closingOf = async (siteId: string) => [...(await t.ctx.database.sql<{ id: string; state: string; codes: string[] }[]>`
  select r.id, r.state, (select coalesce(array_agg(l.mark_code order by l.mark_code) filter (where l.mark_code is not null), '{}') from receipt_lines l where l.receipt_id = r.id) as codes from receipts r where r.order_id = ${siteId} and r.purpose = 'closing' order by r.planned_at, r.id`)];
const person = { deferral: { days: 14, from: "shipment" }, customer: { type: "person", name: "Иванов", email: "a@example.ru" } };
/** As if the register had it. */
const printed = (siteId: string) => t.ctx.database.sql`update receipts set state = 'sent', request_body = '{}', send_count = 1 where order_id = ${siteId} and purpose = 'closing' and state <> 'cancelled'`;

test("FISC-51, FISC-32: codes that come after a bare «Отгружен», or after their shipment, join a closing receipt that is not out; a printed one is for the accountant", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const shippedOrder = async () => {
    const order = await anOrder(base, person);
    await cardMoney(t, order.siteId, 230_003n, bankId);
    await base.post("/orders", { orders: [{ id: order.id, state: { shippedAt: "2026-11-20T12:00:00", shipmentNumber: "Р-1" } }] });
    return order;
  };
  const named = (order: { id: string }, quantity: number, codes: string[]) => ({ id: newId(), number: "Р-1", orderId: order.id, items: [{ line: 1, quantity, markCodes: codes }] });
  const alertsOn = async (siteId: string) => [...(await t.ctx.database.sql`select code, severity, title from alerts where order_id = ${siteId} and code in ('ALR-15', 'ALR-16')`)];
  const waiting = await shippedOrder();
  expect(await closingOf(waiting.siteId)).toMatchObject([{ state: "planned", codes: [] }]);
  const whole = named(waiting, 4, ["а", "б", "в", "г"]);
  expect(await ship(base, whole, whole)).toMatchObject([{ status: "created", msg: "коды маркировки приняты: 4" }, { status: "unchanged" }]);
  expect(await closingOf(waiting.siteId)).toMatchObject([{ state: "cancelled" }, { state: "planned", codes: ["а", "б", "в", "г"] }]);
  expect(await alertsOn(waiting.siteId)).toEqual([]);
  // In two documents: the first alone leaves pieces without a code, so the receipt waits for a person, until the second has come.
  const parts = await shippedOrder();
  await ship(base, named(parts, 1, ["а"]));
  expect((await closingOf(parts.siteId)).at(-1)).toMatchObject({ state: "failed_final" });
  await ship(base, named(parts, 3, ["б", "в", "г"]));
  expect((await closingOf(parts.siteId)).at(-1)).toMatchObject({ state: "planned", codes: ["а", "б", "в", "г"] });
  expect([...(await t.ctx.database.sql`select state from alerts where order_id = ${parts.siteId} and code = 'ALR-08'`)]).toEqual([{ state: "resolved" }]);
  // The document itself, first without its codes.
  const own = await anOrder(base, person);
  const document = { id: newId(), number: "Р-2", orderId: own.id, items: [{ line: 1, quantity: 2 }] };
  const coded = { ...document, items: [{ line: 1, quantity: 2, markCodes: ["д", "е"] }] };
  expect(await ship(base, document, coded, coded)).toMatchObject([{ status: "created", msg: "" }, { status: "created", msg: "коды маркировки приняты: 2" }, { status: "unchanged" }]);
  expect((await closingOf(own.siteId)).at(-1)).toMatchObject({ state: "planned", codes: ["д", "е"] });
  // One document that names more codes each time; another code for a piece that has one is no silent change.
  const grows = await shippedOrder();
  const growing = { ...named(grows, 1, ["а"]) };
  const grown = { ...growing, items: [{ line: 1, quantity: 4, markCodes: ["а", "б", "в", "г"] }] };
  expect(await ship(base, growing, grown, grown)).toMatchObject([{ msg: "коды маркировки приняты: 1" }, { status: "created", msg: "коды маркировки приняты: 3" }, { status: "unchanged" }]);
  expect((await closingOf(grows.siteId)).at(-1)).toMatchObject({ state: "planned", codes: ["а", "б", "в", "г"] });
  expect(await alertsOn(grows.siteId)).toEqual([]);
  const count = (await closingOf(grows.siteId)).length;
  for (const [order, wrong] of [[grows, { ...grown, items: [{ line: 1, quantity: 4, markCodes: ["а", "б", "в", "ж"] }] }], [own, { ...document, items: [{ line: 1, quantity: 2, markCodes: ["д", "ж"] }] }]] as const) {
    expect(await ship(base, wrong)).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
    expect(await alertsOn(order.siteId)).toEqual([{ code: "ALR-15", severity: "P2", title: expect.stringContaining("с другими кодами маркировки") }]);
  }
  expect(await closingOf(grows.siteId)).toHaveLength(count);
  // Nor is it joined as one more while there is room.
  const swapped = await shippedOrder();
  const began = named(swapped, 1, ["а"]);
  await ship(base, began);
  const before = await closingOf(swapped.siteId);
  for (const items of [[{ line: 1, quantity: 1, markCodes: ["ж"] }], [{ line: 1, quantity: 4, markCodes: ["ж", "б", "в", "г"] }]]) {
    expect(await ship(base, { ...began, items })).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
    expect(await closingOf(swapped.siteId)).toEqual(before);
  }
  expect(await alertsOn(swapped.siteId)).toEqual([expect.objectContaining({ code: "ALR-15" })]);
  const late = await shippedOrder();
  await printed(late.siteId);
  await ship(base, named(late, 4, ["а", "б", "в", "г"]));
  expect(await closingOf(late.siteId)).toMatchObject([{ state: "sent", codes: [] }]);
  expect(await alertsOn(late.siteId)).toEqual([{ code: "ALR-16", severity: "P1", title: expect.stringContaining("без кодов маркировки") }]);
});

test("FISC-23, FISC-35: money that came for a hand-over on credit is no payment of a credit once 1C has taken the hand-over back; posted again, it is offset", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const order = await anOrder(base, person);
  const one = { id: newId(), number: "Р-4", orderId: order.id, date: "2026-11-20T12:00:00", items: [{ line: 1, quantity: 4 }] };
  await ship(base, one);
  await cardMoney(t, order.siteId, 200_000n, bankId, "card", "site");
  const all = async () => [...(await t.ctx.database.sql<{ line: string }[]>`
    select purpose || ' ' || state || ' ' || total_kopecks || ' credit ' || credit_kopecks || ' offset ' || offset_kopecks as line from receipts where order_id = ${order.siteId} and state <> 'cancelled' order by planned_at, id`)].map((row) => row.line);
  const [closing] = await all();
  expect(await all()).toEqual([expect.stringMatching(/^closing planned (\d+) credit \1 offset 0$/), "credit_payment planned 200000 credit 0 offset 0"]);
  await ship(base, { ...one, posted: false });
  expect(await all()).toEqual(["prepayment planned 200000 credit 0 offset 0"]);
  const jobs = await t.ctx.database.sql`select 1 from receipts r where r.order_id = ${order.siteId} and r.state = 'planned' and not exists (select 1 from pgboss.job j where j.name = 'receipt.work' and j.data->>'receiptId' = r.id::text)`;
  expect(jobs).toHaveLength(0);
  t.clock.advance(1_000);
  await ship(base, one);
  const total = /planned (\d+)/.exec(closing!)![1]!;
  expect(await all()).toEqual(["prepayment planned 200000 credit 0 offset 0", `closing planned ${total} credit ${BigInt(total) - 200_000n} offset 200000`]);
  // More came than the hand-over cost, and the part above is out already: it stays, the other one is planned anew.
  const mixed = await anOrder(base, person);
  const two = { ...one, id: newId(), number: "Р-5", orderId: mixed.id };
  await ship(base, two);
  await cardMoney(t, mixed.siteId, BigInt(total) + 50_000n, bankId, "card", "site");
  await t.ctx.database.sql`update receipts set state = 'sent', request_body = '{}', send_count = 1 where order_id = ${mixed.siteId} and purpose in ('prepayment', 'advance')`;
  await ship(base, { ...two, posted: false });
  expect([...(await t.ctx.database.sql`select state, part_no, total_kopecks from receipts where order_id = ${mixed.siteId} and state <> 'cancelled' order by part_no`)]).toEqual([
    { state: "sent", partNo: 2, totalKopecks: 50_000n }, { state: "planned", partNo: 3, totalKopecks: BigInt(total) },
  ]);
});

test("FISC-23, domain 2.6, FISC-32: a shipment on a deferral that counts from it has its receipt on credit; taken back in 1C, it takes the waiting receipt along; with a printed one nothing changes and the accountant is called", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const order = await anOrder(base, person);
  await cardMoney(t, order.siteId, 230_003n, bankId);
  const one = { id: newId(), number: "Р-3", orderId: order.id, date: "2026-11-20T12:00:00", items: [{ line: 1, quantity: 4 }] };
  await ship(base, one);
  expect(await stateOf(base, order.id)).toMatchObject({ dueDate: "2026-12-04" });
  expect([...(await t.ctx.database.sql`select state, credit_kopecks from receipts where order_id = ${order.siteId}`)]).toContainEqual({ state: "planned", creditKopecks: 200_000n });
  expect(await ship(base, { ...one, posted: false })).toMatchObject([{ status: "withdrawn", lifecycle: "active" }]);
  expect(await closingOf(order.siteId)).toMatchObject([{ state: "cancelled" }]);
  expect(await stateOf(base, order.id)).toMatchObject({ shipments: [], dueDate: "", lifecycle: "active" });
  expect(await giveBack(base, { id: newId(), orderId: order.id, items: [{ line: 1, quantity: 1 }] })).toMatchObject([{ status: "rejected" }]);
  await ship(base, one);
  expect((await closingOf(order.siteId)).map(({ state }) => state)).toEqual(["cancelled", "planned"]);
  await printed(order.siteId);
  expect(await ship(base, { ...one, posted: false })).toMatchObject([{ status: "rejected", code: "changed_after_recorded", msg: expect.stringContaining("закрывающий чек") }]);
  expect(await stateOf(base, order.id)).toMatchObject({ shipments: [{ id: one.id, amount: "2000.00" }], lifecycle: "partially_shipped" });
  expect([...(await t.ctx.database.sql`select code, severity from alerts where order_id = ${order.siteId} and code = 'ALR-16'`)]).toEqual([{ code: "ALR-16", severity: "P1" }]);
  // The way out that people are told of: posted again it is no news, and its return takes the debt away.
  expect(await ship(base, one)).toMatchObject([{ status: "unchanged" }]);
  expect(await giveBack(base, { id: newId(), orderId: order.id, items: [{ line: 1, quantity: 4 }] })).toMatchObject([{ status: "created" }]);
  expect([...(await t.ctx.database.sql`select goods_returned_kopecks, lifecycle from orders where id = ${order.siteId}`)]).toEqual([{ goodsReturnedKopecks: 200_000n, lifecycle: "partially_shipped" }]);
});

test("more is handed over than was ordered: what the order has is recorded, staff hear of the rest; a document of nothing but surplus waits for the order", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const weighed = { id: newId(), number: "Р-5", orderId: order.id, amount: "2350.03", items: [{ line: 1, quantity: "4.1", amount: 2050 }, { line: 2, quantity: 3 }] };
  expect(await ship(base, weighed)).toMatchObject([{ status: "created", lifecycle: "shipped", warnings: [expect.stringContaining("items[0]: отгружено больше")] }]);
  expect((await stateOf(base, order.id)).shipments).toMatchObject([{ amount: "2300.03" }]);
  expect([...await t.ctx.database.sql`select code, object_key from alerts where order_id = ${order.siteId}`]).toEqual([{ code: "ALR-16", objectKey: `order:${order.siteId}:document:${weighed.id}` }]);
  const surplus = { id: newId(), number: "Р-6", orderId: order.id, items: [{ line: 1, quantity: 1 }] };
  expect(await ship(base, surplus)).toMatchObject([{ status: "rejected", code: "too_much" }]);
  await base.post("/orders", { orders: [{ id: order.id, amount: 2800.03, items: [{ line: 1, id: boards, name: "Доска", quantity: 5, amount: 2500, vatRate: "22" }, { line: 2, id: screws, characteristicId: boards, name: "Саморез", quantity: 3, amount: "300.03", vatRate: "22" }] }] });
  expect(await ship(base, surplus)).toMatchObject([{ status: "created", warnings: [] }]);
});

test("the same goods in two lines: documents that name goods without a number fill both", async () => {
  const base = await aBase();
  const items = [1, 2].map((line) => ({ line, id: boards, name: "Доска", quantity: 2, amount: line * 1000, vatRate: "22" }));
  const order = await anOrder(base, { amount: 3000, items });
  const some = (quantity: number) => ({ id: newId(), number: `Р-${9 - quantity}`, orderId: order.id, items: [{ id: boards, quantity, markCodes: Array.from({ length: quantity }, (_, at) => `код-${at}`) }] });
  expect(await ship(base, some(3), some(1))).toMatchObject([{ status: "created", warnings: [] }, { status: "created", lifecycle: "shipped", warnings: [] }]);
  const lines = await t.ctx.database.sql`select l.quantity, l.sum_kopecks, l.mark_codes from shipment_lines l join shipments s on s.id = l.shipment_id where s.order_id = ${order.siteId} order by s.number, l.line_no`;
  expect([...lines]).toEqual([{ quantity: "2", sumKopecks: 100_000n, markCodes: ["код-0", "код-1"] }, { quantity: "1", sumKopecks: 100_000n, markCodes: ["код-2"] }, { quantity: "1", sumKopecks: 100_000n, markCodes: ["код-0"] }]);
});

test("a document that is known and says other goods, another sum or other quantities is changed; rows in another sequence, or with less said, are not", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const one = { id: newId(), number: "Р-7", orderId: order.id, items: [{ line: 1, quantity: 2 }, { line: 2, quantity: 1, amount: "100.01" }] };
  await ship(base, one);
  const same = [{ items: one.items.toReversed() }, { items: [{ id: boards, quantity: "2,000" }, { id: screws, characteristicId: boards, quantity: 1 }] }, { items: null, amount: "1100.01" }, { items: null, number: "Р-7а" }];
  for (const said of same) expect(await ship(base, { ...one, ...said })).toMatchObject([{ status: "unchanged" }]);
  const other = [{ items: [{ line: 2, quantity: 2 }, { line: 1, quantity: 1 }] }, { items: [{ line: 1, quantity: 2, amount: 900 }, { line: 2, quantity: 1 }] }, { items: one.items.slice(1) }, { amount: 1200 }, { items: null, amount: 1200 }];
  for (const said of other) expect(await ship(base, { ...one, ...said })).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
  // Codes that come afterwards do not mend a receipt: a person prints it, and hears of them.
  const marked = { id: newId(), number: "Р-8", orderId: order.id, items: [{ line: 1, quantity: 1, markCodes: ["б", "а", "лишний"] }] };
  expect(await ship(base, marked, { ...marked, items: [{ line: 1, quantity: 1, markCodes: ["лишний", "а", "б"] }] }, { ...marked, items: [{ line: 1, quantity: 1 }] })).toMatchObject([{ status: "created" }, { status: "unchanged" }, { status: "unchanged" }]);
  expect(await ship(base, { ...marked, items: [{ line: 1, quantity: 1, markCodes: ["а"] }] })).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
  // The order has dropped a line since: the document is what it was.
  await base.post("/orders", { orders: [{ id: order.id, amount: 2000, items: [{ line: 1, id: boards, name: "Доска", quantity: 4, amount: 2000, vatRate: "22" }] }] });
  expect(await ship(base, { ...one, items: [{ line: 1, id: boards, quantity: 2 }, { line: 2, id: screws, characteristicId: boards, quantity: 1 }] })).toMatchObject([{ status: "unchanged" }]);
  const back = { id: newId(), number: "В-7", orderId: order.id, items: [{ line: 1, quantity: 1 }] };
  expect(await giveBack(base, back)).toMatchObject([{ status: "created" }]);
  expect(await giveBack(base, { ...back, items: [{ line: 1, quantity: 1, amount: 400 }] }, back)).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }, { status: "unchanged" }]);
});

test("shipments and returns that cannot be: no order, no id, strange goods, sums apart; the others of the package are taken", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const about = { orderId: order.id };
  const results = await ship(
    base,
    { id: newId(), orderId: newId() }, { ...about }, { id: newId() }, { ...about, id: newId(), items: [{ name: "Неизвестное", quantity: 1 }] }, { ...about, id: newId(), items: [{ line: 1, quantity: 0 }] },
    { ...about, id: newId(), amount: 1, items: [{ line: 1, quantity: 1 }] }, { ...about, id: newId(), items: [{ line: 1, quantity: "пять" }] },
    { ...about, id: newId(), items: [{ name: "Замена", quantity: 1, amount: 700, vatRate: "22", unitCode: "796" }, { line: 2, quantity: 3, markCodes: ["один"] }] },
  );
  expect(results.map(({ status, code }) => [status, code])).toEqual([
    ["rejected", "unknown_order"], ["rejected", "missing_field"], ["rejected", "missing_field"], ["rejected", "unknown_line"], ["rejected", "missing_field"], ["rejected", "amount_mismatch"], ["rejected", "bad_value"], ["created", ""],
  ]);
  expect(results[7]!.warnings).toEqual([expect.stringContaining("строки нет в заказе"), expect.stringContaining("кодов 1, а количество 3")]);
  await ship(base, { ...about, id: newId(), items: [{ line: 1, quantity: 4 }] });
  const back = await giveBack(
    base,
    { ...about, id: newId() }, { ...about, id: newId(), items: [{ line: 1, quantity: 9 }] }, { ...about, id: newId(), items: [{ line: 1, quantity: 1, amount: 99999 }] }, { ...about, id: newId(), number: "В-1", items: [{ line: 1, quantity: 1 }] },
  );
  expect(back.map(({ status, code }) => [status, code])).toEqual([["rejected", "missing_field"], ["rejected", "too_much"], ["rejected", "too_much"], ["created", ""]]);
  expect(await stateOf(base, order.id)).toMatchObject({ due: "1800.03", returns: [{ number: "В-1", amount: "500.00" }] });
});

test("API-14: one poisoned object holds up no other of its package, and no acknowledgement", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const good = { id: newId(), number: "Р-1", orderId: order.id, items: [{ line: 1, quantity: 1, markCodes: ["a\u0000b", "c\ud800"] }] };
  const poisoned = [{ id: "\ud800" }, { id: "a\u0000b", orderId: order.id }, { ...good, id: newId(), date: "9999-12-31T23:59:59" }, { ...good, id: newId(), number: "\ud800\u0000" }];
  const said = await ship(base, ...poisoned.slice(0, 3), good, poisoned[3]!);
  expect(said.map(({ status, code }) => [status, code])).toEqual([["rejected", "bad_value"], ["rejected", "bad_value"], ["rejected", "bad_value"], ["created", ""], ["created", ""]]);
  for (const name of ["returns", "counterparties"]) expect((await base.post(`/${name}`, { [name]: [{ id: "\ud800" }, { id: "x\u0000", name: "\ud800" }] })).status).toBe(200);
  expect((await base.post("/orders", { orders: [{ id: order.id, payBy: "9999-12-31T23:59:59" }] })).json).toMatchObject({ results: [{ status: "rejected", code: "bad_value", msg: expect.stringContaining("payBy") }] });
  const ack = await base.post("/changes/ack", { cursor: "0", documents: [{ key: "a\u0000", number: "\ud800" }], rejected: [{ key: "\ud800", msg: "b\u0000" }] });
  expect(ack.status).toBeLessThan(500);
});

test("a return is taken once, at once and again", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  await ship(base, { id: newId(), orderId: order.id });
  const one = { id: newId(), number: "В-2", orderId: order.id, items: [{ id: boards, quantity: "1,0" }] };
  const both = (await Promise.all([giveBack(base, one), giveBack(base, one)])).flat();
  expect(both.map(({ status }) => status).toSorted()).toEqual(["created", "unchanged"]);
  expect(await giveBack(base, one)).toMatchObject([{ status: "unchanged" }]);
  expect(await stateOf(base, order.id)).toMatchObject({ due: "1800.03" });
});

test("PAY-05, invariant 12: only what was handed over comes back, of a line no more than was sold; parts without sums add up to it", async () => {
  const base = await aBase();
  const items = [{ line: 1, id: boards, name: "Доска", quantity: 3, amount: 100, vatRate: "22" }, { line: 2, id: screws, name: "Саморез", quantity: 4, amount: 20000, vatRate: "22" }];
  const order = await anOrder(base, { amount: 20100, items });
  const back = async (given: Record<string, unknown>) => {
    const [said] = await giveBack(base, { id: newId(), orderId: order.id, ...given });
    return [said!.status, said!.code];
  };
  const [taken, refused] = [["created", ""], ["rejected", "too_much"]];
  expect(await back({ items: [{ line: 1, quantity: 1 }] })).toEqual(["rejected", "not_shipped"]);
  await ship(base, { id: newId(), orderId: order.id, items: [{ line: 1, quantity: 3 }, { line: 2, quantity: 2 }] });
  expect(await back({ items: [{ line: 2, quantity: 3 }] })).toEqual(refused);
  expect(await back({ items: [{ line: 1, quantity: 1, amount: 5000 }] })).toEqual(refused);
  for (let i = 0; i < 3; i++) expect(await back({ items: [{ line: 1, quantity: 1 }] })).toEqual(taken);
  expect(await back({ items: [{ line: 1, quantity: 1 }] })).toEqual(refused);
  expect((await stateOf(base, order.id)).returns.map(({ amount }) => amount).toSorted()).toEqual(["33.33", "33.33", "33.34"]);
  expect(await stateOf(base, order.id)).toMatchObject({ due: "20000.00" });
  // Closed in 1C without a word of a hand-over: handed over whole.
  const closed = await anOrder(base, { state: { closed: true } });
  expect(await giveBack(base, { id: newId(), orderId: closed.id, items: [{ line: 1, quantity: 4 }] })).toMatchObject([{ status: "created" }]);
});

test("4.1: counterparties with deferral and limit; unpaid orders move, those with a term of their own and paid ones do not", async () => {
  const base = await aBase();
  const customer = { id: newId(), type: "legal", name: 'ООО "Север"', inn: "9900000024", kpp: "990101001", email: "a@b.ru" };
  const send = async (...counterparties: Record<string, unknown>[]) => CounterpartiesAnswer.parse((await base.post("/counterparties", { counterparties })).json).results;
  expect(await send({ ...customer, deferral: { kind: "workingDays", days: 5, from: "order" }, creditLimit: "500 000" })).toMatchObject([{ status: "created", name: 'ООО "Север"' }]);
  const [open, own, paid] = [await anOrder(base, { customer }), await anOrder(base, { customer, deferral: { days: 1, from: "order" } }), await anOrder(base, { customer })];
  await cardMoney(t, paid.siteId, 230_003n, bankId);
  const due = async () => Promise.all([open, own, paid].map(async ({ id }) => (await stateOf(base, id)).dueDate));
  expect(await due()).toEqual(["2026-11-27", "2026-11-23", "2026-11-27"]);
  expect(await send({ id: customer.id, deferral: { days: 30, from: "заказ" } })).toMatchObject([{ status: "updated", ordersMoved: 1 }]);
  expect(await due()).toEqual(["2026-12-21", "2026-11-23", "2026-11-27"]);
  expect(await send({ id: customer.id })).toMatchObject([{ status: "unchanged", ordersMoved: 0 }]);
  expect((await t.ctx.database.sql`select inn, credit_limit_kopecks, deferral_days from counterparties where onec_guid = ${customer.id}`)[0]).toEqual({ inn: "9900000024", creditLimitKopecks: 50_000_000n, deferralDays: 30 });
  expect(await send({ id: customer.id, deferral: null, creditLimit: null, email: null }, { id: null, name: "Никто" }, { id: customer.id.slice(1) })).toMatchObject([
    { status: "updated", ordersMoved: 1 }, { status: "rejected", code: "missing_field" }, { status: "rejected", code: "bad_value" },
  ]);
  expect((await t.ctx.database.sql`select email, credit_limit_kopecks, deferral_days from counterparties where onec_guid = ${customer.id}`)[0]).toEqual({ email: null, creditLimitKopecks: null, deferralDays: null });
  expect(await due()).toEqual(["", "2026-11-23", "2026-11-27"]);
});

test("1.2: terms that staff set are our word: another deferral of 1C is a question and moves no order, until a person takes it", async () => {
  const base = await aBase();
  const id = newId();
  const order = await anOrder(base, { customer: { id, name: "ООО «Условия»", kind: "organization", inn: "9900000024" } });
  const send = async (days: number | null) => (await base.post<CounterpartiesAnswer>("/counterparties", { counterparties: [{ id, deferral: days === null ? null : { days, from: "order" } }] })).json.results[0]!;
  expect(await send(5)).toMatchObject({ ordersMoved: 1 });
  const due = async () => (await t.ctx.database.sql<{ dueDate: string | null; counterpartyId: string }[]>`select due_date, counterparty_id from orders where id = ${order.siteId}`)[0]!;
  expect((await due()).dueDate).toBe("2026-11-25");
  const { counterpartyId } = await due();
  const accountant = (await aStaff(t, { role: "accountant" })).ctx;
  await changeTerms(accountant, { counterpartyId, terms: { days: 10, dayKind: "calendar", base: "order_date" } });
  expect(await send(5)).toMatchObject({ ordersMoved: 0, status: "unchanged" });
  expect(await send(7)).toMatchObject({ ordersMoved: 0 });
  expect((await due()).dueDate).toBe("2026-11-30");
  const [row] = await t.ctx.database.sql<{ id: string; field: string; ours: string; theirs: string }[]>`select id, field, ours, theirs from onec_conflicts where counterparty_id = ${counterpartyId} and state = 'open'`;
  expect(row).toMatchObject({ field: "terms", ours: "10 calendar order_date", theirs: "7 calendar order_date" });
  await decideConflict(accountant, { conflictId: row!.id, side: "theirs", seen: seenOf(row!) });
  expect((await due()).dueDate).toBe("2026-11-27");
  // The field is 1C's again.
  expect(await send(null)).toMatchObject({ ordersMoved: 1, status: "updated" });
  expect((await due()).dueDate).toBeNull();
});

test("LOST-12: 1C asks to pay back: once per id, decided by people, by payment, by goods; more than there is is refused", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const { factId } = await cardMoney(t, order.siteId, 230_003n, bankId);
  const wish = { id: newId(), number: "ВД-1", paymentId: factId, amount: "610,00", reason: "goods_return" };
  const both = await Promise.all([base.post("/refunds", wish), base.post("/refunds", wish)]);
  for (const { status, json } of both) {
    expect(status).toBe(200);
    expect(RefundAnswer.parse(json)).toMatchObject({ id: wish.id, orderId: order.id, orderNumber: order.number, amount: "610.00", status: "requested", refunds: [{ paymentId: factId, amount: "610.00", state: "requested", number: "ВД-1" }] });
  }
  expect(await t.ctx.database.sql`select 1 from refunds where order_id = ${order.siteId}`).toHaveLength(1);
  expect(await base.post("/refunds", { ...wish, amount: 1 })).toMatchObject({ status: 409, json: { code: "conflict", msg: expect.stringContaining("610,00") } });
  expect(await base.post("/refunds", { id: newId(), orderId: order.id, amount: 99999 })).toMatchObject({ status: 409, json: { msg: expect.any(String) } });
  expect(await base.post("/refunds", { id: newId(), paymentId: newId(), amount: 1 })).toMatchObject({ status: 404 });
  for (const broken of [{ amount: 1, orderId: order.id }, { id: newId(), orderId: order.id }, { id: newId(), amount: 1 }, { id: newId(), orderId: order.id, items: [{ name: "нет такого", quantity: 1 }] }, { id: newId(), orderId: order.id, amount: "-5" }])
    expect((await base.post("/refunds", broken)).status).toBe(422);
  const goods = { id: newId(), orderId: order.id, items: [{ id: boards, quantity: 2 }], reason: "Покупатель передумал" };
  expect((await base.post("/refunds", goods)).json).toMatchObject({ amount: "1000.00", status: "requested" });
  const director = await aStaff(t, { role: "director" });
  const [row] = await t.ctx.database.sql<{ id: string; source: string; reasonText: string | null }[]>`select id, source, reason_text from refunds where document_key = ${goods.id}`;
  expect(row).toMatchObject({ source: "onec", reasonText: "Покупатель передумал" });
  await approveRefund(director.ctx, { refundId: row!.id });
  expect((await base.get(`/refunds/${goods.id}`)).json).toMatchObject({ status: "approved", statusText: "Одобрен" });
  expect((await base.get(`/refunds/${newId()}`)).status).toBe(404);
  expect(await stateOf(base, order.id)).toMatchObject({ refunds: [{ state: "requested" }, { state: "approved" }] });
});

test("GET /orders: every documented field, with money and without; another base's orders are not there; the link is renewed", async () => {
  const [base, stranger] = [await aBase(), await aBase()];
  const order = await anOrder(base, { methods: ["card"] });
  const empty = await stateOf(base, order.id.toUpperCase());
  expect(empty).toMatchObject({ id: order.id, siteId: order.siteId, amount: "2300.03", paid: "0.00", due: "2300.03", payUrl: expect.stringMatching(/\/pay\//), methods: ["card"], payments: [], invoice: null, version: 0, dateLocal: "2026-11-20T10:00:00", date: "2026-11-20T10:00:00+03:00" });
  const { factId } = await cardMoney(t, order.siteId, 230_003n, bankId, "sbp");
  const full = await stateOf(base, order.siteId);
  expect(full).toMatchObject({ paid: "2300.03", due: "0.00", payUrl: "", paymentStatus: "paid", payments: [{ id: factId, method: "sbp", amount: "2300.03", exported: "pending", acquirer: "paykeeper" }] });
  expect(Object.keys(full)).toEqual(Object.keys(empty));
  expect((await stranger.get(`/orders/${order.id}`)).status).toBe(404);
  expect(await ship(stranger, { id: newId(), orderId: order.id })).toMatchObject([{ code: "unknown_order" }]);
});

test("PIL-01, PIL-05: GET /orders answers in every mode, with the kill switch pressed and in every state of the order; the link alone is missing", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const cancelled = await anOrder(base, { state: { cancelled: true } });
  const over = await anOrder(base, { payBy: "2020-01-01" });
  await cardMoney(t, order.siteId, 100_000n, bankId);
  const director = await aStaff(t);
  const [{ storeId }] = (await t.ctx.database.sql<{ storeId: string }[]>`select store_id from orders where id = ${order.siteId}`) as unknown as [{ storeId: string }];
  expect(await stateOf(base, order.id)).toMatchObject({ payUrl: expect.stringMatching(/\/pay\//) });
  const { stopId } = await stopPayments(director.ctx, { storeId, reason: "проверка остановки" });
  expect(await stateOf(base, order.id)).toMatchObject({ paid: "1000.00", due: "1300.03", payUrl: "" });
  for (const { id } of [cancelled, over]) expect(await stateOf(base, id)).toMatchObject({ payUrl: "" });
  await resumePayments(director.ctx, { stopId, reason: "проверка закончена" });
  await changeStoreMode(director.ctx, { storeId, to: "shadow", reason: "проверка режима", isTest: true });
  expect(await stateOf(base, (await anOrder(base)).id)).toMatchObject({ due: "2300.03", payUrl: "" });
});

test("API-20 … API-26: changes by the wire: pages, repeats, acknowledgement with documents and refusals, a cursor that is wrong", async () => {
  const base = await aBase();
  const [one, two] = [await anOrder(base), await anOrder(base)];
  const first = await cardMoney(t, one.siteId, 230_003n, bankId);
  t.clock.advance(1_000);
  const second = await cardMoney(t, two.siteId, 100_000n, bankId);
  const changes = async (query = "") => {
    const { status, json } = await base.get(`/changes${query}`);
    expect(status).toBe(200);
    return ChangesAnswer.parse(json);
  };
  const page = await changes("?limit=1");
  expect(page).toMatchObject({ hasMore: true, cursor: "0000000000000001", items: [{ type: "payment.succeeded", key: `payment:${first.factId}`, order: { id: one.id, number: one.number }, payment: { amount: "2300.03" }, balance: { due: "0.00" } }] });
  // Checklist 8: the client died before the acknowledgement: the same events come again.
  expect(await changes("?limit=1")).toMatchObject({ cursor: page.cursor, items: page.items });
  expect((await changes("?limit=1\u00A0000")).items).toHaveLength(2);
  const ack = (body: unknown) => base.post("/changes/ack", body);
  const told = await ack({ cursor: page.cursor, documents: [{ key: `payment:${first.factId}`, number: "ПБ-7", date: "2026-11-21T12:00:00" }] });
  expect(AckAnswer.parse(told.json)).toEqual({ ok: true, cursor: page.cursor, settled: [], warnings: [], msg: "" });
  expect((await ack({ cursor: page.cursor })).status).toBe(200);
  expect(await ack({ cursor: "0000000000000000" })).toMatchObject({ status: 409, json: { code: "conflict", cursor: page.cursor } });
  expect(await ack({ cursor: "0000000000000099" })).toMatchObject({ status: 409, json: { cursor: page.cursor } });
  // Never given out, whatever it looks like: the present one is told. No cursor at all is a fault of the request.
  for (const unknown of ["abc", "-1", "9".repeat(40), " "]) expect(await ack({ cursor: unknown })).toMatchObject({ status: 409, json: { code: "conflict", cursor: page.cursor, msg: expect.stringMatching(/[а-я]/) } });
  for (const wrong of [{}, { cursor: null }]) expect((await ack(wrong)).status).toBe(422);
  expect((await changes()).items.map(({ key }) => key)).toEqual([`payment:${second.factId}`]);
  expect((await changes("?since=0000000000000000")).items).toHaveLength(2);
  expect((await base.get("/changes?limit=много")).status).toBe(422);
  expect((await base.get("/changes?since=вчера")).status).toBe(422);
  await ack({ cursor: "0000000000000002", rejected: [{ key: `payment:${second.factId}`, msg: "Период закрыт" }] });
  expect(await changes()).toMatchObject({ items: [], hasMore: false, cursor: "0000000000000002" });
  const rows = await t.ctx.database.sql`select state, onec_document_number, rejected_reason from export_messages where order_id in (${one.siteId}, ${two.siteId}) order by created_at`;
  expect([...rows]).toEqual([{ state: "confirmed", onecDocumentNumber: "ПБ-7", rejectedReason: null }, { state: "rejected", onecDocumentNumber: null, rejectedReason: "Период закрыт" }]);
});

test("a base whose money goes by another way is told so, and takes no changes", async () => {
  const base = await aBase({ doors: ["commerceml", "json"] });
  for (const reply of [await base.get("/changes"), await base.post("/changes/ack", { cursor: "1" })]) {
    expect(reply).toMatchObject({ status: 409, json: { code: "conflict", msg: expect.stringContaining("стандартным обменом") } });
  }
});

test("statements: the file of the bank's client as it is, in whatever encoding; again it is known", async () => {
  const base = await aBase();
  const bytes = readFileSync(new URL("../../reconciliation/bank-file/fixtures/statement-2026-11-21-cp1251.txt", import.meta.url));
  const first = await base.call("POST", "/statements", { bytes, headers: { "content-type": "application/json" } });
  const answer = StatementAnswer.parse(first.json);
  expect(answer).toMatchObject({ status: "taken", msg: "" });
  expect(answer.documents.length).toBeGreaterThan(0);
  expect(answer.documents.every(({ verdict }) => verdict === "new")).toBe(true);
  expect(answer.accounts.reduce((sum, account) => sum + account.new, 0)).toBe(answer.documents.length);
  const again = StatementAnswer.parse((await base.call("POST", "/statements", { bytes })).json);
  expect(again).toMatchObject({ status: "known", msg: "Эта выписка уже загружена" });
  expect(again.documents.map(({ verdict }) => verdict)).toEqual(answer.documents.map(() => "known"));
  expect(await t.ctx.database.sql`select distinct is_test from bank_statements`).toEqual([expect.objectContaining({ isTest: true })]);
  for (const wrong of ["", "{}", "какой-то текст"]) expect(await base.call("POST", "/statements", { bytes: Buffer.from(wrong) })).toMatchObject({ status: 422, json: { msg: expect.stringMatching(/[а-я]/i) } });
});

test("a base brings statements for the organization of its own store: accounts of another one are passed over, and a file of nothing else is refused", async () => {
  const { sellerOrgId } = await aSeller(t);
  const { storeId } = await aStore(t, { sellerOrgId });
  await aOnecBase(t, { storeId, login: "stranger", settings: { doors: ["json"] } });
  const stranger = jsonClient(t, "stranger");
  const bytes = readFileSync(new URL("../../reconciliation/bank-file/fixtures/statement-2026-11-21-cp1251.txt", import.meta.url));
  const own = await aBase();
  const { accounts } = StatementAnswer.parse((await own.call("POST", "/statements", { bytes })).json);
  const lines = async () => (await t.ctx.database.sql`select 1 from bank_statement_lines`).length;
  const before = await lines();
  const found = accounts.length > 0 ? accounts.map(({ account }) => account) : (await t.ctx.database.sql<{ account: string }[]>`select distinct account from bank_statements`).map(({ account }) => account);
  for (const account of found) await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, is_default) values (${newId()}, ${seller.sellerOrgId}, 'Банк', '044525225', ${account}, false)`;
  const changed = Buffer.concat([bytes, Buffer.from("\r\n")]);
  expect(await stranger.call("POST", "/statements", { bytes: changed })).toMatchObject({ status: 422, json: { msg: expect.stringContaining("нет документов по нашим счетам") } });
  expect(await lines()).toBe(before);
  expect((await own.call("POST", "/statements", { bytes: changed })).status).toBe(200);
});

test("documents: put, replaced, hidden and shown again; the buyer sees his own only; the history stays (INV-13, INV-14, INV-16)", async () => {
  const base = await aBase();
  const order = await anOrder(base, { customer: { id: newId(), name: "ООО Север", inn: "9900000024", email: "buyer@example.ru" } });
  const other = await anOrder(base);
  const guid = newId();
  const pdf = (text: string) => Buffer.from(`%PDF-1.7\n${text}`);
  const put = (query: string, bytes: Uint8Array, type = "application/pdf", id = guid) => base.call("PUT", `/documents/${id}?${query}`, { bytes, headers: { "content-type": type } });
  const words = `kind=upd&number=${encodeURIComponent("УТ00-000590")}&date=2026-11-21&order=${order.id}&amount=${encodeURIComponent("2 300,03")}`;
  expect(await put(words, pdf("первая"))).toMatchObject({ status: 200, json: { id: guid, status: "created", kind: "upd", number: "УТ00-000590", amount: "2300.03", orderId: order.id, visibleToBuyer: true, version: 1, warnings: [] } });
  expect((await put(words, pdf("первая"))).json).toMatchObject({ status: "unchanged", version: 1 });
  const [letter] = await t.ctx.database.sql<{ template: string; recipient: string; params: { token: string } }[]>`select template, recipient, params from letters where order_id = ${order.siteId}`;
  expect(letter).toMatchObject({ template: "document", recipient: "buyer@example.ru" });
  // No Content-Type of its own, a map of headers of the request before.
  expect((await put(words, pdf("вторая"), "application/json")).json).toMatchObject({ status: "updated", version: 2, versions: [{ version: 2 }, { version: 1 }] });
  const { token } = (await t.ctx.database.sql<{ token: string }[]>`select token from payment_links where order_id = ${order.siteId}`)[0]!;
  const page = async () => (await readPayPage(t.ctx, { payToken: token }, null))!.documents;
  const [seen] = await page();
  expect(seen).toMatchObject({ kind: "upd", number: "УТ00-000590", mime: "application/pdf" });
  const { giveBuyerFile } = await import("@/lib/documents/give-buyer-file.ts");
  const file = await giveBuyerFile(t.ctx, { payToken: token }, seen!.documentId, null);
  expect([file.status, await file.text()]).toEqual([200, pdf("вторая").toString()]);
  expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="UPD_UT00-000590_2026-11-21\.pdf"; filename\*=UTF-8''/);
  expect([file.headers.get("x-content-type-options"), file.headers.get("content-security-policy")]).toEqual(["nosniff", "sandbox; default-src 'none'"]);
  const stranger = (await t.ctx.database.sql<{ token: string }[]>`select token from payment_links where order_id = ${other.siteId}`)[0]!.token;
  expect((await giveBuyerFile(t.ctx, { payToken: stranger }, seen!.documentId, null)).status).toBe(404);
  expect((await giveBuyerFile(t.ctx, { letterToken: letter!.params.token }, null, null)).status).toBe(200);
  const now = t.ctx.now();
  t.clock.advance(31 * 86_400_000);
  expect((await giveBuyerFile(t.ctx, { letterToken: letter!.params.token }, null, null)).status).toBe(404);
  t.clock.set(now);
  expect((await base.call("DELETE", `/documents/${guid}`)).json).toMatchObject({ status: "hidden", visibleToBuyer: false });
  expect((await base.call("DELETE", `/documents/${guid}`)).json).toMatchObject({ status: "unchanged" });
  expect(await page()).toEqual([]);
  expect((await giveBuyerFile(t.ctx, { payToken: token }, seen!.documentId, null)).status).toBe(404);
  const old = await base.raw("GET", `/documents/${guid}/file?version=1`);
  expect([old.headers.get("content-type"), await old.text()]).toEqual(["application/pdf", pdf("первая").toString()]);
  expect((await put(words, pdf("вторая"))).json).toMatchObject({ status: "updated", version: 2, visibleToBuyer: true });
  expect(await page()).toHaveLength(1);
  const kinds = await t.ctx.database.sql<{ kind: string }[]>`select kind from order_events where order_id = ${order.siteId} and kind like 'document.%' order by at, id`;
  expect(kinds.map(({ kind }) => kind)).toEqual(["document.received", "document.received", "document.hidden"]);
  await expect(t.ctx.database.sql`delete from documents where onec_guid = ${guid}`).rejects.toThrow();
  await expect(t.ctx.database.sql`update document_versions set sha256 = ''`).rejects.toThrow();
});

test("INV-14: what is no PDF, PNG or plain XML is refused, whatever its type says", async () => {
  const base = await aBase();
  const put = async (bytes: Uint8Array, type = "application/pdf") => (await base.call("PUT", `/documents/${newId()}?kind=other`, { bytes, headers: { "content-type": type } })).status;
  const xml = (text: string) => Buffer.from(`\uFEFF<?xml version="1.0" encoding="windows-1251"?>\n<!-- печать -->${text}`);
  expect(await put(xml('<Файл ИдФайл="ON_NSCHFDOPPR"/>'), "text/xml")).toBe(200);
  expect(await put(Buffer.from("\u0089PNG\r\n\u001a\nрисунок", "latin1"), "image/png")).toBe(200);
  for (const [bytes, type] of [
    [Buffer.from("<html><script>alert(1)</script>"), "application/pdf"], [xml("<svg onload='alert(1)'/>"), "application/xml"], [xml("<x:html xmlns:x='http://www.w3.org/1999/xhtml'/>"), "application/xml"],
    [xml("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), "application/xml"], [Buffer.from("%PDF-1.4"), "image/png"], [Buffer.alloc(0), "application/pdf"], [Buffer.from("MZ\u0090"), "application/octet-stream"],
  ] as const) expect([type, bytes.toString().slice(0, 40), await put(bytes, type)]).toEqual([type, bytes.toString().slice(0, 40), 422]);
  expect(await put(Buffer.concat([Buffer.from("%PDF-1.4"), Buffer.alloc(10 * 1024 * 1024)]))).toBe(413);
  for (const query of ["kind=receipt", "date=вчера", "amount=сто", "counterparty=12"]) expect((await base.call("PUT", `/documents/${newId()}?${encodeURI(query)}`, { bytes: Buffer.from("%PDF-1.4") })).status).toBe(422);
  expect((await base.call("PUT", "/documents/12345", { bytes: Buffer.from("%PDF-1.4") })).status).toBe(422);
});

test("a document that came before its order is bound to it when it comes; one file sent twice at once is one version", async () => {
  const base = await aBase();
  const guid = newId();
  const put = () => base.call("PUT", `/documents/${guid}?kind=act&order=${encodeURIComponent("БУД-1")}`, { bytes: Buffer.from("%PDF-1.4 акт") });
  const both = await Promise.all([put(), put()]);
  expect(both.map(({ json }) => String(json["status"])).toSorted((a, b) => a.localeCompare(b))).toEqual(["created", "unchanged"]);
  expect(both[0]!.json).toMatchObject({ orderRef: "БУД-1", orderId: "", visibleToBuyer: false, warnings: [expect.stringContaining("заказа пока нет")] });
  const order = await anOrder(base, { number: "БУД-1" });
  expect((await base.get(`/documents/${guid}`)).json).toMatchObject({ status: "stored", orderId: order.id, orderNumber: "БУД-1", visibleToBuyer: true, version: 1 });
  expect(await stateOf(base, order.id)).toMatchObject({ documents: [{ id: guid, kind: "act", version: 1, hidden: false }] });
});

test("INV-16: a document named by a number that two orders have goes to neither, whatever comes of them; its GUID says whose it is", async () => {
  const base = await aBase();
  const buyer = { type: "person", email: "a@example.ru" };
  const [a, b] = [await anOrder(base, { customer: buyer }), await anOrder(base, { customer: buyer })];
  const { sql } = t.ctx.database;
  // Both were born under another number, 1C's own is the same in two years.
  await sql`update orders set onec_number = 'УТ00-000005' where id in (${a.siteId}, ${b.siteId})`;
  const [vague, later] = [newId(), newId()];
  const put = (id: string, order: string) => base.call("PUT", `/documents/${id}?kind=upd&number=5&order=${encodeURIComponent(order)}`, { bytes: Buffer.from("%PDF-1.4"), headers: { "content-type": "application/pdf" } });
  const boundTo = async (guid: string) => (await sql<{ orderId: string | null }[]>`select order_id from documents where onec_guid = ${guid}`)[0]!.orderId;
  const alerts = async () => (await sql<{ state: string }[]>`select a.state from alerts a join documents d on a.object_key = 'document:' || d.id || ':order' where d.onec_guid in (${vague}, ${later}) order by d.onec_guid = ${later}`).map(({ state }) => state);
  expect((await put(vague, "УТ00-000005")).json).toMatchObject({ orderNumber: "", visibleToBuyer: false, warnings: [expect.stringContaining("у нескольких заказов")] });
  await base.post("/orders", { orders: [{ id: a.id, comment: "звонили" }, { id: b.id, comment: "звонили" }] });
  expect([await boundTo(vague), await alerts()]).toEqual([null, ["firing"]]);
  // It came before one of the two had got the number.
  await put(later, "УТ00-000006");
  await sql`update orders set onec_number = 'УТ00-000006' where id in (${a.siteId}, ${b.siteId})`;
  await base.post("/orders", { orders: [{ id: a.id, comment: "ещё раз" }] });
  expect([await boundTo(later), await alerts()]).toEqual([null, ["firing", "firing"]]);
  expect([...await sql`select 1 from letters where order_id in (${a.siteId}, ${b.siteId}) and template = 'document'`]).toEqual([]);
  for (const guid of [vague, later]) expect((await put(guid, b.id)).json).toMatchObject({ orderId: b.id, visibleToBuyer: true, warnings: [] });
  expect(await alerts()).toEqual(["resolved", "resolved"]);
});

test("INV-15: 1C's own invoice is what the buyer downloads; another sum or number warns staff until it is right; a changed order falls back to ours", async () => {
  const base = await aBase();
  const customer = { id: newId(), type: "legal", name: "ООО Север", inn: "9900000024", kpp: "990101001" };
  const order = await anOrder(base, { customer });
  await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, corr_account, is_default) select ${newId()}, ${seller.sellerOrgId}, 'Банк', '044525225', '40702810938000012345', '30101810400000000225', true where not exists (select 1 from bank_accounts)`;
  const { issueInvoice } = await import("@/lib/invoices/index.ts");
  const { onecInvoiceFile } = await import("@/lib/documents/index.ts");
  const ours = await issueInvoice(t.ctx, { orderId: order.siteId });
  const guid = newId();
  const put = (query: string, text = "счёт") => base.call("PUT", `/documents/${guid}?kind=invoice&order=${order.id}&${query}`, { bytes: Buffer.from(`%PDF-1.4 ${text}`) });
  const warned = async () => [...(await t.ctx.database.sql<{ title: string }[]>`select title from alerts where order_id = ${order.siteId} and code = 'ALR-15' and state <> 'resolved'`)].map(({ title }) => title);
  await put("amount=1&number=1");
  expect(await warned()).toEqual([expect.stringContaining("в нём 1,00")]);
  expect((await onecInvoiceFile(t.ctx, ours.token))?.bytes.toString()).toBe("%PDF-1.4 счёт");
  await put("amount=2300.03&number=999");
  expect(await warned()).toEqual([expect.stringContaining("номер не совпадает")]);
  await put(`amount=2300.03&number=${encodeURIComponent(order.number)}`, "верный");
  expect(await warned()).toEqual([]);
  expect((await onecInvoiceFile(t.ctx, ours.token))?.bytes.toString()).toBe("%PDF-1.4 верный");
  t.clock.advance(1_000);
  await base.post("/orders", { orders: [{ id: order.id, amount: 2000, items: [{ id: boards, name: "Доска", quantity: 4, price: 500, amount: 2000, vatRate: "22" }] }] });
  expect(await warned()).toEqual([expect.stringContaining("в заказе 2")]);
  const next = await issueInvoice(t.ctx, { orderId: order.siteId });
  expect(await onecInvoiceFile(t.ctx, next.token)).toBeNull();
  await base.call("DELETE", `/documents/${guid}`);
  expect(await warned()).toEqual([]);
});

test("A9: what came by JSON and was taken or refused is a row of the journal with a sentence; the same refused thing again is one row, over when it is taken", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const shipment = { id: newId(), number: "Р-50", orderId: order.id, items: [{ line: 1, quantity: "пять" }] };
  for (const _ of [1, 2]) await ship(base, shipment);
  const broken = { id: newId(), number: "УТ00-BAD", amount: "сто", items: [] };
  await base.post("/orders", { orders: [broken] });
  await base.call("PUT", `/documents/${newId()}?kind=act&number=7&order=${order.id}`, { bytes: Buffer.from("%PDF-1.4") });
  const rows = () => t.ctx.database.sql<{ kind: string; door: string; result: string; summary: string; attempts: number; orderId: string | null }[]>`
    select kind, door, result, summary, attempts, order_id from onec_messages where connection_id = ${base.connectionId} order by at, id`;
  expect((await rows()).map(({ kind, door, result, attempts }) => [kind, door, result, attempts]).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([["document", "json", "applied", 1], ["order", "json", "applied", 1], ["order", "json", "error", 1], ["shipment", "json", "error", 2]]);
  await ship(base, { ...shipment, items: [{ line: 1, quantity: 1 }] });
  const after = (await rows()).filter(({ kind }) => kind === "shipment");
  expect(after.map(({ result }) => result).toSorted()).toEqual(["applied", "skipped"]);
  expect(after.find(({ result }) => result === "applied")).toMatchObject({ orderId: order.siteId, summary: "Отгрузка №\u00A0Р-50 принята" });
});

test("A9: a rehearsal of a JSON package says what would happen to each object, and nothing of it stays", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const late = await anOrder(base, { version: 2 });
  const counts = async () => (await t.ctx.database.sql`select (select count(*) from orders) as orders, (select count(*) from shipments) as shipments, (select count(*) from onec_messages) as messages, (select count(*) from order_events) as events,
    (select count(*) from alerts) as alerts, (select count(*) from pgboss.job) as jobs, (select count(*) from receipts) as receipts, (select sum(attempts) from onec_messages) as attempts`)[0];
  const integrator = (await aStaff(t, { role: "integrator" })).ctx;
  const refused = { id: newId(), number: "УТ00-BAD", amount: "сто", items: [] };
  await base.post("/orders", { orders: [refused] });
  const before = await counts();
  t.hints.length = 0;
  const item = { line: 1, id: newId(), name: "Чайник", quantity: 1, price: 500, amount: 500, vatRate: "22" };
  const text = JSON.stringify({
    orders: [{ id: newId(), version: 1, number: "ПРОБА-1", amount: 500, items: [item] }, { id: order.id, comment: "позвонить" }, { id: order.id, version: 1 }, { id: late.id, version: 1, amount: 500, items: [item] }, { id: newId(), number: "ПРОБА-2", amount: 600, items: [item] }, refused],
    shipments: [{ id: newId(), number: "Р-1", orderId: order.id, items: [{ line: 1, quantity: 1 }] }, { id: newId(), number: "Р-2", orderId: newId() }],
    counterparties: [{ id: newId(), name: "ООО «Проба»" }],
  });
  const found = await rehearse(integrator, { connectionId: base.connectionId, text });
  expect(found.map(({ outcome, result }) => [outcome, result])).toEqual([
    ["created", "applied"], ["revised", "applied"], ["unchanged", "noop"], ["unchanged", "conflict"], ["refused", "error"], ["refused", "error"], ["created", "applied"], ["refused", "error"], ["created", "applied"],
  ]);
  expect(found[1]!.diff).toMatchObject([{ field: "comment", after: "позвонить" }]);
  expect(found[3]).toMatchObject({ summary: expect.stringContaining("прислала старую версию"), diff: expect.arrayContaining([expect.objectContaining({ field: "total" })]) });
  expect(found[4]!.summary).toContain("Сумма строк 500.00 не равна сумме заказа 600.00");
  // Refused before and still refused: the journal has its row already.
  expect(found[5]).toMatchObject({ summary: expect.stringContaining("как и раньше"), resultText: expect.stringContaining("amount") });
  expect(found.slice(6).map(({ summary }) => summary)).toEqual(["Отгрузка №\u00A0Р-1 принята", "Отгрузка №\u00A0Р-2 не принята: Заказа нет на сайте: сначала передайте его", "Новый контрагент из 1С"]);
  expect(await counts()).toEqual(before);
  expect(t.hints).toEqual([]);
  await expect(rehearse(integrator, { connectionId: base.connectionId, text: '{"orders": [' })).rejects.toMatchObject({ code: "invalid", details: { field: "text" }, message: expect.stringContaining("строка 1") });
  await expect(rehearse(integrator, { connectionId: base.connectionId, text: '{"orders": 5}' })).rejects.toMatchObject({ details: { field: "text" } });
});

test("A9: «Повторить» and «Применить вручную» of a refused JSON object: one row tells what came of it; what 1C has sent anew is not repeated", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const integrator = (await aStaff(t, { role: "integrator" })).ctx;
  const late = { id: newId(), number: "Р-90", orderId: newId(), items: [{ line: 1, quantity: 1 }] };
  await ship(base, late);
  const rowOf = async (guid: string) => (await t.ctx.database.sql<{ id: string; result: string; resultText: string; attempts: number; orderId: string | null; handledBy: string | null }[]>`select * from onec_messages where object_guid = ${guid} order by at desc, id desc limit 1`)[0]!;
  const row = await rowOf(late.id);
  const shipped = async () => (await t.ctx.database.sql<{ n: number }[]>`select count(*)::int as n from shipments where document_key = ${late.id}`)[0]!.n;
  expect(await readMessage(t.ctx, { isTest: true, viewer: viewerOf({ role: "integrator", storeId: null }) }, row.id)).toMatchObject({ canRepeat: true });
  expect(await repeatMessage(integrator, row.id)).toMatchObject({ outcome: "refused", reason: expect.stringContaining("Заказа нет на сайте") });
  expect(await rowOf(late.id)).toMatchObject({ id: row.id, result: "error", attempts: 2 });
  await expect(applyByHand(integrator, row.id, { number: "Р-91" })).rejects.toMatchObject({ code: "invalid", details: { field: "number" } });
  expect(await applyByHand(integrator, row.id, { bindToNumber: order.number })).toMatchObject({ outcome: "created" });
  expect(await shipped()).toBe(1);
  expect(await rowOf(late.id)).toMatchObject({ id: row.id, result: "applied", orderId: order.siteId, resultText: "Отгрузка №\u00A0Р-90 принята", handledBy: expect.stringContaining("staff:") });
  await expect(repeatMessage(integrator, row.id)).rejects.toMatchObject({ code: "conflict" });

  // An order whose number is taken: refused, then taken under another one, or as the order that it is.
  const item = { line: 1, id: newId(), name: "Чайник", quantity: 1, price: 500, amount: 500, vatRate: "22" };
  const twin = (id: string, amount = 500) => ({ id, version: 1, number: order.number, amount, items: [{ ...item, price: amount, amount }] });
  const [second, third] = [newId(), newId()];
  await base.post("/orders", { orders: [twin(second), twin(third)] });
  expect(await applyByHand(integrator, (await rowOf(second)).id, { number: `${order.number}-2` })).toMatchObject({ outcome: "created", number: `${order.number}-2` });
  expect(await rowOf(second)).toMatchObject({ result: "applied", attempts: 2 });
  // 1C sends it anew with another content: the former must not come back.
  const old = await rowOf(third);
  await base.post("/orders", { orders: [{ ...twin(third, 700), number: `${order.number}-3` }] });
  await expect(repeatMessage(integrator, old.id)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("прислала этот документ заново") });
  const [kept] = await t.ctx.database.sql`select total_kopecks from orders where onec_guid = ${third}`;
  expect(kept).toMatchObject({ totalKopecks: 70_000n });
});
