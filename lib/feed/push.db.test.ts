/** Push of the feed to a 1C HTTP-сервис and to a shop: a server on this machine plays the other side. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sweep } from "@/lib/janitor/sweep.ts";
import { MINUTE_MS } from "@/lib/kit/time.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openPushReceiver } from "@/lib/testing/push-receiver.ts";
import type { PushReceiver, Taken } from "@/lib/testing/push-receiver.ts";
import { ackChanges, pushFeed, readChanges } from "./index.ts";

let t: PushReceiver;
beforeAll(async () => {
  t = await openPushReceiver();
});
beforeEach(() => t.begin());
afterAll(() => t.close());

test("a payment is pushed by itself: signed, with the login of 1C; the answer's document makes it «Учтено в 1С»", async () => {
  const base = await t.aPushedBase();
  const { orderId } = await base.order();
  const { factId } = await cardMoney(t, orderId, 663_100n, base.bankId);
  await t.runPushes();
  expect(t.taken).toHaveLength(1);
  const [{ headers, body, event, path }] = t.taken as [Taken];
  expect(path).toBe("/hs/kopeyka/events");
  expect(event.key).toBe(`payment:${factId}`);
  expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(Buffer.from(headers.authorization!.slice(6), "base64").toString("utf8")).toBe("site:пароль");
  const expected = createHmac("sha256", Buffer.from(base.pushSecret.slice(6), "base64")).update(`${headers["webhook-id"] as string}.${headers["webhook-timestamp"] as string}.${body}`).digest("base64");
  expect(headers["webhook-signature"]).toBe(`v1,${expected}`);
  expect(await t.exportOf(orderId)).toEqual({ state: "confirmed", onecDocumentNumber: "УТ00-000077" });
  expect(t.hints).toContain(orderId);
  // What was pushed is acknowledged: who fetches beside it gets nothing twice.
  expect((await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 })).items).toEqual([]);
  const log = await t.ctx.database.sql<{ request: string; outcome: string }[]>`select request, outcome from exchange_log where order_id = ${orderId}`;
  expect([...log]).toMatchObject([{ outcome: "taken", request: expect.stringContaining(`payment:${factId}`) as string }]);
  expect(JSON.stringify(log)).not.toContain("пароль");
});

test("2.7: events of one order go one after another, also after a failure; other orders do not wait", async () => {
  const base = await t.aPushedBase();
  const [one, two] = [await base.order(), await base.order()];
  const a = await cardMoney(t, one.orderId, 100_000n, base.bankId);
  const b = await cardMoney(t, one.orderId, 200_000n, base.bankId);
  const c = await cardMoney(t, two.orderId, 663_100n, base.bankId);
  t.answer = ({ event }) => (event.key === `payment:${a.factId}` ? { status: 500, body: "" } : { status: 200, body: '{"ok":true}' });
  await t.runPushes();
  expect(t.taken.map(({ event }) => event.key).toSorted()).toEqual([`payment:${a.factId}`, `payment:${c.factId}`].toSorted());
  expect(await base.rows()).toMatchObject([{ pushState: "waiting", pushTries: 1, pushNote: "HTTP-сервис 1С ответил кодом 500" }, { pushState: "waiting", pushTries: 0 }, { pushState: "delivered" }]);
  t.answer = () => ({ status: 200, body: '{"ok":true}' });
  t.clock.advance(MINUTE_MS);
  await sweep(t.ctx);
  await t.runPushes();
  expect(t.taken.slice(2).map(({ event }) => event.key)).toEqual([`payment:${a.factId}`, `payment:${b.factId}`]);
  // The same message keeps its id, so that 1C can tell.
  expect(new Set(t.taken.filter(({ event }) => event.key === `payment:${a.factId}`).map(({ headers }) => headers["webhook-id"])).size).toBe(1);
});

test.each(["onec", "shop"] as const)("2.7, NUM-08: a process that dies between the answer of the receiver (%s) and its record sends the same event again under the same id and key: one document there, told once here", async (kind) => {
  const base = await t.aPushedBase(kind);
  const { orderId } = await base.order();
  const { factId } = await cardMoney(t, orderId, 663_100n, base.bankId);
  const { sql } = t.ctx.database;
  // The receiver books by key, as our kit does; the record of its first answer never comes to be.
  const documents = new Map<string, string>();
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let holding: Promise<unknown> | undefined;
  t.answer = ({ event }) => {
    if (!documents.has(event.key)) documents.set(event.key, `УТ00-${documents.size + 1}`);
    holding ??= sql.begin(async (tx) => {
      await tx`select 1 from feed_cursors where connection_id = ${base.connectionId} for update`;
      await held;
    });
    return { status: 200, body: `{"ok":true,"number":"${documents.get(event.key)!}"}`, waitMs: 200 };
  };
  const dying = pushFeed(t.ctx, base.connectionId).then(() => "recorded", () => "died");
  await expect.poll(async () => sql`
    select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%from feed_cursors where%for update%'`.then((rows) => rows.length), { timeout: 10_000, interval: 20 }).toBe(1);
  expect(await dying).toBe("died");
  release();
  await holding;
  expect(await base.rows()).toMatchObject([{ pushState: "waiting", pushTries: 0 }]);
  // As long as the dead one may still be at it, nobody else sends.
  await pushFeed(t.ctx, base.connectionId);
  expect(t.toldOf(orderId)).toHaveLength(1);
  t.clock.advance(MINUTE_MS);
  await sweep(t.ctx);
  await t.runPushes();
  expect(t.toldOf(orderId)).toEqual([`payment:${factId}`, `payment:${factId}`]);
  expect(new Set(t.taken.filter(({ event }) => event.order?.siteId === orderId).map(({ headers, event }) => `${headers["webhook-id"] as string} ${event.key}`)).size).toBe(1);
  expect([...documents]).toEqual([[`payment:${factId}`, "УТ00-1"]]);
  expect(await base.rows()).toMatchObject([{ pushState: "delivered", pushTries: 1 }]);
  if (kind === "onec") expect(await t.exportOf(orderId)).toEqual({ state: "confirmed", onecDocumentNumber: "УТ00-1" });
});

test("ok only by the rules: an HTML page with 200, a 200 without ok, a redirect count as not taken", async () => {
  const base = await t.aPushedBase();
  const { orderId } = await base.order();
  await cardMoney(t, orderId, 663_100n, base.bankId);
  for (const said of [{ status: 200, body: "<html>1C</html>" }, { status: 200, body: '{"result":"success"}' }, { status: 302, body: '{"ok":true}' }, { status: 401, body: "" }]) {
    t.answer = () => said;
    await pushFeed(t.ctx, base.connectionId);
    expect(await t.exportOf(orderId)).toMatchObject({ state: "pending" });
    t.clock.advance(15 * MINUTE_MS);
  }
  expect(await base.rows()).toMatchObject([{ pushNote: "HTTP-сервис 1С не принял логин или пароль (код 401)" }]);
});

test("many jobs at once: each event is sent once, no more than four calls at a time at one 1C", async () => {
  const base = await t.aPushedBase();
  for (let i = 0; i < 10; i++) await cardMoney(t, (await base.order()).orderId, 663_100n, base.bankId);
  t.answer = () => ({ status: 200, body: '{"ok":true}', waitMs: 40 });
  await Promise.all(Array.from({ length: 6 }, () => pushFeed(t.ctx, base.connectionId)));
  await pushFeed(t.ctx, base.connectionId);
  expect(t.taken).toHaveLength(10);
  expect(new Set(t.taken.map(({ event }) => event.key)).size).toBe(10);
  expect(t.atOnceMax).toBeGreaterThan(1);
  expect(t.atOnceMax).toBeLessThanOrEqual(4);
});

test("pull beside push: an acknowledged event is not pushed any more", async () => {
  const base = await t.aPushedBase();
  const { orderId } = await base.order();
  await cardMoney(t, orderId, 663_100n, base.bankId);
  const page = await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 });
  await ackChanges(t.ctx, base.connectionId, { cursor: page.cursor });
  await t.runPushes();
  expect(t.taken).toEqual([]);
  expect(await base.rows()).toMatchObject([{ pushState: "delivered" }]);
});
