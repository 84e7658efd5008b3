/** Two-stage payments: LOST-31, the hold part of LOST-05, FISC-27, driven from outside: the sandbox bank in its two-stage setting. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { captureHold, readOrderHolds, releaseHold, watchHolds } from "@/lib/holds/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { letTimePass } from "@/lib/testing/paid-order.ts";

let t: MoneyWorld;
let accountant: MadeStaff;
beforeAll(async () => {
  t = await openMoneyWorld();
  await t.ctx.database.sql`update connections set settings = settings || '{"stages":"two"}'::jsonb where id = ${t.acquirer.connectionId}`;
  await t.sandbox.control("paykeeper/settings", { twoStage: true });
  accountant = await aStaff(t, { role: "accountant" });
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

/** The buyer's card is charged at the bank's page: the money is held. */
async function held(given: { cancelled?: boolean } = {}) {
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "card");
  if (given.cancelled) await t.ctx.database.sql`update orders set lifecycle = 'cancelled' where id = ${order.orderId}`;
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  await letTimePass(t, 20);
  return { order, attemptId };
}
const factsOf = async (orderId: string) => (await moneyOf(t, orderId)).facts.map(({ kind, amountKopecks }) => [kind, amountKopecks]);
const heldOf = async (orderId: string) => (await t.ctx.database.sql<{ heldKopecks: bigint }[]>`select held_kopecks from orders where id = ${orderId}`)[0]!.heldKopecks;
const operationOf = async (id: string) => (await t.ctx.database.sql<{ state: string; failCode: string | null }[]>`select state, fail_code from hold_operations where id = ${id}`)[0]!;

test("held money is shown as held: no receipt, nothing for 1C, no second payment", async () => {
  const { order, attemptId } = await held();
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "authorized", capturedKopecks: 0n, facts: [{ kind: "authorized", amountKopecks: 663_100n }], receipts: [], exports: [] });
  expect(await readOrderHolds(t.ctx, order.orderId)).toMatchObject([{ attemptId, heldKopecks: 663_100n, operation: null }]);
  await expect(t.pay(order, "sbp")).rejects.toMatchObject({ code: "conflict", details: { reason: "in_progress" } });
});

test("the whole hold is taken: one fact, one receipt", async () => {
  const { order, attemptId } = await held();
  const { operationId } = await captureHold(accountant.ctx, { attemptId, amountKopecks: 663_100n });
  await letTimePass(t, 40);
  expect(await operationOf(operationId)).toMatchObject({ state: "done" });
  expect(await factsOf(order.orderId)).toEqual([["authorized", 663_100n], ["payment_captured", 663_100n]]);
  expect(await heldOf(order.orderId)).toBe(0n);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid", receipts: [{ state: "registered", totalKopecks: 663_100n }], alerts: [] });
});

test("LOST-05: an order that was cancelled after the capture was asked for is not charged", async () => {
  const { order, attemptId } = await held();
  const { operationId } = await captureHold(accountant.ctx, { attemptId, amountKopecks: 663_100n });
  await t.ctx.database.sql`update orders set lifecycle = 'cancelled' where id = ${order.orderId}`;
  await letTimePass(t, 60);
  expect(await operationOf(operationId)).toEqual({ state: "failed", failCode: "over_due" });
  expect((await factsOf(order.orderId)).map(([kind]) => kind)).not.toContain("payment_captured");
});

test("LOST-31: less is taken than was held: the fact and the receipt are for the taken sum, the rest goes free", async () => {
  const { order, attemptId } = await held();
  await captureHold(accountant.ctx, { attemptId, amountKopecks: 500_000n });
  await letTimePass(t, 40);
  const facts = await factsOf(order.orderId);
  expect(facts).toHaveLength(3);
  expect(facts).toEqual(expect.arrayContaining([["authorized", 663_100n], ["payment_captured", 500_000n], ["authorization_voided", 163_100n]]));
  expect(await heldOf(order.orderId)).toBe(0n);
  const money = await moneyOf(t, order.orderId);
  expect(money).toMatchObject({ status: "partially_paid", receipts: [{ totalKopecks: 500_000n }], exports: [{ amountKopecks: 500_000n }] });
  expect(money.alerts.filter((alert) => alert.code === "ALR-16")).toHaveLength(0);
});

test("a capture or release that cannot be is refused before anything is sent", async () => {
  const { order, attemptId } = await held();
  await expect(captureHold(accountant.ctx, { attemptId, amountKopecks: 0n })).rejects.toMatchObject({ code: "invalid" });
  await expect(captureHold(accountant.ctx, { attemptId, amountKopecks: 663_101n })).rejects.toMatchObject({ details: { reason: "over_hold", maxKopecks: "663100" } });
  const manager = await aStaff(t, { role: "manager", storeId: t.shop.storeId });
  await expect(releaseHold(manager.ctx, { attemptId, reason: "нет" })).rejects.toMatchObject({ code: "forbidden" });
  const tries = await Promise.allSettled([captureHold(accountant.ctx, { attemptId, amountKopecks: 663_100n }), releaseHold(accountant.ctx, { attemptId, reason: "нет товара" })]);
  expect(tries.filter((each) => each.status === "rejected")).toMatchObject([{ reason: { code: "conflict", details: { reason: "busy" } } }]);
  await letTimePass(t, 40);
  await expect(releaseHold(accountant.ctx, { attemptId, reason: "ещё раз" })).rejects.toMatchObject({ details: { reason: "not_held" } });
  expect(await heldOf(order.orderId)).toBe(0n);
});

test("FISC-27: a released hold leaves no receipt and no money", async () => {
  const { order, attemptId } = await held();
  const { operationId } = await releaseHold(accountant.ctx, { attemptId, reason: "нет товара" });
  await letTimePass(t, 40);
  expect(await operationOf(operationId)).toMatchObject({ state: "done" });
  expect(await factsOf(order.orderId)).toEqual([["authorized", 663_100n], ["authorization_voided", 663_100n]]);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "not_paid", capturedKopecks: 0n, receipts: [], exports: [] });
  expect(await heldOf(order.orderId)).toBe(0n);
});

test("the bank's answer is lost after the work was done: read back, never done twice", async () => {
  for (const [fault, path] of [["create_timeout_after", "/change/payment/capture/"], ["502_after", "/change/payment/capture/"], ["502_after", "/change/payment/reverse/"]] as const) {
    const { order, attemptId } = await held();
    await t.sandbox.control("fault", { target: "paykeeper", fault, on: path });
    const { operationId } = path.includes("capture") ? await captureHold(accountant.ctx, { attemptId, amountKopecks: 600_000n }) : await releaseHold(accountant.ctx, { attemptId, reason: "нет товара" });
    await letTimePass(t, 60);
    expect(await operationOf(operationId)).toMatchObject({ state: "done" });
    expect(await heldOf(order.orderId)).toBe(0n);
    expect((await factsOf(order.orderId)).filter(([kind]) => kind === "payment_captured")).toHaveLength(path.includes("capture") ? 1 : 0);
  }
});

test("a capture that never arrived goes out again while the bank still shows the hold", async () => {
  const { order, attemptId } = await held();
  await t.sandbox.control("fault", { target: "paykeeper", fault: "502_before", on: "/change/payment/capture/" });
  const { operationId } = await captureHold(accountant.ctx, { attemptId, amountKopecks: 663_100n });
  await letTimePass(t, 10);
  expect(await operationOf(operationId)).toMatchObject({ state: "unknown" });
  await letTimePass(t, 60);
  expect(await operationOf(operationId)).toMatchObject({ state: "done" });
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid" });
});

test("a hold that runs out at the bank is let go: no receipt, the order asks for money again", async () => {
  await t.sandbox.control("paykeeper/settings", { holdSeconds: 3_600 });
  const { order } = await held();
  await t.sandbox.control("paykeeper/settings", { holdSeconds: 604_800 });
  await letTimePass(t, 5_400, 300);
  expect(await factsOf(order.orderId)).toEqual([["authorized", 663_100n], ["authorization_voided", 663_100n]]);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "not_paid", receipts: [] });
});

test("ALR-03: a hold that nobody takes is told of before the bank lets it go, and no more once it is taken", async () => {
  const { order, attemptId } = await held();
  const told = async () => (await t.ctx.database.sql`select 1 from alerts where order_id = ${order.orderId} and code = 'ALR-03' and state <> 'resolved'`).length;
  const at = t.ctx.now();
  await watchHolds(t.ctx);
  expect(await told()).toBe(0);
  t.clock.set(new Date(at.getTime() + 6 * 86_400_000));
  await watchHolds(t.ctx);
  expect(await told()).toBe(1);
  t.clock.set(at);
  await releaseHold(accountant.ctx, { attemptId, reason: "нет товара" });
  await letTimePass(t, 40);
  await watchHolds(t.ctx);
  expect(await told()).toBe(0);
});

test("LOST-05: a hold for a cancelled order is let go at once", async () => {
  const { order } = await held({ cancelled: true });
  await letTimePass(t, 60);
  expect(await factsOf(order.orderId)).toEqual([["authorized", 663_100n], ["authorization_voided", 663_100n]]);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "nothing_due", receipts: [], capturedKopecks: 0n });
  const { payments } = await t.sandbox.read<{ payments: { id: string; status: string }[] }>("paykeeper/state");
  expect(payments.at(-1)).toMatchObject({ status: "canceled" });
});

test("LOST-05: a hold that comes when nothing is owed any more is let go", async () => {
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "card");
  await putMoney(t, { orderId: order.orderId, kopecks: 663_100n, method: "bank_transfer" });
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  await letTimePass(t, 40);
  expect(await heldOf(order.orderId)).toBe(0n);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid", capturedKopecks: 663_100n });
  const { payments } = await t.sandbox.read<{ payments: { status: string }[] }>("paykeeper/state");
  expect(payments.at(-1)).toMatchObject({ status: "canceled" });
});

test("LOST-05: an order cancelled after the hold lets it go too", async () => {
  const { order } = await held();
  await t.ctx.database.sql`update orders set lifecycle = 'cancelled' where id = ${order.orderId}`;
  await t.advance(200);
  await sweep(t.ctx);
  await letTimePass(t, 60);
  expect(await heldOf(order.orderId)).toBe(0n);
  expect(await factsOf(order.orderId)).toEqual([["authorized", 663_100n], ["authorization_voided", 663_100n]]);
});

test("LOST-05: a hold on an attempt that had ended is let go, and the attempt stays as it ended (PAY-11)", async () => {
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "card");
  const invoice = await t.bankId(attemptId);
  await t.ctx.database.sql`update payment_attempts set state = 'canceled', finished_at = ${t.ctx.now()} where id = ${attemptId}`;
  await t.sandbox.control(`pay/${invoice}`, { outcome: "success", late: true });
  await letTimePass(t, 60);
  const { payments } = await t.sandbox.read<{ payments: { status: string; orderid: string }[] }>("paykeeper/state");
  expect(payments.at(-1)).toMatchObject({ status: "canceled" });
  expect(await factsOf(order.orderId)).toEqual([]);
});
