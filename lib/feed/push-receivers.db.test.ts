/** Receivers of push that are away, switched off, moved or new: nothing is lost, and a shop's patience ends (json-api.md 5). */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sweep } from "@/lib/janitor/sweep.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "@/lib/kit/time.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { forgetConnections } from "@/lib/testing/fresh-connections.ts";
import { openPushReceiver } from "@/lib/testing/push-receiver.ts";
import type { PushReceiver, PushedBase } from "@/lib/testing/push-receiver.ts";
import { pushFeed, readChanges, resendEvent } from "./index.ts";

let t: PushReceiver;
beforeAll(async () => {
  t = await openPushReceiver();
});
beforeEach(() => t.begin());
afterAll(() => t.close());

test("a receiver that is away: 1, 2, 5, 15 minutes and every 15 without end, an alert at the third try, nothing lost; its return ends it", async () => {
  const base = await t.aPushedBase();
  const { orderId } = await base.order();
  await cardMoney(t, orderId, 663_100n, base.bankId);
  t.answer = () => null;
  const started = t.ctx.now().getTime();
  const tries: number[] = [];
  while (t.ctx.now().getTime() < started + 80 * MINUTE_MS) {
    const before = t.taken.length;
    await pushFeed(t.ctx, base.connectionId);
    if (t.taken.length > before) tries.push((t.ctx.now().getTime() - started) / MINUTE_MS);
    t.clock.advance(MINUTE_MS);
  }
  expect(tries).toEqual([0, 1, 3, 8, 23, 38, 53, 68]);
  const alerts = async () => [...(await t.ctx.database.sql`select code, severity, state from alerts where object_key = ${`connection:${base.connectionId}:push`}`)];
  expect(await alerts()).toEqual([{ code: "ALR-13", severity: "P2", state: "firing" }]);
  expect(await t.exportOf(orderId)).toMatchObject({ state: "pending" });
  t.answer = () => ({ status: 200, body: '\uFEFF{"ok": true}' });
  t.clock.advance(15 * MINUTE_MS);
  await pushFeed(t.ctx, base.connectionId);
  expect(await t.exportOf(orderId)).toMatchObject({ state: "confirmed" });
  expect(await alerts()).toMatchObject([{ state: "resolved" }]);
});

test("a shop: any 2xx is a yes; after three days the tries end with an urgent alert and a person sends it again under the same id", async () => {
  const shop = await t.aPushedBase("shop");
  const { orderId } = await shop.order();
  await cardMoney(t, orderId, 663_100n, shop.bankId);
  t.answer = () => ({ status: 503, body: "" });
  for (let i = 0; i < 4; i++) {
    await pushFeed(t.ctx, shop.connectionId);
    t.clock.advance(DAY_MS);
  }
  expect(await shop.rows()).toMatchObject([{ pushState: "stopped", pushNote: "Сайт магазина ответил кодом 503" }]);
  await pushFeed(t.ctx, shop.connectionId);
  const count = t.taken.length;
  const { id } = (await shop.rows())[0]!;
  const manager = await aStaff(t, { role: "manager" });
  await expect(resendEvent(manager.ctx, id)).rejects.toMatchObject({ code: "forbidden" });
  const director = await aStaff(t, { role: "director" });
  t.answer = () => ({ status: 204, body: "" });
  await resendEvent(director.ctx, id);
  await t.runPushes();
  expect(t.taken).toHaveLength(count + 1);
  expect(t.taken.at(-1)!.headers["webhook-id"]).toBe(id);
  expect(await shop.rows()).toMatchObject([{ pushState: "delivered" }]);
  // Also one with the whole page of a site under it; a redirect is followed by nobody.
  const [plain, moved] = [await shop.order(), await shop.order()];
  for (const order of [plain, moved]) await cardMoney(t, order.orderId, 663_100n, shop.bankId);
  t.answer = ({ event }) => (event.order?.siteId === plain.orderId ? { status: 200, body: "<html>".repeat(200_000) } : { status: 301, body: "" });
  await pushFeed(t.ctx, shop.connectionId);
  expect((await shop.rows()).map(({ pushState, pushNote }) => [pushState, pushNote]).slice(1)).toEqual([["delivered", null], ["waiting", "Сайт магазина ответил кодом 301"]]);
  expect([...(await t.ctx.database.sql`select action from audit_log where object_id = ${id}`)]).toEqual([{ action: "feed.resent" }]);
});

test("a shop's patience begins anew when its receiver is back: switched off for days, or away longer than a day; three days of tries are three days of tries", async () => {
  const { sql } = t.ctx.database;
  const turn = async (connectionId: string, enabled: boolean) => {
    await sql`update connections set enabled = ${enabled} where id = ${connectionId}`;
    forgetConnections();
  };
  const states = async (shop: PushedBase) => (await shop.rows()).map((row) => row.pushState);
  t.answer = () => ({ status: 503, body: "" });
  // Tried, then switched off for five days.
  const off = await t.aPushedBase("shop");
  await cardMoney(t, (await off.order()).orderId, 663_100n, off.bankId);
  await pushFeed(t.ctx, off.connectionId);
  await turn(off.connectionId, false);
  await cardMoney(t, (await off.order()).orderId, 663_100n, off.bankId);
  for (let day = 0; day < 5; day++) {
    t.clock.advance(DAY_MS);
    await sweep(t.ctx);
  }
  await turn(off.connectionId, true);
  for (const expected of ["waiting", "waiting", "waiting", "stopped"]) {
    await pushFeed(t.ctx, off.connectionId);
    expect(await states(off)).toEqual([expected, expected]);
    t.clock.advance(DAY_MS);
  }
  // Away for three days less an hour: one order's news went through on its return, the other's still has three days.
  const away = await t.aPushedBase("shop");
  const [one, two] = [await away.order(), await away.order()];
  for (const { orderId } of [one, two]) await cardMoney(t, orderId, 663_100n, away.bankId);
  await pushFeed(t.ctx, away.connectionId);
  t.clock.advance(3 * DAY_MS - HOUR_MS);
  t.answer = ({ event }) => ({ status: event.order?.siteId === two.orderId ? 200 : 503, body: "" });
  await pushFeed(t.ctx, away.connectionId);
  t.clock.advance(HOUR_MS);
  await pushFeed(t.ctx, away.connectionId);
  expect(await states(away)).toEqual(["waiting", "delivered"]);
  // Others' successes do not keep one that never goes through alive for ever, however seldom they are.
  for (const expected of ["waiting", "waiting", "stopped"]) {
    t.clock.advance(25 * HOUR_MS);
    const next = await away.order();
    await cardMoney(t, next.orderId, 663_100n, away.bankId);
    t.answer = ({ event }) => ({ status: event.order?.siteId === next.orderId ? 200 : 503, body: "" });
    await pushFeed(t.ctx, away.connectionId);
    expect((await states(away))[0]).toBe(expected);
  }
});

test("an address that was taken away: what waited is fetched instead; one that was given later is told all that was not fetched", async () => {
  const base = await t.aPushedBase();
  const { orderId } = await base.order();
  const { factId } = await cardMoney(t, orderId, 663_100n, base.bankId);
  const { sql } = t.ctx.database;
  const [{ push } = {}] = await sql<{ push: string }[]>`select settings ->> 'push' as push from connections where id = ${base.connectionId}`;
  await sql`update connections set settings = settings - 'push' where id = ${base.connectionId}`;
  forgetConnections();
  await pushFeed(t.ctx, base.connectionId);
  await sweep(t.ctx);
  await t.runPushes();
  expect(t.toldOf(orderId)).toEqual([]);
  expect(await base.rows()).toMatchObject([{ pushState: "none" }]);
  expect((await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 })).items).toMatchObject([{ order: { siteId: orderId } }]);
  await sql`update connections set settings = settings || jsonb_build_object('push', ${push!}::text::jsonb) where id = ${base.connectionId}`;
  forgetConnections();
  await sweep(t.ctx);
  await t.runPushes();
  expect(t.toldOf(orderId)).toEqual([`payment:${factId}`]);
  expect(await t.exportOf(orderId)).toMatchObject({ state: "confirmed" });
});

test.each(["onec", "shop"] as const)("a receiver (%s) that was switched off for a while gets what happened before and meanwhile", async (kind) => {
  const base = await t.aPushedBase(kind);
  const { sql } = t.ctx.database;
  const [before, meanwhile] = [await base.order(), await base.order()];
  const first = await cardMoney(t, before.orderId, 663_100n, base.bankId);
  await sql`update connections set enabled = false where id = ${base.connectionId}`;
  forgetConnections();
  const second = await cardMoney(t, meanwhile.orderId, 663_100n, base.bankId);
  await sweep(t.ctx);
  await t.runPushes();
  expect([...t.toldOf(before.orderId), ...t.toldOf(meanwhile.orderId)]).toEqual([]);
  await sql`update connections set enabled = true where id = ${base.connectionId}`;
  forgetConnections();
  await sweep(t.ctx);
  await t.runPushes();
  expect(t.toldOf(before.orderId)).toEqual([`payment:${first.factId}`]);
  expect(t.toldOf(meanwhile.orderId)).toEqual([`payment:${second.factId}`]);
});
