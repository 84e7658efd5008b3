import { encode } from "iconv-lite";
import { inputOf, sendJson, type Call } from "../core/http.ts";
import type { OneC } from "./engine.ts";
import { orderTotal, outstanding, patchOrder } from "./orders.ts";
import type { OnecOrder } from "./state.ts";

const MAX_ORDERS_BODY = 32 * 1024 * 1024;

const orderView = (o: OnecOrder) => ({ ...o, total: orderTotal(o), outstanding: outstanding(o), waiting: o.version > o.sentVersion });

/** /_ctl/onec/… (УТ) and /_ctl/onec/unf/…: exchange, check, info, upload, orders, settings, state. */
export async function onecControl(onec: OneC, call: Call, path: string): Promise<void> {
  const { state } = onec;
  if (path === "/state") return sendJson(call, 200, { orders: Object.values(state.orders).map(orderView), settings: shownSettings(onec), exchanges: state.exchanges });
  if (call.method !== "POST") return sendJson(call, 404, { error: "no such control call" });
  switch (path) {
    case "/exchange": {
      const runs = await onec.exchange();
      return sendJson(call, 200, { ok: runs.every((r) => r.ok), ...runs.at(-1), runs });
    }
    case "/info":
      return sendJson(call, 200, await onec.info());
    case "/check":
      return sendJson(call, 200, await onec.check());
    case "/upload": {
      const input = await inputOf(call, MAX_ORDERS_BODY);
      const text = String(input.text ?? "");
      const bytes = typeof input.base64 === "string" ? Buffer.from(input.base64, "base64") : input.encoding === "windows-1251" ? encode(text, "win1251") : Buffer.from(text, "utf8");
      return sendJson(call, 200, await onec.upload(String(input.filename ?? "orders-test_1.xml"), bytes));
    }
    case "/orders": {
      const input = await inputOf(call, MAX_ORDERS_BODY);
      const list = Array.isArray(input.orders) ? input.orders : [input];
      const orders = list.map((raw) => patchOrder(state, onec.world.clock.now() + state.settings.clockShiftSeconds * 1000, (raw ?? {}) as Record<string, unknown>));
      onec.touch();
      return sendJson(call, 200, { orders: orders.map(orderView) });
    }
    case "/settings":
      changeSettings(onec, await inputOf(call));
      return sendJson(call, 200, shownSettings(onec));
    default:
      return sendJson(call, 404, { error: "no such control call" });
  }
}

const shownSettings = ({ state: { settings } }: OneC) => ({ ...settings, password: settings.password === "" ? "" : "•••" });

export function changeSettings(onec: OneC, input: Record<string, unknown>): void {
  const s = onec.state.settings;
  if (typeof input.login === "string" && input.login.length <= 200) s.login = input.login;
  if (typeof input.password === "string" && input.password.length <= 200) s.password = input.password;
  if (typeof input.exchangeUrl === "string" && input.exchangeUrl.length <= 2000) s.exchangeUrl = input.exchangeUrl.trim();
  for (const name of ["loadPayments", "withoutSessid", "sendEmptyFile", "scheduleOn", "subordinate"] as const) {
    if (input[name] !== undefined) s[name] = input[name] === true || input[name] === "true" || input[name] === "on";
  }
  const whole = (name: "ordersPerFile" | "scheduleSeconds" | "progressPauseMs" | "clockShiftSeconds", min: number, max: number) => {
    const n = Number(input[name] ?? s[name]);
    if (Number.isInteger(n) && n >= min && n <= max) s[name] = n;
  };
  whole("ordersPerFile", 1, 20_000);
  whole("scheduleSeconds", 1, 86_400);
  whole("progressPauseMs", 0, 60_000);
  whole("clockShiftSeconds", -10 * 366 * 86_400, 10 * 366 * 86_400);
  if (Array.isArray(input.methods)) {
    s.methods = input.methods.slice(0, 50).map((raw) => {
      const m = (raw ?? {}) as Record<string, unknown>;
      return { code: String(m.code ?? ""), name: String(m.name ?? ""), acquirer: String(m.acquirer ?? "") };
    });
  }
  onec.touch();
  onec.reschedule();
}
