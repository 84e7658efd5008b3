/** 1C changes an order whose money is on its way or here already (LOST-07, LOST-17, LOST-18, LOST-32): by its uploads and the bank. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { aDraft, aPerson, changed, upload } from "@/lib/testing/drafts.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { lineOf, linesE, uploadedOrder } from "@/lib/testing/order-e.ts";
import { live, paid, printedOf, receiptsOf, refunded } from "@/lib/testing/shop-day.ts";

let t: MoneyWorld;
beforeAll(async () => {
  t = await openMoneyWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const shipped = { shipped: { number: "Р-1", dateLocal: "2026-11-20T15:00:00" } };

async function anUploaded() {
  const draft = aDraft({ lines: linesE(), buyer: aPerson({ email: "ivanov@example.ru" }) });
  await upload(t, t.shop, draft);
  const [kettle, books, delivery] = draft.lines as ReturnType<typeof linesE>;
  return { draft, kettle, books, delivery, order: await uploadedOrder(t, draft.number) };
}

const openRefunds = (orderId: string) => t.ctx.database.sql`select 1 from refunds where order_id = ${orderId}`;

test("LOST-07: the order grew after the buyer had gone to the bank: the real sum is booked, the rest is asked for", async () => {
  const { draft, kettle, books, delivery, order } = await anUploaded();
  const attempt = await t.pay(order, "card");
  const bankId = await t.bankId(attempt.attemptId);
  await upload(t, t.shop, changed(draft, { lines: [lineOf(kettle, "1", 599_000n), books, delivery] }));
  await t.sandbox.control(`pay/${bankId}`, { outcome: "success", late: true });
  await live(t, 30);
  const money = await moneyOf(t, order.orderId);
  expect(money).toMatchObject({ status: "partially_paid", capturedKopecks: 663_100n });
  // The page of the link asks for what is due now, whatever sum the link was made for.
  const { link } = await uploadedOrder(t, order.number);
  await paid(t, { ...order, link: { ...link!, amountKopecks: 100_000n } });
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid", capturedKopecks: 763_100n });
  // FISC-37: the receipt has the lines that the buyer saw.
  expect((await printedOf(t, order.orderId))[0]!.positions).toEqual([["Чайник", 1, 4990, 1, 3], ["Книга", 2, 645.5, 1, 4], ["Доставка", 1, 350, 1, 3]]);
});

test("LOST-07: the order shrank after the buyer had gone to the bank: overpaid, nothing refused, a task for a person", async () => {
  const { draft, kettle, books, delivery, order } = await anUploaded();
  const attempt = await t.pay(order, "card");
  const bankId = await t.bankId(attempt.attemptId);
  await upload(t, t.shop, changed(draft, { lines: [kettle, lineOf(books, "1", 64_550n), delivery] }));
  await t.sandbox.control(`pay/${bankId}`, { outcome: "success", late: true });
  await live(t, 30);
  const money = await moneyOf(t, order.orderId);
  expect(money).toMatchObject({ status: "overpaid", capturedKopecks: 663_100n });
  expect(money.alerts.map((a) => a.code)).toContain("ALR-04");
});

test("LOST-17: a higher total after the payment: no receipt now, a link for the difference, and one closing of all", async () => {
  const { draft, kettle, books, delivery, order } = await anUploaded();
  await paid(t, order);
  await live(t, 15);
  const dearer = changed(draft, { lines: [kettle, lineOf(books, "3", 193_650n), delivery] });
  await upload(t, t.shop, dearer);
  const grown = await moneyOf(t, order.orderId);
  expect(grown.status).toBe("partially_paid");
  expect(grown.receipts).toHaveLength(1);
  const again = await uploadedOrder(t, order.number);
  expect(again.link!.amountKopecks).toBe(64_550n);
  await paid(t, again);
  await live(t, 15);
  await upload(t, t.shop, changed(dearer, { state: shipped }));
  await live(t, 20);
  expect((await printedOf(t, order.orderId)).map((p) => [p.money, p.positions.map((each) => each[3])])).toEqual([
    [{ 2: 6631 }, [1, 1, 1]],
    [{ 2: 645.5 }, [2, 2]],
    [{ 14: 7276.5 }, [4, 4, 4]],
  ]);
  expect((await moneyOf(t, order.orderId)).status).toBe("paid");
});

test("LOST-17: other goods for the same total: nothing now, the closing receipt has the final lines", async () => {
  const { draft, books, delivery, order } = await anUploaded();
  await paid(t, order);
  await live(t, 15);
  const [samovar] = linesE();
  const replaced = changed(draft, { lines: [{ ...samovar, name: "Самовар", echo: { ...samovar.echo, name: "Самовар" } }, books, delivery] });
  await upload(t, t.shop, replaced);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid", receipts: [{ state: "registered" }] });
  await upload(t, t.shop, changed(replaced, { state: shipped }));
  await live(t, 20);
  expect((await printedOf(t, order.orderId)).at(-1)).toMatchObject({ money: { 14: 6631 }, positions: [["Самовар", 1, 4990, 4, 1], ["Книга", 2, 645.5, 4, 2], ["Доставка", 1, 350, 4, 1]] });
});

test("LOST-17: the same goods at another price after the hand-over ship nothing again", async () => {
  const { draft, kettle, books, delivery, order } = await anUploaded();
  await paid(t, order);
  await upload(t, t.shop, changed(draft, { state: shipped }));
  await live(t, 20);
  await upload(t, t.shop, changed(draft, { lines: [lineOf(kettle, "1", 449_000n), books, delivery], state: shipped }));
  await live(t, 10);
  expect((await receiptsOf(t, order.orderId)).map((r) => r.purpose)).toEqual(["prepayment", "closing"]);
  expect((await moneyOf(t, order.orderId)).status).toBe("overpaid");
});

test("LOST-18: deleted in 1C with money: deleted, all of it overpaid, P1 for a person, no refund by itself; 1C still gets the money", async () => {
  const { draft, order } = await anUploaded();
  await paid(t, order);
  await live(t, 15);
  await upload(t, t.shop, changed(draft, { state: { deleted: true } }));
  await live(t, 15);
  const [row] = await t.ctx.database.sql<{ lifecycle: string }[]>`select lifecycle from orders where id = ${order.orderId}`;
  const money = await moneyOf(t, order.orderId);
  expect([row!.lifecycle, money.status, money.capturedKopecks]).toEqual(["deleted", "overpaid", 663_100n]);
  expect(money.alerts).toContainEqual({ code: "ALR-05", severity: "P1" });
  expect(await openRefunds(order.orderId)).toHaveLength(0);
  expect(money.exports).toMatchObject([{ amountKopecks: 663_100n }]);
  expect((await uploadedOrder(t, order.number)).link).toBeNull();
});

test("LOST-18: deleted in 1C without money: its link is closed", async () => {
  const { draft, order } = await anUploaded();
  expect(order.link).not.toBeNull();
  await upload(t, t.shop, changed(draft, { state: { deleted: true } }));
  expect((await uploadedOrder(t, order.number)).link).toBeNull();
  expect((await moneyOf(t, order.orderId)).status).toBe("nothing_due");
});

test("FISC-17: a cancelled order: full refund before shipment by the methods of the prepayment", async () => {
  const { draft, order } = await anUploaded();
  const payment = await paid(t, order);
  await live(t, 15);
  await upload(t, t.shop, changed(draft, { state: { cancelled: true } }));
  await refunded(t, order.orderId, payment, { amountKopecks: 663_100n, reason: "order_cancelled" });
  await live(t, 240, 10);
  expect((await printedOf(t, order.orderId)).at(-1)).toMatchObject({ type: 2, money: { 2: 6631 }, positions: [["Чайник", 1, 4990, 1, 3], ["Книга", 2, 645.5, 1, 4], ["Доставка", 1, 350, 1, 3]] });
  expect((await moneyOf(t, order.orderId)).status).toBe("refunded");
});
