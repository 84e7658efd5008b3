/** The shop door with a shop, a bank and a 1C that know nothing of our code: bought, paid, told once, gone to 1C. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { watchFeed, wakePushes } from "@/lib/feed/index.ts";
import { returnLink, shopRoute } from "@/lib/shops/index.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { openExchangeDoor } from "@/lib/testing/exchange-door.ts";
import { openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { openDoor } from "@/lib/testing/open-door.ts";
import type { OpenDoor } from "@/lib/testing/open-door.ts";

let t: MoneyWorld;
let door: OpenDoor;
let exchange: OpenDoor;
let shopId: string;
beforeAll(async () => {
  t = await openMoneyWorld();
  door = await openDoor((request) => shopRoute(t.ctx, request));
  exchange = await openExchangeDoor(t.ctx);
  const { apiKey, signingSecret, webhookUrl, returnUrl } = t.sandbox.credentials.shop;
  ({ connectionId: shopId } = await createConnection(t.ctx, {
    kind: "shop", provider: "shop", name: "Маяк", sellerOrgId: null, storeId: t.shop.storeId, environment: "test",
    settings: { onecConnectionId: t.shop.onecId, returnUrls: [returnUrl], push: { url: webhookUrl } }, secret: { apiKey, pushSecret: signingSecret },
  }));
  await t.sandbox.control("shop/settings", { apiUrl: door.url });
  await t.sandbox.control("onec/settings", { exchangeUrl: exchange.url, login: "1c", password: "secret" });
});
afterAll(async () => {
  await exchange.close();
  await door.close();
  await t.close();
});
beforeEach(() => t.disarmFaults());

type ShopOrder = { id: string; number: string; orderId: string; payUrl: string; paid: boolean; paidBy: string };
type Hook = { id: string; type: string; orderId: string; status: number | null; outcome: string; why: string };
const state = () => t.sandbox.read<{ orders: ShopOrder[]; hooks: Hook[] }>("shop/state");
const hooksOf = async (order: ShopOrder) => (await state()).hooks.filter((hook) => hook.orderId === order.orderId && hook.type === "payment.succeeded");
const bought = () => t.sandbox.control<ShopOrder>("shop/buy");

/** The buyer pays by card, and everything that is owed because of it is done, pushes until now included. */
async function pay(order: ShopOrder): Promise<void> {
  const [link] = await t.ctx.database.sql<{ linkId: string; amountKopecks: bigint; token: string }[]>`select id as link_id, amount_kopecks, token from payment_links where order_id = ${order.orderId} and state = 'active'`;
  const { attemptId } = await t.pay({ orderId: order.orderId, number: order.number, totalKopecks: link!.amountKopecks, link: link as never }, "card");
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  await drainJobs(t);
}
const wake = async () => {
  await inTransaction(t.ctx, (tx) => wakePushes(t.ctx, tx));
  await drainJobs(t, { only: ["feed.push"] });
};

test("bought in the shop, paid by card: one webhook with a good signature, a signed way back, the order goes to 1C as a new one with its payment", async () => {
  const order = await bought();
  expect(order).toMatchObject({ number: expect.stringMatching(/^М-\d+$/), orderId: expect.any(String), payUrl: expect.stringContaining("/pay/") });
  await pay(order);
  expect(await hooksOf(order)).toMatchObject([{ status: 200, outcome: "booked" }]);
  expect((await state()).orders.find((each) => each.id === order.id)).toMatchObject({ paid: true, paidBy: "webhook" });

  const back = await returnLink(t.ctx, { connectionId: shopId, returnUrl: `${t.sandbox.credentials.shop.returnUrl}?order=${order.id}` }, { orderId: order.orderId, number: order.number, status: "paid", paidKopecks: 534_000n });
  expect(await (await fetch(back!)).text()).toMatch(/Подпись возврата: <span class="badge ok">верна/);
  expect(await (await fetch(back!.replace("kp_amount=5340.00", "kp_amount=1.00"))).text()).toMatch(/подпись не сошлась/);

  const run = await t.sandbox.control<{ ok: boolean; loaded: { created: string[]; booked: { order: string; sum: string }[] } }>("onec/exchange");
  expect(run).toMatchObject({ ok: true, loaded: { created: [order.number], booked: [{ order: order.number, sum: "534000" }] } });
  await t.sandbox.control("onec/exchange");
  expect(await t.ctx.database.sql`select state from export_messages where order_id = ${order.orderId}`).toEqual([{ state: "confirmed" }]);
});

test("LOST-01 of a shop: errors, silence and a dead site only delay the webhook; it is booked once, staff hear of it meanwhile", async () => {
  const order = await bought();
  await t.sandbox.control("fault", { target: "shop", fault: "webhook_500", times: 2 });
  await t.sandbox.control("fault", { target: "shop", fault: "webhook_down", times: 1 });
  await pay(order);
  for (const seconds of [61, 121, 301, 901]) {
    await t.advance(seconds);
    await wake();
  }
  const [told] = await t.ctx.database.sql<{ id: string }[]>`select id from feed_events where order_id = ${order.orderId} and type = 'payment.succeeded' and connection_id = ${shopId}`;
  const tries = (await state()).hooks.filter((hook) => hook.id === told!.id);
  expect(tries.map((hook) => hook.outcome)).toEqual(["booked", "failed", "failed", "failed"]);
  const [event] = await t.ctx.database.sql`select push_state, push_tries from feed_events where order_id = ${order.orderId} and type = 'payment.succeeded' and connection_id = ${shopId}`;
  expect(event).toEqual({ pushState: "delivered", pushTries: 4 });
  await watchFeed(t.ctx);
  expect(await t.ctx.database.sql`select state from alerts where code = 'ALR-13' and object_key = ${`connection:${shopId}:push`}`).toEqual([{ state: "resolved" }]);
});

test("SEC: a forged webhook is refused by the shop, and shown there", async () => {
  const order = await bought();
  expect(await t.sandbox.control("shop/forge", { orderId: order.orderId })).toEqual({ status: 401 });
  const { orders, hooks } = await state();
  expect(orders.find((each) => each.id === order.id)).toMatchObject({ paid: false });
  expect(hooks[0]).toMatchObject({ outcome: "refused", why: "подпись не сошлась" });
});
