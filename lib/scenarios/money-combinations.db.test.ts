/** Refunds in combinations that no single scenario has: two ways back at once, bounces, payouts that 1C tells of. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findBreaks } from "@/lib/invariants/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { newId } from "@/lib/kit/ids.ts";
import { approveRefund, confirmBankRefund, readOrderRefunds, readRefundable, recordBouncedRefund } from "@/lib/refunds/index.ts";
import { watchRefunds } from "@/lib/refunds/watch-refunds.ts";
import { aDraft, anOperation, changed, upload } from "@/lib/testing/drafts.ts";
import { moneyOf } from "@/lib/testing/money-world.ts";
import { aPaidOrder, bankRefunds, letTimePass, paidByCard, paidTwice } from "@/lib/testing/paid-order.ts";
import { openRefundWorld } from "@/lib/testing/refund-world.ts";
import type { RefundWorld } from "@/lib/testing/refund-world.ts";
import { receiptsOf } from "@/lib/testing/shop-day.ts";

let t: RefundWorld;
beforeAll(async () => {
  t = await openRefundWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const today = () => t.ctx.now().toISOString().slice(0, 10);

test("LOST-11: a refund of the cabinet that the bank still carries out stands for the equal one that waits here: the money goes once", async () => {
  const order = await aPaidOrder(t);
  const ours = await t.approved(order.orderId);
  // Slow at the bank: our worker meets it before it is done.
  await t.sandbox.control("paykeeper/settings", { refundSeconds: 600 });
  await t.sandbox.control(`paykeeper/refund/${order.bankPaymentId}`, { amount: "645.50" });
  await letTimePass(t, 60);
  await t.sandbox.control("paykeeper/settings", { refundSeconds: 3 });
  expect((await readOrderRefunds(t.ctx, order.orderId)).map((refund) => [refund.source, refund.state])).toEqual([["provider_cabinet", "external"], ["staff", "canceled"]]);
  // Nobody tells us of its end: the janitor has it asked about.
  await t.advance(2_000);
  await sweep(t.ctx);
  await letTimePass(t, 30);
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(1);
  expect((await moneyOf(t, order.orderId)).facts.filter((fact) => fact.kind === "refund_succeeded")).toHaveLength(1);
  expect((await t.stateOf(ours)).state).toBe("canceled");
});

const returned = (kopecks: bigint) => anOperation({ number: "00БП-000009", createdLocal: null, totalKopecks: kopecks, marks: { paid: true, refund: true } });

test("LOST-12, PAY-20: 1C pays out a bank refund a week after it was approved: the document fulfils it, nothing waits to be paid again", async () => {
  const draft = aDraft({ totalKopecks: 50_000n });
  const orderId = await paidByCard(t, draft);
  const refundId = await t.approved(orderId, { amountKopecks: 20_000n, method: "bank_transfer" });
  await t.advance(7 * 86_400);
  await upload(t, t.shop, changed(draft, { operations: [returned(20_000n)] }));
  expect(await readOrderRefunds(t.ctx, orderId)).toMatchObject([{ refundId, state: "succeeded" }]);
});

test("LOST-12: 1C reports the payout that the accountant has named already: the same number is nothing new, another one is a doubt", async () => {
  const draft = aDraft({ totalKopecks: 50_000n });
  const orderId = await paidByCard(t, draft);
  const refundId = await t.approved(orderId, { amountKopecks: 20_000n, method: "bank_transfer" });
  await confirmBankRefund(t.accountant.ctx, { refundId, documentNumber: "9", documentDate: today() });
  await upload(t, t.shop, changed(draft, { operations: [returned(20_000n)] }));
  const refundFacts = () => t.ctx.database.sql`select 1 from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId} and f.kind = 'refund_succeeded'`;
  expect(await refundFacts()).toHaveLength(1);
  expect((await moneyOf(t, orderId)).alerts.filter((alert) => alert.code === "ALR-16")).toHaveLength(0);
  await upload(t, t.shop, changed(draft, { operations: [{ ...returned(20_000n), number: "00БП-000010" }] }));
  expect(await refundFacts()).toHaveLength(1);
  expect((await moneyOf(t, orderId)).alerts).toContainEqual({ code: "ALR-16", severity: "P1" });
});

test("LOST-24: the second way back of a bounced refund brings no second return receipt", async () => {
  const order = await aPaidOrder(t);
  const refundId = await t.approved(order.orderId, { amountKopecks: 200_000n, reason: "other", reasonText: "брак" });
  await letTimePass(t, 60);
  await recordBouncedRefund(t.accountant.ctx, { refundId, reason: "выписка банка" });
  const task = (await readOrderRefunds(t.ctx, order.orderId)).find((refund) => refund.state === "requested")!;
  await approveRefund(t.director.ctx, { refundId: task.refundId });
  await confirmBankRefund(t.accountant.ctx, { refundId: task.refundId, documentNumber: newId().slice(0, 8), documentDate: today() });
  await letTimePass(t, 30);
  const receipts = await receiptsOf(t, order.orderId);
  expect(receipts.map(({ kind, state, totalKopecks }) => [kind, state, totalKopecks])).toEqual([
    ["income", "registered", 663_100n],
    ["income_return", "registered", 200_000n],
    ["income_return", "not_required", 200_000n],
  ]);
});

test("FISC-00: a bank refund over two payments that the site receipted brings the site's return receipt", async () => {
  const order = await paidTwice(t);
  const refundId = await t.approved(order.orderId, { amountKopecks: 1_000_000n, method: "bank_transfer", reason: "other", reasonText: "по заявлению" });
  await confirmBankRefund(t.accountant.ctx, { refundId, documentNumber: newId().slice(0, 8), documentDate: today() });
  await letTimePass(t, 30);
  const receipts = (await receiptsOf(t, order.orderId)).filter((receipt) => receipt.kind === "income_return");
  expect(receipts).toMatchObject([{ state: "registered", totalKopecks: 1_000_000n }]);
});

test("invariant 12: the same goods refunded once more after the first refund bounced", async () => {
  const order = await aPaidOrder(t, { lines: [{ name: "Чайник", sumKopecks: 100_000n }, { name: "Чашка", sumKopecks: 100_000n }] });
  const [line] = (await readRefundable(t.ctx, order.orderId))!.lines;
  const lines = { lines: [{ orderLineId: line!.orderLineId, quantity: "1" }], amountKopecks: null };
  const refundId = await t.approved(order.orderId, lines);
  await letTimePass(t, 60);
  await recordBouncedRefund(t.accountant.ctx, { refundId, reason: "выписка банка" });
  await t.approved(order.orderId, lines);
  await letTimePass(t, 60);
  expect((await receiptsOf(t, order.orderId)).map(({ kind, state, totalKopecks }) => [kind, state, totalKopecks])).toEqual([
    ["income", "registered", 200_000n], ["income_return", "registered", 100_000n], ["income_return", "not_required", 100_000n],
  ]);
});

test("ALR-19: an approved refund that never gets to the bank is told of after three days", async () => {
  const order = await aPaidOrder(t);
  const refundId = await t.approved(order.orderId);
  await t.ctx.database.sql`update refunds set decided_at = decided_at - interval '73 hours' where id = ${refundId}`;
  await watchRefunds(t.ctx);
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-19", severity: "P2" });
  await letTimePass(t, 60);
  expect((await moneyOf(t, order.orderId)).alerts.map((alert) => alert.code)).not.toContain("ALR-19");
});

test("domain 10: none of this breaks an invariant", async () => {
  expect((await findBreaks(t.ctx)).filter((each) => each.count > 0)).toEqual([]);
});
