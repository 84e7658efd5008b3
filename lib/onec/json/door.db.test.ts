/** The door of the JSON exchange: who comes in, in what letters, and what is said of bad input (json-api.md 1, 3). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { MINUTE_MS } from "@/lib/kit/time.ts";
import { aOnecBase, aStore } from "@/lib/testing/factories.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { anOrder, openOrderBases } from "@/lib/testing/order-packages.ts";
import type { OrderBases } from "@/lib/testing/order-packages.ts";
import { errorsOf } from "./openapi.ts";
import { operations } from "./operations.ts";
import { OrdersAnswer } from "./schema-order.ts";

let t: OrderBases;
beforeAll(async () => {
  t = await openOrderBases();
});
afterAll(() => t.close());

test("the door: challenge, closed door, unreadable bodies with line and position, wrong addresses and methods, limits; always JSON with msg, never a redirect", async () => {
  const base = await t.aBase();
  const [closed] = [await t.aBase({ doors: ["commerceml"] })];
  const check = async (reply: ReturnType<typeof base.call>, status: number, more: Record<string, unknown> = {}) => {
    const { status: got, json, headers } = await reply;
    expect([got, json]).toEqual([status, expect.objectContaining({ msg: expect.stringMatching(/[а-яё]/i), line: expect.any(Number), position: expect.any(Number), field: expect.any(String), cursor: expect.any(String), requestId: expect.any(String), ...more })]);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(headers.get("content-length")).toBe(String(Buffer.byteLength(JSON.stringify(json))));
    expect(headers.get("location")).toBeNull();
    return headers;
  };
  expect((await check(base.call("GET", "/ping", { authorization: null }), 401, { code: "unauthorized" })).get("www-authenticate")).toBe('Basic realm="1C"');
  await check(base.call("GET", "/ping", { authorization: `Basic ${Buffer.from(`${base.login}:wrong`).toString("base64")}` }), 401);
  await check(closed.call("GET", "/ping"), 403, { code: "door_closed" });
  const broken = (text: string | Uint8Array) => base.call("POST", "/orders", { bytes: typeof text === "string" ? Buffer.from(text) : text });
  await check(broken('{"orders": [\n  {"id": 1,}\n]}'), 400, { code: "bad_json", line: 2, position: 12 });
  await check(broken('{"orders": ['), 400, { line: 1, position: 13 });
  await check(broken(""), 400, { line: 1, position: 1 });
  await check(broken("<html>"), 400, { line: 1, position: 1 });
  await check(broken("[]"), 422);
  await check(broken('{"order": []}'), 422, { field: "orders" });
  await check(base.call("POST", "/orders", { bytes: Buffer.from("{}"), headers: { "content-encoding": "gzip" } }), 415);
  await check(base.call("POST", "/orders", { bytes: Buffer.alloc(17 * 1024 * 1024, 0x20) }), 413);
  await check(base.call("GET", "/nowhere"), 404);
  expect((await check(base.call("PATCH", "/orders"), 405)).get("allow")).toBe("POST");
  await check(base.get(`/orders/${newId()}`), 404);
  for (const path of ["/ping", "/ping/", "/ping//"]) expect((await base.get(path)).json).toMatchObject({ ok: true, name: "УТ 11.5", scopes: ["json"], moneyChannel: "json", time: "2026-11-21T15:30:00+03:00", timeLocal: "2026-11-21T15:30:00" });
  const { connectionId } = await aOnecBase(t, { storeId: base.shop.storeId, login: "often", settings: { doors: ["json"], callsPerMinute: 2 } });
  const often = jsonClient(t, "often");
  expect([(await often.get("/ping")).status, (await often.get("/ping")).status]).toEqual([200, 200]);
  expect((await check(often.get("/ping"), 429)).get("retry-after")).toBe("60");
  t.clock.advance(MINUTE_MS);
  expect((await often.get("/ping")).status).toBe(200);
  const calls = await t.ctx.database.sql`select type, mode, answer from onec_calls where connection_id = ${connectionId} order by at, id`;
  expect(calls.map((call) => [call["type"], call["mode"], call["answer"]])).toEqual([["json", "GET /ping", "success"], ["json", "GET /ping", "success"], ["json", "GET /ping", "failure"], ["json", "GET /ping", "success"]]);
});

test("every status that the door answers to a body that it does not read is in the description of the call", async () => {
  const base = await t.aBase();
  for (const operation of operations) {
    const { body, method } = operation;
    if (!body) continue;
    const path = operation.path.replaceAll(/\{\w+\}/g, newId());
    const statuses = [
      (await base.call(method, path, { bytes: Buffer.from("{}"), headers: { "content-encoding": "gzip" } })).status,
      (await base.call(method, path, { bytes: Buffer.from("{}"), headers: { "content-length": String(body.maxBytes + 1) } })).status,
      ...(body.kind === "json" ? [(await base.call(method, path, { bytes: Buffer.from("{") })).status] : []),
    ];
    expect([operation.id, statuses, statuses.filter((status) => !errorsOf(operation).includes(status))]).toEqual([operation.id, [415, 413, ...(body.kind === "json" ? [400] : [])], []]);
  }
});

test("API-14: zero bytes in an address and a field a hundred thousand levels deep are bad input, not a failure of ours", async () => {
  const base = await t.aBase();
  expect(await base.call("GET", "/orders/%00")).toMatchObject({ status: 404 });
  expect(await base.call("PUT", `/documents/${newId()}?kind=upd&number=%00&order=%00`, { bytes: Buffer.from("%PDF-1.4"), headers: { "content-type": "application/pdf" } })).toMatchObject({ status: 200 });
  const deep = `{"orders":[{"id":"${newId()}","odd":${"[".repeat(30_000)}${"]".repeat(30_000)}}]}`;
  expect(await base.call("POST", "/orders", { bytes: Buffer.from(deep) })).toMatchObject({ status: 400, json: { msg: expect.stringContaining("вложены глубже") } });
});

test("bodies as 1C writes them: BOM, UTF-16, windows-1251 under the name of UTF-8, no Content-Type at all", async () => {
  const base = await t.aBase();
  const text = (name: string) => JSON.stringify({ orders: [anOrder({ comment: name })] });
  const windows = (source: string) => Uint8Array.from(source, (sign) => (/[А-я]/.test(sign) ? sign.charCodeAt(0) - 0x350 : sign.charCodeAt(0)));
  for (const [bytes, warns] of [
    [Buffer.from(`\uFEFF${text("Срочно")}`), 0],
    [Buffer.from(`\uFEFF${text("Срочно")}`, "utf16le"), 1],
    [windows(text("Срочно")), 1],
  ] as const) {
    const { status, json } = await base.call<OrdersAnswer>("POST", "/orders", { bytes, headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" } });
    expect([status, json.results[0]!.status, json.warnings.length]).toEqual([200, "created", warns]);
    expect(await t.rowOf(json.results[0]!.id)).toMatchObject({ comment: "Срочно" });
  }
});

test("Bearer instead of Basic; a login in Cyrillic in both code pages", async () => {
  const { storeId } = await aStore(t, { sellerOrgId: t.seller.sellerOrgId });
  await aOnecBase(t, { storeId, login: "Обмен", settings: { doors: ["json"] } });
  const windows = Buffer.from(Uint8Array.from("Обмен:secret", (sign) => (/[А-я]/.test(sign) ? sign.charCodeAt(0) - 0x350 : sign.charCodeAt(0)))).toString("base64");
  const client = jsonClient(t, "Обмен");
  expect((await client.get("/ping")).status).toBe(200);
  expect((await client.call("GET", "/ping", { authorization: `Basic ${windows}` })).status).toBe(200);
});
