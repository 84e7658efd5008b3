import { inputOf, sendJson, type Call } from "../core/http.ts";
import type { BillBase } from "./engine.ts";
import { patchRow } from "./rows.ts";

const MAX_BODY = 8 * 1024 * 1024;

/** /_ctl/bills/…: rows, send, poll, forget, settings, state. */
export async function billControl(base: BillBase, call: Call, path: string): Promise<void> {
  const { state } = base;
  if (path === "/state") return sendJson(call, 200, { rows: state.rows, documents: state.documents, runs: state.runs, settings: shown(base) });
  if (call.method !== "POST") return sendJson(call, 404, { error: "no such control call" });
  const input = await inputOf(call, MAX_BODY);
  switch (path) {
    case "/rows": {
      const list = Array.isArray(input.rows) ? input.rows : [input];
      const rows = list.map((raw) => patchRow(state, base.now(), (raw ?? {}) as Record<string, unknown>));
      base.touch();
      return sendJson(call, 200, { rows });
    }
    case "/send": {
      const runs = await base.send(input.again === true);
      return sendJson(call, 200, { ok: runs.every((run) => run.ok), ...runs.at(-1), runs, rows: state.rows });
    }
    case "/poll":
      return sendJson(call, 200, { ...(await base.poll()), documents: state.documents, rows: state.rows });
    case "/forget":
      base.forget();
      return sendJson(call, 200, { ok: true });
    case "/settings":
      changeSettings(base, input);
      return sendJson(call, 200, shown(base));
    default:
      return sendJson(call, 404, { error: "no such control call" });
  }
}

const shown = ({ state: { settings } }: BillBase) => ({ ...settings, password: settings.password === "" ? "" : "•••" });

export function changeSettings(base: BillBase, input: Record<string, unknown>): void {
  const s = base.state.settings;
  for (const name of ["siteUrl", "login", "password"] as const) {
    const value = input[name];
    if (typeof value === "string" && value.length <= 2000) s[name] = value.trim();
  }
  for (const name of ["keepHeaders", "expectContinue", "waitForChallenge", "scheduleOn"] as const) {
    if (input[name] !== undefined) s[name] = input[name] === true || input[name] === "true" || input[name] === "on";
  }
  const whole = (name: "scheduleSeconds" | "clockShiftSeconds", min: number, max: number) => {
    const n = Number(input[name] ?? s[name]);
    if (Number.isInteger(n) && n >= min && n <= max) s[name] = n;
  };
  whole("scheduleSeconds", 1, 86_400);
  whole("clockShiftSeconds", -10 * 366 * 86_400, 10 * 366 * 86_400);
  base.touch();
  base.reschedule();
}
