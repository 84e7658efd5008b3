/** Money that moved to another order or was kept as an advance: which receipts it has there, and what 1C hears (LOST-09, LOST-13, FISC-21). */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { bindPayment, moveMoney } from "@/lib/allocations/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { findBreaks } from "@/lib/invariants/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { openAttempt, reversePayment } from "@/lib/payments/index.ts";
import { recordShipment } from "@/lib/shipments/index.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { closingsOf, givenBackAtBank, shipLine } from "@/lib/testing/money-back.ts";
import { moneyOf } from "@/lib/testing/money-world.ts";
import { aPaidOrder, letTimePass, paidByCard, paidTwice } from "@/lib/testing/paid-order.ts";
import { openRefundWorld } from "@/lib/testing/refund-world.ts";
import type { RefundWorld } from "@/lib/testing/refund-world.ts";
import { setSetting } from "@/lib/testing/settings.ts";
import { receiptsOf } from "@/lib/testing/shop-day.ts";

let t: RefundWorld;
beforeAll(async () => {
  t = await openRefundWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

test("LOST-09: a surplus that is promised to a refund does not move to another order as well", async () => {
  const order = await paidTwice(t);
  await t.approved(order.orderId, { paymentFactId: order.second, amountKopecks: 663_100n, reason: "double_payment" });
  await expect(moveMoney(t.accountant.ctx, { factId: order.first, fromOrderId: order.orderId, toOrderId: null, amountKopecks: 663_100n, reason: "согласен" })).rejects.toMatchObject({ code: "conflict", details: { maxKopecks: "0" } });
  await letTimePass(t, 60);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid" });
});

/** Half of an order of two lines, paid by the surplus of another one. */
async function paidByMove() {
  const from = await paidTwice(t);
  const to = await anOrder(t, { ...t.shop, lines: [{ name: "Чайник", sumKopecks: 100_000n }, { name: "Чашка", sumKopecks: 100_000n }] });
  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru' where id in (${from.orderId}, ${to.orderId})`;
  await moveMoney(t.accountant.ctx, { factId: from.second, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 100_000n, reason: "согласен, звонок" });
  return { ...to, factId: from.second };
}
const ship = (orderId: string, name: string) => shipLine(t, orderId, name);
const closings = (orderId: string) => closingsOf(t, orderId);

test("FISC-21, LOST-09: moved money is offset by one shipment and not by the next", async () => {
  const order = await paidByMove();
  await ship(order.orderId, "Чайник");
  await ship(order.orderId, "Чашка");
  expect(await closings(order.orderId)).toEqual([["registered", null, 100_000n], ["not_required", "paid_elsewhere", 0n]]);
});

test("FISC-20, LOST-09: moved money that went back is not offset afterwards", async () => {
  const order = await paidByMove();
  await t.approved(order.orderId, { amountKopecks: 100_000n, reason: "other", reasonText: "передумал" });
  await letTimePass(t, 60);
  expect((await receiptsOf(t, order.orderId)).map(({ kind, state, totalKopecks }) => [kind, state, totalKopecks])).toEqual([["income_return", "registered", 100_000n]]);
  await ship(order.orderId, "Чайник");
  expect(await closings(order.orderId)).toEqual([["not_required", "paid_elsewhere", 0n]]);
});

const returnLines = (orderId: string) => t.ctx.database.sql`
  select r.state, l.method, l.sum_kopecks from receipts r join receipt_lines l on l.receipt_id = r.id where r.order_id = ${orderId} and r.kind = 'income_return' and r.state <> 'cancelled' order by r.planned_at, r.part_no, l.line_no`;

test("LOST-09, FISC-25: a payment that went back whole gives back on each order what stood there, and neither offsets it afterwards", async () => {
  const from = await paidTwice(t);
  const to = await anOrder(t, { ...t.shop, lines: [{ name: "Чайник", sumKopecks: 100_000n }, { name: "Чашка", sumKopecks: 100_000n }] });
  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru' where id in (${from.orderId}, ${to.orderId})`;
  await moveMoney(t.accountant.ctx, { factId: from.second, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 100_000n, reason: "согласен, звонок" });
  await givenBackAtBank(t, from.second, "6631.00");
  expect(await returnLines(from.orderId)).toEqual([{ state: "registered", method: 3, sumKopecks: 563_100n }]);
  expect(await returnLines(to.orderId)).toEqual([{ state: "registered", method: 3, sumKopecks: 100_000n }]);
  await ship(to.orderId, "Чайник");
  expect(await closings(to.orderId)).toEqual([["not_required", "paid_elsewhere", 0n]]);
  const { lines } = await inTransaction(t.ctx, (tx) => lockOrder(tx, from.orderId));
  for (const { name } of lines) await ship(from.orderId, name);
  expect((await closings(from.orderId)).reduce((sum, [, , kopecks]) => sum + (kopecks as bigint), 0n)).toBe(663_100n);
});

test("invariant 11: a completed order whose second payment waits for its refund, and one that the store's register closes (FISC-13)", async () => {
  const twice = await paidTwice(t);
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
  const orderId = await paidByCard(t, draft);
  await upload(t, t.shop, changed(draft, { totalKopecks: 40_000n, lines: [{ ...draft.lines[0]!, sumKopecks: 40_000n, priceKopecks: 40_000n, vatKopecks: 7_213n }] }));
  const [fact] = await t.ctx.database.sql<{ factId: string }[]>`select fact_id from allocations where order_id = ${orderId}`;
  await moveMoney(t.accountant.ctx, { factId: fact!.factId, fromOrderId: orderId, toOrderId: null, amountKopecks: 10_000n, reason: "оставить на следующий заказ" });
  const next = aDraft({ totalKopecks: 10_000n, buyer: draft.buyer });
  const [result] = await upload(t, t.shop, next);
  await bindPayment(t.accountant.ctx, { factId: fact!.factId, orderId: result!.orderId!, reason: "аванс этого покупателя" });
  expect(await moneyOf(t, result!.orderId!)).toMatchObject({ status: "paid", capturedKopecks: 10_000n, exports: [], alerts: [{ code: "ALR-13", severity: "P3" }] });
  expect(await moneyOf(t, orderId)).toMatchObject({ status: "paid", exports: [{ amountKopecks: 50_000n }] });
});

test("LOST-13: money that never came and was paid again leaves its first receipt to the accountant, no alarm about the books", async () => {
  const order = await aPaidOrder(t);
  await reversePayment(t.accountant.ctx, { factId: order.factId, orderId: order.orderId, amountKopecks: 663_100n, reason: "банк не перечислил", evidence: { note: "выписка банка" } });
  const link = (await t.ctx.database.sql<{ id: string }[]>`select id from payment_links where order_id = ${order.orderId} and state = 'active'`)[0]!;
  const { attemptId } = await openAttempt(t.ctx, { linkId: link.id, orderId: order.orderId, method: "card", contact: "a@b.ru", amountSeenKopecks: 663_100n, formKey: newId(), returnUrl: "https://pay.test/x" });
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  await letTimePass(t, 20);
  const { lines } = await inTransaction(t.ctx, (tx) => lockOrder(tx, order.orderId));
  for (const { name } of lines) await ship(order.orderId, name);
  await t.ctx.database.sql`update orders set lifecycle = 'completed' where id = ${order.orderId}`;
  expect((await closings(order.orderId)).reduce((sum, [, , kopecks]) => sum + (kopecks as bigint), 0n)).toBe(663_100n);
});

test("FISC-35, LOST-09: the return receipt of moved money waits for the income receipt on the order that it left", async () => {
  const from = await paidTwice(t);
  const to = await anOrder(t, { ...t.shop, lines: [{ name: "Чайник", sumKopecks: 100_000n }] });
  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru' where id in (${from.orderId}, ${to.orderId})`;
  const stands = (state: string) => t.ctx.database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update receipts set state = ${state} where fact_id = ${from.second}`;
  });
  await stands("failed_final");
  await moveMoney(t.accountant.ctx, { factId: from.second, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 100_000n, reason: "согласен, звонок" });
  await t.approved(to.orderId, { amountKopecks: 100_000n, reason: "other", reasonText: "передумал" });
  await letTimePass(t, 60);
  expect((await receiptsOf(t, to.orderId)).map(({ kind, state }) => [kind, state])).toEqual([["income_return", "planned"]]);
  await stands("registered");
  await letTimePass(t, 60);
  expect((await receiptsOf(t, to.orderId)).map(({ kind, state }) => [kind, state])).toEqual([["income_return", "registered"]]);
});

test("domain 10: none of this breaks an invariant", async () => {
  expect((await findBreaks(t.ctx)).filter((each) => each.count > 0)).toEqual([]);
});
