/** Modes of a store and the way into business (PIL-01, PIL-06): what the verbs allow and what the database refuses. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { storeDocument } from "@/lib/documents/index.ts";
import { issueInvoice } from "@/lib/invoices/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { renewLink } from "@/lib/payments/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { aDraft, upload } from "@/lib/testing/drafts.ts";
import { aOnecBase } from "@/lib/testing/factories.ts";
import { openPilotStore, refusal } from "@/lib/testing/pilot-store.ts";
import type { PilotStore } from "@/lib/testing/pilot-store.ts";
import { changeStoreMode, lastExitChange, readExitNumbers, setExitRule, tickItem } from "./index.ts";

let t: PilotStore;
beforeAll(async () => {
  t = await openPilotStore();
});
afterAll(() => t.close());
beforeEach(() => t.begin());

const sql = () => t.ctx.database.sql;

test("PIL-01: a mode changes by its verb alone, is logged and audited, and goes back", async () => {
  expect(await t.move("shadow")).toEqual({ from: "pilot", to: "shadow" });
  await t.move("off");
  await t.move("sandbox");
  const log = await sql()`select from_mode, to_mode, reason, actor from store_mode_changes where store_id = ${t.shop.storeId} order by no`;
  expect(log.map((row) => `${row["fromMode"]}>${row["toMode"]}`)).toEqual(["pilot>shadow", "shadow>off", "off>sandbox"]);
  expect(log[0]).toMatchObject({ reason: "проверка режима", actor: `staff:${t.director.userId}` });
  const [audit] = await sql()`select before, after, reason, role from audit_log where action = 'store.mode_changed' and object_id = ${t.shop.storeId} order by id limit 1`;
  expect(audit).toMatchObject({ before: { mode: "pilot" }, after: { mode: "shadow" }, reason: "проверка режима", role: "director" });
  await expect(sql()`update stores set mode = 'live' where id = ${t.shop.storeId}`).rejects.toMatchObject({ code: "23001" });
  await expect(sql()`update store_mode_changes set reason = 'другая'`).rejects.toMatchObject({ code: "23001" });
  await expect(sql()`delete from store_mode_changes`).rejects.toMatchObject({ code: "23001" });
});

test("PIL-01: live comes from the pilot alone; who is neither director nor integrator changes nothing; a reason is needed", async () => {
  await t.move("shadow");
  await expect(t.move("live")).rejects.toMatchObject({ code: "conflict", details: { field: "to" } });
  await expect(sql()`insert into store_mode_changes (id, store_id, from_mode, to_mode, at, actor, reason) values (${newId()}, ${t.shop.storeId}, 'shadow', 'live', now(), 'x', 'мимо правила')`).rejects.toMatchObject({ code: "23514" });
  await expect(t.move("shadow")).rejects.toMatchObject({ code: "conflict" });
  await expect(changeStoreMode(t.director.ctx, { storeId: t.shop.storeId, to: "pilot", reason: " ", isTest: true })).rejects.toMatchObject({ code: "invalid", details: { field: "reason" } });
  await expect(changeStoreMode(t.director.ctx, { storeId: t.shop.storeId, to: "вживую", reason: "проверка", isTest: true })).rejects.toMatchObject({ code: "invalid", details: { field: "to" } });
  await expect(changeStoreMode(t.director.ctx, { storeId: newId(), to: "pilot", reason: "проверка", isTest: true })).rejects.toMatchObject({ code: "not_found" });
  for (const role of ["accountant", "manager", "operator"] as const) await expect(t.move("pilot", t.shop, (await aStaff(t, { role, storeId: t.shop.storeId })).ctx)).rejects.toMatchObject({ code: "forbidden" });
  await t.move("pilot", t.shop, (await aStaff(t, { role: "integrator" })).ctx);
});

test("PIL-06: «В бой» is refused while the exit rule does not hold, and says what is missing", async () => {
  await expect(t.move("live")).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/оплаченные заказы: 0 из 30.*оплат ещё не было.*возвраты: 0 из 2/) as string, details: { unmet: "orders,methods,refunds,drills,days" } });
  const [store] = await sql()`select mode from stores where id = ${t.shop.storeId}`;
  expect(store).toEqual({ mode: "pilot" });
});

test("PIL-06: the numbers of the exit rule are changed by who may change modes, with a reason in the audit; the rule asks for them at once", async () => {
  const [integrator, accountant] = [await aStaff(t, { role: "integrator" }), await aStaff(t, { role: "accountant" })];
  const given = { orders: "5", perMethod: "1", refunds: "0", drills: "0", days: "7", reason: "Один сотрудник, мало заказов" };
  await expect(setExitRule(accountant.ctx, given)).rejects.toMatchObject({ code: "forbidden" });
  for (const [change, field] of [[{ orders: "0" }, "orders"], [{ days: "-1" }, "days"], [{ refunds: "2,5" }, "refunds"], [{ drills: "99999" }, "drills"], [{ reason: "так" }, "reason"], [{ orders: "30", perMethod: "3", refunds: "2", drills: "1" }, "orders"]] as const) {
    await expect(setExitRule(integrator.ctx, { ...given, ...change })).rejects.toMatchObject({ code: "invalid", details: { field } });
  }
  await setExitRule(integrator.ctx, given);
  expect(await readExitNumbers(sql())).toEqual({ orders: 5, perMethod: 1, refunds: 0, drills: 0, days: 7 });
  await expect(t.move("live")).rejects.toMatchObject({ message: expect.stringContaining("оплаченные заказы: 0 из 5") as string, details: { unmet: "orders,methods,days" } });
  expect(await lastExitChange(t.ctx)).toMatchObject({ reason: given.reason, actorName: expect.any(String) as string });
  expect([...(await sql()`select before, after from audit_log where action = 'pilot.exit_rule'`)]).toEqual([
    { before: { "pilot.exitOrders": 30, "pilot.exitPerMethod": 3, "pilot.exitRefunds": 2, "pilot.exitDrills": 1 }, after: { "pilot.exitOrders": 5, "pilot.exitPerMethod": 1, "pilot.exitRefunds": 0, "pilot.exitDrills": 0 } },
  ]);
  await sql()`delete from settings where key like 'pilot.exit%'`;
});

test.each([["off"], ["shadow"], ["pilot"]] as const)("PIL-01, PIL-02: an order that a store in mode «%s» does not work with is kept, and cannot be paid", async (mode) => {
  t.shop = await t.shopIn(mode);
  const orderId = await t.take();
  expect(await t.linkOf(orderId)).toBeNull();
  await expect(renewLink(t.ctx, orderId)).rejects.toMatchObject(refusal);
  await expect(t.pay(orderId, null)).rejects.toMatchObject(refusal);
  await expect(issueInvoice(t.ctx, { orderId })).rejects.toMatchObject(refusal);
  // The referee, past every verb.
  for (const write of [
    () => sql()`insert into payment_links (id, order_id, token, state, revision_no, amount_kopecks, valid_until, created_at) values (${newId()}, ${orderId}, ${newId()}, 'active', 1, 100, now(), now())`,
    () => sql()`insert into invoices (id, order_id, number, version, state, revision_no, total_kopecks, content, token, issued_at, valid_until) values (${newId()}, ${orderId}, '1', 1, 'issued', 1, 100, '{}', ${newId()}, now(), now())`,
  ]) await expect(write()).rejects.toMatchObject({ code: "23514", constraint_name: "payments_are_open" });
  // Uploaded again, changed: still nothing, and nothing fails.
  const [order] = await sql()<{ onecGuid: string; number: string }[]>`select onec_guid, number from orders where id = ${orderId}`;
  const [again] = await upload(t, t.shop, aDraft({ onecRef: order!.onecGuid, number: order!.number, totalKopecks: 50_000n }));
  expect(again).toMatchObject({ outcome: "revised", orderId });
  expect(await t.linkOf(orderId)).toBeNull();
});

test("PIL-01: a sandbox store works with test orders, and keeps live ones without a link", async () => {
  t.shop = await t.shopIn("sandbox");
  expect(await t.linkOf(await t.take())).not.toBeNull();
  const { connectionId: onecId } = await aOnecBase(t, { storeId: t.shop.storeId, login: newId(), environment: "live" });
  const live = await t.take(aDraft(), { ...t.shop, onecId });
  expect(await t.linkOf(live)).toBeNull();
});

test("PIL-01: of an order that is not in work the buyer gets no letter about a document of 1C", async () => {
  for (const [mode, letters] of [["shadow", 0], ["off", 0], ["pilot", 0], ["live", 1]] as const) {
    const of = await t.shopIn(mode);
    const orderId = await t.take(aDraft(), of);
    await sql()`update orders set contact = 'a@b.ru' where id = ${orderId}`;
    await storeDocument(t.ctx, { id: of.onecId, environment: "test" }, { guid: newId(), bytes: Buffer.from("%PDF-1.4"), mime: "application/pdf", words: { kind: "upd", order: { ref: "1", orderId } } });
    expect(await sql()`select 1 from letters where order_id = ${orderId} and template = 'document'`).toHaveLength(letters);
  }
});

test("PIL-06: the checklist keeps who ticked and when; the same tick twice is one", async () => {
  const operator = await aStaff(t, { role: "operator", storeId: t.shop.storeId });
  const tick = (ctx: typeof t.ctx, isDone: boolean) => tickItem(ctx, { storeId: t.shop.storeId, isTest: true, item: "trained", isDone });
  await tick(operator.ctx, true);
  await tick(t.director.ctx, true);
  await tick(t.director.ctx, false);
  expect(await sql()`select is_done, actor from pilot_ticks where store_id = ${t.shop.storeId} order by at, id`).toEqual([{ isDone: true, actor: `staff:${operator.userId}` }, { isDone: false, actor: `staff:${t.director.userId}` }]);
  // Two at once: the second waits for the first and then finds it ticked.
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const first = sql().begin(async (tx) => {
    await tickItem({ ...t.director.ctx, database: { ...t.director.ctx.database, sql: Object.assign(tx, { begin: (work: (inner: typeof tx) => Promise<unknown>) => tx.savepoint(work) }) as never } }, { storeId: t.shop.storeId, isTest: true, item: "trained", isDone: true });
    await held;
  });
  await expect.poll(async () => (await sql()`select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`).length, { timeout: 5_000, interval: 10 }).toBe(1);
  const second = tick(operator.ctx, true);
  await Promise.race([second, expect.poll(async () => (await sql()`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length, { timeout: 5_000, interval: 10 }).toBe(1)]);
  release();
  await Promise.all([first, second]);
  expect(await sql()`select 1 from pilot_ticks where store_id = ${t.shop.storeId} and is_done`).toHaveLength(2);
  await expect(tickItem(t.director.ctx, { storeId: t.shop.storeId, isTest: true, item: "нет", isDone: true })).rejects.toMatchObject({ code: "invalid" });
  await expect(tickItem((await aStaff(t, { role: "manager", storeId: null })).ctx, { storeId: t.shop.storeId, isTest: true, item: "roles", isDone: true })).rejects.toMatchObject({ code: "forbidden" });
});
