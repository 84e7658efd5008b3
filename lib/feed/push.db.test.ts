/** Push of the feed to a 1C HTTP-сервис and to a shop: a server on this machine plays the other side. */
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { listMessages, parseMessageFilter, readMessage, readSending, sendAgain } from "@/lib/onec/inbox/index.ts";
import { confirmExportByHand } from "@/lib/onec/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "@/lib/kit/time.ts";
import { newWebhookSecret } from "@/lib/kit/webhook-signature.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { forgetConnections } from "@/lib/testing/fresh-connections.ts";
import { aSeller, aStore, anAcquirer } from "@/lib/testing/factories.ts";
import { ackChanges, feedWrite, pushFeed, readChanges, resendEvent } from "./index.ts";

type Taken = { path: string; headers: IncomingHttpHeaders; body: string; event: { key: string; order: { siteId: string } | null } };
let taken: Taken[] = [];
let answer: (event: Taken) => { status: number; body: string; waitMs?: number } | null;
let atOnce = 0;
let atOnceMax = 0;
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts).toString("utf8");
    const one: Taken = { path: request.url ?? "", headers: request.headers, body, event: JSON.parse(body) as Taken["event"] };
    taken.push(one);
    atOnceMax = Math.max(atOnceMax, ++atOnce);
    const said = answer(one);
    setTimeout(() => {
      atOnce -= 1;
      if (said) response.writeHead(said.status, { "content-type": "application/json" }).end(said.body);
      else request.socket.destroy();
    }, said?.waitMs ?? 0);
  });
});

let t: TestContext;
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t = await openTestContext();
});
beforeEach(async () => {
  taken = [];
  atOnceMax = 0;
  answer = () => ({ status: 200, body: '{"ok":true,"number":"УТ00-000077"}' });
  await t.ctx.database.sql`delete from pgboss.job`;
});
afterAll(async () => {
  await t.close();
  server.close();
});

async function aPushedBase(kind: "onec" | "shop" = "onec") {
  const { sellerOrgId } = await aSeller(t);
  const { storeId } = await aStore(t, { sellerOrgId });
  const pushSecret = newWebhookSecret();
  const push = { url: `${url}/hs/kopeyka/events`, login: "site" };
  const { connectionId } = await createConnection(t.ctx, {
    kind, provider: kind === "onec" ? "commerceml" : "shop", name: kind === "onec" ? "УТ 11.5" : "Магазин на сайте", sellerOrgId: null, storeId, environment: "test",
    settings: { login: newId(), doors: ["json"], push }, secret: { password: "secret", pushPassword: "пароль", pushSecret },
  });
  const { connectionId: bankId } = await anAcquirer(t, { sellerOrgId });
  const order = async () => {
    const made = await anOrder(t, { sellerOrgId, storeId, ...(kind === "onec" && { onecId: connectionId }) });
    if (kind === "shop") await t.ctx.database.sql`update orders set shop_connection_id = ${connectionId} where id = ${made.orderId}`;
    return made;
  };
  const rows = async () => [...(await t.ctx.database.sql<{ id: string; pushState: string; pushTries: number; pushNote: string | null; nextPushAt: Date | null }[]>`select id, push_state, push_tries, push_note, next_push_at from feed_events where connection_id = ${connectionId} order by insert_no`)];
  return { connectionId, bankId, pushSecret, order, rows };
}
const exportOf = async (orderId: string) => (await t.ctx.database.sql<{ state: string; onecDocumentNumber: string | null }[]>`select state, onec_document_number from export_messages where order_id = ${orderId}`)[0];
/** Keys of what was sent about an order; the janitor also wakes the receivers of other tests. */
const toldOf = (orderId: string) => taken.filter(({ event }) => event.order?.siteId === orderId).map(({ event }) => event.key);
const runPushes = () => drainJobs(t, { only: ["money.captured", "feed.push"] });

test("a payment is pushed by itself: signed, with the login of 1C; the answer's document makes it «Учтено в 1С»", async () => {
  const base = await aPushedBase();
  const { orderId } = await base.order();
  const { factId } = await cardMoney(t, orderId, 663_100n, base.bankId);
  await runPushes();
  expect(taken).toHaveLength(1);
  const [{ headers, body, event, path }] = taken as [Taken];
  expect(path).toBe("/hs/kopeyka/events");
  expect(event.key).toBe(`payment:${factId}`);
  expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(Buffer.from(headers.authorization!.slice(6), "base64").toString("utf8")).toBe("site:пароль");
  const expected = createHmac("sha256", Buffer.from(base.pushSecret.slice(6), "base64")).update(`${headers["webhook-id"] as string}.${headers["webhook-timestamp"] as string}.${body}`).digest("base64");
  expect(headers["webhook-signature"]).toBe(`v1,${expected}`);
  expect(await exportOf(orderId)).toEqual({ state: "confirmed", onecDocumentNumber: "УТ00-000077" });
  expect(t.hints).toContain(orderId);
  // What was pushed is acknowledged: who fetches beside it gets nothing twice.
  expect((await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 })).items).toEqual([]);
  const log = await t.ctx.database.sql<{ request: string; outcome: string }[]>`select request, outcome from exchange_log where order_id = ${orderId}`;
  expect([...log]).toMatchObject([{ outcome: "taken", request: expect.stringContaining(`payment:${factId}`) as string }]);
  expect(JSON.stringify(log)).not.toContain("пароль");
});

test("2.7: events of one order go one after another, also after a failure; other orders do not wait", async () => {
  const base = await aPushedBase();
  const [one, two] = [await base.order(), await base.order()];
  const a = await cardMoney(t, one.orderId, 100_000n, base.bankId);
  const b = await cardMoney(t, one.orderId, 200_000n, base.bankId);
  const c = await cardMoney(t, two.orderId, 663_100n, base.bankId);
  answer = ({ event }) => (event.key === `payment:${a.factId}` ? { status: 500, body: "" } : { status: 200, body: '{"ok":true}' });
  await runPushes();
  expect(taken.map(({ event }) => event.key).toSorted()).toEqual([`payment:${a.factId}`, `payment:${c.factId}`].toSorted());
  expect(await base.rows()).toMatchObject([{ pushState: "waiting", pushTries: 1, pushNote: "HTTP-сервис 1С ответил кодом 500" }, { pushState: "waiting", pushTries: 0 }, { pushState: "delivered" }]);
  answer = () => ({ status: 200, body: '{"ok":true}' });
  t.clock.advance(MINUTE_MS);
  await sweep(t.ctx);
  await runPushes();
  expect(taken.slice(2).map(({ event }) => event.key)).toEqual([`payment:${a.factId}`, `payment:${b.factId}`]);
  // The same message keeps its id, so that 1C can tell.
  expect(new Set(taken.filter(({ event }) => event.key === `payment:${a.factId}`).map(({ headers }) => headers["webhook-id"])).size).toBe(1);
});

test("a receiver that is away: 1, 2, 5, 15 minutes and every 15 without end, an alert at the third try, nothing lost; its return ends it", async () => {
  const base = await aPushedBase();
  const { orderId } = await base.order();
  await cardMoney(t, orderId, 663_100n, base.bankId);
  answer = () => null;
  const started = t.ctx.now().getTime();
  const tries: number[] = [];
  while (t.ctx.now().getTime() < started + 80 * MINUTE_MS) {
    const before = taken.length;
    await pushFeed(t.ctx, base.connectionId);
    if (taken.length > before) tries.push((t.ctx.now().getTime() - started) / MINUTE_MS);
    t.clock.advance(MINUTE_MS);
  }
  expect(tries).toEqual([0, 1, 3, 8, 23, 38, 53, 68]);
  const alerts = async () => [...(await t.ctx.database.sql`select code, severity, state from alerts where object_key = ${`connection:${base.connectionId}:push`}`)];
  expect(await alerts()).toEqual([{ code: "ALR-13", severity: "P2", state: "firing" }]);
  expect(await exportOf(orderId)).toMatchObject({ state: "pending" });
  answer = () => ({ status: 200, body: '\uFEFF{"ok": true}' });
  t.clock.advance(15 * MINUTE_MS);
  await pushFeed(t.ctx, base.connectionId);
  expect(await exportOf(orderId)).toMatchObject({ state: "confirmed" });
  expect(await alerts()).toMatchObject([{ state: "resolved" }]);
});

test.each(["onec", "shop"] as const)("2.7, NUM-08: a process that dies between the answer of the receiver (%s) and its record sends the same event again under the same id and key: one document there, told once here", async (kind) => {
  const base = await aPushedBase(kind);
  const { orderId } = await base.order();
  const { factId } = await cardMoney(t, orderId, 663_100n, base.bankId);
  const { sql } = t.ctx.database;
  // The receiver books by key, as our kit does; the record of its first answer never comes to be.
  const documents = new Map<string, string>();
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let holding: Promise<unknown> | undefined;
  answer = ({ event }) => {
    if (!documents.has(event.key)) documents.set(event.key, `УТ00-${documents.size + 1}`);
    holding ??= sql.begin(async (tx) => {
      await tx`select 1 from feed_cursors where connection_id = ${base.connectionId} for update`;
      await held;
    });
    return { status: 200, body: `{"ok":true,"number":"${documents.get(event.key)!}"}`, waitMs: 200 };
  };
  const dying = pushFeed(t.ctx, base.connectionId).then(() => "recorded", () => "died");
  await expect.poll(async () => sql`
    select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%from feed_cursors where%for update%'`.then((rows) => rows.length), { timeout: 10_000, interval: 20 }).toBe(1);
  expect(await dying).toBe("died");
  release();
  await holding;
  expect(await base.rows()).toMatchObject([{ pushState: "waiting", pushTries: 0 }]);
  // As long as the dead one may still be at it, nobody else sends.
  await pushFeed(t.ctx, base.connectionId);
  expect(toldOf(orderId)).toHaveLength(1);
  t.clock.advance(MINUTE_MS);
  await sweep(t.ctx);
  await runPushes();
  expect(toldOf(orderId)).toEqual([`payment:${factId}`, `payment:${factId}`]);
  expect(new Set(taken.filter(({ event }) => event.order?.siteId === orderId).map(({ headers, event }) => `${headers["webhook-id"] as string} ${event.key}`)).size).toBe(1);
  expect([...documents]).toEqual([[`payment:${factId}`, "УТ00-1"]]);
  expect(await base.rows()).toMatchObject([{ pushState: "delivered", pushTries: 1 }]);
  if (kind === "onec") expect(await exportOf(orderId)).toEqual({ state: "confirmed", onecDocumentNumber: "УТ00-1" });
});

test("ALR-14: 1C answers ok:false: the reason is shown, the try is repeated, a later yes counts", async () => {
  const base = await aPushedBase();
  const { orderId } = await base.order();
  await cardMoney(t, orderId, 663_100n, base.bankId);
  answer = () => ({ status: 200, body: '{"ok":false,"msg":"Период закрыт"}' });
  await runPushes();
  expect(await exportOf(orderId)).toMatchObject({ state: "rejected" });
  expect(await base.rows()).toMatchObject([{ pushState: "waiting", pushNote: "Период закрыт" }]);
  answer = () => ({ status: 200, body: '{"ok":true,"number":"7"}' });
  t.clock.advance(MINUTE_MS);
  await pushFeed(t.ctx, base.connectionId);
  expect(await exportOf(orderId)).toEqual({ state: "confirmed", onecDocumentNumber: "7" });
  expect([...(await t.ctx.database.sql`select state from alerts where order_id = ${orderId} and code = 'ALR-14'`)]).toEqual([{ state: "resolved" }]);
});

test("ALR-14: what 1C refuses by push and the accountant books by hand is not sent any more and holds up nothing later of its order", async () => {
  const base = await aPushedBase();
  const { orderId } = await base.order();
  const first = await cardMoney(t, orderId, 200_000n, base.bankId);
  answer = ({ event }) => ({ status: 200, body: event.key === `payment:${first.factId}` ? '{"ok":false,"msg":"Проведите вручную"}' : '{"ok":true,"number":"УТ00-000078"}' });
  await runPushes();
  const second = await cardMoney(t, orderId, 463_100n, base.bankId);
  await runPushes();
  expect(toldOf(orderId)).toEqual([`payment:${first.factId}`]);
  const [row] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where fact_id = ${first.factId}`;
  await confirmExportByHand((await aStaff(t, { role: "accountant" })).ctx, { exportId: row!.id, documentNumber: "УТ00-000077" });
  await runPushes();
  t.clock.advance(DAY_MS);
  await pushFeed(t.ctx, base.connectionId);
  expect(toldOf(orderId)).toEqual([`payment:${first.factId}`, `payment:${second.factId}`]);
  expect(await base.rows()).toMatchObject([{ pushState: "delivered" }, { pushState: "delivered" }]);
});

test("A9: «Повторить» of a payment that the HTTP service refused: sent at once under the same id, tries and the last answer shown; roles and stores", async () => {
  const base = await aPushedBase();
  answer = () => ({ status: 200, body: '{"ok":false,"msg":"Период закрыт"}' });
  const { orderId } = await base.order();
  await cardMoney(t, orderId, 100_000n, base.bankId);
  await runPushes();
  const [told] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where order_id = ${orderId}`;
  const exportId = told!.id;
  const [accountant, manager] = [await aStaff(t, { role: "accountant" }), await aStaff(t, { role: "manager" })];
  const scope = { isTest: true, viewer: viewerOf({ role: "accountant", storeId: null }) };
  expect(await readMessage(t.ctx, scope, exportId)).toMatchObject({ direction: "out", kind: "payment", result: "error", resultText: "1С не приняла: Период закрыт", orderId });
  expect(await readSending(t.ctx, exportId)).toMatchObject({ way: "push", state: "failing", note: "Период закрыт", canResend: true, tries: [{ isTaken: false, httpStatus: 200, answer: expect.stringContaining("Период закрыт") }] });
  await expect(sendAgain(manager.ctx, exportId)).rejects.toMatchObject({ code: "forbidden" });
  await expect(sendAgain(accountant.ctx, newId())).rejects.toMatchObject({ code: "not_found" });
  answer = () => ({ status: 200, body: '{"ok":true,"number":"УТ00-000078"}' });
  expect(await sendAgain(accountant.ctx, exportId)).toBe("push");
  expect(await readMessage(t.ctx, scope, exportId)).toMatchObject({ result: "waiting_1c", resultText: "Передаём ещё раз" });
  await runPushes();
  expect(taken.map((one) => one.headers["webhook-id"])).toEqual([taken[0]!.headers["webhook-id"], taken[0]!.headers["webhook-id"]]);
  expect(await readSending(t.ctx, exportId)).toMatchObject({ state: "given", note: null, tries: [{ isTaken: true }, { isTaken: false }] });
  expect(await readMessage(t.ctx, scope, exportId)).toMatchObject({ result: "confirmed", resultText: "1С учла: документ №\u00A0УТ00-000078" });
  expect([...(await t.ctx.database.sql`select a.action from audit_log a join feed_events e on e.id::text = a.object_id where e.export_id = ${exportId}`)]).toEqual([{ action: "feed.resent" }]);
});

test("A9: money that no try has brought to 1C has its page: why, and the tries", async () => {
  const base = await aPushedBase();
  answer = () => null;
  const { orderId, number } = await base.order();
  await cardMoney(t, orderId, 100_000n, base.bankId);
  await runPushes();
  const [told] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where order_id = ${orderId}`;
  const scope = { isTest: true, viewer: viewerOf({ role: "integrator", storeId: null }) };
  const words = { result: "waiting_1c", resultText: "Не доставлено, повторяем: Ответа не было: связь прервалась или вышло время ожидания", attempts: 1 };
  expect((await listMessages(t.ctx, scope, parseMessageFilter({ q: number }))).rows).toMatchObject([words]);
  expect(await readMessage(t.ctx, scope, told!.id)).toMatchObject({ ...words, summary: expect.stringMatching(/^Оплата 1\s000,00\s₽ по заказу №\s/u), moneyChannel: "json" });
  expect(await readSending(t.ctx, told!.id)).toMatchObject({ state: "failing", tries: [{ httpStatus: null, isTaken: false }] });
  expect(await readMessage(t.ctx, { ...scope, isTest: false }, told!.id)).toBeNull();
});

test("A9: what is pushed beside money is a row of the journal: the tries count, a refusal stands until 1C takes it", async () => {
  const base = await aPushedBase();
  const { orderId } = await base.order();
  await inTransaction(t.ctx, (tx) => feedWrite(t.ctx, tx, { type: "order.expired", key: `link:${orderId}`, orderId, subjectId: null }));
  const [event] = await base.rows();
  const journal = async () => (await t.ctx.database.sql`select door, kind, result, result_text, attempts from onec_messages where id = ${event!.id}`)[0];
  for (const [said, row] of [
    [{ status: 503, body: "" }, { result: "waiting_1c", resultText: "Не доставлено, повторяем: HTTP-сервис 1С ответил кодом 503", attempts: 1 }],
    [{ status: 200, body: '{"ok":false,"msg":"нет заказа"}' }, { result: "error", resultText: "1С не приняла: нет заказа", attempts: 2 }],
    [{ status: 200, body: '{"ok":true}' }, { door: "push", kind: "status", result: "confirmed", resultText: "HTTP-сервис 1С принял", attempts: 3 }],
  ] as const) {
    answer = () => said;
    await pushFeed(t.ctx, base.connectionId);
    expect(await journal()).toMatchObject(row);
    t.clock.advance(15 * MINUTE_MS);
  }
});

test("ok only by the rules: an HTML page with 200, a 200 without ok, a redirect count as not taken", async () => {
  const base = await aPushedBase();
  const { orderId } = await base.order();
  await cardMoney(t, orderId, 663_100n, base.bankId);
  for (const said of [{ status: 200, body: "<html>1C</html>" }, { status: 200, body: '{"result":"success"}' }, { status: 302, body: '{"ok":true}' }, { status: 401, body: "" }]) {
    answer = () => said;
    await pushFeed(t.ctx, base.connectionId);
    expect(await exportOf(orderId)).toMatchObject({ state: "pending" });
    t.clock.advance(15 * MINUTE_MS);
  }
  expect(await base.rows()).toMatchObject([{ pushNote: "HTTP-сервис 1С не принял логин или пароль (код 401)" }]);
});

test("many jobs at once: each event is sent once, no more than four calls at a time at one 1C", async () => {
  const base = await aPushedBase();
  for (let i = 0; i < 10; i++) await cardMoney(t, (await base.order()).orderId, 663_100n, base.bankId);
  answer = () => ({ status: 200, body: '{"ok":true}', waitMs: 40 });
  await Promise.all(Array.from({ length: 6 }, () => pushFeed(t.ctx, base.connectionId)));
  await pushFeed(t.ctx, base.connectionId);
  expect(taken).toHaveLength(10);
  expect(new Set(taken.map(({ event }) => event.key)).size).toBe(10);
  expect(atOnceMax).toBeGreaterThan(1);
  expect(atOnceMax).toBeLessThanOrEqual(4);
});

test("pull beside push: an acknowledged event is not pushed any more", async () => {
  const base = await aPushedBase();
  const { orderId } = await base.order();
  await cardMoney(t, orderId, 663_100n, base.bankId);
  const page = await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 });
  await ackChanges(t.ctx, base.connectionId, { cursor: page.cursor });
  await runPushes();
  expect(taken).toEqual([]);
  expect(await base.rows()).toMatchObject([{ pushState: "delivered" }]);
});

test("a shop: any 2xx is a yes; after three days the tries end with an urgent alert and a person sends it again under the same id", async () => {
  const shop = await aPushedBase("shop");
  const { orderId } = await shop.order();
  await cardMoney(t, orderId, 663_100n, shop.bankId);
  answer = () => ({ status: 503, body: "" });
  for (let i = 0; i < 4; i++) {
    await pushFeed(t.ctx, shop.connectionId);
    t.clock.advance(DAY_MS);
  }
  expect(await shop.rows()).toMatchObject([{ pushState: "stopped", pushNote: "Сайт магазина ответил кодом 503" }]);
  await pushFeed(t.ctx, shop.connectionId);
  const count = taken.length;
  const { id } = (await shop.rows())[0]!;
  const manager = await aStaff(t, { role: "manager" });
  await expect(resendEvent(manager.ctx, id)).rejects.toMatchObject({ code: "forbidden" });
  const director = await aStaff(t, { role: "director" });
  answer = () => ({ status: 204, body: "" });
  await resendEvent(director.ctx, id);
  await runPushes();
  expect(taken).toHaveLength(count + 1);
  expect(taken.at(-1)!.headers["webhook-id"]).toBe(id);
  expect(await shop.rows()).toMatchObject([{ pushState: "delivered" }]);
  expect([...(await t.ctx.database.sql`select action from audit_log where object_id = ${id}`)]).toEqual([{ action: "feed.resent" }]);
});

test("a shop's patience begins anew when its receiver is back: switched off for days, or away longer than a day; three days of tries are three days of tries", async () => {
  const { sql } = t.ctx.database;
  const turn = async (connectionId: string, enabled: boolean) => {
    await sql`update connections set enabled = ${enabled} where id = ${connectionId}`;
    forgetConnections();
  };
  const states = async (shop: Awaited<ReturnType<typeof aPushedBase>>) => (await shop.rows()).map((row) => row.pushState);
  answer = () => ({ status: 503, body: "" });
  // Tried, then switched off for five days.
  const off = await aPushedBase("shop");
  await cardMoney(t, (await off.order()).orderId, 663_100n, off.bankId);
  await pushFeed(t.ctx, off.connectionId);
  await turn(off.connectionId, false);
  await cardMoney(t, (await off.order()).orderId, 663_100n, off.bankId);
  for (let day = 0; day < 5; day++) {
    t.clock.advance(DAY_MS);
    await sweep(t.ctx);
  }
  await turn(off.connectionId, true);
  for (const expected of ["waiting", "waiting", "waiting", "stopped"]) {
    await pushFeed(t.ctx, off.connectionId);
    expect(await states(off)).toEqual([expected, expected]);
    t.clock.advance(DAY_MS);
  }
  // Away for three days less an hour: one order's news went through on its return, the other's still has three days.
  const away = await aPushedBase("shop");
  const [one, two] = [await away.order(), await away.order()];
  for (const { orderId } of [one, two]) await cardMoney(t, orderId, 663_100n, away.bankId);
  await pushFeed(t.ctx, away.connectionId);
  t.clock.advance(3 * DAY_MS - HOUR_MS);
  answer = ({ event }) => ({ status: event.order?.siteId === two.orderId ? 200 : 503, body: "" });
  await pushFeed(t.ctx, away.connectionId);
  t.clock.advance(HOUR_MS);
  await pushFeed(t.ctx, away.connectionId);
  expect(await states(away)).toEqual(["waiting", "delivered"]);
  // Others' successes do not keep one that never goes through alive for ever, however seldom they are.
  for (const expected of ["waiting", "waiting", "stopped"]) {
    t.clock.advance(25 * HOUR_MS);
    const next = await away.order();
    await cardMoney(t, next.orderId, 663_100n, away.bankId);
    answer = ({ event }) => ({ status: event.order?.siteId === next.orderId ? 200 : 503, body: "" });
    await pushFeed(t.ctx, away.connectionId);
    expect((await states(away))[0]).toBe(expected);
  }
});

test("an address that was taken away: what waited is fetched instead; one that was given later is told all that was not fetched", async () => {
  const base = await aPushedBase();
  const { orderId } = await base.order();
  const { factId } = await cardMoney(t, orderId, 663_100n, base.bankId);
  const { sql } = t.ctx.database;
  const [{ push } = {}] = await sql<{ push: string }[]>`select settings ->> 'push' as push from connections where id = ${base.connectionId}`;
  await sql`update connections set settings = settings - 'push' where id = ${base.connectionId}`;
  forgetConnections();
  await pushFeed(t.ctx, base.connectionId);
  await sweep(t.ctx);
  await runPushes();
  expect(toldOf(orderId)).toEqual([]);
  expect(await base.rows()).toMatchObject([{ pushState: "none" }]);
  expect((await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 })).items).toMatchObject([{ order: { siteId: orderId } }]);
  await sql`update connections set settings = settings || jsonb_build_object('push', ${push!}::text::jsonb) where id = ${base.connectionId}`;
  forgetConnections();
  await sweep(t.ctx);
  await runPushes();
  expect(toldOf(orderId)).toEqual([`payment:${factId}`]);
  expect(await exportOf(orderId)).toMatchObject({ state: "confirmed" });
});

test.each(["onec", "shop"] as const)("a receiver (%s) that was switched off for a while gets what happened before and meanwhile", async (kind) => {
  const base = await aPushedBase(kind);
  const { sql } = t.ctx.database;
  const [before, meanwhile] = [await base.order(), await base.order()];
  const first = await cardMoney(t, before.orderId, 663_100n, base.bankId);
  await sql`update connections set enabled = false where id = ${base.connectionId}`;
  forgetConnections();
  const second = await cardMoney(t, meanwhile.orderId, 663_100n, base.bankId);
  await sweep(t.ctx);
  await runPushes();
  expect([...toldOf(before.orderId), ...toldOf(meanwhile.orderId)]).toEqual([]);
  await sql`update connections set enabled = true where id = ${base.connectionId}`;
  forgetConnections();
  await sweep(t.ctx);
  await runPushes();
  expect(toldOf(before.orderId)).toEqual([`payment:${first.factId}`]);
  expect(toldOf(meanwhile.orderId)).toEqual([`payment:${second.factId}`]);
});
