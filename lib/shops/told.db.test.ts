/** What a shop and its 1C base are told of its orders: signed webhooks, the way back of the buyer, new and cancelled orders for 1C. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { moveMoney } from "@/lib/allocations/index.ts";
import { createConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { ackChanges, readChanges, resendEvent } from "@/lib/feed/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { changeStoreMode } from "@/lib/pilot/index.ts";
import { recordBouncedRefund } from "@/lib/refunds/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { aOnecBase, aStore, anAcquirer } from "@/lib/testing/factories.ts";
import { forgetConnections } from "@/lib/testing/fresh-connections.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { SECRET, body, nextKey, openShopSite } from "@/lib/testing/shop-site.ts";
import type { ShopSite } from "@/lib/testing/shop-site.ts";
import { listDeliveries, listShops, readDelivery, returnLink, shopRoute } from "./index.ts";

let t: ShopSite;
beforeAll(async () => {
  t = await openShopSite();
});
afterAll(() => t.close());
beforeEach(() => t.begin());

const signedBySecret = ({ headers, body: text }: (typeof t.came)[number]) =>
  `v1,${createHmac("sha256", Buffer.from(SECRET.slice(6), "base64")).update(`${headers.get("webhook-id")}.${headers.get("webhook-timestamp")}.${text}`).digest("base64")}` === headers.get("webhook-signature");

test("the payment is told by a signed webhook once, repeated while the shop fails; the order's answer shows it; the way back is signed", async () => {
  const made = await t.make();
  t.clock.advance(60_000);
  await putMoney(t, { orderId: made.json.orderId, kopecks: 663_100n, announced: true });
  t.hookStatus = 500;
  const only = ["money.captured", "feed.push"] as const;
  await drainJobs(t, { only });
  expect(t.came).toHaveLength(1);
  t.hookStatus = 204;
  t.clock.advance(60_000);
  await inTransaction(t.ctx, (tx) => t.ctx.enqueue(tx, "feed.push", { connectionId: t.shopId }));
  await drainJobs(t, { only });
  await drainJobs(t, { only });
  expect(t.came).toHaveLength(2);
  expect(t.came[0]!.headers.get("webhook-id")).toBe(t.came[1]!.headers.get("webhook-id"));
  expect(t.came.every(signedBySecret)).toBe(true);
  expect((await listDeliveries(t.ctx, { isTest: true, storeId: null }, { shopId: t.shopId, onlyOpen: true, before: null })).rows).toEqual([]);
  const item = JSON.parse(t.came[1]!.body) as Record<string, unknown>;
  expect(item).toMatchObject({ type: "payment.succeeded", order: { siteId: made.json.orderId, number: made.json.number }, payment: { amount: "6631.00" }, balance: { paid: "6631.00", due: "0.00" } });
  expect(t.came[1]!.body).not.toMatch(/ivanova|921/);
  const view = (await t.call("GET", `/orders/${made.json.orderId}`)).json;
  expect(view).toMatchObject({ status: "paid", paid: "6631.00", due: "0.00", payments: [{ amount: "6631.00", method: "card" }], payUrl: made.json.payUrl });

  const back = new URL((await returnLink(t.ctx, { connectionId: t.shopId, returnUrl: "https://shop.example/thanks?order=15" }, { orderId: made.json.orderId, number: made.json.number, status: "paid", paidKopecks: 663_100n }))!);
  const q = Object.fromEntries(back.searchParams);
  expect(q).toMatchObject({ order: "15", kp_order: made.json.orderId, kp_status: "paid", kp_amount: "6631.00", kp_time: "1795251720" });
  expect(q["kp_signature"]).toBe(createHmac("sha256", Buffer.from(SECRET.slice(6), "base64")).update(`${q["kp_order"]}.${q["kp_status"]}.${q["kp_amount"]}.${q["kp_time"]}`).digest("base64url"));
  // The shop took this origin off its list: nobody is sent there any more.
  await t.ctx.database.sql`update connections set settings = settings || '{"returnUrls": []}' where id = ${t.shopId}`;
  forgetConnections();
  expect(await returnLink(t.ctx, { connectionId: t.shopId, returnUrl: "https://shop.example/thanks?order=15" }, { orderId: made.json.orderId, number: "1", status: "paid", paidKopecks: 1n })).toBeNull();
  await t.ctx.database.sql`update connections set settings = settings || '{"returnUrls": ["https://shop.example"]}' where id = ${t.shopId}`;
  forgetConnections();
});

test("staff see each try with the shop's answer and send it again under the same id; an operator of another store sees nothing", async () => {
  const made = await t.make();
  t.hookStatus = 500;
  await putMoney(t, { orderId: made.json.orderId, kopecks: 663_100n, announced: true });
  const only = ["money.captured", "feed.push"] as const;
  await drainJobs(t, { only });
  const scope = { isTest: true, storeId: null };
  const filter = { shopId: t.shopId, onlyOpen: true, before: null };
  const [row] = (await listDeliveries(t.ctx, scope, filter)).rows;
  expect(row).toMatchObject({ orderNumber: made.json.number, type: "payment.succeeded", amountKopecks: 663_100n, state: "waiting", tries: 1, note: "Сайт магазина ответил кодом 500", nextAt: new Date("2026-11-21T09:01:00Z") });
  expect((await listDeliveries(t.ctx, { ...scope, storeId: t.shopId }, filter)).rows).toEqual([]);
  expect(await readDelivery(t.ctx, { ...scope, storeId: t.shopId }, row!.eventId)).toBeNull();
  expect((await listShops(t.ctx, scope)).find((shop) => shop.shopId === t.shopId)).toMatchObject({ name: "Витрина", onecName: "УТ 11.5", webhookUrl: expect.stringContaining("/kopeyka"), returnOrigins: ["https://shop.example"] });
  t.hookStatus = 200;
  const integrator = await aStaff(t, { role: "integrator" });
  await expect(resendEvent((await aStaff(t, { role: "operator" })).ctx, row!.eventId)).rejects.toThrow();
  await resendEvent(integrator.ctx, row!.eventId);
  await drainJobs(t, { only });
  const delivery = (await readDelivery(t.ctx, scope, row!.eventId))!;
  expect(delivery).toMatchObject({ state: "delivered", tries: 2 });
  expect(delivery.attempts.map(({ httpStatus, isTaken, answer }) => ({ httpStatus, isTaken, answer }))).toEqual([{ httpStatus: 200, isTaken: true, answer: "ok" }, { httpStatus: 500, isTaken: false, answer: "ok" }]);
  const [first, second] = t.came;
  expect(first!.headers.get("webhook-id")).toBe(second!.headers.get("webhook-id"));
  expect(second!.body).toBe(first!.body);
});

test("a base with JSON learns of the order by `order.created` with the whole document, in the shape of its own orders", async () => {
  const made = await t.make({ number: "J-1", payBy: "2026-11-23T18:00:00+03:00", comment: "Позвонить" });
  const changes = await readChanges(t.ctx, t.onec.onecId, { since: null, limit: 1000 });
  const item = changes.items.find((each) => each["key"] === `order:${made.json.orderId}`)!;
  expect(item).toMatchObject({
    type: "order.created",
    document: {
      id: "", siteId: made.json.orderId, version: 1, number: "J-1", date: "2026-11-21T12:00:00", amount: "6631.00", currency: "RUB", vatIncluded: true, payBy: "2026-11-23T18:00:00", comment: "Позвонить",
      customer: { id: "", type: "person", name: "Иванова Мария", inn: "", kpp: "", email: "ivanova@mail.example", phone: "+79211234567" },
      items: [
        { line: 1, sku: "ЧЗ-12", name: "Чайник «Ладога»", quantity: "1", price: "5490.00", discount: "500.00", amount: "4990.00", vatRate: "22", vatAmount: "899.84", subject: "commodity" },
        { line: 2, sku: "КР-01", quantity: "2", amount: "1291.00", vatRate: "10" },
        { line: 3, name: "Доставка", subject: "service" },
      ],
      state: { posted: true, deleted: false, cancelled: false },
    },
  });
  const created = await t.ctx.database.sql`select connection_id from feed_events where order_id = ${made.json.orderId} and type = 'order.created'`;
  expect(created).toEqual([{ connectionId: t.onec.onecId }]);
  // API-24: typed in 1C by a person before the base took the event: told again it would be made a second time.
  const [{ login } = {}] = await t.ctx.database.sql<{ login: string }[]>`select settings->>'login' as login from connections where id = ${t.onec.onecId}`;
  const offered = async () => (await readChanges(t.ctx, t.onec.onecId, { since: null, limit: 1000 })).items.filter((each) => each.key === `order:${made.json.orderId}`).length;
  expect(await offered()).toBe(1);
  expect((await jsonClient(t, login!).post<{ results: { status: string }[] }>("/orders", { orders: [{ id: newId(), siteId: made.json.orderId, number: "УТ00-000900" }] })).json.results).toMatchObject([{ status: "updated" }]);
  expect(await offered()).toBe(0);
});

test("PIL-01, PIL-02: 1C hears of a shop's order when it is in work, once, and of one that was cancelled before never", async () => {
  const { sellerOrgId } = t.onec;
  const { storeId } = await aStore(t, { sellerOrgId, mode: "shadow" });
  const { connectionId: baseId } = await aOnecBase(t, { storeId, login: newId(), settings: { doors: ["json"] } });
  const apiKey = newId() + newId();
  await createConnection(t.ctx, { kind: "shop", provider: "shop", name: "Магазин в тени", sellerOrgId: null, storeId, environment: "test", settings: { onecConnectionId: baseId }, secret: { apiKey } });
  const place = async () => {
    const answer = await shopRoute(t.ctx, new Request("https://pay.test/api/shop/v1/orders", { method: "POST", headers: { authorization: `Bearer ${apiKey}`, "idempotency-key": nextKey() }, body: JSON.stringify(body({ returnUrl: null })) }));
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { orderId: string }).orderId;
  };
  const [wanted, dropped] = [await place(), await place()];
  const cancelled = await shopRoute(t.ctx, new Request(`https://pay.test/api/shop/v1/orders/${dropped}/cancel`, { method: "POST", headers: { authorization: `Bearer ${apiKey}` } }));
  expect(cancelled.status).toBe(200);
  const heard = async () => (await readChanges(t.ctx, baseId, { since: null, limit: 100 })).items.flatMap((item) => (item.type === "order.created" || item.key.startsWith("order-cancelled:") ? [item.key] : []));
  await sweep(t.ctx);
  expect(await heard()).toEqual([]);
  const director = await aStaff(t);
  await changeStoreMode(director.ctx, { storeId, to: "pilot", reason: "начинаем пилот", isTest: true });
  await sweep(t.ctx);
  expect(await heard()).toEqual([]);
  // Works with test orders, as this one.
  await changeStoreMode(director.ctx, { storeId, to: "sandbox", reason: "проверяем обмен", isTest: true });
  for (let i = 0; i < 2; i++) await sweep(t.ctx);
  const late = await place();
  await sweep(t.ctx);
  expect(await heard()).toEqual([`order:${wanted}`, `order:${late}`]);
  // Taken, and of so long ago that other events are forgotten: 1C has not sent it back under a GUID yet.
  const { cursor } = await readChanges(t.ctx, baseId, { since: null, limit: 100 });
  await ackChanges(t.ctx, baseId, { cursor });
  t.clock.set("2027-06-01T09:00:00Z");
  for (let i = 0; i < 2; i++) await sweep(t.ctx);
  expect(await heard()).toEqual([]);
});

test("an unpaid order is cancelled once and for 1C too; one with money is not; after payBy nobody pays", async () => {
  const made = await t.make();
  const cancelled = await t.call("POST", `/orders/${made.json.orderId}/cancel`);
  expect(cancelled).toMatchObject({ status: 200, json: { status: "cancelled", due: "0.00" } });
  expect((await t.call("POST", `/orders/${made.json.orderId}/cancel/`)).json).toEqual(cancelled.json);
  expect(await t.orders(made.json.number)).toMatchObject([{ lifecycle: "cancelled", exportVersion: 2 }]);
  // A base of JSON hears of it, once and after the order itself; the shop knows.
  const told = await readChanges(t.ctx, t.onec.onecId, { since: null, limit: 1000 });
  const ofIt = told.items.filter((item) => (item["order"] as { siteId: string } | null)?.siteId === made.json.orderId);
  expect(ofIt).toMatchObject([{ type: "order.created" }, { type: "order.expired", key: `order-cancelled:${made.json.orderId}`, order: { status: "nothing_due" }, balance: { paid: "0.00", due: "0.00" } }]);
  expect(await t.ctx.database.sql`select 1 from feed_events where order_id = ${made.json.orderId} and connection_id = ${t.shopId} and type = 'order.expired'`).toHaveLength(0);
  expect(await t.ctx.database.sql`select 1 from payment_links where order_id = ${made.json.orderId} and state = 'active'`).toHaveLength(0);
  const paid = await t.make();
  await putMoney(t, { orderId: paid.json.orderId, kopecks: 100n });
  expect(await t.call("POST", `/orders/${paid.json.orderId}/cancel`)).toMatchObject({ status: 409, json: { error: { code: "has_money" } } });
  const [link] = await t.ctx.database.sql`select valid_until from payment_links where order_id = ${(await t.make({ payBy: "2026-11-21T09:30:00Z" })).json.orderId}`;
  expect(link).toEqual({ validUntil: new Date("2026-11-21T09:30:00Z") });
});

test.each([["", null], [", also where no 1C is to be told of it", newId()]])("LOST-24, API-24: a refund has one sum, in the webhook and in what the shop reads of its order; one that came back is in that list no more%s", async (_, documentKey) => {
  const { orderId } = (await t.make()).json;
  const { connectionId: bankId } = await anAcquirer(t, t.onec);
  const accountant = (await aStaff(t, { role: "accountant" })).ctx;
  const { factId: paid } = await cardMoney(t, orderId, 763_100n, bankId);
  await moveMoney(accountant, { factId: paid, fromOrderId: orderId, toOrderId: null, amountKopecks: 100_000n, reason: "аванс" });
  const refundId = newId();
  await inTransaction(t.ctx, async (tx) => {
    const order = await lockOrder(tx, orderId);
    // The bank gives the whole payment back: what stands on the order, then the advance.
    const fact = await recordFact(t.ctx, tx, {
      factId: refundId, kind: "refund_succeeded", amountKopecks: 763_100n, method: "card", connectionId: bankId, providerPaymentId: newId(), providerOperationId: newId(), parentFactId: paid, occurredAt: t.ctx.now(), fiscalOwner: "none", isTest: true, documentKey,
      allocations: [{ orderId, counterpartyId: order.counterpartyId, amountKopecks: 663_100n }, { orderId: null, counterpartyId: order.counterpartyId, amountKopecks: 100_000n }],
    });
    await tx`insert into refunds (id, order_id, payment_fact_id, connection_id, amount_kopecks, method, reason, source, state, requested_by, requested_at, fact_id, is_test)
      values (${refundId}, ${orderId}, ${paid}, ${bankId}, 763100, 'instrument', 'other', 'staff', 'succeeded', 'system', ${t.ctx.now()}, ${refundId}, true)`;
    await t.ctx.announce(t.ctx, tx, { type: "money.undone", fact: fact!, order: await saveMoney(t.ctx, tx, withMoney(order, "refund_succeeded", 663_100n), false) });
  });
  const told = (await readChanges(t.ctx, t.shopId, { since: null, limit: 10, zone: "UTC" })).items.find((item) => item.type === "refund.succeeded" && item.key === `refund:${refundId}`);
  const refunds = async () => (await t.call("GET", `/orders/${orderId}`)).json as unknown as { refunds: { id: string; amount: string }[] };
  expect(told).toMatchObject({ refund: { id: refundId, amount: "7631.00" } });
  expect((await refunds()).refunds).toMatchObject([{ id: refundId, amount: "7631.00" }]);
  // As long as its events are kept, and after.
  await t.ctx.database.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`delete from feed_events where subject_id = ${refundId}`;
  });
  expect((await refunds()).refunds).toMatchObject([{ id: refundId, amount: "7631.00" }]);
  await recordBouncedRefund(accountant, { refundId, reason: "Банк вернул перевод" });
  expect((await refunds()).refunds).toEqual([]);
});
