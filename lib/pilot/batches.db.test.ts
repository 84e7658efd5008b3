/** Which orders the pilot takes (PIL-02): rules and lists, caps and days, who leaves and who comes back. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { DAY_MS } from "@/lib/kit/time.ts";
import { renewLink } from "@/lib/payments/index.ts";
import { aCompany, aDraft, aPerson, changed, upload } from "@/lib/testing/drafts.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { aOnecBase } from "@/lib/testing/factories.ts";
import { openPilotStore, refusal } from "@/lib/testing/pilot-store.ts";
import type { PilotStore } from "@/lib/testing/pilot-store.ts";
import { addToBatch, closeBatch, removeFromBatch } from "./index.ts";

let t: PilotStore;
beforeAll(async () => {
  t = await openPilotStore();
});
afterAll(() => t.close());
beforeEach(() => t.begin());

const sql = () => t.ctx.database.sql;

test("PIL-02: a rule chooses new orders that fit it, once, within its cap and its days, and says so in their story", async () => {
  const early = await t.take();
  const { batchId, no } = await t.batch({ payerKind: "individual", totalMaxKopecks: 200_000n, maxOrders: 2 });
  const fits = await t.take(aDraft({ totalKopecks: 200_000n }));
  const dear = await t.take(aDraft({ totalKopecks: 200_001n }));
  const company = await t.take(aDraft({ buyer: aCompany() }));
  expect(await Promise.all([early, fits, dear, company].map(t.batchOf))).toEqual([null, batchId, null, null]);
  expect(await t.linkOf(fits)).not.toBeNull();
  expect(await t.linkOf(dear)).toBeNull();
  const [event] = await sql()`select detail from order_events where order_id = ${fits} and kind = 'pilot.chosen'`;
  expect(event).toEqual({ detail: { batchNo: no.toString() } });
  const [second, third] = [await t.take(), await t.take()];
  expect(await Promise.all([second, third].map(t.batchOf))).toEqual([batchId, null]);
  await expect(sql()`update orders set pilot_batch_id = ${batchId} where id = ${third}`).rejects.toMatchObject({ code: "23514", constraint_name: "pilot_batches_cap" });
  await expect(sql()`update pilot_batches set taken_count = 0 where id = ${batchId}`).rejects.toMatchObject({ code: "23001" });
  // Dearer in 1C later: it stays chosen.
  const [row] = await sql()<{ onecGuid: string; number: string }[]>`select onec_guid, number from orders where id = ${fits}`;
  await upload(t, t.shop, aDraft({ onecRef: row!.onecGuid, number: row!.number, totalKopecks: 900_000n }));
  expect(await t.batchOf(fits)).toBe(batchId);
  const later = await t.batch({ endsOn: "2026-11-21" });
  expect(await t.batchOf(await t.take())).toBe(later.batchId);
  t.clock.advance(DAY_MS);
  expect(await t.batchOf(await t.take())).toBeNull();
  t.clock.advance(-DAY_MS);
});

test("PIL-02: a list chooses by number, number in 1C or GUID, before or after the order came; one that waits keeps its place", async () => {
  const here = aDraft();
  const hereId = await t.take(here);
  const guid = newId();
  const { batchId } = await t.batch({ kind: "list", maxOrders: 3, refs: `№${here.number}, ${guid.toUpperCase()}` });
  expect(await t.batchOf(hereId)).toBe(batchId);
  expect(await t.linkOf(hereId)).not.toBeNull();
  await expect(addToBatch(t.director.ctx, { batchId, refs: "УТ-77 УТ-78" })).rejects.toMatchObject({ code: "conflict", message: "В пилоте осталось мест: 1, а вы добавляете 2", details: { field: "refs" } });
  expect(await addToBatch(t.director.ctx, { batchId, refs: here.number })).toEqual({ taken: 0, awaited: 0 });
  expect(await addToBatch(t.director.ctx, { batchId, refs: "ут-77" })).toEqual({ taken: 0, awaited: 1 });
  const byGuid = await t.take(aDraft({ onecRef: guid }));
  const byNumber = await t.take(aDraft({ state: { number: "УТ-77" } }));
  expect(await Promise.all([byGuid, byNumber, await t.take()].map(t.batchOf))).toEqual([batchId, batchId, null]);
  const other = await t.batch({ kind: "list", refs: "Z-1", maxOrders: 5 });
  await expect(addToBatch(t.director.ctx, { batchId: other.batchId, refs: here.number })).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("уже в пилоте") as string });
});

test("PIL-02: a rule takes older unpaid orders when asked to; a full batch leaves orders to the next one", async () => {
  const older = [await t.take(), await t.take(), await t.take()];
  const first = await t.batch({ takesExisting: true, maxOrders: 2 });
  const second = await t.batch({ maxOrders: 2 });
  expect(first.taken).toBe(2);
  expect((await Promise.all(older.map(t.batchOf))).filter((id) => id === first.batchId)).toHaveLength(2);
  const news = await upload(t, t.shop, aDraft(), aDraft(), aDraft());
  expect((await Promise.all(news.map((each) => t.batchOf(each.orderId!)))).filter((id) => id === second.batchId)).toHaveLength(2);
  const overlapping = [await t.batch({ maxOrders: 1 }), await t.batch({ maxOrders: 2 })].map((each) => each.batchId);
  const spread = await upload(t, t.shop, aDraft(), aDraft(), aDraft());
  const counts = await Promise.all(spread.map((each) => t.batchOf(each.orderId!)));
  expect(overlapping.map((id) => counts.filter((each) => each === id).length)).toEqual([1, 2]);
});

test("PIL-02: two bases that upload at once do not pass the cap together", async () => {
  const { connectionId: onecId } = await aOnecBase(t, { storeId: t.shop.storeId, login: newId() });
  const { batchId } = await t.batch({ maxOrders: 5 });
  const bases = [t.shop, { ...t.shop, onecId }];
  const results = await Promise.all(Array.from({ length: 12 }, (_, i) => upload(t, bases[i % 2]!, aDraft(), aDraft())));
  expect(results.flat().every((each) => each.outcome === "created")).toBe(true);
  const [row] = await sql()`select taken_count, (select count(*)::int from orders where pilot_batch_id = ${batchId}) as orders from pilot_batches where id = ${batchId}`;
  expect(row).toEqual({ takenCount: 5, orders: 5 });
});

test("PIL-02: an order leaves the pilot before money was asked for, and not after; a closed batch takes nobody", async () => {
  const { batchId } = await t.batch({ maxOrders: 2 });
  const [draft, other] = [aDraft(), aDraft()];
  const [gone, stays] = [await t.take(draft), await t.take(other)];
  expect(await removeFromBatch(t.director.ctx, { batchId, ref: draft.number })).toEqual({ number: draft.number });
  expect(await t.batchOf(gone)).toBeNull();
  await expect(renewLink(t.ctx, gone)).rejects.toMatchObject(refusal);
  await t.beginAttempt(stays);
  await expect(removeFromBatch(t.director.ctx, { batchId, ref: other.number })).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("уже начата оплата") as string });
  await expect(sql()`update orders set pilot_batch_id = null where id = ${stays}`).rejects.toMatchObject({ code: "23001" });
  await expect(removeFromBatch(t.director.ctx, { batchId, ref: "нет такого" })).rejects.toMatchObject({ code: "not_found" });
  expect(await t.batchOf(await t.take())).toBe(batchId);
  const { batchId: open } = await t.batch();
  await closeBatch(t.director.ctx, { batchId: open });
  await expect(closeBatch(t.director.ctx, { batchId: open })).rejects.toMatchObject({ code: "conflict" });
  await expect(addToBatch(t.director.ctx, { batchId: open, refs: "1" })).rejects.toMatchObject({ code: "conflict" });
  expect(await t.batchOf(await t.take())).toBeNull();
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
  await expect(t.batch(given)).rejects.toMatchObject({ code: "invalid", details: { field } });
});

test("PIL-02: a rule for one buyer chooses that buyer's orders only", async () => {
  const buyer = aCompany({ inn: "9900000031" });
  await t.take(aDraft({ buyer }));
  const { batchId } = await t.batch({ counterpartyInn: "9900000031" });
  expect(await Promise.all([await t.take(aDraft({ buyer })), await t.take(aDraft({ buyer: aPerson() }))].map(t.batchOf))).toEqual([batchId, null]);
});

test("PIL-02: links stand while a store leaves its mode, and orders that enter get theirs", async () => {
  t.shop = await t.shopIn("live");
  const orderId = await t.take();
  const link = await t.linkOf(orderId);
  await t.move("shadow");
  const draft = aDraft();
  const came = await t.take(draft);
  await expect(t.pay(orderId, link!.id)).rejects.toMatchObject(refusal);
  await t.move("pilot");
  const { batchId } = await t.batch({ takesExisting: true });
  expect(await Promise.all([orderId, came].map(t.batchOf))).toEqual([batchId, batchId]);
  expect(await t.linkOf(orderId)).toEqual(link);
  expect(await t.linkOf(came)).not.toBeNull();
  // The sum changed while nobody could pay: the old link is closed, and the new sum gets its own on the way back.
  await t.move("off");
  await upload(t, t.shop, changed(draft, { totalKopecks: 99_900n }));
  expect(await t.linkOf(came)).toBeNull();
  await t.move("pilot");
  await drainJobs(t, { only: ["links.offer"] });
  expect(await t.linkOf(came)).not.toBeNull();
});
