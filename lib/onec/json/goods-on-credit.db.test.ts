/** Hand-overs on credit that come by JSON, what is paid for them, and what 1C takes back (FISC-23, FISC-32, FISC-35). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { moveMoney } from "@/lib/allocations/index.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { localDate } from "@/lib/kit/time.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aRegister, anAcquirer } from "@/lib/testing/factories.ts";
import { closingOf, person, printed } from "@/lib/testing/goods-receipts.ts";
import { anOrder, giveBack, openJsonBases, ship, stateOf } from "@/lib/testing/json-orders.ts";
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

const receiptsOf = async (siteId: string) => [...(await t.ctx.database.sql<{ line: string }[]>`
  select purpose || ' ' || state || ' ' || total_kopecks || case when credit_kopecks > 0 then ' credit ' || credit_kopecks else '' end as line from receipts where order_id = ${siteId} and state <> 'cancelled' order by fact_id nulls first, part_no, id`)].map((row) => row.line);

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
  expect(await closingOf(t, order.siteId)).toMatchObject([{ state: "cancelled" }]);
  expect(await stateOf(base, order.id)).toMatchObject({ shipments: [], dueDate: "", lifecycle: "active" });
  expect(await giveBack(base, { id: newId(), orderId: order.id, items: [{ line: 1, quantity: 1 }] })).toMatchObject([{ status: "rejected" }]);
  await ship(base, one);
  expect((await closingOf(t, order.siteId)).map(({ state }) => state)).toEqual(["cancelled", "planned"]);
  await printed(t, order.siteId);
  expect(await ship(base, { ...one, posted: false })).toMatchObject([{ status: "rejected", code: "changed_after_recorded", msg: expect.stringContaining("закрывающий чек") }]);
  expect(await stateOf(base, order.id)).toMatchObject({ shipments: [{ id: one.id, amount: "2000.00" }], lifecycle: "partially_shipped" });
  expect([...(await t.ctx.database.sql`select code, severity from alerts where order_id = ${order.siteId} and code = 'ALR-16'`)]).toEqual([{ code: "ALR-16", severity: "P1" }]);
  // The way out that people are told of: posted again it is no news, and its return takes the debt away.
  expect(await ship(base, one)).toMatchObject([{ status: "unchanged" }]);
  expect(await giveBack(base, { id: newId(), orderId: order.id, items: [{ line: 1, quantity: 4 }] })).toMatchObject([{ status: "created" }]);
  expect([...(await t.ctx.database.sql`select goods_returned_kopecks, lifecycle from orders where id = ${order.siteId}`)]).toEqual([{ goodsReturnedKopecks: 200_000n, lifecycle: "partially_shipped" }]);
});
