import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { addMs } from "@/lib/kit/time.ts";
import { renewLink } from "@/lib/payments/index.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import type { MadeOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { readPayPage, readPayStamp } from "./pay-page-query.ts";
import { countMiss, mayAct, missKeyOf } from "./pay-throttle.ts";

let t: TestContext;
let shop: TestShop;
let acquirerId: string;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
  acquirerId = (await anAcquirer(t, { sellerOrgId: shop.sellerOrgId })).connectionId;
});
afterAll(() => t.close());

const make = (): Promise<MadeOrder> => anOrder(t, { ...shop, onecId: shop.onecId });
const page = (token: string) => readPayPage(t.ctx, { payToken: token }, null);
const stamp = async (token: string) => (await readPayStamp(t.ctx, { payToken: token }))!.stamp;

test("one answer holds the order, its seller, lines with exact sums and the acquirer of its world", async () => {
  const order = await make();
  const row = (await page(order.link!.token))!;
  expect(row.order).toMatchObject({ orderId: order.orderId, number: order.number, totalKopecks: 663_100n, paymentStatus: "not_paid", isTest: true, dueDate: null });
  expect(row.order.orderDate).toEqual(t.clock.now());
  expect(row.lines.map((line) => line.sumKopecks)).toEqual([499_000n, 129_100n, 35_000n]);
  expect(row.link).toMatchObject({ state: "active", amountKopecks: 663_100n, validUntil: order.link!.validUntil });
  expect(row.active).toEqual({ linkId: order.link!.linkId, token: order.link!.token, validUntil: order.link!.validUntil });
  expect([row.acquirer, row.attempt, row.payment, row.receipt, row.invoice, row.company]).toEqual([{ isDown: false }, null, null, null, null, null]);
});

test("LOST-27: a live acquirer is no method of a test order", async () => {
  const shop2 = await aShop(t);
  await anAcquirer(t, { sellerOrgId: shop2.sellerOrgId, environment: "live" });
  const order = await anOrder(t, { ...shop2, onecId: shop2.onecId });
  expect((await page(order.link!.token))!.acquirer).toBeNull();
});

test("an unknown token is nobody's", async () => {
  expect(await page("nobody")).toBeNull();
  expect(await readPayStamp(t.ctx, { payToken: "nobody" })).toBeNull();
});

test("an old link still leads to its order, and names the link that may be paid", async () => {
  const order = await make();
  await t.ctx.database.sql`update orders set total_kopecks = 700000 where id = ${order.orderId}`;
  const renewed = await renewLink(t.ctx, order.orderId);
  const row = (await page(order.link!.token))!;
  expect([row.link!.state, row.active!.linkId]).toEqual(["superseded", renewed!.linkId]);
  t.clock.set(addMs(renewed!.validUntil, 1));
  expect((await page(order.link!.token))!.active).toBeNull();
  t.clock.set("2026-11-21T09:00:00Z");
});

test("ux 6.1: the acquirer is down while its credentials are refused or an alert about it is open", async () => {
  const order = await make();
  const isDown = async () => (await page(order.link!.token))!.acquirer!.isDown;
  const { sql } = t.ctx.database;
  await sql`update connections set blocked_reason = 'login' where id = ${acquirerId}`;
  expect(await isDown()).toBe(true);
  await sql`update connections set blocked_reason = null where id = ${acquirerId}`;
  expect(await isDown()).toBe(false);
  await sql`insert into alerts (id, code, object_key, severity, state, title, advice, detail, first_at, last_at)
    values (${newId()}, 'ALR-01', ${`connection:${acquirerId}`}, 'P1', 'firing', 'не отвечает', '', '{}', ${t.clock.now()}, ${t.clock.now()})`;
  expect(await isDown()).toBe(true);
  await sql`update alerts set state = 'resolved'`;
  expect(await isDown()).toBe(false);
});

test("the stamp changes with everything the page shows and with nothing else", async () => {
  const order = await make();
  const token = order.link!.token;
  const { sql } = t.ctx.database;
  const seen = new Set([await stamp(token)]);
  expect((await page(token))!.stamp).toBe(await stamp(token));
  await sql`update orders set comment = 'x', updated_at = now() where id = ${order.orderId}`;
  expect(seen).toContain(await stamp(token));
  const changes = [
    () => sql`update orders set payment_status = 'paid', captured_kopecks = 663100 where id = ${order.orderId}`,
    () => sql`update orders set lifecycle = 'shipped', onec_shipment_at = now() where id = ${order.orderId}`,
    () => sql`update orders set onec_payment_number = '7' where id = ${order.orderId}`,
    () => sql`update payment_links set state = 'expired' where order_id = ${order.orderId}`,
    () => sql`insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, is_test, created_at)
      values (${newId()}, ${order.orderId}, ${acquirerId}, 'paykeeper', 'card', ${`r${newId()}`}, 1, 1, 'p', 'c', 'created', 'f', true, now())`,
    () => sql`update payment_attempts set state = 'pending' where order_id = ${order.orderId}`,
    () => sql`insert into receipts (id, order_id, purpose, kind, state, total_kopecks, due_at, planned_at, is_test) values (${newId()}, ${order.orderId}, 'prepayment', 'income', 'planned', 1, now(), now(), true)`,
  ];
  for (const change of changes) {
    await change();
    const now = await stamp(token);
    expect(seen).not.toContain(now);
    seen.add(now);
  }
});

test("SEC-11: wrong links are counted per address, forms per link", async () => {
  const order = await make();
  const misses = async (ip: string) => (await readPayPage(t.ctx, { payToken: order.link!.token }, missKeyOf(ip)))!.misses;
  t.clock.set(new Date());
  for (let i = 0; i < 3; i++) await countMiss(t.ctx, "203.0.113.7");
  expect(await misses("203.0.113.7")).toBe(3);
  expect(await misses("203.0.113.8")).toBe(0);
  const answers = [];
  for (let i = 0; i < 41; i++) answers.push(await mayAct(t.ctx, order.link!.token));
  expect(answers.slice(0, 40).every(Boolean)).toBe(true);
  expect(answers[40]).toBe(false);
  expect(await mayAct(t.ctx, "another-token")).toBe(true);
  t.clock.set("2026-11-21T09:00:00Z");
});
