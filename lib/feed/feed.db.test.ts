/** The feed of a 1C base by JSON: numbers, cursors, acknowledgement. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import type { DomainError } from "@/lib/kit/errors.ts";
import { DAY_MS, HOUR_MS } from "@/lib/kit/time.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import { keysOf, openJsonFeed } from "@/lib/testing/json-feed.ts";
import type { JsonFeed } from "@/lib/testing/json-feed.ts";
import { ackChanges, feedWrite, readChanges, sequenceFeed, watchFeed } from "./index.ts";

let t: JsonFeed;
beforeAll(async () => {
  t = await openJsonFeed();
});
afterAll(() => t.close());

test("API-20, API-25: a payment is an event with its order, its own facts and the money of the order as of then", async () => {
  const shop = await t.aJsonBase();
  const { orderId, number } = await anOrder(t, shop);
  const first = await cardMoney(t, orderId, 200_000n, shop.bankId);
  t.clock.advance(1_000);
  const second = await cardMoney(t, orderId, 463_100n, shop.bankId, "sbp");
  const page = await t.read(shop);
  expect(page).toMatchObject({ hasMore: false, cursor: "0000000000000002" });
  expect(page.items).toMatchObject([
    { seq: "0000000000000001", type: "payment.succeeded", key: `payment:${first.factId}`, order: { number, siteId: orderId }, payment: { id: first.factId, amount: "2000.00", method: "card", currency: "RUB", acquirer: "paykeeper", fee: "", net: "" }, refund: null, receipt: null, balance: { paid: "2000.00", refunded: "0.00", due: "4631.00" } },
    { seq: "0000000000000002", key: `payment:${second.factId}`, payment: { method: "sbp", paidAt: expect.stringMatching(/^2026-11-21T12:00:\d\d\+03:00$/), paidAtLocal: expect.stringMatching(/^2026-11-21T12:00:\d\d$/) }, balance: { paid: "6631.00", due: "0.00" } },
  ]);
  // 1C code fails on a field that is not there: both events have the same fields, whatever they tell of.
  expect(Object.keys(page.items[0]!)).toEqual(Object.keys(page.items[1]!));
});

test("API-22: of a slow and a fast writer nothing is ever skipped, whoever takes its row first", async () => {
  const shop = await t.aJsonBase();
  const [slow, fast] = [await anOrder(t, shop), await anOrder(t, shop)];
  const other = openDatabase(t.ctx.database.url, { applicationName: "slow-writer" });
  try {
    let goOn!: () => void;
    const written = new Promise<void>((resolve) => (goOn = resolve));
    let commit!: () => void;
    const held = new Promise<void>((resolve) => (commit = resolve));
    const slowCtx = { ...t.ctx, database: other };
    const slowly = inTransaction(slowCtx, async (tx) => {
      await feedWrite(slowCtx, tx, { type: "order.expired", key: "slow", orderId: slow.orderId, subjectId: null });
      goOn();
      await held;
    });
    await written;
    await cardMoney(t, fast.orderId, 663_100n, shop.bankId);
    const before = await t.read(shop);
    expect(before.items).toMatchObject([{ order: { siteId: fast.orderId }, seq: "0000000000000001" }]);
    await ackChanges(t.ctx, shop.onecId, { cursor: before.cursor });
    commit();
    await slowly;
    const after = await t.read(shop);
    expect(after.items).toMatchObject([{ key: "slow", seq: "0000000000000002" }]);
    const [rows] = await t.ctx.database.sql`select (select insert_no from feed_events where key = 'slow') < (select insert_no from feed_events where connection_id = ${shop.onecId} and seq = 1) as slow_was_first`;
    expect(rows!["slowWasFirst"]).toBe(true);
  } finally {
    await other.close();
  }
});

test("API-22: many writers and readers at once: each event once, numbers without a gap, none behind a reader's cursor", async () => {
  const shop = await t.aJsonBase();
  const orders = await Promise.all(Array.from({ length: 4 }, () => anOrder(t, shop)));
  const seen: string[] = [];
  let cursor = "0000000000000000";
  let isWriting = true;
  const reader = async () => {
    while (isWriting) {
      const page = await t.read(shop, cursor, 7);
      seen.push(...keysOf(page));
      ({ cursor } = page);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const writer = async (n: number) => {
    for (let i = 0; i < 15; i++) {
      await inTransaction(t.ctx, async (tx) => {
        await feedWrite(t.ctx, tx, { type: "order.expired", key: `w${n}-${i}`, orderId: orders[n % 4]!.orderId, subjectId: null });
        // Transactions of very different lengths overlap.
        await tx`select pg_sleep(${((n * 7 + i * 3) % 10) / 1000})`;
      });
    }
  };
  const reading = reader();
  await Promise.all([0, 1, 2, 3, 4, 5].map(writer));
  isWriting = false;
  await reading;
  for (let page = await t.read(shop, cursor, 7); page.items.length > 0; page = await t.read(shop, cursor, 7)) {
    seen.push(...keysOf(page));
    ({ cursor } = page);
  }
  expect(seen).toHaveLength(90);
  expect(new Set(seen).size).toBe(90);
  expect(cursor).toBe("0000000000000090");
});

test("API-21, API-23, API-26: reading acknowledges nothing; ack moves forward only and confirms the money; since re-reads", async () => {
  const shop = await t.aJsonBase();
  const { orderId } = await anOrder(t, shop);
  await cardMoney(t, orderId, 100_000n, shop.bankId);
  const first = await t.read(shop);
  expect(keysOf(await t.read(shop))).toEqual(keysOf(first));
  await cardMoney(t, orderId, 563_100n, shop.bankId);
  const one = await t.read(shop, null, 1);
  expect(one).toMatchObject({ hasMore: true, cursor: "0000000000000001" });
  expect(await t.exportsOf(orderId)).toMatchObject([{ state: "pending" }, { state: "pending" }]);
  expect(await ackChanges(t.ctx, shop.onecId, { cursor: one.cursor, documents: [{ key: one.items[0]!.key, number: "УТ00-000041" }] })).toMatchObject({ cursor: one.cursor });
  expect(await t.exportsOf(orderId)).toMatchObject([{ state: "confirmed", onecDocumentNumber: "УТ00-000041" }, { state: "pending" }]);
  // Equal is fine, and an empty page keeps the cursor.
  await ackChanges(t.ctx, shop.onecId, { cursor: one.cursor });
  const rest = await t.read(shop);
  expect(rest.items).toHaveLength(1);
  await ackChanges(t.ctx, shop.onecId, { cursor: rest.cursor });
  expect(await t.read(shop)).toMatchObject({ items: [], hasMore: false, cursor: rest.cursor });
  expect(await t.read(shop, "0")).toMatchObject({ cursor: rest.cursor, items: [{ seq: one.cursor }, { seq: rest.cursor }] });
  const refusal = (cursor: string) => ackChanges(t.ctx, shop.onecId, { cursor }).catch((error: DomainError) => ({ code: error.code, cursor: error.details["cursor"] }));
  expect(await refusal("1")).toEqual({ code: "conflict", cursor: rest.cursor });
  expect(await refusal("999")).toEqual({ code: "conflict", cursor: rest.cursor });
  expect(await refusal("abc")).toEqual({ code: "conflict", cursor: rest.cursor });
  const events = await t.ctx.database.sql`select kind from order_events where order_id = ${orderId} and kind like 'export.%'`;
  expect(events).toHaveLength(2);
});

test("API-23: the client that dies between changes and ack gets the same again; two that ack at once agree", async () => {
  const shop = await t.aJsonBase();
  const { orderId } = await anOrder(t, shop);
  await cardMoney(t, orderId, 663_100n, shop.bankId);
  const page = await t.read(shop);
  expect(keysOf(await t.read(shop))).toEqual(keysOf(page));
  await Promise.all([ackChanges(t.ctx, shop.onecId, { cursor: page.cursor }), ackChanges(t.ctx, shop.onecId, { cursor: page.cursor })]);
  expect(await t.exportsOf(orderId)).toMatchObject([{ state: "confirmed" }]);
  expect(await t.ctx.database.sql`select 1 from order_events where order_id = ${orderId} and kind = 'export.confirmed'`).toHaveLength(1);
});

test("json-api.md 1: local times of the feed are those of the base's zone", async () => {
  const shop = await aShop(t, { onecSettings: { doors: ["json"], zone: "Asia/Vladivostok" } });
  const { orderId } = await anOrder(t, shop);
  await cardMoney(t, orderId, 663_100n, (await anAcquirer(t, { sellerOrgId: shop.sellerOrgId })).connectionId);
  const { items, serverTime } = await readChanges(t.ctx, shop.onecId, { since: null, limit: 1, zone: "Asia/Vladivostok" });
  expect(items).toMatchObject([{ payment: { paidAt: expect.stringMatching(/\+10:00$/), paidAtLocal: expect.stringMatching(/T19:00:\d\d$/) } }]);
  expect(serverTime).toMatch(/\+10:00$/);
});

test("API-27: two bases have their own cursors and hear of their own orders only", async () => {
  const [ut, retail] = [await t.aJsonBase(), await t.aJsonBase()];
  const [one, two] = [await anOrder(t, ut), await anOrder(t, retail)];
  await cardMoney(t, one.orderId, 663_100n, ut.bankId);
  await cardMoney(t, two.orderId, 663_100n, retail.bankId);
  expect((await t.read(ut)).items).toMatchObject([{ order: { siteId: one.orderId } }]);
  await ackChanges(t.ctx, ut.onecId, { cursor: (await t.read(ut)).cursor });
  expect((await t.read(retail)).items).toMatchObject([{ order: { siteId: two.orderId } }]);
});

test("money goes back by one channel: a base of the stock exchange has no feed", async () => {
  const shop = await aShop(t);
  const { connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId });
  const { orderId } = await anOrder(t, shop);
  await cardMoney(t, orderId, 663_100n, connectionId);
  expect((await t.read(shop)).items).toEqual([]);
});

test("API-28: «1С не забирает оплаты» after two hours, urgent after a day, gone with the acknowledgement", async () => {
  const shop = await t.aJsonBase();
  const { orderId } = await anOrder(t, shop);
  await cardMoney(t, orderId, 663_100n, shop.bankId);
  const alerts = async () => [...(await t.ctx.database.sql`select severity, state from alerts where object_key = ${`connection:${shop.onecId}:feed`}`)];
  await watchFeed(t.ctx);
  expect(await alerts()).toEqual([]);
  t.clock.advance(2 * HOUR_MS + 1);
  await watchFeed(t.ctx);
  await watchFeed(t.ctx);
  expect(await alerts()).toEqual([{ severity: "P2", state: "firing" }]);
  t.clock.advance(DAY_MS);
  await watchFeed(t.ctx);
  expect(await alerts()).toEqual([{ severity: "P1", state: "firing" }]);
  await ackChanges(t.ctx, shop.onecId, { cursor: (await t.read(shop)).cursor });
  await watchFeed(t.ctx);
  expect(await alerts()).toEqual([{ severity: "P1", state: "resolved" }]);
});

test("the database keeps the outbox: no event changes what it says, loses its number or goes unacknowledged; no cursor goes back", async () => {
  const shop = await t.aJsonBase();
  const { orderId } = await anOrder(t, shop);
  const { factId } = await cardMoney(t, orderId, 663_100n, shop.bankId);
  const { sql } = t.ctx.database;
  await expect(sql`update feed_events set key = 'other' where connection_id = ${shop.onecId}`).rejects.toThrow(/keeps what it says/);
  await expect(sql`delete from feed_events where connection_id = ${shop.onecId}`).rejects.toThrow(/until it is acknowledged/);
  const page = await t.read(shop);
  await expect(sql`update feed_events set share_kopecks = 1 where connection_id = ${shop.onecId}`).rejects.toThrow(/keeps what it says/);
  await expect(sql`update feed_events set seq = 77 where connection_id = ${shop.onecId}`).rejects.toThrow(/keeps what it says/);
  await ackChanges(t.ctx, shop.onecId, { cursor: page.cursor, documents: [{ key: `payment:${factId}`, number: "ОПК-1" }] });
  await expect(sql`update feed_cursors set acked_seq = 0 where connection_id = ${shop.onecId}`).rejects.toThrow(/only moves forward/);
  // Acknowledged ones stay readable for 90 days and then go.
  t.clock.advance(89 * DAY_MS);
  await sweep(t.ctx);
  expect((await t.read(shop, "0")).items).toHaveLength(1);
  t.clock.advance(2 * DAY_MS);
  await sweep(t.ctx);
  expect((await t.read(shop, "0")).items).toEqual([]);
});

test("invariant 13: the event of money that 1C took without naming a document stays as its proof", async () => {
  const shop = await t.aJsonBase();
  const { orderId } = await anOrder(t, shop);
  const { factId } = await cardMoney(t, orderId, 663_100n, shop.bankId);
  await ackChanges(t.ctx, shop.onecId, { cursor: (await t.read(shop)).cursor });
  t.clock.advance(100 * DAY_MS);
  await sweep(t.ctx);
  expect(keysOf(await t.read(shop, "0"))).toEqual([`payment:${factId}`]);
});

test("a backlog of a base that was long away is numbered in several goes and read to its end", async () => {
  const shop = await t.aJsonBase();
  const { orderId } = await anOrder(t, shop);
  await t.ctx.database.sql`
    insert into feed_events (id, connection_id, type, key, order_id, created_at, push_state)
    select gen_random_uuid(), ${shop.onecId}::uuid, 'order.expired', 'k' || g, ${orderId}::uuid, ${t.ctx.now()}::timestamptz, 'none' from generate_series(1, 4500) g`;
  expect(await sequenceFeed(t.ctx, shop.onecId)).toBe(4_500n);
  const seen: string[] = [];
  for (let page = await t.read(shop, "0", 1_000); ; page = await t.read(shop, page.cursor, 1_000)) {
    seen.push(...keysOf(page));
    if (!page.hasMore) break;
  }
  expect(seen).toEqual(Array.from({ length: 4_500 }, (_, i) => `k${i + 1}`));
});
