/** The HTTP-сервис of the sandbox's bases takes our pushes over real HTTP: whatever it does, each fact is in its books exactly once. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { pushFeed } from "@/lib/feed/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";

type Base = { name: string; connectionId: string };
type Books = { documents: { key: string; number: string; sum: string; note: string }[]; arrivals: { key: string; outcome: string }[]; serviceCalls: { status: number | null; why: string }[] };

let t: MoneyWorld;
let retail: Base;
let trade: Base;
beforeAll(async () => {
  t = await openMoneyWorld();
  retail = await aPushedBase("retail");
  trade = await aPushedBase("trade");
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

/** A base of the sandbox and our connection to it, by the secrets that the sandbox made. */
async function aPushedBase(name: string): Promise<Base> {
  const { secrets } = await t.sandbox.control<{ secrets: { login: string; password: string; serviceUrl: string; service: { login: string; password: string; signingSecret: string } } }>("json", { name, title: `База ${name}`, prefix: name.slice(0, 2).toUpperCase() });
  const { connectionId } = await createConnection(t.ctx, {
    kind: "onec", provider: "commerceml", name: `1С: ${name}`, sellerOrgId: null, storeId: t.shop.storeId, environment: "test",
    settings: { login: secrets.login, doors: ["json"], push: { url: secrets.serviceUrl, login: secrets.service.login } },
    secret: { password: secrets.password, pushPassword: secrets.service.password, pushSecret: secrets.service.signingSecret },
  });
  return { name, connectionId };
}

const paid = async (base: Base, amounts: readonly bigint[] = [663_100n]) => {
  const order = await anOrder(t, { ...t.shop, onecId: base.connectionId });
  const facts = [];
  for (const amount of amounts) facts.push((await cardMoney(t, order.orderId, amount, t.acquirer.connectionId)).factId);
  return { ...order, facts };
};
const books = (base: Base) => t.sandbox.read<Books>(`json/${base.name}/state`);
const push = () => drainJobs(t, { only: ["money.captured", "feed.push"], mayFail: true });
const waiting = async (base: Base) => (await t.ctx.database.sql`select 1 from feed_events where connection_id = ${base.connectionId} and push_state <> 'delivered'`).length;
const fault = (name: string, params: Record<string, unknown> = {}) => t.sandbox.control("fault", { target: "json", fault: name, ...params });

/** Retries run until everything is with the base; at most two hours of pauses. */
async function pushAll(base: Base): Promise<void> {
  for (let round = 0; round < 12 && (await waiting(base)) > 0; round++) {
    await t.advance(15 * 60);
    await pushFeed(t.ctx, base.connectionId);
  }
}

async function expectBookedOnce(base: Base): Promise<void> {
  const facts = await t.ctx.database.sql<{ key: string; sum: string }[]>`
    select 'payment:' || f.id as key, f.amount_kopecks::text as sum from money_facts f join allocations a on a.fact_id = f.id join orders o on o.id = a.order_id where o.onec_connection_id = ${base.connectionId} order by 1`;
  const { documents, arrivals } = await books(base);
  expect(documents.map(({ key, sum }) => ({ key, sum })).sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([...facts]);
  for (const { key } of facts) expect(arrivals.filter((one) => one.key === key && one.outcome === "booked")).toHaveLength(1);
  const exports = await t.ctx.database.sql<{ state: string; number: string }[]>`
    select m.state, m.onec_document_number as number from export_messages m join feed_events e on e.export_id = m.id where e.connection_id = ${base.connectionId}`;
  expect(exports.map(({ state }) => state)).toEqual(facts.map(() => "confirmed"));
  expect(exports.map(({ number }) => number).sort()).toEqual(documents.map(({ number }) => number).sort());
}

test("each fault of the HTTP-сервис: the event comes again and is booked once, with the number of its document here", async () => {
  for (const [name, params, status] of [
    ["service_refuse", { msg: "Период закрыт для изменений" }, 200], ["service_500", {}, 500], ["down", {}, null], ["service_die_before_booking", {}, null], ["service_die_after_booking", {}, null], ["service_slow", { seconds: 0.2 }, 200],
  ] as const) {
    await paid(retail);
    await fault(name, { ...params, on: "retail" });
    await push();
    expect((await books(retail)).serviceCalls[0]).toMatchObject({ status });
  }
  const refused = await t.ctx.database.sql`select rejected_reason as reason from export_messages where state = 'rejected'`;
  expect([...refused]).toEqual([{ reason: expect.stringContaining("Период закрыт для изменений") as string }]);
  await pushAll(retail);
  await expectBookedOnce(retail);
});

test("2.7: part payments of one order arrive in sequence though the first fails; the balance that came with each is the base's own", async () => {
  const order = await paid(retail, [100_000n, 200_000n, 363_100n]);
  await fault("service_die_before_booking", { on: "retail" });
  await push();
  await pushAll(retail);
  const { documents } = await books(retail);
  const own = documents.filter(({ key }) => order.facts.some((id) => key === `payment:${id}`));
  expect(own.map(({ sum }) => sum)).toEqual(["100000", "200000", "363100"]);
  // The base never got this order; its books by the site's GUID agree with each balance.
  expect(own.every(({ note }) => !note.includes("по сайту"))).toBe(true);
});

test("several jobs at once and a slow base: nothing twice; the other base has its own books", async () => {
  await Promise.all([paid(trade), paid(trade), paid(trade), paid(retail)]);
  await fault("service_slow", { seconds: 0.1, times: 4, on: "trade" });
  await Promise.all([pushFeed(t.ctx, trade.connectionId), pushFeed(t.ctx, trade.connectionId), pushFeed(t.ctx, trade.connectionId), push()]);
  await pushAll(trade);
  await pushAll(retail);
  await expectBookedOnce(trade);
  await expectBookedOnce(retail);
  expect((await books(trade)).documents).toHaveLength(3);
  expect((await books(trade)).documents.every(({ number }) => number.startsWith("TR-"))).toBe(true);
});

test("a base whose clock is hours off takes no push, and takes it once its clock is right; a wrong secret gets nothing in", async () => {
  await t.sandbox.control("json/trade/settings", { clockShiftSeconds: 3 * 3_600 });
  const { orderId } = await paid(trade);
  await push();
  expect((await books(trade)).serviceCalls[0]).toMatchObject({ status: 403, why: expect.stringContaining("часами базы") as string });
  expect(await waiting(trade)).toBe(1);
  await t.sandbox.control("json/trade/settings", { clockShiftSeconds: 0 });
  await pushAll(trade);
  await expectBookedOnce(trade);
  const { secrets } = await t.sandbox.control<{ secrets: { serviceUrl: string } }>("json", { name: "trade" });
  const before = (await books(trade)).documents.length;
  const forged = await fetch(secrets.serviceUrl, { method: "POST", headers: { "webhook-id": newId(), authorization: `Basic ${Buffer.from("kopeyka-push:guess").toString("base64")}` }, body: JSON.stringify({ key: `payment:${orderId}` }) });
  expect(forged.status).toBe(401);
  expect((await books(trade)).documents).toHaveLength(before);
});
