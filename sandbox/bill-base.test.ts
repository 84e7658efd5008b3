/** The base with the published PayKeeper code against a small site of this test. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createSandbox, type Sandbox } from "./server.ts";

type Body = Record<string, unknown>;
type Row = { no: number; invoiceId: string; isSent: boolean; status: string; says: string[] };
type Done = { ok: boolean; error: string | null; sent: number; booked: number; runs: Done[]; rows: Row[]; documents: { invoiceId: string; sum: string; number: string }[] };

let dir: string;
let box: Sandbox;
let site: Server;
let calls: { method: string; path: string; headers: IncomingMessage["headers"]; raw: string }[];
let answers: Record<string, (raw: string, url: URL) => Body>;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "sandbox-bills-"));
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const url = new URL(req.url ?? "", "http://x");
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString("utf8");
    calls.push({ method: req.method ?? "", path: url.pathname, headers: req.headers, raw });
    if (req.headers.authorization === undefined) return res.writeHead(401, { "www-authenticate": 'Basic realm="1C"' }).end("{}");
    res.writeHead(200, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(answers[url.pathname]!(raw, url)));
  };
  site = createServer((req, res) => void answer(req, res));
  await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
  box = await createSandbox({ port: 0, smtpPort: 0, tlsPort: 0, dataDir: dir });
});
beforeEach(async () => {
  calls = [];
  let made = 0;
  answers = {
    "/info/settings/token/": () => ({ token: "5b1f0f0e8d" }),
    "/change/invoice/preview/": () => ({ result: "success", msg: "", invoice_id: `2026112119090500${++made}`, invoice_url: "https://pay.shop.example/bill/1/", invoice: "" }),
    "/change/invoice/send/": () => ({ result: "success", msg: "" }),
    "/info/invoice/byid/": (_raw, url) => ({ id: url.searchParams.get("id"), status: "paid", pay_amount: "100.03", orderid: "123-1", paymentid: "77", paid_datetime: "2026-11-21 15:40:11" }),
  };
  await ctl("reset", { data: true });
  await ctl("bills/settings", { siteUrl: `http://127.0.0.1:${(site.address() as AddressInfo).port}`, login: "user", password: "pass", keepHeaders: true, expectContinue: false, waitForChallenge: false });
});
afterAll(async () => {
  await box.close();
  site.closeAllConnections();
  site.close();
  rmSync(dir, { recursive: true, force: true });
});

const ctl = async <T = Body>(path: string, body: unknown = {}) =>
  (await (await fetch(`${box.urls.http}/_ctl/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).json()) as T;
const send = (again = false) => ctl<Done>("bills/send", { again });
const poll = () => ctl<Done>("bills/poll");
const fault = (name: string) => ctl("fault", { target: "bills", fault: name });
const TRANSCRIPT = { clientid: "Иванов Иван Иванович", orderid: "123-1", service_name: "Тестовая услуга", client_email: "test@yourdomain.com", client_phone: "+79876543210", expiry: "20191020200103", pay_amount: "100.03" };

it("puts on the wire what the transcript shows: raw body, shared header map, Basic", async () => {
  await ctl("bills/rows", TRANSCRIPT);
  expect(await send()).toMatchObject({ ok: true, sent: 1, rows: [{ invoiceId: "20261121190905001", isSent: true, says: [] }] });
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /info/settings/token/", "POST /change/invoice/preview/", "POST /change/invoice/send/"]);
  const [token, preview, sent] = calls;
  expect(token!.headers.authorization).toBe("Basic dXNlcjpwYXNz");
  expect(preview!.headers).toMatchObject({ "content-length": "220", "content-type": "application/x-www-form-urlencoded" });
  expect(preview!.raw).toBe("token=5b1f0f0e8d&clientid=Иванов Иван Иванович&orderid=123-1&service_name=Тестовая услуга&client_email=test@yourdomain.com&client_phone=+79876543210&expiry=20191020200103&pay_amount=100.03");
  expect(sent).toMatchObject({ raw: "token=5b1f0f0e8d&id=20261121190905001", headers: { "content-type": "application/x-www-form-urlencoded" } });
});

it("send without Content-Type, Expect: 100-continue, Basic only after the challenge", async () => {
  await ctl("bills/settings", { keepHeaders: false, expectContinue: true, waitForChallenge: true });
  await ctl("bills/rows", { ...TRANSCRIPT, pay_amount: "1\u00A0234,5" });
  expect(await send()).toMatchObject({ ok: true, sent: 1 });
  const sent = calls.filter(({ path, headers }) => path.endsWith("/send/") && headers.authorization !== undefined);
  expect(sent).toHaveLength(1);
  expect(sent[0]!.headers).toMatchObject({ expect: "100-continue" });
  expect(sent[0]!.headers["content-type"]).toBeUndefined();
  expect(calls.some(({ raw }) => raw.endsWith("pay_amount=1\u00A0234,5"))).toBe(true);
});

it("a refusal is told to the manager by its row and the next rows go on; an invoice_id that is a number is an error", async () => {
  await ctl("bills/rows", { rows: [{}, TRANSCRIPT, {}] });
  answers["/change/invoice/preview/"] = (raw) => (raw.includes("123-1") ? { result: "fail", msg: "Срок действия счёта уже истёк" } : { result: "success", msg: "", invoice_id: "20261121190905009", invoice_url: "", invoice: "" });
  const done = await send();
  expect(done.rows.map(({ isSent, says }) => [isSent, says])).toEqual([[true, []], [false, ["Срок действия счёта уже истёк"]], [true, []]]);
  answers["/change/invoice/preview/"] = () => ({ result: "success", msg: "", invoice_id: 20261121190905010, invoice_url: "", invoice: "" });
  expect((await send()).rows[1]!.says.at(-1)).toContain("ожидалась строка");
  answers["/info/settings/token/"] = () => ({ result: "fail", msg: "Неверный логин" });
  expect(await send()).toMatchObject({ ok: false, error: "Неверный логин" });
});

it("switches: answers lost, dies between preview and send, the pack twice and two at once", async () => {
  await ctl("bills/rows", TRANSCRIPT);
  for (const name of ["preview_answer_lost", "send_answer_lost", "die_before_send"]) {
    await fault(name);
    expect((await send()).rows[0]!.isSent).toBe(false);
  }
  await fault("repeat_run");
  expect((await send()).runs).toHaveLength(2);
  await fault("two_at_once");
  expect((await send(true)).runs).toMatchObject([{ sent: 1 }, { sent: 1 }]);
  expect(calls.filter(({ path }) => path.endsWith("/preview/"))).toHaveLength(7);
});

it("a paid invoice is booked once however often it is asked about; dying before booking loses nothing", async () => {
  await ctl("bills/rows", TRANSCRIPT);
  await send();
  await fault("die_before_booking");
  expect(await poll()).toMatchObject({ ok: false, booked: 0, documents: [] });
  expect(await poll()).toMatchObject({ ok: true, booked: 1, documents: [{ invoiceId: "20261121190905001", sum: "10003", number: "УТ00-000041" }] });
  expect(await poll()).toMatchObject({ booked: 0, documents: [{}] });
  answers["/info/invoice/byid/"] = () => ({ id: "1", status: "paid" });
  expect((await poll()).error).toContain("вместо счёта");
  const page = await (await fetch(`${box.urls.http}/bills/`)).text();
  expect(page).toContain("УТ00-000041");
});
