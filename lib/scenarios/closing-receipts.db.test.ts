/** Goods leave: the closing receipts that the register really gets (3.6), by uploads of 1C, the bank and the clock. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { watchAlerts } from "@/lib/alerts/index.ts";
import { moveMoney } from "@/lib/allocations/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { confirmHandOver, repeatReceipt } from "@/lib/fiscal/index.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { vatFromGross } from "@/lib/kit/vat.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { listShipments, recordShipment } from "@/lib/shipments/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { aCompany, aPerson, changed, upload } from "@/lib/testing/drafts.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { anUploaded, linesE, shippedAs, uploadedOrder } from "@/lib/testing/order-e.ts";
import { live, paid, printedOf, receiptsOf } from "@/lib/testing/shop-day.ts";

let t: MoneyWorld;
beforeAll(async () => {
  t = await openMoneyWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const priced = (sumKopecks: bigint) => ({ sumKopecks, vatKopecks: vatFromGross(sumKopecks, "vat22") });

test("FISC-10: prepaid in full, shipped by 1C: the closing receipt offsets all; the same upload again adds nothing", async () => {
  const { draft, order } = await anUploaded(t);
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
  const { draft, order } = await anUploaded(t, { lines: [linesE()[0]] });
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

test("FISC-23, FISC-24: shipped on credit, then paid: method 6, then method 7 without VAT", async () => {
  const { draft, order } = await anUploaded(t);
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
  const { draft, order } = await anUploaded(t, { buyer: aPerson() });
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
  const { draft, order } = await anUploaded(t, { buyer: aCompany() });
  await upload(t, t.shop, changed(draft, { state: { paid: { number: "77", dateLocal: "2026-11-20T10:00:00" }, ...shippedAs("Р-6") } }));
  await live(t, 10);
  expect((await receiptsOf(t, order.orderId)).map((r) => [r.purpose, r.state, r.reasonCode])).toEqual([["prepayment", "not_required", "b2b_bank_transfer"], ["closing", "not_required", "b2b_bank_transfer"]]);
});

test("FISC-41: 250 goods: three receipts of the payment, three of the hand-over, the sums add up", async () => {
  const lines = Array.from({ length: 250 }, (_, i) => ({ ...linesE()[0], position: i + 1, name: `Болт М${i}`, ...priced(100n + BigInt(i)) }));
  const { draft, order } = await anUploaded(t, { lines });
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
  const first = await anUploaded(t);
  const payment = await paid(t, first.order);
  await live(t, 15);
  const [kettle, books, delivery] = first.draft.lines as ReturnType<typeof linesE>;
  await upload(t, t.shop, changed(first.draft, { lines: [kettle, delivery] }));
  const second = await anUploaded(t, { lines: [books], buyer: first.draft.buyer });
  await moveMoney((await aStaff(t, { role: "accountant" })).ctx, { factId: payment, fromOrderId: first.order.orderId, toOrderId: second.order.orderId, amountKopecks: 129_100n, reason: "Просьба покупателя" });
  for (const { draft } of [first, second]) await upload(t, t.shop, changed(draft, { ...(draft === first.draft && { lines: [kettle, delivery] }), state: shippedAs("Р-12") }));
  await live(t, 30);
  expect((await printedOf(t, first.order.orderId)).at(-1)).toMatchObject({ money: { 14: 5340 } });
  expect(await printedOf(t, second.order.orderId)).toMatchObject([{ money: { 14: 1291 }, positions: [["Книга", 2, 645.5, 4, 2]] }]);
});

test("FISC-10: goods that 1C only sends off are closed when staff hand them over", async () => {
  await t.ctx.database.sql`insert into settings (key, value, updated_at) values ('closingTrigger', '"handed_over"', now())`;
  const { draft, order } = await anUploaded(t);
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
  const { draft, order } = await anUploaded(t);
  await upload(t, t.shop, changed(draft, { state: shippedAs("Р-7") }));
  expect((await receiptsOf(t, order.orderId)).map((r) => [r.purpose, r.state, r.reasonCode])).toEqual([["closing", "not_required", "paid_elsewhere"]]);
  await paid(t, await uploadedOrder(t, order.number));
  await live(t, 20);
  expect(await printedOf(t, order.orderId)).toMatchObject([{ type: 1, money: { 2: 6631 }, positions: [["Чайник", 1, 4990, 4, 1], ["Книга", 2, 645.5, 4, 2], ["Доставка", 1, 350, 4, 1]] }]);
});

test("FISC-51: a marked line without a code stops, one with codes goes out by pieces", async () => {
  for (const [markCodes, expected] of [[[], "MARK_CODE_REQUIRED"], [["0104601234567890215abc"], null]] as const) {
    const { order } = await anUploaded(t, { lines: [linesE()[0]] });
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
  const { draft, order } = await anUploaded(t);
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

test("invariants 8–12 hold after all of it", async () => {
  const broken = (await checkInvariants(t.ctx)).filter((one) => one.count > 0 && [8, 9, 10, 11, 12].includes(one.no));
  expect(broken).toEqual([]);
});
