/** The small site of the tests of the programmer's base: what it was asked, what it answers. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { signatureOf } from "../core/standard-webhooks.ts";
import { createSandbox, type Sandbox } from "../server.ts";

export type Body = Record<string, unknown>;
export type Order = { id: string; number: string; version: number; verdict: string; payUrl: string; outstanding: string; booked: string; amount: string; waiting: boolean };
export type Doc = { key: string; number: string; document: string; sum: string; note: string };
export type State = { orders: Order[]; documents: Doc[]; arrivals: { key: string; way: string; outcome: string }[]; serviceCalls: { status: number | null; why: string }[] };
export type Run = { ok: boolean; error: string | null; sent: { number: string; status: string; msg: string }[]; booked: { key: string; number: string }[]; known: number; warnings: string[]; runs: Run[] };

export const w = {} as {
  dir: string;
  box: Sandbox;
  site: Server;
  calls: { method: string; path: string; headers: IncomingMessage["headers"]; text: string }[];
  events: Body[];
  acked: string;
  /** The site answers with a redirect to itself. */
  moved: boolean;
  answerOrders: (orders: Body[]) => Body;
};

export const atRest = { style: "careful", ordersPerBatch: 200, eventsPerPage: 100, clockShiftSeconds: 0, pushToleranceSeconds: 300 };
/** Opens the site and a sandbox for the tests of one file, and empties both before each test. */
export const useJsonSite = (): void => {
  beforeAll(async () => {
    w.dir = mkdtempSync(join(tmpdir(), "sandbox-json-"));
    w.site = createServer((req, res) => void answer(req, res));
    await new Promise<void>((done) => w.site.listen(0, "127.0.0.1", done));
    w.box = await createSandbox({ port: 0, smtpPort: 0, tlsPort: 0, dataDir: w.dir });
  });
  beforeEach(async () => {
    [w.calls, w.events, w.acked, w.moved] = [[], [], "", false];
    w.answerOrders = (orders) => ({ accepted: orders.length, rejected: 0, results: orders.map(({ id, version }) => ({ id, status: "created", version, payUrl: `http://pay.example/o/${String(id)}`, code: "", msg: "" })) });
    await ctl("reset", { data: true });
    await ctl("json/retail/settings", { ...atRest, siteUrl: `http://127.0.0.1:${(w.site.address() as AddressInfo).port}` });
  });
  afterAll(async () => {
    await w.box.close();
    w.site.closeAllConnections();
    w.site.close();
    rmSync(w.dir, { recursive: true, force: true });
  });
};

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? "", "http://x");
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  w.calls.push({ method: req.method ?? "", path: url.pathname, headers: req.headers, text });
  const say = (status: number, value: Body, type = "application/json; charset=utf-8") => {
    const body = JSON.stringify(value);
    res.writeHead(status, { "Content-Type": type, "Content-Length": String(Buffer.byteLength(body)) }).end(body);
  };
  if (w.moved) return void res.writeHead(308, { location: `${url.pathname}/` }).end();
  const given = () => JSON.parse(text.replace(/^\uFEFF/, "")) as Body;
  switch (url.pathname) {
    case "/api/1c/v1/orders":
      return say(200, w.answerOrders(given().orders as Body[]));
    case "/api/1c/v1/changes": {
      const since = url.searchParams.get("since") ?? w.acked;
      const items = w.events.filter((event) => String(event.seq) > since).slice(0, Number(url.searchParams.get("limit")));
      const cursor = items.length > 0 ? String(items.at(-1)!.seq) : since;
      return say(200, { cursor, hasMore: w.events.some((event) => String(event.seq) > cursor), serverTime: "2026-11-21T18:00:00+03:00", items });
    }
    case "/api/1c/v1/changes/ack":
      w.acked = String(given().cursor);
      return say(200, { ok: true, cursor: w.acked });
    default: {
      const list = /^\/api\/1c\/v1\/(shipments|returns|counterparties)$/.exec(url.pathname)?.[1];
      if (list) return say(200, { accepted: 1, rejected: 0, results: (given()[list] as Body[]).map(({ id }) => ({ id, status: "created", code: "", msg: "" })) });
      if (url.pathname.startsWith("/api/1c/v1/documents/")) return say(200, { status: "taken", msg: "" });
      return say(404, { msg: "нет такого адреса" });
    }
  }
}

export async function ctl<T = Body>(path: string, body: unknown = {}): Promise<T> {
  const done = await fetch(`${w.box.urls.http}/_ctl/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return (await done.json()) as T;
}
export const state = async (name = "retail") => (await (await fetch(`${w.box.urls.http}/_ctl/json/${name}/state`)).json()) as State;
export const exchange = (name = "retail") => ctl<Run>(`json/${name}/exchange`);
export const fault = (name: string, more: Body = {}) => ctl("fault", { target: "json", fault: name, ...more });
export const order = async (given: Body = {}, name = "retail") => (await ctl<{ orders: Order[] }>(`json/${name}/orders`, given)).orders[0]!;

let seq = 0;
export const nextSeq = () => String(++seq).padStart(16, "0");
export function paymentOf(of: { id: string; number: string }, amount: string, id = `p-${seq + 1}`, balance: Body = { paid: amount, refunded: "0.00", due: "0.00" }): Body {
  return {
    seq: nextSeq(), id: `event-${id}`, type: "payment.succeeded", key: `payment:${id}`, at: "2026-11-21T15:40:11+03:00", order: { id: of.id, number: of.number },
    payment: { id, number: "P-20260017", method: "card", amount, fee: "14.64", net: "1205.36", currency: "RUB", paidAt: "2026-11-21T15:40:11+03:00", paidAtLocal: "2026-11-21T15:40:11", acquirer: "tbank", acquirerId: "4412356789", rrn: "632512345678", authCode: "A1B2C3", maskedPan: "220070******1234" },
    refund: null, receipt: null, balance,
  };
}
export const rubles = (kopecks: string) => `${kopecks.slice(0, -2)}.${kopecks.slice(-2)}`;

export async function push(event: Body, options: { secret?: string; password?: string; at?: number } = {}): Promise<{ status: number; answer: Body | null }> {
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

