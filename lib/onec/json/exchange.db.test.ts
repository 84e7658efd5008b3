/** The JSON exchange: packages, counterparties, refunds, statements, one order and the feed (json-api.md 3, 4). */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { moveMoney } from "@/lib/allocations/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { changeTerms } from "@/lib/orders/change-terms.ts";
import { approveRefund, rejectRefund } from "@/lib/refunds/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aOnecBase, aSeller, aStore } from "@/lib/testing/factories.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { anOrder, boards, openJsonBases, ship, stateOf } from "@/lib/testing/json-orders.ts";
import type { JsonBases } from "@/lib/testing/json-orders.ts";
import { decideConflict, seenOf } from "../inbox/index.ts";
import { AckAnswer, ChangesAnswer } from "./schema-changes.ts";
import { CounterpartiesAnswer } from "./schema-counterparties.ts";
import { RefundAnswer, StatementAnswer } from "./schema-money.ts";

let t: JsonBases["t"];
let seller: JsonBases["seller"];
let bankId: string;
let aBase: JsonBases["aBase"];
beforeAll(async () => {
  ({ t, seller, bankId, aBase } = await openJsonBases());
});
afterAll(() => t.close());

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

test("LOST-12: a request repeated by its id is answered as it stands, also when its payment stands on another order by then", async () => {
  const base = await aBase();
  const customer = { id: newId(), type: "legal", name: 'ООО "Север"', inn: "9900000024", kpp: "990101001" };
  const [order, other] = [await anOrder(base, { customer }), await anOrder(base, { customer })];
  const { factId } = await cardMoney(t, order.siteId, 230_003n, bankId);
  const wish = { id: newId(), paymentId: factId, amount: 100 };
  expect((await base.post("/refunds", wish)).json).toMatchObject({ orderId: order.id, status: "requested" });
  const [row] = await t.ctx.database.sql<{ id: string }[]>`select id from refunds where document_key = ${wish.id}`;
  await rejectRefund((await aStaff(t, { role: "director" })).ctx, { refundId: row!.id, text: "Покупатель передумал" });
  await base.post("/orders", { orders: [{ id: order.id, state: { cancelled: true } }] });
  await moveMoney((await aStaff(t, { role: "accountant" })).ctx, { factId, fromOrderId: order.siteId, toOrderId: other.siteId, amountKopecks: 230_003n, reason: "заказ другой" });
  expect(await base.post("/refunds", wish)).toMatchObject({ status: 200, json: { orderId: order.id, status: "rejected" } });
  expect(await base.post("/refunds", { ...wish, orderId: other.id })).toMatchObject({ status: 409, json: { msg: expect.stringContaining("по другому заказу") } });
  expect(await base.post("/refunds", { ...wish, paymentId: (await cardMoney(t, order.siteId, 230_003n, bankId)).factId })).toMatchObject({ status: 409, json: { msg: expect.stringContaining("по другому платежу") } });
  expect(await t.ctx.database.sql`select 1 from refunds where document_key = ${wish.id}`).toHaveLength(1);
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
  // Ahead of everything: an empty page would be believed for ever.
  expect(await base.get("/changes?since=0000000000000003")).toMatchObject({ status: 409, json: { code: "conflict", cursor: page.cursor } });
  expect((await changes("?since=0000000000000002")).items).toEqual([]);
  await ack({ cursor: "0000000000000002", rejected: [{ key: `payment:${second.factId}`, msg: "Период закрыт" }] });
  expect(await changes()).toMatchObject({ items: [], hasMore: false, cursor: "0000000000000002" });
  const rows = await t.ctx.database.sql`select state, onec_document_number, rejected_reason from export_messages where order_id in (${one.siteId}, ${two.siteId}) order by created_at`;
  expect([...rows]).toEqual([{ state: "confirmed", onecDocumentNumber: "ПБ-7", rejectedReason: null }, { state: "rejected", onecDocumentNumber: null, rejectedReason: "Период закрыт" }]);
});

test("API-23: what 1C says beside the cursor never holds the feed up: a reason of any length, a document without a number", async () => {
  const base = await aBase();
  const [one, two] = [await anOrder(base), await anOrder(base)];
  const [refused, taken] = [await cardMoney(t, one.siteId, 230_003n, bankId), await cardMoney(t, two.siteId, 230_003n, bankId)];
  const msg = `Не удалось провести: ${"остаток меньше; ".repeat(60)}`;
  expect(await base.post("/changes/ack", { cursor: (await base.get<{ cursor: string }>("/changes")).json.cursor, documents: [{ key: `payment:${taken.factId}`, number: null, date: 45_000 }], rejected: [{ key: `payment:${refused.factId}`, msg }] })).toMatchObject({ status: 200 });
  // A key without its word is nobody's: neither a number nor a refusal may vanish without a word.
  expect((await base.post("/changes/ack", { cursor: "0000000000000002", documents: [{ key: taken.factId, number: "ПБ-1" }], rejected: [{ key: refused.factId, msg: "нет" }] })).json["warnings"]).toEqual([`documents: события с key «${taken.factId}» сайт не передавал, номер не учтён`, `rejected: события с key «${refused.factId}» сайт не передавал, отказ не учтён`]);
  const rows = await t.ctx.database.sql`select state, onec_document_number, rejected_reason from export_messages where order_id in (${one.siteId}, ${two.siteId}) order by state`;
  expect([...rows]).toEqual([{ state: "confirmed", onecDocumentNumber: null, rejectedReason: null }, { state: "rejected", onecDocumentNumber: null, rejectedReason: msg.slice(0, 500).trim() }]);
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
