/** Money that does not fit its attempt: second payments, revoked bills, strangers, a bank that tells another story. */
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { receiveNotification } from "@/lib/payments/index.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";

let t: MoneyWorld;
beforeAll(async () => {
  t = await openMoneyWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

async function notify(fields: { id: string; sum: string; clientid: string; orderid: string }): Promise<void> {
  const key = md5(fields.id + fields.sum + fields.clientid + fields.orderid + t.sandbox.credentials.paykeeper.secretWord);
  const body = new URLSearchParams({ ...fields, ps_id: "99", key }).toString();
  expect((await receiveNotification(t.ctx, t.acquirer.door, { headers: {}, body, ip: "10.0.0.1" })).body).toMatch(/^OK /);
}

async function live(seconds: number, step = 5): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    await drainJobs(t, { mayFail: true });
    await t.advance(step);
    if (step >= 60) await sweep(t.ctx);
  }
  await drainJobs(t, { mayFail: true });
}

async function attemptRow(attemptId: string) {
  const [row] = await t.ctx.database.sql<{ reference: string; payerId: string; state: string; confirmedByReadAt: Date | null }[]>`
    select reference, payer_id, state, confirmed_by_read_at from payment_attempts where id = ${attemptId}`;
  return row!;
}

/** A payment that the bank has under this reference and that it did not announce. */
async function silentPayment(reference: string, amountKopecks: bigint, payerId = "someone"): Promise<string> {
  const bank = acquirerOf(await loadConnection(t.ctx, t.acquirer.connectionId), t.ctx.now);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: 1 });
  const opened = await bank.open(
    { reference, amountKopecks, method: "sbp", purpose: "Заказ", email: "q@w.ru", phone: null, payerId, returnUrl: "https://pay.test/", expiresAt: null },
    AbortSignal.timeout(5_000),
  );
  if (opened.kind !== "done") throw new Error(opened.kind);
  await t.sandbox.control(`pay/${opened.value.providerPaymentId}`, { outcome: "success" });
  await t.disarmFaults();
  return opened.value.providerPaymentId!;
}

const message = async (paymentId: string) =>
  (await t.ctx.database.sql<{ id: string; result: string; resultText: string | null }[]>`select id, result, result_text from inbox_messages where event_key like ${`paid:${paymentId}:%`}`)[0]!;
const alertsOfPayment = (paymentId: string) => t.ctx.database.sql<{ code: string; severity: string }[]>`select code, severity from alerts where object_key like ${`%:${paymentId}`} and state <> 'resolved'`;

test("LOST-06: money on a bill that was taken back, and its notification lost, is found by asking", async () => {
  const order = await anOrder(t, t.shop);
  const first = await t.pay(order, "card");
  const bankId = await t.bankId(first.attemptId);
  await t.pay(order, "sbp");
  expect((await attemptRow(first.attemptId)).state).toBe("canceled");
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: 1 });
  await t.sandbox.control(`pay/${bankId}`, { outcome: "success", late: true });
  await live(3_600, 60);
  expect((await moneyOf(t, order.orderId)).facts).toEqual([{ kind: "payment_captured", amountKopecks: 663_100n }]);
});

test("LOST-19: a payment of another order and sum does not confirm ours: an alert for a person", async () => {
  const stranger = await silentPayment("other-m", 300n);
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  const { reference, payerId } = await attemptRow(attempt.attemptId);
  await notify({ id: stranger, sum: "6631.00", clientid: payerId, orderid: reference });
  await live(30);
  expect((await attemptRow(attempt.attemptId)).confirmedByReadAt).toBeNull();
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-16", severity: "P1" });
});

test("PAY-16: the bank names another sum than we booked: not confirmed, an alert for a person", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  const { reference, payerId } = await attemptRow(attempt.attemptId);
  const payment = await silentPayment(reference, 660_000n, payerId);
  await notify({ id: payment, sum: "6631.00", clientid: payerId, orderid: reference });
  await live(30);
  expect((await attemptRow(attempt.attemptId)).confirmedByReadAt).toBeNull();
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-16", severity: "P1" });
});

test("PAY-12: money we booked that the bank does not know after ten minutes is shown to a person", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  const { reference, payerId } = await attemptRow(attempt.attemptId);
  await notify({ id: "77001122", sum: "6631.00", clientid: payerId, orderid: reference });
  await live(300, 20);
  expect((await moneyOf(t, order.orderId)).alerts).toEqual([]);
  await live(1_800, 60);
  expect((await attemptRow(attempt.attemptId)).confirmedByReadAt).toBeNull();
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-16", severity: "P1" });
});
