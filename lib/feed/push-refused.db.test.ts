/** What 1C refuses by push and what never reaches it: shown to staff, repeated, booked by hand, told again (ALR-14, A9). */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { viewerOf } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { DAY_MS, MINUTE_MS } from "@/lib/kit/time.ts";
import { confirmExports } from "@/lib/onec/confirm-exports.ts";
import { listMessages, parseMessageFilter, readMessage, readSending, sendAgain, skipMessage } from "@/lib/onec/inbox/index.ts";
import { confirmExportByHand } from "@/lib/onec/index.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openPushReceiver } from "@/lib/testing/push-receiver.ts";
import type { PushReceiver } from "@/lib/testing/push-receiver.ts";
import { untilBlocked } from "@/lib/testing/until-blocked.ts";
import { endNewOrders, feedWrite, pushFeed, resendEvent } from "./index.ts";

let t: PushReceiver;
beforeAll(async () => {
  t = await openPushReceiver();
});
beforeEach(() => t.begin());
afterAll(() => t.close());

test("ALR-14: 1C answers ok:false: the reason is shown, the try is repeated, a later yes counts", async () => {
  const base = await t.aPushedBase();
  const { orderId } = await base.order();
  await cardMoney(t, orderId, 663_100n, base.bankId);
  t.answer = () => ({ status: 200, body: '{"ok":false,"msg":"Период закрыт"}' });
  await t.runPushes();
  expect(await t.exportOf(orderId)).toMatchObject({ state: "rejected" });
  expect(await base.rows()).toMatchObject([{ pushState: "waiting", pushNote: "Период закрыт" }]);
  t.answer = () => ({ status: 200, body: '{"ok":true,"number":"7"}' });
  t.clock.advance(MINUTE_MS);
  await pushFeed(t.ctx, base.connectionId);
  expect(await t.exportOf(orderId)).toEqual({ state: "confirmed", onecDocumentNumber: "7" });
  expect([...(await t.ctx.database.sql`select state from alerts where order_id = ${orderId} and code = 'ALR-14'`)]).toEqual([{ state: "resolved" }]);
});

test("ALR-14: what 1C refuses by push and the accountant books by hand is not sent any more and holds up nothing later of its order", async () => {
  const base = await t.aPushedBase();
  const { orderId } = await base.order();
  const first = await cardMoney(t, orderId, 200_000n, base.bankId);
  t.answer = ({ event }) => ({ status: 200, body: event.key === `payment:${first.factId}` ? '{"ok":false,"msg":"Проведите вручную"}' : '{"ok":true,"number":"УТ00-000078"}' });
  await t.runPushes();
  const second = await cardMoney(t, orderId, 463_100n, base.bankId);
  await t.runPushes();
  expect(t.toldOf(orderId)).toEqual([`payment:${first.factId}`]);
  const [row] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where fact_id = ${first.factId}`;
  await confirmExportByHand((await aStaff(t, { role: "accountant" })).ctx, { exportId: row!.id, documentNumber: "УТ00-000077" });
  await t.runPushes();
  t.clock.advance(DAY_MS);
  await pushFeed(t.ctx, base.connectionId);
  expect(t.toldOf(orderId)).toEqual([`payment:${first.factId}`, `payment:${second.factId}`]);
  const scope = { isTest: true, viewer: viewerOf({ role: "accountant", storeId: null }) };
  const words = { result: "confirmed", isTypedIn: true, resultText: "Проведено в 1С вручную: документ №\u00A0УТ00-000077" };
  expect(await readMessage(t.ctx, scope, row!.id)).toMatchObject(words);
  expect((await listMessages(t.ctx, scope, parseMessageFilter({ order: orderId }))).rows.filter(({ kind, direction }) => kind === "payment" && direction === "out")).toMatchObject([{ isTypedIn: false, resultText: "1С учла: документ №\u00A0УТ00-000078" }, words]);
  // Nobody's HTTP service has taken what a person typed.
  expect(await readSending(t.ctx, row!.id)).toMatchObject({ way: "push", state: "over", isBookedByHand: true, canResend: false, note: "Проведите вручную", tries: [{ isTaken: false }] });
  expect(await base.rows()).toMatchObject([{ pushState: "delivered" }, { pushState: "delivered" }]);
});

test("A9: «Повторить» of a payment that the HTTP service refused: sent at once under the same id, tries and the last answer shown; roles and stores", async () => {
  const base = await t.aPushedBase();
  t.answer = () => ({ status: 200, body: '{"ok":false,"msg":"Период закрыт"}' });
  const { orderId } = await base.order();
  await cardMoney(t, orderId, 100_000n, base.bankId);
  await t.runPushes();
  const [told] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where order_id = ${orderId}`;
  const exportId = told!.id;
  const [accountant, manager] = [await aStaff(t, { role: "accountant" }), await aStaff(t, { role: "manager" })];
  const scope = { isTest: true, viewer: viewerOf({ role: "accountant", storeId: null }) };
  expect(await readMessage(t.ctx, scope, exportId)).toMatchObject({ direction: "out", kind: "payment", result: "error", resultText: "1С не приняла: Период закрыт", orderId });
  expect(await readSending(t.ctx, exportId)).toMatchObject({ way: "push", state: "failing", note: "Период закрыт", canResend: true, tries: [{ isTaken: false, httpStatus: 200, answer: expect.stringContaining("Период закрыт") }] });
  await expect(sendAgain(manager.ctx, exportId)).rejects.toMatchObject({ code: "forbidden" });
  await expect(sendAgain(accountant.ctx, newId())).rejects.toMatchObject({ code: "not_found" });
  t.answer = () => ({ status: 200, body: '{"ok":true,"number":"УТ00-000078"}' });
  expect(await sendAgain(accountant.ctx, exportId)).toBe("push");
  expect(await readMessage(t.ctx, scope, exportId)).toMatchObject({ result: "waiting_1c", resultText: "Передаём ещё раз" });
  await t.runPushes();
  expect(t.taken.map((one) => one.headers["webhook-id"])).toEqual([t.taken[0]!.headers["webhook-id"], t.taken[0]!.headers["webhook-id"]]);
  expect(await readSending(t.ctx, exportId)).toMatchObject({ state: "given", note: null, tries: [{ isTaken: true }, { isTaken: false }] });
  expect(await readMessage(t.ctx, scope, exportId)).toMatchObject({ result: "confirmed", resultText: "1С учла: документ №\u00A0УТ00-000078" });
  expect([...(await t.ctx.database.sql`select a.action from audit_log a join feed_events e on e.id::text = a.object_id where e.export_id = ${exportId}`)]).toEqual([{ action: "feed.resent" }]);
});

test("A9: money that no try has brought to 1C has its page: why, and the tries", async () => {
  const base = await t.aPushedBase();
  t.answer = () => null;
  const { orderId, number } = await base.order();
  await cardMoney(t, orderId, 100_000n, base.bankId);
  await t.runPushes();
  const [told] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where order_id = ${orderId}`;
  const scope = { isTest: true, viewer: viewerOf({ role: "integrator", storeId: null }) };
  const words = { result: "waiting_1c", resultText: "Не доставлено, повторяем: Ответа не было: связь прервалась или вышло время ожидания", attempts: 1 };
  expect((await listMessages(t.ctx, scope, parseMessageFilter({ q: number }))).rows).toMatchObject([words]);
  expect(await readMessage(t.ctx, scope, told!.id)).toMatchObject({ ...words, summary: expect.stringMatching(/^Оплата 1\s000,00\s₽ по заказу №\s/u), moneyChannel: "json" });
  expect(await readSending(t.ctx, told!.id)).toMatchObject({ state: "failing", tries: [{ httpStatus: null, isTaken: false }] });
  expect(await readMessage(t.ctx, { ...scope, isTest: false }, told!.id)).toBeNull();
});

test("A9: what is pushed beside money is a row of the journal: the tries count, a refusal stands until 1C takes it", async () => {
  const base = await t.aPushedBase();
  const { orderId } = await base.order();
  await inTransaction(t.ctx, (tx) => feedWrite(t.ctx, tx, { type: "order.expired", key: `link:${orderId}`, orderId, subjectId: null }));
  const [event] = await base.rows();
  const journal = async () => (await t.ctx.database.sql`select door, kind, result, result_text, attempts from onec_messages where id = ${event!.id}`)[0];
  for (const [said, row] of [
    [{ status: 503, body: "" }, { result: "waiting_1c", resultText: "Не доставлено, повторяем: HTTP-сервис 1С ответил кодом 503", attempts: 1 }],
    [{ status: 200, body: '{"ok":false,"msg":"нет заказа"}' }, { result: "error", resultText: "1С не приняла: нет заказа", attempts: 2 }],
    [{ status: 200, body: '{"ok":true}' }, { door: "push", kind: "status", result: "confirmed", resultText: "HTTP-сервис 1С принял", attempts: 3 }],
  ] as const) {
    t.answer = () => said;
    await pushFeed(t.ctx, base.connectionId);
    expect(await journal()).toMatchObject(row);
    t.clock.advance(15 * MINUTE_MS);
  }
  expect([...(await t.ctx.database.sql`select state from alerts where order_id = ${orderId} and code = 'ALR-14'`)]).toEqual([{ state: "resolved" }]);
});

test("API-24: a new order that the HTTP-сервис refused and a person has typed in 1C since is not sent any more, or 1C would make it a second time when it can", async () => {
  const base = await t.aPushedBase();
  const { orderId } = await base.order();
  await t.ctx.database.sql`update orders set onec_guid = null where id = ${orderId}`;
  await inTransaction(t.ctx, (tx) => feedWrite(t.ctx, tx, { type: "order.created", key: `order:${orderId}`, orderId, subjectId: null }));
  t.answer = () => ({ status: 200, body: '{"ok":false,"msg":"нет товара"}' });
  await pushFeed(t.ctx, base.connectionId);
  await t.ctx.database.sql`update orders set onec_guid = ${newId()} where id = ${orderId}`;
  await inTransaction(t.ctx, (tx) => endNewOrders(t.ctx, tx, [orderId]));
  const { factId } = await cardMoney(t, orderId, 663_100n, base.bankId);
  t.answer = () => ({ status: 200, body: '{"ok":true}' });
  t.clock.advance(15 * MINUTE_MS);
  for (let i = 0; i < 2; i++) await pushFeed(t.ctx, base.connectionId);
  expect(t.toldOf(orderId)).toEqual([`order:${orderId}`, `payment:${factId}`]);
  expect(await base.rows()).toMatchObject([{ pushState: "delivered", pushTries: 1 }, { pushState: "delivered" }]);
  const [row] = await t.ctx.database.sql`select m.result, m.result_text from onec_messages m join feed_events e on e.id = m.id where e.order_id = ${orderId} and e.type = 'order.created'`;
  expect(row).toEqual({ result: "skipped", resultText: "Больше не нужно: заказ в 1С уже есть" });
  expect([...(await t.ctx.database.sql`select state from alerts where order_id = ${orderId} and code = 'ALR-14'`)]).toEqual([{ state: "resolved" }]);
});

test("decision 0023: who settles what was told takes the feed's cursor before anything of it, as a push and an acknowledgement do: none waits for the other crosswise", async () => {
  const base = await t.aPushedBase();
  const [byHand, proven, again] = [await base.order(), await base.order(), await base.order()];
  for (const { orderId } of [byHand, proven, again]) await cardMoney(t, orderId, 663_100n, base.bankId);
  const other = await base.order();
  await inTransaction(t.ctx, (tx) => feedWrite(t.ctx, tx, { type: "order.expired", key: `link:${other.orderId}`, orderId: other.orderId, subjectId: null }));
  t.answer = () => ({ status: 200, body: '{"ok":false,"msg":"Период закрыт"}' });
  await pushFeed(t.ctx, base.connectionId);
  const { sql } = t.ctx.database;
  const rowOf = async (orderId: string) => (await sql<{ exportId: string; factId: string; eventId: string }[]>`select m.id as export_id, m.fact_id, e.id as event_id from export_messages m join feed_events e on e.export_id = m.id where m.order_id = ${orderId}`)[0]!;
  const [{ exportId }, { factId }, { eventId }] = [await rowOf(byHand.orderId), await rowOf(proven.orderId), await rowOf(again.orderId)];
  const [expired] = await sql<{ id: string }[]>`select id from feed_events where order_id = ${other.orderId}`;
  const { ctx } = await aStaff(t, { role: "accountant" });
  const settlings: Record<string, () => Promise<unknown>> = {
    "typed by a person": () => confirmExportByHand(ctx, { exportId, documentNumber: "УТ-1" }),
    "named by 1C": () => inTransaction(t.ctx, async (tx) => confirmExports(t.ctx, tx, await lockOrder(tx, proven.orderId), { documentNumber: "УТ-2", factId })),
    "sent again": () => resendEvent(ctx, eventId),
    "set aside": () => skipMessage(ctx, { messageId: expired!.id, reason: "Не нужно больше" }),
  };
  for (const [name, settle] of Object.entries(settlings)) {
    const settling = await inTransaction(t.ctx, async (tx) => {
      await tx`select 1 from feed_cursors where connection_id = ${base.connectionId} for update`;
      const going = settle().then(() => name, (error: unknown) => error);
      await untilBlocked(t);
      for (const table of ["feed_events", "export_messages", "onec_messages"]) await tx`select 1 from ${tx(table)} where connection_id = ${base.connectionId} for update nowait`;
      return { going };
    });
    expect(await settling.going).toBe(name);
  }
});
