/** What 1C hears of money by PayKeeper's calls: the lists it polls, the notification it is sent, cash that it books, and what these cannot carry. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { watchAlerts } from "@/lib/alerts/index.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { aBill, openBillsWorld, paykeeper } from "@/lib/testing/bills-world.ts";
import type { BillsWorld, Said } from "@/lib/testing/bills-world.ts";
import { aDraft, upload } from "@/lib/testing/drafts.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { forgetConnections } from "@/lib/testing/fresh-connections.ts";
import { openDoor } from "@/lib/testing/open-door.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { readSending, sendAgain } from "../inbox/index.ts";
import { expectedReply, noticeKey } from "./notify-paid.ts";

let t: BillsWorld;
beforeAll(async () => {
  t = await openBillsWorld();
});
afterAll(() => t.close());
beforeEach(() => t.clock.set("2026-11-21T09:00:00Z"));

test("moneyChannel paykeeper: byid and list tell 1C of the payment, and then it is «Передано в 1С»", async () => {
  const bill = aBill({ pay_amount: "500" });
  const { invoice_id: id } = await t.preview(bill);
  const at = `/info/invoice/byid/?id=${id}`;
  expect(await t.get(at)).toEqual({
    id, user_id: "1", user_login: "user", status: "created", pay_amount: "500.00", clientid: "Иванов Иван Иванович", orderid: bill.orderid, paymentid: "", service_name: "Тестовая услуга", client_email: "test@yourdomain.com",
    client_phone: "+79876543210", expiry_datetime: "2026-12-31 00:00:00", created_datetime: "2026-11-21 12:00:00", paid_datetime: null,
  });
  await t.send(id!);
  expect(await t.get(at)).toMatchObject({ status: "sent" });
  const order = await t.orderOf(bill.orderid);
  const exported = async () => (await t.ctx.database.sql<{ state: string }[]>`select state from export_messages where order_id = ${order.id}`).map((row) => row.state);
  t.clock.advance(120_000);
  await putMoney(t, { orderId: order.id, kopecks: 50_000n, announced: true });
  expect(await exported()).toEqual(["pending"]);
  const paid = await t.get(at);
  expect(paid).toMatchObject({ status: "paid", paymentid: expect.stringMatching(/^\d{1,18}$/), paid_datetime: "2026-11-21 12:02:00" });
  expect(await exported()).toEqual(["delivered"]);
  const list = (await t.get("/info/invoice/list/?start_date=2026-11-21&end_date=2026-11-21&status[]=paid&limit=500")) as unknown as Said[];
  expect(list.find((each) => each["id"] === id)).toEqual(paid);
  expect(list.every((each) => each["status"] === "paid")).toBe(true);
  const counts = (await t.get("/info/invoice/listcount/?start_date=2026-11-21&end_date=2026-11-21")) as unknown as { statuses: { status: string; count: string }[]; fullcount: { count: string }[] };
  expect(counts.statuses.find((each) => each.status === "paid")?.count).toBe(String(list.length));
  expect(await t.get("/info/invoice/byid/?id=1")).toEqual({ result: "fail", msg: "Счёт не найден." });
});

test("CML-32: what PayKeeper's calls cannot carry is shown as by hand: money back, a part, a payment of an order without a bill", async () => {
  const byHand = async (orderId: string) => (await readOrderPage(t.ctx, { storeId: null, role: "accountant", seesBuyers: true, seesRaw: false }, orderId))!.exports.map((each) => each.byHand);
  const bill = aBill({ pay_amount: "1000" });
  const { invoice_id: id } = await t.preview(bill);
  const { id: orderId } = await t.orderOf(bill.orderid);
  await putMoney(t, { orderId, kopecks: 40_000n, announced: true });
  expect(await byHand(orderId)).toEqual(["part"]);
  await putMoney(t, { orderId, kopecks: 60_000n, announced: true });
  expect(await byHand(orderId)).toEqual([null, null]);
  await t.get(`/info/invoice/byid/?id=${id}`);
  await putMoney(t, { orderId, kopecks: 30_000n, kind: "refund_succeeded", announced: true });
  expect((await byHand(orderId)).map(String).toSorted((a, b) => a.localeCompare(b))).toEqual(["null", "null", "refund"]);
  // 1C may still be told of it by a bill that it makes.
  const [taken] = await upload(t, t.shop, aDraft({ number: "УТ-БС", totalKopecks: 50_000n }));
  await putMoney(t, { orderId: taken!.orderId!, kopecks: 20_000n, announced: true });
  expect(await byHand(taken!.orderId!)).toEqual(["no_bill"]);
  t.clock.advance(2 * 3_600_000);
  await watchAlerts(t.ctx);
  const alerts = await t.ctx.database.sql<{ advice: string }[]>`select advice from alerts where code = 'ALR-13' and order_id in (${orderId}, ${taken!.orderId!}) order by advice`;
  expect(alerts.filter(({ advice }) => advice.includes("проведите вручную"))).toHaveLength(2);
  expect(alerts.filter(({ advice }) => advice.includes("Запустите обмен"))).toHaveLength(0);
});

test("accept-cash (domain 1.2): refused until somebody says that the till prints its receipts; then booked once, without a receipt of ours and without telling 1C", async () => {
  const bill = aBill({ pay_amount: "70" });
  const { invoice_id: id } = await t.preview(bill);
  expect(await t.change("accept-cash/", id!)).toEqual({ result: "fail", msg: expect.stringContaining("касса магазина") });
  await t.settings({ paykeeper: { ...paykeeper, cash: "book" } });
  expect(await t.change("accept-cash/", id!)).toEqual({ result: "success", msg: "" });
  expect(await t.change("accept-cash/", id!)).toEqual({ result: "fail", msg: `Заказ ${bill.orderid} уже оплачен` });
  const order = await t.orderOf(bill.orderid);
  expect(order.paymentStatus).toBe("paid");
  const facts = await t.ctx.database.sql`select f.method, f.fiscal_owner, f.amount_kopecks from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${order.id}`;
  expect(facts).toEqual([{ method: "cash", fiscalOwner: "pos", amountKopecks: 7_000n }]);
  expect(await t.ctx.database.sql`select 1 from export_messages where order_id = ${order.id}`).toHaveLength(0);
  expect(await t.ctx.database.sql`select 1 from receipts where order_id = ${order.id} and state not in ('not_required')`).toHaveLength(0);
  await t.settings({ paykeeper });
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
  await t.settings({ paykeeper: { ...paykeeper, notifyUrl: `${handler.url}/paykeeper/` } });
  const { sealed, keyId } = t.ctx.secrets.seal(JSON.stringify({ password: "secret", secretWord: "Sec-Word_7f3a" }));
  await t.ctx.database.sql`update connections set secret_sealed = ${sealed}, secret_key_id = ${keyId} where id = ${t.shop.onecId}`;
  forgetConnections();
  await t.preview(bill);
  const order = await t.orderOf(bill.orderid);
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
  await t.settings({ paykeeper });
  await handler.close();
});
