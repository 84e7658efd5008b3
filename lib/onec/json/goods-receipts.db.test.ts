/** What hand-overs that come by JSON mean for receipts: one closing receipt, and returns of a hand-over that 1C takes back (FISC-10, FISC-20, FISC-41). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { watchAlerts } from "@/lib/alerts/watch-alerts.ts";
import { closeReceipt, repeatReceipt } from "@/lib/fiscal/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aRegister } from "@/lib/testing/factories.ts";
import { paidBack, person } from "@/lib/testing/goods-receipts.ts";
import { anOrder, boards, openJsonBases, screws, ship, stateOf } from "@/lib/testing/json-orders.ts";
import type { JsonBases } from "@/lib/testing/json-orders.ts";

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
    await paidBack(t, { siteId: order.siteId, factId, bankId, kopecks: 230_003n });
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
  await paidBack(t, { siteId: order.siteId, factId, bankId, kopecks: 150_000n });
  await sql`update receipts set state = 'not_required', reason_code = 'closed_by_staff' where order_id = ${order.siteId} and purpose = 'refund' and part_no = 2`;
  const returns = () => sql`select part_no, state, total_kopecks from receipts where order_id = ${order.siteId} and purpose = 'refund' order by part_no`;
  const before = [...(await returns())];
  expect(before).toHaveLength(2);
  t.clock.advance(1_000);
  expect(await ship(base, { ...one, posted: false })).toMatchObject([{ status: "withdrawn" }]);
  // Nothing of it goes out by itself any more: it would give back what no receipt has sold.
  expect([...(await returns())]).toEqual(before.map((row) => (row["partNo"] === 1 ? { ...row, state: "failed_final" } : row)));
  const [stopped] = await sql<{ id: string }[]>`select id from receipts where order_id = ${order.siteId} and purpose = 'refund' and state = 'failed_final'`;
  const accountant = (await aStaff(t, { role: "accountant" })).ctx;
  await expect(repeatReceipt(accountant, { receiptId: stopped!.id })).rejects.toMatchObject({ code: "conflict" });
  await closeReceipt(accountant, { receiptId: stopped!.id, note: "Пробит на кассе магазина" });
  await watchAlerts(t.ctx);
  expect(await sql`select severity, state from alerts where order_id = ${order.siteId} and code = 'ALR-08'`).toEqual([{ severity: "P1", state: "resolved" }]);
});
