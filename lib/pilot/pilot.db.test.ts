/** Modes of a store, the pilot's choice of orders, the kill switch: what the verbs allow and what the database refuses. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { storeDocument } from "@/lib/documents/index.ts";
import { issueInvoice } from "@/lib/invoices/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { DAY_MS } from "@/lib/kit/time.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { createAttempt } from "@/lib/payments/create-attempt.ts";
import { openAttempt, renewLink } from "@/lib/payments/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aCompany, aDraft, aPerson, changed, upload } from "@/lib/testing/drafts.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { aRegister, aSeller, aStore, aOnecBase, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { addToBatch, changeStoreMode, closeBatch, lastExitChange, makeBatch, readExitNumbers, removeFromBatch, resumePayments, setExitRule, stopPayments, tickItem } from "./index.ts";
import type { NewBatch, StoreMode } from "./index.ts";

let t: TestContext;
let director: MadeStaff;
let shop: TestShop;
beforeAll(async () => {
  t = await openTestContext();
  director = await aStaff(t);
});
afterAll(() => t.close());

/** A store of its own in the given mode, with a bank, a register and a 1C base of the test world. */
async function shopIn(mode: StoreMode): Promise<TestShop> {
  const { sellerOrgId } = await aSeller(t);
  const { storeId } = await aStore(t, { sellerOrgId, mode });
  const { connectionId: onecId } = await aOnecBase(t, { storeId, login: newId() });
  await anAcquirer(t, { sellerOrgId });
  await aRegister(t, { sellerOrgId });
  return { sellerOrgId, storeId, onecId };
}
beforeEach(async () => {
  shop = await shopIn("pilot");
});

const sql = () => t.ctx.database.sql;
const move = (to: StoreMode, of = shop, ctx = director.ctx) => changeStoreMode(ctx, { storeId: of.storeId, to, reason: "проверка режима", isTest: true });
const batch = (given: Partial<NewBatch> = {}) => makeBatch(director.ctx, { storeId: shop.storeId, isTest: true, kind: "rule", maxOrders: 50, endsOn: "2026-12-31", ...given });
const linkOf = async (orderId: string) => (await sql()<{ id: string; token: string }[]>`select id, token from payment_links where order_id = ${orderId} and state = 'active'`)[0] ?? null;
const batchOf = async (orderId: string) => (await sql()<{ id: string | null }[]>`select pilot_batch_id as id from orders where id = ${orderId}`)[0]!.id;
async function take(draft = aDraft(), of = shop): Promise<string> {
  const [result] = await upload(t, of, draft);
  expect(result).toMatchObject({ outcome: "created" });
  return result!.orderId!;
}
const pay = async (orderId: string, linkId: string | null) =>
  openAttempt(t.ctx, { linkId: linkId ?? newId(), orderId, method: "card", contact: "a@b.ru", amountSeenKopecks: 122_000n, formKey: newId(), returnUrl: "https://pay.test/x" });
/** An attempt as the verb leaves it before the bank hears of it. */
const begin = async (orderId: string) => {
  const linkId = (await linkOf(orderId))!.id;
  await inTransaction(t.ctx, (tx) => createAttempt(t.ctx, tx, { linkId, orderId, method: "card", contact: "a@b.ru", amountSeenKopecks: 122_000n, formKey: newId(), returnUrl: "https://pay.test/x" }, "a@b.ru"));
};
function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open: () => open() };
}
const refusal = { code: "conflict", message: "Оплата пока недоступна", details: { reason: "not_payable" } };

test("PIL-01: a mode changes by its verb alone, is logged and audited, and goes back", async () => {
  expect(await move("shadow")).toEqual({ from: "pilot", to: "shadow" });
  await move("off");
  await move("sandbox");
  const log = await sql()`select from_mode, to_mode, reason, actor from store_mode_changes where store_id = ${shop.storeId} order by no`;
  expect(log.map((row) => `${row["fromMode"]}>${row["toMode"]}`)).toEqual(["pilot>shadow", "shadow>off", "off>sandbox"]);
  expect(log[0]).toMatchObject({ reason: "проверка режима", actor: `staff:${director.userId}` });
  const [audit] = await sql()`select before, after, reason, role from audit_log where action = 'store.mode_changed' and object_id = ${shop.storeId} order by id limit 1`;
  expect(audit).toMatchObject({ before: { mode: "pilot" }, after: { mode: "shadow" }, reason: "проверка режима", role: "director" });
  await expect(sql()`update stores set mode = 'live' where id = ${shop.storeId}`).rejects.toMatchObject({ code: "23001" });
  await expect(sql()`update store_mode_changes set reason = 'другая'`).rejects.toMatchObject({ code: "23001" });
  await expect(sql()`delete from store_mode_changes`).rejects.toMatchObject({ code: "23001" });
});

test("PIL-01: live comes from the pilot alone; who is neither director nor integrator changes nothing; a reason is needed", async () => {
  await move("shadow");
  await expect(move("live")).rejects.toMatchObject({ code: "conflict", details: { field: "to" } });
  await expect(sql()`insert into store_mode_changes (id, store_id, from_mode, to_mode, at, actor, reason) values (${newId()}, ${shop.storeId}, 'shadow', 'live', now(), 'x', 'мимо правила')`).rejects.toMatchObject({ code: "23514" });
  await expect(move("shadow")).rejects.toMatchObject({ code: "conflict" });
  await expect(changeStoreMode(director.ctx, { storeId: shop.storeId, to: "pilot", reason: " ", isTest: true })).rejects.toMatchObject({ code: "invalid", details: { field: "reason" } });
  await expect(changeStoreMode(director.ctx, { storeId: shop.storeId, to: "вживую", reason: "проверка", isTest: true })).rejects.toMatchObject({ code: "invalid", details: { field: "to" } });
  await expect(changeStoreMode(director.ctx, { storeId: newId(), to: "pilot", reason: "проверка", isTest: true })).rejects.toMatchObject({ code: "not_found" });
  for (const role of ["accountant", "manager", "operator"] as const) await expect(move("pilot", shop, (await aStaff(t, { role, storeId: shop.storeId })).ctx)).rejects.toMatchObject({ code: "forbidden" });
  await move("pilot", shop, (await aStaff(t, { role: "integrator" })).ctx);
});

test("PIL-06: «В бой» is refused while the exit rule does not hold, and says what is missing", async () => {
  await expect(move("live")).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/оплаченные заказы: 0 из 30.*оплат ещё не было.*возвраты: 0 из 2/) as string, details: { unmet: "orders,methods,refunds,drills,days" } });
  const [store] = await sql()`select mode from stores where id = ${shop.storeId}`;
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
  await expect(move("live")).rejects.toMatchObject({ message: expect.stringContaining("оплаченные заказы: 0 из 5") as string, details: { unmet: "orders,methods,days" } });
  expect(await lastExitChange(t.ctx)).toMatchObject({ reason: given.reason, actorName: expect.any(String) as string });
  expect([...(await sql()`select before, after from audit_log where action = 'pilot.exit_rule'`)]).toEqual([
    { before: { "pilot.exitOrders": 30, "pilot.exitPerMethod": 3, "pilot.exitRefunds": 2, "pilot.exitDrills": 1 }, after: { "pilot.exitOrders": 5, "pilot.exitPerMethod": 1, "pilot.exitRefunds": 0, "pilot.exitDrills": 0 } },
  ]);
  await sql()`delete from settings where key like 'pilot.exit%'`;
});

test.each([["off"], ["shadow"], ["pilot"]] as const)("PIL-01, PIL-02: an order that a store in mode «%s» does not work with is kept, and cannot be paid", async (mode) => {
  shop = await shopIn(mode);
  const orderId = await take();
  expect(await linkOf(orderId)).toBeNull();
  await expect(renewLink(t.ctx, orderId)).rejects.toMatchObject(refusal);
  await expect(pay(orderId, null)).rejects.toMatchObject(refusal);
  await expect(issueInvoice(t.ctx, { orderId })).rejects.toMatchObject(refusal);
  // The referee, past every verb.
  for (const write of [
    () => sql()`insert into payment_links (id, order_id, token, state, revision_no, amount_kopecks, valid_until, created_at) values (${newId()}, ${orderId}, ${newId()}, 'active', 1, 100, now(), now())`,
    () => sql()`insert into invoices (id, order_id, number, version, state, revision_no, total_kopecks, content, token, issued_at, valid_until) values (${newId()}, ${orderId}, '1', 1, 'issued', 1, 100, '{}', ${newId()}, now(), now())`,
  ]) await expect(write()).rejects.toMatchObject({ code: "23514", constraint_name: "payments_are_open" });
  // Uploaded again, changed: still nothing, and nothing fails.
  const [order] = await sql()<{ onecGuid: string; number: string }[]>`select onec_guid, number from orders where id = ${orderId}`;
  const [again] = await upload(t, shop, aDraft({ onecRef: order!.onecGuid, number: order!.number, totalKopecks: 50_000n }));
  expect(again).toMatchObject({ outcome: "revised", orderId });
  expect(await linkOf(orderId)).toBeNull();
});

test("PIL-01: a sandbox store works with test orders, and keeps live ones without a link", async () => {
  shop = await shopIn("sandbox");
  expect(await linkOf(await take())).not.toBeNull();
  const { connectionId: onecId } = await aOnecBase(t, { storeId: shop.storeId, login: newId(), environment: "live" });
  const live = await take(aDraft(), { ...shop, onecId });
  expect(await linkOf(live)).toBeNull();
});

test("PIL-01: of an order that is not in work the buyer gets no letter about a document of 1C", async () => {
  for (const [mode, letters] of [["shadow", 0], ["off", 0], ["pilot", 0], ["live", 1]] as const) {
    const of = await shopIn(mode);
    const orderId = await take(aDraft(), of);
    await sql()`update orders set contact = 'a@b.ru' where id = ${orderId}`;
    await storeDocument(t.ctx, { id: of.onecId, environment: "test" }, { guid: newId(), bytes: Buffer.from("%PDF-1.4"), mime: "application/pdf", words: { kind: "upd", order: { ref: "1", orderId } } });
    expect(await sql()`select 1 from letters where order_id = ${orderId} and template = 'document'`).toHaveLength(letters);
  }
});

test("PIL-02: a rule chooses new orders that fit it, once, within its cap and its days, and says so in their story", async () => {
  const early = await take();
  const { batchId, no } = await batch({ payerKind: "individual", totalMaxKopecks: 200_000n, maxOrders: 2 });
  const fits = await take(aDraft({ totalKopecks: 200_000n }));
  const dear = await take(aDraft({ totalKopecks: 200_001n }));
  const company = await take(aDraft({ buyer: aCompany() }));
  expect(await Promise.all([early, fits, dear, company].map(batchOf))).toEqual([null, batchId, null, null]);
  expect(await linkOf(fits)).not.toBeNull();
  expect(await linkOf(dear)).toBeNull();
  const [event] = await sql()`select detail from order_events where order_id = ${fits} and kind = 'pilot.chosen'`;
  expect(event).toEqual({ detail: { batchNo: no.toString() } });
  const [second, third] = [await take(), await take()];
  expect(await Promise.all([second, third].map(batchOf))).toEqual([batchId, null]);
  await expect(sql()`update orders set pilot_batch_id = ${batchId} where id = ${third}`).rejects.toMatchObject({ code: "23514", constraint_name: "pilot_batches_cap" });
  await expect(sql()`update pilot_batches set taken_count = 0 where id = ${batchId}`).rejects.toMatchObject({ code: "23001" });
  // Dearer in 1C later: it stays chosen.
  const [row] = await sql()<{ onecGuid: string; number: string }[]>`select onec_guid, number from orders where id = ${fits}`;
  await upload(t, shop, aDraft({ onecRef: row!.onecGuid, number: row!.number, totalKopecks: 900_000n }));
  expect(await batchOf(fits)).toBe(batchId);
  const later = await batch({ endsOn: "2026-11-21" });
  expect(await batchOf(await take())).toBe(later.batchId);
  t.clock.advance(DAY_MS);
  expect(await batchOf(await take())).toBeNull();
  t.clock.advance(-DAY_MS);
});

test("PIL-02: a list chooses by number, number in 1C or GUID, before or after the order came; one that waits keeps its place", async () => {
  const here = aDraft();
  const hereId = await take(here);
  const guid = newId();
  const { batchId } = await batch({ kind: "list", maxOrders: 3, refs: `№${here.number}, ${guid.toUpperCase()}` });
  expect(await batchOf(hereId)).toBe(batchId);
  expect(await linkOf(hereId)).not.toBeNull();
  await expect(addToBatch(director.ctx, { batchId, refs: "УТ-77 УТ-78" })).rejects.toMatchObject({ code: "conflict", message: "В пилоте осталось мест: 1, а вы добавляете 2", details: { field: "refs" } });
  expect(await addToBatch(director.ctx, { batchId, refs: here.number })).toEqual({ taken: 0, awaited: 0 });
  expect(await addToBatch(director.ctx, { batchId, refs: "ут-77" })).toEqual({ taken: 0, awaited: 1 });
  const byGuid = await take(aDraft({ onecRef: guid }));
  const byNumber = await take(aDraft({ state: { number: "УТ-77" } }));
  expect(await Promise.all([byGuid, byNumber, await take()].map(batchOf))).toEqual([batchId, batchId, null]);
  const other = await batch({ kind: "list", refs: "Z-1", maxOrders: 5 });
  await expect(addToBatch(director.ctx, { batchId: other.batchId, refs: here.number })).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("уже в пилоте") as string });
});

test("PIL-02: a rule takes older unpaid orders when asked to; a full batch leaves orders to the next one", async () => {
  const older = [await take(), await take(), await take()];
  const first = await batch({ takesExisting: true, maxOrders: 2 });
  const second = await batch({ maxOrders: 2 });
  expect(first.taken).toBe(2);
  expect((await Promise.all(older.map(batchOf))).filter((id) => id === first.batchId)).toHaveLength(2);
  const news = await upload(t, shop, aDraft(), aDraft(), aDraft());
  expect((await Promise.all(news.map((each) => batchOf(each.orderId!)))).filter((id) => id === second.batchId)).toHaveLength(2);
  const overlapping = [await batch({ maxOrders: 1 }), await batch({ maxOrders: 2 })].map((each) => each.batchId);
  const spread = await upload(t, shop, aDraft(), aDraft(), aDraft());
  const counts = await Promise.all(spread.map((each) => batchOf(each.orderId!)));
  expect(overlapping.map((id) => counts.filter((each) => each === id).length)).toEqual([1, 2]);
});

test("PIL-02: two bases that upload at once do not pass the cap together", async () => {
  const { connectionId: onecId } = await aOnecBase(t, { storeId: shop.storeId, login: newId() });
  const { batchId } = await batch({ maxOrders: 5 });
  const bases = [shop, { ...shop, onecId }];
  const results = await Promise.all(Array.from({ length: 12 }, (_, i) => upload(t, bases[i % 2]!, aDraft(), aDraft())));
  expect(results.flat().every((each) => each.outcome === "created")).toBe(true);
  const [row] = await sql()`select taken_count, (select count(*)::int from orders where pilot_batch_id = ${batchId}) as orders from pilot_batches where id = ${batchId}`;
  expect(row).toEqual({ takenCount: 5, orders: 5 });
});

test("PIL-02: an order leaves the pilot before money was asked for, and not after; a closed batch takes nobody", async () => {
  const { batchId } = await batch({ maxOrders: 2 });
  const [draft, other] = [aDraft(), aDraft()];
  const [gone, stays] = [await take(draft), await take(other)];
  expect(await removeFromBatch(director.ctx, { batchId, ref: draft.number })).toEqual({ number: draft.number });
  expect(await batchOf(gone)).toBeNull();
  await expect(renewLink(t.ctx, gone)).rejects.toMatchObject(refusal);
  await begin(stays);
  await expect(removeFromBatch(director.ctx, { batchId, ref: other.number })).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("уже начата оплата") as string });
  await expect(sql()`update orders set pilot_batch_id = null where id = ${stays}`).rejects.toMatchObject({ code: "23001" });
  await expect(removeFromBatch(director.ctx, { batchId, ref: "нет такого" })).rejects.toMatchObject({ code: "not_found" });
  expect(await batchOf(await take())).toBe(batchId);
  const { batchId: open } = await batch();
  await closeBatch(director.ctx, { batchId: open });
  await expect(closeBatch(director.ctx, { batchId: open })).rejects.toMatchObject({ code: "conflict" });
  await expect(addToBatch(director.ctx, { batchId: open, refs: "1" })).rejects.toMatchObject({ code: "conflict" });
  expect(await batchOf(await take())).toBeNull();
});

test.each([
  ["maxOrders", { maxOrders: 0 }],
  ["maxOrders", { maxOrders: 1.5 }],
  ["totalMax", { totalMaxKopecks: 0n }],
  ["endsOn", { endsOn: "2026-11-20" }],
  ["endsOn", { endsOn: "завтра" }],
  ["endsOn", { endsOn: "2028-01-01" }],
  ["refs", { kind: "list" as const, refs: " , ;" }],
  ["refs", { kind: "list" as const, refs: "1".repeat(65) }],
  ["refs", { kind: "list" as const, refs: Array.from({ length: 1_001 }, (_, i) => `N${i}`).join("\n") }],
  ["counterpartyInn", { counterpartyInn: "7707083893" }],
])("PIL-02: a batch with a wrong %s is refused by its field: %o", async (field, given) => {
  await expect(batch(given)).rejects.toMatchObject({ code: "invalid", details: { field } });
});

test("PIL-02: a rule for one buyer chooses that buyer's orders only", async () => {
  const buyer = aCompany({ inn: "9900000031" });
  await take(aDraft({ buyer }));
  const { batchId } = await batch({ counterpartyInn: "9900000031" });
  expect(await Promise.all([await take(aDraft({ buyer })), await take(aDraft({ buyer: aPerson() }))].map(batchOf))).toEqual([batchId, null]);
});

test("PIL-05: the kill switch stops new links, attempts and invoices at once; what began goes on; taking money begins again with links", async () => {
  shop = await shopIn("live");
  const begun = await take();
  const link = (await linkOf(begun))!;
  await begin(begun);
  const [attempt] = await sql()<{ state: string }[]>`select state from payment_attempts where order_id = ${begun}`;
  const waiting = await take();
  const { stopId } = await stopPayments(director.ctx, { storeId: shop.storeId, reason: "банк списывает дважды" });
  const stopped = { code: "conflict", message: "Магазин временно остановил приём оплаты. Попробуйте позже", details: { bar: "stopped" } };
  await expect(pay(waiting, (await linkOf(waiting))!.id)).rejects.toMatchObject(stopped);
  await expect(pay(begun, link.id)).rejects.toMatchObject(stopped);
  await expect(renewLink(t.ctx, waiting)).rejects.toMatchObject(stopped);
  await expect(issueInvoice(t.ctx, { orderId: waiting })).rejects.toMatchObject(stopped);
  const late = await take();
  expect(await linkOf(late)).toBeNull();
  // What had begun was not touched, and is still asked about.
  expect(await sql()`select state from payment_attempts where order_id = ${begun}`).toEqual([attempt]);
  await expect(stopPayments(director.ctx, { storeId: shop.storeId, reason: "ещё раз" })).rejects.toMatchObject({ code: "conflict" });
  await expect(sql()`update payment_stops set reason = 'другая' where id = ${stopId}`).rejects.toMatchObject({ code: "23001" });
  await resumePayments(director.ctx, { stopId, reason: "банк исправил" });
  await drainJobs(t, { only: ["links.offer"] });
  expect(await linkOf(late)).not.toBeNull();
  expect((await linkOf(waiting))!.id).toBeDefined();
  await expect(resumePayments(director.ctx, { stopId, reason: "ещё раз" })).rejects.toMatchObject({ code: "conflict" });
  const audit = await sql()`select action, reason from audit_log where object_id = ${shop.storeId} order by id`;
  expect(audit).toEqual([{ action: "payments.stopped", reason: "банк списывает дважды" }, { action: "payments.resumed", reason: "банк исправил" }]);
  expect(t.hints.filter((hint) => hint === "*").length).toBeGreaterThanOrEqual(2);
});

test("PIL-05: one switch for all stores; who may stop and who may start again", async () => {
  const other = await shopIn("live");
  const { stopId } = await stopPayments((await aStaff(t, { role: "accountant" })).ctx, { storeId: null, reason: "утечка ключа банка" });
  expect(await linkOf(await take(aDraft(), other))).toBeNull();
  for (const role of ["accountant", "operator", "manager"] as const) await expect(resumePayments((await aStaff(t, { role, storeId: other.storeId })).ctx, { stopId, reason: "проверено" })).rejects.toMatchObject({ code: "forbidden" });
  await resumePayments((await aStaff(t, { role: "integrator" })).ctx, { stopId, reason: "ключ заменён" });
  await expect(stopPayments((await aStaff(t, { role: "manager", storeId: other.storeId })).ctx, { storeId: other.storeId, reason: "проверка" })).rejects.toMatchObject({ code: "forbidden" });
  const operator = await aStaff(t, { role: "operator", storeId: other.storeId });
  await expect(stopPayments(operator.ctx, { storeId: null, reason: "проверка" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(stopPayments(operator.ctx, { storeId: shop.storeId, reason: "проверка" })).rejects.toMatchObject({ code: "forbidden" });
  const own = await stopPayments(operator.ctx, { storeId: other.storeId, reason: "очередь у кассы" });
  await resumePayments(director.ctx, { stopId: own.stopId, reason: "проверено" });
});

test("PIL-05: a stop waits for the links that are being written, and those that come after it see it", async () => {
  shop = await shopIn("live");
  const orderId = await take();
  const [wrote, held] = [gate(), gate()];
  const written = inTransaction(t.ctx, async (tx) => {
    const order = await lockOrder(tx, orderId);
    await tx`update payment_links set state = 'superseded' where order_id = ${orderId}`;
    await tx`insert into payment_links (id, order_id, token, state, revision_no, amount_kopecks, valid_until, created_at) values (${newId()}, ${order.orderId}, ${newId()}, 'active', 1, 1, now(), now())`;
    wrote.open();
    await held.passed;
  });
  await wrote.passed;
  let isStopped = false;
  const stop = stopPayments(director.ctx, { storeId: shop.storeId, reason: "проверка гонки" }).finally(() => (isStopped = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(isStopped).toBe(false);
  held.open();
  await written;
  const { stopId } = await stop;
  await expect(renewLink(t.ctx, orderId)).rejects.toMatchObject({ code: "conflict" });
  await resumePayments(director.ctx, { stopId, reason: "проверено" });
});

test("PIL-02: links stand while a store leaves its mode, and orders that enter get theirs", async () => {
  shop = await shopIn("live");
  const orderId = await take();
  const link = await linkOf(orderId);
  await move("shadow");
  const draft = aDraft();
  const came = await take(draft);
  await expect(pay(orderId, link!.id)).rejects.toMatchObject(refusal);
  await move("pilot");
  const { batchId } = await batch({ takesExisting: true });
  expect(await Promise.all([orderId, came].map(batchOf))).toEqual([batchId, batchId]);
  expect(await linkOf(orderId)).toEqual(link);
  expect(await linkOf(came)).not.toBeNull();
  // The sum changed while nobody could pay: the old link is closed, and the new sum gets its own on the way back.
  await move("off");
  await upload(t, shop, changed(draft, { totalKopecks: 99_900n }));
  expect(await linkOf(came)).toBeNull();
  await move("pilot");
  await drainJobs(t, { only: ["links.offer"] });
  expect(await linkOf(came)).not.toBeNull();
});

test("PIL-06: the checklist keeps who ticked and when; the same tick twice is one", async () => {
  const operator = await aStaff(t, { role: "operator", storeId: shop.storeId });
  const tick = (ctx: typeof t.ctx, isDone: boolean) => tickItem(ctx, { storeId: shop.storeId, isTest: true, item: "trained", isDone });
  await tick(operator.ctx, true);
  await tick(director.ctx, true);
  await tick(director.ctx, false);
  expect(await sql()`select is_done, actor from pilot_ticks where store_id = ${shop.storeId} order by at, id`).toEqual([{ isDone: true, actor: `staff:${operator.userId}` }, { isDone: false, actor: `staff:${director.userId}` }]);
  // Two at once: the second waits for the first and then finds it ticked.
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const first = sql().begin(async (tx) => {
    await tickItem({ ...director.ctx, database: { ...director.ctx.database, sql: Object.assign(tx, { begin: (work: (inner: typeof tx) => Promise<unknown>) => tx.savepoint(work) }) as never } }, { storeId: shop.storeId, isTest: true, item: "trained", isDone: true });
    await held;
  });
  await expect.poll(async () => (await sql()`select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`).length, { timeout: 5_000, interval: 10 }).toBe(1);
  const second = tick(operator.ctx, true);
  await Promise.race([second, expect.poll(async () => (await sql()`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length, { timeout: 5_000, interval: 10 }).toBe(1)]);
  release();
  await Promise.all([first, second]);
  expect(await sql()`select 1 from pilot_ticks where store_id = ${shop.storeId} and is_done`).toHaveLength(2);
  await expect(tickItem(director.ctx, { storeId: shop.storeId, isTest: true, item: "нет", isDone: true })).rejects.toMatchObject({ code: "invalid" });
  await expect(tickItem((await aStaff(t, { role: "manager", storeId: null })).ctx, { storeId: shop.storeId, isTest: true, item: "roles", isDone: true })).rejects.toMatchObject({ code: "forbidden" });
});
