/** SBP payments by the sandbox's bank: one QR is one attempt, and whoever pays it again has paid twice. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { readAttempt } from "@/lib/payments/index.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { live, receiptsOf, refunded } from "@/lib/testing/shop-day.ts";

let t: MoneyWorld;
beforeAll(async () => {
  t = await openMoneyWorld();
});
afterAll(() => t.close());
afterEach(async () => {
  await t.disarmFaults();
  expect((await checkInvariants(t.ctx)).filter((each) => each.count > 0)).toEqual([]);
});

const qrOf = (opened: Awaited<ReturnType<MoneyWorld["pay"]>>): string => (opened.go?.kind === "qr" ? opened.go.payload : "");

test("LOST-28: every attempt shows a QR of its own, with its sum; none is used twice", async () => {
  const [a, b] = [await anOrder(t, t.shop), await anOrder(t, t.shop)];
  const codes = [qrOf(await t.pay(a, "sbp")), qrOf(await t.pay(b, "sbp"))];
  for (const code of codes) expect(new URL(code).searchParams.get("sum")).toBe("663100");
  // Going back and paying by card ends the first QR; choosing SBP again makes a new one.
  await t.pay(a, "card");
  codes.push(qrOf(await t.pay(a, "sbp")));
  expect(new Set(codes.map((code) => new URL(code).pathname)).size).toBe(3);
});

test("LOST-28: two people pay one QR: both facts, the second is an overpayment with its receipt and a task, and goes back", async () => {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "sbp");
  const bankId = await t.bankId(attempt.attemptId);
  await t.sandbox.control(`pay/${bankId}`, { outcome: "success", method: "sbp" });
  await live(t, 30);
  expect((await moneyOf(t, order.orderId)).status).toBe("paid");
  const second = await t.sandbox.control<{ id: string }>(`paykeeper/again/${bankId}`);
  await live(t, 60);
  const money = await moneyOf(t, order.orderId);
  expect(money).toMatchObject({ status: "overpaid", capturedKopecks: 1_326_200n });
  expect(money.facts).toEqual([{ kind: "payment_captured", amountKopecks: 663_100n }, { kind: "payment_captured", amountKopecks: 663_100n }]);
  expect(money.alerts).toContainEqual({ code: "ALR-04", severity: "P2" });
  // FISC-25: goods on the first receipt, an advance on the second.
  expect((await receiptsOf(t, order.orderId)).map((row) => [row.purpose, row.state])).toEqual([["prepayment", "registered"], ["advance", "registered"]]);
  expect(money.exports).toHaveLength(2);
  const [fact] = await t.ctx.database.sql<{ id: string }[]>`select id from money_facts where provider_payment_id = ${second.id} and kind = 'payment_captured'`;
  await refunded(t, order.orderId, fact!.id, { amountKopecks: 663_100n, reason: "double_payment" });
  await live(t, 300, 10);
  const after = await moneyOf(t, order.orderId);
  expect(after.status).toBe("paid");
  expect(after.alerts.map((alert) => alert.code)).not.toContain("ALR-04");
});

test("LOST-28: the QR is paid after our page was closed and the notification is lost: found by asking", async () => {
  const order = await anOrder(t, t.shop);
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: -1 });
  const attempt = await t.pay(order, "sbp");
  await live(t, 120, 20);
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success", method: "sbp" });
  await t.disarmFaults();
  await live(t, 600, 30);
  expect((await moneyOf(t, order.orderId)).status).toBe("paid");
  expect(await readAttempt(t.ctx, attempt.attemptId)).toBe("paid");
  expect((await drainJobs(t, { mayFail: true })).length).toBeLessThan(5);
});
