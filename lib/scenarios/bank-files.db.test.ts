/** What an accountant's files bring to light: registries and statements, over the sandbox's bank, with what people and 1C see of it. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { localDate } from "@/lib/kit/time.ts";
import { bindBankLine, listUnidentified, reconcile, uploadBankStatement, uploadRegistry } from "@/lib/reconciliation/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { aCompany, aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { aPaidOrder, letTimePass } from "@/lib/testing/paid-order.ts";
import { registryFile, statementFile } from "@/lib/testing/registry-lines.ts";
import type { GivenRegistryLine } from "@/lib/testing/registry-lines.ts";
import { receiptsOf } from "@/lib/testing/shop-day.ts";

let t: MoneyWorld;
let accountant: MadeStaff;
const account = "40702810900000000029";
beforeAll(async () => {
  t = await openMoneyWorld();
  accountant = await aStaff(t, { role: "accountant" });
  await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, is_default) values (${newId()}, ${t.shop.sellerOrgId}, 'Банк', '044525225', ${account}, true)`;
});
afterAll(() => t.close());
afterEach(async () => {
  await t.disarmFaults();
  expect((await checkInvariants(t.ctx)).filter((each) => each.count > 0)).toEqual([]);
});

const today = () => localDate(t.ctx.now(), t.ctx.zone);
/** The accountant uploads what the bank's cabinet gave; the jobs that follow run. */
async function registry(...lines: GivenRegistryLine[]): Promise<void> {
  await uploadRegistry(accountant.ctx, { connectionId: t.acquirer.connectionId, fileName: "registry.csv", bytes: registryFile(lines.map((line) => ({ day: today(), ...line }))) });
  await drainJobs(t, { mayFail: true });
}
const classesOf = async (like: string) => (await t.ctx.database.sql<{ class: string; state: string }[]>`select class, state from discrepancies where object_key like ${like} order by class`).map((row) => `${row.class} ${row.state}`);

test("LOST-14: a chargeback in the registry is a fact, a dispute, a P1 and no receipt; given back in a later registry the dispute is won", async () => {
  const order = await aPaidOrder(t);
  const payment = { id: order.bankPaymentId, kopecks: 663_100n };
  await registry(payment, { ...payment, kind: "Опротестование", operationId: "cb-77" });
  const charged = await moneyOf(t, order.orderId);
  expect(charged.status).toBe("not_paid");
  expect(charged.facts).toEqual([{ kind: "payment_captured", amountKopecks: 663_100n }, { kind: "chargeback", amountKopecks: 663_100n }]);
  expect(charged.receipts).toHaveLength(1);
  expect(charged.alerts).toContainEqual({ code: "ALR-21", severity: "P1" });
  // 1C hears of it; the order's story tells it.
  expect(charged.exports.map((each) => each.amountKopecks)).toEqual([663_100n, 663_100n]);
  const dispute = () => t.ctx.database.sql`select state, amount_kopecks, decided_by, decision_text from disputes where order_id = ${order.orderId}`;
  expect(await dispute()).toEqual([{ state: "opened", amountKopecks: 663_100n, decidedBy: null, decisionText: null }]);
  // The same file and the night after it: still one.
  await registry(payment, { ...payment, kind: "Опротестование", operationId: "cb-77" });
  await reconcile(t.ctx, "full");
  expect((await moneyOf(t, order.orderId)).facts).toHaveLength(2);

  await t.advance(86_400);
  await registry({ ...payment, kind: "Отмена опротестования", operationId: "cb-77-r" });
  await reconcile(t.ctx, "full");
  expect(await dispute()).toEqual([{ state: "won", amountKopecks: 663_100n, decidedBy: "system", decisionText: "деньги вернулись по реестру банка" }]);
  const won = await moneyOf(t, order.orderId);
  expect(won.status).toBe("paid");
  expect(won.facts.map((each) => each.kind)).toEqual(["payment_captured", "chargeback", "chargeback_reversed"]);
  expect(won.receipts).toHaveLength(1);
  expect(won.alerts.map((alert) => alert.code)).not.toContain("ALR-21");
  expect(await classesOf(`chargeback%:${t.acquirer.connectionId}:cb-77%`)).toEqual(["CHARGEBACK_NEW auto_resolved", "STATUS_MISMATCH auto_resolved"]);
});

test("LOST-14: a chargeback and its end in one file, and an end that fits no dispute, which waits for a person", async () => {
  const order = await aPaidOrder(t);
  const payment = { id: order.bankPaymentId, kopecks: 663_100n };
  await registry(payment, { ...payment, kind: "Отмена опротестования", operationId: "cb-1" }, { ...payment, kind: "Опротестование", operationId: "cb-1" }, { ...payment, kopecks: 100n, kind: "Отмена опротестования", operationId: "cb-2" });
  await reconcile(t.ctx, "full");
  const money = await moneyOf(t, order.orderId);
  expect(money.status).toBe("paid");
  expect(money.facts.map((each) => each.kind).toSorted()).toEqual(["chargeback", "chargeback_reversed", "payment_captured"]);
  expect(await classesOf(`chargeback%:${t.acquirer.connectionId}:cb-2`)).toEqual(["STATUS_MISMATCH open"]);
});

test("REFUND_UNKNOWN, LOST-11: a refund made in the bank's cabinet that only the registry tells of: asked about, booked with its receipt, over", async () => {
  const order = await aPaidOrder(t);
  await letTimePass(t, 60);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: -1 });
  await t.sandbox.control(`paykeeper/refund/${order.bankPaymentId}`, { amount: "100.00" });
  await t.advance(30);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { refunds } = await t.sandbox.read<{ refunds: { id: string; paymentId: string }[] }>("paykeeper/state");
  const refundId = refunds.find((each) => each.paymentId === order.bankPaymentId)!.id;
  expect((await moneyOf(t, order.orderId)).facts).toHaveLength(1);
  await registry({ id: order.bankPaymentId, kopecks: 663_100n }, { id: order.bankPaymentId, kopecks: 10_000n, kind: "Возврат", operationId: refundId });
  await letTimePass(t, 60);
  expect((await moneyOf(t, order.orderId)).facts).toContainEqual({ kind: "refund_succeeded", amountKopecks: 10_000n });
  expect((await receiptsOf(t, order.orderId)).map((row) => [row.kind, row.state, row.totalKopecks])).toContainEqual(["income_return", "registered", 10_000n]);
  expect(await classesOf(`refund:${t.acquirer.connectionId}:${refundId}`)).toEqual(["REFUND_UNKNOWN auto_resolved"]);
});

test("LOST-03: the registry tells of a refund whose payment nobody knows: first the payment is booked, then its refund", async () => {
  const bank = acquirerOf(await loadConnection(t.ctx, t.acquirer.connectionId), t.ctx.now);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: -1 });
  const opened = await bank.open({ reference: "shop-3", amountKopecks: 50_000n, method: "sbp", purpose: "Заказ", email: "q@w.ru", phone: null, payerId: "someone", returnUrl: "https://pay.test/", expiresAt: null }, AbortSignal.timeout(5_000));
  if (opened.kind !== "done") throw new Error(opened.kind);
  const paymentId = opened.value.providerPaymentId!;
  await t.sandbox.control(`pay/${paymentId}`, { outcome: "success" });
  // The bank gives up telling us: now its people may give money back.
  for (let i = 0; i < 14; i++) {
    await t.advance(i === 0 ? 900 : 60);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await t.sandbox.control(`paykeeper/refund/${paymentId}`, { amount: "200.00" });
  await t.advance(30);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { refunds } = await t.sandbox.read<{ refunds: { id: string; paymentId: string }[] }>("paykeeper/state");
  await registry({ id: paymentId, kopecks: 20_000n, kind: "Возврат", operationId: refunds.find((each) => each.paymentId === paymentId)!.id });
  const facts = await t.ctx.database.sql`select kind, amount_kopecks from money_facts where provider_payment_id = ${paymentId} order by recorded_at, kind`;
  expect(facts).toEqual([{ kind: "payment_captured", amountKopecks: 50_000n }, { kind: "refund_succeeded", amountKopecks: 20_000n }]);
});

test("RECEIPT_MISSING: a receipt whose job was lost is found by reconciliation, goes out, and the difference ends", async () => {
  await t.sandbox.control("fault", { target: "orange", fault: "500", times: -1 });
  const order = await aPaidOrder(t);
  await t.disarmFaults();
  const [receipt] = await receiptsOf(t, order.orderId);
  // The worker and its queue are gone, and so is the janitor.
  await t.ctx.database.sql`delete from pgboss.job where name = 'receipt.work'`;
  await t.advance(30 * 60);
  await reconcile(t.ctx, "light");
  expect(await classesOf(`%${receipt!.id}`)).toEqual(["RECEIPT_MISSING open"]);
  await drainJobs(t, { mayFail: true });
  await letTimePass(t, 30);
  expect((await receiptsOf(t, order.orderId)).map((row) => row.state)).toEqual(["registered"]);
  await reconcile(t.ctx, "light");
  expect(await classesOf(`%${receipt!.id}`)).toEqual(["RECEIPT_MISSING auto_resolved"]);
});

const transfer = (inn: string, kopecks: bigint, number: string) =>
  statementFile(account, [{ number, day: today(), kopecks, purpose: "Оплата за товар", payerAccount: "40702810210000054321", payerName: "ООО Покупатель", payerInn: inn }]);

test("LOST-23: a company's transfer without a number is its advance; 1C books it on the order afterwards, and it is paid once", async () => {
  const draft = aDraft({ totalKopecks: 77_000n, buyer: aCompany() });
  await upload(t, t.shop, draft);
  const [order] = await t.ctx.database.sql<{ id: string; inn: string }[]>`select o.id, c.inn from orders o join counterparties c on c.id = o.counterparty_id where o.number = ${draft.number}`;
  await uploadBankStatement(accountant.ctx, { fileName: "kl.txt", bytes: transfer(order!.inn, 77_000n, "501"), isTest: true });
  await drainJobs(t, { mayFail: true });
  expect((await moneyOf(t, order!.id)).status).toBe("not_paid");
  expect(await t.ctx.database.sql`select f.amount_kopecks from money_facts f join allocations a on a.fact_id = f.id join counterparties c on c.id = a.counterparty_id where c.inn = ${order!.inn} and a.order_id is null`).toEqual([{ amountKopecks: 77_000n }]);
  const paid = changed(draft, { state: { paid: { number: "УТ00-000044", dateLocal: `${today()}T10:00:00` } } });
  await upload(t, t.shop, paid);
  await upload(t, t.shop, changed(paid, { comment: "ещё раз" }));
  await reconcile(t.ctx, "full");
  const money = await moneyOf(t, order!.id);
  expect(money).toMatchObject({ status: "paid", capturedKopecks: 77_000n, facts: [{ kind: "payment_captured", amountKopecks: 77_000n }], exports: [] });
});

test("LOST-23: an unknown payer waits for the accountant; bound to a person's order it is paid, with its receipt", async () => {
  const order = await anOrder(t, t.shop);
  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru' where id = ${order.orderId}`;
  await uploadBankStatement(accountant.ctx, { fileName: "kl2.txt", bytes: transfer("500100732259", 663_100n, "17"), isTest: true });
  await drainJobs(t, { mayFail: true });
  const [line] = (await listUnidentified(t.ctx, true)).filter((each) => each.number === "17");
  expect(line!.candidates.map((each) => each.orderId)).toContain(order.orderId);
  await bindBankLine(accountant.ctx, { bankLineId: line!.bankLineId, orderId: order.orderId, reason: "платёжку прислал покупатель" });
  await letTimePass(t, 60);
  const money = await moneyOf(t, order.orderId);
  expect(money).toMatchObject({ status: "paid", receipts: [{ state: "registered", totalKopecks: 663_100n }], exports: [] });
});
