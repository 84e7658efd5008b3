/** What hand-overs that come by JSON mean for receipts: one closing receipt, marking codes, credit and what 1C takes back (FISC-10, FISC-23, FISC-32, FISC-51). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { moveMoney } from "@/lib/allocations/index.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { localDate } from "@/lib/kit/time.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aRegister, anAcquirer } from "@/lib/testing/factories.ts";
import { anOrder, boards, giveBack, openJsonBases, screws, ship, stateOf } from "@/lib/testing/json-orders.ts";
import type { JsonBases } from "@/lib/testing/json-orders.ts";
import { readDayCells } from "@/lib/reconciliation/day-columns.ts";
import { setSetting } from "@/lib/testing/settings.ts";

let t: JsonBases["t"];
let seller: JsonBases["seller"];
let bankId: string;
let aBase: JsonBases["aBase"];
beforeAll(async () => {
  ({ t, seller, bankId, aBase } = await openJsonBases());
});
afterAll(() => t.close());

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
  // Told without them once more, they stay, and 1C hears of it; so do those that came with their document at once.
  const kept = (count: number) => `коды маркировки остались прежними: раньше названо ${count}, в этом документе их нет`;
  expect(await ship(base, document, { id: document.id, orderId: own.id })).toMatchObject([{ status: "unchanged", msg: kept(2) }, { status: "unchanged", msg: "" }]);
  const atOnce = { id: newId(), number: "Р-3", orderId: (await anOrder(base, person)).id, items: [{ line: 1, quantity: 1, markCodes: ["з"] }, { line: 2, quantity: 1, markCodes: ["и"] }] };
  const [first, second] = atOnce.items as [(typeof atOnce.items)[number], (typeof atOnce.items)[number]];
  expect(await ship(base, atOnce, atOnce, { ...atOnce, items: [first, { line: 2, quantity: 1 }] }, { ...atOnce, items: [first, { ...second, markCodes: [] }] })).toMatchObject([
    { status: "created" }, { status: "unchanged", msg: "" }, { status: "unchanged", msg: kept(1) }, { status: "rejected", code: "changed_after_recorded" },
  ]);
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

test("FISC-51: codes told after the order got a new revision join the goods of their hand-over; those whose goods it does not have are told, never passed over", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const revised = { amount: "2400.04", items: [{ line: 1, id: screws, characteristicId: boards, name: "Саморез", quantity: 4, price: "100.01", amount: "400.04", vatRate: "22" }, { line: 2, id: boards, name: "Доска", quantity: 4, price: 500, amount: 2000, vatRate: "22" }] };
  const codes = ["а1", "б1", "в1", "г1"];
  const lastOf = async (siteId: string) => (await closingOf(siteId)).at(-1);
  for (const byStatus of [false, true]) {
    const order = await anOrder(base, person);
    await cardMoney(t, order.siteId, 230_003n, bankId);
    const bare = { id: newId(), number: "Р-1", orderId: order.id, items: [{ line: 1, id: boards, quantity: 4 }] };
    if (byStatus) await base.post("/orders", { orders: [{ id: order.id, state: { shippedAt: "2026-11-20T12:00:00", shipmentNumber: "Р-1" } }] });
    else expect(await ship(base, bare)).toMatchObject([{ status: "created" }]);
    await base.post("/orders", { orders: [{ id: order.id, ...revised }] });
    const coded = { ...bare, items: [{ line: 2, id: boards, quantity: 4, markCodes: codes }] };
    expect(await ship(base, coded, coded)).toMatchObject([{ status: "created", msg: "коды маркировки приняты: 4" }, { status: "unchanged" }]);
    expect(await lastOf(order.siteId)).toMatchObject({ state: "planned", codes });
    if (!byStatus) expect(await ship(base, bare)).toMatchObject([{ status: "unchanged", msg: "коды маркировки остались прежними: раньше названо 4, в этом документе их нет" }]);
    expect([...(await t.ctx.database.sql`select code from alerts where order_id = ${order.siteId} and code in ('ALR-15', 'ALR-16')`)]).toEqual([]);
  }
  // «Отгружен» told of the boards alone: the screws went out by a document, without codes, and another one names codes for them.
  const mixed = await anOrder(base, person);
  await cardMoney(t, mixed.siteId, 230_003n, bankId);
  await ship(base, { id: newId(), number: "Р-2", orderId: mixed.id, items: [{ line: 2, quantity: 3 }] });
  await base.post("/orders", { orders: [{ id: mixed.id, state: { shippedAt: "2026-11-20T12:00:00", shipmentNumber: "Р-3" } }] });
  const other = { id: newId(), number: "Р-3", orderId: mixed.id, items: [{ line: 1, quantity: 4, markCodes: codes }, { line: 2, quantity: 3, markCodes: ["ш1", "ш2", "ш3"] }] };
  const lost = expect.arrayContaining([expect.stringContaining("не приняты коды маркировки: 3")]);
  expect(await ship(base, other, other)).toMatchObject([{ status: "created", msg: "коды маркировки приняты: 4", warnings: lost }, { status: "unchanged", warnings: lost }]);
  expect([...(await t.ctx.database.sql`select title from alerts where order_id = ${mixed.siteId} and code = 'ALR-15'`)]).toMatchObject([{ title: expect.stringMatching(/для 3\s+кодов маркировки нет строки отгрузки$/u) }]);
  // A wrong number of them is no complete row.
  const own = await anOrder(base, person);
  const two = { id: newId(), number: "Р-4", orderId: own.id, items: [{ line: 1, quantity: 2 }] };
  expect(await ship(base, two, { ...two, items: [{ line: 1, quantity: 2, markCodes: ["д"] }] })).toMatchObject([{ status: "created" }, { status: "unchanged", warnings: ["items[0].markCodes: кодов 1, а количество 2; коды не приняты"] }]);
});

const receiptsOf = async (siteId: string) => [...(await t.ctx.database.sql<{ line: string }[]>`
  select purpose || ' ' || state || ' ' || total_kopecks || case when credit_kopecks > 0 then ' credit ' || credit_kopecks else '' end as line from receipts where order_id = ${siteId} and state <> 'cancelled' order by fact_id nulls first, part_no, id`)].map((row) => row.line);

test("FISC-23: of two hand-overs on credit 1C takes one back: payments repay what the other one cost, the rest of them is a prepayment; a company whose policy asks for no receipt has none", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const begin = async (bank = bankId) => {
    const order = await anOrder(base, person);
    const hand = (number: string, line: number, quantity: number) => ({ id: newId(), number, orderId: order.id, date: "2026-11-20T12:00:00", items: [{ line, quantity }] });
    const [first, second] = [hand("Р-6", 1, 4), hand("Р-7", 2, 3)];
    await ship(base, first, second);
    await cardMoney(t, order.siteId, 150_000n, bank, "card", "site");
    t.clock.advance(1_000);
    await cardMoney(t, order.siteId, 80_003n, bank, "card", "site");
    return { order, first, second };
  };
  const { order, first, second } = await begin();
  const whole = ["closing planned 200000 credit 200000", "closing planned 30003 credit 30003", "credit_payment planned 150000", "credit_payment planned 80003"];
  expect((await receiptsOf(order.siteId)).toSorted()).toEqual(whole.toSorted());
  expect(await ship(base, { ...first, posted: false })).toMatchObject([{ status: "withdrawn" }]);
  expect(await receiptsOf(order.siteId)).toEqual(["closing planned 30003 credit 30003", "credit_payment planned 30003", "prepayment planned 119997", "prepayment planned 80003"]);
  // The last one as well: nothing is repaid any more.
  expect(await ship(base, { ...second, posted: false })).toMatchObject([{ status: "withdrawn" }]);
  expect(await receiptsOf(order.siteId)).toEqual(["prepayment planned 150000", "prepayment planned 80003"]);
  expect((await checkInvariants(t.ctx)).filter(({ count }) => count > 0)).toEqual([]);
  // One part of the money is out; what remains of it needs no receipt by now.
  const ownBank = (await anAcquirer(t, seller)).connectionId;
  const company = await begin(ownBank);
  await ship(base, { ...company.first, posted: false });
  await t.ctx.database.sql`update receipts set state = 'sent', request_body = '{}', send_count = 1 where order_id = ${company.order.siteId} and purpose = 'credit_payment' and state <> 'cancelled'`;
  const { sql } = t.ctx.database;
  expect(await receiptsOf(company.order.siteId)).toEqual(["closing planned 30003 credit 30003", "credit_payment sent 30003", "prepayment planned 119997", "prepayment planned 80003"]);
  await sql`update orders set payer_kind = 'organization' where id = ${company.order.siteId}`;
  await setSetting(t, "b2bOnlineReceiptPolicy", "never");
  expect(await ship(base, { ...company.second, posted: false })).toMatchObject([{ status: "withdrawn" }]);
  await sql`delete from settings where key = 'b2bOnlineReceiptPolicy'`;
  expect(await receiptsOf(company.order.siteId)).toEqual(["credit_payment sent 30003", "prepayment not_required 119997", "prepayment planned 80003"]);
  // The part that is out is all that the books and the day want of it; the other payment waits for its own.
  await sql`update receipts set state = 'registered', fn_number = '9282440300000001', fd_number = 1, fiscal_sign = '1' where order_id = ${company.order.siteId} and state = 'sent'`;
  const day = localDate(t.ctx.now(), t.ctx.zone);
  expect((await readDayCells(sql, { from: day, to: day, isTest: true })).find((row) => row.connectionId === ownBank)!.receipts).toMatchObject({ netKopecks: 30_003n, owedKopecks: 110_006n });
  expect((await checkInvariants(t.ctx)).filter(({ count }) => count > 0)).toEqual([]);
});

test("FISC-23, LOST-09: a payment of two orders whose hand-over on credit is taken back: its receipts stay with the order that it was taken for, whole, and once", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const [from, to] = [await anOrder(base, person), await anOrder(base, person)];
  const one = { id: newId(), number: "Р-8", orderId: from.id, date: "2026-11-20T12:00:00", items: [{ line: 1, quantity: 4 }] };
  const other = { ...one, id: newId(), number: "Р-9", orderId: to.id };
  await ship(base, one, other);
  const { factId } = await cardMoney(t, from.siteId, 300_000n, bankId, "card", "site");
  await moveMoney((await aStaff(t, { role: "accountant" })).ctx, { factId, fromOrderId: from.siteId, toOrderId: to.siteId, amountKopecks: 60_000n, reason: "согласен" });
  const both = async () => [await receiptsOf(from.siteId), await receiptsOf(to.siteId)];
  expect(await both()).toEqual([["closing planned 200000 credit 200000", "credit_payment planned 200000", "prepayment planned 100000"], ["closing planned 200000 credit 200000"]]);
  await ship(base, { ...other, posted: false });
  expect(await both()).toEqual([["closing planned 200000 credit 200000", "credit_payment planned 200000", "prepayment planned 100000"], []]);
  await ship(base, { ...one, posted: false });
  expect(await both()).toEqual([["prepayment planned 300000"], []]);
  expect((await checkInvariants(t.ctx)).filter(({ count }) => count > 0)).toEqual([]);
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

test("FISC-20, FISC-35: money that went back for a hand-over that 1C takes back is a return of what the money is then", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const { sql } = t.ctx.database;
  const story = async () => {
    const order = await anOrder(base, person);
    const { factId } = await cardMoney(t, order.siteId, 230_003n, bankId, "card", "site");
    t.clock.advance(1_000);
    const one = { id: newId(), number: "Р-10", orderId: order.id, date: "2026-11-20T12:00:00", items: [{ line: 1, quantity: 4 }] };
    await ship(base, one);
    t.clock.advance(1_000);
    await inTransaction(t.ctx, async (tx) => {
      const locked = await lockOrder(tx, order.siteId);
      const fact = await recordFact(t.ctx, tx, {
        kind: "refund_succeeded", amountKopecks: 230_003n, method: "card", connectionId: bankId, providerPaymentId: newId(), providerOperationId: newId(), parentFactId: factId, occurredAt: t.ctx.now(), fiscalOwner: "site", isTest: true,
        allocations: [{ orderId: order.siteId, counterpartyId: null, amountKopecks: 230_003n }],
      });
      await t.ctx.announce(t.ctx, tx, { type: "money.returned", fact: fact!, order: await saveMoney(t.ctx, tx, withMoney(locked, "refund_succeeded", 230_003n), false), refundId: null, contact: "a@example.ru" });
    });
    t.clock.advance(1_000);
    return { order, one };
  };
  const returns = async (siteId: string) => [...(await sql<{ line: string }[]>`
    select r.state || ' ' || l.method || ' ' || sum(l.sum_kopecks) as line from receipts r join receipt_lines l on l.receipt_id = r.id where r.order_id = ${siteId} and r.purpose = 'refund' and r.state <> 'cancelled' group by r.state, l.method order by l.method`)].map((row) => row.line);
  const waiting = await story();
  expect(await returns(waiting.order.siteId)).toEqual(["planned 1 30003", "planned 4 200000"]);
  expect(await ship(base, { ...waiting.one, posted: false })).toMatchObject([{ status: "withdrawn" }]);
  expect(await returns(waiting.order.siteId)).toEqual(["planned 1 230003"]);
  expect(await sql`select 1 from receipts r where r.order_id = ${waiting.order.siteId} and r.purpose = 'refund' and r.state = 'planned' and not exists (select 1 from pgboss.job j where j.name = 'receipt.work' and j.data->>'receiptId' = r.id::text)`).toHaveLength(0);
  expect((await checkInvariants(t.ctx)).filter(({ count }) => count > 0)).toEqual([]);
});

test("FISC-41, FISC-20: a return of two receipts of which a person closed one stays as it is when its hand-over is taken back, and the accountant is called", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const { sql } = t.ctx.database;
  const items = Array.from({ length: 150 }, (_, i) => ({ line: i + 1, id: newId(), name: `Товар ${i}`, quantity: 1, price: 10, amount: 10, vatRate: "22" }));
  const order = await anOrder(base, { ...person, amount: 1_500, items });
  const { factId } = await cardMoney(t, order.siteId, 150_000n, bankId, "card", "site");
  t.clock.advance(1_000);
  const one = { id: newId(), number: "Р-11", orderId: order.id, date: "2026-11-20T12:00:00", items: items.map(({ line }) => ({ line, quantity: 1 })) };
  await ship(base, one);
  t.clock.advance(1_000);
  await inTransaction(t.ctx, async (tx) => {
    const locked = await lockOrder(tx, order.siteId);
    const fact = await recordFact(t.ctx, tx, {
      kind: "refund_succeeded", amountKopecks: 150_000n, method: "card", connectionId: bankId, providerPaymentId: newId(), providerOperationId: newId(), parentFactId: factId, occurredAt: t.ctx.now(), fiscalOwner: "site", isTest: true,
      allocations: [{ orderId: order.siteId, counterpartyId: null, amountKopecks: 150_000n }],
    });
    await t.ctx.announce(t.ctx, tx, { type: "money.returned", fact: fact!, order: await saveMoney(t.ctx, tx, withMoney(locked, "refund_succeeded", 150_000n), false), refundId: null, contact: "a@example.ru" });
  });
  await sql`update receipts set state = 'not_required', reason_code = 'closed_by_staff' where order_id = ${order.siteId} and purpose = 'refund' and part_no = 2`;
  const returns = () => sql`select part_no, state, total_kopecks from receipts where order_id = ${order.siteId} and purpose = 'refund' order by part_no`;
  const before = [...(await returns())];
  expect(before).toHaveLength(2);
  t.clock.advance(1_000);
  expect(await ship(base, { ...one, posted: false })).toMatchObject([{ status: "withdrawn" }]);
  expect([...(await returns())]).toEqual(before);
  expect(await sql`select severity from alerts where order_id = ${order.siteId} and code = 'ALR-08'`).toEqual([{ severity: "P1" }]);
});
