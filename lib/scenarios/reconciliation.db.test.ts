/** Reconciliation from outside: the sandbox's bank lists, files that an accountant uploads, and the clock. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { recordDuplicate, reverseReceipt } from "@/lib/fiscal/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { DAY_MS, addDays, localDate } from "@/lib/kit/time.ts";
import { reversePayment } from "@/lib/payments/reverse-payment.ts";
import { reconcile, uploadBankStatement, uploadRegistry } from "@/lib/reconciliation/index.ts";
import { startNight } from "@/lib/reconciliation/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { registryFile, statementFile } from "@/lib/testing/registry-lines.ts";
import { live, printedOf, receiptsOf } from "@/lib/testing/shop-day.ts";

let t: MoneyWorld;
const account = "40702810900000000013";
beforeAll(async () => {
  t = await openMoneyWorld();
  await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, is_default) values (${newId()}, ${t.shop.sellerOrgId}, 'Банк', '044525225', ${account}, true)`;
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const found = (objectKey: string) => t.ctx.database.sql<{ id: string; class: string; state: string; severity: string; resolution: string | null }[]>`
  select id, class, state, severity, resolution from discrepancies where object_key like ${objectKey} order by found_at`;
const today = () => localDate(t.ctx.now(), t.ctx.zone);

/** Some days later, the nightly reading and its reconciliation. */
async function night(days = 1): Promise<void> {
  await t.advance((days * DAY_MS) / 1_000);
  await startNight(t.ctx);
  await drainJobs(t, { mayFail: true, limit: 400 });
  await reconcile(t.ctx, "full");
}

/** Money that the bank took without ever telling us. */
async function silent(reference: string, amountKopecks: bigint): Promise<string> {
  const bank = acquirerOf(await loadConnection(t.ctx, t.acquirer.connectionId), t.ctx.now);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: 1 });
  const opened = await bank.open({ reference, amountKopecks, method: "sbp", purpose: "Заказ", email: "q@w.ru", phone: null, payerId: "someone", returnUrl: "https://pay.test/", expiresAt: null }, AbortSignal.timeout(5_000));
  if (opened.kind !== "done") throw new Error(opened.kind);
  await t.sandbox.control(`pay/${opened.value.providerPaymentId}`, { outcome: "success" });
  return opened.value.providerPaymentId!;
}

async function paidOrder() {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  await drainJobs(t, { mayFail: true });
  const [fact] = await t.ctx.database.sql<{ id: string; paymentId: string }[]>`select id, provider_payment_id as payment_id from money_facts where attempt_id = ${attempt.attemptId} and kind = 'payment_captured'`;
  return { order, attempt, factId: fact!.id, paymentId: fact!.paymentId };
}

test("LOST-20: a payment that only the bank's list knows is booked by the night: to its order by our number, else as money that a person must bind", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: 1 });
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  // Neither the poller nor the return page saw it: the attempt is forgotten.
  await t.ctx.database.sql`delete from pgboss.job where name = 'attempt.poll'`;
  await t.ctx.database.sql`update payment_attempts set next_poll_at = null, state = 'expired', finished_at = ${t.ctx.now()} where id = ${attempt.attemptId}`;
  const nameless = await silent("shop-17", 70_000n);
  await t.ctx.database.sql`delete from pgboss.job where name = 'inbox.match'`;
  await night();
  const money = await moneyOf(t, order.orderId);
  expect(money.status).toBe("paid");
  expect(money.facts).toEqual([{ kind: "payment_captured", amountKopecks: 663_100n }]);
  expect(money.receipts).toHaveLength(1);
  expect(await t.ctx.database.sql`select f.amount_kopecks, a.order_id from money_facts f join allocations a on a.fact_id = f.id where f.provider_payment_id = ${nameless}`).toEqual([{ amountKopecks: 70_000n, orderId: null }]);
  expect(await found(`payment:%:${nameless}`)).toMatchObject([{ class: "MISSING_IN_LEDGER", state: "open", severity: "P1" }]);
  expect((await found(`payment:${t.acquirer.connectionId}:%`)).filter((row) => row.class === "MISSING_IN_LEDGER" && row.state === "auto_resolved")).toHaveLength(1);
  // Again and again: nothing more is booked.
  await night();
  expect((await moneyOf(t, order.orderId)).facts).toHaveLength(1);
});

test("LOST-29: the bank turns a paid payment into a cancelled one: nothing is undone, a P1 waits, the accountant reverses with proof", async () => {
  const { order, factId, paymentId } = await paidOrder();
  await t.sandbox.control(`paykeeper/flip/${paymentId}`);
  await night();
  expect((await moneyOf(t, order.orderId)).status).toBe("paid");
  const rows = (await found(`payment:%:${paymentId}`)).filter((row) => row.state === "open");
  expect(rows).toMatchObject([{ class: "STATUS_MISMATCH", severity: "P1" }]);
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-16", severity: "P1" });
  await night();
  expect((await found(`payment:%:${paymentId}`)).filter((row) => row.state === "open")).toEqual(rows);
  const accountant = await aStaff(t, { role: "accountant" });
  await reversePayment(accountant.ctx, { factId, orderId: order.orderId, amountKopecks: 663_100n, reason: "банк отменил платёж", evidence: { note: "письмо банка № 7" } });
  expect((await moneyOf(t, order.orderId)).status).toBe("not_paid");
  await reconcile(t.ctx, "full");
  expect((await found(`payment:%:${paymentId}`)).filter((row) => row.state === "open")).toEqual([]);
});

test("LOST-13: the provider says paid and never settles: P1 after three working days, the order stays paid until the accountant reverses it with proof", async () => {
  const { order, factId, paymentId } = await paidOrder();
  const accountant = await aStaff(t, { role: "accountant" });
  const day = today();
  const file = registryFile([{ id: paymentId, kopecks: 663_100n, feeKopecks: 13_925n, day, payoutId: "13000013", payoutDay: addDays(day, 1) }]);
  await uploadRegistry(accountant.ctx, { connectionId: t.acquirer.connectionId, fileName: "r.csv", bytes: file });
  await drainJobs(t, { mayFail: true });
  const missing = () => t.ctx.database.sql<{ state: string; severity: string }[]>`select state, severity from discrepancies where class = 'SETTLEMENT_MISSING' and detail->>'payoutId' = '13000013'`;
  expect(await missing()).toEqual([{ state: "expected", severity: "P1" }]);
  await night(8);
  expect(await missing()).toEqual([{ state: "open", severity: "P1" }]);
  const money = await moneyOf(t, order.orderId);
  expect(money.status).toBe("paid");
  expect(money.alerts).toContainEqual({ code: "ALR-16", severity: "P1" });
  await reversePayment(accountant.ctx, { factId, orderId: order.orderId, amountKopecks: 663_100n, reason: "банк не перечислил деньги", evidence: { note: "ответ банка от 01.12" } });
  await reconcile(t.ctx, "full");
  expect(await missing()).toEqual([{ state: "auto_resolved", severity: "P1" }]);
  expect((await moneyOf(t, order.orderId)).status).toBe("not_paid");
  // 1C is told: a message of its own for the reversal.
  expect((await moneyOf(t, order.orderId)).exports.map((each) => each.amountKopecks)).toEqual([663_100n, 663_100n]);
});

test("REC-06 from outside: list of the bank at night, its file by day, its credit in the statement; the order's story tells all of it", async () => {
  const { order, paymentId } = await paidOrder();
  const day = today();
  await night();
  const accountant = await aStaff(t, { role: "accountant" });
  await uploadRegistry(accountant.ctx, { connectionId: t.acquirer.connectionId, fileName: "r2.csv", bytes: registryFile([{ id: paymentId, kopecks: 663_100n, feeKopecks: 13_925n, day, payoutId: "14000014", payoutDay: today() }]) });
  await uploadBankStatement(accountant.ctx, { fileName: "kl.txt", bytes: statementFile(account, [{ number: "9", day: today(), kopecks: 649_175n, purpose: "Возмещение по реестру 14000014" }]), isTest: true });
  await drainJobs(t, { mayFail: true });
  const kinds = await t.ctx.database.sql<{ kind: string }[]>`select kind from order_events where order_id = ${order.orderId} and kind in ('registry.seen', 'settlement.credited') order by at, kind`;
  expect(kinds.map((row) => row.kind)).toEqual(["registry.seen", "settlement.credited"]);
});

test("LOST-26: the register's answer is lost and the receipt is printed once; a second print that a person saw stands in the list until it is taken back", async () => {
  await t.sandbox.control("fault", { target: "orange", fault: "500_after", times: 2 });
  const { order } = await paidOrder();
  await live(t, 240, 10);
  const printed = await printedOf(t, order.orderId);
  expect(printed).toHaveLength(1);
  const [receipt] = await receiptsOf(t, order.orderId);
  expect(receipt).toMatchObject({ state: "registered", totalKopecks: 663_100n });

  const accountant = await aStaff(t, { role: "accountant" });
  const second = await recordDuplicate(accountant.ctx, { receiptId: receipt!.id, fnNumber: "9999078902004478", fdNumber: "999902", fiscalSign: "223456789", printedOn: today() });
  await reconcile(t.ctx, "full");
  const [row] = await found(`receipt:${second.receiptId}%`);
  expect(row).toMatchObject({ class: "RECEIPT_DUPLICATE", state: "open", severity: "P1" });
  await reverseReceipt(accountant.ctx, { receiptId: second.receiptId, reason: "пробит дважды" });
  await live(t, 60, 10);
  await reconcile(t.ctx, "full");
  expect((await found(`receipt:${second.receiptId}%`)).map((each) => each.state)).toEqual(["auto_resolved"]);
  expect((await printedOf(t, order.orderId)).map((each) => each.kind)).toEqual(["documents", "correction12"]);
});
