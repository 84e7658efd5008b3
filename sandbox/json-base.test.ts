/** The programmer's base of the sandbox against a small site: what it is strict about, and what its switches do. */
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { distrust } from "./core/standard-webhooks.ts";
import { readJson, textField } from "./core/structure.ts";
import { ctl, exchange, fault, nextSeq, order, paymentOf, rubles, state, useJsonSite, w, type Body, type Run } from "./testing/json-site.ts";

useJsonSite();

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
    const batches = w.calls.filter(({ path }) => path.endsWith("/orders")).map(({ text }) => (JSON.parse(text) as { orders: Body[] }).orders);
    expect(batches.map((batch) => batch.length)).toEqual([2, 1]);
    expect(batches[0]![0]).toMatchObject({ version: 1, currency: "RUB", vatIncluded: true, customer: { type: "legal" }, deferral: { kind: "calendarDays", days: 14, from: "shipment" }, state: { posted: true, deleted: false } });
    const cents = (value: unknown) => Math.round(Number(value) * 100);
    for (const batch of batches) for (const one of batch) expect((one.items as Body[]).reduce((sum, item) => sum + cents(item.amount), 0)).toBe(cents(one.amount));
    expect((await state()).orders[0]).toMatchObject({ verdict: "created", payUrl: `http://pay.example/o/${made.id}`, waiting: false });
    w.calls.length = 0;
    await order({ id: made.id, comment: "ещё" });
    await exchange();
    expect((JSON.parse(w.calls[0]!.text) as { orders: Body[] }).orders).toMatchObject([{ id: made.id, version: 2 }]);
    w.calls.length = 0;
    await exchange();
    expect(w.calls.map(({ path }) => path)).toEqual(["/api/1c/v1/changes"]);
  });

  it("careless code: BOM, no Content-Type, «1 220,00» with no-break spaces, year 1, empty GUID, «Истина»", async () => {
    await ctl("json/retail/settings", { style: "careless" });
    await order({ lines: [{ article: "ДА-18", price: "7499.50", quantity: "1", vat: "22" }], customer: { id: "" } });
    await exchange();
    const sent = w.calls.find(({ path }) => path.endsWith("/orders"))!;
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
    const versions = w.calls.filter(({ path }) => path.endsWith("/orders")).map(({ text }) => ((JSON.parse(text) as { orders: Body[] }).orders[0]!).version);
    expect(versions).toEqual([1, 1, 1, 2, 1]);
    await order({ id: made.id, comment: "ещё новее" });
    w.answerOrders = () => ({ accepted: 0, rejected: 0, results: [] });
    expect((await exchange()).error).toContain("ответов 0");
  });

  it("a wrong clock writes wrong dates; a page instead of JSON and a redirect are errors", async () => {
    await ctl("json/retail/settings", { clockShiftSeconds: -7200 });
    await order();
    await exchange();
    const { date } = (JSON.parse(w.calls[0]!.text) as { orders: Body[] }).orders[0]!;
    expect(Math.round((Date.now() + 3 * 3_600_000 - Date.parse(`${String(date)}Z`)) / 60_000)).toBe(120);
    await ctl("json/retail/settings", { siteUrl: `${w.box.urls.http}/nothing` });
    expect(await exchange()).toMatchObject({ ok: false, error: expect.stringContaining("Непредвиденный символ"), warnings: [expect.stringContaining("Content-Type"), "HTTP 404 без msg"] });
    w.moved = true;
    await ctl("json/retail/settings", { siteUrl: `http://127.0.0.1:${(w.site.address() as AddressInfo).port}` });
    expect((await exchange()).error).toContain("по перенаправлениям не ходит");
  });
});

describe("changes", () => {
  it("are booked once by key, acknowledged after writing with the numbers of the documents, and read on while there is more", async () => {
    const made = await order();
    await exchange();
    await ctl("json/retail/settings", { eventsPerPage: 1 });
    w.events = [paymentOf(made, rubles(made.amount)), { ...paymentOf(made, "1.00"), type: "receipt.registered", key: "receipt:1", payment: null, balance: null, receipt: { kind: "income", fn: "9", fd: "1", fp: "2", registeredAt: "" } }];
    const run = await exchange();
    expect(run).toMatchObject({ ok: true, booked: [{ key: w.events[0]!.key }], known: 0 });
    const acks = w.calls.filter(({ path }) => path.endsWith("/ack")).map(({ text }) => JSON.parse(text) as Body);
    expect(acks).toMatchObject([{ cursor: w.events[0]!.seq, documents: [{ key: w.events[0]!.key, number: "РЗ00-000011" }] }, { cursor: w.events[1]!.seq, documents: [] }]);
    expect((await state()).orders[0]).toMatchObject({ outstanding: "0", booked: made.amount });
    const again = await ctl<Run>("json/retail/reread", { since: "0" });
    expect(again).toMatchObject({ ok: true, booked: [], known: 2 });
    expect((await state()).documents).toHaveLength(1);
  });

  it.each(["die_before_booking", "die_before_ack", "ack_lost"])("%s: the same w.events come again and are booked once", async (name) => {
    const made = await order();
    await exchange();
    w.events = [paymentOf(made, rubles(made.amount))];
    await fault(name);
    expect((await exchange()).ok).toBe(false);
    expect((await exchange()).ok).toBe(true);
    expect((await state()).documents).toMatchObject([{ key: w.events[0]!.key, sum: made.amount }]);
    expect(w.acked).toBe(w.events[0]!.seq);
  });

  it("two runs at once and a repeat from the beginning book once", async () => {
    const made = await order();
    w.events = [paymentOf(made, "10.00", "a", { paid: "10.00", refunded: "0.00", due: "1.00" }), paymentOf(made, "5.00", "b", { paid: "15.00", refunded: "0.00", due: "1.00" })];
    await fault("two_at_once");
    expect((await exchange()).runs).toHaveLength(2);
    await fault("repeat_exchange");
    await exchange();
    expect((await state()).documents.map(({ sum, note }) => [sum, note.includes("по сайту")])).toEqual([["1000", false], ["500", false]]);
  });

  it("the acknowledgement stops before a refused document and names the reason; the rest of the page is booked, the next run takes it", async () => {
    const made = await order();
    w.events = [paymentOf(made, "10.00", "a", { paid: "10.00", refunded: "0.00", due: "1.00" }), paymentOf(made, "5.00", "b", { paid: "15.00", refunded: "0.00", due: "1.00" })];
    expect((await fault("refuse", { msg: "Закрыт период" })).error).toBeUndefined();
    expect(await exchange()).toMatchObject({ ok: false, error: "payment:a: Закрыт период", booked: [{ key: "payment:b" }] });
    expect(JSON.parse(w.calls.at(-1)!.text)).toMatchObject({ cursor: "0", rejected: [{ key: "payment:a", msg: "Закрыт период" }] });
    w.acked = "";
    expect(await exchange()).toMatchObject({ ok: true, booked: [{ key: "payment:a" }], known: 1 });
    expect(w.acked).toBe(w.events[1]!.seq);
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
      w.events = [broken as Body];
      expect((await exchange()).error).toContain(why);
    }
    w.events = [paymentOf(made, "1.00", "x"), { ...paymentOf(made, "1.00", "y"), seq: "0000000000000000" }];
    w.acked = "-";
    expect((await exchange()).error).toMatch(/не по порядку|не равен/);
    expect((await state()).documents).toEqual([]);
  });

  it("refunds, disputes and reversals take money out of the books; the balance of the w.site is compared", async () => {
    const made = await order();
    const refund = { ...paymentOf(made, "0.00"), type: "refund.succeeded", key: "refund:1", payment: null, refund: { id: "1", paymentId: "a", method: "card", amount: "4.00", refundedAtLocal: "2026-11-21T17:01:00" }, balance: { paid: "10.00", refunded: "4.00", due: "4.00" } };
    const dispute = { ...paymentOf(made, "6.00", "d", { paid: "4.00", refunded: "4.00", due: "1.00" }), type: "payment.disputed", key: "dispute:1" };
    (dispute as Body).payment = { ...((dispute as Body).payment as Body), kind: "chargeback" };
    w.events = [paymentOf(made, "10.00", "a"), { ...refund, seq: nextSeq() }, { ...dispute, seq: nextSeq() }];
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
    const [first, second] = w.calls.filter(({ path }) => path === "/api/1c/v1/shipments");
    expect(second!.text).toBe(first!.text);
    expect((await paper({ kind: "return", lines: [2] })).paper.body.items).toMatchObject([{ quantity: 1, amount: 389.9 }]);
    await paper({ kind: "counterparty", deferral: { kind: "calendarDays", days: 14, from: "shipment" } });
    expect(JSON.parse(w.calls.at(-1)!.text)).toMatchObject({ counterparties: [{ type: "person", deferral: { days: 14 } }] });
    expect(await paper({ kind: "document", as: "upd" })).toMatchObject({ ok: true, paper: { verdict: "taken" } });
    expect(w.calls.at(-1)).toMatchObject({ method: "PUT", text: expect.stringContaining("%PDF-") as string });
    expect(await (await fetch(`${w.box.urls.http}/json/retail/`)).text()).toContain("Возврат товара");
  });

  it("managers edit and delete paid orders when told to; another base has its own books", async () => {
    const made = await order();
    await exchange();
    w.events = [paymentOf(made, rubles(made.amount))];
    await fault("edit_after_payment");
    await exchange();
    expect((await state()).orders[0]).toMatchObject({ version: 2, waiting: true, outstanding: "10000" });
    await ctl("json", { name: "ut", title: "УТ", prefix: "УТ00", siteUrl: "http://127.0.0.1:9" });
    expect((await state("ut")).documents).toEqual([]);
    expect((await exchange("ut")).ok).toBe(false);
    expect(await (await fetch(`${w.box.urls.http}/bases/`)).text()).toContain("УТ");
  });
});
