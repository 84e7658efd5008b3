/** 1C says that a company's order is paid while the buyer's payment on the site is open. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { sweep } from "@/lib/janitor/sweep.ts";
import { newId } from "@/lib/kit/ids.ts";
import { openAttempt } from "@/lib/payments/index.ts";
import { aCompany, aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";

let t: MoneyWorld;
beforeAll(async () => {
  t = await openMoneyWorld();
});
afterAll(() => t.close());

async function aMinute() {
  for (let passed = 0; passed < 60; passed += 5) {
    await drainJobs(t, { mayFail: true });
    await t.advance(5);
  }
  await sweep(t.ctx);
}

async function openedByCompany() {
  const draft = aDraft({ totalKopecks: 50_000n, buyer: aCompany() });
  const [result] = await upload(t, t.shop, draft);
  const orderId = result!.orderId!;
  const [link] = await t.ctx.database.sql<{ id: string }[]>`select id from payment_links where order_id = ${orderId} and state = 'active'`;
  const { attemptId } = await openAttempt(t.ctx, { linkId: link!.id, orderId, method: "card", contact: "a@b.ru", amountSeenKopecks: 50_000n, formKey: newId(), returnUrl: "https://pay.test/x" });
  return { draft, orderId, attemptId };
}

const closed = { state: { paid: { number: "УТ00-000013", dateLocal: null } } };

test("CML-21, PAY-02: 1C closes a company's order from the bank's list before the lost notification is found: one payment, not two", async () => {
  const { draft, orderId, attemptId } = await openedByCompany();
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: 1 });
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  await upload(t, t.shop, changed(draft, closed));
  expect((await moneyOf(t, orderId)).facts).toEqual([]);
  await aMinute();
  const money = await moneyOf(t, orderId);
  expect(money).toMatchObject({ status: "paid", capturedKopecks: 50_000n, facts: [{ kind: "payment_captured", amountKopecks: 50_000n }] });
  // Whether 1C's document is this payment only a person can say; 1C was not told of it yet.
  expect(money.exports).toEqual([{ state: "pending", amountKopecks: 50_000n }]);
  expect(money.alerts).toContainEqual({ code: "ALR-16", severity: "P2" });
});

test("CML-21, PAY-02: the open payment turns out unpaid: it is cancelled, then the transfer that 1C reported is booked, once", async () => {
  const { draft, orderId, attemptId } = await openedByCompany();
  const paid = changed(draft, closed);
  await upload(t, t.shop, paid);
  expect((await moneyOf(t, orderId)).capturedKopecks).toBe(0n);
  await aMinute();
  const [attempt] = await t.ctx.database.sql`select state from payment_attempts where id = ${attemptId}`;
  expect(attempt).toEqual({ state: "canceled" });
  await upload(t, t.shop, changed(paid, { comment: "ещё раз" }));
  await sweep(t.ctx);
  expect(await moneyOf(t, orderId)).toMatchObject({ status: "paid", capturedKopecks: 50_000n, facts: [{ kind: "payment_captured" }] });
  expect((await moneyOf(t, orderId)).alerts.map((alert) => alert.code)).not.toContain("ALR-16");
  const [fact] = await t.ctx.database.sql`select f.method, f.document_number from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId}`;
  expect(fact).toEqual({ method: "bank_transfer", documentNumber: "УТ00-000013" });
});
