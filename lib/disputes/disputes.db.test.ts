import { afterAll, beforeAll, expect, test } from "vitest";
import { moveMoney } from "@/lib/allocations/index.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import { reversePayment } from "@/lib/payments/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { changeDispute, listDisputes, openDispute, watchDisputes } from "./index.ts";

let t: TestContext;
let shop: TestShop;
let connectionId: string;
let accountant: MadeStaff;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
  ({ connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId }));
  accountant = await aStaff(t, { role: "accountant" });
});
afterAll(() => t.close());

async function paidOrder() {
  const order = await anOrder(t, { ...shop });
  const { factId } = await cardMoney(t, order.orderId, 663_100n, connectionId);
  return { ...order, factId };
}
const stateOf = async (orderId: string) => {
  const [row] = await t.ctx.database.sql<{ paymentStatus: string; chargedBackKopecks: bigint; reversedKopecks: bigint }[]>`select payment_status, charged_back_kopecks, reversed_kopecks from orders where id = ${orderId}`;
  return row!;
};
const alertsOf = (orderId: string) => t.ctx.database.sql<{ code: string; severity: string }[]>`select code, severity from alerts where order_id = ${orderId} and state <> 'resolved' order by code, object_key`;
const dispute = (factId: string, no: string, amountKopecks = 663_100n, deadlineOn: string | null = "2026-12-10") =>
  openDispute(t.ctx, { payment: { factId }, providerDisputeId: no, amountKopecks, occurredAt: t.ctx.now(), reasonText: "Покупатель не узнаёт платёж", deadlineOn });

test("LOST-14: a chargeback is a fact with a card, a deadline and a P1; the same one again is nothing; won, the money is back", async () => {
  const order = await paidOrder();
  const opened = await dispute(order.factId, "cb-1");
  expect(await dispute(order.factId, "cb-1")).toBeNull();
  expect(await stateOf(order.orderId)).toMatchObject({ paymentStatus: "not_paid", chargedBackKopecks: 663_100n });
  expect(await alertsOf(order.orderId)).toEqual([{ code: "ALR-21", severity: "P1" }]);
  expect(await t.ctx.database.sql`select 1 from receipts where order_id = ${order.orderId} and kind = 'income_return'`).toHaveLength(0);
  expect(await t.ctx.database.sql`select f.kind from export_messages e join money_facts f on f.id = e.fact_id where e.order_id = ${order.orderId} order by e.seq`).toMatchObject([{ kind: "payment_captured" }, { kind: "chargeback" }]);
  expect(await listDisputes(t.ctx, viewerOf({ role: "accountant", storeId: null }), { isTest: true, orderId: order.orderId })).toMatchObject([{ state: "opened", deadlineOn: "2026-12-10", amountKopecks: 663_100n }]);
  await changeDispute(accountant.ctx, { disputeId: opened!.disputeId, state: "under_review", text: "Отправили накладную", evidence: { note: "Накладная 15" } });
  await changeDispute(accountant.ctx, { disputeId: opened!.disputeId, state: "won", text: "Банк отклонил жалобу" });
  expect(await stateOf(order.orderId)).toMatchObject({ paymentStatus: "paid", chargedBackKopecks: 0n });
  expect(await alertsOf(order.orderId)).toEqual([]);
  await expect(changeDispute(accountant.ctx, { disputeId: opened!.disputeId, state: "lost", text: "нет" })).rejects.toMatchObject({ code: "conflict" });
});

test("LOST-14: no more can be disputed than is left, and the deadline is called once more three days before", async () => {
  const order = await paidOrder();
  await expect(dispute(order.factId, "cb-2", 663_101n)).rejects.toMatchObject({ code: "conflict", details: { maxKopecks: "663100" } });
  await dispute(order.factId, "cb-3", 100n, "2026-11-24");
  await watchDisputes(t.ctx);
  await watchDisputes(t.ctx);
  expect(await alertsOf(order.orderId)).toEqual([{ code: "ALR-21", severity: "P1" }, { code: "ALR-21", severity: "P1" }]);
  expect(await t.ctx.database.sql`select count from alerts where object_key like 'dispute:%:deadline'`).toEqual([{ count: 1 }]);
});

test("LOST-13, LOST-29: an accountant reverses money that never came, with proof; the order owes again; nobody else may", async () => {
  const order = await paidOrder();
  const reversal = { factId: order.factId, orderId: order.orderId, amountKopecks: 663_100n, reason: "Банк: платежа не было", evidence: { note: "Письмо банка 77 от 20.11.2026" } };
  await expect(reversePayment((await aStaff(t, { role: "manager", storeId: shop.storeId })).ctx, reversal)).rejects.toMatchObject({ code: "forbidden" });
  await expect(reversePayment(accountant.ctx, { ...reversal, evidence: {} })).rejects.toMatchObject({ code: "invalid" });
  await expect(reversePayment(accountant.ctx, { ...reversal, amountKopecks: 663_101n })).rejects.toMatchObject({ code: "conflict", details: { maxKopecks: "663100" } });
  const both = await Promise.allSettled([reversePayment(accountant.ctx, reversal), reversePayment(accountant.ctx, reversal)]);
  expect(both.map((r) => r.status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(await stateOf(order.orderId)).toMatchObject({ paymentStatus: "not_paid", reversedKopecks: 663_100n });
  expect(await t.ctx.database.sql`select amount_kopecks from payment_links where order_id = ${order.orderId} and state = 'active'`).toEqual([{ amountKopecks: 663_100n }]);
  await expect(dispute(order.factId, "cb-4", 100n)).rejects.toMatchObject({ code: "conflict" });
});

test("LOST-14, LOST-09: a dispute that comes while the money moves finds it on its new order", async () => {
  const [from, to] = [await paidOrder(), await anOrder(t, { ...shop })];
  await t.ctx.database.sql`update orders set lifecycle = 'cancelled', contact = 'x@romashka.ru' where id = ${from.orderId}`;
  await t.ctx.database.sql`update orders set contact = 'x@romashka.ru' where id = ${to.orderId}`;
  let opening: Promise<unknown> = Promise.resolve();
  await inTransaction(t.ctx, async (tx) => {
    // The mover holds both orders; the dispute has read where the money stood and waits.
    await tx`select 1 from orders where id in (${from.orderId}, ${to.orderId}) for no key update`;
    opening = dispute(from.factId, "cb-race");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { ctx } = accountant;
    await moveMoney({ ...ctx, database: { ...ctx.database, sql: Object.assign(Object.create(ctx.database.sql), { begin: (work: (tx: unknown) => unknown) => work(tx) }) } }, { factId: from.factId, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 663_100n, reason: "согласен" });
  });
  await opening;
  expect(await stateOf(from.orderId)).toMatchObject({ chargedBackKopecks: 0n });
  expect(await stateOf(to.orderId)).toMatchObject({ paymentStatus: "not_paid", chargedBackKopecks: 663_100n });
});

test("LOST-14: a dispute of a payment that pays two orders takes from both, and won gives back to both", async () => {
  const [from, to] = [await paidOrder(), await anOrder(t, { ...shop, lines: [{ name: "Чашка", sumKopecks: 100_000n }] })];
  const { factId } = await cardMoney(t, from.orderId, 663_100n, connectionId);
  await t.ctx.database.sql`update orders set contact = 'y@romashka.ru' where id in (${from.orderId}, ${to.orderId})`;
  await moveMoney(accountant.ctx, { factId, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 100_000n, reason: "согласен" });
  const opened = await dispute(factId, "cb-two", 663_100n);
  expect(await stateOf(from.orderId)).toMatchObject({ paymentStatus: "paid", chargedBackKopecks: 563_100n });
  expect(await stateOf(to.orderId)).toMatchObject({ paymentStatus: "not_paid", chargedBackKopecks: 100_000n });
  await changeDispute(accountant.ctx, { disputeId: opened!.disputeId, state: "won", text: "Банк отклонил жалобу" });
  expect(await stateOf(to.orderId)).toMatchObject({ paymentStatus: "paid", chargedBackKopecks: 0n });
  expect(await stateOf(from.orderId)).toMatchObject({ paymentStatus: "overpaid", chargedBackKopecks: 0n });
});
