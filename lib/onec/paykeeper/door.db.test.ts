/** API-1 … API-13 over real HTTP: the bytes that existing 1C code sends, against our routes. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { watchAlerts } from "@/lib/alerts/index.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { expireLinks } from "@/lib/payments/index.ts";
import { composeBill } from "@/lib/letters/compose-bill.ts";
import { changePayBy } from "@/lib/orders/edit-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aDraft, aLine, upload } from "@/lib/testing/drafts.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { aOnecBase, aShop } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { resumePayments, stopPayments } from "@/lib/pilot/index.ts";
import { forgetConnections } from "@/lib/testing/fresh-connections.ts";
import { openDoor } from "@/lib/testing/open-door.ts";
import type { OpenDoor } from "@/lib/testing/open-door.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { basic, previewRequest, runCode, sendRequest, speak, tokenRequest } from "@/lib/testing/paykeeper-code.ts";
import type { CodeBill } from "@/lib/testing/paykeeper-code.ts";
import { findBillPage, listBillBases, payKeeperRoute, setUpBills } from "./index.ts";
import { readSending, sendAgain } from "../inbox/index.ts";
import { expectedReply, noticeKey } from "./notify-paid.ts";

let t: TestContext;
let shop: TestShop;
let door: OpenDoor;
const auth = basic("user", "secret");
const paykeeper = { vatRate: "vat22", subject: "service" };

beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t, { login: "user", onecSettings: { doors: ["paykeeper", "commerceml"], moneyChannel: "paykeeper", paykeeper } });
  await createConnection(t.ctx, { kind: "mail", provider: "smtp", name: "Почта", sellerOrgId: null, environment: "test", settings: { host: "127.0.0.1", port: 9, secure: false, from: "kassa@shop.test" }, secret: {} });
  door = await openDoor((request) => payKeeperRoute(t.ctx, request));
});
afterAll(async () => {
  await door.close();
  await t.close();
});
beforeEach(() => t.clock.set("2026-11-21T09:00:00Z"));

let counter = 100;
const aBill = (given: Partial<CodeBill> = {}): CodeBill => ({
  clientid: "Иванов Иван Иванович", orderid: `123-${++counter}`, service_name: "Тестовая услуга", client_email: "test@yourdomain.com", client_phone: "+79876543210", expiry: "2026-12-31", pay_amount: "100.03", ...given,
});
type Said = Record<string, string> & { result?: string; msg?: string };
const say = async (request: { head: string[]; body: string | Buffer }) => {
  const answer = await speak(door.url, request);
  expect(answer.headers).toMatchObject({ "content-type": "application/json; charset=utf-8", "cache-control": "no-store, no-transform", "content-length": String(Buffer.byteLength(answer.body)) });
  return { ...answer, json: JSON.parse(answer.body) as Said };
};
const tokenOf = async () => (await say(tokenRequest(auth))).json["token"]!;
const preview = async (bill: CodeBill, token?: string) => (await say(previewRequest(auth, token ?? (await tokenOf()), bill))).json;
const send = async (id: string) => (await say(sendRequest(auth, await tokenOf(), id, null))).json;
const get = async (at: string) => (await say({ head: [`GET ${at} HTTP/1.1`, `Authorization: ${auth}`], body: "" })).json;
const change = async (what: string, id: string) => (await say({ head: [`POST /change/invoice/${what} HTTP/1.1`, `Authorization: ${auth}`], body: `token=${await tokenOf()}&id=${id}` })).json;
const letters = async (recipient: string) => t.ctx.database.sql<{ template: string }[]>`select template from letters where recipient = ${recipient}`;
const orderOf = async (number: string) => {
  const [order] = await t.ctx.database.sql<{ id: string; totalKopecks: bigint; contact: string; buyerName: string; lifecycle: string; revisionNo: number; payUntil: Date | null; paymentStatus: string }[]>`
    select id, total_kopecks, contact, buyer_name, lifecycle, revision_no, pay_until, payment_status from orders where number = ${number} and onec_connection_id = ${shop.onecId}`;
  return order!;
};
const settings = async (value: Record<string, unknown>) => {
  await t.ctx.database.sql`update connections set settings = settings || ${JSON.stringify(value)}::text::jsonb where id = ${shop.onecId}`;
  forgetConnections();
};

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
  const first = await runCode(door.url, auth, bills);
  expect(first).toMatchObject({ told: [], ids: [expect.stringMatching(/^\d{17}$/), expect.stringMatching(/^\d{17}$/)] });
  expect(await runCode(door.url, auth, bills)).toEqual(first);
  expect([await letters("one@yourdomain.com"), await letters("two@yourdomain.com")]).toEqual([[{ template: "bill" }], [{ template: "bill" }]]);
  expect(await orderOf("123-2")).toMatchObject({ totalKopecks: 1_050n, buyerName: "Петров Пётр Петрович", contact: "two@yourdomain.com", payUntil: new Date("2027-10-30T21:00:00Z"), revisionNo: 1 });
  const [bill] = await t.ctx.database.sql`select phone, send_count from bills where order_ref = '123-1'`;
  expect(bill).toEqual({ phone: "+79876543210", sendCount: 1 });
  const [line] = await t.ctx.database.sql`select l.name, l.kind, l.vat_rate, l.vat_kopecks from order_lines l join order_revisions r on r.id = l.revision_id where r.order_id = ${(await orderOf("123-1")).id}`;
  expect(line).toEqual({ name: "Тестовая услуга", kind: "service", vatRate: "vat22", vatKopecks: 1_804n });
  // The address is secret, the number opens nothing; the pay link lives as long as the bill.
  const { pathname } = new URL(first.urls[0]!);
  const [, , number, token] = pathname.split("/");
  const [link] = await t.ctx.database.sql`select token, valid_until from payment_links where order_id = ${(await orderOf("123-1")).id}`;
  expect(await findBillPage(t.ctx, { number: number!, token: token! })).toBe(link!["token"]);
  expect(link!["validUntil"]).toEqual(new Date("2027-10-19T21:00:00Z"));
  expect(await findBillPage(t.ctx, { number: number!, token: "x".repeat(43) })).toBeNull();
});

test("checklist 3 and 4: «Доставка & сборка 100%» and «1 234,50» arrive intact", async () => {
  const bill = aBill({ service_name: "Доставка & сборка 100%", pay_amount: "1\u00A0234,50" });
  expect(await preview(bill)).toMatchObject({ result: "success", msg: "" });
  const order = await orderOf(bill.orderid);
  expect(order.totalKopecks).toBe(123_450n);
  const [line] = await t.ctx.database.sql`select l.name from order_lines l join order_revisions r on r.id = l.revision_id where r.order_id = ${order.id}`;
  expect(line).toEqual({ name: "Доставка & сборка 100%" });
});

test("API-6, API-7, API-8, checklist 5 and 6: no login is a challenge, everything else a 200 with a reason, no redirect", async () => {
  for (const at of ["/info/settings/token", "/info/settings/token/"]) expect((await say({ head: [`GET ${at} HTTP/1.1`, `Authorization: ${auth}`], body: "" })).status).toBe(200);
  const bare = await say({ head: ["GET /info/settings/token/ HTTP/1.1"], body: "" });
  expect(bare).toMatchObject({ status: 401, headers: { "www-authenticate": 'Basic realm="1C"' }, json: { result: "fail", msg: expect.any(String) } });
  expect((await say(tokenRequest(basic("user", "wrong")))).status).toBe(401);
  const token = await tokenOf();
  expect(await tokenOf()).toBe(token);
  t.clock.advance(24 * 3_600_000);
  expect(await preview(aBill({ expiry: "" }), token)).toMatchObject({ result: "success" });
  t.clock.advance(24 * 3_600_000);
  expect(await preview(aBill({ expiry: "" }), token)).toEqual({ result: "fail", msg: "Неверный токен" });
  expect(await preview(aBill(), "")).toEqual({ result: "fail", msg: "Неверный токен" });
  for (const request of [
    { head: [`GET /info/nothing/ HTTP/1.1`, `Authorization: ${auth}`], body: "" },
    { head: [`GET /change/invoice/preview/ HTTP/1.1`, `Authorization: ${auth}`], body: "" },
    { head: [`POST /change/invoice/preview/ HTTP/1.1`, `Authorization: ${auth}`, "Content-Type: application/json"], body: "{" },
    { head: [`POST /change/invoice/preview/ HTTP/1.1`, `Authorization: ${auth}`], body: `token=${"я".repeat(40_000)}` },
    { head: [`GET /info/invoice/list/?start_date=yesterday HTTP/1.1`, `Authorization: ${auth}`], body: "" },
  ]) {
    expect(await say(request)).toMatchObject({ status: 200, json: { result: "fail", msg: expect.stringMatching(/\S/) } });
  }
  await settings({ doors: ["commerceml"] });
  expect(await say(tokenRequest(auth))).toMatchObject({ status: 200, json: { result: "fail", msg: expect.stringContaining("выключен") } });
  await settings({ doors: ["paykeeper", "commerceml"] });
});

test("API-3: a past day is refused in words; the bill dies at its midnight and a new one is another", async () => {
  expect(await preview(aBill({ expiry: "20191020200103" }))).toEqual({ result: "fail", msg: "Срок действия счёта уже истёк" });
  const bill = aBill({ expiry: "2026-11-23" });
  const { invoice_id: id } = await preview(bill);
  t.clock.set("2026-11-22T21:00:00Z");
  await expireLinks(t.ctx);
  expect(await get(`/info/invoice/byid/?id=${id}`)).toMatchObject({ status: "expired", expiry_datetime: "2026-11-23 00:00:00" });
  expect(await send(id!)).toEqual({ result: "fail", msg: "Срок действия счёта уже истёк" });
  const again = await preview({ ...bill, expiry: "2026-12-01" });
  expect(again).toMatchObject({ result: "success" });
  expect(again["invoice_id"]).not.toBe(id);
  const [link] = await t.ctx.database.sql`select valid_until from payment_links where order_id = ${(await orderOf(bill.orderid)).id} and state = 'active'`;
  expect(link).toEqual({ validUntil: new Date("2026-11-30T21:00:00Z") });
});

test("API-9: the same request, a corrected address and another sum are one bill; parallel repeats too; a paid order is refused", async () => {
  const bill = aBill();
  const token = await tokenOf();
  const [a, b, c] = await Promise.all([preview(bill, token), preview(bill, token), preview(bill, token)]);
  expect(new Set([a!["invoice_id"], b!["invoice_id"], c!["invoice_id"]]).size).toBe(1);
  expect((await preview({ ...bill, client_email: "corrected@yourdomain.com" }))["invoice_id"]).toBe(a!["invoice_id"]);
  expect(await orderOf(bill.orderid)).toMatchObject({ contact: "corrected@yourdomain.com", revisionNo: 1 });
  expect((await preview({ ...bill, pay_amount: "90.00" }))["invoice_id"]).toBe(a!["invoice_id"]);
  const order = await orderOf(bill.orderid);
  expect(order).toMatchObject({ totalKopecks: 9_000n, revisionNo: 2 });
  const [row] = await t.ctx.database.sql`select version, amount_kopecks, email from bills where order_id = ${order.id}`;
  expect(row).toMatchObject({ version: 2, amountKopecks: 9_000n });
  await putMoney(t, { orderId: order.id, kopecks: 9_000n, announced: true });
  expect(await preview({ ...bill, pay_amount: "90.00" })).toEqual({ result: "fail", msg: `Заказ ${bill.orderid} уже оплачен` });
  expect(await preview({ ...bill, pay_amount: "95.00" })).toEqual({ result: "fail", msg: `Заказ ${bill.orderid} уже оплачен` });
  expect(await send(a!["invoice_id"]!)).toEqual({ result: "fail", msg: `Заказ ${bill.orderid} уже оплачен` });
  expect(await orderOf(bill.orderid)).toMatchObject({ totalKopecks: 9_000n });
});

test("API-10: `send` twice within a minute is one letter, later it is another; a corrected address gets its own at once", async () => {
  const bill = aBill({ client_email: "minute@yourdomain.com" });
  const { invoice_id: id } = await preview(bill);
  for (let i = 0; i < 2; i++) expect(await send(id!)).toEqual({ result: "success", msg: "" });
  expect(await letters("minute@yourdomain.com")).toHaveLength(1);
  await preview({ ...bill, client_email: "minute2@yourdomain.com" });
  await send(id!);
  expect(await letters("minute2@yourdomain.com")).toHaveLength(1);
  t.clock.advance(61_000);
  await send(id!);
  expect(await letters("minute2@yourdomain.com")).toHaveLength(2);
  expect(await send("999")).toEqual({ result: "fail", msg: "Счёт не найден." });
});

test("API-11: without an order number each call is a bill of its own", async () => {
  const bill = aBill({ orderid: "" });
  const [a, b] = [await preview(bill), await preview(bill)];
  expect(a["invoice_id"]).not.toBe(b["invoice_id"]);
  expect(await orderOf(a["invoice_id"]!)).toMatchObject({ totalKopecks: 10_003n });
});

test("API-13: lines come from the order that another door brought when the sums agree; a stranger sum is refused; without a choice of VAT no bill is made", async () => {
  const draft = aDraft({ number: "УТ-77", lines: [aLine({ sumKopecks: 60_000n }), aLine({ position: 2, sumKopecks: 40_000n })] });
  await upload(t, shop, draft);
  expect(await preview(aBill({ orderid: "УТ-77", pay_amount: "900" }))).toEqual({ result: "fail", msg: expect.stringContaining("не равна сумме заказа УТ-77") });
  const { invoice_id: id } = await preview(aBill({ orderid: "УТ-77", pay_amount: "1 000,00", expiry: "2026-12-05" }));
  expect(await orderOf("УТ-77")).toMatchObject({ revisionNo: 1, totalKopecks: 100_000n, payUntil: new Date("2026-12-04T21:00:00Z") });
  // Taking the bill back leaves the order to 1C.
  expect(await change("revoke/", id!)).toEqual({ result: "success", msg: "" });
  expect(await orderOf("УТ-77")).toMatchObject({ lifecycle: "active" });
  await settings({ paykeeper: {} });
  expect(await preview(aBill())).toEqual({ result: "fail", msg: expect.stringContaining("выберите ставку НДС") });
  expect(await preview(aBill({ orderid: "УТ-77", pay_amount: "1000", expiry: "" }))).toMatchObject({ result: "success" });
  await settings({ paykeeper });
  // A day that staff set is our word (1.2): another term of a bill is a question.
  const { id: orderId } = await orderOf("УТ-77");
  await changePayBy((await aStaff(t, { role: "accountant" })).ctx, { orderId, lastDay: "2026-12-20" });
  expect(await preview(aBill({ orderid: "УТ-77", pay_amount: "1000", expiry: "" }))).toMatchObject({ result: "success" });
  expect(await t.ctx.database.sql`select field from onec_conflicts where order_id = ${orderId}`).toHaveLength(0);
  expect(await preview(aBill({ orderid: "УТ-77", pay_amount: "1000", expiry: "2026-12-02" }))).toMatchObject({ result: "success" });
  expect([...(await t.ctx.database.sql`select o.pay_until, c.field, c.state from orders o join onec_conflicts c on c.order_id = o.id where o.id = ${orderId}`)]).toEqual([{ payUntil: new Date("2026-12-20T21:00:00Z"), field: "payBy", state: "open" }]);
});

test("API-9: a bill for the rest of an order that is partly paid leaves the order's sum; another sum is refused with both", async () => {
  const bill = aBill({ pay_amount: "1000" });
  const { invoice_id: id } = await preview(bill);
  const { id: orderId } = await orderOf(bill.orderid);
  await putMoney(t, { orderId, kopecks: 40_000n });
  const asked = async () => (await t.ctx.database.sql<{ amountKopecks: bigint }[]>`select amount_kopecks from payment_links where order_id = ${orderId} and state = 'active'`).map((link) => link.amountKopecks);
  for (const pay_amount of ["600", "1000", "600"]) expect(await preview({ ...bill, pay_amount })).toMatchObject({ result: "success", invoice_id: id });
  expect(await orderOf(bill.orderid)).toMatchObject({ totalKopecks: 100_000n, revisionNo: 1 });
  expect(await asked()).toEqual([60_000n]);
  const refused = await preview({ ...bill, pay_amount: "700" });
  expect(refused).toMatchObject({ result: "fail" });
  expect(refused.msg!.replaceAll(/\s/g, " ")).toBe(`Заказ ${bill.orderid}: уже получено 400,00 ₽, осталось 600,00 ₽. Запросите остаток или всю сумму заказа, 1 000,00 ₽`);
  expect(await asked()).toEqual([60_000n]);
});

test("PIL-05: a bill that the kill switch refused leaves an order that the next one may change", async () => {
  const director = await aStaff(t);
  const bill = aBill({ pay_amount: "900" });
  const { stopId } = await stopPayments(director.ctx, { storeId: shop.storeId, reason: "проверка остановки" });
  expect(await preview(bill)).toMatchObject({ result: "fail", msg: expect.stringContaining("сейчас принять оплату нельзя") });
  await resumePayments(director.ctx, { stopId, reason: "проверка закончена" });
  expect(await preview({ ...bill, pay_amount: "950" })).toMatchObject({ result: "success" });
  expect(await orderOf(bill.orderid)).toMatchObject({ totalKopecks: 95_000n });
});

test("moneyChannel paykeeper: byid and list tell 1C of the payment, and then it is «Передано в 1С»", async () => {
  const bill = aBill({ pay_amount: "500" });
  const { invoice_id: id } = await preview(bill);
  const at = `/info/invoice/byid/?id=${id}`;
  expect(await get(at)).toEqual({
    id, user_id: "1", user_login: "user", status: "created", pay_amount: "500.00", clientid: "Иванов Иван Иванович", orderid: bill.orderid, paymentid: "", service_name: "Тестовая услуга", client_email: "test@yourdomain.com",
    client_phone: "+79876543210", expiry_datetime: "2026-12-31 00:00:00", created_datetime: "2026-11-21 12:00:00", paid_datetime: null,
  });
  await send(id!);
  expect(await get(at)).toMatchObject({ status: "sent" });
  const order = await orderOf(bill.orderid);
  const exported = async () => (await t.ctx.database.sql<{ state: string }[]>`select state from export_messages where order_id = ${order.id}`).map((row) => row.state);
  t.clock.advance(120_000);
  await putMoney(t, { orderId: order.id, kopecks: 50_000n, announced: true });
  expect(await exported()).toEqual(["pending"]);
  const paid = await get(at);
  expect(paid).toMatchObject({ status: "paid", paymentid: expect.stringMatching(/^\d{1,18}$/), paid_datetime: "2026-11-21 12:02:00" });
  expect(await exported()).toEqual(["delivered"]);
  const list = (await get("/info/invoice/list/?start_date=2026-11-21&end_date=2026-11-21&status[]=paid&limit=500")) as unknown as Said[];
  expect(list.find((each) => each["id"] === id)).toEqual(paid);
  expect(list.every((each) => each["status"] === "paid")).toBe(true);
  const counts = (await get("/info/invoice/listcount/?start_date=2026-11-21&end_date=2026-11-21")) as unknown as { statuses: { status: string; count: string }[]; fullcount: { count: string }[] };
  expect(counts.statuses.find((each) => each.status === "paid")?.count).toBe(String(list.length));
  expect(await get("/info/invoice/byid/?id=1")).toEqual({ result: "fail", msg: "Счёт не найден." });
});

test("CML-32: what PayKeeper's calls cannot carry is shown as by hand: money back, a part, a payment of an order without a bill", async () => {
  const byHand = async (orderId: string) => (await readOrderPage(t.ctx, { storeId: null, role: "accountant", seesBuyers: true, seesRaw: false }, orderId))!.exports.map((each) => each.byHand);
  const bill = aBill({ pay_amount: "1000" });
  const { invoice_id: id } = await preview(bill);
  const { id: orderId } = await orderOf(bill.orderid);
  await putMoney(t, { orderId, kopecks: 40_000n, announced: true });
  expect(await byHand(orderId)).toEqual(["part"]);
  await putMoney(t, { orderId, kopecks: 60_000n, announced: true });
  expect(await byHand(orderId)).toEqual([null, null]);
  await get(`/info/invoice/byid/?id=${id}`);
  await putMoney(t, { orderId, kopecks: 30_000n, kind: "refund_succeeded", announced: true });
  expect((await byHand(orderId)).map(String).toSorted((a, b) => a.localeCompare(b))).toEqual(["null", "null", "refund"]);
  // 1C may still be told of it by a bill that it makes.
  const [taken] = await upload(t, shop, aDraft({ number: "УТ-БС", totalKopecks: 50_000n }));
  await putMoney(t, { orderId: taken!.orderId!, kopecks: 20_000n, announced: true });
  expect(await byHand(taken!.orderId!)).toEqual(["no_bill"]);
  t.clock.advance(2 * 3_600_000);
  await watchAlerts(t.ctx);
  const alerts = await t.ctx.database.sql<{ advice: string }[]>`select advice from alerts where code = 'ALR-13' and order_id in (${orderId}, ${taken!.orderId!}) order by advice`;
  expect(alerts.filter(({ advice }) => advice.includes("проведите вручную"))).toHaveLength(2);
  expect(alerts.filter(({ advice }) => advice.includes("Запустите обмен"))).toHaveLength(0);
});

test("revoke cancels an order that was born with its bill, and nothing that has money; a new preview revives it", async () => {
  const bill = aBill();
  const { invoice_id: id } = await preview(bill);
  expect(await change("revoke", id!)).toEqual({ result: "success", msg: "" });
  expect(await change("revoke", id!)).toEqual({ result: "success", msg: "" });
  expect(await orderOf(bill.orderid)).toMatchObject({ lifecycle: "cancelled" });
  expect(await get(`/info/invoice/byid/?id=${id}`)).toMatchObject({ status: "revoked" });
  expect(await send(id!)).toEqual({ result: "fail", msg: "Счёт отозван" });
  const again = await preview(bill);
  expect(again).toMatchObject({ result: "success" });
  const order = await orderOf(bill.orderid);
  expect(order).toMatchObject({ lifecycle: "active" });
  await putMoney(t, { orderId: order.id, kopecks: 1_000n });
  expect(await change("revoke", again["invoice_id"]!)).toEqual({ result: "fail", msg: expect.stringContaining("сначала верните деньги") });
});

test("accept-cash (domain 1.2): refused until somebody says that the till prints its receipts; then booked once, without a receipt of ours and without telling 1C", async () => {
  const bill = aBill({ pay_amount: "70" });
  const { invoice_id: id } = await preview(bill);
  expect(await change("accept-cash/", id!)).toEqual({ result: "fail", msg: expect.stringContaining("касса магазина") });
  await settings({ paykeeper: { ...paykeeper, cash: "book" } });
  expect(await change("accept-cash/", id!)).toEqual({ result: "success", msg: "" });
  expect(await change("accept-cash/", id!)).toEqual({ result: "fail", msg: `Заказ ${bill.orderid} уже оплачен` });
  const order = await orderOf(bill.orderid);
  expect(order.paymentStatus).toBe("paid");
  const facts = await t.ctx.database.sql`select f.method, f.fiscal_owner, f.amount_kopecks from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${order.id}`;
  expect(facts).toEqual([{ method: "cash", fiscalOwner: "pos", amountKopecks: 7_000n }]);
  expect(await t.ctx.database.sql`select 1 from export_messages where order_id = ${order.id}`).toHaveLength(0);
  expect(await t.ctx.database.sql`select 1 from receipts where order_id = ${order.id} and state not in ('not_required')`).toHaveLength(0);
  await settings({ paykeeper });
});

test("the letter of a bill says what, how much, until when, and leads to its secret address", async () => {
  const bill = aBill({ service_name: "Сборка <шкафа>", pay_amount: "1234,5", expiry: "2026-12-31" });
  const { invoice_id: id, invoice_url: url } = await preview(bill);
  const order = await orderOf(bill.orderid);
  const [row] = await t.ctx.database.sql<{ id: string }[]>`select id from bills where number = ${id!}::bigint`;
  const letter = (await composeBill(t.ctx, { orderId: order.id, params: { billId: row!.id } }))!;
  expect(letter.subject).toBe(`Заказ №\u00A0${bill.orderid}: оплатите 1\u202F234,50\u00A0₽ до 30\u00A0декабря включительно`);
  expect(letter.text).toContain("Сборка <шкафа>");
  expect(letter.html).toContain("Сборка &lt;шкафа&gt;");
  for (const text of [letter.text, letter.html]) expect(text).toContain(url);
  await putMoney(t, { orderId: order.id, kopecks: 123_450n });
  expect(await composeBill(t.ctx, { orderId: order.id, params: { billId: row!.id } })).toBeNull();
});

test("json-api 2.3: the notification in PayKeeper's manner is signed, its answer checked, repeated until it is right, and then 1C has the payment", async () => {
  expect(noticeKey({ id: "41700123", sum: "899.00", clientid: "ivanov@example.ru", orderid: "УТ-000417" }, "Sec-Word_7f3a")).toBe("c74be151ee29eff70a56897477e847b1");
  expect(expectedReply("41700123", "Sec-Word_7f3a")).toBe("OK 1923c67c485c2937185c388ecb089b29");
  const bill = aBill({ pay_amount: "899" });
  const came: URLSearchParams[] = [];
  let reply = (_fields: URLSearchParams): string => "OK";
  const handler = await openDoor(async (request) => {
    const fields = new URLSearchParams(await request.text());
    // Payments of the tests above may still be told.
    if (fields.get("orderid") === bill.orderid) came.push(fields);
    return new Response(reply(fields));
  });
  await settings({ paykeeper: { ...paykeeper, notifyUrl: `${handler.url}/paykeeper/` } });
  const { sealed, keyId } = t.ctx.secrets.seal(JSON.stringify({ password: "secret", secretWord: "Sec-Word_7f3a" }));
  await t.ctx.database.sql`update connections set secret_sealed = ${sealed}, secret_key_id = ${keyId} where id = ${shop.onecId}`;
  forgetConnections();
  await preview(bill);
  const order = await orderOf(bill.orderid);
  const exported = async () => (await t.ctx.database.sql<{ state: string }[]>`select state from export_messages where order_id = ${order.id}`).map((row) => row.state);
  await putMoney(t, { orderId: order.id, kopecks: 89_900n, announced: true });
  const only = ["money.captured", "bill.notify"] as const;
  await drainJobs(t, { only });
  expect(came).toHaveLength(1);
  const fields = came[0]!;
  expect(Object.fromEntries(fields)).toMatchObject({ sum: "899.00", clientid: bill.clientid, orderid: bill.orderid, client_phone: "+79876543210", id: expect.stringMatching(/^\d{1,18}$/) });
  expect(fields.get("key")).toBe(noticeKey({ id: fields.get("id")!, sum: "899.00", clientid: bill.clientid, orderid: bill.orderid }, "Sec-Word_7f3a"));
  // A bare OK is no acknowledgement.
  expect(await exported()).toEqual(["pending"]);
  const [notice] = await t.ctx.database.sql`select n.note, n.next_try_at from bill_notices n join bills b on b.id = n.bill_id where b.order_id = ${order.id}`;
  expect(notice).toMatchObject({ note: expect.stringContaining("подпись"), nextTryAt: new Date("2026-11-21T09:01:00Z") });
  await drainJobs(t, { only });
  expect(came).toHaveLength(1);
  reply = (given) => `${expectedReply(given.get("id")!, "Sec-Word_7f3a")}\n`;
  t.clock.advance(60_000);
  await drainJobs(t, { only });
  expect(came).toHaveLength(2);
  expect(Object.fromEntries(came[1]!)).toEqual(Object.fromEntries(fields));
  expect(await exported()).toEqual(["delivered"]);
  t.clock.advance(3_600_000);
  await drainJobs(t, { only });
  expect(came).toHaveLength(2);
  // A9: a row of the journal with its tries; «Повторить» tells it once more, the same.
  const [row] = await t.ctx.database.sql<{ id: string; door: string; result: string; attempts: number }[]>`select m.id, m.door, m.result, m.attempts from onec_messages m join export_messages e on e.id = m.id where e.order_id = ${order.id}`;
  expect(row).toMatchObject({ door: "paykeeper", result: "waiting_1c", attempts: 1 });
  expect(await readSending(t.ctx, row!.id)).toMatchObject({ way: "notice", state: "given", tries: [{ isTaken: true }, { isTaken: false }] });
  expect(await sendAgain((await aStaff(t, { role: "integrator" })).ctx, row!.id)).toBe("notice");
  await drainJobs(t, { only });
  expect(came).toHaveLength(3);
  expect(Object.fromEntries(came[2]!)).toEqual(Object.fromEntries(fields));
  expect(await readSending(t.ctx, row!.id)).toMatchObject({ state: "given", note: null });
  expect(await t.ctx.database.sql`select 1 from exchange_log where action = 'bill.notify' and request like '%yourdomain%'`).toHaveLength(0);
  await settings({ paykeeper });
  await handler.close();
});

test("API-13: the choice of VAT is a person's, audited; who may not is refused", async () => {
  const other = await aShop(t, { login: "choice", onecSettings: { doors: ["paykeeper"], paykeeper: { notifyUrl: "https://shop.example/pk" } } });
  const [accountant, manager] = [await aStaff(t, { role: "accountant" }), await aStaff(t, { role: "manager" })];
  const choice = { connectionId: other.onecId, vatRate: "none", subject: "goods", booksCash: true };
  await expect(setUpBills(manager.ctx, choice)).rejects.toThrow(/нет права/);
  await expect(setUpBills(accountant.ctx, { ...choice, vatRate: "vat18" })).rejects.toThrow(/ставку/);
  await setUpBills(accountant.ctx, choice);
  const [base] = await t.ctx.database.sql`select settings->'paykeeper' as bills from connections where id = ${other.onecId}`;
  expect(base).toEqual({ bills: { vatRate: "none", subject: "goods", cash: "book", notifyUrl: "https://shop.example/pk" } });
  expect(await t.ctx.database.sql`select action from audit_log where object_id = ${other.onecId} and action = 'bills.set_up'`).toHaveLength(1);
  expect((await listBillBases(t.ctx, { isTest: true })).map((each) => each.connectionId).toSorted()).toEqual([other.onecId, shop.onecId].toSorted());
});

test("another base sees nothing of these bills, and the journal of calls no contacts", async () => {
  const { invoice_id: id } = await preview(aBill());
  const other = await aShop(t, { login: "other", onecSettings: { doors: ["paykeeper"] } });
  expect(other.onecId).not.toBe(shop.onecId);
  const answer = await say({ head: [`GET /info/invoice/byid/?id=${id} HTTP/1.1`, `Authorization: ${basic("other", "secret")}`], body: "" });
  expect(answer.json).toEqual({ result: "fail", msg: "Счёт не найден." });
  await preview(aBill({ client_email: "кривой адрес" }));
  const calls = await t.ctx.database.sql<{ summary: string; type: string }[]>`select summary, type from onec_calls where connection_id = ${shop.onecId}`;
  expect(calls.every((call) => call.type === "paykeeper" && !/@|кривой|Иванов|\+7/.test(call.summary))).toBe(true);
  expect(calls.length).toBeGreaterThan(20);
});

test("API-13: of orders of two years with one number of 1C a bill is for the one whose sum it asks, else for the newest", async () => {
  const { connectionId } = await aOnecBase(t, { storeId: shop.storeId, login: "years", settings: { doors: ["paykeeper", "json"], moneyChannel: "paykeeper", paykeeper } });
  const json = jsonClient(t, "years");
  const order = (date: string, amount: number) => ({ id: newId(), number: "УТ00-000001", date, amount, items: [{ line: 1, name: "Доска", quantity: 1, amount, vatRate: "22" }] });
  await json.post("/orders", { orders: [order("2025-01-10T10:00:00", 700), order("2026-01-09T10:00:00", 800)] });
  const billed = async (amount: string) => {
    const head = basic("years", "secret");
    const { token } = (await say(tokenRequest(head))).json;
    const said = (await say(previewRequest(head, token!, aBill({ orderid: "УТ00-000001", pay_amount: amount })))).json;
    return said["result"] === "fail" ? said.msg : (await t.ctx.database.sql<{ number: string }[]>`select o.number from bills b join orders o on o.id = b.order_id where b.number = ${said["invoice_id"]!}::bigint and b.connection_id = ${connectionId}`)[0]!.number;
  };
  expect([await billed("800"), await billed("700")]).toEqual(["УТ00-000001/26", "УТ00-000001"]);
  expect((await billed("900"))!.replaceAll(/\s/g, " ")).toContain("800,00 ₽");
});
