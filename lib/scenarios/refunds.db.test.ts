/** Refunds of domain 2.5 and LOST-09 … LOST-12, LOST-24, LOST-25, LOST-27, driven from outside: the sandbox bank, its faults, the clock. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { viewerOf } from "@/lib/auth/scope.ts";
import { actingAs } from "@/lib/context.ts";
import { setSetting } from "@/lib/testing/settings.ts";
import { absorbProviderRefunds, approveRefund, cancelRefund, confirmBankRefund, countToApprove, listRefunds, readOrderRefunds, readRefundable, recordBouncedRefund, rejectRefund, requestRefund } from "@/lib/refunds/index.ts";
import type { RequestRefund } from "@/lib/refunds/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { aPaidOrder, bankRefunds, letTimePass, paymentOf } from "@/lib/testing/paid-order.ts";
import { watchRefunds } from "@/lib/refunds/watch-refunds.ts";
import { workRefund } from "@/lib/refunds/work-refund.ts";

let t: MoneyWorld;
let manager: MadeStaff;
let accountant: MadeStaff;
let director: MadeStaff;
beforeAll(async () => {
  t = await openMoneyWorld();
  manager = await aStaff(t, { role: "manager", storeId: t.shop.storeId });
  accountant = await aStaff(t, { role: "accountant" });
  director = await aStaff(t, { role: "director" });
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const wish = (orderId: string, given: Partial<RequestRefund> = {}): RequestRefund => ({ orderId, paymentFactId: null, amountKopecks: 64_550n, reason: "goods_return", reasonText: null, method: "instrument", ...given });
const asked = async (orderId: string, given: Partial<RequestRefund> = {}) => (await requestRefund(manager.ctx, wish(orderId, given)))[0]!.refundId;
const approved = async (orderId: string, given: Partial<RequestRefund> = {}) => {
  const refundId = await asked(orderId, given);
  await approveRefund(director.ctx, { refundId });
  return refundId;
};
const stateOf = async (refundId: string) => (await t.ctx.database.sql<{ state: string; failText: string | null; pollCount: number; providerRefundId: string | null }[]>`select state, fail_text, poll_count, provider_refund_id from refunds where id = ${refundId}`)[0]!;
const openAlerts = async (orderId: string, code: string) => (await t.ctx.database.sql<{ severity: string; title: string }[]>`select severity, title from alerts where order_id = ${orderId} and code = ${code} and state <> 'resolved'`);
const returnReceipts = async (orderId: string) => t.ctx.database.sql`select 1 from receipts r join money_facts f on f.id = r.fact_id where r.order_id = ${orderId} and f.kind = 'refund_succeeded' and r.state not in ('cancelled', 'not_required')`;
const linkOf = async (orderId: string) => (await t.ctx.database.sql<{ amountKopecks: bigint }[]>`select amount_kopecks from payment_links where order_id = ${orderId} and state = 'active'`)[0] ?? null;

test("a part goes back by the card: request, approval, the bank, the fact, the letter, the row for 1C", async () => {
  const order = await aPaidOrder(t, { contact: "refund@example.ru" });
  const refundId = await approved(order.orderId);
  await letTimePass(t, 60);
  expect(await stateOf(refundId)).toMatchObject({ state: "succeeded", providerRefundId: expect.stringMatching(/^\d+$/) });
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
  await approved(order.orderId, { amountKopecks: 663_100n, reason: "order_cancelled" });
  await letTimePass(t, 60);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "refunded" });
  expect(await openAlerts(order.orderId, "ALR-20")).toHaveLength(0);
});

test("bad sums are refused with a clear message and nothing is sent", async () => {
  const order = await aPaidOrder(t);
  await expect(asked(order.orderId, { amountKopecks: 0n })).rejects.toMatchObject({ code: "invalid", message: "Укажите сумму больше нуля" });
  await expect(asked(order.orderId, { amountKopecks: -1n })).rejects.toMatchObject({ code: "invalid" });
  await expect(asked(order.orderId, { currency: "USD" })).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("рубли") });
  await expect(asked(order.orderId, { amountKopecks: 663_101n })).rejects.toMatchObject({ code: "conflict", message: "Вернуть можно не больше 6\u202F631,00\u00A0₽", details: { reason: "refund_limit", refundableKopecks: "663100" } });
  const unpaid = await anOrder(t, t.shop);
  await expect(asked(unpaid.orderId)).rejects.toMatchObject({ details: { reason: "refund_limit", refundableKopecks: "0" } });
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(0);
});

test("LOST-27: a payment of another world is not refunded", async () => {
  const order = await aPaidOrder(t);
  const sql = t.ctx.database.sql;
  const [live] = await sql<{ id: string }[]>`
    insert into connections (id, kind, provider, name, environment, door, settings, enabled, created_at, priority)
    values (gen_random_uuid(), 'acquirer', 'paykeeper', 'Живой', 'live', ${`door-${order.orderId}`}, '{}', true, now(), 5) returning id`;
  await expect(asked(order.orderId)).rejects.toMatchObject({ code: "conflict", details: { reason: "test_payment" } });
  await sql`update connections set enabled = false where id = ${live!.id}`;
  await expect(asked(order.orderId)).resolves.toMatch(/-/);
});

test("SEC-12: four eyes and the director's limit", async () => {
  const order = await aPaidOrder(t, { lines: [{ name: "Шкаф", sumKopecks: 4_000_000n }] });
  const [own] = await requestRefund(accountant.ctx, wish(order.orderId, { amountKopecks: 100n }));
  await expect(approveRefund(accountant.ctx, own!)).rejects.toMatchObject({ code: "forbidden", details: { reason: "four_eyes" } });
  await expect(rejectRefund(accountant.ctx, { ...own!, text: "нет" })).rejects.toMatchObject({ code: "forbidden" });
  const big = await asked(order.orderId, { amountKopecks: 3_500_000n });
  expect(await openAlerts(order.orderId, "ALR-23")).not.toHaveLength(0);
  await expect(approveRefund(accountant.ctx, { refundId: big })).rejects.toMatchObject({ code: "forbidden", details: { reason: "director" } });
  await expect(approveRefund(manager.ctx, { refundId: big })).rejects.toMatchObject({ code: "forbidden" });
  await approveRefund(director.ctx, { refundId: big });
  await cancelRefund(director.ctx, { refundId: big, text: "передумали" });
  await letTimePass(t, 40);
  expect(await stateOf(big)).toMatchObject({ state: "canceled" });
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(0);
  const stranger = actingAs(t.ctx, { kind: "staff", userId: manager.userId, role: "manager", storeId: null, ip: null });
  await expect(requestRefund(stranger, wish(order.orderId))).rejects.toMatchObject({ code: "not_found" });
});

test("SEC-12: up to the limit nobody needs to approve", async () => {
  await setSetting(t, "refundAutoApproveLimit", "10000");
  const order = await aPaidOrder(t);
  const [small] = await requestRefund(manager.ctx, wish(order.orderId, { amountKopecks: 10_000n }));
  const [bigger] = await requestRefund(manager.ctx, wish(order.orderId, { amountKopecks: 10_001n }));
  await setSetting(t, "refundAutoApproveLimit", "0");
  await letTimePass(t, 40);
  expect([(await stateOf(small!.refundId)).state, (await stateOf(bigger!.refundId)).state]).toEqual(["succeeded", "requested"]);
});

test("LOST-10: two parallel refunds that together exceed the payment: one loses with the exact sum", async () => {
  const order = await aPaidOrder(t);
  const [first, second] = [await asked(order.orderId, { amountKopecks: 400_000n }), await asked(order.orderId, { amountKopecks: 400_000n })];
  const results = await Promise.allSettled([approveRefund(director.ctx, { refundId: first }), approveRefund(accountant.ctx, { refundId: second })]);
  const lost = results.filter((result) => result.status === "rejected");
  // Both may approve; only one finds the money.
  expect(lost).toHaveLength(1);
  expect(lost[0]!.reason).toMatchObject({ code: "conflict", message: "Вернуть можно не больше 2\u202F631,00\u00A0₽", details: { refundableKopecks: "263100" } });
  await letTimePass(t, 60);
  expect(await bankRefunds(t, order.bankPaymentId)).toMatchObject([{ status: "done" }]);
});

test("LOST-10: money promised to a bank refund that names no payment limits the whole order", async () => {
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "card");
  const invoice = await t.bankId(attemptId);
  for (const late of [false, true]) await t.sandbox.control(`pay/${invoice}`, { outcome: "success", late });
  await letTimePass(t, 60);
  const [byBank] = await requestRefund(manager.ctx, wish(order.orderId, { amountKopecks: 1_000_000n, method: "bank_transfer" }));
  expect(byBank).toMatchObject({ paymentFactId: null });
  await approveRefund(director.ctx, byBank!);
  await expect(asked(order.orderId, { amountKopecks: 663_100n })).rejects.toMatchObject({ details: { refundableKopecks: "326200" } });
  // The bank sum by both payments, one row each.
  await cancelRefund(director.ctx, { refundId: byBank!.refundId, text: "передумали" });
  const rows = await requestRefund(manager.ctx, wish(order.orderId, { amountKopecks: 1_000_000n, formKey: "both" }));
  expect(rows.map((row) => row.amountKopecks)).toEqual([663_100n, 336_900n]);
  expect(new Set(rows.map((row) => row.paymentFactId)).size).toBe(2);
  expect(await requestRefund(manager.ctx, wish(order.orderId, { amountKopecks: 1_000_000n, formKey: "both" }))).toEqual(rows);
  for (const { refundId } of rows) await approveRefund(director.ctx, { refundId });
  await letTimePass(t, 90);
  expect((await moneyOf(t, order.orderId)).facts.filter((fact) => fact.kind === "refund_succeeded").map((fact) => fact.amountKopecks).toSorted((a, b) => Number(a - b))).toEqual([336_900n, 663_100n]);
});

test("LOST-10: looked at again right before sending: money that left meanwhile stops the refund", async () => {
  const order = await aPaidOrder(t);
  const refundId = await approved(order.orderId, { amountKopecks: 600_000n });
  // Somebody else gives most of it back at the bank before our worker comes.
  await t.sandbox.control(`paykeeper/refund/${order.bankPaymentId}`, { amount: "1000.00" });
  await t.advance(5);
  await letTimePass(t, 60);
  expect(await stateOf(refundId)).toMatchObject({ state: "failed", failText: expect.stringContaining("5\u202F631,00") });
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
  expect(await openAlerts(order.orderId, "ALR-20")).toHaveLength(1);
  expect((await moneyOf(t, order.orderId)).facts).toContainEqual({ kind: "refund_succeeded", amountKopecks: 100_000n });
});

test("the answer of the bank is lost after the work was done: asked about, found, never sent twice", async () => {
  for (const fault of ["create_timeout_after", "502_after"]) {
    const order = await aPaidOrder(t);
    await t.sandbox.control("fault", { target: "paykeeper", fault, on: "/change/payment/reverse/" });
    const refundId = await approved(order.orderId);
    await drainJobs(t);
    expect((await stateOf(refundId)).state).toBe("unknown");
    await letTimePass(t, 200, 20);
    expect((await stateOf(refundId)).state).toBe("succeeded");
    expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
    expect((await moneyOf(t, order.orderId)).facts.filter((fact) => fact.kind === "refund_succeeded")).toHaveLength(1);
  }
});

test("a request that never arrived goes out again as the same row, only after the list proved its absence twice", async () => {
  const order = await aPaidOrder(t);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "502_before", on: "/change/payment/reverse/" });
  const refundId = await approved(order.orderId);
  await drainJobs(t);
  expect((await stateOf(refundId)).state).toBe("unknown");
  await letTimePass(t, 130, 10);
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(0);
  expect(await stateOf(refundId)).toMatchObject({ state: "unknown", pollCount: 1 });
  await letTimePass(t, 200, 10);
  expect((await stateOf(refundId)).state).toBe("succeeded");
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
});

test("the bank refuses while the payment is not finished at its side: the same refund waits and goes through later", async () => {
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never" });
  const order = await aPaidOrder(t);
  const refundId = await approved(order.orderId);
  await drainJobs(t);
  expect(await stateOf(refundId)).toMatchObject({ state: "unknown", failText: expect.stringContaining("статус") });
  await letTimePass(t, 1_500, 30);
  expect((await stateOf(refundId)).state).toBe("succeeded");
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
  expect(await openAlerts(order.orderId, "ALR-20")).toHaveLength(0);
});

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

test("a worker that died between sending and hearing: the janitor's job asks first", async () => {
  const order = await aPaidOrder(t);
  const refundId = await approved(order.orderId);
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
  expect((await stateOf(refundId)).state).toBe("succeeded");
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
});

test("the same step twice, and an old step, do nothing (invariant 6)", async () => {
  const order = await aPaidOrder(t);
  const refundId = await approved(order.orderId);
  await Promise.all([workRefund(t.ctx, refundId, 0), workRefund(t.ctx, refundId, 0), workRefund(t.ctx, refundId, 0)]);
  await letTimePass(t, 60);
  await workRefund(t.ctx, refundId, 0);
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
  expect((await moneyOf(t, order.orderId)).facts).toHaveLength(2);
});

test("LOST-25: the return receipt is planned only after the refund succeeded; a failed one leaves none", async () => {
  const order = await aPaidOrder(t);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "refund_fails" });
  const failing = await approved(order.orderId);
  await drainJobs(t);
  expect(await returnReceipts(order.orderId)).toHaveLength(0);
  await letTimePass(t, 60);
  expect((await stateOf(failing)).state).toBe("failed");
  expect(await returnReceipts(order.orderId)).toHaveLength(0);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid", facts: [{ kind: "payment_captured" }] });
  expect(await openAlerts(order.orderId, "ALR-20")).toHaveLength(1);
  const again = await approved(order.orderId);
  await letTimePass(t, 60);
  expect((await stateOf(again)).state).toBe("succeeded");
  expect(await returnReceipts(order.orderId)).toHaveLength(1);
  expect(await openAlerts(order.orderId, "ALR-20")).toHaveLength(0);
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
  expect(await returnReceipts(order.orderId)).toHaveLength(1);
  expect(await openAlerts(order.orderId, "ALR-23")).toMatchObject([{ severity: "P3", title: expect.stringContaining("в кабинете банка") }]);
  expect(await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, "999999")).toBe("unknown_payment");
});

test("LOST-11: one that waits for approval here is fulfilled by the cabinet's, not doubled", async () => {
  const order = await aPaidOrder(t);
  const waiting = await asked(order.orderId);
  await t.sandbox.control(`paykeeper/refund/${order.bankPaymentId}`, { amount: "645.50" });
  await t.advance(10);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, order.bankPaymentId);
  expect((await stateOf(waiting)).state).toBe("canceled");
  await expect(approveRefund(director.ctx, { refundId: waiting })).rejects.toMatchObject({ code: "conflict" });
  expect((await moneyOf(t, order.orderId)).facts).toHaveLength(2);
});

test("LOST-24: a refund that came back: the money is ours again, the receipt stays, a task by another way", async () => {
  const order = await aPaidOrder(t);
  const refundId = await approved(order.orderId, { amountKopecks: 663_100n, reason: "order_cancelled" });
  await letTimePass(t, 60);
  const [bank] = await bankRefunds(t, order.bankPaymentId);
  await t.sandbox.control(`paykeeper/bounce/${bank!.id}`);
  expect(await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, order.bankPaymentId)).toBe("changed");
  expect(await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, order.bankPaymentId)).toBe("same");
  const money = await moneyOf(t, order.orderId);
  expect(money.status).toBe("paid");
  expect(money.facts.map((fact) => fact.kind)).toEqual(["payment_captured", "refund_succeeded", "refund_reversed"]);
  expect(money.exports).toHaveLength(3);
  expect(await openAlerts(order.orderId, "ALR-20")).toHaveLength(1);
  const refunds = await readOrderRefunds(t.ctx, order.orderId);
  expect(refunds).toMatchObject([{ state: "requested", method: "bank_transfer", amountKopecks: 663_100n }, { refundId, state: "succeeded", hasBounced: true }]);
  await expect(recordBouncedRefund(accountant.ctx, { refundId, reason: "выписка банка" })).rejects.toMatchObject({ code: "conflict" });
  // The new task is paid out by the accountant; then nothing is left.
  await approveRefund(director.ctx, { refundId: refunds[0]!.refundId });
  await confirmBankRefund(accountant.ctx, { refundId: refunds[0]!.refundId, documentNumber: "ПП-77", documentDate: new Date(t.ctx.now().getTime() - 86_400_000).toISOString().slice(0, 10) });
  expect(await openAlerts(order.orderId, "ALR-20")).toHaveLength(0);
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
  expect(await openAlerts(auto.order.orderId, "ALR-05")).toHaveLength(0);
  expect((await readOrderRefunds(t.ctx, auto.order.orderId))[0]).toMatchObject({ source: "auto", reason: "late_payment", state: "succeeded" });
  const [advice] = await t.ctx.database.sql<{ advice: string }[]>`select advice from alerts where order_id = ${asks.order.orderId} and code = 'ALR-05'`;
  expect(advice!.advice).toContain("снимите отмену в 1С");
});

test("PAY-16: a payment whose sum is in doubt is not refunded", async () => {
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success", amount: "6000.00" });
  await letTimePass(t, 30);
  await expect(asked(order.orderId, { amountKopecks: 100n })).rejects.toMatchObject({ code: "conflict", details: { reason: "amount_mismatch" } });
});

test("PAY-06: while 1C has not made the order smaller, what looks due is not asked for", async () => {
  const order = await aPaidOrder(t);
  await approved(order.orderId, { reason: "order_reduction" });
  await letTimePass(t, 60);
  expect(await linkOf(order.orderId)).toBeNull();
  expect(await readRefundable(t.ctx, order.orderId)).toMatchObject({ awaitsRevision: true, refundableKopecks: 598_550n });
  const other = await aPaidOrder(t);
  await approved(other.orderId, { reason: "other", reasonText: "ошиблись" });
  await letTimePass(t, 60);
  expect(await linkOf(other.orderId)).toEqual({ amountKopecks: 64_550n });
});

test("FISC-45: by lines: the sum follows the quantity, the cheaper piece goes last, never more than sold", async () => {
  const order = await aPaidOrder(t, { lines: [{ name: "Винт", quantity: "3", sumKopecks: 1_000n }] });
  const [line] = (await readRefundable(t.ctx, order.orderId))!.lines;
  const one = { lines: [{ orderLineId: line!.orderLineId, quantity: "1" }], amountKopecks: null };
  const sums = [];
  for (let i = 0; i < 3; i++) sums.push((await requestRefund(manager.ctx, wish(order.orderId, one)))[0]!.amountKopecks);
  expect(sums).toEqual([334n, 333n, 333n]);
  await expect(requestRefund(manager.ctx, wish(order.orderId, one))).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("не больше") });
});

test("the queue of decisions: own store only, paged, and nobody is asked about his own wish", async () => {
  const order = await aPaidOrder(t);
  const [first, second] = [await asked(order.orderId, { amountKopecks: 100n }), await asked(order.orderId, { amountKopecks: 200n })];
  const all = await listRefunds(t.ctx, viewerOf({ role: "director", storeId: null }), { show: "approve", isTest: true, limit: 200 });
  const mine = all.filter((refund) => refund.orderId === order.orderId);
  expect(mine).toMatchObject([{ refundId: first, requestedByName: "Анна Соколова", state: "requested", payMethod: "card", lines: [] }, { refundId: second }]);
  const { requestedAt, refundId } = mine[0]!;
  const next = await listRefunds(t.ctx, viewerOf({ role: "director", storeId: null }), { show: "approve", isTest: true, limit: 1, before: { requestedAt, refundId } });
  expect(next.map((refund) => refund.refundId)).toEqual([second]);
  expect(await listRefunds(t.ctx, viewerOf({ role: "manager", storeId: null }), { show: "all", isTest: true })).toEqual([]);
  expect(await listRefunds(t.ctx, viewerOf({ role: "director", storeId: null }), { show: "all", isTest: false })).toEqual([]);
  const before = await countToApprove(accountant.ctx, true);
  await requestRefund(accountant.ctx, wish(order.orderId, { amountKopecks: 300n }));
  expect(await countToApprove(accountant.ctx, true)).toBe(before);
  expect(await countToApprove(director.ctx, true)).toBeGreaterThan(before);
  expect(await countToApprove(manager.ctx, true)).toBe(0);
});

test("a double click asks once", async () => {
  const order = await aPaidOrder(t);
  const made = await Promise.all([1, 2, 3].map(() => requestRefund(manager.ctx, wish(order.orderId, { formKey: `key-${order.orderId}` }))));
  expect(new Set(made.map(([row]) => row!.refundId)).size).toBe(1);
});

test("PAY-21: the consumer's ten days: day 7 is P2, day 9 is P1", async () => {
  const order = await aPaidOrder(t);
  const today = t.ctx.now().toISOString().slice(0, 10);
  await asked(order.orderId, { demandedOn: today });
  const at = t.ctx.now();
  await watchRefunds(t.ctx);
  expect(await openAlerts(order.orderId, "ALR-19")).toHaveLength(0);
  t.clock.set(new Date(at.getTime() + 7 * 86_400_000));
  await watchRefunds(t.ctx);
  await watchRefunds(t.ctx);
  expect(await openAlerts(order.orderId, "ALR-19")).toMatchObject([{ severity: "P2" }]);
  t.clock.set(new Date(at.getTime() + 9 * 86_400_000));
  await watchRefunds(t.ctx);
  expect(await openAlerts(order.orderId, "ALR-19")).toMatchObject([{ severity: "P1" }]);
  t.clock.set(at);
});
