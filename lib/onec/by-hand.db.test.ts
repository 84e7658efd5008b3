/** CML-32: what a configuration cannot book is shown as such and is never reported as done or on its way. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { watchAlerts } from "@/lib/alerts/index.ts";
import { createConnection, loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { listOrders } from "@/lib/orders/list-orders.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { parseOrderFilter } from "@/lib/orders/order-filter.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aCompany, aDraft, aLine, aPerson, aStatus, anOperation, changed, upload } from "@/lib/testing/drafts.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { newId } from "@/lib/kit/ids.ts";
import { confirmExportByHand } from "./index.ts";
import { readExchangePage } from "./exchange-page.ts";
import { faultsOf } from "./wire/fixtures/check-xsd.ts";

let t: TestContext;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());

const viewer = { storeId: null, seesBuyers: true } as Parameters<typeof readOrderPage>[1];
let bases = 0;
async function aBase(onecSettings: Record<string, unknown> = {}) {
  const login = `h-${++bases}`;
  const shop = await aShop(t, { login, onecSettings });
  const { connectionId: bankId } = await anAcquirer(t, shop);
  const onec = onecClient(t, login);
  /** One session as УТ makes it; answers the text of `query`. */
  const exchange = async (extra = "") => {
    const session = await onec.open();
    const { body } = await onec.call(`type=sale&mode=query${extra}`, { session });
    expect((await onec.call("type=sale&mode=success", { session })).body).toBe("success");
    return body;
  };
  return { shop, login, bankId, onec, exchange };
}
async function anOrder(shop: TestShop, given: Parameters<typeof aDraft>[0] = {}) {
  const draft = aDraft({ totalKopecks: 100_000n, ...given });
  const [result] = await upload(t, shop, draft);
  return { draft, orderId: result!.orderId! };
}
/** What the order's page shows, oldest first. */
async function shown(orderId: string) {
  const page = await readOrderPage(t.ctx, viewer, orderId);
  return page!.exports.map((each) => (each.byHand === null ? each.state : `${each.byHand}`)).toReversed();
}
async function undo(orderId: string, kind: FactKind, amountKopecks: bigint, bankId: string): Promise<void> {
  await inTransaction(t.ctx, async (tx) => {
    const order = await lockOrder(tx, orderId);
    const [parent] = await tx<{ id: string }[]>`select f.id from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId} and f.kind = 'payment_captured' order by f.recorded_at limit 1`;
    const fact = await recordFact(t.ctx, tx, {
      kind, amountKopecks, method: "card", connectionId: bankId, providerPaymentId: newId(), providerOperationId: newId(), parentFactId: parent!.id, occurredAt: t.ctx.now(), fiscalOwner: "none", isTest: order.isTest,
      allocations: [{ orderId, counterpartyId: order.counterpartyId, amountKopecks }],
    });
    const saved = await saveMoney(t.ctx, tx, withMoney(order, kind, amountKopecks), false);
    await t.ctx.announce(t.ctx, tx, { type: "money.undone", fact: fact!, order: saved });
  });
}

/** The configurations of commerceml.md 7 to 9 and how their sessions ask. */
const byRequisites = [["УТ 11.5", "ut"], ["Розница", "ut"], ["УТ 10.3", "ut103"], ["УНФ 3.0 without subordinate documents", "unf_plain"]] as const;
const withSubordinates = [["УНФ 3.0 by its setting", "unf", ""], ["УНФ 3.0 by the versions of its session", "ut", "&version=2.09&cmlVersion=2.10"]] as const;
/** An order as the sample of УТ has it, and one that a shop made: 1C gets both. */
async function twoOrders(shop: TestShop) {
  const line = aLine({ sumKopecks: 100_000n });
  const echo = { ...line.echo, unit: { code: "796", fullName: "Штука", international: "PCE", text: "шт" } };
  const known = await anOrder(shop, { lines: [{ ...line, echo }], buyer: aCompany() });
  const born = await anOrder(shop, { lines: [{ ...line, echo }], buyer: aPerson({ phone: "+79990000001", email: "petrov@buyer.example" }), comment: "Позвонить <до> & после 18" });
  const { connectionId } = await createConnection(t.ctx, { kind: "shop", provider: "shop", name: newId(), sellerOrgId: null, storeId: shop.storeId, environment: "test", settings: { onecConnectionId: shop.onecId }, secret: {} });
  await t.ctx.database.sql`update orders set onec_guid = null, shop_connection_id = ${connectionId} where id = ${born.orderId}`;
  return { known, born };
}
const requisiteOf = (xml: string, name: string) => [...xml.matchAll(new RegExp(`<Наименование>${name}</Наименование>\\s*<Значение>([^<]*)<`, "g"))].map((match) => match[1]);

test.each(byRequisites)("CML-26, CML-30, CML-32: %s takes one full payment by requisites: given, «Передано», «Учтено» by its own number; the answer fits the schema", async (_name, flavour) => {
  const { shop, bankId, exchange } = await aBase({ flavour });
  const { known, born } = await twoOrders(shop);
  for (const { orderId } of [known, born]) await cardMoney(t, orderId, 100_000n, bankId);
  expect([await shown(known.orderId), await shown(born.orderId)]).toEqual([["pending"], ["pending"]]);
  const body = await exchange();
  expect(faultsOf(body)).toEqual([]);
  expect(requisiteOf(body, "Заказ оплачен")).toEqual(["true", "true"]);
  expect(requisiteOf(body, "Метод оплаты ИД")).toEqual(["card", "card"]);
  expect(body).not.toContain("ПодчиненныйДокумент");
  expect([await shown(known.orderId), await shown(born.orderId)]).toEqual([["delivered"], ["delivered"]]);
  const number = { paid: { number: "ТД000001877", dateLocal: "2026-11-21T00:00:00" } };
  // УТ 10.3 may say it in a document of nothing but requisites (commerceml.md 9).
  await upload(t, shop, flavour === "ut103" ? aStatus(known.draft, number) : changed(known.draft, { state: number }));
  expect(await shown(known.orderId)).toEqual(["confirmed"]);
});

test.each(byRequisites)("CML-26, CML-32: %s cannot book a part payment: by hand, never «Передано»; paid whole it goes by itself; the answer fits the schema", async (_name, flavour) => {
  const { shop, bankId, exchange } = await aBase({ flavour });
  const { known, born } = await twoOrders(shop);
  const { draft, orderId } = known;
  for (const each of [known, born]) await cardMoney(t, each.orderId, 40_000n, bankId);
  expect(await shown(orderId)).toEqual(["part"]);
  const body = await exchange();
  expect(faultsOf(body)).toEqual([]);
  expect(requisiteOf(body, "Заказ оплачен")).toEqual(["false", "false"]);
  expect(requisiteOf(body, "Комментарии покупателя")).toEqual([expect.stringContaining("Оплачено частично"), expect.stringContaining("Оплачено частично")]);
  expect([await shown(orderId), await shown(born.orderId)]).toEqual([["part"], ["part"]]);
  const events = await t.ctx.database.sql`select 1 from order_events where order_id = ${orderId} and kind = 'export.delivered'`;
  expect(events).toHaveLength(0);
  // Nothing new: the same order is not given out again and again.
  expect(await exchange()).not.toContain("<Документ>");
  await cardMoney(t, orderId, 60_000n, bankId, "sbp");
  expect(await shown(orderId)).toEqual(["pending", "pending"]);
  await exchange();
  expect(await shown(orderId)).toEqual(["delivered", "delivered"]);
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000031", dateLocal: null } } }));
  expect(await shown(orderId)).toEqual(["confirmed", "confirmed"]);
});

test.each(withSubordinates)("CML-30, CML-32: %s takes a part payment and the one that completes it as documents of their own, each «Учтено» by its own; the answer fits the schema", async (_name, flavour, ask) => {
  const { shop, bankId, exchange } = await aBase({ flavour });
  const { known, born } = await twoOrders(shop);
  const first = await cardMoney(t, known.orderId, 40_000n, bankId);
  await cardMoney(t, born.orderId, 100_000n, bankId, "sbp");
  const body = await exchange(ask);
  expect(faultsOf(body)).toEqual([]);
  expect([...body.matchAll(/<ПодчиненныйДокумент>\s*<Ид>([^<]*)<[\s\S]*?<Сумма>([^<]*)</g)].map((match) => match[2])).toEqual(["400.00", "1000.00"]);
  expect([await shown(known.orderId), await shown(born.orderId)]).toEqual([["delivered"], ["delivered"]]);
  const second = await cardMoney(t, known.orderId, 60_000n, bankId);
  await exchange(ask);
  const booked = ({ factId }: { factId: string }, number: string, totalKopecks: bigint) => anOperation({ operation: "Эквайринговая операция", number: `P-${factId}`, totalKopecks, marks: { paymentNumber: number, paid: true } });
  await upload(t, shop, changed(known.draft, { operations: [booked(first, "УНФ-1", 40_000n)] }));
  expect(await shown(known.orderId)).toEqual(["confirmed", "delivered"]);
  await upload(t, shop, changed(known.draft, { operations: [booked(first, "УНФ-1", 40_000n), booked(second, "УНФ-2", 60_000n)] }));
  expect(await shown(known.orderId)).toEqual(["confirmed", "confirmed"]);
  expect(await t.ctx.database.sql`select 1 from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${known.orderId}`).toHaveLength(2);
});

test("CML-30, CML-32: УНФ with subordinate documents books parts, by setting or by the versions that its session named", async () => {
  const set = await aBase({ flavour: "unf" });
  const { orderId } = await anOrder(set.shop);
  await cardMoney(t, orderId, 40_000n, set.bankId);
  expect(await shown(orderId)).toEqual(["pending"]);
  await set.exchange();
  expect(await shown(orderId)).toEqual(["delivered"]);
  const told = await aBase();
  const other = await anOrder(told.shop);
  await cardMoney(t, other.orderId, 40_000n, told.bankId);
  expect(await shown(other.orderId)).toEqual(["part"]);
  await told.exchange("&version=2.09&cmlVersion=2.10");
  expect(await shown(other.orderId)).toEqual(["delivered"]);
  // What the base asks for next is known now, also for people.
  const third = await anOrder(told.shop);
  await cardMoney(t, third.orderId, 40_000n, told.bankId);
  expect(await shown(third.orderId)).toEqual(["pending"]);
});

test("CML-32: refunds, chargebacks and reversals are by hand in every form of the file; the accountant names the document", async () => {
  for (const flavour of ["ut", "unf"]) {
    const { shop, bankId, exchange } = await aBase({ flavour });
    const { orderId } = await anOrder(shop);
    await cardMoney(t, orderId, 100_000n, bankId);
    await exchange();
    await undo(orderId, "refund_succeeded", 20_000n, bankId);
    await undo(orderId, "chargeback", 30_000n, bankId);
    expect(await shown(orderId)).toEqual(["delivered", "refund", "undone"]);
    await exchange();
    expect(await shown(orderId)).toEqual(["delivered", "refund", "undone"]);
    const page = await readOrderPage(t.ctx, viewer, orderId);
    const accountant = await aStaff(t, { role: "accountant" });
    for (const each of page!.exports) if (each.byHand) await confirmExportByHand(accountant.ctx, { exportId: each.exportId, documentNumber: `РКО-${each.amountKopecks}` });
    expect(await shown(orderId)).toEqual(["delivered", "confirmed", "confirmed"]);
  }
});

test("CML-32: given back before 1C took it, a payment is no longer whole: by hand, not «Передано»", async () => {
  const { shop, bankId, exchange } = await aBase();
  const { orderId } = await anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  await undo(orderId, "refund_succeeded", 100_000n, bankId);
  await exchange();
  expect(await shown(orderId)).toEqual(["part", "refund"]);
});

test("CML-32: a second payment of a paid order is more than УТ books: the document of 1C proves the first and not the second", async () => {
  const { shop, bankId, exchange } = await aBase();
  const { draft, orderId } = await anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  await cardMoney(t, orderId, 100_000n, bankId);
  expect(await shown(orderId)).toEqual(["pending", "excess"]);
  await exchange();
  expect(await shown(orderId)).toEqual(["delivered", "excess"]);
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000032", dateLocal: null } } }));
  expect(await shown(orderId)).toEqual(["confirmed", "excess"]);
  // Made dearer by 1C afterwards, it is no excess any more.
  await upload(t, shop, changed(draft, { totalKopecks: 200_000n }));
  expect(await shown(orderId)).toEqual(["confirmed", "pending"]);
});

test("CML-32, LOST-18: money of an order that 1C cancelled or deleted", async () => {
  for (const state of [{ cancelled: true }, { deleted: true }]) {
    const { shop, bankId, exchange } = await aBase();
    const { draft, orderId } = await anOrder(shop);
    await cardMoney(t, orderId, 100_000n, bankId);
    await upload(t, shop, changed(draft, { state }));
    await exchange();
    expect(await shown(orderId)).toEqual(["gone"]);
    await upload(t, shop, changed(draft, { comment: "восстановлен" }));
    expect(await shown(orderId)).toEqual(["pending"]);
  }
});

test("commerceml.md 7.4: УТ reads nothing of an order that does not wait for approval; a state that we know of makes it by hand, an unknown one does not", async () => {
  const { shop, bankId, exchange } = await aBase();
  const states = [[null, "pending"], ["Ожидается согласование", "pending"], ["К выполнению", "state"], ["Закрыт", "state"]] as const;
  for (const [statusText, expected] of states) {
    const { orderId } = await anOrder(shop, { state: { statusText } });
    await cardMoney(t, orderId, 100_000n, bankId);
    expect([statusText, await shown(orderId)]).toEqual([statusText, [expected]]);
  }
  const shipped = await anOrder(shop, { state: { shipped: { number: "УТ-77", dateLocal: null } } });
  await cardMoney(t, shipped.orderId, 100_000n, bankId);
  expect(await shown(shipped.orderId)).toEqual(["state"]);
  await exchange();
  expect(await shown(shipped.orderId)).toEqual(["state"]);
  // A base that books it all the same proves it by its own number.
  await upload(t, shop, changed(shipped.draft, { state: { paid: { number: "УТ00-000034", dateLocal: null } } }));
  expect(await shown(shipped.orderId)).toEqual(["confirmed"]);
  const own = await aBase({ paymentStates: ["Новый"] });
  const { orderId } = await anOrder(own.shop, { state: { statusText: "Новый" } });
  await cardMoney(t, orderId, 100_000n, own.bankId);
  expect(await shown(orderId)).toEqual(["pending"]);
  const old = await aBase({ flavour: "ut103" });
  const inWork = await anOrder(old.shop, { state: { statusText: "К выполнению" } });
  await cardMoney(t, inWork.orderId, 100_000n, old.bankId);
  expect(await shown(inWork.orderId)).toEqual(["pending"]);
});

test("P4, commerceml.md 7.3: an order that УТ would not find by its number is not given out, or УТ would make a second one; its money is by hand", async () => {
  const { shop, bankId, exchange } = await aBase();
  const long = await anOrder(shop, { number: `СЕВЕР-${"0".repeat(6)}` });
  const fits = await anOrder(shop, { number: "СЕВЕР-00001" });
  const base = await loadConnection(t.ctx, shop.onecId);
  const byJson = aDraft({ totalKopecks: 100_000n });
  const [taken] = await takeOrders(t.ctx, { ...base, byFile: false }, [byJson]);
  for (const orderId of [long.orderId, fits.orderId, taken!.orderId!]) await cardMoney(t, orderId, 100_000n, bankId);
  const body = await exchange();
  expect([...body.matchAll(/<Документ>\s*<Ид>[^<]*<\/Ид>\s*<Номер>([^<]*)/g)].map((match) => match[1])).toEqual([fits.draft.number]);
  expect([await shown(long.orderId), await shown(fits.orderId), await shown(taken!.orderId!)]).toEqual([["unknown_number"], ["delivered"], ["unknown_number"]]);
  // Somebody filled the attribute: the file brings it, and from then on it is given.
  await upload(t, shop, changed(byJson, { comment: "с номером на сайте" }));
  expect(await shown(taken!.orderId!)).toEqual(["pending"]);
  expect(await exchange()).toContain(`<Номер>${byJson.number}</Номер>`);
  const wide = await aBase({ flavour: "unf" });
  const other = await anOrder(wide.shop, { number: `СЕВЕР-${"0".repeat(6)}` });
  await cardMoney(t, other.orderId, 100_000n, wide.bankId);
  expect(await shown(other.orderId)).toEqual(["pending"]);
});

test("CML-32: a skip looks like a success; the order that comes back posted and without a payment number tells, at once, and a number takes it back", async () => {
  const { shop, bankId, exchange } = await aBase();
  const { draft, orderId } = await anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  // Before 1C took it, its silence says nothing.
  await upload(t, shop, changed(draft, { comment: "правка" }));
  expect(await shown(orderId)).toEqual(["pending"]);
  await exchange();
  await upload(t, shop, changed(draft, { comment: "снята с проведения", state: { posted: false } }));
  expect(await shown(orderId)).toEqual(["delivered"]);
  await upload(t, shop, changed(draft, { comment: "подорожал", totalKopecks: 120_000n }));
  expect(await shown(orderId)).toEqual(["delivered"]);
  // The very document that it had sent before says so too.
  await upload(t, shop, changed(draft, { comment: "подорожал", totalKopecks: 100_000n }));
  await t.ctx.database.sql`update export_messages set skipped_at = null where order_id = ${orderId}`;
  await upload(t, shop, changed(draft, { comment: "подорожал", totalKopecks: 100_000n }));
  expect(await shown(orderId)).toEqual(["skipped"]);
  await watchAlerts(t.ctx);
  const alerts = await t.ctx.database.sql`select code, severity, title, advice from alerts where order_id = ${orderId} and state <> 'resolved' and code = 'ALR-13'`;
  expect([...alerts]).toEqual([{ code: "ALR-13", severity: "P2", title: expect.stringContaining("передана, но не учтена в 1С"), advice: expect.stringContaining("1С забрала, но не учла: проведите вручную") }]);
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000033", dateLocal: null } } }));
  expect(await shown(orderId)).toEqual(["confirmed"]);
  await watchAlerts(t.ctx);
  expect(await t.ctx.database.sql`select 1 from alerts where order_id = ${orderId} and state <> 'resolved' and code = 'ALR-13'`).toHaveLength(0);
});

test("CML-32, CML-25: what 1C could not book when it was given out goes again once it can: the sum was lowered to what is paid, the order taken back to work", async () => {
  const paidLine = /Заказ оплачен<\/Наименование>\s*<Значение>true/;
  const { shop, bankId, exchange } = await aBase();
  const part = await anOrder(shop);
  await cardMoney(t, part.orderId, 40_000n, bankId);
  const gone = await anOrder(shop, { state: { cancelled: true } });
  await cardMoney(t, gone.orderId, 100_000n, bankId);
  await exchange();
  expect(await exchange()).not.toContain("<Документ>");
  await upload(t, shop, changed(part.draft, { totalKopecks: 40_000n }));
  expect(await exchange()).toMatch(paidLine);
  await upload(t, shop, changed(gone.draft, { state: { cancelled: false } }));
  expect(await exchange()).toMatch(paidLine);
  expect([await shown(part.orderId), await shown(gone.orderId)]).toEqual([["delivered"], ["delivered"]]);
  expect(await exchange()).not.toContain("<Документ>");
});

test("CML-32: an order sent by JSON says nothing about a payment that went by the file", async () => {
  const { shop, login, bankId, exchange } = await aBase({ doors: ["commerceml", "json"] });
  const { draft, orderId } = await anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  await exchange();
  const answer = await jsonClient(t, login).post<{ results: { status: string }[] }>("/orders", { orders: [{ id: draft.onecRef, comment: "звонили" }] });
  expect(answer.json.results).toMatchObject([{ status: "updated" }]);
  expect(await shown(orderId)).toEqual(["delivered"]);
});

test("CML-30: УНФ is not given again what the accountant has booked under a number of its own", async () => {
  const { shop, bankId, exchange } = await aBase({ flavour: "unf" });
  const { orderId } = await anOrder(shop);
  const first = await cardMoney(t, orderId, 40_000n, bankId);
  const [message] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where fact_id = ${first.factId}`;
  await confirmExportByHand((await aStaff(t, { role: "accountant" })).ctx, { exportId: message!.id, documentNumber: "УНФ-0001" });
  const second = await cardMoney(t, orderId, 60_000n, bankId);
  const body = await exchange();
  expect(body).toContain(second.factId);
  expect(body).not.toContain(first.factId);
});

test("money that goes by another door is nobody's hand work", async () => {
  const { shop, bankId } = await aBase({ doors: ["commerceml", "json"], moneyChannel: "json" });
  const { orderId } = await anOrder(shop, { number: `СЕВЕР-${"0".repeat(6)}` });
  await cardMoney(t, orderId, 40_000n, bankId);
  await undo(orderId, "refund_succeeded", 10_000n, bankId);
  expect(await shown(orderId)).toEqual(["pending", "pending"]);
});

test("A9, A2: the page of the exchange lists what to book by hand and counts it apart; lists and the view of orders show it", async () => {
  const { shop, bankId, exchange } = await aBase();
  const part = await anOrder(shop);
  const whole = await anOrder(shop);
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
