/** The shop door over HTTP: an order is made once, under its number, and bad input is refused in words. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { aDraft, upload } from "@/lib/testing/drafts.ts";
import { aOnecBase, aStore } from "@/lib/testing/factories.ts";
import { SECRET, body, nextKey, openShopSite } from "@/lib/testing/shop-site.ts";
import type { ShopSite } from "@/lib/testing/shop-site.ts";

let t: ShopSite;
beforeAll(async () => {
  t = await openShopSite();
});
afterAll(() => t.close());
beforeEach(() => t.begin());

test("an order is made as one of its 1C base: posted, without a GUID, waiting to go out; the answer names everything", async () => {
  const made = await t.make({ number: "1042" });
  expect(made).toMatchObject({
    status: 201,
    json: {
      number: "1042", shopNumber: "1042", status: "not_paid", amount: "6631.00", paid: "0.00", due: "6631.00", currency: "RUB", isTest: true, payBy: "", paidAt: "", payments: [], refunds: [], receipts: [],
      payUrl: expect.stringMatching(/^https:\/\/pay\.test\/pay\/[\w-]{43}$/), createdAt: "2026-11-21T09:00:00.000Z",
    },
  });
  expect(await t.orders("1042")).toEqual([{ id: made.json.orderId, isPosted: true, onecGuid: null, exportVersion: 1, shopConnectionId: t.shopId, onecConnectionId: t.onec.onecId, isTest: true, lifecycle: "active" }]);
  const lines = await t.ctx.database.sql`select l.name, l.kind, l.quantity, l.price_kopecks, l.sum_kopecks, l.vat_rate from order_lines l join order_revisions r on r.id = l.revision_id where r.order_id = ${made.json.orderId} order by l.line_no`;
  expect(lines).toEqual([
    { name: "Чайник «Ладога»", kind: "goods", quantity: "1", priceKopecks: 549_000n, sumKopecks: 499_000n, vatRate: "vat22" },
    { name: "Книга", kind: "goods", quantity: "2", priceKopecks: 64_550n, sumKopecks: 129_100n, vatRate: "vat10" },
    { name: "Доставка", kind: "service", quantity: "1", priceKopecks: 35_000n, sumKopecks: 35_000n, vatRate: "vat22" },
  ]);
  expect((await t.call("GET", `/orders/${made.json.orderId}/`)).json).toEqual(made.json);
  const [event] = await t.ctx.database.sql`select actor from order_events where order_id = ${made.json.orderId} and kind = 'order.received'`;
  expect(event).toEqual({ actor: `shop:${t.shopId}` });
});

test("Idempotency-Key: the same request again, also ten at once, is the same order and answer; another body under the key is 409", async () => {
  const key = nextKey();
  const answers = await Promise.all(Array.from({ length: 10 }, () => t.make({}, key)));
  expect(new Set(answers.map((each) => JSON.stringify(each.json))).size).toBe(1);
  expect(answers.every((each) => each.status === 201)).toBe(true);
  expect(await t.orders(answers[0]!.json.number)).toHaveLength(1);
  // The same in another spelling is the same.
  expect((await t.call("POST", "/orders", { key, body: JSON.stringify(body(), null, 2).replace('"6631.00"', "6631") })).json).toEqual(answers[0]!.json);
  expect(await t.make({ comment: "другой" }, key)).toMatchObject({ status: 409, json: { error: { code: "key_reused" } } });
  expect(await t.make({}, null)).toMatchObject({ status: 400, json: { error: { code: "idempotency_key" } } });
});

test("a try that died between the order and its answer: the repeat finds the same order", async () => {
  const key = nextKey();
  const first = await t.make({ number: "D-1" }, key);
  // As if the process had died: the row of the request does not know its order yet.
  await t.ctx.database.sql`alter table shop_orders disable trigger shop_orders_kept`;
  await t.ctx.database.sql`update shop_orders set order_id = null where idempotency_key = ${key}`;
  await t.ctx.database.sql`alter table shop_orders enable trigger shop_orders_kept`;
  expect((await t.make({ number: "D-1" }, key)).json).toEqual(first.json);
  expect(await t.orders("D-1")).toHaveLength(1);
});

test("numbers: 1C's eleven characters at most, else one of ours with the shop's beside it; a taken number is 409 and leaves nothing behind", async () => {
  const long = await t.make({ number: "ORDER-2026-000123456" });
  expect(long.json).toMatchObject({ number: expect.stringMatching(/^ИМ-\d{6}$/), shopNumber: "ORDER-2026-000123456" });
  const [row] = await t.ctx.database.sql`select comment from orders where id = ${long.json.orderId}`;
  expect(row).toEqual({ comment: "Номер в магазине: ORDER-2026-000123456" });
  expect((await t.make()).json.number).toMatch(/^ИМ-\d{6}$/);
  await upload(t, t.onec, aDraft({ number: "1C-7" }));
  const key = nextKey();
  expect(await t.make({ number: "1C-7" }, key)).toMatchObject({ status: 409, json: { error: { code: "number_taken", field: "number" } } });
  expect((await t.orders("1C-7"))[0]).toMatchObject({ shopConnectionId: null });
  // The refused request holds neither key nor number.
  expect(await t.make({ number: "1C-8" }, key)).toMatchObject({ status: 201 });
  const [a, b] = await Promise.all([t.make({ number: "RACE-1" }), t.make({ number: "RACE-1", comment: "second" })]);
  expect(new Set([a!.status, b!.status])).toEqual(new Set([201, 409]));
  expect(await t.orders("RACE-1")).toHaveLength(1);
});

test.each([
  ["no JSON", "{,", 400, "bad_json", ""],
  ["lines and total differ", { amount: "6631.01" }, 422, "invalid", "amount"],
  ["no VAT", { items: [{ name: "x", quantity: 1, amount: "6631.00" }] }, 422, "invalid", "items[0].vatRate"],
  ["a rate that is none", { items: [{ name: "x", quantity: 1, amount: "6631.00", vatRate: "18" }] }, 422, "invalid", "items[0].vatRate"],
  ["a rate that every object has", { items: [{ name: "x", quantity: 1, amount: "6631.00", vatRate: "constructor" }] }, 422, "invalid", "items[0].vatRate"],
  ["no lines", { items: [] }, 422, "invalid", "items"],
  ["too many lines", { items: Array.from({ length: 501 }, () => ({ name: "x", quantity: 1, amount: "1.00", vatRate: "22" })), amount: "501.00" }, 422, "invalid", "items"],
  ["a fraction of a kopeck", { amount: "6631.001" }, 422, "invalid", "amount"],
  ["a wrong e-mail", { customer: { email: "nobody" } }, 422, "invalid", "customer.email"],
  ["a company without INN", { customer: { type: "legal", name: "ООО" } }, 422, "invalid", "customer.inn"],
  ["a moment that is over", { payBy: "2026-11-21T08:59:00Z" }, 422, "invalid", "payBy"],
  ["another currency", { currency: "USD" }, 422, "invalid", "currency"],
] as const)("SEC, bad input: %s is refused in words with the field", async (_name, given, status, code, field) => {
  const answer = typeof given === "string" ? await t.call("POST", "/orders", { body: given, key: nextKey() }) : await t.make(given);
  expect(answer).toMatchObject({ status, json: { error: { code, field, message: expect.stringMatching(/\S/) } } });
});

test("SEC: a buyer is sent back to the shop's own origins only", async () => {
  for (const returnUrl of ["https://evil.example/thanks", "http://shop.example.evil/", "javascript:alert(1)", "https://user:pass@shop.example/", "//shop.example", "https://shop.example:8443/"]) {
    expect(await t.make({ returnUrl })).toMatchObject({ status: 422, json: { error: { code: "invalid", field: "returnUrl" } } });
  }
  expect(await t.make({ returnUrl: null })).toMatchObject({ status: 201 });
});

test("SEC: no key, a wrong key, another shop's order, a switched off shop, too many calls", async () => {
  expect(await t.call("GET", "/ping", { auth: null })).toMatchObject({ status: 401, json: { error: { code: "unauthorized" } } });
  expect(await t.call("GET", "/ping", { auth: "Bearer wrong-key-0123456789abcdef" })).toMatchObject({ status: 401 });
  expect((await t.call("GET", "/ping")).json).toMatchObject({ ok: true, isTest: true });
  const mine = await t.make();
  await createConnection(t.ctx, { kind: "shop", provider: "shop", name: "Другой", sellerOrgId: null, storeId: t.onec.storeId, environment: "test", settings: { onecConnectionId: t.onec.onecId, callsPerMinute: 3 }, secret: { apiKey: "other-key-0123456789abcdef", pushSecret: SECRET } });
  const other = "Bearer other-key-0123456789abcdef";
  expect(await t.call("GET", `/orders/${mine.json.orderId}`, { auth: other })).toMatchObject({ status: 404 });
  expect(await t.call("POST", `/orders/${mine.json.orderId}/cancel`, { auth: other })).toMatchObject({ status: 404 });
  expect(await t.call("GET", "/orders/not-a-guid")).toMatchObject({ status: 404 });
  expect(await t.call("GET", "/nothing", { auth: other })).toMatchObject({ status: 404 });
  expect(await t.call("GET", "/ping", { auth: other })).toMatchObject({ status: 429, headers: expect.anything() });
  expect(await t.call("GET", "/orders")).toMatchObject({ status: 405 });
  // Test and live never mix: a live base gets no orders of a test shop.
  const { storeId } = await aStore(t, { sellerOrgId: t.onec.sellerOrgId });
  const live = await aOnecBase(t, { storeId, environment: "live", login: "live" });
  await createConnection(t.ctx, { kind: "shop", provider: "shop", name: "Третий", sellerOrgId: null, environment: "test", settings: { onecConnectionId: live.connectionId }, secret: { apiKey: "third-key-0123456789abcdef", pushSecret: SECRET } });
  expect(await t.call("POST", "/orders", { auth: "Bearer third-key-0123456789abcdef", key: nextKey(), body: body({ returnUrl: null }) })).toMatchObject({ status: 409, json: { error: { code: "no_base" } } });
});
