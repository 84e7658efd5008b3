import { afterAll, beforeAll, expect, test } from "vitest";
import type { Viewer } from "@/lib/auth/scope.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, aStore, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { readOverview, readTakingsByDay } from "./overview.ts";
import { periodOf } from "./period.ts";
import { currentWorld } from "./world.ts";

let t: TestContext;
let shop: TestShop;
let otherStoreId: string;
const everything: Viewer = { role: "director", storeId: null, seesBuyers: true, seesRaw: true };
const scope = { viewer: everything, isTest: true };
const order = (given: Partial<Parameters<typeof anOrder>[1]> = {}) => anOrder(t, { sellerOrgId: shop.sellerOrgId, storeId: shop.storeId, onecId: shop.onecId, ...given });
const at = (text: string) => new Date(`2026-11-${text}Z`);

/** Noon of 21 November in Moscow. A small ledger over two days, two stores, three methods, both worlds. */
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
  otherStoreId = (await aStore(t, { sellerOrgId: shop.sellerOrgId, name: "Другой" })).storeId;
  const [a, b, c] = [await order(), await order(), await order({ storeId: otherStoreId })];
  await putMoney(t, { orderId: a.orderId, kopecks: 663_100n, method: "card", at: at("21T08:00:00"), fiscalOwner: "site", announced: true });
  await putMoney(t, { orderId: b.orderId, kopecks: 200_000n, method: "sbp", at: at("20T21:30:00") });
  await putMoney(t, { orderId: c.orderId, kopecks: 663_100n, method: "bank_transfer", at: at("21T07:00:00") });
  // Yesterday, before and after the same minute; and given back today.
  await putMoney(t, { orderId: b.orderId, kopecks: 100_000n, method: "card", at: at("20T08:59:00") });
  await putMoney(t, { orderId: b.orderId, kopecks: 50_000n, method: "card", at: at("20T12:00:00") });
  await putMoney(t, { orderId: a.orderId, kopecks: 13_100n, kind: "refund_succeeded", at: at("21T08:30:00") });
  await putMoney(t, { orderId: a.orderId, kopecks: 1_000n, kind: "refund_reversed", at: at("21T08:40:00") });
  // Unpaid, late and cancelled.
  const late = await order({ payerKind: "organization" });
  await t.ctx.database.sql`update orders set due_date = '2026-11-16' where id = ${late.orderId}`;
  await order({ lifecycle: "cancelled" });
  await order({ isPosted: false });
  // The other world has its own.
  const live = await order({ isTest: false, onecId: null });
  await putMoney(t, { orderId: live.orderId, kopecks: 500_000n });
});
afterAll(() => t.close());

test("6.2 Turnover: takings by method on the shop's business day, refunds on their own day", async () => {
  const figures = await readOverview(t.ctx, scope, periodOf("today", t.ctx.now(), t.ctx.zone));
  expect(figures.takings.byGroup).toEqual({ card: 663_100n, sbp: 200_000n, invoice: 663_100n, other: 0n });
  expect(figures.takings.totalKopecks).toBe(1_526_200n);
  expect(figures.returnedKopecks).toBe(12_100n);
  expect(figures.previousTakings.totalKopecks).toBe(100_000n);
  const yesterday = await readOverview(t.ctx, scope, periodOf("yesterday", t.ctx.now(), t.ctx.zone));
  expect(yesterday.takings).toMatchObject({ totalKopecks: 150_000n, count: 2n });
});

test("A1: what stands open: due, overdue, receipts in trouble, not booked in 1C", async () => {
  const figures = await readOverview(t.ctx, scope, periodOf("today", t.ctx.now(), t.ctx.zone));
  // Order a owes the 121.00 given back, b 3 131.00 of its 6 631.00, the late one all; neither cancelled nor unposted ones owe.
  expect(figures.waiting).toEqual({ kopecks: 12_100n + 313_100n + 663_100n, orders: 3n });
  expect(figures.overdue).toEqual({ kopecks: 663_100n, orders: 1n, buyers: 1n });
  expect(figures.notInOnec).toEqual({ kopecks: 663_100n, count: 1n });
  expect(figures.receiptTrouble).toEqual({ kopecks: 663_100n, count: 1n });
});

test("A1: a manager sees their own store only (domain 8.4)", async () => {
  const own = { viewer: { ...everything, role: "manager" as const, storeId: otherStoreId }, isTest: true };
  const figures = await readOverview(t.ctx, own, periodOf("today", t.ctx.now(), t.ctx.zone));
  expect(figures.takings).toMatchObject({ totalKopecks: 663_100n, count: 1n });
  expect(figures.waiting.orders).toBe(0n);
});

test("PAY-03: each world shows its own money and none of the other", async () => {
  const figures = await readOverview(t.ctx, { viewer: everything, isTest: false }, periodOf("30", t.ctx.now(), t.ctx.zone));
  expect(figures.takings).toMatchObject({ totalKopecks: 500_000n, count: 1n });
});

test("A1: links of the period: fulfilled of made, replaced ones do not count", async () => {
  const { links } = await readOverview(t.ctx, scope, periodOf("today", t.ctx.now(), t.ctx.zone));
  const [row] = await t.ctx.database.sql<{ made: bigint; paid: bigint }[]>`
    select count(*) as made, count(*) filter (where l.state = 'fulfilled') as paid from payment_links l join orders o on o.id = l.order_id where o.is_test and l.state in ('active', 'fulfilled', 'expired')`;
  expect(links).toEqual(row);
  expect(links.paid).toBeGreaterThan(0n);
  await t.ctx.database.sql`update payment_links set state = 'superseded' where id = (select l.id from payment_links l join orders o on o.id = l.order_id where o.is_test and l.state = 'active' limit 1)`;
  const after = await readOverview(t.ctx, scope, periodOf("today", t.ctx.now(), t.ctx.zone));
  expect(after.links.made).toBe(links.made - 1n);
});

test("A1: the chart has every day of the week, empty ones too, and agrees with the tile", async () => {
  const days = await readTakingsByDay(t.ctx, scope, periodOf("today", t.ctx.now(), t.ctx.zone));
  expect(days.map((day) => day.day)).toEqual(["2026-11-15", "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"]);
  expect(days.at(-1)).toMatchObject({ totalKopecks: 1_526_200n, byGroup: { sbp: 200_000n } });
  expect(days.at(-2)!.totalKopecks).toBe(150_000n);
  expect(days[0]!.totalKopecks).toBe(0n);
});

test("PIL-03: the live world opens with the first live bank", async () => {
  expect(await currentWorld(t.ctx)).toBe("test");
  const { connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId, environment: "live" });
  expect(await currentWorld(t.ctx)).toBe("live");
  await t.ctx.database.sql`update connections set enabled = false where id = ${connectionId}`;
  expect(await currentWorld(t.ctx)).toBe("test");
});
