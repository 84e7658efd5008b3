/** УНФ 3.0 of the sandbox against our stock exchange: way B with subordinate documents, way A without. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { openExchangeDoor } from "@/lib/testing/exchange-door.ts";
import { aOnecBase } from "@/lib/testing/factories.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";

type Report = { ok: boolean; error: string | null; steps: { request: string }[]; uploaded: { number: string }[]; loaded: { booked: { order: string; sum: string; document: string }[]; damaged: unknown[]; warnings: string[] } | null; runs: Report[] };
type OnecOrder = { id: string; siteNumber: string; total: string; outstanding: string; payments: { number: string; sum: string; siteNumber?: string }[] };

let t: MoneyWorld;
let door: Awaited<ReturnType<typeof openExchangeDoor>>;
beforeAll(async () => {
  t = await openMoneyWorld();
  await aOnecBase(t, { storeId: t.shop.storeId, login: "unf", settings: { flavour: "unf_plain" } });
  door = await openExchangeDoor(t.ctx);
  await t.sandbox.control("onec/unf/settings", { exchangeUrl: door.url, login: "unf", password: "secret", progressPauseMs: 10 });
});
afterAll(async () => {
  await door.close();
  await t.close();
});
afterEach(async () => {
  await t.disarmFaults();
  await t.sandbox.control("onec/unf/settings", { subordinate: true, clockShiftSeconds: 0 });
});

let numbers = 0;
const inUnf = async (given: Record<string, unknown> = {}) => (await t.sandbox.control<{ orders: OnecOrder[] }>("onec/unf/orders", { siteNumber: `U-${++numbers}`, ...given })).orders[0]!;
const exchange = () => t.sandbox.control<Report>("onec/unf/exchange");
const unfOrder = async (siteNumber: string) => (await t.sandbox.read<{ orders: OnecOrder[] }>("onec/unf/state")).orders.find((one) => one.siteNumber === siteNumber)!;
const fault = (name: string, params: Record<string, unknown> = {}) => t.sandbox.control("fault", { target: "onec", fault: name, on: "unf", ...params });
async function ours(number: string) {
  const [row] = await t.ctx.database.sql<{ id: string; totalKopecks: bigint; paymentStatus: string; lifecycle: string }[]>`select id, total_kopecks, payment_status, lifecycle from orders where number = ${number}`;
  return row!;
}
const pay = async (number: string, kopecks: bigint) => cardMoney(t, (await ours(number)).id, kopecks, t.acquirer.connectionId);

test("commerceml.md 8: the calls of УНФ in their order, with its versions; mode=info fills its mapping tables", async () => {
  const order = await inUnf({ kind: "company" });
  const run = await exchange();
  expect(run).toMatchObject({ ok: true, error: null, uploaded: [{ number: order.siteNumber }] });
  expect(run.steps.map(({ request }) => /mode=(\w+)/.exec(request)![1])).toEqual(["checkauth", "init", "query", "success", "file", "import"]);
  expect(run.steps.slice(1).every(({ request }) => request.includes("&version=2.09&cmlVersion=2.10"))).toBe(true);
  expect((await ours(order.siteNumber)).totalKopecks.toString()).toBe(order.total);
  const info = await t.sandbox.control<{ ok: boolean; error: string | null; lists: { paySystems: { id: string; name: string }[] } }>("onec/unf/info");
  expect(info).toMatchObject({ ok: true, error: null });
  expect(info.lists.paySystems).toEqual(expect.arrayContaining([{ id: "card", name: "Банковская карта" }, { id: "sbp", name: "СБП" }]));
});

test("way B: part payments are booked one by one, each once, through a death, a repeat and two sessions at once", async () => {
  const order = await inUnf();
  await exchange();
  const total = BigInt(order.total);
  await pay(order.siteNumber, 100_00n);
  await fault("die_before_success", { loaded: true });
  expect(await exchange()).toMatchObject({ ok: false });
  await pay(order.siteNumber, 50_00n);
  await fault("two_at_once");
  await exchange();
  await pay(order.siteNumber, total - 150_00n);
  await fault("repeat_exchange");
  expect(await exchange()).toMatchObject({ ok: true, loaded: { damaged: [] } });
  const { payments, outstanding } = await unfOrder(order.siteNumber);
  expect(payments.map(({ sum }) => sum)).toEqual(["10000", "5000", (total - 150_00n).toString()]);
  expect(new Set(payments.map(({ siteNumber }) => siteNumber)).size).toBe(3);
  expect(outstanding).toBe("0");
  // УНФ tells the documents that it made: «Учтено в 1С», and no second payment here.
  await exchange();
  await exchange();
  const { id } = await ours(order.siteNumber);
  const money = await moneyOf(t, id);
  expect(money).toMatchObject({ status: "paid", capturedKopecks: total });
  expect(money.exports.map(({ state }) => state)).toEqual(["confirmed", "confirmed", "confirmed"]);
});

test("way A: without subordinate documents a whole payment is booked by requisites, a part is not", async () => {
  await t.sandbox.control("onec/unf/settings", { subordinate: false });
  const order = await inUnf();
  expect(await exchange()).toMatchObject({ ok: true });
  // A file without import is taken when the session is left alone for some seconds (CML-13).
  await t.advance(60);
  await drainJobs(t, { only: ["onec.file"] });
  await pay(order.siteNumber, 100_00n);
  expect((await exchange()).loaded!.booked).toEqual([]);
  await pay(order.siteNumber, BigInt(order.total) - 100_00n);
  expect((await exchange()).loaded!.booked).toMatchObject([{ order: order.siteNumber, sum: order.total }]);
  expect((await exchange()).loaded!.booked).toEqual([]);
  expect((await unfOrder(order.siteNumber)).payments).toHaveLength(1);
});

test("a wrong clock moves no money; an order edited and one deleted after payment keep their money here", async () => {
  await t.sandbox.control("onec/unf/settings", { clockShiftSeconds: -5 * 3_600 });
  const [edited, deleted] = [await inUnf(), await inUnf()];
  await exchange();
  for (const [order, name] of [[edited, "edit_after_payment"], [deleted, "delete_after_payment"]] as const) {
    await pay(order.siteNumber, BigInt(order.total));
    await fault(name);
    await exchange();
    await exchange();
    const site = await ours(order.siteNumber);
    expect((await moneyOf(t, site.id)).capturedKopecks).toBe(BigInt(order.total));
    expect(site).toMatchObject(name === "edit_after_payment" ? { paymentStatus: "partially_paid", lifecycle: "active" } : { paymentStatus: "overpaid", lifecycle: "deleted" });
  }
});
