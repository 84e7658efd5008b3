/** The programmer's base of the sandbox against a small site of this test: what it is strict about, and what its switches do. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { distrust, signatureOf } from "./core/standard-webhooks.ts";
import { readJson, textField } from "./core/structure.ts";
import { createSandbox, type Sandbox } from "./server.ts";

type Body = Record<string, unknown>;
type Order = { id: string; number: string; version: number; verdict: string; payUrl: string; outstanding: string; booked: string; amount: string; waiting: boolean };
type Doc = { key: string; number: string; document: string; sum: string; note: string };
type State = { orders: Order[]; documents: Doc[]; arrivals: { key: string; way: string; outcome: string }[]; serviceCalls: { status: number | null; why: string }[] };
type Run = { ok: boolean; error: string | null; sent: { number: string; status: string; msg: string }[]; booked: { key: string; number: string }[]; known: number; warnings: string[]; runs: Run[] };

let dir: string;
let box: Sandbox;
let site: Server;
let calls: { method: string; path: string; headers: IncomingMessage["headers"]; text: string }[];
let events: Body[];
let acked: string;
/** The site answers with a redirect to itself. */
let moved: boolean;
let answerOrders: (orders: Body[]) => Body;

const atRest = { style: "careful", ordersPerBatch: 200, eventsPerPage: 100, clockShiftSeconds: 0, pushToleranceSeconds: 300 };
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sandbox-json-"));
  site = createServer((req, res) => void answer(req, res));
  await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
  box = await createSandbox({ port: 0, smtpPort: 0, tlsPort: 0, dataDir: dir });
});
beforeEach(async () => {
  [calls, events, acked, moved] = [[], [], "", false];
  answerOrders = (orders) => ({ accepted: orders.length, rejected: 0, results: orders.map(({ id, version }) => ({ id, status: "created", version, payUrl: `http://pay.example/o/${String(id)}`, code: "", msg: "" })) });
  await ctl("reset", { data: true });
  await ctl("json/retail/settings", { ...atRest, siteUrl: `http://127.0.0.1:${(site.address() as AddressInfo).port}` });
});
afterAll(async () => {
  await box.close();
  site.closeAllConnections();
  site.close();
  rmSync(dir, { recursive: true, force: true });
});

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? "", "http://x");
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  calls.push({ method: req.method ?? "", path: url.pathname, headers: req.headers, text });
  const say = (status: number, value: Body, type = "application/json; charset=utf-8") => {
    const body = JSON.stringify(value);
    res.writeHead(status, { "Content-Type": type, "Content-Length": String(Buffer.byteLength(body)) }).end(body);
  };
  if (moved) return void res.writeHead(308, { location: `${url.pathname}/` }).end();
  const given = () => JSON.parse(text.replace(/^\uFEFF/, "")) as Body;
  switch (url.pathname) {
    case "/api/1c/v1/orders":
      return say(200, answerOrders(given().orders as Body[]));
    case "/api/1c/v1/changes": {
      const since = url.searchParams.get("since") ?? acked;
      const items = events.filter((event) => String(event.seq) > since).slice(0, Number(url.searchParams.get("limit")));
      const cursor = items.length > 0 ? String(items.at(-1)!.seq) : since;
      return say(200, { cursor, hasMore: events.some((event) => String(event.seq) > cursor), serverTime: "2026-11-21T18:00:00+03:00", items });
    }
    case "/api/1c/v1/changes/ack":
      acked = String(given().cursor);
      return say(200, { ok: true, cursor: acked });
    default: {
      const list = /^\/api\/1c\/v1\/(shipments|returns|counterparties)$/.exec(url.pathname)?.[1];
      if (list) return say(200, { accepted: 1, rejected: 0, results: (given()[list] as Body[]).map(({ id }) => ({ id, status: "created", code: "", msg: "" })) });
      if (url.pathname.startsWith("/api/1c/v1/documents/")) return say(200, { status: "taken", msg: "" });
      return say(404, { msg: "нет такого адреса" });
    }
  }
}

async function ctl<T = Body>(path: string, body: unknown = {}): Promise<T> {
  const done = await fetch(`${box.urls.http}/_ctl/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return (await done.json()) as T;
}
const state = async (name = "retail") => (await (await fetch(`${box.urls.http}/_ctl/json/${name}/state`)).json()) as State;
const exchange = (name = "retail") => ctl<Run>(`json/${name}/exchange`);
const fault = (name: string, more: Body = {}) => ctl("fault", { target: "json", fault: name, ...more });
const order = async (given: Body = {}, name = "retail") => (await ctl<{ orders: Order[] }>(`json/${name}/orders`, given)).orders[0]!;

let seq = 0;
const nextSeq = () => String(++seq).padStart(16, "0");
function paymentOf(of: { id: string; number: string }, amount: string, id = `p-${seq + 1}`, balance: Body = { paid: amount, refunded: "0.00", due: "0.00" }): Body {
  return {
    seq: nextSeq(), id: `event-${id}`, type: "payment.succeeded", key: `payment:${id}`, at: "2026-11-21T15:40:11+03:00", order: { id: of.id, number: of.number },
    payment: { id, number: "P-20260017", method: "card", amount, fee: "14.64", net: "1205.36", currency: "RUB", paidAt: "2026-11-21T15:40:11+03:00", paidAtLocal: "2026-11-21T15:40:11", acquirer: "tbank", acquirerId: "4412356789", rrn: "632512345678", authCode: "A1B2C3", maskedPan: "220070******1234" },
    refund: null, receipt: null, balance,
  };
}
const rubles = (kopecks: string) => `${kopecks.slice(0, -2)}.${kopecks.slice(-2)}`;

async function push(event: Body, options: { secret?: string; password?: string; at?: number } = {}): Promise<{ status: number; answer: Body | null }> {
  const { secrets } = await ctl<{ secrets: { service: { login: string; password: string; signingSecret: string }; serviceUrl: string } }>("json", { name: "retail" });
  const body = Buffer.from(JSON.stringify(event));
  const head = { id: String(event.id), timestamp: String(options.at ?? Math.floor(Date.now() / 1000)) };
  const done = await fetch(secrets.serviceUrl, {
    method: "POST",
    headers: {
      "content-type": "application/json; charset=utf-8", authorization: `Basic ${Buffer.from(`${secrets.service.login}:${options.password ?? secrets.service.password}`).toString("base64")}`,
      "webhook-id": head.id, "webhook-timestamp": head.timestamp, "webhook-signature": `v1,${signatureOf(options.secret ?? secrets.service.signingSecret, head, body)}`,
    },
    body,
  });
  const text = await done.text();
  return { status: done.status, answer: text.startsWith("{") ? (JSON.parse(text) as Body) : null };
}

describe("reading as 1C reads", () => {
  it("a missing field, a bad name and HTML are errors, null is an empty text", () => {
    expect(textField(readJson('{"a":null}'), "a")).toBe("");
    expect(() => textField(readJson("{}"), "msg")).toThrow("Поле объекта не обнаружено (msg)");
    expect(() => readJson('{"pay-url":1}')).toThrow("неправильное имя");
    expect(() => readJson('{"a":[{"1c":1}]}')).toThrow("неправильное имя");
    expect(() => readJson("<html>")).toThrow("Непредвиденный символ");
    expect(() => readJson("\uFEFF{}")).toThrow("Непредвиденный символ");
  });

  it("the published vector of Standard Webhooks; another body, secret or an old time is refused", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const headers = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", signature: "v1,other v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" };
    const body = Buffer.from('{"test": 2432232314}');
    const at = 1_614_265_330_000;
    expect(distrust(secret, headers, body, at, 300)).toBeNull();
    expect(distrust(secret, headers, Buffer.from('{"test": 2432232315}'), at, 300)).toBe("подпись не сошлась");
    expect(distrust("whsec_AAAA", headers, body, at, 300)).toBe("подпись не сошлась");
    expect(distrust(secret, headers, body, at + 3_600_000, 300)).toContain("часами базы");
    expect(distrust(secret, headers, body, at + 3_600_000, 0)).toBeNull();
    expect(distrust(secret, { ...headers, signature: "" }, body, at, 300)).toContain("нет заголовков");
  });
});

describe("orders of the base", () => {
  it("go in batches with growing versions; the verdict and the pay link stay in the order; a repeat sends nothing", async () => {
    await ctl("json/retail/settings", { ordersPerBatch: 2 });
    const made = await order({ orders: [{ kind: "company", deferral: { kind: "calendarDays", days: 14, from: "shipment" } }, {}, {}] });
    expect(await exchange()).toMatchObject({ ok: true, warnings: [], sent: [{ status: "created" }, { status: "created" }, { status: "created" }] });
    const batches = calls.filter(({ path }) => path.endsWith("/orders")).map(({ text }) => (JSON.parse(text) as { orders: Body[] }).orders);
    expect(batches.map((batch) => batch.length)).toEqual([2, 1]);
    expect(batches[0]![0]).toMatchObject({ version: 1, currency: "RUB", vatIncluded: true, customer: { type: "legal" }, deferral: { kind: "calendarDays", days: 14, from: "shipment" }, state: { posted: true, deleted: false } });
    const cents = (value: unknown) => Math.round(Number(value) * 100);
    for (const batch of batches) for (const one of batch) expect((one.items as Body[]).reduce((sum, item) => sum + cents(item.amount), 0)).toBe(cents(one.amount));
    expect((await state()).orders[0]).toMatchObject({ verdict: "created", payUrl: `http://pay.example/o/${made.id}`, waiting: false });
    calls.length = 0;
    await order({ id: made.id, comment: "ещё" });
    await exchange();
    expect((JSON.parse(calls[0]!.text) as { orders: Body[] }).orders).toMatchObject([{ id: made.id, version: 2 }]);
    calls.length = 0;
    await exchange();
    expect(calls.map(({ path }) => path)).toEqual(["/api/1c/v1/changes"]);
  });

  it("careless code: BOM, no Content-Type, «1 220,00» with no-break spaces, year 1, empty GUID, «Истина»", async () => {
    await ctl("json/retail/settings", { style: "careless" });
    await order({ lines: [{ article: "ДА-18", price: "7499.50", quantity: "1", vat: "22" }], customer: { id: "" } });
    await exchange();
    const sent = calls.find(({ path }) => path.endsWith("/orders"))!;
    expect(sent.headers["content-type"]).toBeUndefined();
    expect(sent.text.startsWith("\uFEFF")).toBe(true);
    expect((JSON.parse(sent.text.slice(1)) as { orders: Body[] }).orders[0]).toMatchObject({
      amount: "7\u00A0499,5", payBy: "0001-01-01T00:00:00", vatIncluded: "Истина", customer: { id: "00000000-0000-0000-0000-000000000000" }, items: [{ sku: "ДА-18  ", vatRate: "НДС22" }], state: { deleted: "Ложь" },
    });
  });

  it("a lost answer is sent again; an older version after the newer one; a batch twice; fewer results than orders is an error", async () => {
    const made = await order();
    await fault("orders_answer_lost");
    expect(await exchange()).toMatchObject({ ok: false, error: expect.stringContaining("потерян") });
    await fault("repeat_orders");
    expect((await exchange()).ok).toBe(true);
    await order({ id: made.id, comment: "новее" });
    await fault("older_version_after_newer");
    await exchange();
    const versions = calls.filter(({ path }) => path.endsWith("/orders")).map(({ text }) => ((JSON.parse(text) as { orders: Body[] }).orders[0]!).version);
    expect(versions).toEqual([1, 1, 1, 2, 1]);
    await order({ id: made.id, comment: "ещё новее" });
    answerOrders = () => ({ accepted: 0, rejected: 0, results: [] });
    expect((await exchange()).error).toContain("ответов 0");
  });

  it("a wrong clock writes wrong dates; a page instead of JSON and a redirect are errors", async () => {
    await ctl("json/retail/settings", { clockShiftSeconds: -7200 });
    await order();
    await exchange();
    const { date } = (JSON.parse(calls[0]!.text) as { orders: Body[] }).orders[0]!;
    expect(Math.round((Date.now() + 3 * 3_600_000 - Date.parse(`${String(date)}Z`)) / 60_000)).toBe(120);
    await ctl("json/retail/settings", { siteUrl: `${box.urls.http}/nothing` });
    expect(await exchange()).toMatchObject({ ok: false, error: expect.stringContaining("Непредвиденный символ"), warnings: [expect.stringContaining("Content-Type"), "HTTP 404 без msg"] });
    moved = true;
    await ctl("json/retail/settings", { siteUrl: `http://127.0.0.1:${(site.address() as AddressInfo).port}` });
    expect((await exchange()).error).toContain("по перенаправлениям не ходит");
  });
});

describe("changes", () => {
  it("are booked once by key, acknowledged after writing with the numbers of the documents, and read on while there is more", async () => {
    const made = await order();
    await exchange();
    await ctl("json/retail/settings", { eventsPerPage: 1 });
    events = [paymentOf(made, rubles(made.amount)), { ...paymentOf(made, "1.00"), type: "receipt.registered", key: "receipt:1", payment: null, balance: null, receipt: { kind: "income", fn: "9", fd: "1", fp: "2", registeredAt: "" } }];
    const run = await exchange();
    expect(run).toMatchObject({ ok: true, booked: [{ key: events[0]!.key }], known: 0 });
    const acks = calls.filter(({ path }) => path.endsWith("/ack")).map(({ text }) => JSON.parse(text) as Body);
    expect(acks).toMatchObject([{ cursor: events[0]!.seq, documents: [{ key: events[0]!.key, number: "РЗ00-000011" }] }, { cursor: events[1]!.seq, documents: [] }]);
    expect((await state()).orders[0]).toMatchObject({ outstanding: "0", booked: made.amount });
    const again = await ctl<Run>("json/retail/reread", { since: "0" });
    expect(again).toMatchObject({ ok: true, booked: [], known: 2 });
    expect((await state()).documents).toHaveLength(1);
  });

  it.each(["die_before_booking", "die_before_ack", "ack_lost"])("%s: the same events come again and are booked once", async (name) => {
    const made = await order();
    await exchange();
    events = [paymentOf(made, rubles(made.amount))];
    await fault(name);
    expect((await exchange()).ok).toBe(false);
    expect((await exchange()).ok).toBe(true);
    expect((await state()).documents).toMatchObject([{ key: events[0]!.key, sum: made.amount }]);
    expect(acked).toBe(events[0]!.seq);
  });

  it("two runs at once and a repeat from the beginning book once", async () => {
    const made = await order();
    events = [paymentOf(made, "10.00", "a", { paid: "10.00", refunded: "0.00", due: "1.00" }), paymentOf(made, "5.00", "b", { paid: "15.00", refunded: "0.00", due: "1.00" })];
    await fault("two_at_once");
    expect((await exchange()).runs).toHaveLength(2);
    await fault("repeat_exchange");
    await exchange();
    expect((await state()).documents.map(({ sum, note }) => [sum, note.includes("по сайту")])).toEqual([["1000", false], ["500", false]]);
  });

  it("the acknowledgement stops before a refused document and names the reason; the rest of the page is booked, the next run takes it", async () => {
    const made = await order();
    events = [paymentOf(made, "10.00", "a", { paid: "10.00", refunded: "0.00", due: "1.00" }), paymentOf(made, "5.00", "b", { paid: "15.00", refunded: "0.00", due: "1.00" })];
    expect((await fault("refuse", { msg: "Закрыт период" })).error).toBeUndefined();
    expect(await exchange()).toMatchObject({ ok: false, error: "payment:a: Закрыт период", booked: [{ key: "payment:b" }] });
    expect(JSON.parse(calls.at(-1)!.text)).toMatchObject({ cursor: "0", rejected: [{ key: "payment:a", msg: "Закрыт период" }] });
    acked = "";
    expect(await exchange()).toMatchObject({ ok: true, booked: [{ key: "payment:a" }], known: 1 });
    expect(acked).toBe(events[1]!.seq);
  });

  it("an event without a documented field, with a sum that is no sum, or out of order is an error of the site", async () => {
    const made = await order();
    const whole = paymentOf(made, "10.00", "a");
    for (const [broken, why] of [
      [{ ...whole, balance: undefined }, "balance"],
      [{ ...whole, payment: { ...(whole.payment as Body), rrn: undefined } }, "rrn"],
      [{ ...whole, payment: { ...(whole.payment as Body), amount: "10,00" } }, "не читается"],
      [{ ...whole, type: "payment.unheard" }, "неизвестный вид"],
    ] as const) {
      events = [broken as Body];
      expect((await exchange()).error).toContain(why);
    }
    events = [paymentOf(made, "1.00", "x"), { ...paymentOf(made, "1.00", "y"), seq: "0000000000000000" }];
    acked = "-";
    expect((await exchange()).error).toMatch(/не по порядку|не равен/);
    expect((await state()).documents).toEqual([]);
  });

  it("refunds, disputes and reversals take money out of the books; the balance of the site is compared", async () => {
    const made = await order();
    const refund = { ...paymentOf(made, "0.00"), type: "refund.succeeded", key: "refund:1", payment: null, refund: { id: "1", paymentId: "a", method: "card", amount: "4.00", refundedAtLocal: "2026-11-21T17:01:00" }, balance: { paid: "10.00", refunded: "4.00", due: "4.00" } };
    const dispute = { ...paymentOf(made, "6.00", "d", { paid: "4.00", refunded: "4.00", due: "1.00" }), type: "payment.disputed", key: "dispute:1" };
    (dispute as Body).payment = { ...((dispute as Body).payment as Body), kind: "chargeback" };
    events = [paymentOf(made, "10.00", "a"), { ...refund, seq: nextSeq() }, { ...dispute, seq: nextSeq() }];
    expect((await exchange()).error).toBeNull();
    expect((await state()).documents.map(({ sum, note }) => [sum, note.includes("по сайту")])).toEqual([["1000", false], ["-400", false], ["-600", false]]);
  });

  it("papers: a shipment with a marking code for each piece, a return of some lines, terms, a file; the same paper again is word for word the same", async () => {
    const made = await order({ lines: [{ article: "ДА-18", price: "7499", quantity: "2", vat: "22" }, { article: "КД-3", price: "389.90", quantity: "1", vat: "10" }] });
    const paper = (given: Body) => ctl<{ ok: boolean; error: string | null; paper: { id: string; verdict: string; body: { items: Body[] } } }>("json/retail/papers", { order: made.id, ...given });
    const shipped = await paper({ kind: "shipment", marks: true });
    expect(shipped).toMatchObject({ ok: true, paper: { verdict: "created" } });
    expect(shipped.paper.body.items.map((item) => (item.markCodes as string[]).length)).toEqual([2, 1]);
    await paper({ kind: "shipment", again: shipped.paper.id });
    const [first, second] = calls.filter(({ path }) => path === "/api/1c/v1/shipments");
    expect(second!.text).toBe(first!.text);
    expect((await paper({ kind: "return", lines: [2] })).paper.body.items).toMatchObject([{ quantity: 1, amount: 389.9 }]);
    await paper({ kind: "counterparty", deferral: { kind: "calendarDays", days: 14, from: "shipment" } });
    expect(JSON.parse(calls.at(-1)!.text)).toMatchObject({ counterparties: [{ type: "person", deferral: { days: 14 } }] });
    expect(await paper({ kind: "document", as: "upd" })).toMatchObject({ ok: true, paper: { verdict: "taken" } });
    expect(calls.at(-1)).toMatchObject({ method: "PUT", text: expect.stringContaining("%PDF-") as string });
    expect(await (await fetch(`${box.urls.http}/json/retail/`)).text()).toContain("Возврат товара");
  });

  it("managers edit and delete paid orders when told to; another base has its own books", async () => {
    const made = await order();
    await exchange();
    events = [paymentOf(made, rubles(made.amount))];
    await fault("edit_after_payment");
    await exchange();
    expect((await state()).orders[0]).toMatchObject({ version: 2, waiting: true, outstanding: "10000" });
    await ctl("json", { name: "ut", title: "УТ", prefix: "УТ00", siteUrl: "http://127.0.0.1:9" });
    expect((await state("ut")).documents).toEqual([]);
    expect((await exchange("ut")).ok).toBe(false);
    expect(await (await fetch(`${box.urls.http}/bases/`)).text()).toContain("УТ");
  });
});

describe("the HTTP-сервис", () => {
  it("books a signed message once and names its document; changes later find it known", async () => {
    const made = await order();
    await exchange();
    const event = paymentOf(made, rubles(made.amount));
    expect(await push(event)).toEqual({ status: 200, answer: { ok: true, number: "РЗ00-000011" } });
    expect(await push(event)).toEqual({ status: 200, answer: { ok: true, number: "РЗ00-000011" } });
    events = [event];
    expect(await exchange()).toMatchObject({ ok: true, booked: [], known: 1 });
    expect((await state()).documents).toHaveLength(1);
    expect(await (await fetch(`${box.urls.http}/json/retail/`)).text()).toContain(String(event.key));
    expect(await (await fetch(`${box.urls.http}/json/retail/service/`)).text()).toContain("уже учтено");
  });

  it("a wrong user, a forged signature and a clock that is hours off are refused before the books", async () => {
    const made = await order();
    const event = paymentOf(made, "10.00");
    expect((await push(event, { password: "wrong" })).status).toBe(401);
    expect(await push(event, { secret: "whsec_AAAA" })).toMatchObject({ status: 403, answer: { ok: false, msg: expect.stringContaining("подпись") } });
    expect((await push(event, { at: Math.floor(Date.now() / 1000) - 7200 })).answer).toMatchObject({ ok: false, msg: expect.stringContaining("часами базы") });
    await ctl("json/retail/settings", { clockShiftSeconds: -7200 });
    expect((await push(event)).status).toBe(403);
    await ctl("json/retail/settings", { pushToleranceSeconds: 0 });
    expect((await push(event)).status).toBe(200);
    expect((await state()).documents).toHaveLength(1);
  });

  it("switches: refuses, 500, slow, down, dies before and after booking", async () => {
    const made = await order();
    const event = paymentOf(made, "10.00");
    await fault("service_refuse", { msg: "Период закрыт" });
    expect((await push(event)).answer).toEqual({ ok: false, msg: "Период закрыт" });
    await fault("service_500");
    expect((await push(event)).status).toBe(500);
    for (const name of ["down", "service_die_before_booking", "service_die_after_booking"]) {
      await fault(name);
      await expect(push(event)).rejects.toThrow();
      expect((await state()).documents).toHaveLength(name === "service_die_after_booking" ? 1 : 0);
    }
    await fault("service_slow", { seconds: 0.05 });
    expect(await push(event)).toMatchObject({ status: 200, answer: { ok: true } });
    const { arrivals, serviceCalls } = await state();
    expect(arrivals.map(({ outcome }) => outcome)).toEqual(["refused", "lost", "booked", "known"]);
    expect(serviceCalls.filter(({ status }) => status === null)).toHaveLength(3);
  });

  it("pages: a new order, an exchange and settings by plain forms, from this origin only", async () => {
    const post = (action: Body, path = "/json/retail/", headers = {}) => fetch(box.urls.http + path, { method: "POST", body: new URLSearchParams(action as Record<string, string>), headers, redirect: "manual" });
    expect((await post({ action: "company" })).status).toBe(303);
    expect((await post({ action: "company" }, "/json/retail/", { Origin: "https://evil.example" })).status).toBe(403);
    await post({ action: "exchange" });
    const [made] = (await state()).orders;
    expect(made).toMatchObject({ verdict: "created" });
    await post({ action: "delete" }, `/json/retail/order/${made!.id}/`);
    expect((await state()).orders).toMatchObject([{ deleted: true, posted: false, version: 2 }]);
    expect(await (await fetch(`${box.urls.http}/json/retail/order/${made!.id}/`)).text()).toContain("помечен на удаление");
  });
});
