/** LOST-* of domain 2.10, driven from outside: the sandbox bank with its faults, our doors, the clock. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { anOrder } from "@/lib/testing/an-order.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { readAttempt, viewAttempt } from "@/lib/payments/index.ts";

let t: MoneyWorld;
beforeAll(async () => {
  t = await openMoneyWorld();
});
afterAll(() => t.close());
afterEach(async () => {
  t.door.open = true;
  await t.disarmFaults();
});

/** Lets half a minute of our time pass step by step, so that each job runs when it is due. */
async function live(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    await drainJobs(t, { mayFail: true });
    await t.advance(5);
  }
  await drainJobs(t, { mayFail: true });
}

const paidOnce = (total: bigint) => ({
  status: "paid",
  capturedKopecks: total,
  facts: [{ kind: "payment_captured", amountKopecks: total }],
  receipts: [expect.objectContaining({ state: "registered", totalKopecks: total, fdNumber: expect.stringMatching(/^\d+$/) })],
  exports: [{ state: "pending", amountKopecks: total }],
});

test("the plain story: card, notification, receipt, letter, waiting for 1C", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  expect(attempt.go).toMatchObject({ kind: "redirect", url: expect.stringContaining("/paykeeper/bill/") });
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  expect((await moneyOf(t, order.orderId)).status).toBe("paid");
  await live(30);
  expect(await moneyOf(t, order.orderId)).toMatchObject(paidOnce(663_100n));
  const letters = await t.sandbox.read<{ letters?: { subject: string }[] } | { subject: string }[]>("mail?to=ivanov@example.ru");
  expect(JSON.stringify(letters)).toContain(`Заказ №\u00A0${order.number} оплачен`);
});

test("LOST-01: the notification never comes, the poller finds the payment", async () => {
  const order = await anOrder(t, t.shop);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: -1 });
  const attempt = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  expect((await moneyOf(t, order.orderId)).status).toBe("awaiting_payment");
  await live(60);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ ...paidOnce(663_100n), alerts: [] });
});

test("LOST-02: five notifications at once and a poll book the money once", async () => {
  const order = await anOrder(t, t.shop);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_duplicate", n: 5 });
  const attempt = await t.pay(order, "sbp");
  const paying = t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  await Promise.all([paying, readAttempt(t.ctx, attempt.attemptId), readAttempt(t.ctx, attempt.attemptId)]);
  await live(30);
  expect(await moneyOf(t, order.orderId)).toMatchObject(paidOnce(663_100n));
  const mine = t.door.log.filter((m) => m.body.includes(`sum=6631.00`)).slice(-5);
  expect(mine.map((m) => [m.status, m.reply.slice(0, 3)])).toEqual(Array.from({ length: 5 }, () => [200, "OK "]));
});

test("LOST-03: news in the wrong order changes nothing: «pending» after the money is stale", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  const before = await moneyOf(t, order.orderId);
  const { lockAttempt } = await import("@/lib/payments/lock-attempt.ts");
  const { applyProviderState } = await import("@/lib/payments/apply-provider-state.ts");
  const stale = { state: "waiting", rawState: "pending", reference: null, providerInvoiceId: null, providerPaymentId: null, amountKopecks: null, refundedKopecks: null, currency: "RUB", payerId: null, paidAt: null, instrument: null, rrn: null, declineCode: null, declineClass: null, acknowledged: null } as const;
  await t.ctx.database.sql.begin(async (tx) => {
    const locked = await lockAttempt(tx as never, { attemptId: attempt.attemptId });
    expect(await applyProviderState(t.ctx, tx as never, locked!, stale, "read")).toBe(false);
  });
  expect(await moneyOf(t, order.orderId)).toEqual(before);
  expect((await viewAttempt(t.ctx, attempt.attemptId)).state).toBe("succeeded");
});

test("LOST-04: the notification is quicker than the answer of the create call", async () => {
  const order = await anOrder(t, t.shop);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_before_create_returns" });
  const attempt = await t.pay(order, "card");
  expect(attempt.state).toBe("succeeded");
  await live(30);
  expect(await moneyOf(t, order.orderId)).toMatchObject(paidOnce(663_100n));
});

test("LOST-05: money for a cancelled order is recorded, printed and shown to a person", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  await t.ctx.database.sql`update orders set lifecycle = 'cancelled' where id = ${order.orderId}`;
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  await live(30);
  const money = await moneyOf(t, order.orderId);
  expect(money).toMatchObject({ ...paidOnce(663_100n), status: "overpaid" });
  expect(money.alerts).toContainEqual({ code: "ALR-05", severity: "P1" });
});

test("LOST-19: the create call times out: the outcome is unknown, found by asking, never repeated", async () => {
  const order = await anOrder(t, t.shop);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "502_after", on: "/change/invoice/preview" });
  const attempt = await t.pay(order, "card");
  expect(attempt).toMatchObject({ state: "unknown", go: null });
  // The bank is still down: nothing new is made while the old outcome is unknown.
  await t.sandbox.control("fault", { target: "paykeeper", fault: "502_before", on: "/info/", times: -1 });
  await expect(t.pay(order, "card")).rejects.toMatchObject({ code: "conflict", details: { reason: "in_progress" } });
  await t.disarmFaults();
  await live(20);
  const state = await t.sandbox.read<{ invoices: Record<string, unknown> | unknown[] }>("paykeeper/state");
  const [reference] = await t.ctx.database.sql<{ reference: string }[]>`select reference from payment_attempts where id = ${attempt.attemptId}`;
  const invoices = Object.values(state.invoices).filter((i) => JSON.stringify(i).includes(`"${reference!.reference}"`));
  expect(invoices).toHaveLength(1);
  expect((await viewAttempt(t.ctx, attempt.attemptId)).state).toBe("pending");
});

test("LOST-22: we die after the provider accepted and before our commit: the poll by our reference finds the money", async () => {
  const order = await anOrder(t, t.shop);
  const { createAttempt } = await import("@/lib/payments/create-attempt.ts");
  const { acquirerOf } = await import("@/lib/acquirers/registry.ts");
  const { loadConnection } = await import("@/lib/connections/index.ts");
  const made = await t.ctx.database.sql.begin((tx) =>
    createAttempt(t.ctx, tx as never, { linkId: order.link!.linkId, orderId: order.orderId, method: "card", contact: "x@y.ru", amountSeenKopecks: 663_100n, formKey: "f", returnUrl: "https://pay.test/" }, "x@y.ru"),
  );
  const bank = acquirerOf(await loadConnection(t.ctx, made.connectionId), t.ctx.now);
  const opened = await bank.open({ reference: made.reference, amountKopecks: made.amountKopecks, method: "card", purpose: "Заказ", email: "x@y.ru", phone: null, payerId: made.payerId, returnUrl: "https://pay.test/", expiresAt: null }, AbortSignal.timeout(5_000));
  if (opened.kind !== "done") throw new Error(opened.kind);
  // Here the process dies: nothing of the answer is written. The money comes while we are away.
  t.door.open = false;
  await t.sandbox.control(`pay/${opened.value.providerInvoiceId}`, { outcome: "success" });
  await live(60);
  t.door.open = true;
  expect(await moneyOf(t, order.orderId)).toMatchObject(paidOnce(663_100n));
});

test("LOST-30: the browser comes back with a failure while the money went through: the page asks and shows paid", async () => {
  const order = await anOrder(t, t.shop);
  t.door.open = false;
  const attempt = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  expect(await readAttempt(t.ctx, attempt.attemptId)).toBe("paid");
  t.door.open = true;
  expect((await moneyOf(t, order.orderId)).status).toBe("paid");
});
