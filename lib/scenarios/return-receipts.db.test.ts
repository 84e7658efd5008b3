/** Receipts that undo: goods and money that go back, and corrections (3.6), by uploads of 1C, the bank and the clock. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { makeCorrectionReceipt, previewReturnReceipt, recordDuplicate, repeatReceipt, reverseReceipt } from "@/lib/fiscal/index.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { localDate } from "@/lib/kit/time.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { readRefundable } from "@/lib/refunds/index.ts";
import { recordGoodsReturn } from "@/lib/shipments/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { changed, upload } from "@/lib/testing/drafts.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { anUploaded, lineIds, lineOf, linesE, shippedAs } from "@/lib/testing/order-e.ts";
import { live, paid, printedOf, receiptsOf, refunded } from "@/lib/testing/shop-day.ts";

let t: MoneyWorld;
beforeAll(async () => {
  t = await openMoneyWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

test("FISC-18, LOST-25: the kettle comes back: R lowers what is owed, its receipt is made after the refund and not before", async () => {
  const { draft, order } = await anUploaded(t);
  const payment = await paid(t, order);
  await upload(t, t.shop, changed(draft, { state: shippedAs("Р-3") }));
  await live(t, 20);
  const [kettle] = await lineIds(t, order.orderId);
  await inTransaction(t.ctx, async (tx) => {
    const given = { documentKey: "return-1", number: "В-1", returnedAt: t.ctx.now(), source: "onec_document" as const, lines: [{ orderLineId: kettle!.id, quantity: "1", sumKopecks: 499_000n }] };
    const locked = await lockOrder(tx, order.orderId);
    expect(await recordGoodsReturn(t.ctx, tx, locked, given)).toMatchObject({ order: { goodsReturnedKopecks: 499_000n, paymentStatus: "overpaid" } });
    expect(await recordGoodsReturn(t.ctx, tx, await lockOrder(tx, order.orderId), given)).toBeNull();
  });
  expect(await receiptsOf(t, order.orderId)).toHaveLength(2);
  const lines = [{ orderLineId: kettle!.id, quantity: "1" }];
  const preview = await previewReturnReceipt(t.ctx, { orderId: order.orderId, paymentFactId: payment, amountKopecks: 499_000n, lines: [{ ...lines[0]!, sumKopecks: 499_000n }], reason: "goods_return" });
  expect(preview).toMatchObject({ notRequired: null, uncoveredKopecks: 0n, receipts: [{ kind: "income_return", totalKopecks: 499_000n, lines: [{ name: "Чайник", vatKopecks: 89_984n, methodLabel: "Полный расчёт" }] }] });
  await refunded(t, order.orderId, payment, { lines, reason: "goods_return" });
  expect(await receiptsOf(t, order.orderId)).toHaveLength(2);
  await live(t, 240, 10);
  expect((await printedOf(t, order.orderId)).at(-1)).toMatchObject({ type: 2, money: { 2: 4990 }, positions: [["Чайник", 1, 4990, 4, 1]] });
  expect((await moneyOf(t, order.orderId)).status).toBe("paid");
});

test("LOST-17, LOST-32, E5: 1C lowers the total after the payment: overpaid, the refund's receipt, then the closing of what is left", async () => {
  const { draft, order } = await anUploaded(t);
  const payment = await paid(t, order);
  await live(t, 15);
  const [kettle, books, delivery] = draft.lines as ReturnType<typeof linesE>;
  const smaller = changed(draft, { lines: [kettle, lineOf(books, "1", 64_550n), delivery] });
  await upload(t, t.shop, smaller);
  const lowered = await moneyOf(t, order.orderId);
  expect(lowered.status).toBe("overpaid");
  expect(lowered.alerts).toContainEqual({ code: "ALR-04", severity: "P2" });
  expect(lowered.receipts).toHaveLength(1);
  await refunded(t, order.orderId, payment, { amountKopecks: 64_550n, reason: "order_reduction" });
  await live(t, 240, 10);
  expect((await printedOf(t, order.orderId)).at(-1)).toMatchObject({ type: 2, money: { 2: 645.5 }, positions: [["Книга", 1, 645.5, 1, 4]] });
  await upload(t, t.shop, changed(smaller, { state: shippedAs("Р-4") }));
  await live(t, 20);
  expect((await printedOf(t, order.orderId)).at(-1)).toMatchObject({ type: 1, money: { 14: 5985.5 }, positions: [["Чайник", 1, 4990, 4, 1], ["Книга", 1, 645.5, 4, 2], ["Доставка", 1, 350, 4, 1]] });
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid" });
});

test("FISC-25, FISC-20, LOST-06: paid twice: an advance, and its return by method 3", async () => {
  const { order } = await anUploaded(t);
  const first = await t.pay(order, "card");
  const bankId = await t.bankId(first.attemptId);
  await t.pay(order, "sbp").then(async (second) => t.sandbox.control(`pay/${await t.bankId(second.attemptId)}`, { outcome: "success" }));
  await t.sandbox.control(`pay/${bankId}`, { outcome: "success", late: true });
  await live(t, 30);
  const [fact] = await t.ctx.database.sql<{ id: string }[]>`select id from money_facts where attempt_id = ${first.attemptId}`;
  await refunded(t, order.orderId, fact!.id, { amountKopecks: 663_100n, reason: "double_payment" });
  await live(t, 240, 10);
  const printed = await printedOf(t, order.orderId);
  expect(printed.map((p) => [p.type, p.positions.map((each) => each[3])])).toEqual([[1, [1, 1, 1]], [1, [3]], [2, [3]]]);
  expect(printed.at(-1)!.positions).toEqual([["Аванс", 1, 6631, 3, 3]]);
});

test("FISC-35: the register was down: first the income receipt goes out, then its return", async () => {
  await t.sandbox.control("fault", { target: "orange", fault: "503_retry_after", seconds: 900, retryAfter: 5 });
  const { order } = await anUploaded(t);
  const payment = await paid(t, order);
  await refunded(t, order.orderId, payment, { amountKopecks: 663_100n, reason: "order_cancelled" });
  await live(t, 300, 10);
  expect((await receiptsOf(t, order.orderId)).map((r) => [r.kind, r.state])).toEqual([["income", "failed_retryable"], ["income_return", "planned"]]);
  await live(t, 1_500, 20);
  expect((await printedOf(t, order.orderId)).map((p) => p.type)).toEqual([1, 2]);
});

test("FISC-36, E11: a discount after the hand-over: the kettle back at the old price, out again at the new one", async () => {
  const { draft, order } = await anUploaded(t);
  const payment = await paid(t, order);
  await upload(t, t.shop, changed(draft, { state: shippedAs("Р-10") }));
  await live(t, 20);
  await upload(t, t.shop, changed(draft, { lines: [lineOf(draft.lines[0]!, "1", 449_000n), ...draft.lines.slice(1)], state: shippedAs("Р-10") }));
  const [kettle] = await lineIds(t, order.orderId);
  await refunded(t, order.orderId, payment, { lines: [{ orderLineId: kettle!.id, quantity: "1", sumKopecks: 50_000n }], reason: "price_concession" });
  await live(t, 240, 10);
  expect((await printedOf(t, order.orderId)).slice(2).map((p) => [p.type, p.money, p.positions])).toEqual([
    [2, { 2: 4990 }, [["Чайник", 1, 4990, 4, 1]]],
    [1, { 2: 4490 }, [["Чайник", 1, 4490, 4, 1]]],
  ]);
  expect((await moneyOf(t, order.orderId)).status).toBe("paid");
  // The kettle is still with the buyer: it may come back, at its lower price.
  expect((await readRefundable(t.ctx, order.orderId))!.lines[0]).toMatchObject({ quantityLeft: "1", leftKopecks: 449_000n });
});

test("LOST-15, FISC-31: the register is down for days: no late ordinary receipt; an accountant makes the correction with the day of the money", async () => {
  await t.sandbox.control("fault", { target: "orange", fault: "503_retry_after", times: -1, seconds: 7 * 86_400, retryAfter: 3_600 });
  const { order } = await anUploaded(t);
  await paid(t, order);
  const settledOn = localDate(t.ctx.now(), t.ctx.zone);
  await live(t, 60, 20);
  await t.advance(6 * 86_400);
  await live(t, 40, 20);
  const money = await moneyOf(t, order.orderId);
  expect(money.status).toBe("paid");
  expect(money.alerts).toContainEqual({ code: "ALR-08", severity: "P1" });
  const [late] = await receiptsOf(t, order.orderId);
  expect(late).toMatchObject({ state: "failed_final", failCode: "LATE_NEEDS_CORRECTION" });
  expect(await printedOf(t, order.orderId)).toEqual([]);
  await t.disarmFaults();
  await expect(repeatReceipt(t.ctx, { receiptId: late!.id })).rejects.toMatchObject({ code: "conflict" });
  const manager = await aStaff(t, { role: "manager" });
  await expect(makeCorrectionReceipt(manager.ctx, { receiptId: late!.id, basis: "own" })).rejects.toMatchObject({ code: "forbidden" });
  const accountant = await aStaff(t, { role: "accountant" });
  await expect(makeCorrectionReceipt(accountant.ctx, { receiptId: late!.id, basis: "order", orderNumber: " " })).rejects.toMatchObject({ code: "invalid" });
  await makeCorrectionReceipt(accountant.ctx, { receiptId: late!.id, basis: "own" });
  await expect(makeCorrectionReceipt(accountant.ctx, { receiptId: late!.id, basis: "own" })).rejects.toMatchObject({ code: "conflict" });
  await live(t, 20);
  const [correction, ...rest] = await printedOf(t, order.orderId);
  expect(rest).toEqual([]);
  expect(correction).toMatchObject({ kind: "correction12", type: 1, money: { 2: 6631 }, content: { correctionType: 0, causeDocumentDate: `${settledOn}T00:00:00` } });
  expect(correction!.positions.map((p) => p[3])).toEqual([1, 1, 1]);
  expect((await receiptsOf(t, order.orderId)).map((r) => [r.purpose, r.state, r.reasonCode])).toEqual([["prepayment", "not_required", "corrected"], ["correction", "registered", null]]);
  expect((await moneyOf(t, order.orderId)).alerts.map((a) => a.code)).not.toContain("ALR-08");
});

test("LOST-26, FISC-32: a document printed twice is written down and taken back; the money's own receipt stands", async () => {
  const { draft, order } = await anUploaded(t);
  await paid(t, order);
  await live(t, 15);
  const accountant = await aStaff(t, { role: "accountant" });
  const [income] = await receiptsOf(t, order.orderId);
  const seen = { receiptId: income!.id, fnNumber: "9999078902004477", fdNumber: "999901", fiscalSign: "123456789", printedOn: localDate(t.ctx.now(), t.ctx.zone) };
  const duplicate = await recordDuplicate(accountant.ctx, seen);
  await expect(recordDuplicate(accountant.ctx, seen)).rejects.toMatchObject({ code: "conflict" });
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-16", severity: "P1" });
  await expect(reverseReceipt(accountant.ctx, { receiptId: duplicate.receiptId, reason: " " })).rejects.toMatchObject({ code: "invalid" });
  expect(await reverseReceipt(accountant.ctx, { receiptId: duplicate.receiptId, reason: "Пробит дважды" })).toMatchObject({ rightId: null });
  await expect(reverseReceipt(accountant.ctx, { receiptId: duplicate.receiptId, reason: "Пробит дважды" })).rejects.toMatchObject({ code: "conflict" });
  await live(t, 20);
  expect((await printedOf(t, order.orderId)).at(-1)).toMatchObject({ kind: "correction12", type: 2, money: { 2: 6631 } });
  expect((await moneyOf(t, order.orderId)).alerts.map((a) => a.code)).not.toContain("ALR-16");
  await upload(t, t.shop, changed(draft, { state: shippedAs("Р-9") }));
  await live(t, 20);
  expect((await printedOf(t, order.orderId)).at(-1)).toMatchObject({ type: 1, money: { 14: 6631 } });
});

test("FISC-32: a wrong receipt is taken back with its data and made right from the order of now", async () => {
  const { draft, order } = await anUploaded(t, { lines: [{ ...linesE()[0], name: "Чайник не тот" }] });
  await paid(t, order);
  await live(t, 15);
  const [line] = draft.lines;
  await upload(t, t.shop, changed(draft, { lines: [{ ...line!, name: "Чайник тот", echo: { ...line!.echo, name: "Чайник тот" } }] }));
  const [wrong] = await receiptsOf(t, order.orderId);
  await reverseReceipt((await aStaff(t, { role: "accountant" })).ctx, { receiptId: wrong!.id, reason: "Не то название" });
  await live(t, 40);
  expect((await printedOf(t, order.orderId)).map((p) => [p.kind, p.type, p.positions[0]![0]])).toEqual([
    ["documents", 1, "Чайник не тот"],
    ["correction12", 2, "Чайник не тот"],
    ["correction12", 1, "Чайник тот"],
  ]);
});

test("invariants 8–12 hold after all of it", async () => {
  const broken = (await checkInvariants(t.ctx)).filter((one) => one.count > 0 && [8, 9, 10, 11, 12].includes(one.no));
  expect(broken).toEqual([]);
});
