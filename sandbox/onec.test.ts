/** The sandbox's 1C against a small site: what it sends, asks again and reports. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readSiteOrders } from "./onec/read-orders.ts";
import { readXml } from "./onec/read-xml.ts";
import { unzipFirst } from "./onec/zip.ts";
import { createSandbox, type Sandbox } from "./server.ts";

const EMPTY = '<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация ВерсияСхемы="2.07" ДатаФормирования="2026-11-21T15:00:00"/>';

describe("an exchange with a small site", () => {
  let dir: string;
  let box: Sandbox;
  let site: Server;
  let calls: string[];
  let uploads: Buffer[];
  let queryBody: () => Buffer;
  let progressLeft: number;
  let init: string;
  let importAnswer: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "sandbox-1c-"));
    const answer = async (req: IncomingMessage, res: ServerResponse) => {
      const url = new URL(req.url ?? "", "http://x");
      const mode = url.searchParams.get("mode") ?? "";
      calls.push(`${req.method} ${mode}`);
      const body = await bytesOf(req);
      const { onec } = JSON.parse(readFileSync(join(dir, "sandbox/credentials.json"), "utf8"));
      const right = `Basic ${Buffer.from(`${onec.login}:${onec.password}`).toString("base64")}`;
      if (url.pathname !== "/bitrix/admin/1c_exchange.php" || req.headers.authorization !== right) return res.writeHead(401).end("failure\nНеверный пароль");
      if (mode !== "checkauth" && (req.headers.cookie !== "SID=42" || url.searchParams.get("sessid") !== "7")) return res.end("failure\nНет сессии");
      switch (mode) {
        case "checkauth":
          return res.end("success\nSID\n42\nsessid=7");
        case "init":
          return res.end(init);
        case "query":
          return res.writeHead(200, { "Content-Type": "application/xml; charset=utf-8" }).end(queryBody());
        case "file":
          uploads.push(body);
          return res.end("success");
        case "import":
          return res.end(progressLeft-- > 0 ? "progress\nещё" : importAnswer);
        default:
          return res.end("success");
      }
    };
    site = createServer((req, res) => void answer(req, res));
    await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
    box = await createSandbox({ port: 0, smtpPort: 0, tlsPort: 0, dataDir: dir, onecExchangeUrl: `http://127.0.0.1:${(site.address() as AddressInfo).port}` });
  });

  beforeEach(async () => {
    [calls, uploads, progressLeft, init, importAnswer] = [[], [], 0, "zip=no\nfile_limit=1500", "success\nЗагружено"];
    queryBody = () => Buffer.from(EMPTY);
    await ctl("reset", { data: true });
  });

  afterAll(async () => {
    await box.close();
    site.closeAllConnections();
    site.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function ctl(path: string, body: unknown = {}) {
    return (await fetch(`${box.urls.http}/_ctl/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).json();
  }
  const state = async () => (await fetch(`${box.urls.http}/_ctl/onec/state`)).json();
  const sent = () => Buffer.concat(uploads).toString("utf8");

  /** What a site would answer: the uploaded document echoed as paid. */
  function paidEcho(method: string): Buffer {
    const extra = [["Метод оплаты ИД", method], ["Заказ оплачен", "true"]].map(([n, v]) => `<ЗначениеРеквизита><Наименование>${n}</Наименование><Значение>${v}</Значение></ЗначениеРеквизита>`).join("");
    const text = sent().replace(/^\uFEFF/, "").replace(/<\/ЗначенияРеквизитов>\s*<\/Документ>/g, `${extra}</ЗначенияРеквизитов></Документ>`);
    return Buffer.from(text);
  }

  it("calls in the order of УТ, file in pieces, progress loop, BOM and CRLF in the file", async () => {
    await ctl("onec/orders", { siteNumber: "S-1", kind: "company", comment: "a < b & c" });
    progressLeft = 2;
    const run = await ctl("onec/exchange");
    expect([run.ok, run.error]).toEqual([true, null]);
    expect(calls.slice(0, 5)).toEqual(["GET checkauth", "GET query", "GET success", "GET checkauth", "GET init"]);
    expect(calls.filter((c) => c === "GET import")).toHaveLength(3);
    expect(uploads.length).toBeGreaterThan(2);
    expect(uploads.slice(0, -1).every((u) => u.length === 1500)).toBe(true);
    expect(sent().startsWith('\uFEFF<?xml version="1.0" encoding="UTF-8"?>\r\n')).toBe(true);
    const document = readXml(sent().slice(1)).children[0];
    expect(document?.children.map((c) => c.name)).toEqual(["Ид", "Номер", "Дата", "ХозОперация", "Роль", "Валюта", "Курс", "Сумма", "Контрагенты", "Время", "Комментарий", "Налоги", "Товары", "ЗначенияРеквизитов"]);
    expect(calls.includes("POST file")).toBe(true);
    calls.length = 0;
    await ctl("onec/exchange");
    expect(calls).toEqual(["GET checkauth", "GET query", "GET success"]);
  });

  it("lines of an order add up to its Сумма, 22 % and 10 % and a delivery service are there", async () => {
    await ctl("onec/orders", { siteNumber: "S-1" });
    await ctl("onec/exchange");
    const [order] = readSiteOrders(sent().slice(1));
    expect(order?.lines.reduce((all, l) => all + l.sum, 0n)).toBe(order?.total);
    expect(new Set(order?.lines.map((l) => l.vat))).toEqual(new Set(["22", "10"]));
    expect(order?.lines.some((l) => l.kind === "Услуга")).toBe(true);
  });

  it("books a paid order once, tells Номер оплаты по 1С with the next exchange", async () => {
    await ctl("onec/orders", { siteNumber: "S-1" });
    await ctl("onec/exchange");
    const total = (await state()).orders[0].total;
    const echo = paidEcho("sbp");
    queryBody = () => echo;
    uploads.length = 0;
    const run = await ctl("onec/exchange");
    expect(run.loaded.booked).toEqual([{ order: "S-1", document: "УТ00-000377", sum: total, method: "СБП" }]);
    expect([run.loaded.damaged, run.loaded.skipped, run.uploaded]).toEqual([[], [], []]);
    const repeat = await ctl("onec/exchange");
    expect(repeat.loaded.booked).toEqual([]);
    expect((await state()).orders[0].payments).toHaveLength(1);
    queryBody = () => Buffer.from(EMPTY);
    uploads.length = 0;
    await ctl("onec/exchange");
    expect(sent()).toContain("<Наименование>Номер оплаты по 1С</Наименование>\r\n\t\t\t\t<Значение>УТ00-000377</Значение>");
  });

  it("skips silently when the state is not «Ожидается согласование»; unmapped method books nothing; 12-character numbers never match", async () => {
    await ctl("onec/orders", { siteNumber: "S-1" });
    await ctl("onec/orders", { siteNumber: "S-2" });
    await ctl("onec/orders", { siteNumber: "S-3456789012" });
    await ctl("onec/exchange");
    await ctl("onec/orders", { siteNumber: "S-1", state: "К выполнению" });
    const echo = paidEcho("cash");
    queryBody = () => echo;
    const run = await ctl("onec/exchange");
    expect(run.ok).toBe(true);
    expect(run.loaded.skipped).toEqual([{ number: "S-1", why: "состояние «К выполнению»" }]);
    expect(run.loaded).toMatchObject({ updated: ["S-2"], created: ["S-3456789012"], booked: [] });
    expect((await state()).orders).toHaveLength(4);
  });

  it("notices lines that came back changed", async () => {
    await ctl("onec/orders", { siteNumber: "S-1" });
    await ctl("onec/exchange");
    const echo = Buffer.from(paidEcho("card").toString("utf8").replace(/<Количество>[^<]+/, "<Количество>77"));
    queryBody = () => echo;
    expect((await ctl("onec/exchange")).loaded.damaged).toEqual(["S-1"]);
  });

  it("a refused portion stays registered and comes again; the reason reaches the report", async () => {
    await ctl("onec/orders", { siteNumber: "S-1" });
    importAnswer = "failure\nЗаказ S-1: не та сумма";
    const refused = await ctl("onec/exchange");
    expect([refused.ok, refused.error]).toEqual([false, "import: Заказ S-1: не та сумма"]);
    importAnswer = "success";
    expect((await ctl("onec/exchange")).uploaded.map((u: { number: string }) => u.number)).toEqual(["S-1"]);
  });

  it("zip=yes: one archive, import by the inner name", async () => {
    await ctl("onec/orders", { siteNumber: "S-1" });
    init = "zip=yes\nfile_limit=1048576";
    const run = await ctl("onec/exchange");
    expect(run.steps.find((s: { request: string }) => s.request.includes("mode=file")).request).toMatch(/filename=v8_[0-9A-F]{4}\.zip/);
    expect(run.steps.at(-1).request).toMatch(/mode=import&filename=orders-[0-9a-f-]{36}_1\.xml/);
    expect(readSiteOrders((await unzipFirst(Buffer.concat(uploads))).toString("utf8").slice(1))).toHaveLength(1);
  });

  it("a wrong password: the site's whole answer is the error; empty settings return to credentials.json", async () => {
    expect((await ctl("onec/settings", { password: "wrong" })).password).toBe("•••");
    expect((await ctl("onec/check")).error).toContain("Неверный пароль");
    await ctl("onec/settings", { password: "" });
    expect((await ctl("onec/check")).ok).toBe(true);
  });

  it("faults: dies before success, repeats, two at once", async () => {
    await ctl("onec/orders", { siteNumber: "S-1" });
    await ctl("fault", { target: "onec", fault: "die_before_success" });
    expect((await ctl("onec/exchange")).ok).toBe(false);
    expect(calls).toEqual(["GET checkauth", "GET query"]);
    await ctl("fault", { target: "onec", fault: "repeat_exchange" });
    const repeated = await ctl("onec/exchange");
    expect(repeated.runs.map((r: { uploaded: unknown[] }) => r.uploaded.length)).toEqual([1, 1]);
    await ctl("onec/orders", { siteNumber: "S-1", comment: "ещё" });
    await ctl("fault", { target: "onec", fault: "two_at_once" });
    expect((await ctl("onec/exchange")).runs.map((r: { uploaded: unknown[] }) => r.uploaded.length)).toEqual([1, 1]);
  });

  it("pages: new order, exchange and bank payment by plain forms, from this origin only", async () => {
    const page = (action: Record<string, string>, path = "/onec/", headers = {}) =>
      fetch(box.urls.http + path, { method: "POST", body: new URLSearchParams(action), headers, redirect: "manual" });
    expect((await page({ action: "company" })).status).toBe(303);
    expect((await page({ action: "company" }, "/onec/", { Origin: "https://evil.example" })).status).toBe(403);
    const [order] = (await state()).orders;
    await page({ action: "bank", number: "ПП-17", sum: "" }, `/onec/order/${order.id}/`);
    expect((await state()).orders).toHaveLength(1);
    expect((await state()).orders[0]).toMatchObject({ outstanding: "0", payments: [{ number: "ПП-17" }] });
    const html = await (await fetch(`${box.urls.http}/onec/`)).text();
    expect(html).toContain("ПП-17");
    expect(html).toContain("ждёт обмена");
  });
});

async function bytesOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
