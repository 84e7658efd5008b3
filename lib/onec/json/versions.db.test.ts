/** Orders that come by JSON again, late, by another door or under another's number: which document is which order, and which of its states is true (API-15). */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aCompany, aDraft, aLine, upload } from "@/lib/testing/drafts.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { anItem, anOrder, openOrderBases } from "@/lib/testing/order-packages.ts";
import type { Order, OrderBases } from "@/lib/testing/order-packages.ts";
import { decideConflict, seenOf } from "../inbox/index.ts";

let t: OrderBases;
beforeAll(async () => {
  t = await openOrderBases();
});
afterAll(() => t.close());

const sample = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as { orders: Order[]; results: Order[]; accepted: number; rejected: number };

test("API-15: a lower version is late, an equal one with other content is taken, a higher one with the same content is counted", async () => {
  const base = await t.aBase();
  const order = anOrder({ version: 5 });
  expect(await base.one(order)).toMatchObject({ status: "created", version: 5 });
  expect(await base.one({ ...order, version: 4, comment: "старое" })).toMatchObject({ status: "unchanged", msg: "устаревшая версия", version: 5 });
  expect(await t.rowOf(order["id"])).toMatchObject({ comment: null });
  expect(await base.one({ ...order, version: 5, comment: "новое" })).toMatchObject({ status: "updated", version: 5, msg: "" });
  expect(await base.one({ id: order["id"], version: 9 })).toMatchObject({ status: "unchanged", version: 9 });
  expect(await base.one({ id: order["id"], version: 8, comment: "позднее эхо" })).toMatchObject({ status: "unchanged", msg: "устаревшая версия", version: 9 });
  expect(await base.one({ id: order["id"], comment: "без версии" })).toMatchObject({ status: "updated", version: 9 });
  expect(await t.rowOf(order["id"])).toMatchObject({ comment: "без версии", revisionNo: 1 });
  // GUIDs are one in any spelling.
  expect(await base.one({ id: `{${String(order["id"]).toUpperCase()}}`, comment: "без версии" })).toMatchObject({ status: "unchanged" });
});

test("API-15: an older version that would change the order is a line of the journal with the difference; one about money is a question, asked once", async () => {
  const base = await t.aBase();
  const buyerRef = newId();
  const order = anOrder({ version: 5, customer: { id: buyerRef, name: "Иванова Мария", phone: "+79990000001" } });
  await base.one(order);
  const orderId = (await t.rowOf(order["id"]))!.id;
  const journal = async () => [...(await t.ctx.database.sql<{ id: string; result: string; summary: string; resultText: string; attempts: number; diff: { field: string }[] }[]>`select * from onec_messages where order_id = ${orderId} and result <> 'applied' order by at, id`)];
  const conflicts = async () => [...(await t.ctx.database.sql<{ id: string; field: string; state: string; ours: string; theirs: string; messageId: string }[]>`select * from onec_conflicts where order_id = ${orderId} order by opened_at, id`)];
  const small = { id: order["id"], version: 4, comment: "старое", customer: { id: buyerRef, phone: null } };
  for (const _ of [1, 2]) expect(await base.one(small)).toMatchObject({ status: "unchanged", msg: "устаревшая версия", version: 5 });
  expect(await journal()).toMatchObject([{ result: "noop", attempts: 2, summary: expect.stringContaining("прислала старую версию заказа"), resultText: "Версия 4, у нас уже 5", diff: [{ field: "comment", before: null, after: "старое" }] }]);
  expect(await conflicts()).toEqual([]);
  expect(await t.rowOf(order["id"])).toMatchObject({ comment: null, contact: "+79990000001" });
  const [buyer] = await t.ctx.database.sql`select c.phone from counterparties c join orders o on o.counterparty_id = c.id where o.id = ${orderId}`;
  expect(buyer).toEqual({ phone: "+79990000001" });

  const cheap = { ...order, version: 3, amount: 1000, items: [anItem({ price: 1000, amount: 1000 })] };
  expect(await base.one(cheap)).toMatchObject({ status: "unchanged", version: 5 });
  expect(await t.rowOf(order["id"])).toMatchObject({ totalKopecks: 122_000n, revisionNo: 1 });
  const [asked] = await conflicts();
  expect(asked).toMatchObject({ field: "version", state: "open", ours: "5", theirs: "3" });
  expect((await journal()).find(({ id }) => id === asked!.messageId)).toMatchObject({ result: "conflict", resultText: "Нужно решение: версия 3, у нас уже 5", diff: expect.arrayContaining([expect.objectContaining({ field: "total" })]) });
  const accountant = (await aStaff(t, { role: "accountant" })).ctx;
  await decideConflict(accountant, { conflictId: asked!.id, side: "ours", seen: seenOf(asked!) });
  await base.one(cheap);
  expect(await conflicts()).toMatchObject([{ state: "ours" }]);

  // 1C was restored from a copy: what it says now is right after all.
  const other = { ...cheap, version: 2, amount: 900, items: [anItem({ price: 900, amount: 900 })] };
  await base.one(other);
  const restored = (await conflicts()).find(({ state }) => state === "open")!;
  await decideConflict(accountant, { conflictId: restored.id, side: "theirs", seen: seenOf(restored) });
  expect(await t.rowOf(order["id"])).toMatchObject({ totalKopecks: 90_000n, onecVersion: 2n, revisionNo: 2 });
  expect((await journal()).some(({ id }) => id === restored.messageId)).toBe(false);
  expect(await base.one({ ...other, version: 3, comment: "дальше" })).toMatchObject({ status: "updated", version: 3 });
  // A newer version answers the question by itself.
  await base.one({ ...cheap, version: 1 });
  await base.one({ ...other, version: 4, comment: "новее" });
  expect((await conflicts()).map(({ state }) => state)).toEqual(["ours", "theirs", "gone"]);
});

test("API-15: a file that repeats an earlier state of an order on which JSON has counted on leaves it alone, and staff are asked; a new state of a file is taken", async () => {
  const base = await t.aBase({ doors: ["commerceml", "json"], moneyChannel: "json" });
  const draft = aDraft({ totalKopecks: 100_000n });
  const [made] = await upload(t, base.shop, draft);
  await base.one({ id: draft.onecRef, version: 10, amount: 700, items: [anItem({ price: 700, amount: 700 })] });
  const total = async () => (await t.ctx.database.sql<{ totalKopecks: bigint }[]>`select total_kopecks from orders where id = ${made!.orderId!}`)[0]!.totalKopecks;
  const conflicts = async () => [...(await t.ctx.database.sql<{ id: string; state: string; ours: string; theirs: string }[]>`select * from onec_conflicts where order_id = ${made!.orderId!} order by opened_at, id`)];
  for (const _ of [1, 2]) expect(await upload(t, base.shop, draft)).toMatchObject([{ outcome: "unchanged", reason: "устаревшая версия" }]);
  expect([await total(), await conflicts()]).toMatchObject([70_000n, [{ state: "open", ours: "10", theirs: "0" }]]);
  // What nobody said before is news, by whatever door.
  const fresh = aDraft({ onecRef: draft.onecRef, number: draft.number, buyer: draft.buyer, totalKopecks: 80_000n });
  expect(await upload(t, base.shop, fresh)).toMatchObject([{ outcome: "revised" }]);
  expect(await total()).toBe(80_000n);
  await upload(t, base.shop, draft);
  expect(await total()).toBe(80_000n);
  // 1C means it: a person takes the file's word, until JSON counts on.
  const accountant = (await aStaff(t, { role: "accountant" })).ctx;
  const open = (await conflicts()).find(({ state }) => state === "open")!;
  await decideConflict(accountant, { conflictId: open.id, side: "theirs", seen: seenOf(open) });
  await upload(t, base.shop, draft);
  expect(await total()).toBe(100_000n);
});

test("an order of the stock exchange changed by JSON keeps what JSON does not say, and its lines go back as they came (CML-15)", async () => {
  const base = await t.aBase({ doors: ["commerceml", "json"], moneyChannel: "commerceml" });
  const draft = aDraft({ onecRef: newId(), number: "B2B-1", buyer: aCompany(), lines: [aLine({ sumKopecks: 122_000n }), aLine({ position: 2, sumKopecks: 50_000n, included: false })], totalKopecks: 122_000n, state: { number: "УТ00-0001" } });
  await upload(t, base.shop, draft);
  const before = (await t.rowOf(draft.onecRef))!;
  expect(await base.one({ id: draft.onecRef, comment: "по телефону" })).toMatchObject({ status: "updated", number: "B2B-1" });
  expect(await t.rowOf(draft.onecRef)).toMatchObject({ comment: "по телефону", revisionNo: 1, totalKopecks: 122_000n, buyerName: before.buyerName, counterpartyId: before.counterpartyId, onecNumber: "УТ00-0001", number: "B2B-1" });
  expect(await base.one({ id: draft.onecRef, comment: "по телефону" })).toMatchObject({ status: "unchanged" });
  // 1C's own number does not replace the one that the buyer knows.
  expect(await base.one({ id: draft.onecRef, number: "УТ00-0001", comment: "ещё" })).toMatchObject({ status: "updated", number: "B2B-1" });
  // The file again says nothing new about the lines: no revision, the link stays.
  await upload(t, base.shop, draft);
  expect(await t.rowOf(draft.onecRef)).toMatchObject({ revisionNo: 1 });
});

test("an order changed by both doors at once loses nothing of either", async () => {
  const base = await t.aBase({ doors: ["commerceml", "json"], moneyChannel: "commerceml" });
  for (let round = 0; round < 5; round++) {
    const draft = aDraft({ onecRef: newId(), number: `R-${round}` });
    await upload(t, base.shop, draft);
    const [, answer] = await Promise.all([upload(t, base.shop, aDraft({ ...draft, lines: [aLine({ sumKopecks: 200_000n })], totalKopecks: 200_000n })), base.one({ id: draft.onecRef, methods: ["sbp"], payBy: "2026-12-31" })]);
    expect(answer.status).toBe("updated");
    expect(await t.rowOf(draft.onecRef)).toMatchObject({ totalKopecks: 200_000n, revisionNo: 2, payMethods: ["sbp"], payUntil: new Date("2026-12-31T21:00:00Z") });
  }
});

test("an order that came by JSON goes to a base of the stock exchange with lines complete enough to be read back", async () => {
  const base = await t.aBase({ doors: ["commerceml", "json"], moneyChannel: "commerceml" });
  const request = sample("orders-request").orders[0]!;
  const { siteId } = await base.one({ ...request, id: newId(), number: "J-1" });
  await cardMoney(t, siteId, 9_211_000n, t.bankId);
  await t.ctx.database.sql`update orders set in_file = true where id = ${siteId}`;
  const onec = onecClient(t, base.login);
  const { body } = await onec.call("type=sale&mode=query", { session: await onec.open() });
  for (const part of ["<Наименование>Доска обрезная 50×150×6000 сорт 1</Наименование>", "<ЦенаЗаЕдиницу>21350.00</ЦенаЗаЕдиницу>", "<Количество>4</Количество>", "<Сумма>81130.00</Сумма>", "<Ставка>22</Ставка>", "<Артикул>ДО-50150</Артикул>", "<Значение>Услуга</Значение>", 'Код="113"'])
    expect(body).toContain(part);
});

test("an order born on the site is bound to 1C's document by siteId and keeps its number (API-15)", async () => {
  const base = await t.aBase();
  const [shopOrder] = await upload(t, base.shop, aDraft({ onecRef: "", number: "W-100" }));
  const guid = newId();
  expect(await base.one({ id: guid, siteId: shopOrder!.orderId, number: "УТ00-5000", comment: "взят" })).toMatchObject({ status: "updated", siteId: shopOrder!.orderId });
  expect((await t.rowOf(guid))!.id).toBe(shopOrder!.orderId);
  expect(await base.one({ id: newId(), siteId: shopOrder!.orderId, number: "УТ00-5001", amount: 1220, items: [anItem()] })).toMatchObject({ status: "created" });
});

test("API-15: 1C's numbers begin anew each year: another document with a number of last year is another order, with a number of its own here", async () => {
  const base = await t.aBase();
  const old = anOrder({ number: "УТ00-000001", date: "2025-01-10T10:00:00" });
  const [fresh, again] = [anOrder({ number: "УТ00-000001", date: "2026-01-09T10:00:00" }), anOrder({ number: "УТ00-000001", date: "2026-01-12T10:00:00" })];
  await base.one(old);
  const both = (await base.send(fresh, again)).results;
  expect(both.map(({ status, code, number }) => [status, code, number])).toEqual([["created", "", "УТ00-000001/26"], ["rejected", "number_taken", "УТ00-000001"]]);
  // Said again, in parts, whole, with its number or without: the same order under the same number.
  for (const said of [fresh, { id: fresh["id"], comment: "звонили" }, { id: fresh["id"], number: "УТ00-000001", comment: "ещё раз" }, { ...fresh, comment: null }]) {
    expect(["updated", "unchanged"]).toContain((await base.one(said)).status);
  }
  const orders = await t.ctx.database.sql`select number, onec_number from orders where onec_connection_id = ${base.shop.onecId} order by order_date`;
  expect([...orders]).toEqual([{ number: "УТ00-000001", onecNumber: "УТ00-000001" }, { number: "УТ00-000001/26", onecNumber: "УТ00-000001" }]);
  // 1C renumbers it: then that is its number.
  expect(await base.one({ id: old["id"], comment: "прошлогодний" })).toMatchObject({ status: "updated", number: "УТ00-000001" });
  // By the number alone nobody knows which is meant.
  const shipped = await base.post<{ results: { code: string; msg: string }[] }>("/shipments", { shipments: [{ id: newId(), orderNumber: "УТ00-000001", number: "Р-1" }] });
  expect(shipped.json.results[0]).toMatchObject({ code: "unknown_order", msg: expect.stringContaining("у нескольких заказов") });
  // A document that 1C has marked as deleted holds its number no longer.
  const [dropped, typed] = [anOrder({ state: { deleted: true } }), anOrder()];
  await base.one(dropped);
  expect(await base.one({ ...typed, number: dropped["number"] })).toMatchObject({ status: "created", number: `${String(dropped["number"])}/26` });
});

test("CML-19: a base that gets its money by the stock exchange knows orders by their number: one that is taken stays refused", async () => {
  const base = await t.aBase({ doors: ["commerceml", "json"], moneyChannel: "commerceml" });
  await base.one(anOrder({ number: "УТ00-000001", date: "2025-01-10T10:00:00" }));
  expect(await base.one(anOrder({ number: "УТ00-000001", date: "2026-01-10T10:00:00" }))).toMatchObject({ status: "rejected", code: "number_taken" });
});

test("an order with a number of its own is found by its GUID in a file that names 1C's number", async () => {
  const base = await t.aBase({ doors: ["commerceml", "json"], moneyChannel: "json" });
  const [old, fresh] = [anOrder({ number: "УТ-1", date: "2025-01-10T10:00:00" }), anOrder({ number: "УТ-1", date: "2026-01-09T10:00:00" })];
  await base.send(old, fresh);
  const [taken] = await upload(t, base.shop, aDraft({ onecRef: fresh["id"] as string, number: "УТ-1", totalKopecks: 70_000n }));
  expect(taken).toMatchObject({ outcome: "revised" });
  const rows = await t.ctx.database.sql`select number, total_kopecks from orders where onec_connection_id = ${base.shop.onecId} order by order_date`;
  expect(rows.map((row) => row["number"])).toEqual(["УТ-1", "УТ-1/26"]);
  expect(rows[1]).toMatchObject({ totalKopecks: 70_000n });
});

test("a number of another order is refused, an order named twice too, the others of the package are taken", async () => {
  const base = await t.aBase();
  const first = anOrder();
  await base.one(first);
  const [twin, other] = [anOrder({ number: first["number"] }), anOrder()];
  const { results } = await base.send(twin, other, { id: other["id"], comment: "второй раз в пакете" });
  expect(results.map(({ status, code }) => [status, code])).toEqual([["rejected", "number_taken"], ["created", ""], ["updated", ""]]);
});
