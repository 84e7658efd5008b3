/** The strict 1C of the sandbox over real HTTP against our exchange: what its base believes, and what ours does. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { openExchangeDoor } from "@/lib/testing/exchange-door.ts";
import { openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";

type Report = { ok: boolean; error: string | null; uploaded: { number: string }[]; loaded: { booked: { order: string; sum: string; method: string }[]; damaged: unknown[]; skipped: unknown[]; warnings?: string[] } | null; runs: Report[] };
type OnecOrder = { id: string; siteNumber: string; total: string; outstanding: string; payments: { number: string; sum: string }[] };

let t: MoneyWorld;
let door: Awaited<ReturnType<typeof openExchangeDoor>>;
beforeAll(async () => {
  t = await openMoneyWorld();
  door = await openExchangeDoor(t.ctx);
  await t.sandbox.control("onec/settings", { exchangeUrl: door.url, login: "1c", password: "secret" });
});
afterAll(async () => {
  await door.close();
  await t.close();
});
afterEach(() => t.disarmFaults());

let numbers = 0;
const inOnec = async (given: Record<string, unknown> = {}) => (await t.sandbox.control<{ orders: OnecOrder[] }>("onec/orders", { siteNumber: `X-${++numbers}`, ...given })).orders[0]!;
const exchange = () => t.sandbox.control<Report>("onec/exchange");
const onecOrder = async (siteNumber: string) => (await t.sandbox.read<{ orders: OnecOrder[] }>("onec/state")).orders.find((o) => o.siteNumber === siteNumber)!;
async function ours(number: string) {
  const [row] = await t.ctx.database.sql<{ id: string; paymentStatus: string; totalKopecks: bigint; capturedKopecks: bigint; lifecycle: string; linkId: string | null; token: string | null; amountKopecks: bigint | null }[]>`
    select o.id, o.payment_status, o.total_kopecks, o.captured_kopecks, o.lifecycle, l.id as link_id, l.token, l.amount_kopecks
      from orders o left join payment_links l on l.order_id = o.id and l.state = 'active' where o.number = ${number}`;
  return row!;
}
const exportsOf = async (orderId: string) => (await t.ctx.database.sql<{ state: string }[]>`select state from export_messages where order_id = ${orderId} order by seq`).map((m) => m.state);

test("CML-7: the button «Проверить соединение»; a wrong password is told apart", async () => {
  expect(await t.sandbox.control("onec/check")).toMatchObject({ ok: true, error: null });
  await t.sandbox.control("onec/settings", { password: "wrong" });
  expect(await t.sandbox.control("onec/check")).toMatchObject({ ok: false, error: expect.stringContaining("Неверный логин или пароль обмена") });
  await t.sandbox.control("onec/settings", { password: "secret" });
});

test("the story: an order of a person leaves 1C, is paid, its payment is booked in 1C with lines unharmed, and proven back", async () => {
  const order = await inOnec();
  expect(await exchange()).toMatchObject({ ok: true, error: null, uploaded: [{ number: order.siteNumber }] });
  const site = await ours(order.siteNumber);
  expect(site).toMatchObject({ paymentStatus: "not_paid", amountKopecks: site.totalKopecks });
  expect(site.totalKopecks.toString()).toBe(String(order.total));

  await cardMoney(t, site.id, site.totalKopecks, t.acquirer.connectionId, "sbp");
  const taken = await exchange();
  expect(taken).toMatchObject({ ok: true, loaded: { booked: [{ order: order.siteNumber, method: "СБП" }], damaged: [], skipped: [] } });
  expect(await exportsOf(site.id)).toEqual(["delivered"]);
  expect((await onecOrder(order.siteNumber)).outstanding.toString()).toBe("0");

  expect(await exchange()).toMatchObject({ ok: true, uploaded: [{ number: order.siteNumber }] });
  expect(await exportsOf(site.id)).toEqual(["confirmed"]);
  expect((await exchange()).loaded!.booked).toEqual([]);
  expect(await ours(order.siteNumber)).toMatchObject({ paymentStatus: "paid", capturedKopecks: site.totalKopecks });
});

test.each([
  ["before it wrote the orders", {}],
  ["after it wrote the orders", { loaded: true }],
])("1C takes the answer and dies before its success, %s: booked once there, delivered once here", async (_when, params) => {
  const order = await inOnec();
  await exchange();
  const site = await ours(order.siteNumber);
  await cardMoney(t, site.id, site.totalKopecks, t.acquirer.connectionId);
  await t.sandbox.control("fault", { target: "onec", fault: "die_before_success", ...params });
  expect(await exchange()).toMatchObject({ ok: false });
  expect(await exportsOf(site.id)).toEqual(["pending"]);
  expect(await exchange()).toMatchObject({ ok: true });
  expect((await onecOrder(order.siteNumber)).payments).toHaveLength(1);
  await exchange();
  expect(await exportsOf(site.id)).toEqual(["confirmed"]);
  const events = await t.ctx.database.sql<{ kind: string }[]>`select kind from order_events where order_id = ${site.id} and kind like 'export.%' order by at, id`;
  expect(events.map((e) => e.kind)).toContain("export.retaken");
});

test("two exchanges at once, and an exchange repeated with the same orders, end in the same state", async () => {
  const orders = await Promise.all([inOnec(), inOnec({ kind: "company" }), inOnec()]);
  await t.sandbox.control("fault", { target: "onec", fault: "two_at_once" });
  expect((await exchange()).runs.map((run) => run.ok)).toEqual([true, true]);
  for (const order of orders) {
    const [count] = await t.ctx.database.sql<{ n: number }[]>`select count(*)::int as n from order_revisions r join orders o on o.id = r.order_id where o.number = ${order.siteNumber}`;
    expect(count!.n).toBe(1);
  }
  const [paid] = orders;
  const site = await ours(paid!.siteNumber);
  await cardMoney(t, site.id, site.totalKopecks, t.acquirer.connectionId);
  await t.sandbox.control("fault", { target: "onec", fault: "two_at_once" });
  await exchange();
  await t.sandbox.control("fault", { target: "onec", fault: "repeat_exchange" });
  await exchange();
  expect((await onecOrder(paid!.siteNumber)).payments).toHaveLength(1);
  expect(await ours(paid!.siteNumber)).toMatchObject({ capturedKopecks: site.totalKopecks, paymentStatus: "paid" });
});

test("a company's transfer booked in 1C is a payment here: no receipt, nothing goes back", async () => {
  const order = await inOnec({ kind: "company" });
  await exchange();
  await inOnec({ siteNumber: order.siteNumber, bankPayment: { number: "УТ00-000900" } });
  expect(await exchange()).toMatchObject({ ok: true });
  const site = await ours(order.siteNumber);
  expect(site).toMatchObject({ paymentStatus: "paid", capturedKopecks: site.totalKopecks, linkId: null });
  expect(await exportsOf(site.id)).toEqual([]);
  const receipts = await t.ctx.database.sql`select state, reason_code from receipts where order_id = ${site.id}`;
  expect([...receipts]).toEqual([{ state: "not_required", reasonCode: "b2b_bank_transfer" }]);
});

test("LOST-18, CML-21: 1C deletes an order while its payment page is open: the attempt is cancelled at the bank", async () => {
  const order = await inOnec();
  await exchange();
  const site = await ours(order.siteNumber);
  const attempt = await t.pay({ orderId: site.id, link: { linkId: site.linkId!, token: site.token!, amountKopecks: site.amountKopecks! } } as never, "card");
  expect(attempt.state).toBe("pending");
  await inOnec({ siteNumber: order.siteNumber, deleted: true });
  await exchange();
  expect(await ours(order.siteNumber)).toMatchObject({ lifecycle: "deleted", linkId: null });
  await drainJobs(t, { only: ["attempt.withdraw"] });
  const [row] = await t.ctx.database.sql<{ state: string; isSuperseded: boolean }[]>`select state, is_superseded from payment_attempts where id = ${attempt.attemptId}`;
  expect(row!.state === "canceled" || row!.isSuperseded).toBe(true);
  expect(await ours(order.siteNumber)).toMatchObject({ paymentStatus: "nothing_due" });
});

test("1C takes its deletion back before the job runs: the buyer's attempt goes on", async () => {
  const order = await inOnec();
  await exchange();
  const site = await ours(order.siteNumber);
  const attempt = await t.pay({ orderId: site.id, link: { linkId: site.linkId!, token: site.token!, amountKopecks: site.amountKopecks! } } as never, "card");
  await inOnec({ siteNumber: order.siteNumber, deleted: true });
  await exchange();
  await inOnec({ siteNumber: order.siteNumber, deleted: false, posted: true });
  await exchange();
  await drainJobs(t, { only: ["attempt.withdraw"] });
  const [row] = await t.ctx.database.sql<{ state: string; isSuperseded: boolean }[]>`select state, is_superseded from payment_attempts where id = ${attempt.attemptId}`;
  expect(row).toEqual({ state: "pending", isSuperseded: false });
});

test("LOST-05: the buyer had paid before 1C deleted the order: the money is recorded and raises P1", async () => {
  const order = await inOnec();
  await exchange();
  const site = await ours(order.siteNumber);
  const attempt = await t.pay({ orderId: site.id, link: { linkId: site.linkId!, token: site.token!, amountKopecks: site.amountKopecks! } } as never, "card");
  await t.sandbox.control("fault", { target: "paykeeper", fault: "notify_never", times: -1 });
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  await inOnec({ siteNumber: order.siteNumber, deleted: true });
  await exchange();
  await drainJobs(t, { only: ["attempt.withdraw"] });
  expect(await ours(order.siteNumber)).toMatchObject({ lifecycle: "deleted", paymentStatus: "overpaid", capturedKopecks: site.totalKopecks });
  const alerts = await t.ctx.database.sql`select code, severity from alerts where order_id = ${site.id}`;
  expect([...alerts]).toContainEqual({ code: "ALR-05", severity: "P1" });
});

test("bad input over HTTP: HTML, an XML bomb and a file over the limit get a reason, never a 5xx", async () => {
  const bad = async (text: string) => t.sandbox.control<{ ok: boolean; error: string | null; steps: { status: number }[] }>("onec/upload", { text });
  for (const text of ["<html>404</html>", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>', "PK\u0003\u0004 nothing"]) {
    const { ok, error, steps } = await bad(text);
    expect(ok).toBe(false);
    expect(error).toMatch(/^import: \S/);
    expect(new Set(steps.map((step) => step.status))).toEqual(new Set([200]));
  }
});
