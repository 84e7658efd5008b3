/** The list (A2), the page (A3), search, deferral terms: what staff see and change. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { viewerOf } from "@/lib/auth/scope.ts";
import type { Viewer } from "@/lib/auth/scope.ts";
import { searchOrders } from "@/lib/reports/search.ts";
import { readTimeline } from "@/lib/reports/timeline.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, aStore } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { assertVisible } from "./assert-visible.ts";
import { changeTerms } from "./change-terms.ts";
import { PAGE_SIZE, countOrders, listOrders } from "./list-orders.ts";
import { parseOrderFilter } from "./order-filter.ts";
import { readOrderPage } from "./order-page.ts";
import { revealContact } from "./reveal-contact.ts";

let t: TestContext;
let shop: TestShop;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
});
afterAll(() => t.close());

const all = viewerOf({ role: "director", storeId: null });
const order = (given: Partial<Parameters<typeof anOrder>[1]> = {}) => anOrder(t, { sellerOrgId: shop.sellerOrgId, storeId: shop.storeId, onecId: shop.onecId, ...given });
const list = (given: Record<string, string> = {}, viewer: Viewer = all) => listOrders(t.ctx, viewer, true, parseOrderFilter(given));
const numbers = async (given: Record<string, string>, viewer: Viewer = all) => (await list(given, viewer)).rows.map((row) => row.number).sort();

test("A2: pages by cursor show every order once, also when new ones come in between", async () => {
  const made = new Set<string>();
  for (let i = 0; i < PAGE_SIZE + 12; i++) {
    made.add((await order({ number: `P-${i}`, lines: [{ name: "Чашка", sumKopecks: BigInt(1000 + (i % 7)) }] })).number);
    if (i % 5 !== 0) t.clock.advance(1_000);
  }
  for (const sort of ["-date", "date", "-sum", "sum", "-due"]) {
    const first = await list({ sort });
    expect(first.rows).toHaveLength(PAGE_SIZE);
    const late = await order({ number: `late-${sort}`, lines: [{ name: "Чашка", sumKopecks: 1_003n }] });
    const second = await list({ sort, after: first.nextCursor! });
    const seen = [...first.rows, ...second.rows].map((row) => row.number).filter((number) => number.startsWith("P-"));
    expect(new Set(seen), sort).toEqual(made);
    expect(seen, sort).toHaveLength(made.size);
    expect(late.number).toBe(`late-${sort}`);
  }
  // A cursor of another sort, or nonsense, is the first page.
  const first = await list({ sort: "sum" });
  for (const after of [first.nextCursor!, "!!!", Buffer.from("date|x|y").toString("base64url")]) expect((await list({ sort: "-date", after })).rows[0]!.number).toBe((await list({})).rows[0]!.number);
});

test("A2: tabs, their counts and the totals agree with the rows (PAY-05)", async () => {
  const [paid, part, over, cancelled] = [await order({ number: "T-paid" }), await order({ number: "T-part" }), await order({ number: "T-over" }), await order({ number: "T-cancelled", lifecycle: "cancelled" })];
  await putMoney(t, { orderId: paid.orderId, kopecks: 663_100n, method: "sbp" });
  await putMoney(t, { orderId: part.orderId, kopecks: 200_000n });
  await putMoney(t, { orderId: over.orderId, kopecks: 1_326_200n });
  expect(cancelled.link).toBeNull();
  const filter = (tab: string) => ({ tab, q: "T-" });
  expect(await numbers(filter("all"))).toEqual(["T-cancelled", "T-over", "T-paid", "T-part"]);
  expect(await numbers(filter("paid"))).toEqual(["T-paid"]);
  expect(await numbers(filter("partial"))).toEqual(["T-part"]);
  expect(await numbers(filter("overpaid"))).toEqual(["T-over"]);
  expect(await numbers(filter("cancelled"))).toEqual(["T-cancelled"]);
  const { tabs, totals } = await countOrders(t.ctx, all, true, parseOrderFilter({ q: "T-", tab: "partial" }));
  expect(tabs).toEqual({ all: 4n, waiting: 0n, partial: 1n, paid: 1n, overpaid: 1n, cancelled: 1n });
  expect(totals).toEqual({ count: 1n, totalKopecks: 663_100n, netPaidKopecks: 200_000n, dueKopecks: 463_100n });
  expect(await numbers({ q: "T-", method: "sbp" })).toEqual(["T-paid"]);
  expect(await numbers({ q: "T_" })).toEqual([]);
});

test("A2: ready questions find what is stuck, and only that", async () => {
  const { sql } = t.ctx.database;
  const [stuck, today, overdue] = [await order({ number: "V-stuck" }), await order({ number: "V-today" }), await order({ number: "V-overdue" })];
  await putMoney(t, { orderId: stuck.orderId, kopecks: 663_100n, fiscalOwner: "site", announced: true });
  await sql`update orders set due_date = '2026-11-21' where id = ${today.orderId}`;
  await sql`update orders set due_date = '2026-11-20' where id = ${overdue.orderId}`;
  expect(await numbers({ q: "V-", view: "no_receipt" })).toEqual(["V-stuck"]);
  expect(await numbers({ q: "V-", view: "not_in_onec" })).toEqual(["V-stuck"]);
  expect(await numbers({ q: "V-", view: "overdue" })).toEqual(["V-overdue"]);
  expect(await numbers({ q: "V-", view: "today" })).toEqual(["V-today"]);
  await sql`update export_messages set state = 'confirmed' where order_id = ${stuck.orderId}`;
  await sql`update receipts set state = 'not_required', reason_code = 'closed_by_staff' where order_id = ${stuck.orderId}`;
  expect(await numbers({ q: "V-", view: "not_in_onec" })).toEqual([]);
  expect(await numbers({ q: "V-", view: "no_receipt" })).toEqual([]);
});

test("8.4: a manager sees the own store, an integrator no buyer, a manager without a store nothing", async () => {
  const { storeId } = await aStore(t, { sellerOrgId: shop.sellerOrgId });
  const other = await order({ number: "S-other", storeId });
  const own = viewerOf({ role: "manager", storeId });
  expect(await numbers({ q: "S-" }, own)).toEqual(["S-other"]);
  expect(await numbers({}, viewerOf({ role: "manager", storeId: null }))).toEqual([]);
  expect(await readOrderPage(t.ctx, viewerOf({ role: "operator", storeId: shop.storeId }), other.orderId)).toBeNull();
  await expect(assertVisible(t.ctx, viewerOf({ role: "operator", storeId: shop.storeId }), other.orderId)).rejects.toMatchObject({ code: "not_found" });
  await expect(assertVisible(t.ctx, all, "'; select 1")).rejects.toMatchObject({ code: "not_found" });
  expect(await searchOrders(t.ctx, viewerOf({ role: "operator", storeId: shop.storeId }), true, "S-other")).toEqual([]);

  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru' where id = ${other.orderId}`;
  const seen = await readOrderPage(t.ctx, all, other.orderId);
  expect(seen!.order).toMatchObject({ buyerName: "Иванов Иван Иванович", contact: "iv***@example.ru" });
  const masked = await readOrderPage(t.ctx, viewerOf({ role: "integrator", storeId: null }), other.orderId);
  expect(masked!.order).toMatchObject({ buyerName: "И•••", contact: null, comment: null });
  expect(await numbers({ q: "Иванов" }, viewerOf({ role: "integrator", storeId: null }))).toEqual([]);
});

test("ux 10: a contact is shown to who may see it, and it is written down", async () => {
  const made = await order({});
  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru' where id = ${made.orderId}`;
  const accountant = await aStaff(t, { role: "accountant" });
  expect(await revealContact(accountant.ctx, made.orderId)).toBe("ivanov@example.ru");
  const [audit] = await t.ctx.database.sql<{ actor: string }[]>`select actor from audit_log where action = 'contact.revealed' and object_id = ${made.orderId}`;
  expect(audit!.actor).toBe(`staff:${accountant.userId}`);
  await expect(revealContact((await aStaff(t, { role: "integrator" })).ctx, made.orderId)).rejects.toMatchObject({ code: "forbidden" });
  const { storeId } = await aStore(t, { sellerOrgId: shop.sellerOrgId });
  await expect(revealContact((await aStaff(t, { role: "operator", storeId })).ctx, made.orderId)).rejects.toMatchObject({ code: "not_found" });
});

test("ux 8: search finds by number, sum, ИНН and GUID, and stays in its world", async () => {
  const company = await order({ number: "Q-7", payerKind: "organization", inn: "7701234567", lines: [{ name: "Стол", sumKopecks: 12_345_600n }] });
  const reasons = async (text: string) => (await searchOrders(t.ctx, all, true, text)).filter((row) => row.orderId === company.orderId).flatMap((row) => row.reasons);
  expect(await reasons("№ Q-7")).toEqual(["номер заказа"]);
  expect(await reasons("123 456,00")).toEqual(["сумма заказа"]);
  expect(await reasons("7701234567")).toEqual(["ИНН"]);
  const [row] = await t.ctx.database.sql<{ onecGuid: string }[]>`select onec_guid from orders where id = ${company.orderId}`;
  expect(await reasons(row!.onecGuid)).toEqual(["номер в 1С (GUID)"]);
  expect(await searchOrders(t.ctx, all, false, "Q-7")).toEqual([]);
  expect(await searchOrders(t.ctx, all, true, "  ")).toEqual([]);
});

test("B2B-02: new terms move unpaid orders only, are audited, and are the accountant's", async () => {
  const accountant = await aStaff(t, { role: "accountant" });
  const [open, paid] = [await order({ payerKind: "organization" }), await order({ payerKind: "organization" })];
  const [row] = await t.ctx.database.sql<{ counterpartyId: string; orderDate: Date }[]>`select counterparty_id, order_date from orders where id = ${open.orderId}`;
  await t.ctx.database.sql`update orders set counterparty_id = ${row!.counterpartyId} where id = ${paid.orderId}`;
  await putMoney(t, { orderId: paid.orderId, kopecks: 663_100n, method: "bank_transfer" });
  const terms = { days: 30, dayKind: "calendar", base: "order_date" } as const;
  expect(await changeTerms(accountant.ctx, { counterpartyId: row!.counterpartyId, terms })).toBe(1);
  const due = async (orderId: string) => (await t.ctx.database.sql<{ dueDate: string | null }[]>`select due_date from orders where id = ${orderId}`)[0]!.dueDate;
  expect(await due(open.orderId)).toBe("2026-12-21");
  expect(await due(paid.orderId)).toBeNull();
  expect(await t.ctx.database.sql`select 1 from audit_log where action = 'terms.changed' and object_id = ${row!.counterpartyId}`).toHaveLength(1);
  expect(await changeTerms(accountant.ctx, { counterpartyId: row!.counterpartyId, terms: null })).toBe(1);
  expect(await due(open.orderId)).toBeNull();
  await expect(changeTerms(accountant.ctx, { counterpartyId: row!.counterpartyId, terms: { ...terms, days: 0 } })).rejects.toMatchObject({ code: "invalid" });
  await expect(changeTerms((await aStaff(t, { role: "manager", storeId: shop.storeId })).ctx, { counterpartyId: row!.counterpartyId, terms })).rejects.toMatchObject({ code: "forbidden" });
});

test("A3: the timeline of a made order is told newest first; raw messages only to those who may", async () => {
  const made = await order({});
  await t.ctx.database.sql`
    insert into exchange_log (id, order_id, at, action, request, outcome, duration_ms) values (gen_random_uuid(), ${made.orderId}, ${t.ctx.now()}, 'acquirer.open', 'request', 'done', 5)`;
  const told = await readTimeline(t.ctx, all, made.orderId);
  expect(told.days.flatMap((day) => day.lines).map((line) => line.title.replace(/[\u00A0\u202F]/g, " "))).toEqual(["Создана ссылка на оплату 6 631,00 ₽"]);
  expect(told.otherRaw).toHaveLength(1);
  expect((await readTimeline(t.ctx, viewerOf({ role: "operator", storeId: shop.storeId }), made.orderId)).otherRaw).toEqual([]);
});
