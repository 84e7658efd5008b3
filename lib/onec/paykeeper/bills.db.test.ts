/** Bills that PayKeeper's code asks for: which order each is for, its sum, term and lines, its letter and its end (API-3, API-9 … API-13). */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { composeBill } from "@/lib/letters/compose-bill.ts";
import { changePayBy } from "@/lib/orders/edit-order.ts";
import { expireLinks } from "@/lib/payments/index.ts";
import { resumePayments, stopPayments } from "@/lib/pilot/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { aBill, openBillsWorld, paykeeper } from "@/lib/testing/bills-world.ts";
import type { BillsWorld } from "@/lib/testing/bills-world.ts";
import { aDraft, aLine, upload } from "@/lib/testing/drafts.ts";
import { aOnecBase, aShop } from "@/lib/testing/factories.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { basic, previewRequest, tokenRequest } from "@/lib/testing/paykeeper-code.ts";
import { listBillBases, setUpBills } from "./index.ts";

let t: BillsWorld;
beforeAll(async () => {
  t = await openBillsWorld();
});
afterAll(() => t.close());
beforeEach(() => t.clock.set("2026-11-21T09:00:00Z"));

const letters = async (recipient: string) => t.ctx.database.sql<{ template: string }[]>`select template from letters where recipient = ${recipient}`;

test("API-3: a past day is refused in words; the bill dies at its midnight and a new one is another", async () => {
  expect(await t.preview(aBill({ expiry: "20191020200103" }))).toEqual({ result: "fail", msg: "Срок действия счёта уже истёк" });
  const bill = aBill({ expiry: "2026-11-23" });
  const { invoice_id: id } = await t.preview(bill);
  t.clock.set("2026-11-22T21:00:00Z");
  await expireLinks(t.ctx);
  expect(await t.get(`/info/invoice/byid/?id=${id}`)).toMatchObject({ status: "expired", expiry_datetime: "2026-11-23 00:00:00" });
  expect(await t.send(id!)).toEqual({ result: "fail", msg: "Срок действия счёта уже истёк" });
  const again = await t.preview({ ...bill, expiry: "2026-12-01" });
  expect(again).toMatchObject({ result: "success" });
  expect(again["invoice_id"]).not.toBe(id);
  const [link] = await t.ctx.database.sql`select valid_until from payment_links where order_id = ${(await t.orderOf(bill.orderid)).id} and state = 'active'`;
  expect(link).toEqual({ validUntil: new Date("2026-11-30T21:00:00Z") });
});

test("API-9: the same request, a corrected address and another sum are one bill; parallel repeats too; a paid order is refused", async () => {
  const bill = aBill();
  const token = await t.tokenOf();
  const [a, b, c] = await Promise.all([t.preview(bill, token), t.preview(bill, token), t.preview(bill, token)]);
  expect(new Set([a!["invoice_id"], b!["invoice_id"], c!["invoice_id"]]).size).toBe(1);
  expect((await t.preview({ ...bill, client_email: "corrected@yourdomain.com" }))["invoice_id"]).toBe(a!["invoice_id"]);
  expect(await t.orderOf(bill.orderid)).toMatchObject({ contact: "corrected@yourdomain.com", revisionNo: 1 });
  expect((await t.preview({ ...bill, pay_amount: "90.00" }))["invoice_id"]).toBe(a!["invoice_id"]);
  const order = await t.orderOf(bill.orderid);
  expect(order).toMatchObject({ totalKopecks: 9_000n, revisionNo: 2 });
  const [row] = await t.ctx.database.sql`select version, amount_kopecks, email from bills where order_id = ${order.id}`;
  expect(row).toMatchObject({ version: 2, amountKopecks: 9_000n });
  await putMoney(t, { orderId: order.id, kopecks: 9_000n, announced: true });
  expect(await t.preview({ ...bill, pay_amount: "90.00" })).toEqual({ result: "fail", msg: `Заказ ${bill.orderid} уже оплачен` });
  expect(await t.preview({ ...bill, pay_amount: "95.00" })).toEqual({ result: "fail", msg: `Заказ ${bill.orderid} уже оплачен` });
  expect(await t.send(a!["invoice_id"]!)).toEqual({ result: "fail", msg: `Заказ ${bill.orderid} уже оплачен` });
  expect(await t.orderOf(bill.orderid)).toMatchObject({ totalKopecks: 9_000n });
});

test("API-10: `send` twice within a minute is one letter, later it is another; a corrected address gets its own at once", async () => {
  const bill = aBill({ client_email: "minute@yourdomain.com" });
  const { invoice_id: id } = await t.preview(bill);
  for (let i = 0; i < 2; i++) expect(await t.send(id!)).toEqual({ result: "success", msg: "" });
  expect(await letters("minute@yourdomain.com")).toHaveLength(1);
  await t.preview({ ...bill, client_email: "minute2@yourdomain.com" });
  await t.send(id!);
  expect(await letters("minute2@yourdomain.com")).toHaveLength(1);
  t.clock.advance(61_000);
  await t.send(id!);
  expect(await letters("minute2@yourdomain.com")).toHaveLength(2);
  expect(await t.send("999")).toEqual({ result: "fail", msg: "Счёт не найден." });
});

test("API-11: without an order number each call is a bill of its own", async () => {
  const bill = aBill({ orderid: "" });
  const [a, b] = [await t.preview(bill), await t.preview(bill)];
  expect(a["invoice_id"]).not.toBe(b["invoice_id"]);
  expect(await t.orderOf(a["invoice_id"]!)).toMatchObject({ totalKopecks: 10_003n });
});

test("API-13: lines come from the order that another door brought when the sums agree; a stranger sum is refused; without a choice of VAT no bill is made", async () => {
  const draft = aDraft({ number: "УТ-77", lines: [aLine({ sumKopecks: 60_000n }), aLine({ position: 2, sumKopecks: 40_000n })] });
  await upload(t, t.shop, draft);
  expect(await t.preview(aBill({ orderid: "УТ-77", pay_amount: "900" }))).toEqual({ result: "fail", msg: expect.stringContaining("не равна сумме заказа УТ-77") });
  const { invoice_id: id } = await t.preview(aBill({ orderid: "УТ-77", pay_amount: "1 000,00", expiry: "2026-12-05" }));
  expect(await t.orderOf("УТ-77")).toMatchObject({ revisionNo: 1, totalKopecks: 100_000n, payUntil: new Date("2026-12-04T21:00:00Z") });
  // Taking the bill back leaves the order to 1C.
  expect(await t.change("revoke/", id!)).toEqual({ result: "success", msg: "" });
  expect(await t.orderOf("УТ-77")).toMatchObject({ lifecycle: "active" });
  await t.settings({ paykeeper: {} });
  expect(await t.preview(aBill())).toEqual({ result: "fail", msg: expect.stringContaining("выберите ставку НДС") });
  expect(await t.preview(aBill({ orderid: "УТ-77", pay_amount: "1000", expiry: "" }))).toMatchObject({ result: "success" });
  await t.settings({ paykeeper });
  // A day that staff set is our word (1.2): another term of a bill is a question.
  const { id: orderId } = await t.orderOf("УТ-77");
  await changePayBy((await aStaff(t, { role: "accountant" })).ctx, { orderId, lastDay: "2026-12-20" });
  expect(await t.preview(aBill({ orderid: "УТ-77", pay_amount: "1000", expiry: "" }))).toMatchObject({ result: "success" });
  expect(await t.ctx.database.sql`select field from onec_conflicts where order_id = ${orderId}`).toHaveLength(0);
  expect(await t.preview(aBill({ orderid: "УТ-77", pay_amount: "1000", expiry: "2026-12-02" }))).toMatchObject({ result: "success" });
  expect([...(await t.ctx.database.sql`select o.pay_until, c.field, c.state from orders o join onec_conflicts c on c.order_id = o.id where o.id = ${orderId}`)]).toEqual([{ payUntil: new Date("2026-12-20T21:00:00Z"), field: "payBy", state: "open" }]);
});

test("API-9: a bill for the rest of an order that is partly paid leaves the order's sum; another sum is refused with both", async () => {
  const bill = aBill({ pay_amount: "1000" });
  const { invoice_id: id } = await t.preview(bill);
  const { id: orderId } = await t.orderOf(bill.orderid);
  await putMoney(t, { orderId, kopecks: 40_000n });
  const asked = async () => (await t.ctx.database.sql<{ amountKopecks: bigint }[]>`select amount_kopecks from payment_links where order_id = ${orderId} and state = 'active'`).map((link) => link.amountKopecks);
  for (const pay_amount of ["600", "1000", "600"]) expect(await t.preview({ ...bill, pay_amount })).toMatchObject({ result: "success", invoice_id: id });
  expect(await t.orderOf(bill.orderid)).toMatchObject({ totalKopecks: 100_000n, revisionNo: 1 });
  expect(await asked()).toEqual([60_000n]);
  const refused = await t.preview({ ...bill, pay_amount: "700" });
  expect(refused).toMatchObject({ result: "fail" });
  expect(refused.msg!.replaceAll(/\s/g, " ")).toBe(`Заказ ${bill.orderid}: уже получено 400,00 ₽, осталось 600,00 ₽. Запросите остаток или всю сумму заказа, 1 000,00 ₽`);
  expect(await asked()).toEqual([60_000n]);
});

test("PIL-05: a bill that the kill switch refused leaves an order that the next one may change", async () => {
  const director = await aStaff(t);
  const bill = aBill({ pay_amount: "900" });
  const { stopId } = await stopPayments(director.ctx, { storeId: t.shop.storeId, reason: "проверка остановки" });
  expect(await t.preview(bill)).toMatchObject({ result: "fail", msg: expect.stringContaining("сейчас принять оплату нельзя") });
  await resumePayments(director.ctx, { stopId, reason: "проверка закончена" });
  expect(await t.preview({ ...bill, pay_amount: "950" })).toMatchObject({ result: "success" });
  expect(await t.orderOf(bill.orderid)).toMatchObject({ totalKopecks: 95_000n });
});

test("revoke cancels an order that was born with its bill, and nothing that has money; a new preview revives it", async () => {
  const bill = aBill();
  const { invoice_id: id } = await t.preview(bill);
  expect(await t.change("revoke", id!)).toEqual({ result: "success", msg: "" });
  expect(await t.change("revoke", id!)).toEqual({ result: "success", msg: "" });
  expect(await t.orderOf(bill.orderid)).toMatchObject({ lifecycle: "cancelled" });
  expect(await t.get(`/info/invoice/byid/?id=${id}`)).toMatchObject({ status: "revoked" });
  expect(await t.send(id!)).toEqual({ result: "fail", msg: "Счёт отозван" });
  const again = await t.preview(bill);
  expect(again).toMatchObject({ result: "success" });
  const order = await t.orderOf(bill.orderid);
  expect(order).toMatchObject({ lifecycle: "active" });
  await putMoney(t, { orderId: order.id, kopecks: 1_000n });
  expect(await t.change("revoke", again["invoice_id"]!)).toEqual({ result: "fail", msg: expect.stringContaining("сначала верните деньги") });
});

test("the letter of a bill says what, how much, until when, and leads to its secret address", async () => {
  const bill = aBill({ service_name: "Сборка <шкафа>", pay_amount: "1234,5", expiry: "2026-12-31" });
  const { invoice_id: id, invoice_url: url } = await t.preview(bill);
  const order = await t.orderOf(bill.orderid);
  const [row] = await t.ctx.database.sql<{ id: string }[]>`select id from bills where number = ${id!}::bigint`;
  const letter = (await composeBill(t.ctx, { orderId: order.id, params: { billId: row!.id } }))!;
  expect(letter.subject).toBe(`Заказ №\u00A0${bill.orderid}: оплатите 1\u202F234,50\u00A0₽ до 30\u00A0декабря включительно`);
  expect(letter.text).toContain("Сборка <шкафа>");
  expect(letter.html).toContain("Сборка &lt;шкафа&gt;");
  for (const text of [letter.text, letter.html]) expect(text).toContain(url);
  await putMoney(t, { orderId: order.id, kopecks: 123_450n });
  expect(await composeBill(t.ctx, { orderId: order.id, params: { billId: row!.id } })).toBeNull();
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
  expect((await listBillBases(t.ctx, { isTest: true })).map((each) => each.connectionId).toSorted()).toEqual([other.onecId, t.shop.onecId].toSorted());
});

test("API-13: of orders of two years with one number of 1C a bill is for the one whose sum it asks, else for the newest", async () => {
  const { connectionId } = await aOnecBase(t, { storeId: t.shop.storeId, login: "years", settings: { doors: ["paykeeper", "json"], moneyChannel: "paykeeper", paykeeper } });
  const json = jsonClient(t, "years");
  const order = (date: string, amount: number) => ({ id: newId(), number: "УТ00-000001", date, amount, items: [{ line: 1, name: "Доска", quantity: 1, amount, vatRate: "22" }] });
  await json.post("/orders", { orders: [order("2025-01-10T10:00:00", 700), order("2026-01-09T10:00:00", 800)] });
  const billed = async (amount: string) => {
    const head = basic("years", "secret");
    const { token } = (await t.say(tokenRequest(head))).json;
    const said = (await t.say(previewRequest(head, token!, aBill({ orderid: "УТ00-000001", pay_amount: amount })))).json;
    return said["result"] === "fail" ? said.msg : (await t.ctx.database.sql<{ number: string }[]>`select o.number from bills b join orders o on o.id = b.order_id where b.number = ${said["invoice_id"]!}::bigint and b.connection_id = ${connectionId}`)[0]!.number;
  };
  expect([await billed("800"), await billed("700")]).toEqual(["УТ00-000001/26", "УТ00-000001"]);
  expect((await billed("900"))!.replaceAll(/\s/g, " ")).toContain("800,00 ₽");
});
