/** Money that goes back without a person of ours: from the bank's cabinet, by our own rule, and what bounces (LOST-05, LOST-06, LOST-11, LOST-24). */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { absorbProviderRefunds, approveRefund, confirmBankRefund, readOrderRefunds, recordBouncedRefund } from "@/lib/refunds/index.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { moneyOf } from "@/lib/testing/money-world.ts";
import { aPaidOrder, bankRefunds, letTimePass, paymentOf } from "@/lib/testing/paid-order.ts";
import { openRefundWorld } from "@/lib/testing/refund-world.ts";
import type { RefundWorld } from "@/lib/testing/refund-world.ts";
import { setSetting } from "@/lib/testing/settings.ts";

let t: RefundWorld;
beforeAll(async () => {
  t = await openRefundWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

test("the poller sees that the bank gave money back, and asks for its refunds (LOST-11)", async () => {
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: 1 });
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  const { payments } = await t.sandbox.read<{ payments: { id: string; orderid: string }[] }>("paykeeper/state");
  const bankPaymentId = payments.at(-1)!.id;
  // The bank's own people give a part back before we know of the payment at all (LOST-03).
  await t.sandbox.control("clock", { shiftSeconds: 900 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let i = 0; i < 12; i++) {
    await t.sandbox.control("clock", { shiftSeconds: 60 });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await t.sandbox.control(`paykeeper/refund/${bankPaymentId}`, { amount: "100.00" });
  await t.sandbox.control("clock", { shiftSeconds: 10 });
  await letTimePass(t, 60);
  expect((await moneyOf(t, order.orderId)).facts).toEqual([{ kind: "payment_captured", amountKopecks: 663_100n }, { kind: "refund_succeeded", amountKopecks: 10_000n }]);
});

test("LOST-11: a refund begun in the bank's cabinet becomes a fact, an export and a question to people", async () => {
  const order = await aPaidOrder(t);
  await t.sandbox.control(`paykeeper/refund/${order.bankPaymentId}`, { amount: "645.50" });
  await t.advance(10);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, order.bankPaymentId)).toBe("changed");
  expect(await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, order.bankPaymentId)).toBe("same");
  const [refund] = await readOrderRefunds(t.ctx, order.orderId);
  expect(refund).toMatchObject({ state: "succeeded", source: "provider_cabinet", amountKopecks: 64_550n });
  const money = await moneyOf(t, order.orderId);
  expect(money).toMatchObject({ status: "partially_paid", exports: [{}, { state: "pending", amountKopecks: 64_550n }] });
  expect(await t.returnReceipts(order.orderId)).toHaveLength(1);
  expect(await t.openAlerts(order.orderId, "ALR-23")).toMatchObject([{ severity: "P3", title: expect.stringContaining("в кабинете банка") }]);
  expect(await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, "999999")).toBe("unknown_payment");
});

test("LOST-11: one that waits for approval here is fulfilled by the cabinet's, not doubled", async () => {
  const order = await aPaidOrder(t);
  const waiting = await t.asked(order.orderId);
  await t.sandbox.control(`paykeeper/refund/${order.bankPaymentId}`, { amount: "645.50" });
  await t.advance(10);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, order.bankPaymentId);
  expect((await t.stateOf(waiting)).state).toBe("canceled");
  await expect(approveRefund(t.director.ctx, { refundId: waiting })).rejects.toMatchObject({ code: "conflict" });
  expect((await moneyOf(t, order.orderId)).facts).toHaveLength(2);
});

test("LOST-24: a refund that came back: the money is ours again, the receipt stays, a task by another way", async () => {
  const order = await aPaidOrder(t);
  const refundId = await t.approved(order.orderId, { amountKopecks: 663_100n, reason: "order_cancelled" });
  await letTimePass(t, 60);
  const [bank] = await bankRefunds(t, order.bankPaymentId);
  await t.sandbox.control(`paykeeper/bounce/${bank!.id}`);
  expect(await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, order.bankPaymentId)).toBe("changed");
  expect(await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, order.bankPaymentId)).toBe("same");
  const money = await moneyOf(t, order.orderId);
  expect(money.status).toBe("paid");
  expect(money.facts.map((fact) => fact.kind)).toEqual(["payment_captured", "refund_succeeded", "refund_reversed"]);
  expect(money.exports).toHaveLength(3);
  expect(await t.openAlerts(order.orderId, "ALR-20")).toHaveLength(1);
  const refunds = await readOrderRefunds(t.ctx, order.orderId);
  expect(refunds).toMatchObject([{ state: "requested", method: "bank_transfer", amountKopecks: 663_100n }, { refundId, state: "succeeded", hasBounced: true }]);
  await expect(recordBouncedRefund(t.accountant.ctx, { refundId, reason: "выписка банка" })).rejects.toMatchObject({ code: "conflict" });
  // The new task is paid out by the accountant; then nothing is left.
  await approveRefund(t.director.ctx, { refundId: refunds[0]!.refundId });
  await confirmBankRefund(t.accountant.ctx, { refundId: refunds[0]!.refundId, documentNumber: "ПП-77", documentDate: new Date(t.ctx.now().getTime() - 86_400_000).toISOString().slice(0, 10) });
  expect(await t.openAlerts(order.orderId, "ALR-20")).toHaveLength(0);
  expect((await t.ctx.database.sql<{ refundedKopecks: bigint }[]>`select refunded_kopecks from orders where id = ${order.orderId}`)[0]!.refundedKopecks).toBe(663_100n);
});

test("LOST-06: the later payment goes back by itself when the shop's setting says so, and only then", async () => {
  const pay = async () => {
    const order = await anOrder(t, t.shop);
    const first = await t.pay(order, "card");
    const invoice = await t.bankId(first.attemptId);
    await t.sandbox.control(`pay/${invoice}`, { outcome: "success" });
    // The bank tells whole seconds.
    await t.advance(3);
    await t.sandbox.control(`pay/${invoice}`, { outcome: "success", late: true });
    await letTimePass(t, 60);
    return { order, first };
  };
  const byHand = await pay();
  expect(await moneyOf(t, byHand.order.orderId)).toMatchObject({ status: "overpaid", capturedKopecks: 1_326_200n });
  expect(await readOrderRefunds(t.ctx, byHand.order.orderId)).toHaveLength(0);
  await setSetting(t, "autoRefundDoublePayment", true);
  const { order } = await pay();
  await setSetting(t, "autoRefundDoublePayment", false);
  const [refund] = await readOrderRefunds(t.ctx, order.orderId);
  expect(refund).toMatchObject({ state: "succeeded", source: "auto", reason: "double_payment", amountKopecks: 663_100n });
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid", capturedKopecks: 1_326_200n });
  const [first] = await t.ctx.database.sql<{ id: string }[]>`select id from money_facts where kind = 'payment_captured' and id in (select fact_id from allocations where order_id = ${order.orderId}) order by occurred_at, recorded_at limit 1`;
  expect(refund!.paymentFactId).not.toBe(first!.id);
});

test("LOST-05: money for a cancelled order: by default a task, by the setting it goes back", async () => {
  const late = async () => {
    const order = await anOrder(t, t.shop);
    const { attemptId } = await t.pay(order, "card");
    await t.ctx.database.sql`update orders set lifecycle = 'cancelled' where id = ${order.orderId}`;
    await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
    await letTimePass(t, 60);
    return { order, ...(await paymentOf(t, attemptId)) };
  };
  const byHand = await late();
  expect(await moneyOf(t, byHand.order.orderId)).toMatchObject({ status: "overpaid", alerts: expect.arrayContaining([{ code: "ALR-05", severity: "P1" }]) });
  await setSetting(t, "lateSuccessPolicy", "auto_refund");
  const auto = await late();
  await setSetting(t, "lateSuccessPolicy", "reactivate");
  const asks = await late();
  await setSetting(t, "lateSuccessPolicy", "manual");
  expect(await moneyOf(t, auto.order.orderId)).toMatchObject({ status: "refunded" });
  expect(await t.openAlerts(auto.order.orderId, "ALR-05")).toHaveLength(0);
  expect((await readOrderRefunds(t.ctx, auto.order.orderId))[0]).toMatchObject({ source: "auto", reason: "late_payment", state: "succeeded" });
  const [advice] = await t.ctx.database.sql<{ advice: string }[]>`select advice from alerts where order_id = ${asks.order.orderId} and code = 'ALR-05'`;
  expect(advice!.advice).toContain("снимите отмену в 1С");
});
