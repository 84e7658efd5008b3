/** A refund on its way to the bank (domain 2.5, LOST-09, LOST-10, LOST-25), driven from outside: the sandbox bank, its faults, the clock. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { workRefund } from "@/lib/refunds/work-refund.ts";
import { aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf } from "@/lib/testing/money-world.ts";
import { aPaidOrder, bankRefunds, letTimePass, paidByCard } from "@/lib/testing/paid-order.ts";
import { openRefundWorld } from "@/lib/testing/refund-world.ts";
import type { RefundWorld } from "@/lib/testing/refund-world.ts";

let t: RefundWorld;
beforeAll(async () => {
  t = await openRefundWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

test("a part goes back by the card: request, approval, the bank, the fact, the letter, the row for 1C", async () => {
  const order = await aPaidOrder(t, { contact: "refund@example.ru" });
  const refundId = await t.approved(order.orderId);
  await letTimePass(t, 60);
  expect(await t.stateOf(refundId)).toMatchObject({ state: "succeeded", providerRefundId: expect.stringMatching(/^\d+$/) });
  const bank = await bankRefunds(t, order.bankPaymentId);
  expect(bank).toMatchObject([{ status: "done" }]);
  const money = await moneyOf(t, order.orderId);
  expect(money.facts).toEqual([{ kind: "payment_captured", amountKopecks: 663_100n }, { kind: "refund_succeeded", amountKopecks: 64_550n }]);
  expect(money).toMatchObject({ status: "partially_paid", exports: [{ amountKopecks: 663_100n }, { state: "pending", amountKopecks: 64_550n }] });
  await letTimePass(t, 240, 60);
  const letters = JSON.stringify(await t.sandbox.read("mail?to=refund@example.ru"));
  expect(letters).toContain(`Возврат по заказу №\u00A0${order.number}`);
  const [fact] = await t.ctx.database.sql`select parent_fact_id, fiscal_owner, provider_operation_id from money_facts where id = (select fact_id from refunds where id = ${refundId})`;
  expect(fact).toEqual({ parentFactId: order.factId, fiscalOwner: "site", providerOperationId: bank[0]!.id });
});

test("the whole sum goes back: a full refund at the bank, status «refunded» once 1C has cancelled the order", async () => {
  const order = await aPaidOrder(t);
  await t.ctx.database.sql`update orders set lifecycle = 'cancelled' where id = ${order.orderId}`;
  await t.approved(order.orderId, { amountKopecks: 663_100n, reason: "order_cancelled" });
  await letTimePass(t, 60);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "refunded" });
  expect(await t.openAlerts(order.orderId, "ALR-20")).toHaveLength(0);
});

test("LOST-10: looked at again right before sending: money that left meanwhile stops the refund", async () => {
  const order = await aPaidOrder(t);
  const refundId = await t.approved(order.orderId, { amountKopecks: 600_000n });
  // Somebody else gives most of it back at the bank before our worker comes.
  await t.sandbox.control(`paykeeper/refund/${order.bankPaymentId}`, { amount: "1000.00" });
  await t.advance(5);
  await letTimePass(t, 60);
  expect(await t.stateOf(refundId)).toMatchObject({ state: "failed", failText: expect.stringContaining("5\u202F631,00") });
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
  expect(await t.openAlerts(order.orderId, "ALR-20")).toHaveLength(1);
  expect((await moneyOf(t, order.orderId)).facts).toContainEqual({ kind: "refund_succeeded", amountKopecks: 100_000n });
});

test("LOST-09, LOST-10: an approved surplus that 1C has made a price again before it was sent is not sent", async () => {
  const draft = aDraft({ totalKopecks: 50_000n });
  const orderId = await paidByCard(t, draft);
  const cheaper = changed(draft, { totalKopecks: 40_000n, lines: [{ ...draft.lines[0]!, sumKopecks: 40_000n, priceKopecks: 40_000n, vatKopecks: 7_213n }] });
  await upload(t, t.shop, cheaper);
  const refundId = await t.approved(orderId, { amountKopecks: 10_000n, reason: "overpayment" });
  await upload(t, t.shop, changed(cheaper, { totalKopecks: 50_000n, lines: draft.lines }));
  await letTimePass(t, 60);
  expect(await t.stateOf(refundId)).toMatchObject({ state: "failed", failText: expect.stringContaining("Свободной переплаты по заказу нет") });
  expect(await moneyOf(t, orderId)).toMatchObject({ status: "paid" });
});

test("the answer of the bank is lost after the work was done: asked about, found, never sent twice", async () => {
  for (const fault of ["create_timeout_after", "502_after"]) {
    const order = await aPaidOrder(t);
    await t.sandbox.control("fault", { target: "paykeeper", fault, on: "/change/payment/reverse/" });
    const refundId = await t.approved(order.orderId);
    await drainJobs(t);
    expect((await t.stateOf(refundId)).state).toBe("unknown");
    await letTimePass(t, 200, 20);
    expect((await t.stateOf(refundId)).state).toBe("succeeded");
    expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
    expect((await moneyOf(t, order.orderId)).facts.filter((fact) => fact.kind === "refund_succeeded")).toHaveLength(1);
  }
});

test("a request that never arrived goes out again as the same row, only after the list proved its absence twice", async () => {
  const order = await aPaidOrder(t);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "502_before", on: "/change/payment/reverse/" });
  const refundId = await t.approved(order.orderId);
  await drainJobs(t);
  expect((await t.stateOf(refundId)).state).toBe("unknown");
  await letTimePass(t, 130, 10);
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(0);
  expect(await t.stateOf(refundId)).toMatchObject({ state: "unknown", pollCount: 1 });
  await letTimePass(t, 200, 10);
  expect((await t.stateOf(refundId)).state).toBe("succeeded");
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
});

test("the bank refuses while the payment is not finished at its side: the same refund waits and goes through later", async () => {
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never" });
  const order = await aPaidOrder(t);
  const refundId = await t.approved(order.orderId);
  await drainJobs(t);
  expect(await t.stateOf(refundId)).toMatchObject({ state: "unknown", failText: expect.stringContaining("статус") });
  await letTimePass(t, 1_500, 30);
  expect((await t.stateOf(refundId)).state).toBe("succeeded");
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
  expect(await t.openAlerts(order.orderId, "ALR-20")).toHaveLength(0);
});

test("a worker that died between sending and hearing: the janitor's job asks first", async () => {
  const order = await aPaidOrder(t);
  const refundId = await t.approved(order.orderId);
  // The step that sends is cut by a dead process: the row says `submitting`, the bank has done it.
  const { acquirerOf } = await import("@/lib/acquirers/registry.ts");
  const { loadConnection } = await import("@/lib/connections/index.ts");
  const bank = acquirerOf(await loadConnection(t.ctx, t.acquirer.connectionId), t.ctx.now);
  await bank.refund({ refundId, providerPaymentId: order.bankPaymentId, amountKopecks: 64_550n, partial: true }, AbortSignal.timeout(5_000));
  await t.ctx.database.sql`update refunds set state = 'submitting', known_before = '{}', step_no = 2, submitted_at = ${t.ctx.now()}, next_try_at = ${t.ctx.now()} where id = ${refundId}`;
  await t.advance(200);
  await drainJobs(t, { mayFail: true });
  const { sweep } = await import("@/lib/janitor/sweep.ts");
  await sweep(t.ctx);
  await letTimePass(t, 60);
  expect((await t.stateOf(refundId)).state).toBe("succeeded");
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
});

test("the same step twice, and an old step, do nothing (invariant 6)", async () => {
  const order = await aPaidOrder(t);
  const refundId = await t.approved(order.orderId);
  await Promise.all([workRefund(t.ctx, refundId, 0), workRefund(t.ctx, refundId, 0), workRefund(t.ctx, refundId, 0)]);
  await letTimePass(t, 60);
  await workRefund(t.ctx, refundId, 0);
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
  expect((await moneyOf(t, order.orderId)).facts).toHaveLength(2);
});

test("LOST-25: the return receipt is planned only after the refund succeeded; a failed one leaves none", async () => {
  const order = await aPaidOrder(t);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "refund_fails" });
  const failing = await t.approved(order.orderId);
  await drainJobs(t);
  expect(await t.returnReceipts(order.orderId)).toHaveLength(0);
  await letTimePass(t, 60);
  expect((await t.stateOf(failing)).state).toBe("failed");
  expect(await t.returnReceipts(order.orderId)).toHaveLength(0);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid", facts: [{ kind: "payment_captured" }] });
  expect(await t.openAlerts(order.orderId, "ALR-20")).toHaveLength(1);
  const again = await t.approved(order.orderId);
  await letTimePass(t, 60);
  expect((await t.stateOf(again)).state).toBe("succeeded");
  expect(await t.returnReceipts(order.orderId)).toHaveLength(1);
  expect(await t.openAlerts(order.orderId, "ALR-20")).toHaveLength(0);
});
