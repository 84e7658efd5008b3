/** The sandbox's base with the published PayKeeper code against our PayKeeper-compatible door: one bill, one letter, one document of 1C, whatever breaks. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { payKeeperRoute } from "@/lib/onec/paykeeper/index.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { openDoor } from "@/lib/testing/open-door.ts";
import type { OpenDoor } from "@/lib/testing/open-door.ts";

type Row = { no: number; orderid: string; invoiceId: string; isSent: boolean; status: string; says: string[] };
type Run = { ok: boolean; error: string | null; sent: number; booked: number; rows: Row[]; documents: { invoiceId: string; orderid: string; sum: string; number: string }[]; runs: Run[] };

let t: MoneyWorld;
let door: OpenDoor;
let baseId: string;
beforeAll(async () => {
  t = await openMoneyWorld();
  const connection = await createConnection(t.ctx, {
    kind: "onec", provider: "commerceml", name: "1С с кодом PayKeeper", sellerOrgId: null, storeId: t.shop.storeId, environment: "test",
    settings: { login: "Касса", doors: ["paykeeper"], paykeeper: { vatRate: "vat22", subject: "service" } }, secret: { password: "секрет-обмена" },
  });
  baseId = connection.connectionId;
  door = await openDoor((request) => payKeeperRoute(t.ctx, request));
});
afterAll(async () => {
  await door.close();
  await t.close();
});
beforeEach(async () => {
  await t.sandbox.control("bills/forget");
  await t.disarmFaults();
  await t.sandbox.control("bills/settings", { siteUrl: door.url, login: "Касса", password: "секрет-обмена", keepHeaders: true, waitForChallenge: false });
});

let numbers = 0;
const rows = async (...given: Record<string, unknown>[]) => {
  const made = given.map((row) => ({ orderid: `ПК-${++numbers}`, client_email: `b${numbers}@buyer.example`, ...row }));
  await t.sandbox.control("bills/rows", { rows: made });
  return made as { orderid: string; client_email: string }[];
};
const send = (again = false) => t.sandbox.control<Run>("bills/send", { again });
const poll = () => t.sandbox.control<Run>("bills/poll");
const fault = (name: string, params: Record<string, unknown> = {}) => t.sandbox.control("fault", { target: "bills", fault: name, ...params });
const billsOf = async (orderRef: string) => [...(await t.ctx.database.sql<{ number: string; orderId: string; sendCount: number }[]>`select number::text as number, order_id, send_count from bills where connection_id = ${baseId} and order_ref = ${orderRef}`)];
const lettersTo = async (recipient: string) => (await t.ctx.database.sql`select 1 from letters where recipient = ${recipient}`).length;
const totalOf = async (orderId: string) => (await t.ctx.database.sql<{ totalKopecks: bigint; number: string; phone: string | null }[]>`select total_kopecks, number, contact from orders where id = ${orderId}`)[0]!;

test.each(["preview_answer_lost", "send_answer_lost", "die_before_send", "wrong_token", "repeat_run", "two_at_once"])("%s: the pack is run again: one bill and one letter for each row", async (name) => {
  const made = await rows({}, { service_name: "Доставка & сборка 100%", pay_amount: "1\u00A0234,5" });
  await fault(name);
  await send();
  const after = await send(true);
  expect(after.rows.map(({ isSent }) => isSent)).toEqual([true, true]);
  for (const [i, { orderid, client_email }] of made.entries()) {
    const bills = await billsOf(orderid);
    expect(bills).toMatchObject([{ number: after.rows[i]!.invoiceId }]);
    expect(await lettersTo(client_email)).toBe(1);
  }
  const [, second] = made;
  expect(await totalOf((await billsOf(second!.orderid))[0]!.orderId)).toMatchObject({ totalKopecks: 123_450n, number: second!.orderid });
});

test("a Cyrillic login, Basic after the challenge, no Content-Type, Expect: 100-continue; a wrong password gets nothing", async () => {
  await t.sandbox.control("bills/settings", { waitForChallenge: true, keepHeaders: false, expectContinue: true });
  await rows({});
  expect(await send()).toMatchObject({ ok: true, sent: 1 });
  await t.sandbox.control("bills/settings", { expectContinue: false, password: "не тот" });
  expect(await send(true)).toMatchObject({ ok: false });
});

test("the published row with its date of 2019 is refused in words, a row without a number makes a bill each time, the rest of the pack goes on", async () => {
  await rows({ expiry: "20191020200103" }, { orderid: "" }, {});
  const run = await send();
  expect(run.rows.map(({ isSent, says }) => [isSent, says])).toEqual([[false, ["Срок действия счёта уже истёк"]], [true, []], [true, []]]);
  const [, second] = run.rows;
  await send(true);
  expect((await t.sandbox.read<Run>("bills/state")).rows[1]!.invoiceId).not.toBe(second!.invoiceId);
});

test("a paid bill is booked in 1C once: asked again, asked after a death, asked slowly; here it is «Передано в 1С»", async () => {
  const [first, second] = await rows({}, { pay_amount: "10.50" });
  await send();
  for (const { orderid } of [first!, second!]) {
    const [bill] = await billsOf(orderid);
    await cardMoney(t, bill!.orderId, (await totalOf(bill!.orderId)).totalKopecks, t.acquirer.connectionId);
  }
  await fault("die_before_booking");
  expect(await poll()).toMatchObject({ ok: false, documents: [] });
  await fault("slow", { seconds: 0.1 });
  expect(await poll()).toMatchObject({ ok: true, booked: 2 });
  const { documents } = await poll();
  expect(documents.map(({ orderid, sum }) => ({ orderid, sum }))).toEqual([{ orderid: first!.orderid, sum: "10003" }, { orderid: second!.orderid, sum: "1050" }]);
  const states = await t.ctx.database.sql`select distinct state from export_messages where connection_id = ${baseId}`;
  expect([...states]).toEqual([{ state: "delivered" }]);
  // Paid, so the same row again is refused with the reason.
  await send(true);
  expect((await t.sandbox.read<Run>("bills/state")).rows[0]!.says.at(-1)).toContain("уже оплачен");
});
