/** Shipments, returns and payments that a file tells document by document: УНФ's subordinate documents and the containers of CommerceML 3.1 (commerceml.md 8, 10). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { listGoodsReturns, listShipments } from "@/lib/shipments/list-shipments.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aDraft, aLine, anOperation, changed, upload } from "@/lib/testing/drafts.ts";
import { openFileExchange } from "@/lib/testing/file-exchange.ts";
import type { FileExchange } from "@/lib/testing/file-exchange.ts";
import { fixture } from "./wire/fixtures/read-fixture.ts";

let t: FileExchange;
beforeAll(async () => {
  t = await openFileExchange();
});
afterAll(() => t.close());

const aBase = (settings: Record<string, unknown> = {}) => t.aBase({ flavour: "unf", ...settings });

const orderIn = async (connectionId: string) =>
  (await t.ctx.database.sql<{ id: string; lifecycle: string; goodsReturnedKopecks: bigint; paymentStatus: string; capturedKopecks: bigint; refundedKopecks: bigint; onecNumber: string | null; onecDate: Date | null }[]>`
    select id, lifecycle, goods_returned_kopecks, payment_status, captured_kopecks, refunded_kopecks, onec_number, onec_date from orders where onec_connection_id = ${connectionId}`)[0]!;
const alertsOf = async (orderId: string) => (await t.ctx.database.sql<{ title: string }[]>`select title from alerts where order_id = ${orderId} and code = 'ALR-16' and state <> 'resolved' order by first_at, id`).map((alert) => alert.title.replaceAll("\u00A0", " "));

const GOODS = "10000041-aaaa-11ee-8f10-0050568b1a01";
const requisite = (name: string, value: string) => `<ЗначениеРеквизита><Наименование>${name}</Наименование><Значение>${value}</Значение></ЗначениеРеквизита>`;
const goods = (quantity: string, sum: string, id = GOODS, name = "Фанера 18 мм") =>
  `<Товар><Ид>${id}</Ид><Наименование>${name}</Наименование><СтавкиНалогов><СтавкаНалога><Наименование>НДС</Наименование><Ставка>22</Ставка></СтавкаНалога></СтавкиНалогов><Количество>${quantity}</Количество><Сумма>${sum}</Сумма></Товар>`;
const subordinate = (id: string, operation: string, given: { lines?: string; marks?: string; sum?: string }) =>
  `<ПодчиненныйДокумент><Ид>${id}</Ид><Номер></Номер><Дата>2026-11-20</Дата><ХозОперация>${operation}</ХозОперация><Роль>Продавец</Роль><Валюта>RUB</Валюта><Курс>1</Курс>${given.sum ? `<Сумма>${given.sum}</Сумма>` : ""}<Время>12:30:00</Время>${given.lines ? `<Товары>${given.lines}</Товары>` : ""}<ЗначенияРеквизитов>${given.marks ?? ""}</ЗначенияРеквизитов></ПодчиненныйДокумент>`;
/** The sample of УНФ with these documents in place of its payment. */
const unf = (documents: string, shipped = "false") =>
  Buffer.from(fixture("orders-unf-subordinate.xml").toString("utf8").replace(/<ПодчиненныеДокументы>[\s\S]*<\/ПодчиненныеДокументы>/, `<ПодчиненныеДокументы>${documents}</ПодчиненныеДокументы>`)
    .replace(/(<Наименование>Отгружен<\/Наименование>\s*<Значение>)false/, `$1${shipped}`));
const out = (id: string, quantity: string, sum: string, more = "") => subordinate(id, "Отпуск товара", { lines: goods(quantity, sum), marks: requisite("Номер отгрузки по 1С", `НФНФ-${quantity}`) + requisite("Дата отгрузки по 1С", "2026-11-20T9:15:00") + more });

test("«Отпуск товара»: each hand-over with its own lines once, by its GUID; «Отгружен» afterwards ships nothing twice", async () => {
  const { shop, onec } = await aBase();
  const [first, second] = [newId(), newId()];
  expect(await onec.give(unf(out(first, "4", "9760")))).toBe("success\nЗагружено заказов: 1");
  const { id } = await orderIn(shop.onecId);
  expect(await orderIn(shop.onecId)).toMatchObject({ lifecycle: "partially_shipped" });
  expect(await listShipments(t.ctx, id)).toMatchObject([{ number: "НФНФ-4", source: "onec_document", totalKopecks: 9_760_00n, shippedAt: new Date("2026-11-20T06:15:00Z"), lines: [{ name: "Фанера 18 мм", quantity: "4", sumKopecks: "976000" }] }]);
  await onec.give(unf(out(first, "4", "9760") + out(second, "6", "14640")));
  await onec.give(unf(out(first, "4", "9760") + out(second, "6", "14640"), "true"));
  expect((await listShipments(t.ctx, id)).map((each) => [each.number, each.totalKopecks])).toEqual([["НФНФ-4", 9_760_00n], ["НФНФ-6", 14_640_00n]]);
  expect(await orderIn(shop.onecId)).toMatchObject({ lifecycle: "shipped" });
});

test("a status came before its document: the document adds only what is still left; goods that the order does not name are listed as they are", async () => {
  const { shop, onec } = await aBase();
  await onec.give(unf("", "true"));
  const { id } = await orderIn(shop.onecId);
  expect(await listShipments(t.ctx, id)).toMatchObject([{ source: "onec_status", totalKopecks: 24_400_00n }]);
  await onec.give(unf(out(newId(), "10", "24400"), "true"));
  expect(await listShipments(t.ctx, id)).toHaveLength(1);
  const other = await aBase();
  const replaced = subordinate(newId(), "Отпуск товара", { lines: goods("12", "29280") + goods("1", "100", "20000000-aaaa-11ee-8f10-0050568b1a01", "Саморезы") });
  await other.onec.give(unf(replaced));
  const [shipment] = await listShipments(t.ctx, (await orderIn(other.shop.onecId)).id);
  expect(shipment!.lines).toEqual([{ name: "Фанера 18 мм", quantity: "10", sumKopecks: "2440000" }, { name: "Саморезы", quantity: "1", sumKopecks: "10000" }]);
});

test("a hand-over that 1C changed after it was recorded is not rewritten: staff hear of it; the same words are no change, though less of them is recorded", async () => {
  const { shop, onec } = await aBase();
  const [first, over] = [newId(), newId()];
  for (let i = 0; i < 2; i++) await onec.give(unf(out(first, "4", "9760") + out(over, "12", "29280")));
  const { id } = await orderIn(shop.onecId);
  expect((await listShipments(t.ctx, id)).map((each) => each.totalKopecks)).toEqual([9_760_00n, 14_640_00n]);
  expect(await alertsOf(id)).toEqual([]);
  await onec.give(unf(out(first, "4", "8000") + out(over, "12", "29280")));
  expect((await listShipments(t.ctx, id)).map((each) => each.totalKopecks)).toEqual([9_760_00n, 14_640_00n]);
  expect(await alertsOf(id)).toEqual(["«Отпуск товара» НФНФ-4 по заказу № B2B-000110 в 1С изменён после того, как учтён"]);
});

test("«Возврат товара»: goods come back once; more than was shipped is refused to a person, the order itself is taken", async () => {
  const { shop, onec } = await aBase();
  const [handOver, back] = [newId(), newId()];
  const returned = (id: string, quantity: string, sum: string) => subordinate(id, "Возврат товара", { lines: goods(quantity, sum), marks: requisite("Номер по 1С", `ВТ-${quantity}`) });
  await onec.give(unf(out(handOver, "10", "24400")));
  const { id } = await orderIn(shop.onecId);
  for (const state of ["true", "false"]) await onec.give(unf(out(handOver, "10", "24400") + returned(back, "2", "4880"), state));
  expect(await listGoodsReturns(t.ctx, id)).toMatchObject([{ number: "ВТ-2", source: "onec_document", totalKopecks: 4_880_00n }]);
  expect(await orderIn(shop.onecId)).toMatchObject({ goodsReturnedKopecks: 4_880_00n });
  expect(await onec.give(unf(out(handOver, "10", "24400") + returned(back, "2", "4880") + returned(newId(), "9", "21960")))).toMatch(/^success/);
  expect(await orderIn(shop.onecId)).toMatchObject({ goodsReturnedKopecks: 4_880_00n });
  expect(await alertsOf(id)).toEqual(["«Возврат товара» ВТ-9 по заказу № B2B-000110 не учтён: это больше, чем по заказу отгружено"]);
});

test("an unposted, a deleted and an unreadable hand-over make none; one that we have is taken back, and posted again it is a new one", async () => {
  const { shop, onec } = await aBase();
  const known = newId();
  const unreadable = subordinate(newId(), "Отпуск товара", { lines: goods("много", "9760") });
  const said = await onec.give(unf(out(newId(), "1", "2440", requisite("Проведен", "false")) + out(newId(), "1", "2440", requisite("ПометкаУдаления", "true")) + unreadable + out(known, "4", "9760")));
  expect(said).toMatch(/^success\nЗагружено заказов: 1\nB2B-000110: Отпуск товара: количество в строке 1 не читается: «много»$/);
  const { id } = await orderIn(shop.onecId);
  expect(await listShipments(t.ctx, id)).toHaveLength(1);
  await onec.give(unf(out(known, "4", "9760", requisite("ПометкаУдаления", "true"))));
  expect(await listShipments(t.ctx, id)).toMatchObject([{ withdrawnAt: t.ctx.now(), totalKopecks: 9_760_00n }]);
  expect(await orderIn(shop.onecId)).toMatchObject({ lifecycle: "active" });
  // Corrected and posted again under the same GUID; the mark told twice.
  for (const times of [1, 2]) await onec.give(unf(out(known, "4", "9760", requisite("Проведен", "false")), times === 1 ? "false" : "False"));
  for (const more of ["", requisite("Отгружено", "true")]) await onec.give(unf(out(known, "6", "14640", more)));
  expect((await listShipments(t.ctx, id)).map((each) => [each.withdrawnAt === null, each.totalKopecks])).toEqual([[false, 9_760_00n], [true, 14_640_00n]]);
  expect(await orderIn(shop.onecId)).toMatchObject({ lifecycle: "partially_shipped" });
  await onec.give(unf(out(known, "6", "14640", requisite("ПометкаУдаления", "true"))));
  expect((await listShipments(t.ctx, id)).filter((each) => each.withdrawnAt === null)).toEqual([]);
  expect(await alertsOf(id)).toEqual([]);
});

test("commerceml.md 8: УНФ says «Отгружен» false of an order that it had called shipped: the one hand-over that the word told of is taken back; what is unclear, printed or returned is asked of people, never passed over", async () => {
  const { shop, onec } = await aBase();
  const { sql } = t.ctx.database;
  const journal = async (orderId: string) => (await sql<{ summary: string }[]>`select summary from onec_messages where order_id = ${orderId} and direction = 'in' order by last_at desc, id desc limit 1`)[0]!.summary;
  const standing = async (orderId: string) => (await listShipments(t.ctx, orderId)).map((each) => each.withdrawnAt === null);
  await onec.give(unf("", "true"));
  const { id } = await orderIn(shop.onecId);
  t.clock.advance(1_000);
  for (const times of [1, 2]) expect(await onec.give(unf("", times === 1 ? "false" : "False"))).toMatch(/^success/);
  expect([await standing(id), (await orderIn(shop.onecId)).lifecycle]).toEqual([[false], "active"]);
  expect(await journal(id)).toContain("сообщила, что заказ отгружен не полностью");
  expect(await alertsOf(id)).toEqual([expect.stringMatching(/^1С больше не считает заказ № B2B-000110 отгруженным: отгрузка на 24\s400,00\s₽ снята$/u)]);
  // Shipped again it is a new hand-over, and nothing is asked any more.
  await onec.give(unf("", "true"));
  expect([await standing(id), (await orderIn(shop.onecId)).lifecycle, await alertsOf(id)]).toEqual([[false, true], "shipped", []]);
  // A closing receipt that is out.
  await sql`
    insert into receipts (id, shipment_id, part_no, order_id, purpose, kind, state, total_kopecks, due_at, planned_at, is_test)
    select gen_random_uuid(), s.id, 2, s.order_id, 'closing', 'income', 'sent', s.total_kopecks, ${t.ctx.now()}, ${t.ctx.now()}, true from standing_shipments s where s.order_id = ${id}`;
  t.clock.advance(1_000);
  await onec.give(unf("", "false"));
  expect([await standing(id), (await orderIn(shop.onecId)).lifecycle]).toEqual([[false, true], "shipped"]);
  expect(await alertsOf(id)).toEqual(["1С больше не считает заказ № B2B-000110 отгруженным, а закрывающий чек уже ушёл"]);
  // Told document by document: the flag is no word about any of them, unless one is named no more.
  const documents = await aBase();
  const [first, second] = [newId(), newId()];
  const both = out(first, "4", "9760") + out(second, "6", "14640");
  await documents.onec.give(unf(both, "true"));
  const told = (await orderIn(documents.shop.onecId)).id;
  await documents.onec.give(unf(both, "false"));
  expect([await standing(told), await alertsOf(told)]).toEqual([[true, true], []]);
  await documents.onec.give(unf(out(first, "4", "9760"), "false"));
  expect([await standing(told), await alertsOf(told)]).toEqual([[true, true], ["1С больше не считает заказ № B2B-000110 отгруженным и не называет отгрузку НФНФ-6"]]);
  // УТ, which never says no, takes nothing back; lines that came since explain it.
  const draft = aDraft({ lines: [aLine({ sumKopecks: 100_000n })], state: { shipped: { number: "Р-1", dateLocal: null, byFlag: true } } });
  const grown = [...draft.lines, aLine({ name: "Чашка", position: 2 })];
  const [ut] = await upload(t, shop, draft);
  await upload(t, shop, changed(draft, { state: { shipped: null } }));
  await upload(t, shop, changed(draft, { lines: grown, state: { shipped: null, unshipped: true } }));
  expect([await standing(ut!.orderId!), await alertsOf(ut!.orderId!)]).toEqual([[true], []]);
  // Two hand-overs by the word alone: which of them is off cannot be told.
  await upload(t, shop, changed(draft, { lines: grown }));
  await upload(t, shop, changed(draft, { lines: grown, state: { shipped: null, unshipped: true } }));
  expect(await standing(ut!.orderId!)).toEqual([true, true]);
  expect(await alertsOf(ut!.orderId!)).toEqual([expect.stringMatching(/отгруженным: какой из 2 отгрузок не было, она не сказала$/)]);
});

const element = (name: string, value: string) => `<${name}>${value}</${name}>`;
/** Bitrix's CommerceML 3.1: all about one order in one container, 1C's number, date and mark as elements. */
const container = (documents: string[]) =>
  Buffer.from(`<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_3" ВерсияСхемы="3.1" ДатаФормирования="2026-11-20T12:00:00"><Контейнер>${documents.join("")}</Контейнер></КоммерческаяИнформация>`);
const document = (id: string, number: string, operation: string, inner: string) =>
  `<Документ>${element("Ид", id)}${element("Номер", number)}${element("Дата", "2026-11-20")}${element("Время", "10:00:00")}${element("ХозОперация", operation)}${element("Роль", "Продавец")}${element("Валюта", "RUB")}${element("Курс", "1.0000")}${element("НомерВерсии", "AAAAAAAD0AQ=")}${inner}</Документ>`;
const order31 = document("a0000000-0000-4000-8000-000000000001", "BX-1", "Заказ товара",
  `${element("Сумма", "24400.0000")}${element("Номер1С", "УТ00-000901")}${element("Дата1С", "2026-11-20T8:05:00")}${element("ПометкаУдаления", "false")}<Товары>${goods("10.0000", "24400.0000")}</Товары><ЗначенияРеквизитов>${requisite("Проведен", "true")}</ЗначенияРеквизитов>`);
const payment31 = (id: string, sum: string, isReturn: boolean) => document(id, `П-${id.slice(0, 4)}`, "Выплата безналичных денег",
  `${element("Сумма", sum)}<ЗначенияРеквизитов>${requisite("Оплачено", "true")}${requisite("Признак возврата", String(isReturn))}${requisite("Метод оплаты", "Счет")}</ЗначенияРеквизитов>`);

test("CommerceML 3.1: a container's payment, its return and its shipment belong to its order, whatever stands first and without «Основание»", async () => {
  for (const place of ["first", "last"]) {
    const { shop, onec } = await aBase();
    const parts = [payment31(newId(), "24400.0000", false), payment31(newId(), "4400.0000", true), document(newId(), "", "Отпуск товара", `<Товары>${goods("10.0000", "24400.0000")}</Товары>`)];
    expect(await onec.give(container(place === "first" ? [order31, ...parts] : [...parts, order31]))).toMatch(/^success\nЗагружено заказов: 4/);
    const order = await orderIn(shop.onecId);
    expect(order).toMatchObject({ onecNumber: "УТ00-000901", onecDate: new Date("2026-11-20T05:05:00Z"), capturedKopecks: 24_400_00n, refundedKopecks: 4_400_00n, lifecycle: "shipped" });
    expect(await listShipments(t.ctx, order.id)).toMatchObject([{ source: "onec_document", totalKopecks: 24_400_00n }]);
  }
});

test("a deletion mark as an element deletes; a document of another operation creates no order", async () => {
  const { shop, onec } = await aBase();
  await onec.give(container([order31.replace("<ПометкаУдаления>false", "<ПометкаУдаления>true")]));
  expect(await orderIn(shop.onecId)).toMatchObject({ lifecycle: "deleted" });
  const empty = await aBase();
  expect(await empty.onec.give(container([payment31(newId(), "100.00", false), document(newId(), "1", "Счет на оплату", element("Сумма", "5"))]))).toMatch(/^success\nЗагружено заказов: 0\n.*не относится к нашим заказам/);
  expect(await orderIn(empty.shop.onecId)).toBeUndefined();
});

test("1C lists documents as it likes: a return before its hand-over, a refund before its payment, a till's payment before ours of the same sum (CML-32)", async () => {
  const { shop, bankId } = await aBase();
  const line = aLine({ sumKopecks: 100_000n });
  const draft = aDraft({ lines: [line] });
  const [result] = await upload(t, shop, draft);
  const { factId } = await cardMoney(t, result!.orderId!, 100_000n, bankId);
  const goodsOf = (operation: string, number: string) => anOperation({ operation, number, totalKopecks: 100_000n, lines: [line] });
  const till = anOperation({ operation: "Эквайринговая операция", totalKopecks: 100_000n, number: "К-1", marks: { paymentNumber: "К-1" } });
  const ours = anOperation({ operation: "Эквайринговая операция", totalKopecks: 100_000n, number: `P-${factId}`, marks: { paymentNumber: "УНФ-5" } });
  const moneyBack = anOperation({ operation: "Возврат безналичных денег", totalKopecks: 30_000n, number: "РБД-1" });
  const moneyIn = anOperation({ operation: "Выплата безналичных денег", totalKopecks: 50_000n, number: "ПБД-1" });
  await upload(t, shop, changed(draft, { operations: [goodsOf("Возврат товара", "В-1"), goodsOf("Отпуск товара", "Р-1"), moneyBack, moneyIn, till, ours] }));
  expect(await orderIn(shop.onecId)).toMatchObject({ goodsReturnedKopecks: 100_000n, capturedKopecks: 250_000n, refundedKopecks: 30_000n });
  expect([...(await t.ctx.database.sql`select state, onec_document_number from export_messages where fact_id = ${factId}`)]).toEqual([{ state: "confirmed", onecDocumentNumber: "УНФ-5" }]);
});
