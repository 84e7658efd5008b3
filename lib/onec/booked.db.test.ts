/** What each configuration of 1C books of the payments it is given, and which document of 1C proves it (CML-16, CML-26, CML-30, CML-32). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aCompany, aDraft, aLine, aPerson, aStatus, anOperation, changed, upload } from "@/lib/testing/drafts.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { numbersIn, openFileExchange } from "@/lib/testing/file-exchange.ts";
import type { FileExchange } from "@/lib/testing/file-exchange.ts";
import { confirmExportByHand } from "./index.ts";
import { faultsOf } from "./wire/fixtures/check-xsd.ts";

let t: FileExchange;
beforeAll(async () => {
  t = await openFileExchange();
});
afterAll(() => t.close());

/** The configurations of commerceml.md 7 to 9 and how their sessions ask. */
const byRequisites = [["УТ 11.5", "ut"], ["Розница", "ut"], ["УТ 10.3", "ut103"], ["УНФ 3.0 without subordinate documents", "unf_plain"]] as const;
const withSubordinates = [["УНФ 3.0 by its setting", "unf", ""], ["УНФ 3.0 by the versions of its session", "ut", "&version=2.09&cmlVersion=2.10"]] as const;
/** An order as the sample of УТ has it, and one that a shop made: 1C gets both. */
async function twoOrders(shop: TestShop) {
  const line = aLine({ sumKopecks: 100_000n });
  const echo = { ...line.echo, unit: { code: "796", fullName: "Штука", international: "PCE", text: "шт" } };
  const known = await t.anOrder(shop, { lines: [{ ...line, echo }], buyer: aCompany() });
  const born = await t.anOrder(shop, { lines: [{ ...line, echo }], buyer: aPerson({ phone: "+79990000001", email: "petrov@buyer.example" }), comment: "Позвонить <до> & после 18" });
  const { connectionId } = await createConnection(t.ctx, { kind: "shop", provider: "shop", name: newId(), sellerOrgId: null, storeId: shop.storeId, environment: "test", settings: { onecConnectionId: shop.onecId }, secret: {} });
  await t.ctx.database.sql`update orders set onec_guid = null, shop_connection_id = ${connectionId} where id = ${born.orderId}`;
  return { known, born };
}
const requisiteOf = (xml: string, name: string) => [...xml.matchAll(new RegExp(`<Наименование>${name}</Наименование>\\s*<Значение>([^<]*)<`, "g"))].map((match) => match[1]);

test.each(byRequisites)("CML-26, CML-30, CML-32: %s takes one full payment by requisites: given, «Передано», «Учтено» by its own number; the answer fits the schema", async (_name, flavour) => {
  const { shop, bankId, exchange } = await t.aBase({ flavour });
  const { known, born } = await twoOrders(shop);
  for (const { orderId } of [known, born]) await cardMoney(t, orderId, 100_000n, bankId);
  expect([await t.shown(known.orderId), await t.shown(born.orderId)]).toEqual([["pending"], ["pending"]]);
  const body = await exchange();
  expect(faultsOf(body)).toEqual([]);
  expect(requisiteOf(body, "Заказ оплачен")).toEqual(["true", "true"]);
  expect(requisiteOf(body, "Метод оплаты ИД")).toEqual(["card", "card"]);
  expect(body).not.toContain("ПодчиненныйДокумент");
  expect([await t.shown(known.orderId), await t.shown(born.orderId)]).toEqual([["delivered"], ["delivered"]]);
  const number = { paid: { number: "ТД000001877", dateLocal: "2026-11-21T00:00:00" } };
  // УТ 10.3 may say it in a document of nothing but requisites (commerceml.md 9).
  await upload(t, shop, flavour === "ut103" ? aStatus(known.draft, number) : changed(known.draft, { state: number }));
  expect(await t.shown(known.orderId)).toEqual(["confirmed"]);
});

test.each(byRequisites)("CML-26, CML-32: %s cannot book a part payment: by hand, never «Передано»; paid whole it goes by itself; the answer fits the schema", async (_name, flavour) => {
  const { shop, bankId, exchange } = await t.aBase({ flavour });
  const { known, born } = await twoOrders(shop);
  const { draft, orderId } = known;
  for (const each of [known, born]) await cardMoney(t, each.orderId, 40_000n, bankId);
  expect(await t.shown(orderId)).toEqual(["part"]);
  const body = await exchange();
  expect(faultsOf(body)).toEqual([]);
  expect(requisiteOf(body, "Заказ оплачен")).toEqual(["false", "false"]);
  expect(requisiteOf(body, "Комментарии покупателя")).toEqual([expect.stringContaining("Оплачено частично"), expect.stringContaining("Оплачено частично")]);
  expect([await t.shown(orderId), await t.shown(born.orderId)]).toEqual([["part"], ["part"]]);
  const events = await t.ctx.database.sql`select 1 from order_events where order_id = ${orderId} and kind = 'export.delivered'`;
  expect(events).toHaveLength(0);
  // Nothing new: the same order is not given out again and again.
  expect(await exchange()).not.toContain("<Документ>");
  await cardMoney(t, orderId, 60_000n, bankId, "sbp");
  expect(await t.shown(orderId)).toEqual(["pending", "pending"]);
  await exchange();
  expect(await t.shown(orderId)).toEqual(["delivered", "delivered"]);
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000031", dateLocal: null } } }));
  expect(await t.shown(orderId)).toEqual(["confirmed", "confirmed"]);
});

test.each(withSubordinates)("CML-30, CML-32: %s takes a part payment and the one that completes it as documents of their own, each «Учтено» by its own; the answer fits the schema", async (_name, flavour, ask) => {
  const { shop, bankId, exchange } = await t.aBase({ flavour });
  const { known, born } = await twoOrders(shop);
  const first = await cardMoney(t, known.orderId, 40_000n, bankId);
  await cardMoney(t, born.orderId, 100_000n, bankId, "sbp");
  const body = await exchange(ask);
  expect(faultsOf(body)).toEqual([]);
  expect([...body.matchAll(/<ПодчиненныйДокумент>\s*<Ид>([^<]*)<[\s\S]*?<Сумма>([^<]*)</g)].map((match) => match[2])).toEqual(["400.00", "1000.00"]);
  expect([await t.shown(known.orderId), await t.shown(born.orderId)]).toEqual([["delivered"], ["delivered"]]);
  const second = await cardMoney(t, known.orderId, 60_000n, bankId);
  await exchange(ask);
  const booked = ({ factId }: { factId: string }, number: string, totalKopecks: bigint) => anOperation({ operation: "Эквайринговая операция", number: `P-${factId}`, totalKopecks, marks: { paymentNumber: number, paid: true } });
  await upload(t, shop, changed(known.draft, { operations: [booked(first, "УНФ-1", 40_000n)] }));
  expect(await t.shown(known.orderId)).toEqual(["confirmed", "delivered"]);
  await upload(t, shop, changed(known.draft, { operations: [booked(first, "УНФ-1", 40_000n), booked(second, "УНФ-2", 60_000n)] }));
  expect(await t.shown(known.orderId)).toEqual(["confirmed", "confirmed"]);
  expect(await t.ctx.database.sql`select 1 from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${known.orderId}`).toHaveLength(2);
});

test("CML-30, CML-32: УНФ with subordinate documents books parts, by setting or by the versions that its session named", async () => {
  const set = await t.aBase({ flavour: "unf" });
  const { orderId } = await t.anOrder(set.shop);
  await cardMoney(t, orderId, 40_000n, set.bankId);
  expect(await t.shown(orderId)).toEqual(["pending"]);
  await set.exchange();
  expect(await t.shown(orderId)).toEqual(["delivered"]);
  const told = await t.aBase();
  const other = await t.anOrder(told.shop);
  await cardMoney(t, other.orderId, 40_000n, told.bankId);
  expect(await t.shown(other.orderId)).toEqual(["part"]);
  await told.exchange("&version=2.09&cmlVersion=2.10");
  expect(await t.shown(other.orderId)).toEqual(["delivered"]);
  // What the base asks for next is known now, also for people.
  const third = await t.anOrder(told.shop);
  await cardMoney(t, third.orderId, 40_000n, told.bankId);
  expect(await t.shown(third.orderId)).toEqual(["pending"]);
});

test("CML-32: «Оплачен» of УНФ beside documents that name each payment proves those alone: ours, which it did not load, stays «Передано»", async () => {
  const { shop, bankId, exchange } = await t.aBase({ flavour: "unf" });
  const { draft, orderId } = await t.anOrder(shop, { buyer: aCompany() });
  await cardMoney(t, orderId, 40_000n, bankId);
  await exchange();
  const bank = anOperation({ totalKopecks: 100_000n, number: "УНФ-1", marks: { paymentNumber: "УНФ-1" } });
  await upload(t, shop, changed(draft, { operations: [bank], state: { paid: { number: null, dateLocal: null } } }));
  expect(await t.shown(orderId)).toEqual(["delivered"]);
  // Without documents the word is about the whole order.
  await upload(t, shop, changed(draft, { operations: [], state: { paid: { number: null, dateLocal: null } } }));
  expect(await t.shown(orderId)).toEqual(["confirmed"]);
});

test("CML-32, CML-25: what 1C could not book when it was given out goes again once it can: the sum was lowered to what is paid, the order taken back to work", async () => {
  const paidLine = /Заказ оплачен<\/Наименование>\s*<Значение>true/;
  const { shop, bankId, exchange } = await t.aBase();
  const part = await t.anOrder(shop);
  await cardMoney(t, part.orderId, 40_000n, bankId);
  const gone = await t.anOrder(shop, { state: { cancelled: true } });
  await cardMoney(t, gone.orderId, 100_000n, bankId);
  await exchange();
  expect(await exchange()).not.toContain("<Документ>");
  await upload(t, shop, changed(part.draft, { totalKopecks: 40_000n }));
  expect(await exchange()).toMatch(paidLine);
  await upload(t, shop, changed(gone.draft, { state: { cancelled: false } }));
  expect(await exchange()).toMatch(paidLine);
  expect([await t.shown(part.orderId), await t.shown(gone.orderId)]).toEqual([["delivered"], ["delivered"]]);
  expect(await exchange()).not.toContain("<Документ>");
});

test("CML-30: УНФ is not given again what the accountant has booked under a number of its own", async () => {
  const { shop, bankId, exchange } = await t.aBase({ flavour: "unf" });
  const { orderId } = await t.anOrder(shop);
  const first = await cardMoney(t, orderId, 40_000n, bankId);
  const [message] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where fact_id = ${first.factId}`;
  await confirmExportByHand((await aStaff(t, { role: "accountant" })).ctx, { exportId: message!.id, documentNumber: "УНФ-0001" });
  const second = await cardMoney(t, orderId, 60_000n, bankId);
  const body = await exchange();
  expect(body).toContain(second.factId);
  expect(body).not.toContain(first.factId);
});


test("CML-32: «учтено» only when 1C names its document; the money stays one fact", async () => {
  const { shop, bankId, onec, ask, ok } = await t.aBase();
  const { draft, orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  const session = await onec.open();
  await ask(session);
  await ok(session);
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000012", dateLocal: "2026-11-21T12:30:00" } } }));
  expect([...(await t.exportsOf(orderId))]).toEqual([{ state: "confirmed", onecDocumentNumber: "УТ00-000012" }]);
  expect(await t.eventsOf(orderId)).toEqual(["export.delivered", "export.confirmed"]);
  const [order] = await t.ctx.database.sql`select payment_status, captured_kopecks from orders where id = ${orderId}`;
  expect(order).toEqual({ paymentStatus: "paid", capturedKopecks: 100_000n });
});

const alertsOf = async (orderId: string) => [...(await t.ctx.database.sql`select code, state, amount_kopecks from alerts where order_id = ${orderId} order by code`)];

test("CML-32: a company that paid by card on the site is confirmed once 1C was given the payment, not booked a second time", async () => {
  const { shop, bankId, onec, ask } = await t.aBase();
  const draft = aDraft({ totalKopecks: 50_000n, buyer: aCompany() });
  const [result] = await upload(t, shop, draft);
  const orderId = result!.orderId!;
  await cardMoney(t, orderId, 50_000n, bankId);
  // 1C booked the answer and died before `success`.
  await ask(await onec.open());
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000013", dateLocal: null } } }));
  expect([...(await t.exportsOf(orderId))]).toMatchObject([{ state: "confirmed" }]);
  const [order] = await t.ctx.database.sql`select payment_status, captured_kopecks from orders where id = ${orderId}`;
  expect(order).toEqual({ paymentStatus: "paid", capturedKopecks: 50_000n });
  expect(await alertsOf(orderId)).toEqual([]);
  // Proven booked: nothing is left to give.
  expect(await numbersIn((await ask(await onec.open())).body)).toEqual([]);
});

test("CML-32, CML-16: a document of 1C's own confirms no payment that 1C was never given; it still goes out and staff are told", async () => {
  const { shop, bankId, onec, ask, ok } = await t.aBase();
  const { draft, orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  // Cash at the till, before 1C ever asked us.
  const paid = changed(draft, { state: { paid: { number: "КА-000055", dateLocal: null } } });
  await upload(t, shop, paid);
  expect([...(await t.exportsOf(orderId))]).toEqual([{ state: "pending", onecDocumentNumber: null }]);
  expect(await alertsOf(orderId)).toEqual([{ code: "ALR-16", state: "firing", amountKopecks: 100_000n }]);
  const session = await onec.open();
  expect(await numbersIn((await ask(session)).body)).toEqual([draft.number]);
  await ok(session);
  // The next upload can be about it.
  await upload(t, shop, changed(paid, { comment: "после обмена" }));
  expect([...(await t.exportsOf(orderId))]).toMatchObject([{ state: "confirmed" }]);
  expect(await alertsOf(orderId)).toMatchObject([{ code: "ALR-16", state: "resolved" }]);
});

test("CML-32, CML-16: of two payments only the one that was given out is confirmed; the later one goes out", async () => {
  const { shop, bankId, onec, ask, ok } = await t.aBase();
  const { draft, orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 40_000n, bankId);
  const session = await onec.open();
  await ask(session, "&version=2.09&cmlVersion=2.10");
  await ok(session);
  await cardMoney(t, orderId, 60_000n, bankId);
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000021", dateLocal: null } } }));
  expect([...(await t.exportsOf(orderId))]).toMatchObject([{ state: "confirmed" }, { state: "pending" }]);
  expect(await numbersIn((await ask(await onec.open())).body)).toEqual([draft.number]);
});
