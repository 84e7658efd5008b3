/** Goods leave and come back: the closing, return and correction receipts that the register really gets (3.6), by uploads of 1C, the bank and the clock. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { watchAlerts } from "@/lib/alerts/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { confirmHandOver, makeCorrectionReceipt, previewReturnReceipt, recordDuplicate, repeatReceipt, reverseReceipt } from "@/lib/fiscal/index.ts";
import { localDate } from "@/lib/kit/time.ts";
import { vatFromGross } from "@/lib/kit/vat.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { readRefundable } from "@/lib/refunds/index.ts";
import { listShipments, recordGoodsReturn, recordShipment } from "@/lib/shipments/index.ts";
import { aCompany, aDraft, aPerson, changed, upload } from "@/lib/testing/drafts.ts";
import { moveMoney } from "@/lib/allocations/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { linesE, lineOf, uploadedOrder } from "@/lib/testing/order-e.ts";
import { live, paid, printedOf, receiptsOf, refunded } from "@/lib/testing/shop-day.ts";

let t: MoneyWorld;
beforeAll(async () => {
  t = await openMoneyWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const shippedAs = (number: string) => ({ shipped: { number, dateLocal: "2026-11-20T15:00:00" } });
const lineIds = (orderId: string) => t.ctx.database.sql<{ id: string; name: string }[]>`
  select l.id, l.name from order_lines l join order_revisions v on v.id = l.revision_id join orders o on o.id = v.order_id and o.revision_no = v.no where o.id = ${orderId} order by l.line_no`;

const priced = (sumKopecks: bigint) => ({ sumKopecks, vatKopecks: vatFromGross(sumKopecks, "vat22") });

async function anUploaded(given: Parameters<typeof aDraft>[0] = {}) {
  const draft = aDraft({ lines: linesE(), buyer: aPerson({ email: "ivanov@example.ru" }), ...given });
  await upload(t, t.shop, draft);
  return { draft, order: await uploadedOrder(t, draft.number) };
}

test("FISC-10: prepaid in full, shipped by 1C: the closing receipt offsets all; the same upload again adds nothing", async () => {
  const { draft, order } = await anUploaded();
  await paid(t, order);
  await live(t, 15);
  const shipped = changed(draft, { state: shippedAs("Р-1") });
  await upload(t, t.shop, shipped);
  await upload(t, t.shop, shipped);
  await upload(t, t.shop, changed(shipped, { comment: "Позвонить" }));
  await live(t, 20);
  const [income, closing, ...rest] = await printedOf(t, order.orderId);
  expect(rest).toEqual([]);
  expect(income).toMatchObject({ type: 1, money: { 2: 6631 }, positions: [["Чайник", 1, 4990, 1, 3], ["Книга", 2, 645.5, 1, 4], ["Доставка", 1, 350, 1, 3]] });
  expect(closing).toMatchObject({ kind: "documents", type: 1, money: { 14: 6631 }, positions: [["Чайник", 1, 4990, 4, 1], ["Книга", 2, 645.5, 4, 2], ["Доставка", 1, 350, 4, 1]] });
  const events = await t.ctx.database.sql`select kind from order_events where order_id = ${order.orderId} and kind = 'order.shipped'`;
  expect(events).toHaveLength(1);
});

test("LOST-08, FISC-12: paid in two parts, then shipped", async () => {
  const { draft, order } = await anUploaded({ lines: [linesE()[0]] });
  await paid(t, order);
  // 1C adds the books and the delivery: the rest is asked for by a link.
  await upload(t, t.shop, changed(draft, { lines: [draft.lines[0]!, ...linesE().slice(1)] }));
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "partially_paid" });
  const again = await uploadedOrder(t, order.number);
  expect(again.link!.amountKopecks).toBe(164_100n);
  await paid(t, again);
  await live(t, 15);
  await upload(t, t.shop, changed(draft, { lines: [draft.lines[0]!, ...linesE().slice(1)], state: shippedAs("Р-2") }));
  await live(t, 20);
  const closing = (await printedOf(t, order.orderId)).at(-1)!;
  expect(closing).toMatchObject({ money: { 14: 6631 } });
  expect(closing.positions.every(([, , , method]) => method === 4)).toBe(true);
});

test("FISC-18, LOST-25: the kettle comes back: R lowers what is owed, its receipt is made after the refund and not before", async () => {
  const { draft, order } = await anUploaded();
  const payment = await paid(t, order);
  await upload(t, t.shop, changed(draft, { state: shippedAs("Р-3") }));
  await live(t, 20);
  const [kettle] = await lineIds(order.orderId);
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
  const { draft, order } = await anUploaded();
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
  const { order } = await anUploaded();
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
  const { order } = await anUploaded();
  const payment = await paid(t, order);
  await refunded(t, order.orderId, payment, { amountKopecks: 663_100n, reason: "order_cancelled" });
  await live(t, 300, 10);
  expect((await receiptsOf(t, order.orderId)).map((r) => [r.kind, r.state])).toEqual([["income", "failed_retryable"], ["income_return", "planned"]]);
  await live(t, 1_500, 20);
  expect((await printedOf(t, order.orderId)).map((p) => p.type)).toEqual([1, 2]);
});

test("FISC-23, FISC-24: shipped on credit, then paid: method 6, then method 7 without VAT", async () => {
  const { draft, order } = await anUploaded();
  await t.ctx.database.sql`update orders set due_date = '2026-12-20' where id = ${order.orderId}`;
  await inTransaction(t.ctx, async (tx) => {
    const locked = await lockOrder(tx, order.orderId);
    const lines = locked.lines.map(({ lineId, name, kind, unitCode, quantity, sumKopecks, vatRate }) => ({ orderLineId: lineId, name, kind, unitCode, quantity, sumKopecks, vatRate, markCodes: null }));
    await recordShipment(t.ctx, tx, locked, { documentKey: "r-5", number: "Р-5", shippedAt: t.ctx.now(), source: "onec_document", lines });
  });
  expect(draft.lines).toHaveLength(3);
  await live(t, 20);
  await paid(t, await uploadedOrder(t, order.number));
  await live(t, 20);
  const [onCredit, repaid] = await printedOf(t, order.orderId);
  expect(onCredit).toMatchObject({ type: 1, money: { 15: 6631 } });
  expect(onCredit!.positions.map((p) => p[3])).toEqual([6, 6, 6]);
  expect(repaid).toMatchObject({ type: 1, money: { 2: 6631 } });
  expect(repaid!.positions).toEqual([[`Оплата по заказу ${order.number}`, 1, 6631, 7, 6]]);
});

test("FISC-05: a hand-over on credit without a contact stops, and goes out when a person gives one", async () => {
  const { draft, order } = await anUploaded({ buyer: aPerson() });
  await t.ctx.database.sql`update orders set due_date = '2026-12-20' where id = ${order.orderId}`;
  await inTransaction(t.ctx, async (tx) => {
    const locked = await lockOrder(tx, order.orderId);
    const lines = locked.lines.slice(0, 1).map(({ lineId, name, kind, unitCode, quantity, sumKopecks, vatRate }) => ({ orderLineId: lineId, name, kind, unitCode, quantity, sumKopecks, vatRate, markCodes: null }));
    expect(await recordShipment(t.ctx, tx, locked, { documentKey: "r-14", number: "Р-14", shippedAt: t.ctx.now(), source: "onec_document", lines })).toMatchObject({ order: { lifecycle: "partially_shipped" } });
  });
  const [stopped] = await receiptsOf(t, order.orderId);
  expect([draft.buyer.email, stopped!.state, stopped!.failCode]).toEqual([null, "failed_final", "CONTACT_MISSING"]);
  await repeatReceipt(t.ctx, { receiptId: stopped!.id, contact: "petrov@example.ru" });
  await live(t, 20);
  expect(await printedOf(t, order.orderId)).toMatchObject([{ money: { 15: 4990 }, content: { customerContact: "petrov@example.ru" } }]);
});

test("FISC-28: a company by transfer gets no closing receipt, and the reason is stored", async () => {
  const { draft, order } = await anUploaded({ buyer: aCompany() });
  await upload(t, t.shop, changed(draft, { state: { paid: { number: "77", dateLocal: "2026-11-20T10:00:00" }, ...shippedAs("Р-6") } }));
  await live(t, 10);
  expect((await receiptsOf(t, order.orderId)).map((r) => [r.purpose, r.state, r.reasonCode])).toEqual([["prepayment", "not_required", "b2b_bank_transfer"], ["closing", "not_required", "b2b_bank_transfer"]]);
});

test("FISC-36, E11: a discount after the hand-over: the kettle back at the old price, out again at the new one", async () => {
  const { draft, order } = await anUploaded();
  const payment = await paid(t, order);
  await upload(t, t.shop, changed(draft, { state: shippedAs("Р-10") }));
  await live(t, 20);
  await upload(t, t.shop, changed(draft, { lines: [lineOf(draft.lines[0]!, "1", 449_000n), ...draft.lines.slice(1)], state: shippedAs("Р-10") }));
  const [kettle] = await lineIds(order.orderId);
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

test("FISC-41: 250 goods: three receipts of the payment, three of the hand-over, the sums add up", async () => {
  const lines = Array.from({ length: 250 }, (_, i) => ({ ...linesE()[0], position: i + 1, name: `Болт М${i}`, ...priced(100n + BigInt(i)) }));
  const { draft, order } = await anUploaded({ lines });
  await paid(t, order);
  await live(t, 30);
  await upload(t, t.shop, changed(draft, { state: shippedAs("Р-11") }));
  await live(t, 60);
  const printed = await printedOf(t, order.orderId);
  const parts = (from: number) => printed.slice(from, from + 3).map((p) => `${p.positions.length} ${Object.keys(p.money).join()}`).toSorted();
  expect(printed).toHaveLength(6);
  expect([parts(0), parts(3)]).toEqual([["100 2", "100 2", "50 2"], ["100 14", "100 14", "50 14"]]);
  const kopecks = (from: number) => printed.slice(from, from + 3).reduce((sum, p) => sum + Math.round(Object.values(p.money)[0]! * 100), 0);
  expect([kopecks(0), kopecks(3)]).toEqual([Number(order.totalKopecks), Number(order.totalKopecks)]);
});

test("LOST-09: an advance that moved to another order of the buyer is offset there", async () => {
  const first = await anUploaded();
  const payment = await paid(t, first.order);
  await live(t, 15);
  const [kettle, books, delivery] = first.draft.lines as ReturnType<typeof linesE>;
  await upload(t, t.shop, changed(first.draft, { lines: [kettle, delivery] }));
  const second = await anUploaded({ lines: [books], buyer: first.draft.buyer });
  await moveMoney((await aStaff(t, { role: "accountant" })).ctx, { factId: payment, fromOrderId: first.order.orderId, toOrderId: second.order.orderId, amountKopecks: 129_100n, reason: "Просьба покупателя" });
  for (const { draft } of [first, second]) await upload(t, t.shop, changed(draft, { ...(draft === first.draft && { lines: [kettle, delivery] }), state: shippedAs("Р-12") }));
  await live(t, 30);
  expect((await printedOf(t, first.order.orderId)).at(-1)).toMatchObject({ money: { 14: 5340 } });
  expect(await printedOf(t, second.order.orderId)).toMatchObject([{ money: { 14: 1291 }, positions: [["Книга", 2, 645.5, 4, 2]] }]);
});

test("FISC-10: goods that 1C only sends off are closed when staff hand them over", async () => {
  await t.ctx.database.sql`insert into settings (key, value, updated_at) values ('closingTrigger', '"handed_over"', now())`;
  const { draft, order } = await anUploaded();
  await paid(t, order);
  await upload(t, t.shop, changed(draft, { state: shippedAs("Р-13") }));
  await live(t, 20);
  expect(await receiptsOf(t, order.orderId)).toHaveLength(1);
  const [shipment] = await listShipments(t.ctx, order.orderId);
  const foreign = await aStaff(t, { role: "operator", storeId: null });
  await expect(confirmHandOver(foreign.ctx, { shipmentId: shipment!.shipmentId })).rejects.toMatchObject({ code: "not_found" });
  const operator = await aStaff(t, { role: "operator", storeId: t.shop.storeId });
  await confirmHandOver(operator.ctx, { shipmentId: shipment!.shipmentId });
  await expect(confirmHandOver(operator.ctx, { shipmentId: shipment!.shipmentId })).rejects.toMatchObject({ code: "conflict" });
  await t.ctx.database.sql`delete from settings where key = 'closingTrigger'`;
  await live(t, 20);
  expect((await printedOf(t, order.orderId)).at(-1)).toMatchObject({ money: { 14: 6631 } });
});

test("FISC-15: nothing was paid here: no receipt at the hand-over; money that comes by link afterwards is a full settlement", async () => {
  const { draft, order } = await anUploaded();
  await upload(t, t.shop, changed(draft, { state: shippedAs("Р-7") }));
  expect((await receiptsOf(t, order.orderId)).map((r) => [r.purpose, r.state, r.reasonCode])).toEqual([["closing", "not_required", "paid_elsewhere"]]);
  await paid(t, await uploadedOrder(t, order.number));
  await live(t, 20);
  expect(await printedOf(t, order.orderId)).toMatchObject([{ type: 1, money: { 2: 6631 }, positions: [["Чайник", 1, 4990, 4, 1], ["Книга", 2, 645.5, 4, 2], ["Доставка", 1, 350, 4, 1]] }]);
});

test("FISC-51: a marked line without a code stops, one with codes goes out by pieces", async () => {
  for (const [markCodes, expected] of [[[], "MARK_CODE_REQUIRED"], [["0104601234567890215abc"], null]] as const) {
    const { order } = await anUploaded({ lines: [linesE()[0]] });
    await paid(t, order);
    await live(t, 15);
    await inTransaction(t.ctx, async (tx) => {
      const locked = await lockOrder(tx, order.orderId);
      const { lineId, name, kind, unitCode, quantity, sumKopecks, vatRate } = locked.lines[0]!;
      await recordShipment(t.ctx, tx, locked, { documentKey: "m", number: "М-1", shippedAt: t.ctx.now(), source: "onec_document", lines: [{ orderLineId: lineId, name, kind, unitCode, quantity, sumKopecks, vatRate, markCodes: [...markCodes] }] });
    });
    await live(t, 20);
    const closing = (await receiptsOf(t, order.orderId)).at(-1)!;
    expect(closing.failCode).toBe(expected);
    if (expected) {
      await expect(repeatReceipt(t.ctx, { receiptId: closing.id })).rejects.toMatchObject({ code: "conflict" });
      expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-08", severity: "P1" });
    } else expect((await printedOf(t, order.orderId)).at(-1)!.content["positions"]).toMatchObject([{ itemCode: markCodes[0], paymentSubjectType: 33, plannedStatus: 1, quantity: 1 }]);
  }
});

test("ALR-10: no closing receipt an hour after the hand-over, urgent the next day, over with the receipt", async () => {
  const { draft, order } = await anUploaded();
  await paid(t, order);
  await live(t, 15);
  await t.sandbox.control("fault", { target: "orange", fault: "pending_forever" });
  await upload(t, t.shop, changed(draft, { state: shippedAs("Р-8") }));
  await live(t, 20);
  await watchAlerts(t.ctx);
  expect((await moneyOf(t, order.orderId)).alerts.map((a) => a.code)).not.toContain("ALR-10");
  await t.advance(3_700);
  await watchAlerts(t.ctx);
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-10", severity: "P2" });
  await t.advance(24 * 3_600);
  await watchAlerts(t.ctx);
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-10", severity: "P1" });
  await t.ctx.database.sql`update receipts set state = 'failed_final', next_try_at = null where order_id = ${order.orderId} and purpose = 'closing'`;
  const { closeReceipt } = await import("@/lib/fiscal/index.ts");
  const closing = (await receiptsOf(t, order.orderId)).at(-1)!;
  await closeReceipt((await aStaff(t, { role: "accountant" })).ctx, { receiptId: closing.id, note: "Пробит на кассе магазина" });
  await watchAlerts(t.ctx);
  expect((await moneyOf(t, order.orderId)).alerts.map((a) => a.code)).not.toContain("ALR-10");
});

test("LOST-15, FISC-31: the register is down for days: no late ordinary receipt; an accountant makes the correction with the day of the money", async () => {
  await t.sandbox.control("fault", { target: "orange", fault: "503_retry_after", times: -1, seconds: 7 * 86_400, retryAfter: 3_600 });
  const { order } = await anUploaded();
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
  const { draft, order } = await anUploaded();
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
  const { draft, order } = await anUploaded({ lines: [{ ...linesE()[0], name: "Чайник не тот" }] });
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
