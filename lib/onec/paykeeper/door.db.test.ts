/** API-1 … API-8 over real HTTP: the bytes that existing 1C code sends, against our routes. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { aBill, auth, openBillsWorld } from "@/lib/testing/bills-world.ts";
import type { BillsWorld } from "@/lib/testing/bills-world.ts";
import { aShop } from "@/lib/testing/factories.ts";
import { basic, previewRequest, runCode, sendRequest, tokenRequest } from "@/lib/testing/paykeeper-code.ts";
import { findBillPage } from "./index.ts";

let t: BillsWorld;
beforeAll(async () => {
  t = await openBillsWorld();
});
afterAll(() => t.close());
beforeEach(() => t.clock.set("2026-11-21T09:00:00Z"));

const letters = async (recipient: string) => t.ctx.database.sql<{ template: string }[]>`select template from letters where recipient = ${recipient}`;

test("the test client sends the transcript byte for byte", () => {
  const transcript = readFileSync(path.join(import.meta.dirname, "fixtures/transcript-paykeeper.txt"), "utf8");
  const sent = { ...aBill(), orderid: "123-1", expiry: "20191020200103" };
  const { head, body } = previewRequest("Basic dXNlcjpwYXNz", "5b1f0f0e8d", sent);
  const lines = transcript.split("\n").filter((line) => line.startsWith("> ")).map((line) => line.slice(2));
  expect(lines).toContain(body);
  for (const line of [...head, ...tokenRequest("Basic dXNlcjpwYXNz").head, sendRequest("x", "5b1f0f0e8d", "20261121190905001").body, sendRequest("x", "", "").head[0]!]) expect(lines).toContain(line);
});

test("API-1, API-5, checklist 1 and 2: the published code makes two bills and two letters; run again it makes none", async () => {
  const bills = [
    aBill({ orderid: "123-1", expiry: "20271020200103", client_email: "one@yourdomain.com" }),
    aBill({ orderid: "123-2", clientid: "Петров Пётр Петрович", service_name: "Тестовый товар", expiry: "20271031101158", pay_amount: "10.50", client_email: "two@yourdomain.com" }),
  ];
  const first = await runCode(t.door.url, auth, bills);
  expect(first).toMatchObject({ told: [], ids: [expect.stringMatching(/^\d{17}$/), expect.stringMatching(/^\d{17}$/)] });
  expect(await runCode(t.door.url, auth, bills)).toEqual(first);
  expect([await letters("one@yourdomain.com"), await letters("two@yourdomain.com")]).toEqual([[{ template: "bill" }], [{ template: "bill" }]]);
  expect(await t.orderOf("123-2")).toMatchObject({ totalKopecks: 1_050n, buyerName: "Петров Пётр Петрович", contact: "two@yourdomain.com", payUntil: new Date("2027-10-30T21:00:00Z"), revisionNo: 1 });
  const [bill] = await t.ctx.database.sql`select phone, send_count from bills where order_ref = '123-1'`;
  expect(bill).toEqual({ phone: "+79876543210", sendCount: 1 });
  const [line] = await t.ctx.database.sql`select l.name, l.kind, l.vat_rate, l.vat_kopecks from order_lines l join order_revisions r on r.id = l.revision_id where r.order_id = ${(await t.orderOf("123-1")).id}`;
  expect(line).toEqual({ name: "Тестовая услуга", kind: "service", vatRate: "vat22", vatKopecks: 1_804n });
  // The address is secret, the number opens nothing; the pay link lives as long as the bill.
  const { pathname } = new URL(first.urls[0]!);
  const [, , number, token] = pathname.split("/");
  const [link] = await t.ctx.database.sql`select token, valid_until from payment_links where order_id = ${(await t.orderOf("123-1")).id}`;
  expect(await findBillPage(t.ctx, { number: number!, token: token! })).toBe(link!["token"]);
  expect(link!["validUntil"]).toEqual(new Date("2027-10-19T21:00:00Z"));
  expect(await findBillPage(t.ctx, { number: number!, token: "x".repeat(43) })).toBeNull();
});

test("checklist 3 and 4: «Доставка & сборка 100%» and «1 234,50» arrive intact", async () => {
  const bill = aBill({ service_name: "Доставка & сборка 100%", pay_amount: "1\u00A0234,50" });
  expect(await t.preview(bill)).toMatchObject({ result: "success", msg: "" });
  const order = await t.orderOf(bill.orderid);
  expect(order.totalKopecks).toBe(123_450n);
  const [line] = await t.ctx.database.sql`select l.name from order_lines l join order_revisions r on r.id = l.revision_id where r.order_id = ${order.id}`;
  expect(line).toEqual({ name: "Доставка & сборка 100%" });
});

test("API-6, API-7, API-8, checklist 5 and 6: no login is a challenge, everything else a 200 with a reason, no redirect", async () => {
  for (const at of ["/info/settings/token", "/info/settings/token/"]) expect((await t.say({ head: [`GET ${at} HTTP/1.1`, `Authorization: ${auth}`], body: "" })).status).toBe(200);
  const bare = await t.say({ head: ["GET /info/settings/token/ HTTP/1.1"], body: "" });
  expect(bare).toMatchObject({ status: 401, headers: { "www-authenticate": 'Basic realm="1C"' }, json: { result: "fail", msg: expect.any(String) } });
  expect((await t.say(tokenRequest(basic("user", "wrong")))).status).toBe(401);
  const token = await t.tokenOf();
  expect(await t.tokenOf()).toBe(token);
  t.clock.advance(24 * 3_600_000);
  expect(await t.preview(aBill({ expiry: "" }), token)).toMatchObject({ result: "success" });
  t.clock.advance(24 * 3_600_000);
  expect(await t.preview(aBill({ expiry: "" }), token)).toEqual({ result: "fail", msg: "Неверный токен" });
  expect(await t.preview(aBill(), "")).toEqual({ result: "fail", msg: "Неверный токен" });
  for (const request of [
    { head: [`GET /info/nothing/ HTTP/1.1`, `Authorization: ${auth}`], body: "" },
    { head: [`GET /change/invoice/preview/ HTTP/1.1`, `Authorization: ${auth}`], body: "" },
    { head: [`POST /change/invoice/preview/ HTTP/1.1`, `Authorization: ${auth}`, "Content-Type: application/json"], body: "{" },
    { head: [`POST /change/invoice/preview/ HTTP/1.1`, `Authorization: ${auth}`], body: `token=${"я".repeat(40_000)}` },
    { head: [`GET /info/invoice/list/?start_date=yesterday HTTP/1.1`, `Authorization: ${auth}`], body: "" },
  ]) {
    expect(await t.say(request)).toMatchObject({ status: 200, json: { result: "fail", msg: expect.stringMatching(/\S/) } });
  }
  await t.settings({ doors: ["commerceml"] });
  expect(await t.say(tokenRequest(auth))).toMatchObject({ status: 200, json: { result: "fail", msg: expect.stringContaining("выключен") } });
  await t.settings({ doors: ["paykeeper", "commerceml"] });
});

test("another base sees nothing of these bills, and the journal of calls no contacts", async () => {
  const { invoice_id: id } = await t.preview(aBill());
  const other = await aShop(t, { login: "other", onecSettings: { doors: ["paykeeper"] } });
  expect(other.onecId).not.toBe(t.shop.onecId);
  const answer = await t.say({ head: [`GET /info/invoice/byid/?id=${id} HTTP/1.1`, `Authorization: ${basic("other", "secret")}`], body: "" });
  expect(answer.json).toEqual({ result: "fail", msg: "Счёт не найден." });
  await t.preview(aBill({ client_email: "кривой адрес" }));
  const calls = await t.ctx.database.sql<{ summary: string; type: string }[]>`select summary, type from onec_calls where connection_id = ${t.shop.onecId}`;
  expect(calls.every((call) => call.type === "paykeeper" && !/@|кривой|Иванов|\+7/.test(call.summary))).toBe(true);
  expect(calls.length).toBeGreaterThan(20);
});
