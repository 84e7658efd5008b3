import { inputOf, sendJson, type Call } from "../core/http.ts";
import type { JsonBases } from "./bases.ts";
import type { JsonBase } from "./engine.ts";
import { changeSettings } from "./settings.ts";
import { bookedOf, orderAmount, patchOrder } from "./orders.ts";
import { sendPaper } from "./papers.ts";
import type { JsonOrder, Paper } from "./state.ts";
import { serviceAddress } from "./service-address.ts";

const PAPERS = ["shipment", "return", "counterparty", "refund", "document", "statement"] as const;
const MAX_BODY = 32 * 1024 * 1024;
const noCall = (call: Call) => sendJson(call, 404, { error: "no such control call" });

/** /_ctl/json and /_ctl/json/<base>/…: bases, orders, exchange, settings, state. */
export async function jsonControl(bases: JsonBases, call: Call, path: string): Promise<void> {
  const [, name = "", what = ""] = path.split("/");
  if (name === "") return call.method === "POST" ? addBase(bases, call) : sendJson(call, 200, { bases: bases.list().map(shown) });
  const base = bases.find(name);
  if (!base) return sendJson(call, 404, { error: `no base ${name}` });
  if (what === "state" || (what === "" && call.method === "GET")) return sendJson(call, 200, stateView(base));
  if (call.method !== "POST") return noCall(call);
  return act(base, call, what);
}

async function act(base: JsonBase, call: Call, what: string): Promise<void> {
  const input = await inputOf(call, MAX_BODY);
  switch (what) {
    case "orders": {
      const list = Array.isArray(input.orders) ? input.orders : [input];
      const orders = list.map((raw) => patchOrder(base.state, base.now(), (raw ?? {}) as Record<string, unknown>));
      base.touch();
      return sendJson(call, 200, { orders: orders.map((order) => orderView(base, order)) });
    }
    case "exchange": {
      const runs = await base.exchange();
      return sendJson(call, 200, { ok: runs.every((run) => run.ok), ...runs.at(-1), runs });
    }
    case "papers": {
      const kind = PAPERS.find((one) => one === input.kind);
      if (!kind) return sendJson(call, 400, { error: `kind: ${PAPERS.join(", ")}` });
      let paper: Paper | null = null;
      const run = await base.work(async (one) => {
        paper = await sendPaper(one, kind, { ...input, kind: input.as });
      });
      return sendJson(call, 200, { ...run, paper });
    }
    case "reread":
      return sendJson(call, 200, await base.reread(String(input.since ?? "0")));
    case "ping":
      return sendJson(call, 200, await base.ping());
    case "settings":
      changeSettings(base, input);
      return sendJson(call, 200, settingsView(base));
    case "forget":
      base.forget();
      return sendJson(call, 200, { ok: true });
    default:
      return noCall(call);
  }
}

/** {name, title?, prefix?, siteUrl?}: opens the base when it is not there; answers with its secrets. */
async function addBase(bases: JsonBases, call: Call): Promise<void> {
  const input = await inputOf(call);
  const name = String(input.name ?? "");
  const base = bases.add(name, String(input.title ?? name), String(input.prefix ?? name.slice(0, 4).toUpperCase()), String(input.siteUrl ?? ""));
  sendJson(call, 200, { ...shown(base), secrets: { ...base.secrets(), serviceUrl: serviceAddress(base) } });
}

const shown = (base: JsonBase) => ({
  name: base.name, title: base.state.title, orders: Object.keys(base.state.orders).length, documents: Object.keys(base.state.books).length, serviceUrl: serviceAddress(base),
});

const settingsView = ({ state: { settings } }: JsonBase) => ({ ...settings, password: settings.password === "" ? "" : "•••", token: settings.token === "" ? "" : "•••" });

const orderView = (base: JsonBase, order: JsonOrder) => {
  const [amount, booked] = [orderAmount(order), bookedOf(base.state, order.id)];
  return { ...order, amount, booked, outstanding: amount - booked, waiting: order.version > order.sentVersion };
};

function stateView(base: JsonBase) {
  const { state } = base;
  return {
    name: base.name, title: state.title, settings: settingsView(base), orders: Object.values(state.orders).map((order) => orderView(base, order)), documents: Object.values(state.books),
    noted: state.noted, papers: state.papers, arrivals: state.arrivals, serviceCalls: state.serviceCalls, runs: state.runs,
  };
}
