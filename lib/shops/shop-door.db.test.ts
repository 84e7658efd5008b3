/** The shop door over HTTP: an order is made once, paid, told by a signed webhook, and goes to its 1C base as a new one. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { newId } from "@/lib/kit/ids.ts";
import { newWebhookSecret } from "@/lib/kit/webhook-signature.ts";
import { ackChanges, readChanges, resendEvent } from "@/lib/feed/index.ts";
import { changeStoreMode } from "@/lib/pilot/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aDraft, upload } from "@/lib/testing/drafts.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { aOnecBase, aShop, aStore } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { forgetConnections } from "@/lib/testing/fresh-connections.ts";
import { openDoor } from "@/lib/testing/open-door.ts";
import type { OpenDoor } from "@/lib/testing/open-door.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { listDeliveries, listShops, readDelivery, returnLink, shopRoute } from "./index.ts";

const KEY = "shop-key-0123456789abcdef0123456789";
const SECRET = newWebhookSecret();
let t: TestContext;
let onec: TestShop;
let shopId: string;
let door: OpenDoor;
let hooks: OpenDoor;
let came: { headers: Headers; body: string }[] = [];
let hookStatus = 200;

beforeAll(async () => {
  t = await openTestContext();
  onec = await aShop(t, { onecSettings: { doors: ["json"], moneyChannel: "json" } });
  hooks = await openDoor(async (request) => {
    came.push({ headers: request.headers, body: await request.text() });
    return new Response(hookStatus === 204 ? null : "ok", { status: hookStatus });
  });
  ({ connectionId: shopId } = await createConnection(t.ctx, {
    kind: "shop", provider: "shop", name: "Витрина", sellerOrgId: null, storeId: onec.storeId, environment: "test",
    settings: { onecConnectionId: onec.onecId, returnUrls: ["https://shop.example/thanks"], push: { url: `${hooks.url}/kopeyka` } }, secret: { apiKey: KEY, pushSecret: SECRET },
  }));
  door = await openDoor((request) => shopRoute(t.ctx, request));
});
afterAll(async () => {
  await door.close();
  await hooks.close();
  await t.close();
});
beforeEach(() => {
  came = [];
  hookStatus = 200;
  t.clock.set("2026-11-21T09:00:00Z");
});

let counter = 0;
const nextKey = () => `key-${++counter}`;
const body = (given: Record<string, unknown> = {}) => ({
  amount: "6631.00",
  customer: { type: "person", name: "Иванова Мария", email: "ivanova@mail.example", phone: "8 921 123-45-67" },
  items: [
    { sku: "ЧЗ-12", name: "Чайник «Ладога»", quantity: 1, price: 5490, amount: 4990, vatRate: "22" },
    { sku: "КР-01", name: "Книга", quantity: "2", price: "645.50", amount: "1291.00", vatRate: 10 },
    { name: "Доставка", quantity: "1", amount: "350,00", vatRate: "22%", subject: "service" },
  ],
  returnUrl: "https://shop.example/thanks?order=15",
  ...given,
});
type View = { orderId: string; number: string; shopNumber: string; status: string; payUrl: string; paid: string; due: string; payments: { id: string; amount: string }[]; error?: { code: string; message: string; field: string } };
const call = async (method: string, at: string, options: { body?: unknown; key?: string | null; auth?: string | null } = {}) => {
  const answer = await fetch(`${door.url}/api/shop/v1${at}`, {
    method,
    redirect: "manual",
    headers: { ...(options.auth !== null && { authorization: options.auth ?? `Bearer ${KEY}` }), ...(options.key && { "idempotency-key": options.key }) },
    ...(options.body !== undefined && { body: typeof options.body === "string" ? options.body : JSON.stringify(options.body) }),
  });
  const text = await answer.text();
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(answer.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
  return { status: answer.status, headers: answer.headers, json: JSON.parse(text) as View };
};
const make = (given: Record<string, unknown> = {}, key: string | null = nextKey()) => call("POST", "/orders", { body: body(given), key });
const orders = async (number: string) => t.ctx.database.sql<{ id: string; isPosted: boolean; onecGuid: string | null; exportVersion: number; shopConnectionId: string; onecConnectionId: string; isTest: boolean; lifecycle: string }[]>`
  select id, is_posted, onec_guid, export_version, shop_connection_id, onec_connection_id, is_test, lifecycle from orders where number = ${number}`;

test("an order is made as one of its 1C base: posted, without a GUID, waiting to go out; the answer names everything", async () => {
  const made = await make({ number: "1042" });
  expect(made).toMatchObject({
    status: 201,
    json: {
      number: "1042", shopNumber: "1042", status: "not_paid", amount: "6631.00", paid: "0.00", due: "6631.00", currency: "RUB", isTest: true, payBy: "", paidAt: "", payments: [], refunds: [], receipts: [],
      payUrl: expect.stringMatching(/^https:\/\/pay\.test\/pay\/[\w-]{43}$/), createdAt: "2026-11-21T09:00:00.000Z",
    },
  });
  expect(await orders("1042")).toEqual([{ id: made.json.orderId, isPosted: true, onecGuid: null, exportVersion: 1, shopConnectionId: shopId, onecConnectionId: onec.onecId, isTest: true, lifecycle: "active" }]);
  const lines = await t.ctx.database.sql`select l.name, l.kind, l.quantity, l.price_kopecks, l.sum_kopecks, l.vat_rate from order_lines l join order_revisions r on r.id = l.revision_id where r.order_id = ${made.json.orderId} order by l.line_no`;
  expect(lines).toEqual([
    { name: "Чайник «Ладога»", kind: "goods", quantity: "1", priceKopecks: 549_000n, sumKopecks: 499_000n, vatRate: "vat22" },
    { name: "Книга", kind: "goods", quantity: "2", priceKopecks: 64_550n, sumKopecks: 129_100n, vatRate: "vat10" },
    { name: "Доставка", kind: "service", quantity: "1", priceKopecks: 35_000n, sumKopecks: 35_000n, vatRate: "vat22" },
  ]);
  expect((await call("GET", `/orders/${made.json.orderId}/`)).json).toEqual(made.json);
  const [event] = await t.ctx.database.sql`select actor from order_events where order_id = ${made.json.orderId} and kind = 'order.received'`;
  expect(event).toEqual({ actor: `shop:${shopId}` });
});

test("Idempotency-Key: the same request again, also ten at once, is the same order and answer; another body under the key is 409", async () => {
  const key = nextKey();
  const answers = await Promise.all(Array.from({ length: 10 }, () => make({}, key)));
  expect(new Set(answers.map((each) => JSON.stringify(each.json))).size).toBe(1);
  expect(answers.every((each) => each.status === 201)).toBe(true);
  expect(await orders(answers[0]!.json.number)).toHaveLength(1);
  // The same in another spelling is the same.
  expect((await call("POST", "/orders", { key, body: JSON.stringify(body(), null, 2).replace('"6631.00"', "6631") })).json).toEqual(answers[0]!.json);
  expect(await make({ comment: "другой" }, key)).toMatchObject({ status: 409, json: { error: { code: "key_reused" } } });
  expect(await make({}, null)).toMatchObject({ status: 400, json: { error: { code: "idempotency_key" } } });
});

test("a try that died between the order and its answer: the repeat finds the same order", async () => {
  const key = nextKey();
  const first = await make({ number: "D-1" }, key);
  // As if the process had died: the row of the request does not know its order yet.
  await t.ctx.database.sql`alter table shop_orders disable trigger shop_orders_kept`;
  await t.ctx.database.sql`update shop_orders set order_id = null where idempotency_key = ${key}`;
  await t.ctx.database.sql`alter table shop_orders enable trigger shop_orders_kept`;
  expect((await make({ number: "D-1" }, key)).json).toEqual(first.json);
  expect(await orders("D-1")).toHaveLength(1);
});

test("numbers: 1C's eleven characters at most, else one of ours with the shop's beside it; a taken number is 409 and leaves nothing behind", async () => {
  const long = await make({ number: "ORDER-2026-000123456" });
  expect(long.json).toMatchObject({ number: expect.stringMatching(/^ИМ-\d{6}$/), shopNumber: "ORDER-2026-000123456" });
  const [row] = await t.ctx.database.sql`select comment from orders where id = ${long.json.orderId}`;
  expect(row).toEqual({ comment: "Номер в магазине: ORDER-2026-000123456" });
  expect((await make()).json.number).toMatch(/^ИМ-\d{6}$/);
  await upload(t, onec, aDraft({ number: "1C-7" }));
  const key = nextKey();
  expect(await make({ number: "1C-7" }, key)).toMatchObject({ status: 409, json: { error: { code: "number_taken", field: "number" } } });
  expect((await orders("1C-7"))[0]).toMatchObject({ shopConnectionId: null });
  // The refused request holds neither key nor number.
  expect(await make({ number: "1C-8" }, key)).toMatchObject({ status: 201 });
  const [a, b] = await Promise.all([make({ number: "RACE-1" }), make({ number: "RACE-1", comment: "second" })]);
  expect(new Set([a!.status, b!.status])).toEqual(new Set([201, 409]));
  expect(await orders("RACE-1")).toHaveLength(1);
});

test.each([
  ["no JSON", "{,", 400, "bad_json", ""],
  ["lines and total differ", { amount: "6631.01" }, 422, "invalid", "amount"],
  ["no VAT", { items: [{ name: "x", quantity: 1, amount: "6631.00" }] }, 422, "invalid", "items[0].vatRate"],
  ["a rate that is none", { items: [{ name: "x", quantity: 1, amount: "6631.00", vatRate: "18" }] }, 422, "invalid", "items[0].vatRate"],
  ["no lines", { items: [] }, 422, "invalid", "items"],
  ["too many lines", { items: Array.from({ length: 501 }, () => ({ name: "x", quantity: 1, amount: "1.00", vatRate: "22" })), amount: "501.00" }, 422, "invalid", "items"],
  ["a fraction of a kopeck", { amount: "6631.001" }, 422, "invalid", "amount"],
  ["a wrong e-mail", { customer: { email: "nobody" } }, 422, "invalid", "customer.email"],
  ["a company without INN", { customer: { type: "legal", name: "ООО" } }, 422, "invalid", "customer.inn"],
  ["a moment that is over", { payBy: "2026-11-21T08:59:00Z" }, 422, "invalid", "payBy"],
  ["another currency", { currency: "USD" }, 422, "invalid", "currency"],
] as const)("SEC, bad input: %s is refused in words with the field", async (_name, given, status, code, field) => {
  const answer = typeof given === "string" ? await call("POST", "/orders", { body: given, key: nextKey() }) : await make(given);
  expect(answer).toMatchObject({ status, json: { error: { code, field, message: expect.stringMatching(/\S/) } } });
});

test("SEC: a buyer is sent back to the shop's own origins only", async () => {
  for (const returnUrl of ["https://evil.example/thanks", "http://shop.example.evil/", "javascript:alert(1)", "https://user:pass@shop.example/", "//shop.example", "https://shop.example:8443/"]) {
    expect(await make({ returnUrl })).toMatchObject({ status: 422, json: { error: { code: "invalid", field: "returnUrl" } } });
  }
  expect(await make({ returnUrl: null })).toMatchObject({ status: 201 });
});

test("SEC: no key, a wrong key, another shop's order, a switched off shop, too many calls", async () => {
  expect(await call("GET", "/ping", { auth: null })).toMatchObject({ status: 401, json: { error: { code: "unauthorized" } } });
  expect(await call("GET", "/ping", { auth: "Bearer wrong-key-0123456789abcdef" })).toMatchObject({ status: 401 });
  expect((await call("GET", "/ping")).json).toMatchObject({ ok: true, isTest: true });
  const mine = await make();
  await createConnection(t.ctx, { kind: "shop", provider: "shop", name: "Другой", sellerOrgId: null, storeId: onec.storeId, environment: "test", settings: { onecConnectionId: onec.onecId, callsPerMinute: 3 }, secret: { apiKey: "other-key-0123456789abcdef", pushSecret: SECRET } });
  const other = "Bearer other-key-0123456789abcdef";
  expect(await call("GET", `/orders/${mine.json.orderId}`, { auth: other })).toMatchObject({ status: 404 });
  expect(await call("POST", `/orders/${mine.json.orderId}/cancel`, { auth: other })).toMatchObject({ status: 404 });
  expect(await call("GET", "/orders/not-a-guid")).toMatchObject({ status: 404 });
  expect(await call("GET", "/nothing", { auth: other })).toMatchObject({ status: 404 });
  expect(await call("GET", "/ping", { auth: other })).toMatchObject({ status: 429, headers: expect.anything() });
  expect(await call("GET", "/orders")).toMatchObject({ status: 405 });
  // Test and live never mix: a live base gets no orders of a test shop.
  const { storeId } = await aStore(t, { sellerOrgId: onec.sellerOrgId });
  const live = await aOnecBase(t, { storeId, environment: "live", login: "live" });
  await createConnection(t.ctx, { kind: "shop", provider: "shop", name: "Третий", sellerOrgId: null, environment: "test", settings: { onecConnectionId: live.connectionId }, secret: { apiKey: "third-key-0123456789abcdef", pushSecret: SECRET } });
  expect(await call("POST", "/orders", { auth: "Bearer third-key-0123456789abcdef", key: nextKey(), body: body({ returnUrl: null }) })).toMatchObject({ status: 409, json: { error: { code: "no_base" } } });
});

const signedBySecret = ({ headers, body: text }: (typeof came)[number]) =>
  `v1,${createHmac("sha256", Buffer.from(SECRET.slice(6), "base64")).update(`${headers.get("webhook-id")}.${headers.get("webhook-timestamp")}.${text}`).digest("base64")}` === headers.get("webhook-signature");

test("the payment is told by a signed webhook once, repeated while the shop fails; the order's answer shows it; the way back is signed", async () => {
  const made = await make();
  t.clock.advance(60_000);
  await putMoney(t, { orderId: made.json.orderId, kopecks: 663_100n, announced: true });
  hookStatus = 500;
  const only = ["money.captured", "feed.push"] as const;
  await drainJobs(t, { only });
  expect(came).toHaveLength(1);
  hookStatus = 204;
  t.clock.advance(60_000);
  await inTransaction(t.ctx, (tx) => t.ctx.enqueue(tx, "feed.push", { connectionId: shopId }));
  await drainJobs(t, { only });
  await drainJobs(t, { only });
  expect(came).toHaveLength(2);
  expect(came[0]!.headers.get("webhook-id")).toBe(came[1]!.headers.get("webhook-id"));
  expect(came.every(signedBySecret)).toBe(true);
  expect((await listDeliveries(t.ctx, { isTest: true, storeId: null }, { shopId, onlyOpen: true, before: null })).rows).toEqual([]);
  const item = JSON.parse(came[1]!.body) as Record<string, unknown>;
  expect(item).toMatchObject({ type: "payment.succeeded", order: { siteId: made.json.orderId, number: made.json.number }, payment: { amount: "6631.00" }, balance: { paid: "6631.00", due: "0.00" } });
  expect(came[1]!.body).not.toMatch(/ivanova|921/);
  const view = (await call("GET", `/orders/${made.json.orderId}`)).json;
  expect(view).toMatchObject({ status: "paid", paid: "6631.00", due: "0.00", payments: [{ amount: "6631.00", method: "card" }], payUrl: made.json.payUrl });

  const back = new URL((await returnLink(t.ctx, { connectionId: shopId, returnUrl: "https://shop.example/thanks?order=15" }, { orderId: made.json.orderId, number: made.json.number, status: "paid", paidKopecks: 663_100n }))!);
  const q = Object.fromEntries(back.searchParams);
  expect(q).toMatchObject({ order: "15", kp_order: made.json.orderId, kp_status: "paid", kp_amount: "6631.00", kp_time: "1795251720" });
  expect(q["kp_signature"]).toBe(createHmac("sha256", Buffer.from(SECRET.slice(6), "base64")).update(`${q["kp_order"]}.${q["kp_status"]}.${q["kp_amount"]}.${q["kp_time"]}`).digest("base64url"));
  // The shop took this origin off its list: nobody is sent there any more.
  await t.ctx.database.sql`update connections set settings = settings || '{"returnUrls": []}' where id = ${shopId}`;
  forgetConnections();
  expect(await returnLink(t.ctx, { connectionId: shopId, returnUrl: "https://shop.example/thanks?order=15" }, { orderId: made.json.orderId, number: "1", status: "paid", paidKopecks: 1n })).toBeNull();
  await t.ctx.database.sql`update connections set settings = settings || '{"returnUrls": ["https://shop.example"]}' where id = ${shopId}`;
  forgetConnections();
});

test("staff see each try with the shop's answer and send it again under the same id; an operator of another store sees nothing", async () => {
  const made = await make();
  hookStatus = 500;
  await putMoney(t, { orderId: made.json.orderId, kopecks: 663_100n, announced: true });
  const only = ["money.captured", "feed.push"] as const;
  await drainJobs(t, { only });
  const scope = { isTest: true, storeId: null };
  const filter = { shopId, onlyOpen: true, before: null };
  const [row] = (await listDeliveries(t.ctx, scope, filter)).rows;
  expect(row).toMatchObject({ orderNumber: made.json.number, type: "payment.succeeded", amountKopecks: 663_100n, state: "waiting", tries: 1, note: "Сайт магазина ответил кодом 500", nextAt: new Date("2026-11-21T09:01:00Z") });
  expect((await listDeliveries(t.ctx, { ...scope, storeId: shopId }, filter)).rows).toEqual([]);
  expect(await readDelivery(t.ctx, { ...scope, storeId: shopId }, row!.eventId)).toBeNull();
  expect((await listShops(t.ctx, scope)).find((shop) => shop.shopId === shopId)).toMatchObject({ name: "Витрина", onecName: "УТ 11.5", webhookUrl: expect.stringContaining("/kopeyka"), returnOrigins: ["https://shop.example"] });
  hookStatus = 200;
  const integrator = await aStaff(t, { role: "integrator" });
  await expect(resendEvent((await aStaff(t, { role: "operator" })).ctx, row!.eventId)).rejects.toThrow();
  await resendEvent(integrator.ctx, row!.eventId);
  await drainJobs(t, { only });
  const delivery = (await readDelivery(t.ctx, scope, row!.eventId))!;
  expect(delivery).toMatchObject({ state: "delivered", tries: 2 });
  expect(delivery.attempts.map(({ httpStatus, isTaken, answer }) => ({ httpStatus, isTaken, answer }))).toEqual([{ httpStatus: 200, isTaken: true, answer: "ok" }, { httpStatus: 500, isTaken: false, answer: "ok" }]);
  const [first, second] = came;
  expect(first!.headers.get("webhook-id")).toBe(second!.headers.get("webhook-id"));
  expect(second!.body).toBe(first!.body);
});

test("a base with JSON learns of the order by `order.created` with the whole document, in the shape of its own orders", async () => {
  const made = await make({ number: "J-1", payBy: "2026-11-23T18:00:00+03:00", comment: "Позвонить" });
  const changes = await readChanges(t.ctx, onec.onecId, { since: null, limit: 1000 });
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
  expect(created).toEqual([{ connectionId: onec.onecId }]);
});

test("PIL-01, PIL-02: 1C hears of a shop's order when it is in work, once, and of one that was cancelled before never", async () => {
  const { sellerOrgId } = onec;
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
  const made = await make();
  const cancelled = await call("POST", `/orders/${made.json.orderId}/cancel`);
  expect(cancelled).toMatchObject({ status: 200, json: { status: "cancelled", due: "0.00" } });
  expect((await call("POST", `/orders/${made.json.orderId}/cancel/`)).json).toEqual(cancelled.json);
  expect(await orders(made.json.number)).toMatchObject([{ lifecycle: "cancelled", exportVersion: 2 }]);
  // A base of JSON hears of it, once and after the order itself; the shop knows.
  const told = await readChanges(t.ctx, onec.onecId, { since: null, limit: 1000 });
  const ofIt = told.items.filter((item) => (item["order"] as { siteId: string } | null)?.siteId === made.json.orderId);
  expect(ofIt).toMatchObject([{ type: "order.created" }, { type: "order.expired", key: `order-cancelled:${made.json.orderId}`, order: { status: "nothing_due" }, balance: { paid: "0.00", due: "0.00" } }]);
  expect(await t.ctx.database.sql`select 1 from feed_events where order_id = ${made.json.orderId} and connection_id = ${shopId} and type = 'order.expired'`).toHaveLength(0);
  expect(await t.ctx.database.sql`select 1 from payment_links where order_id = ${made.json.orderId} and state = 'active'`).toHaveLength(0);
  const paid = await make();
  await putMoney(t, { orderId: paid.json.orderId, kopecks: 100n });
  expect(await call("POST", `/orders/${paid.json.orderId}/cancel`)).toMatchObject({ status: 409, json: { error: { code: "has_money" } } });
  const [link] = await t.ctx.database.sql`select valid_until from payment_links where order_id = ${(await make({ payBy: "2026-11-21T09:30:00Z" })).json.orderId}`;
  expect(link).toEqual({ validUntil: new Date("2026-11-21T09:30:00Z") });
});
