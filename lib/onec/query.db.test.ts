/** What a session of the stock exchange is given: which orders, when, and what its success confirms (CML-15, CML-16, CML-25 … CML-30, LOST-16). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { documentsIn, numbersIn, openFileExchange } from "@/lib/testing/file-exchange.ts";
import type { FileExchange } from "@/lib/testing/file-exchange.ts";
import { baseHealth, latestCalls } from "./index.ts";
import { fixture } from "./wire/fixtures/read-fixture.ts";

let t: FileExchange;
beforeAll(async () => {
  t = await openFileExchange();
});
afterAll(() => t.close());

test("CML-15, CML-25: orders that 1C itself uploaded are not given back; the empty answer is well-formed XML", async () => {
  const { shop, onec, ask, ok } = await t.aBase();
  await t.anOrder(shop);
  const session = await onec.open();
  const answer = await ask(session);
  expect(answer.headers).toMatchObject({ "content-type": "application/xml; charset=utf-8", "content-length": String(Buffer.byteLength(answer.body)), "cache-control": "no-store, no-transform" });
  expect(answer.body).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<КоммерческаяИнформация [^>]*\/>\n$/);
  expect((await ok(session)).body).toBe("success");
});

test("CML-26: a paid order goes out with its method, number and local time of the payment, its lines exactly as 1C gave them", async () => {
  const { shop, bankId, onec, ask, ok } = await t.aBase();
  await onec.give(fixture("orders-ut11-individual.xml"));
  const [order] = await t.ctx.database.sql<{ id: string }[]>`select id from orders where onec_connection_id = ${shop.onecId}`;
  const { factId } = await cardMoney(t, order!.id, 3_746_00n, bankId, "sbp");
  const session = await onec.open();
  const { body } = await ask(session);
  const value = (name: string) => new RegExp(`<Наименование>${name}</Наименование>\\s*<Значение>([^<]*)</Значение>`).exec(body)?.[1];
  expect(value("Заказ оплачен")).toBe("true");
  expect(value("Метод оплаты ИД")).toBe("sbp");
  expect(value("Метод оплаты")).toBe("СБП");
  expect(value("Номер платежного документа")).toBe(`P-${factId}`);
  expect(value("Дата оплаты")).toBe("2026-11-21T12:00:00");
  expect(value("Отменен")).toBe("false");
  expect(body).toContain("<Валюта>RUB</Валюта>");
  const [sent] = await documentsIn(fixture("orders-ut11-individual.xml").toString("utf8"));
  const [given] = await documentsIn(body);
  expect(given!.lines.map((line) => line.echo)).toEqual(sent!.lines.map((line) => line.echo));
  expect(given).toMatchObject({ ref: sent!.ref, number: "S-10245", createdLocal: sent!.createdLocal, totalKopecks: sent!.totalKopecks });
  expect(given!.buyer).toMatchObject({ ref: sent!.buyer!.ref, name: sent!.buyer!.name });
  await ok(session);
});

test("CML-16: only success moves the mark; a crash before it gives the same again, and the story shows it", async () => {
  const { shop, bankId, onec, ask, ok } = await t.aBase();
  const { draft, orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  const crashed = await onec.open();
  expect(await numbersIn((await ask(crashed)).body)).toEqual([draft.number]);
  expect(await numbersIn((await ask(crashed)).body)).toEqual([draft.number]);
  expect([...(await t.exportsOf(orderId))]).toMatchObject([{ state: "pending" }]);
  // УТ died here; its next session takes the payment again.
  const session = await onec.open();
  expect(await numbersIn((await ask(session)).body)).toEqual([draft.number]);
  expect((await ok(session)).body).toBe("success");
  expect([...(await t.exportsOf(orderId))]).toMatchObject([{ state: "delivered" }]);
  expect(await t.eventsOf(orderId)).toContain("export.retaken");
  expect((await t.eventsOf(orderId)).filter((kind) => kind === "export.delivered")).toHaveLength(1);
  // Said twice, and late from the crashed session: nothing happens.
  await ok(session);
  const [again] = await latestCalls(t.ctx, { connectionId: shop.onecId, limit: 1 });
  expect(again!.summary).toBe("1С подтвердила загрузку, новых заказов не было");
  await ok(crashed);
  expect((await t.eventsOf(orderId)).filter((kind) => kind === "export.delivered")).toHaveLength(1);
  expect(await numbersIn((await ask(await onec.open())).body)).toEqual([]);
  expect(t.hints).toContain(orderId);
});

test("CML-16: money between query and success goes out again", async () => {
  const { shop, bankId, onec, ask, ok } = await t.aBase();
  const { draft, orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 40_000n, bankId);
  const session = await onec.open();
  const first = await ask(session);
  expect(first.body).toContain("<Значение>false</Значение>");
  expect(first.body).toContain("Оплачено частично");
  await cardMoney(t, orderId, 60_000n, bankId, "sbp");
  await ok(session);
  // УТ can do nothing with a part: it was no news for it.
  expect([...(await t.exportsOf(orderId))]).toMatchObject([{ state: "pending" }, { state: "pending" }]);
  const next = await onec.open();
  expect(await numbersIn((await ask(next)).body)).toEqual([draft.number]);
  await ok(next);
  expect([...(await t.exportsOf(orderId))]).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
});

test("CML-16: a success without a query, and of another session's query, confirms nothing", async () => {
  const { shop, bankId, onec, ask, ok } = await t.aBase();
  const { orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  const [one, two] = [await onec.open(), await onec.open()];
  await ask(one);
  expect((await ok(two)).body).toBe("success");
  expect([...(await t.exportsOf(orderId))]).toMatchObject([{ state: "pending" }]);
});

test("CML-29: a batch is limited, oldest first; the rest follows after success", async () => {
  const { shop, bankId, onec, ask, ok } = await t.aBase({ ordersPerQuery: 2 });
  const paid: string[] = [];
  for (let i = 0; i < 3; i++) {
    const { draft, orderId } = await t.anOrder(shop);
    t.clock.advance(1_000);
    await cardMoney(t, orderId, 100_000n, bankId);
    paid.push(draft.number);
  }
  const session = await onec.open();
  expect(await numbersIn((await ask(session)).body)).toEqual(paid.slice(0, 2));
  await ok(session);
  const next = await onec.open();
  expect(await numbersIn((await ask(next)).body)).toEqual(paid.slice(2));
});

test("CML-30: subordinate payments only for a client that said its versions, or by setting", async () => {
  const { shop, bankId, onec, ask } = await t.aBase();
  const { orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 30_000n, bankId);
  const session = await onec.open();
  expect((await ask(session)).body).not.toContain("ПодчиненныйДокумент");
  expect((await ask(session, "&version=2.08&cmlVersion=2.10")).body).not.toContain("ПодчиненныйДокумент");
  const unf = (await ask(session, "&version=2.09&cmlVersion=2.10")).body;
  expect(unf).toContain("<ХозОперация>Эквайринговая операция</ХозОперация>");
  expect(unf).toContain("<Сумма>300.00</Сумма>");
  const set = await t.aBase({ flavour: "unf" });
  const other = await t.anOrder(set.shop);
  await cardMoney(t, other.orderId, 30_000n, set.bankId);
  expect((await set.ask(await set.onec.open())).body).toContain("ПодчиненныйДокумент");
});

test("health of a base: last contact, queues, median delay from payment to taking", async () => {
  const { shop, bankId, onec, ask, ok } = await t.aBase();
  const [first, second] = [await t.anOrder(shop), await t.anOrder(shop)];
  await cardMoney(t, first.orderId, 100_000n, bankId);
  t.clock.advance(120_000);
  const session = await onec.open();
  await ask(session);
  await ok(session);
  await cardMoney(t, second.orderId, 100_000n, bankId);
  const waitingSince = t.ctx.now();
  const health = (await baseHealth(t.ctx)).find((base) => base.connectionId === shop.onecId);
  expect(health).toMatchObject({ lastSeenAt: t.ctx.now(), queueIn: 0, queueOut: 1, unconfirmed: 1, oldestWaitingAt: waitingSince, medianDelayMs: 120_000 });
  const calls = await latestCalls(t.ctx, { connectionId: shop.onecId, limit: 10 });
  expect(calls.map((call) => call.mode)).toEqual(["success", "query", "checkauth"]);
  expect(calls[1]).toMatchObject({ answer: "xml", summary: "Отдано в 1С: 1\u00A0заказ" });
});

test("LOST-16: after a day of silence the first exchange only takes, the second gives; a base that comes once a day gets its money every other day at the latest", async () => {
  const { shop, bankId, onec, ask, ok } = await t.aBase();
  const round = async () => {
    const session = await onec.open();
    const numbers = await numbersIn((await ask(session)).body);
    await ok(session);
    return numbers;
  };
  expect(await round()).toEqual([]);
  const { draft, orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  t.clock.advance(25 * 3_600_000);
  expect(await round()).toEqual([]);
  t.clock.advance(25 * 3_600_000);
  expect(await round()).toEqual([draft.number]);
  const other = await t.anOrder(shop);
  await cardMoney(t, other.orderId, 100_000n, bankId);
  // Away again: it is held again, and the exchange right after it gives.
  t.clock.advance(25 * 3_600_000);
  expect(await round()).toEqual([]);
  t.clock.advance(60_000);
  expect(await round()).toEqual([other.draft.number]);
  // An hour between two exchanges is no silence.
  const third = await t.anOrder(shop);
  await cardMoney(t, third.orderId, 100_000n, bankId);
  t.clock.advance(3_600_000);
  expect(await round()).toEqual([third.draft.number]);
});

test("LOST-16: goods before the orders, and calls by other doors, do not use up that first exchange", async () => {
  const { shop, bankId, onec, ask } = await t.aBase({ doors: ["commerceml", "json"] });
  await ask(await onec.open());
  const { orderId } = await t.anOrder(shop);
  await cardMoney(t, orderId, 100_000n, bankId);
  t.clock.advance(3 * 24 * 3_600_000);
  await onec.call("type=catalog&mode=checkauth");
  await t.ctx.database.sql`update connections set last_seen_at = ${t.ctx.now()} where id = ${shop.onecId}`;
  expect(await numbersIn((await ask(await onec.open())).body)).toEqual([]);
  expect(await numbersIn((await ask(await onec.open())).body)).toHaveLength(1);
});
