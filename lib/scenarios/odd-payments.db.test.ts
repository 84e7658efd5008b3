/** Money that does not fit its attempt: second payments, revoked bills, strangers, a bank that tells another story. */
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { newId } from "@/lib/kit/ids.ts";
import { openAttempt, receiveNotification } from "@/lib/payments/index.ts";
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

test("LOST-06: a second payment of another sum on a paid attempt is booked, or a person is told", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  await live(30);
  const { reference, payerId, confirmedByReadAt } = await attemptRow(attempt.attemptId);
  expect(confirmedByReadAt).not.toBeNull();
  const second = await silentPayment(reference, 50_000n, payerId);
  await notify({ id: second, sum: "500.00", clientid: payerId, orderid: reference });
  await live(30);
  const money = await moneyOf(t, order.orderId);
  expect(money.facts).toEqual([663_100n, 50_000n].map((amountKopecks) => ({ kind: "payment_captured", amountKopecks })));
  expect(money.alerts).toEqual(expect.arrayContaining([{ code: "ALR-16", severity: "P1" }, { code: "ALR-04", severity: "P2" }]));
  expect((await message(second)).result).toBe("applied");

  // The bank never heard of this one.
  await notify({ id: "99887766", sum: "700.00", clientid: payerId, orderid: reference });
  await live(900, 60);
  expect((await message("99887766")).result).toBe("received");
  expect([...(await alertsOfPayment("99887766"))]).toEqual([{ code: "ALR-16", severity: "P1" }]);
  expect((await moneyOf(t, order.orderId)).facts).toHaveLength(2);
});

test("LOST-20: news of money that the bank does not show stays open, is shown after ten minutes, and ends when the bank shows it", async () => {
  const payment = await silentPayment("other-20", 70_000n);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "502_before", on: "/info/", times: -1 });
  await notify({ id: payment, sum: "700.00", clientid: "someone", orderid: "other-20" });
  await live(300, 60);
  expect((await message(payment)).result).toBe("orphan");
  expect([...(await alertsOfPayment(payment))]).toEqual([]);
  // Two hours without the bank: the message is still asked about, by one job at a time.
  await live(7_200, 60);
  expect((await message(payment)).result).toBe("orphan");
  expect([...(await alertsOfPayment(payment))]).toEqual([{ code: "ALR-16", severity: "P1" }]);
  const jobs = await t.ctx.database.sql`select 1 from pgboss.job where name = 'inbox.match' and state in ('created', 'retry') and data->>'providerPaymentId' = ${payment}`;
  expect(jobs.length).toBeLessThanOrEqual(1);
  await t.disarmFaults();
  await live(2_400, 60);
  expect(await message(payment)).toMatchObject({ result: "applied", resultText: "деньги без заказа записаны как аванс" });
  expect(await t.ctx.database.sql`select amount_kopecks from money_facts where provider_payment_id = ${payment}`).toEqual([{ amountKopecks: 70_000n }]);
});

test("LOST-20: a payment that the bank does not list is not closed in silence and takes no other payment's place", async () => {
  // A payment without any order number: a search by an empty reference would find it.
  const nameless = await silentPayment("", 11_100n);
  await notify({ id: "55443322", sum: "700.00", clientid: "somebody", orderid: "other-77" });
  await live(900, 60);
  expect((await message("55443322")).result).toBe("orphan");
  expect([...(await alertsOfPayment("55443322"))]).toEqual([{ code: "ALR-16", severity: "P1" }]);
  expect(await t.ctx.database.sql`select 1 from money_facts where provider_payment_id in ('55443322', ${nameless})`).toHaveLength(0);
});

test("LOST-20: a notification without a readable sum and without an attempt is matched by its payment id", async () => {
  const payment = await silentPayment("other-hint", 22_200n);
  await notify({ id: payment, sum: "0", clientid: "someone", orderid: "other-hint" });
  await live(30);
  expect(await t.ctx.database.sql`select amount_kopecks from money_facts where provider_payment_id = ${payment}`).toEqual([{ amountKopecks: 22_200n }]);
});

test("LOST-20: only a final answer of the bank without money closes the news", async () => {
  const bank = acquirerOf(await loadConnection(t.ctx, t.acquirer.connectionId), t.ctx.now);
  const opened = await bank.open(
    { reference: "other-fail", amountKopecks: 33_300n, method: "sbp", purpose: "Заказ", email: "q@w.ru", phone: null, payerId: "someone", returnUrl: "https://pay.test/", expiresAt: null },
    AbortSignal.timeout(5_000),
  );
  if (opened.kind !== "done") throw new Error(opened.kind);
  const id = opened.value.providerPaymentId!;
  await notify({ id, sum: "333.00", clientid: "someone", orderid: "other-fail" });
  await live(30);
  expect((await message(id)).result).toBe("orphan");
  await t.sandbox.control(`pay/${id}`, { outcome: "decline" });
  await live(900, 60);
  expect((await message(id)).result).toBe("rejected");
});

test("LOST-07: an address of an old sum is not handed out again after 1C changed the order", async () => {
  const order = await anOrder(t, t.shop);
  const form = { linkId: order.link!.linkId, orderId: order.orderId, method: "card" as const, contact: "a@b.ru", amountSeenKopecks: 663_100n, formKey: newId(), returnUrl: "https://pay.test/" };
  const attempt = await openAttempt(t.ctx, form);
  expect(await openAttempt(t.ctx, form)).toEqual(attempt);
  await t.ctx.database.sql`update orders set total_kopecks = 700000 where id = ${order.orderId}`;
  await expect(openAttempt(t.ctx, form)).rejects.toMatchObject({ code: "conflict", details: { reason: "amount_changed" } });
  await expect(t.pay(order, "card")).rejects.toMatchObject({ code: "conflict", details: { reason: "amount_changed" } });
  expect((await attemptRow(attempt.attemptId)).state).toBe("canceled");
});

test("CML-21: an attempt of a cancelled order is taken back however long the bank was silent", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  await t.ctx.database.sql`update orders set lifecycle = 'cancelled' where id = ${order.orderId}`;
  await t.sandbox.control("fault", { target: "paykeeper", fault: "502_before", on: "/info/", times: -1 });
  await live(3_600, 60);
  expect((await attemptRow(attempt.attemptId)).state).toBe("pending");
  await t.disarmFaults();
  await live(600, 60);
  expect((await attemptRow(attempt.attemptId)).state).toBe("canceled");
});

test("FISC-05: a corrected address of an unpaid attempt is the one of the receipt; a paid attempt keeps its own", async () => {
  const order = await anOrder(t, t.shop);
  const first = await t.pay(order, "card", "typo@exmaple.ru");
  const again = await t.pay(order, "card", "right@example.ru");
  expect(again.attemptId).toBe(first.attemptId);
  await t.sandbox.control(`pay/${await t.bankId(again.attemptId)}`, { outcome: "success" });
  expect(await t.ctx.database.sql`select contact from receipts where order_id = ${order.orderId}`).toEqual([{ contact: "right@example.ru" }]);
  await expect(t.pay(order, "card", "third@example.ru")).rejects.toMatchObject({ code: "conflict" });
  expect(await t.ctx.database.sql`select contact from payment_attempts where id = ${first.attemptId}`).toEqual([{ contact: "right@example.ru" }]);
});
