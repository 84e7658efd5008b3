/** Forged, altered, repeated, reordered messages: the money stays true (LOST-06, LOST-20, LOST-21, invariants 6 and 7). */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { receiveNotification, readAttempt } from "@/lib/payments/index.ts";
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
const send = (body: string, door = t.acquirer.door) => receiveNotification(t.ctx, door, { headers: {}, body, ip: "10.0.0.1" });
const total = async () => (await t.ctx.database.sql<{ n: bigint }[]>`select count(*) as n from money_facts`)[0]!.n;

function signed(fields: { id: string; sum: string; clientid: string; orderid: string }): string {
  const { secretWord } = t.sandbox.credentials.paykeeper;
  return new URLSearchParams({ ...fields, ps_id: "99", key: md5(fields.id + fields.sum + fields.clientid + fields.orderid + secretWord) }).toString();
}

test("LOST-21: a forged notification changes no money, is kept as evidence, and a series of them alerts staff", async () => {
  const before = await total();
  for (let i = 0; i < 6; i++) {
    const reply = await send(`id=${i}&sum=1.00&clientid=x&orderid=k1-1&key=${"0".repeat(32)}`);
    expect(reply.body).not.toMatch(/^OK/);
  }
  expect(await total()).toBe(before);
  const [stored] = await t.ctx.database.sql<{ n: bigint }[]>`select count(*) as n from inbox_messages where result = 'forged'`;
  expect(stored!.n).toBe(6n);
  const alerts = await t.ctx.database.sql`select 1 from alerts where code = 'ALR-22' and state = 'firing'`;
  expect(alerts).toHaveLength(1);
});

test("an unknown door answers 404 and stores nothing", async () => {
  expect((await send("id=1", "nobody")).status).toBe(404);
});

test("a digit moved from the payment id to the sum keeps the signature: it is not believed, the bank is asked", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  const [row] = await t.ctx.database.sql<{ reference: string; payerId: string }[]>`select reference, payer_id from payment_attempts where id = ${attempt.attemptId}`;
  const reply = await send(signed({ id: "4170012", sum: "36631.00", clientid: row!.payerId, orderid: row!.reference }));
  expect(reply.body).toMatch(/^OK /);
  await drainJobs(t, { mayFail: true });
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "awaiting_payment", facts: [] });
});

test("PAY-16: the bank really took another sum: the real sum is recorded and flagged, never refused", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success", amount: "2000.00" });
  await drainJobs(t, { mayFail: true });
  const money = await moneyOf(t, order.orderId);
  expect(money).toMatchObject({ status: "partially_paid", capturedKopecks: 200_000n });
  expect(money.alerts).toContainEqual({ code: "ALR-16", severity: "P1" });
  // FISC-12: method 2, shares of E3.
  const lines = await t.ctx.database.sql<{ sum: bigint; method: number }[]>`
    select sum(l.sum_kopecks)::bigint as sum, l.method from receipt_lines l join receipts r on r.id = l.receipt_id where r.order_id = ${order.orderId} group by l.order_line_id, l.method order by sum desc`;
  expect(lines).toEqual([{ sum: 150_505n, method: 2 }, { sum: 38_938n, method: 2 }, { sum: 10_557n, method: 2 }]);
});

test("LOST-20: real money whose order we do not know is recorded as an advance for a person", async () => {
  const made = await t.sandbox.control<{ invoice_id?: string }>("pay/none", {}).catch(() => null);
  expect(made).toBeNull();
  // Another program of the shop made this invoice in the same cabinet.
  const { acquirerOf } = await import("@/lib/acquirers/registry.ts");
  const { loadConnection } = await import("@/lib/connections/index.ts");
  const bank = acquirerOf(await loadConnection(t.ctx, t.acquirer.connectionId), t.ctx.now);
  const opened = await bank.open({ reference: "other-1", amountKopecks: 12_300n, method: "card", purpose: "Чужой заказ", email: "q@w.ru", phone: null, payerId: "someone", returnUrl: "https://pay.test/", expiresAt: null }, AbortSignal.timeout(5_000));
  if (opened.kind !== "done") throw new Error(opened.kind);
  await t.sandbox.control(`pay/${opened.value.providerInvoiceId}`, { outcome: "success" });
  await drainJobs(t, { mayFail: true });
  const facts = await t.ctx.database.sql`select f.amount_kopecks from money_facts f join allocations a on a.fact_id = f.id where a.order_id is null`;
  expect(facts).toEqual([{ amountKopecks: 12_300n }]);
  const receipts = await t.ctx.database.sql`select state, fail_code from receipts where order_id is null`;
  expect(receipts).toEqual([{ state: "failed_final", failCode: "ORDER_UNKNOWN" }]);
});

test("LOST-06: two attempts both paid: two facts, overpaid, an advance on the second receipt, an alert", async () => {
  const order = await anOrder(t, t.shop);
  const first = await t.pay(order, "sbp");
  const firstBank = await t.bankId(first.attemptId);
  const second = await t.pay(order, "card");
  expect(second.attemptId).not.toBe(first.attemptId);
  await t.sandbox.control(`pay/${await t.bankId(second.attemptId)}`, { outcome: "success" });
  await t.sandbox.control(`pay/${firstBank}`, { outcome: "success", late: true });
  await drainJobs(t, { mayFail: true });
  const money = await moneyOf(t, order.orderId);
  expect(money).toMatchObject({ status: "overpaid", capturedKopecks: 1_326_200n });
  expect(money.alerts).toContainEqual({ code: "ALR-04", severity: "P2" });
  const advance = await t.ctx.database.sql`select l.method, l.subject, l.sum_kopecks from receipt_lines l join receipts r on r.id = l.receipt_id where r.order_id = ${order.orderId} and l.method = 3`;
  expect(advance).toEqual([{ method: 3, subject: 10, sumKopecks: 663_100n }]);
});

test("invariants 6 and 7: any order and repetition of the same messages ends in the same state", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 12 }), async (steps) => {
      const order = await anOrder(t, t.shop);
      await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: 1 });
      const attempt = await t.pay(order, "card");
      await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
      const [payment] = await t.ctx.database.sql<{ reference: string; payerId: string; providerInvoiceId: string }[]>`select reference, payer_id, provider_invoice_id from payment_attempts where id = ${attempt.attemptId}`;
      const state = await t.sandbox.read<{ invoices: unknown; payments: Record<string, { id: string; orderid: string }> | { id: string; orderid: string }[] }>("paykeeper/state");
      const paid = Object.values(state.payments).find((p) => JSON.stringify(p).includes(payment!.reference))!;
      const notice = signed({ id: String(paid.id), sum: "6631.00", clientid: payment!.payerId, orderid: payment!.reference });
      const act = [
        () => send(notice),
        () => readAttempt(t.ctx, attempt.attemptId),
        () => Promise.all([send(notice), send(notice), readAttempt(t.ctx, attempt.attemptId)]),
        () => drainJobs(t, { mayFail: true, only: ["money.captured"] }),
      ];
      for (const step of [...steps, 0]) await act[step]!();
      const money = await moneyOf(t, order.orderId);
      expect(money).toMatchObject({ status: "paid", capturedKopecks: 663_100n, facts: [{ amountKopecks: 663_100n }], exports: [{ amountKopecks: 663_100n }] });
      expect(money.receipts).toHaveLength(1);
      const [letters] = await t.ctx.database.sql<{ n: bigint }[]>`select count(*) as n from letters where order_id = ${order.orderId}`;
      expect(letters!.n).toBe(1n);
    }),
    { numRuns: 12 },
  );
});
