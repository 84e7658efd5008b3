/** The sandbox's PayKeeper over HTTP: invoices, payments, notifications, refunds and its faults. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSign, expectedReply, notificationKey, qrCrc } from "./paykeeper/sign.ts";
import { createSandbox, type Sandbox } from "./server.ts";

describe("a running cabinet", () => {
  let dir: string;
  let box: Sandbox;
  let shop: Server;
  let got: URLSearchParams[];
  let answer: (form: URLSearchParams) => string;
  let auth: string;
  let word: string;
  let base: string;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "sandbox-pk-"));
    got = [];
    answer = (form) => expectedReply(form.get("id") as string, word);
    shop = createServer((req, res) => {
      let body = "";
      req.on("data", (c: Buffer) => (body += c.toString("utf8")));
      req.on("end", () => {
        const form = new URLSearchParams(body);
        got.push(form);
        res.end(answer(form));
      });
    });
    await new Promise<void>((done) => shop.listen(0, "127.0.0.1", done));
    box = await createSandbox({ port: 0, smtpPort: 0, tlsPort: 0, dataDir: dir, notifyUrl: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/notify` });
    const { paykeeper } = JSON.parse(readFileSync(join(dir, "sandbox/credentials.json"), "utf8"));
    auth = `Basic ${Buffer.from(`${paykeeper.login}:${paykeeper.password}`).toString("base64")}`;
    word = paykeeper.secretWord;
    base = paykeeper.baseUrl;
    await ctl("paykeeper/settings", { retryPauses: [0.03, 0.03], refundSeconds: 0.05 });
  });

  afterEach(async () => {
    await box.close();
    shop.closeAllConnections();
    shop.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function ctl(path: string, body: unknown) {
    const res = await fetch(`${box.urls.http}/_ctl/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    return { status: res.status, json: await res.json() };
  }
  const raw = (path: string) => fetch(base + path, { headers: { Authorization: auth }, redirect: "manual" });
  const get = async (path: string) => (await raw(path)).json();
  async function post(path: string, fields: Record<string, string>, token = true) {
    const body = new URLSearchParams(fields);
    if (token) body.set("token", (await get("/info/settings/token/")).token);
    return (await fetch(base + path, { method: "POST", headers: { Authorization: auth }, body })).json();
  }
  const invoice = (more: Record<string, string> = {}) => post("/change/invoice/preview/", { pay_amount: "899.00", clientid: "ivanov@example.ru", orderid: "УТ-000417", client_email: "i@example.ru", ...more });
  const payment = async (id: string) => (await get(`/info/payments/byid/?id=${id}`))[0];
  async function until(check: () => Promise<boolean> | boolean): Promise<void> {
    for (let i = 0; i < 200; i++) {
      if (await check()) return;
      await new Promise((r) => setTimeout(r, 20));
    }
    throw new Error("waited too long");
  }

  it("401 for a wrong password, fail with \\u escapes for a wrong token and for JSON", async () => {
    expect((await fetch(`${base}/info/settings/token/`, { headers: { Authorization: `Basic ${btoa("kopeyka:no")}` } })).status).toBe(401);
    const res = await fetch(`${base}/change/invoice/preview/`, { method: "POST", headers: { Authorization: auth }, body: new URLSearchParams({ pay_amount: "1", token: "0".repeat(32) }) });
    expect(res.status).toBe(200);
    const text = await res.text();
    expect(text).toMatch(/\\u0422/);
    expect(JSON.parse(text)).toEqual({ result: "fail", msg: "Токен безопасности не верен." });
    const json = await fetch(`${base}/change/invoice/preview/`, { method: "POST", headers: { Authorization: auth, "Content-Type": "application/json" }, body: "{}" });
    expect((await json.json()).result).toBe("fail");
  });

  it("preview makes a new 17-digit invoice each time; refuses a sum with a comma", async () => {
    const [a, b] = [await invoice(), await invoice()];
    expect(a.invoice_id).toMatch(/^\d{17}$/);
    expect(a.invoice_id).not.toBe(b.invoice_id);
    expect(a.invoice_url).toBe(`${base}/bill/${a.invoice_id}/`);
    expect((await invoice({ pay_amount: "1\u00a0234,5" })).result).toBe("fail");
  });

  it("a card payment on the hosted page is notified, acknowledged and becomes success", async () => {
    const back = "https://shop.example/done?a=1&b=2";
    const { invoice_id } = await invoice({ service_name: JSON.stringify({ service_name: "Заказ <b>7</b>", user_result_callback: back }) });
    const page = await (await fetch(`${base}/bill/${invoice_id}/`)).text();
    expect(page).toContain("Заказ &#60;b&#62;7");
    const paid = await fetch(`${base}/bill/${invoice_id}/pay/`, { method: "POST", body: new URLSearchParams({ action: "card", card: "success" }) });
    expect(await paid.text()).toContain("https://shop.example/done?a=1&#38;b=2");
    await until(async () => (await get(`/info/invoice/byid/?id=${invoice_id}`)).status === "paid" && got.length === 1);
    const { paymentid } = await get(`/info/invoice/byid/?id=${invoice_id}`);
    await until(async () => (await payment(paymentid)).status === "success");
    expect(Object.fromEntries(got[0] as URLSearchParams)).toMatchObject({ id: paymentid, sum: "899.00", clientid: "ivanov@example.ru", orderid: "УТ-000417", ps_id: "7" });
    expect(got[0]?.get("key")).toBe(notificationKey({ id: paymentid, sum: "899.00", clientid: "ivanov@example.ru", orderid: "УТ-000417" }, word));
  });

  it.each(["insufficient_funds", "3ds_fail"])("a %s card leaves the invoice payable and notifies nobody", async (card) => {
    const { invoice_id } = await invoice();
    const page = await (await fetch(`${base}/bill/${invoice_id}/pay/`, { method: "POST", body: new URLSearchParams({ action: "card", card }) })).text();
    expect(page).toContain("Оплата не прошла");
    expect((await get(`/info/invoice/byid/?id=${invoice_id}`)).status).toBe("created");
    expect(got).toHaveLength(0);
  });

  it("a bare OK is no acknowledgement: tries run out, the payment is stuck; repeatcnt sends again", async () => {
    answer = () => "OK";
    const { invoice_id } = await invoice();
    const { json } = await ctl(`pay/${invoice_id}`, {});
    await until(async () => (await payment(json.id)).status === "stuck");
    expect(got).toHaveLength(3);
    answer = (form) => expectedReply(form.get("id") as string, word);
    expect(await post("/change/payment/repeatcnt/", { id: json.id })).toEqual({ result: "success" });
    await until(async () => (await payment(json.id)).status === "success");
    expect((await payment(json.id)).repeat_counter).toBe("1");
  });

  it("faults: never, five at once, tampered, before the create answer", async () => {
    await ctl("fault", { target: "paykeeper", fault: "notify_never" });
    const lost = await ctl(`pay/${(await invoice()).invoice_id}`, {});
    await until(async () => (await payment(lost.json.id)).status === "stuck");
    expect(got).toHaveLength(0);

    await ctl("fault", { target: "paykeeper", fault: "notify_duplicate", n: 5 });
    await ctl(`pay/${(await invoice()).invoice_id}`, {});
    expect(got).toHaveLength(5);

    await ctl("fault", { target: "paykeeper", fault: "notify_tampered" });
    answer = (form) => (form.get("sum") === "899.00" ? expectedReply(form.get("id") as string, word) : "Error! Hash mismatch");
    await ctl(`pay/${(await invoice()).invoice_id}`, {});
    expect(got[5]?.get("sum")).toBe("900.00");
    expect(got[5]?.get("key")).not.toBe(notificationKey({ id: got[5]?.get("id") ?? "", sum: "900.00", clientid: "ivanov@example.ru", orderid: "УТ-000417" }, word));
    await until(() => got.length === 7);

    await ctl("fault", { target: "paykeeper", fault: "notify_before_create_returns" });
    let notifiedFirst = false;
    const made = await invoice().then((i) => ((notifiedFirst = got.length === 8), i));
    expect(notifiedFirst).toBe(true);
    expect((await get(`/info/invoice/byid/?id=${made.invoice_id}`)).status).toBe("paid");
  });

  it("a lost create answer leaves exactly one invoice behind; 502_before leaves none", async () => {
    await ctl("fault", { target: "paykeeper", fault: "create_timeout_after" });
    await expect(invoice({ orderid: "lost-1" })).rejects.toThrow();
    await ctl("fault", { target: "paykeeper", fault: "502_before", on: "/preview/" });
    await expect(invoice({ orderid: "lost-2" })).rejects.toThrow();
    expect(await get("/info/invoice/search/?query=lost-1")).toHaveLength(1);
    expect(await get("/info/invoice/search/?query=lost-2")).toHaveLength(0);
  });

  it("wrapped answers and bare 17-digit ids are one-shot", async () => {
    const { invoice_id } = await invoice();
    await ctl("fault", { target: "paykeeper", fault: "array_wrapped" });
    await ctl("fault", { target: "paykeeper", fault: "bare_number_ids" });
    const text = await (await raw(`/info/invoice/byid/?id=${invoice_id}`)).text();
    expect(text.startsWith(`[{"id":${invoice_id},`)).toBe(true);
    expect((await get(`/info/invoice/byid/?id=${invoice_id}`)).id).toBe(invoice_id);
  });

  it("expiry follows the sandbox clock; late money can still come", async () => {
    const { json: clock } = await ctl("clock", {});
    const today = String(clock.moscow).slice(0, 10);
    const tomorrow = new Date(Date.parse(today) + 86_400_000).toISOString().slice(0, 10);
    expect((await get(`/info/invoice/byid/?id=${(await invoice({ expiry: today })).invoice_id}`)).status).toBe("expired");
    const { invoice_id } = await invoice({ expiry: tomorrow });
    expect((await get(`/info/invoice/byid/?id=${invoice_id}`)).status).toBe("created");
    await ctl("clock", { shiftSeconds: 86_400 });
    expect((await get(`/info/invoice/byid/?id=${invoice_id}`)).status).toBe("expired");
    expect((await ctl(`pay/${invoice_id}`, {})).status).toBe(409);
    expect((await ctl(`pay/${invoice_id}`, { late: true })).status).toBe(200);
    expect((await get(`/info/invoice/byid/?id=${invoice_id}`)).status).toBe("paid");
  });

  it("refunds: by payment id only, never above the remainder, started then done", async () => {
    const { invoice_id } = await invoice();
    const { json } = await ctl(`pay/${invoice_id}`, {});
    await until(async () => (await payment(json.id)).status === "success");
    expect((await post("/change/payment/reverse/", { id: invoice_id, amount: "1.00", partial: "true" })).result).toBe("fail");
    expect((await post("/change/payment/reverse/", { id: json.id, amount: "899.01", partial: "true" })).result).toBe("fail");
    expect(await post("/change/payment/reverse/", { id: json.id, amount: "500.00", partial: "true" })).toEqual({ result: "success" });
    expect((await get(`/info/refunds/bypaymentid/?id=${json.id}`))[0]).toMatchObject({ amount: "500.00", remainder: "399.00", status: "started" });
    expect((await payment(json.id)).status).toBe("refunding");
    await until(async () => (await payment(json.id)).status === "partially_refunded");
    expect((await post("/change/payment/reverse/", { id: json.id, amount: "400.00", partial: "true" })).result).toBe("fail");
    await post("/change/payment/reverse/", { id: json.id, amount: "399.00", partial: "true" });
    await until(async () => (await payment(json.id)).status === "refunded");
  });

  it("SBP: /create/ with a right sign gives a QR that the bank app confirms; a wrong sign gives nothing", async () => {
    const form = { sum: "10.50", clientid: "Иванов", orderid: "a-1", service_name: "", client_email: "", client_phone: "" };
    const create = (sign: string) => fetch(`${base}/create/`, { method: "POST", body: new URLSearchParams({ ...form, pstype: "sbp_default", json: "true", sign }) });
    expect((await (await create("0".repeat(64))).json()).result).toBe("fail");
    const made = await (await create(createSign(form, word))).json();
    expect(made.qr_code).toMatch(/^data:image\/png;base64,/);
    const link = new URL(made.qr_link);
    expect(link.searchParams.get("sum")).toBe("1050");
    expect(made.qr_link.split("&crc=")[1]).toBe(qrCrc(made.qr_link.split("&crc=")[0]));
    expect(await (await fetch(made.qr_link)).text()).toContain("Подтвердить оплату");
    await fetch(made.qr_link, { method: "POST", body: new URLSearchParams({ action: "confirm" }) });
    await until(async () => (await payment(made.payment_id)).status === "success");
    expect(got[0]?.get("ps_id")).toBe("99");
  });

  it("a restart keeps invoices, payments and secrets", async () => {
    const { invoice_id } = await invoice();
    await box.close();
    box = await createSandbox({ port: 0, smtpPort: 0, tlsPort: 0, dataDir: dir });
    const kept = JSON.parse(readFileSync(join(dir, "sandbox/credentials.json"), "utf8")).paykeeper;
    expect(kept.secretWord).toBe(word);
    base = kept.baseUrl;
    expect((await get(`/info/invoice/byid/?id=${invoice_id}`)).pay_amount).toBe("899.00");
  });
});
