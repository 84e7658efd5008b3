/** Money after the payment in combinations that no single scenario has: two ways back at once, moves beside refunds, bounces and receipts. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { bindPayment, moveMoney } from "@/lib/allocations/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { findBreaks } from "@/lib/invariants/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { OrderDraft } from "@/lib/onec/wire/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { openAttempt, reversePayment } from "@/lib/payments/index.ts";
import { watchRefunds } from "@/lib/refunds/watch-refunds.ts";
import { approveRefund, confirmBankRefund, readOrderRefunds, readRefundable, recordBouncedRefund, requestRefund } from "@/lib/refunds/index.ts";
import type { RequestRefund } from "@/lib/refunds/index.ts";
import { recordShipment } from "@/lib/shipments/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { aPaidOrder, bankRefunds, letTimePass } from "@/lib/testing/paid-order.ts";
import { setSetting } from "@/lib/testing/settings.ts";
import { receiptsOf } from "@/lib/testing/shop-day.ts";

let t: MoneyWorld;
let accountant: MadeStaff;
let director: MadeStaff;
beforeAll(async () => {
  t = await openMoneyWorld();
  accountant = await aStaff(t, { role: "accountant" });
  director = await aStaff(t, { role: "director" });
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const approved = async (orderId: string, given: Partial<RequestRefund> = {}) => {
  const [row] = await requestRefund(accountant.ctx, { orderId, paymentFactId: null, amountKopecks: 64_550n, reason: "goods_return", reasonText: null, method: "instrument", ...given });
  await approveRefund(director.ctx, { refundId: row!.refundId });
  return row!.refundId;
};
const stateOf = async (refundId: string) => (await t.ctx.database.sql<{ state: string }[]>`select state from refunds where id = ${refundId}`)[0]!.state;
const today = () => t.ctx.now().toISOString().slice(0, 10);
/** Paid twice: the second payment is the buyer's surplus. */
async function paidTwice() {
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "card");
  const invoice = await t.bankId(attemptId);
  await t.sandbox.control(`pay/${invoice}`, { outcome: "success" });
  await t.advance(3);
  await t.sandbox.control(`pay/${invoice}`, { outcome: "success", late: true });
  await letTimePass(t, 60);
  const facts = await t.ctx.database.sql<{ id: string }[]>`
    select f.id from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${order.orderId} and f.kind = 'payment_captured' order by f.occurred_at`;
  return { ...order, first: facts[0]!.id, second: facts[1]!.id };
}

test("LOST-11: a refund of the cabinet that the bank still carries out stands for the equal one that waits here: the money goes once", async () => {
  const order = await aPaidOrder(t);
  const ours = await approved(order.orderId);
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
  expect(await stateOf(ours)).toBe("canceled");
});

const marks = { onecNumber: null, onecDateLocal: null, posted: true, deleted: null, cancelled: null, paid: true, shipped: null, final: null, paymentNumber: null, paymentDateLocal: null, shipmentNumber: null, shipmentDateLocal: null, statusText: null, statusId: null, paymentMethod: null, paymentMethodId: null, bankDocumentNumber: null, receiptNumber: null, refund: true };
const returned = (kopecks: bigint): OrderDraft["operations"][number] => ({
  ref: newId(), number: "00БП-000009", operation: "Выплата безналичных денег", createdLocal: null, totalKopecks: kopecks, baseRef: null, container: null, marks, lines: [],
});

/** An order of 1C, paid on the site. */
async function paidByCard(draft: OrderDraft): Promise<string> {
  const [result] = await upload(t, t.shop, draft);
  const orderId = result!.orderId!;
  const [link] = await t.ctx.database.sql<{ id: string }[]>`select id from payment_links where order_id = ${orderId} and state = 'active'`;
  const { attemptId } = await openAttempt(t.ctx, { linkId: link!.id, orderId, method: "card", contact: "a@b.ru", amountSeenKopecks: draft.totalKopecks, formKey: newId(), returnUrl: "https://pay.test/x" });
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  await letTimePass(t, 20);
  return orderId;
}

test("LOST-12, PAY-20: 1C pays out a bank refund a week after it was approved: the document fulfils it, nothing waits to be paid again", async () => {
  const draft = aDraft({ totalKopecks: 50_000n });
  const orderId = await paidByCard(draft);
  const refundId = await approved(orderId, { amountKopecks: 20_000n, method: "bank_transfer" });
  await t.advance(7 * 86_400);
  await upload(t, t.shop, changed(draft, { operations: [returned(20_000n)] }));
  expect(await readOrderRefunds(t.ctx, orderId)).toMatchObject([{ refundId, state: "succeeded" }]);
});

test("LOST-12: 1C reports the payout that the accountant has named already: the same number is nothing new, another one is a doubt", async () => {
  const draft = aDraft({ totalKopecks: 50_000n });
  const orderId = await paidByCard(draft);
  const refundId = await approved(orderId, { amountKopecks: 20_000n, method: "bank_transfer" });
  await confirmBankRefund(accountant.ctx, { refundId, documentNumber: "9", documentDate: today() });
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
  const refundId = await approved(order.orderId, { amountKopecks: 200_000n, reason: "other", reasonText: "брак" });
  await letTimePass(t, 60);
  await recordBouncedRefund(accountant.ctx, { refundId, reason: "выписка банка" });
  const task = (await readOrderRefunds(t.ctx, order.orderId)).find((refund) => refund.state === "requested")!;
  await approveRefund(director.ctx, { refundId: task.refundId });
  await confirmBankRefund(accountant.ctx, { refundId: task.refundId, documentNumber: newId().slice(0, 8), documentDate: today() });
  await letTimePass(t, 30);
  const receipts = await receiptsOf(t, order.orderId);
  expect(receipts.map(({ kind, state, totalKopecks }) => [kind, state, totalKopecks])).toEqual([
    ["income", "registered", 663_100n],
    ["income_return", "registered", 200_000n],
    ["income_return", "not_required", 200_000n],
  ]);
});

test("FISC-00: a bank refund over two payments that the site receipted brings the site's return receipt", async () => {
  const order = await paidTwice();
  const refundId = await approved(order.orderId, { amountKopecks: 1_000_000n, method: "bank_transfer", reason: "other", reasonText: "по заявлению" });
  await confirmBankRefund(accountant.ctx, { refundId, documentNumber: newId().slice(0, 8), documentDate: today() });
  await letTimePass(t, 30);
  const receipts = (await receiptsOf(t, order.orderId)).filter((receipt) => receipt.kind === "income_return");
  expect(receipts).toMatchObject([{ state: "registered", totalKopecks: 1_000_000n }]);
});

test("LOST-09: a surplus that is promised to a refund does not move to another order as well", async () => {
  const order = await paidTwice();
  await approved(order.orderId, { paymentFactId: order.second, amountKopecks: 663_100n, reason: "double_payment" });
  await expect(moveMoney(accountant.ctx, { factId: order.first, fromOrderId: order.orderId, toOrderId: null, amountKopecks: 663_100n, reason: "согласен" })).rejects.toMatchObject({ code: "conflict", details: { maxKopecks: "0" } });
  await letTimePass(t, 60);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid" });
});

/** Half of an order of two lines, paid by the surplus of another one. */
async function paidByMove() {
  const from = await paidTwice();
  const to = await anOrder(t, { ...t.shop, lines: [{ name: "Чайник", sumKopecks: 100_000n }, { name: "Чашка", sumKopecks: 100_000n }] });
  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru' where id in (${from.orderId}, ${to.orderId})`;
  await moveMoney(accountant.ctx, { factId: from.second, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 100_000n, reason: "согласен, звонок" });
  return { ...to, factId: from.second };
}
async function ship(orderId: string, name: string) {
  await inTransaction(t.ctx, async (tx) => {
    const order = await lockOrder(tx, orderId);
    const line = order.lines.find((each) => each.name === name)!;
    await recordShipment(t.ctx, tx, order, {
      documentKey: newId(), number: null, shippedAt: t.ctx.now(), source: "onec_document",
      lines: [{ orderLineId: line.lineId, name, kind: line.kind, unitCode: line.unitCode, quantity: line.quantity, sumKopecks: line.sumKopecks, vatRate: line.vatRate, markCodes: null }],
    });
  });
  await letTimePass(t, 10);
}
const closings = async (orderId: string) => (await receiptsOf(t, orderId)).filter((receipt) => receipt.purpose === "closing").map(({ state, reasonCode, offsetKopecks }) => [state, reasonCode, offsetKopecks]);

test("FISC-21, LOST-09: moved money is offset by one shipment and not by the next", async () => {
  const order = await paidByMove();
  await ship(order.orderId, "Чайник");
  await ship(order.orderId, "Чашка");
  expect(await closings(order.orderId)).toEqual([["registered", null, 100_000n], ["not_required", "paid_elsewhere", 0n]]);
});

test("FISC-20, LOST-09: moved money that went back is not offset afterwards", async () => {
  const order = await paidByMove();
  await approved(order.orderId, { amountKopecks: 100_000n, reason: "other", reasonText: "передумал" });
  await letTimePass(t, 60);
  expect((await receiptsOf(t, order.orderId)).map(({ kind, state, totalKopecks }) => [kind, state, totalKopecks])).toEqual([["income_return", "registered", 100_000n]]);
  await ship(order.orderId, "Чайник");
  expect(await closings(order.orderId)).toEqual([["not_required", "paid_elsewhere", 0n]]);
});

test("invariant 12: the same goods refunded once more after the first refund bounced", async () => {
  const order = await aPaidOrder(t, { lines: [{ name: "Чайник", sumKopecks: 100_000n }, { name: "Чашка", sumKopecks: 100_000n }] });
  const [line] = (await readRefundable(t.ctx, order.orderId))!.lines;
  const lines = { lines: [{ orderLineId: line!.orderLineId, quantity: "1" }], amountKopecks: null };
  const refundId = await approved(order.orderId, lines);
  await letTimePass(t, 60);
  await recordBouncedRefund(accountant.ctx, { refundId, reason: "выписка банка" });
  await approved(order.orderId, lines);
  await letTimePass(t, 60);
  expect((await receiptsOf(t, order.orderId)).map(({ kind, state, totalKopecks }) => [kind, state, totalKopecks])).toEqual([
    ["income", "registered", 200_000n], ["income_return", "registered", 100_000n], ["income_return", "not_required", 100_000n],
  ]);
});

test("invariant 11: a completed order whose second payment waits for its refund, and one that the store's register closes (FISC-13)", async () => {
  const twice = await paidTwice();
  const { lines } = await inTransaction(t.ctx, (tx) => lockOrder(tx, twice.orderId));
  for (const { name } of lines) await ship(twice.orderId, name);
  const part = await anOrder(t, { ...t.shop, lines: [{ name: "Чайник", sumKopecks: 100_000n }] });
  const attempt = await t.pay(part, "card");
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  await letTimePass(t, 30);
  // 1C made the order dearer; the rest is paid at the store.
  await setSetting(t, "closing.unpaidRest", "store_register");
  await t.ctx.database.sql`update orders set total_kopecks = 150000, payment_status = 'partially_paid' where id = ${part.orderId}`;
  await inTransaction(t.ctx, async (tx) => {
    const order = await lockOrder(tx, part.orderId);
    const [line] = order.lines;
    await recordShipment(t.ctx, tx, order, {
      documentKey: newId(), number: null, shippedAt: t.ctx.now(), source: "onec_document",
      lines: [{ orderLineId: line!.lineId, name: line!.name, kind: "goods", unitCode: null, quantity: "1", sumKopecks: 150_000n, vatRate: line!.vatRate, markCodes: null }],
    });
  });
  await setSetting(t, "closing.unpaidRest", "credit");
  const moved = await paidByMove();
  await ship(moved.orderId, "Чайник");
  await t.ctx.database.sql`update orders set lifecycle = 'completed' where id in (${twice.orderId}, ${part.orderId}, ${moved.orderId})`;
  expect(await closings(part.orderId)).toEqual([["not_required", "paid_elsewhere", 0n]]);
});

test("LOST-09: a surplus kept as the advance of a person finds its next order by hand, and 1C hears of the money once", async () => {
  const draft = aDraft({ totalKopecks: 50_000n });
  const orderId = await paidByCard(draft);
  await upload(t, t.shop, changed(draft, { totalKopecks: 40_000n, lines: [{ ...draft.lines[0]!, sumKopecks: 40_000n, priceKopecks: 40_000n, vatKopecks: 7_213n }] }));
  const [fact] = await t.ctx.database.sql<{ factId: string }[]>`select fact_id from allocations where order_id = ${orderId}`;
  await moveMoney(accountant.ctx, { factId: fact!.factId, fromOrderId: orderId, toOrderId: null, amountKopecks: 10_000n, reason: "оставить на следующий заказ" });
  const next = aDraft({ totalKopecks: 10_000n, buyer: draft.buyer });
  const [result] = await upload(t, t.shop, next);
  await bindPayment(accountant.ctx, { factId: fact!.factId, orderId: result!.orderId!, reason: "аванс этого покупателя" });
  expect(await moneyOf(t, result!.orderId!)).toMatchObject({ status: "paid", capturedKopecks: 10_000n, exports: [], alerts: [{ code: "ALR-13", severity: "P3" }] });
  expect(await moneyOf(t, orderId)).toMatchObject({ status: "paid", exports: [{ amountKopecks: 50_000n }] });
});

test("LOST-13: money that never came and was paid again leaves its first receipt to the accountant, no alarm about the books", async () => {
  const order = await aPaidOrder(t);
  await reversePayment(accountant.ctx, { factId: order.factId, orderId: order.orderId, amountKopecks: 663_100n, reason: "банк не перечислил", evidence: { note: "выписка банка" } });
  const link = (await t.ctx.database.sql<{ id: string }[]>`select id from payment_links where order_id = ${order.orderId} and state = 'active'`)[0]!;
  const { attemptId } = await openAttempt(t.ctx, { linkId: link.id, orderId: order.orderId, method: "card", contact: "a@b.ru", amountSeenKopecks: 663_100n, formKey: newId(), returnUrl: "https://pay.test/x" });
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  await letTimePass(t, 20);
  const { lines } = await inTransaction(t.ctx, (tx) => lockOrder(tx, order.orderId));
  for (const { name } of lines) await ship(order.orderId, name);
  await t.ctx.database.sql`update orders set lifecycle = 'completed' where id = ${order.orderId}`;
  expect((await closings(order.orderId)).reduce((sum, [, , kopecks]) => sum + (kopecks as bigint), 0n)).toBe(663_100n);
});

test("ALR-19: an approved refund that never gets to the bank is told of after three days", async () => {
  const order = await aPaidOrder(t);
  const refundId = await approved(order.orderId);
  await t.ctx.database.sql`update refunds set decided_at = decided_at - interval '73 hours' where id = ${refundId}`;
  await watchRefunds(t.ctx);
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-19", severity: "P2" });
  await letTimePass(t, 60);
  expect((await moneyOf(t, order.orderId)).alerts.map((alert) => alert.code)).not.toContain("ALR-19");
});

test("FISC-35, LOST-09: the return receipt of moved money waits for the income receipt on the order that it left", async () => {
  const from = await paidTwice();
  const to = await anOrder(t, { ...t.shop, lines: [{ name: "Чайник", sumKopecks: 100_000n }] });
  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru' where id in (${from.orderId}, ${to.orderId})`;
  const stands = (state: string) => t.ctx.database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update receipts set state = ${state} where fact_id = ${from.second}`;
  });
  await stands("failed_final");
  await moveMoney(accountant.ctx, { factId: from.second, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 100_000n, reason: "согласен, звонок" });
  await approved(to.orderId, { amountKopecks: 100_000n, reason: "other", reasonText: "передумал" });
  await letTimePass(t, 60);
  expect((await receiptsOf(t, to.orderId)).map(({ kind, state }) => [kind, state])).toEqual([["income_return", "planned"]]);
  await stands("registered");
  await letTimePass(t, 60);
  expect((await receiptsOf(t, to.orderId)).map(({ kind, state }) => [kind, state])).toEqual([["income_return", "registered"]]);
});

test("domain 10: none of this breaks an invariant", async () => {
  expect((await findBreaks(t.ctx)).filter((each) => each.count > 0)).toEqual([]);
});
