/** The programmer's base of the sandbox against our JSON exchange over real HTTP: slow or dying, twice or two at once, everything is booked exactly once. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { jsonDoor } from "@/lib/onec/json/index.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { openDoor } from "@/lib/testing/open-door.ts";
import type { OpenDoor } from "@/lib/testing/open-door.ts";

type Body = Record<string, unknown>;
type Order = { id: string; number: string; amount: string; booked: string; outstanding: string; verdict: string; payUrl: string; version: number };
type Run = { ok: boolean; error: string | null; warnings: string[]; sent: { number: string; status: string; msg: string }[]; booked: { key: string }[]; known: number; runs: Run[] };
type State = { orders: Order[]; documents: { key: string; number: string; sum: string; note: string }[]; arrivals: { key: string; way: string; outcome: string }[] };
type Sent = { ok: boolean; error: string | null; warnings: string[]; paper: { id: string; verdict: string; answer: Body } };

let t: MoneyWorld;
let door: OpenDoor;
let baseId: string;
beforeAll(async () => {
  t = await openMoneyWorld();
  door = await openDoor((request) => jsonDoor(t.ctx, request));
  const { secrets } = await t.sandbox.control<{ secrets: { login: string; password: string } }>("json", { name: "json", title: "УТ по JSON", prefix: "УТ00" });
  const made = await createConnection(t.ctx, {
    kind: "onec", provider: "commerceml", name: "УТ по JSON", sellerOrgId: null, storeId: t.shop.storeId, environment: "test",
    settings: { login: secrets.login, doors: ["json"] }, secret: { password: secrets.password, token: "a-token-of-at-least-24-characters" },
  });
  baseId = made.connectionId;
});
afterAll(async () => {
  await door.close();
  await t.close();
});
const atRest = { style: "careful", token: "", waitForChallenge: false, clockShiftSeconds: 0, eventsPerPage: 100, ordersPerBatch: 200 };
beforeAll(() => t.sandbox.control("json/json/settings", { ...atRest, siteUrl: door.url }));
afterEach(async () => {
  await t.disarmFaults();
  await t.sandbox.control("json/json/settings", atRest);
});

const exchange = () => t.sandbox.control<Run>("json/json/exchange");
const fault = (name: string, params: Body = {}) => t.sandbox.control("fault", { target: "json", fault: name, on: "json", ...params });
const orders = async (...given: Body[]) => (await t.sandbox.control<{ orders: Order[] }>("json/json/orders", { orders: given })).orders;
const state = () => t.sandbox.read<State>("json/json/state");
const paper = (given: Body) => t.sandbox.control<Sent>("json/json/papers", given);
async function ours(number: string) {
  const [row] = await t.ctx.database.sql<{ id: string; totalKopecks: bigint; lifecycle: string; revisionNo: number; comment: string | null; paymentStatus: string }[]>`
    select id, total_kopecks, lifecycle, revision_no, comment, payment_status from orders where number = ${number} and onec_connection_id = ${baseId}`;
  return row!;
}
const pay = async (order: Order, kopecks = BigInt(order.amount)) => cardMoney(t, (await ours(order.number)).id, kopecks, t.acquirer.connectionId);

/** Each captured payment of the base's orders is one document of its books, and the base's number stands here. */
async function expectBookedOnce(): Promise<void> {
  const facts = await t.ctx.database.sql<{ key: string; sum: string }[]>`
    select 'payment:' || f.id as key, f.amount_kopecks::text as sum from money_facts f join allocations a on a.fact_id = f.id join orders o on o.id = a.order_id
     where o.onec_connection_id = ${baseId} and f.kind = 'payment_captured' order by 1`;
  const { documents, arrivals } = await state();
  expect(documents.filter(({ key }) => key.startsWith("payment:")).map(({ key, sum }) => ({ key, sum })).sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([...facts]);
  for (const { key } of facts) expect(arrivals.filter((one) => one.key === key && one.outcome === "booked")).toHaveLength(1);
  const exports = await t.ctx.database.sql<{ state: string; number: string | null }[]>`select state, onec_document_number as number from export_messages where connection_id = ${baseId}`;
  expect(new Set(exports.map((one) => one.state))).toEqual(new Set(["confirmed"]));
  expect(exports.every(({ number }) => number?.startsWith("УТ00-"))).toBe(true);
}

test("the button «Проверить»; Bearer and Basic after the challenge; nothing to stumble over in any answer", async () => {
  const ping = () => t.sandbox.control("json/json/ping");
  expect(await ping()).toMatchObject({ ok: true, error: null, answer: { name: "УТ по JSON" } });
  await t.sandbox.control("json/json/settings", { waitForChallenge: true });
  expect(await ping()).toMatchObject({ ok: true });
  await t.sandbox.control("json/json/settings", { waitForChallenge: false, token: "a-token-of-at-least-24-characters" });
  expect(await ping()).toMatchObject({ ok: true });
  await t.sandbox.control("json/json/settings", { token: "a-token-that-nobody-has-given" });
  expect(await ping()).toMatchObject({ ok: false, error: expect.stringMatching(/401/) as string });
});

test("API-14 … API-16, API-19: careful and careless code, a batch twice, an answer lost, an older version after a newer one", async () => {
  const [careful] = await orders({ kind: "company", deferral: { kind: "calendarDays", days: 14, from: "shipment" }, comment: "первая" });
  expect(await exchange()).toMatchObject({ ok: true, warnings: [], sent: [{ status: "created" }] });
  expect((await ours(careful!.number)).totalKopecks.toString()).toBe(careful!.amount);
  expect((await state()).orders[0]!.payUrl).toMatch(/\/pay\//);
  await t.sandbox.control("json/json/settings", { style: "careless", clockShiftSeconds: -4 * 3_600 });
  const [careless] = await orders({ lines: [{ article: "ДА-18", price: "7499.50", quantity: "1", vat: "22" }, { article: "КД-3", price: "389.90", quantity: "2", vat: "10" }] });
  await fault("orders_answer_lost");
  expect((await exchange()).ok).toBe(false);
  await fault("repeat_orders");
  expect(await exchange()).toMatchObject({ ok: true, sent: [{ number: careless!.number, status: "unchanged" }] });
  expect(await ours(careless!.number)).toMatchObject({ totalKopecks: 827_930n, revisionNo: 1 });
  await t.sandbox.control("json/json/settings", atRest);
  await orders({ id: careful!.id, comment: "вторая" });
  await fault("older_version_after_newer");
  const run = await exchange();
  expect(run.sent.map(({ status }) => status)).toEqual(["updated", "unchanged"]);
  expect(run.sent[1]!.msg).toContain("устаревшая версия");
  expect((await ours(careful!.number)).comment).toBe("вторая");
});

test("checklist 7: 200 orders in one batch, one broken: 199 are taken", async () => {
  await orders(...Array.from({ length: 200 }, () => ({})));
  await fault("wrong_sum");
  const run = await exchange();
  expect(run.ok).toBe(true);
  expect(run.sent.filter(({ status }) => status === "created")).toHaveLength(199);
  expect(run.sent.filter(({ status }) => status === "rejected")).toMatchObject([{ msg: expect.stringContaining("не равна") as string }]);
});

test.each(["die_before_booking", "die_before_ack", "ack_lost", "two_at_once", "repeat_exchange", "slow"])("%s: paid orders are booked once, part payments too, with their numbers here", async (name) => {
  const made = await orders({}, {});
  await exchange();
  await pay(made[0]!, 10_000n);
  await pay(made[0]!, BigInt(made[0]!.amount) - 10_000n);
  await pay(made[1]!);
  await fault(name, { seconds: 0.1 });
  await exchange();
  expect((await exchange()).ok).toBe(true);
  await expectBookedOnce();
  expect((await state()).orders.filter(({ id }) => made.some((one) => one.id === id)).map(({ outstanding }) => outstanding)).toEqual(["0", "0"]);
});

test("API-22: payments of many orders are written while the base fetches page by page: none is skipped, none doubled, each balance agrees", async () => {
  await t.sandbox.control("json/json/settings", { eventsPerPage: 2 });
  const made = await orders(...Array.from({ length: 12 }, () => ({})));
  await exchange();
  let writing = true;
  const writers = Promise.all(made.map(async (order, i) => {
    await new Promise((resolve) => setTimeout(resolve, (i % 4) * 60));
    await pay(order, 5_000n);
    await pay(order, BigInt(order.amount) - 5_000n);
  })).finally(() => (writing = false));
  while (writing) expect((await exchange()).error).toBeNull();
  await writers;
  await exchange();
  await expectBookedOnce();
  expect((await state()).documents.filter(({ note }) => note.includes("по сайту"))).toEqual([]);
});

test("an event that the base refuses is «1С не приняла» with its reason, the others are booked; it goes through when the base agrees", async () => {
  const made = await orders({}, {});
  await exchange();
  const { factId } = await pay(made[0]!);
  await pay(made[1]!);
  await fault("refuse", { msg: "Период закрыт для изменений" });
  expect(await exchange()).toMatchObject({ ok: false, booked: [{}] });
  const [told] = await t.ctx.database.sql`select state, rejected_reason from export_messages where fact_id = ${factId}`;
  expect(told).toEqual({ state: "rejected", rejectedReason: "Период закрыт для изменений" });
  expect(await exchange()).toMatchObject({ ok: true, booked: [{ key: `payment:${factId}` }], known: 1 });
  await expectBookedOnce();
});

test("API-16: orders edited and deleted in 1C after payment keep their money; the difference is seen", async () => {
  const [edited, deleted] = await orders({}, {});
  await exchange();
  for (const [order, name] of [[edited!, "edit_after_payment"], [deleted!, "delete_after_payment"]] as const) {
    await pay(order);
    await fault(name);
    await exchange();
    expect((await exchange()).sent).toMatchObject([{ number: order.number, status: "updated" }]);
  }
  expect(await ours(edited!.number)).toMatchObject({ paymentStatus: "partially_paid", totalKopecks: BigInt(edited!.amount) + 10_000n });
  expect(await ours(deleted!.number)).toMatchObject({ paymentStatus: "overpaid", lifecycle: "deleted" });
  expect((await moneyOf(t, (await ours(deleted!.number)).id)).capturedKopecks).toBe(BigInt(deleted!.amount));
});

test("shipments with marking codes, returns, terms, files, a demand for money back: each once, however often it is sent", async () => {
  const [order] = await orders({ kind: "company", lines: [{ article: "ДА-18", price: "7499", quantity: "2", vat: "22" }, { article: "КД-3", price: "389.90", quantity: "1", vat: "10" }] });
  await exchange();
  const { factId } = await pay(order!);
  await exchange();
  const { id } = await ours(order!.number);
  const count = async (table: "shipments" | "goods_returns" | "documents" | "refunds") => (await t.ctx.database.sql`select 1 from ${t.ctx.database.sql(table)} where order_id = ${id}`).length;

  const shipped = await paper({ kind: "shipment", order: order!.id, marks: true });
  expect(shipped).toMatchObject({ ok: true, error: null, warnings: [], paper: { verdict: "created" } });
  expect((await paper({ kind: "shipment", order: order!.id, again: shipped.paper.id })).paper.verdict).toMatch(/^unchanged/);
  expect(await count("shipments")).toBe(1);
  const codes = await t.ctx.database.sql<{ n: number }[]>`select cardinality(l.mark_codes) as n from shipments s join shipment_lines l on l.shipment_id = s.id where s.order_id = ${id} order by l.line_no`;
  expect(codes.map(({ n }) => n)).toEqual([2, 1]);

  const returned = await paper({ kind: "return", order: order!.id, lines: [2] });
  expect(returned.paper.verdict).toBe("created");
  await paper({ kind: "return", order: order!.id, again: returned.paper.id });
  expect(await count("goods_returns")).toBe(1);

  const refund = await paper({ kind: "refund", order: order!.id, paymentId: factId, amount: "389.90" });
  expect(refund).toMatchObject({ ok: true, error: null });
  await paper({ kind: "refund", order: order!.id, again: refund.paper.id });
  expect(await count("refunds")).toBe(1);

  expect(await paper({ kind: "counterparty", order: order!.id, deferral: { kind: "calendarDays", days: 21, from: "shipment" } })).toMatchObject({ ok: true, paper: { verdict: expect.stringMatching(/^(created|updated)/) as string } });
  const file = await paper({ kind: "document", order: order!.id, as: "upd" });
  expect(file).toMatchObject({ ok: true, error: null });
  await paper({ kind: "document", order: order!.id, again: file.paper.id });
  expect(await count("documents")).toBe(1);
});

test("push beside fetching: what the HTTP-сервис took is known to the base, what it missed is fetched", async () => {
  const { secrets } = await t.sandbox.control<{ secrets: { serviceUrl: string; service: { login: string; password: string; signingSecret: string } } }>("json", { name: "json" });
  const { connectionId } = await createConnection(t.ctx, {
    kind: "onec", provider: "commerceml", name: "УТ по JSON с оповещениями", sellerOrgId: null, storeId: t.shop.storeId, environment: "test",
    settings: { login: "1c-pushed", doors: ["json"], push: { url: secrets.serviceUrl, login: secrets.service.login } },
    secret: { password: "pushed-secret", pushPassword: secrets.service.password, pushSecret: secrets.service.signingSecret },
  });
  await t.sandbox.control("json/json/settings", { login: "1c-pushed", password: "pushed-secret" });
  baseId = connectionId;
  await t.sandbox.control("json/json/forget");
  const made = await orders({}, {}, {});
  await exchange();
  await pay(made[0]!);
  await fault("service_die_after_booking");
  await drainJobs(t, { only: ["money.captured", "feed.push"], mayFail: true });
  await pay(made[1]!);
  await drainJobs(t, { only: ["money.captured", "feed.push"], mayFail: true });
  await fault("down");
  await pay(made[2]!);
  await drainJobs(t, { only: ["money.captured", "feed.push"], mayFail: true });
  expect(await exchange()).toMatchObject({ ok: true, known: 1, booked: [{}] });
  await expectBookedOnce();
  const { arrivals } = await state();
  expect(arrivals.map(({ way, outcome }) => `${way} ${outcome}`)).toEqual(["push booked", "push booked", "changes known", "changes booked"]);
});
