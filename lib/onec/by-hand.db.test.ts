/** CML-32: what a configuration cannot book is shown as such and is never reported as done or on its way. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { watchAlerts } from "@/lib/alerts/index.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { listOrders } from "@/lib/orders/list-orders.ts";
import { parseOrderFilter } from "@/lib/orders/order-filter.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { openFileExchange, viewer } from "@/lib/testing/file-exchange.ts";
import type { FileExchange } from "@/lib/testing/file-exchange.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { readExchangePage } from "./exchange-page.ts";
import { confirmExportByHand } from "./index.ts";
import { fixture } from "./wire/fixtures/read-fixture.ts";

let t: FileExchange;
beforeAll(async () => {
  t = await openFileExchange();
});
afterAll(() => t.close());

test("CML-32: refunds, chargebacks and reversals are by hand in every form of the file; the accountant names the document", async () => {
  for (const flavour of ["ut", "unf"]) {
    const { shop, bankId, exchange } = await t.aBase({ flavour });
    const { orderId } = await t.anOrder(shop);
    await cardMoney(t, orderId, 100_000n, bankId);
    await exchange();
    await t.undo(orderId, "refund_succeeded", 20_000n, bankId);
    await t.undo(orderId, "chargeback", 30_000n, bankId);
    expect(await t.shown(orderId)).toEqual(["delivered", "refund", "undone"]);
    await exchange();
    expect(await t.shown(orderId)).toEqual(["delivered", "refund", "undone"]);
    const page = await readOrderPage(t.ctx, viewer, orderId);
    const accountant = await aStaff(t, { role: "accountant" });
    for (const each of page!.exports) if (each.byHand) await confirmExportByHand(accountant.ctx, { exportId: each.exportId, documentNumber: `РКО-${each.amountKopecks}` });
    expect(await t.shown(orderId)).toEqual(["delivered", "confirmed", "confirmed"]);
  }
});

test("CML-32: given back before 1C took it, a payment is no longer whole: by hand, not «Передано»", async () => {
  const { shop, bankId, exchange } = await t.aBase();
  const { orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  await t.undo(orderId, "refund_succeeded", 100_000n, bankId);
  await exchange();
  expect(await t.shown(orderId)).toEqual(["part", "refund"]);
});

test("CML-32: a second payment of a paid order is more than УТ books: the document of 1C proves the first and not the second", async () => {
  const { shop, bankId, exchange } = await t.aBase();
  const { draft, orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  await cardMoney(t, orderId, 100_000n, bankId);
  expect(await t.shown(orderId)).toEqual(["pending", "excess"]);
  await exchange();
  expect(await t.shown(orderId)).toEqual(["delivered", "excess"]);
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000032", dateLocal: null } } }));
  expect(await t.shown(orderId)).toEqual(["confirmed", "excess"]);
  // Made dearer by 1C afterwards, it is no excess any more.
  await upload(t, shop, changed(draft, { totalKopecks: 200_000n }));
  expect(await t.shown(orderId)).toEqual(["confirmed", "pending"]);
});

test("CML-32, LOST-18: money of an order that 1C cancelled or deleted", async () => {
  for (const state of [{ cancelled: true }, { deleted: true }]) {
    const { shop, bankId, exchange } = await t.aBase();
    const { draft, orderId } = await t.anOrder(shop);
    await cardMoney(t, orderId, 100_000n, bankId);
    await upload(t, shop, changed(draft, { state }));
    await exchange();
    expect(await t.shown(orderId)).toEqual(["gone"]);
    await upload(t, shop, changed(draft, { comment: "восстановлен" }));
    expect(await t.shown(orderId)).toEqual(["pending"]);
  }
});

test("commerceml.md 7.4: УТ reads nothing of an order that does not wait for approval; a state that we know of makes it by hand, an unknown one does not", async () => {
  const { shop, bankId, exchange } = await t.aBase();
  const states = [[null, "pending"], ["Ожидается согласование", "pending"], ["К выполнению", "state"], ["Закрыт", "state"]] as const;
  for (const [statusText, expected] of states) {
    const { orderId } = await t.anOrder(shop, { state: { statusText } });
    await cardMoney(t, orderId, 100_000n, bankId);
    expect([statusText, await t.shown(orderId)]).toEqual([statusText, [expected]]);
  }
  const shipped = await t.anOrder(shop, { state: { shipped: { number: "УТ-77", dateLocal: null } } });
  await cardMoney(t, shipped.orderId, 100_000n, bankId);
  expect(await t.shown(shipped.orderId)).toEqual(["state"]);
  await exchange();
  expect(await t.shown(shipped.orderId)).toEqual(["state"]);
  // A base that books it all the same proves it by its own number.
  await upload(t, shop, changed(shipped.draft, { state: { paid: { number: "УТ00-000034", dateLocal: null } } }));
  expect(await t.shown(shipped.orderId)).toEqual(["confirmed"]);
  const own = await t.aBase({ paymentStates: ["Новый"] });
  const { orderId } = await t.anOrder(own.shop, { state: { statusText: "Новый" } });
  await cardMoney(t, orderId, 100_000n, own.bankId);
  expect(await t.shown(orderId)).toEqual(["pending"]);
  const old = await t.aBase({ flavour: "ut103" });
  const inWork = await t.anOrder(old.shop, { state: { statusText: "К выполнению" } });
  await cardMoney(t, inWork.orderId, 100_000n, old.bankId);
  expect(await t.shown(inWork.orderId)).toEqual(["pending"]);
});

test("P4, commerceml.md 7.3: an order that УТ would not find by its number is not given out, or УТ would make a second one; its money is by hand", async () => {
  const { shop, bankId, exchange } = await t.aBase();
  const long = await t.anOrder(shop, { number: `СЕВЕР-${"0".repeat(6)}` });
  const fits = await t.anOrder(shop, { number: "СЕВЕР-00001" });
  const base = await loadConnection(t.ctx, shop.onecId);
  const byJson = aDraft({ totalKopecks: 100_000n });
  const [taken] = await takeOrders(t.ctx, { ...base, byFile: false }, [byJson]);
  for (const orderId of [long.orderId, fits.orderId, taken!.orderId!]) await cardMoney(t, orderId, 100_000n, bankId);
  const body = await exchange();
  expect([...body.matchAll(/<Документ>\s*<Ид>[^<]*<\/Ид>\s*<Номер>([^<]*)/g)].map((match) => match[1])).toEqual([fits.draft.number]);
  expect([await t.shown(long.orderId), await t.shown(fits.orderId), await t.shown(taken!.orderId!)]).toEqual([["unknown_number"], ["delivered"], ["unknown_number"]]);
  // Somebody filled the attribute: the file brings it, and from then on it is given.
  await upload(t, shop, changed(byJson, { comment: "с номером на сайте" }));
  expect(await t.shown(taken!.orderId!)).toEqual(["pending"]);
  expect(await exchange()).toContain(`<Номер>${byJson.number}</Номер>`);
  const wide = await t.aBase({ flavour: "unf" });
  const other = await t.anOrder(wide.shop, { number: `СЕВЕР-${"0".repeat(6)}` });
  await cardMoney(t, other.orderId, 100_000n, wide.bankId);
  expect(await t.shown(other.orderId)).toEqual(["pending"]);
});

test("CML-32: a skip looks like a success; the order that comes back posted and without a payment number tells, at once, and a number takes it back", async () => {
  const { shop, bankId, exchange } = await t.aBase();
  const { draft, orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  // Before 1C took it, its silence says nothing.
  await upload(t, shop, changed(draft, { comment: "правка" }));
  expect(await t.shown(orderId)).toEqual(["pending"]);
  await exchange();
  await upload(t, shop, changed(draft, { comment: "снята с проведения", state: { posted: false } }));
  expect(await t.shown(orderId)).toEqual(["delivered"]);
  await upload(t, shop, changed(draft, { comment: "подорожал", totalKopecks: 120_000n }));
  expect(await t.shown(orderId)).toEqual(["delivered"]);
  // The very document that it had sent before says so too.
  await upload(t, shop, changed(draft, { comment: "подорожал", totalKopecks: 100_000n }));
  await t.ctx.database.sql`update export_messages set skipped_at = null where order_id = ${orderId}`;
  await upload(t, shop, changed(draft, { comment: "подорожал", totalKopecks: 100_000n }));
  expect(await t.shown(orderId)).toEqual(["skipped"]);
  await watchAlerts(t.ctx);
  const alerts = await t.ctx.database.sql`select code, severity, title, advice from alerts where order_id = ${orderId} and state <> 'resolved' and code = 'ALR-13'`;
  expect([...alerts]).toEqual([{ code: "ALR-13", severity: "P2", title: expect.stringContaining("передана, но не учтена в 1С"), advice: expect.stringContaining("1С забрала, но не учла: проведите вручную") }]);
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000033", dateLocal: null } } }));
  expect(await t.shown(orderId)).toEqual(["confirmed"]);
  await watchAlerts(t.ctx);
  expect(await t.ctx.database.sql`select 1 from alerts where order_id = ${orderId} and state <> 'resolved' and code = 'ALR-13'`).toHaveLength(0);
});

test("ALR-13: the advice about a payment that is taken and not booked is that of the configuration: only УТ wants the order to wait for approval", async () => {
  const orderIds: string[] = [];
  for (const flavour of ["ut", "unf"]) {
    const { shop, bankId, exchange } = await t.aBase({ flavour });
    const { orderId } = await t.anOrder(shop);
    await cardMoney(t, orderId, 100_000n, bankId);
    await exchange();
    orderIds.push(orderId);
  }
  t.clock.advance(61 * 60_000);
  await watchAlerts(t.ctx);
  const advice = async (orderId: string) => (await t.ctx.database.sql<{ advice: string }[]>`select advice from alerts where order_id = ${orderId} and code = 'ALR-13'`)[0]!.advice;
  expect(await advice(orderIds[0]!)).toContain("ждать согласования");
  expect(await advice(orderIds[1]!)).toMatch(/^Найдите оплату в заказе 1С\. .*таблице соответствия\.$/);
});

test("CML-32, CML-24: two exchanges at once: a file that was on its way when 1C took the payment tells of no skip, the next one does", async () => {
  const { bankId, exchange, onec, shop } = await t.aBase();
  const file = (comment: string) => Buffer.from(fixture("orders-ut11-individual.xml").toString("utf8").replace("<Налоги>", `<Комментарий>${comment}</Комментарий><Налоги>`));
  await onec.give(file("сначала"));
  const [order] = await t.ctx.database.sql<{ id: string }[]>`select id from orders where onec_connection_id = ${shop.onecId}`;
  await cardMoney(t, order!.id, 374_600n, bankId);
  const session = await onec.open();
  await onec.send(session, "orders-1.xml", file("до оплаты"));
  t.clock.advance(5_000);
  await exchange();
  expect(await onec.load(session, "orders-1.xml")).toMatch(/^success/);
  expect(await t.shown(order!.id)).toEqual(["delivered"]);
  t.clock.advance(5_000);
  await onec.give(file("после оплаты"), "orders-2.xml");
  expect(await t.shown(order!.id)).toEqual(["skipped"]);
});

test("CML-32: an order sent by JSON says nothing about a payment that went by the file", async () => {
  const { shop, login, bankId, exchange } = await t.aBase({ doors: ["commerceml", "json"] });
  const { draft, orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  await exchange();
  const answer = await jsonClient(t, login).post<{ results: { status: string }[] }>("/orders", { orders: [{ id: draft.onecRef, comment: "звонили" }] });
  expect(answer.json.results).toMatchObject([{ status: "updated" }]);
  expect(await t.shown(orderId)).toEqual(["delivered"]);
});

test("money that goes by another door is nobody's hand work", async () => {
  const { shop, bankId } = await t.aBase({ doors: ["commerceml", "json"], moneyChannel: "json" });
  const { orderId } = await t.anOrder(shop, { number: `СЕВЕР-${"0".repeat(6)}` });
  await cardMoney(t, orderId, 40_000n, bankId);
  await t.undo(orderId, "refund_succeeded", 10_000n, bankId);
  expect(await t.shown(orderId)).toEqual(["pending", "pending"]);
});

test("A9, A2: the page of the exchange lists what to book by hand and counts it apart; lists and the view of orders show it", async () => {
  const { shop, bankId, exchange } = await t.aBase();
  const part = await t.anOrder(shop);
  const whole = await t.anOrder(shop);
  await cardMoney(t, part.orderId, 40_000n, bankId);
  await cardMoney(t, whole.orderId, 100_000n, bankId);
  await exchange();
  const page = await readExchangePage(t.ctx, { isTest: true, storeId: null });
  expect(page.bases.find((base) => base.connectionId === shop.onecId)).toMatchObject({ byHand: 1n, byHandKopecks: 40_000n, pending: 0n, delivered: 1n, ordersToSend: 0n });
  expect(page.byHand.filter((row) => row.orderId === part.orderId)).toMatchObject([{ reason: "part", factKind: "payment_captured", amountKopecks: 40_000n, number: part.draft.number }]);
  expect((await readExchangePage(t.ctx, { isTest: true, storeId: shop.storeId })).byHand.map((row) => row.orderId)).toEqual([part.orderId]);
  expect((await readExchangePage(t.ctx, { isTest: false, storeId: null })).byHand).toEqual([]);
  const rows = (await listOrders(t.ctx, { ...viewer, storeId: shop.storeId }, true, parseOrderFilter({}))).rows;
  expect(Object.fromEntries(rows.map((row) => [row.number, row.exportState]))).toEqual({ [part.draft.number]: "by_hand", [whole.draft.number]: "delivered" });
  const view = (await listOrders(t.ctx, { ...viewer, storeId: shop.storeId }, true, parseOrderFilter({ view: "by_hand" }))).rows;
  expect(view.map((row) => row.number)).toEqual([part.draft.number]);
  t.clock.advance(2 * 3_600_000);
  await watchAlerts(t.ctx);
  const [alert] = await t.ctx.database.sql`select title, advice from alerts where order_id = ${part.orderId} and code = 'ALR-13'`;
  expect(alert).toEqual({ title: expect.stringContaining("не попадёт в 1С обменом"), advice: expect.stringMatching(/^1С этого не примет: проведите вручную\. .*полную оплату/) });
});
