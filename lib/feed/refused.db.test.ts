/** What a base that fetches will not book: said to staff, told again, set aside, or booked by hand (ALR-14, A9). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { viewerOf } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { readMessage, readSending, sendAgain, skipMessage } from "@/lib/onec/inbox/index.ts";
import { confirmExportByHand } from "@/lib/onec/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { keysOf, openJsonFeed } from "@/lib/testing/json-feed.ts";
import type { JsonFeed } from "@/lib/testing/json-feed.ts";
import { ackChanges, endNewOrders, feedWrite, resendEvent } from "./index.ts";
import type { FeedItem } from "./index.ts";

let t: JsonFeed;
beforeAll(async () => {
  t = await openJsonFeed();
});
afterAll(() => t.close());

test.each([["Период закрыт", "Период закрыт"], ["", "1С не назвала причину"]])("ALR-14: what 1C will not book is said with its reason and does not count as booked: «%s»", async (msg, reason) => {
  const shop = await t.aJsonBase();
  const { orderId } = await anOrder(t, shop);
  await cardMoney(t, orderId, 663_100n, shop.bankId);
  const page = await t.read(shop);
  await ackChanges(t.ctx, shop.onecId, { cursor: page.cursor, rejected: [{ key: page.items[0]!.key, msg }] });
  expect(await t.exportsOf(orderId)).toMatchObject([{ state: "rejected", rejectedReason: reason }]);
  expect([...(await t.ctx.database.sql`select code, state from alerts where order_id = ${orderId}`)]).toEqual([{ code: "ALR-14", state: "firing" }]);
});

test("ALR-14: a refusal told with an earlier cursor, or whose answer was lost, stays one: only a word about that very event takes it back", async () => {
  const shop = await t.aJsonBase();
  const [one, two] = [await anOrder(t, shop), await anOrder(t, shop)];
  await cardMoney(t, one.orderId, 663_100n, shop.bankId);
  const { factId } = await cardMoney(t, two.orderId, 663_100n, shop.bankId);
  const [first, second] = (await t.read(shop)).items;
  await ackChanges(t.ctx, shop.onecId, { cursor: first!.seq, rejected: [{ key: `payment:${factId}`, msg: "Период закрыт" }] });
  for (const _ of [1, 2]) {
    await ackChanges(t.ctx, shop.onecId, { cursor: second!.seq });
    expect(await t.exportsOf(two.orderId)).toEqual([{ state: "rejected", onecDocumentNumber: null, rejectedReason: "Период закрыт" }]);
  }
});

test("ALR-14: a refused event that is no money is shown to staff until 1C says that it has it; money it refused counts once 1C names its document", async () => {
  const shop = await t.aJsonBase();
  const { orderId } = await anOrder(t, shop);
  await t.ctx.database.sql`update orders set onec_guid = null where id = ${orderId}`;
  await inTransaction(t.ctx, (tx) => feedWrite(t.ctx, tx, { type: "order.created", key: `order:${orderId}`, orderId, subjectId: null }));
  const { factId } = await cardMoney(t, orderId, 663_100n, shop.bankId);
  const { cursor } = await t.read(shop);
  await ackChanges(t.ctx, shop.onecId, { cursor, rejected: [{ key: `order:${orderId}`, msg: "нет товара" }, { key: `payment:${factId}`, msg: "нет заказа" }] });
  const alerts = async () => [...(await t.ctx.database.sql`select title, advice, state from alerts where order_id = ${orderId} and code = 'ALR-14' order by title`)];
  expect(await alerts()).toMatchObject([{ title: expect.stringMatching(/^1С не приняла «Новый заказ»/), advice: expect.stringContaining("нет товара"), state: "firing" }, { state: "firing" }]);
  // Somebody typed it in 1C and it came back under its GUID: the base must not make it once more.
  await t.ctx.database.sql`update orders set onec_guid = ${newId()} where id = ${orderId}`;
  expect((await ackChanges(t.ctx, shop.onecId, { cursor, rejected: [{ key: `order:${orderId}`, msg: "нет товара" }] })).settled).toEqual([`order:${orderId}`]);
  expect(await alerts()).toMatchObject([{ state: "resolved" }, { state: "firing" }]);
  await ackChanges(t.ctx, shop.onecId, { cursor, documents: [{ key: `order:${orderId}`, number: "УТ00-000001" }, { key: `payment:${factId}`, number: "УТ00-000077" }] });
  expect(await alerts()).toMatchObject([{ state: "resolved" }, { state: "resolved" }]);
  expect(await t.exportsOf(orderId)).toEqual([{ state: "confirmed", onecDocumentNumber: "УТ00-000077", rejectedReason: null }]);
});

test("API-24: a new order that 1C has by now under its own GUID is no news: it is not offered, or 1C would make it a second time", async () => {
  const shop = await t.aJsonBase();
  const { orderId } = await anOrder(t, shop);
  await t.ctx.database.sql`update orders set onec_guid = null where id = ${orderId}`;
  await inTransaction(t.ctx, (tx) => feedWrite(t.ctx, tx, { type: "order.created", key: `order:${orderId}`, orderId, subjectId: null }));
  expect((await t.read(shop)).items).toMatchObject([{ key: `order:${orderId}` }]);
  await t.ctx.database.sql`update orders set onec_guid = ${newId()} where id = ${orderId}`;
  await inTransaction(t.ctx, (tx) => endNewOrders(t.ctx, tx, [orderId]));
  expect(await t.read(shop)).toMatchObject({ items: [], hasMore: false });
  // For repair everything is there.
  expect((await t.read(shop, "0000000000000000")).items).toMatchObject([{ key: `order:${orderId}` }]);
});

test("A9: what 1C is told beside money is a row of the journal of its own: taken, refused until that very event is taken, told again, set aside; money has none twice", async () => {
  const shop = await t.aJsonBase();
  const { orderId, number } = await anOrder(t, shop);
  const tell = (type: "order.created" | "order.expired", key: string) => inTransaction(t.ctx, (tx) => feedWrite(t.ctx, tx, { type, key, orderId, subjectId: null }));
  await t.ctx.database.sql`update orders set onec_guid = null where id = ${orderId}`;
  await tell("order.created", `order:${orderId}`);
  await tell("order.expired", `link:${orderId}`);
  await cardMoney(t, orderId, 663_100n, shop.bankId);
  const journal = async () => [...(await t.ctx.database.sql<{ id: string; kind: string; summary: string; result: string; resultText: string; attempts: number }[]>`
    select m.id, m.kind, m.summary, m.result, m.result_text, m.attempts from onec_messages m join feed_events e on e.id = m.id where m.order_id = ${orderId} and m.direction = 'out' and m.door = 'json' order by e.insert_no`)];
  const page = await t.read(shop);
  expect(page.items.length).toBe(3);
  expect(await journal()).toEqual([]);
  await ackChanges(t.ctx, shop.onecId, { cursor: page.cursor, rejected: [{ key: `order:${orderId}`, msg: "нет товара" }] });
  const nb = "\u00A0";
  expect(await journal()).toMatchObject([
    { kind: "order", summary: `Новый заказ с сайта №${nb}${number} на 6\u202F631,00${nb}₽`, result: "error", resultText: "1С не приняла: нет товара", attempts: 1 },
    { kind: "status", summary: `Срок оплаты по заказу №${nb}${number} истёк`, result: "confirmed", resultText: "1С забрала и подтвердила", attempts: 1 },
  ]);
  const [created] = await journal();
  const scope = { isTest: true, viewer: viewerOf({ role: "accountant", storeId: null }) };
  expect(await readMessage(t.ctx, scope, created!.id)).toMatchObject({ canRepeat: false, canSkip: true, payload: expect.stringContaining('"type": "order.created"') as string });
  expect(await readSending(t.ctx, created!.id)).toMatchObject({ way: "fetch", state: "given", canResend: true });
  const accountant = await aStaff(t, { role: "accountant" });
  await sendAgain(accountant.ctx, created!.id);
  expect((await journal())[0]).toMatchObject({ result: "waiting_1c", resultText: "Передаём ещё раз" });
  const again = await t.read(shop);
  await ackChanges(t.ctx, shop.onecId, { cursor: again.cursor, rejected: [{ key: `order:${orderId}`, msg: "нет товара" }] });
  expect(await journal()).toMatchObject([{ id: created!.id, result: "error" }, { kind: "status" }]);
  await expect(skipMessage(accountant.ctx, { messageId: (await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where order_id = ${orderId}`)[0]!.id, reason: "не нужно" })).rejects.toMatchObject({ code: "conflict" });
  await skipMessage(accountant.ctx, { messageId: created!.id, reason: "Заведён вручную" });
  expect((await journal()).find(({ id }) => id === created!.id)).toMatchObject({ result: "skipped", resultText: "Пропущено: Заведён вручную" });
  expect([...(await t.ctx.database.sql`select state from alerts where order_id = ${orderId} and code = 'ALR-14'`)]).toEqual([{ state: "resolved" }]);
  // A base that repeats its refusal does not undo what a person said; a document that it names does.
  await ackChanges(t.ctx, shop.onecId, { cursor: again.cursor, rejected: [{ key: `order:${orderId}`, msg: "нет товара" }] });
  expect((await journal()).find(({ id }) => id === created!.id)).toMatchObject({ result: "skipped" });
  await ackChanges(t.ctx, shop.onecId, { cursor: again.cursor, documents: [{ key: `order:${orderId}`, number: "УТ00-000005" }] });
  expect((await journal()).find(({ id }) => id === created!.id)).toMatchObject({ result: "confirmed", resultText: `Документ 1С №${nb}УТ00-000005` });
});

test("what 1C refused is told again on a person's word: a new number, the same key, and this time it counts", async () => {
  const shop = await t.aJsonBase();
  const { orderId } = await anOrder(t, shop);
  await cardMoney(t, orderId, 663_100n, shop.bankId);
  const page = await t.read(shop);
  const [told] = page.items as [FeedItem];
  const accountant = await aStaff(t, { role: "accountant" });
  await expect(resendEvent(accountant.ctx, String(told["id"]))).rejects.toMatchObject({ code: "conflict" });
  await ackChanges(t.ctx, shop.onecId, { cursor: page.cursor, rejected: [{ key: told.key, msg: "Период закрыт" }] });
  // «Повторить» in the journal (A9) is the same, by the row of the money.
  const [row] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where order_id = ${orderId}`;
  const journal = async () => (await t.ctx.database.sql`select result, attempts from onec_messages where id = ${row!.id}`)[0];
  expect(await journal()).toMatchObject({ result: "error" });
  expect(await readSending(t.ctx, row!.id)).toMatchObject({ way: "fetch", state: "given", canResend: true });
  await Promise.allSettled([sendAgain(accountant.ctx, row!.id), resendEvent(accountant.ctx, String(told["id"]))]);
  expect(await journal()).toMatchObject({ result: "waiting_1c" });
  expect(await readSending(t.ctx, row!.id)).toMatchObject({ way: "fetch", state: "waits", canResend: false });
  const again = await t.read(shop);
  expect(again.items).toMatchObject([{ key: told.key, seq: "0000000000000002", payment: { amount: "6631.00" } }]);
  expect(await t.exportsOf(orderId)).toMatchObject([{ state: "pending", rejectedReason: null }]);
  await ackChanges(t.ctx, shop.onecId, { cursor: again.cursor, documents: [{ key: told.key, number: "УТ00-000009" }] });
  expect(await t.exportsOf(orderId)).toMatchObject([{ state: "confirmed", onecDocumentNumber: "УТ00-000009" }]);
  expect([...(await t.ctx.database.sql`select code, state from alerts where order_id = ${orderId}`)]).toEqual([{ code: "ALR-14", state: "resolved" }]);
});

test("what the accountant has booked by hand is not offered any more; a refusal of it is answered as settled (ALR-14)", async () => {
  const shop = await t.aJsonBase();
  const [before, after] = [await anOrder(t, shop), await anOrder(t, shop)];
  const [first, second] = [await cardMoney(t, before.orderId, 663_100n, shop.bankId), await cardMoney(t, after.orderId, 663_100n, shop.bankId)];
  const byHand = async (factId: string) => {
    const [row] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where fact_id = ${factId}`;
    await confirmExportByHand((await aStaff(t, { role: "accountant" })).ctx, { exportId: row!.id, documentNumber: "УТ00-000077" });
  };
  await byHand(first.factId);
  const sending = async (factId: string) => readSending(t.ctx, (await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where fact_id = ${factId}`)[0]!.id);
  expect(await sending(first.factId)).toMatchObject({ way: "fetch", state: "over", isBookedByHand: true, givenAt: null, canResend: false });
  expect(keysOf(await t.read(shop))).toEqual([`payment:${second.factId}`]);
  // A person's «Повторить» would have 1C book under our key what it has under a typed number.
  const [stopped] = await t.ctx.database.sql<{ id: string }[]>`select id from feed_events where key = ${`payment:${first.factId}`}`;
  await expect(resendEvent((await aStaff(t, { role: "accountant" })).ctx, stopped!.id)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("вручную") });
  const rejected = [{ key: `payment:${second.factId}`, msg: "Период закрыт" }];
  const { cursor } = await t.read(shop);
  expect(await ackChanges(t.ctx, shop.onecId, { cursor, rejected })).toMatchObject({ cursor, settled: [] });
  expect(await ackChanges(t.ctx, shop.onecId, { cursor, rejected })).toMatchObject({ cursor, settled: [] });
  expect([...(await t.ctx.database.sql`select count from alerts where order_id = ${after.orderId} and code = 'ALR-14'`)]).toEqual([{ count: 1 }]);
  // The cursor has passed what was never given out: that is no word of 1C.
  expect(await sending(first.factId)).toMatchObject({ way: "fetch", state: "over", isBookedByHand: true, givenAt: null });
  await byHand(second.factId);
  expect(await ackChanges(t.ctx, shop.onecId, { cursor, rejected })).toMatchObject({ cursor, settled: [`payment:${second.factId}`] });
  expect(await t.exportsOf(after.orderId)).toMatchObject([{ state: "confirmed", onecDocumentNumber: "УТ00-000077" }]);
  // This one 1C had fetched before.
  expect(await sending(second.factId)).toMatchObject({ way: "fetch", state: "given", isBookedByHand: true });
});
