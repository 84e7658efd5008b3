/** УТ and Розница side by side for days, each over HTTP with its own user, cursor, table of pay methods and health. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { watchAlerts } from "@/lib/alerts/index.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { baseHealth } from "@/lib/onec/index.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openExchangeDoor } from "@/lib/testing/exchange-door.ts";
import { aOnecBase, aStore } from "@/lib/testing/factories.ts";
import { openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { startSandbox } from "@/lib/testing/sandbox.ts";
import type { TestSandbox } from "@/lib/testing/sandbox.ts";

let t: MoneyWorld;
let door: Awaited<ReturnType<typeof openExchangeDoor>>;
let ut: TestSandbox;
let retail: TestSandbox;
let retailId: string;
beforeAll(async () => {
  t = await openMoneyWorld();
  [retail, door] = await Promise.all([startSandbox(), openExchangeDoor(t.ctx)]);
  ut = t.sandbox;
  const { storeId } = await aStore(t, { sellerOrgId: t.shop.sellerOrgId, name: "Магазин на Садовой" });
  ({ connectionId: retailId } = await aOnecBase(t, { storeId, login: "Розница", settings: { methodNames: { card: { id: "12", name: "Эквайринг Сбербанк" } } } }));
  await ut.control("onec/settings", { exchangeUrl: door.url, login: "1c", password: "secret" });
  await retail.control("onec/settings", { exchangeUrl: door.url, login: "Розница", password: "secret", methods: [{ code: "12", name: "Эквайринг Сбербанк", acquirer: "Сбербанк" }] });
});
afterAll(async () => {
  await door.close();
  await retail.stop();
  await t.close();
});

type Report = { ok: boolean; error: string | null; loaded: { created: string[]; booked: { order: string; sum: string; method: string }[]; damaged: unknown[]; warnings: string[] } | null };
const exchange = (side: TestSandbox) => side.control<Report>("onec/exchange");
const inOnec = (side: TestSandbox, siteNumber: string, given: Record<string, unknown>) => side.control("onec/orders", { siteNumber, ...given });
const lines = (price: string) => [{ article: "A-1", name: "Чайник", price, quantity: "1", vat: "22", kind: "Товар" }];
const viewer = { storeId: null, seesBuyers: true } as Parameters<typeof readOrderPage>[1];
const orderOf = async (connectionId: string, number: string) => (await t.ctx.database.sql<{ id: string; totalKopecks: bigint }[]>`select id, total_kopecks from orders where onec_connection_id = ${connectionId} and number = ${number}`)[0]!;
const shown = async (orderId: string) => (await readOrderPage(t.ctx, viewer, orderId))!.exports.map((each) => each.byHand ?? each.state);
const health = async (connectionId: string) => (await baseHealth(t.ctx)).find((base) => base.connectionId === connectionId)!;
const silent = async () => (await t.ctx.database.sql<{ objectKey: string }[]>`select object_key from alerts where code = 'ALR-12' and state <> 'resolved' order by object_key`).map((alert) => alert.objectKey);
const hours = async (count: number) => {
  await t.advance(count * 3_600);
  await retail.control("clock", { shiftSeconds: count * 3_600 });
};

test("two bases over three days: orders of one number are two orders, money goes to its own base by its own names, one base's silence is not the other's", async () => {
  await inOnec(ut, "N-1", { kind: "person", lines: lines("1000.00") });
  await inOnec(retail, "N-1", { kind: "person", lines: lines("2500.00") });
  await inOnec(retail, "N-2", { kind: "person", lines: lines("300.00") });
  for (const side of [ut, retail]) expect(await exchange(side)).toMatchObject({ ok: true, error: null });
  const [inUt, inRetail, second] = [await orderOf(t.shop.onecId, "N-1"), await orderOf(retailId, "N-1"), await orderOf(retailId, "N-2")];
  expect([inUt.totalKopecks, inRetail.totalKopecks]).toEqual([100_000n, 250_000n]);

  // The first day: only Розница is owed something.
  await cardMoney(t, inRetail.id, 250_000n, t.acquirer.connectionId);
  expect((await exchange(ut)).loaded).toMatchObject({ created: [], booked: [] });
  expect((await exchange(retail)).loaded).toMatchObject({ damaged: [], warnings: [], booked: [{ order: "N-1", sum: "250000", method: "Эквайринг Сбербанк" }] });
  await exchange(retail);
  expect([await shown(inRetail.id), await shown(inUt.id)]).toEqual([["confirmed"], []]);

  // The second day УТ is silent; Розница goes on. СБП is missing in its table: it takes the payment and does not book it.
  await cardMoney(t, inUt.id, 100_000n, t.acquirer.connectionId);
  await hours(26);
  await cardMoney(t, second.id, 30_000n, t.acquirer.connectionId, "sbp");
  // A day without word: the first exchange only brings changes (LOST-16).
  for (let times = 0; times < 2; times++) await exchange(retail);
  await watchAlerts(t.ctx);
  expect(await silent()).toEqual([`connection:${t.shop.onecId}`, `connection:${t.shop.onecId}:day`]);
  expect([await health(t.shop.onecId), await health(retailId)]).toMatchObject([{ queueOut: 1, unconfirmed: 0 }, { queueOut: 0, unconfirmed: 1 }]);
  expect(await shown(second.id)).toEqual(["delivered"]);
  await exchange(retail);
  // It came back without a payment number: that is told, and by hand.
  expect(await shown(second.id)).toEqual(["skipped"]);
  await inOnec(retail, "N-2", { bankPayment: { number: "РЗ00-000077" } });
  await exchange(retail);
  expect(await shown(second.id)).toEqual(["confirmed"]);

  // The third day УТ is back: changes first, then its money, once.
  expect((await exchange(ut)).loaded).toMatchObject({ booked: [] });
  expect((await exchange(ut)).loaded).toMatchObject({ damaged: [], booked: [{ order: "N-1", sum: "100000", method: "Банковская карта" }] });
  for (const side of [ut, retail]) for (let times = 0; times < 2; times++) expect((await exchange(side)).loaded).toMatchObject({ booked: [] });
  expect([await shown(inUt.id), await shown(inRetail.id), await shown(second.id)]).toEqual([["confirmed"], ["confirmed"], ["confirmed"]]);
  await watchAlerts(t.ctx);
  expect(await silent()).toEqual([]);
  expect((await checkInvariants(t.ctx)).filter((each) => each.count > 0)).toEqual([]);
}, 60_000);
