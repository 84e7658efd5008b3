import { createPublicKey } from "node:crypto";
import { inputOf, sendJson, type Call } from "../core/http.ts";
import type { OrangeSide } from "./engine.ts";

/** /_ctl/orange/…: state, organizations and their keys, settings. */
export async function orangeControl(side: OrangeSide, call: Call, path: string): Promise<void> {
  const { state } = side;
  if (path === "/state") {
    return sendJson(call, 200, { documents: Object.values(state.documents), registers: state.registers, organizations: state.organizations, settings: state.settings });
  }
  if (call.method !== "POST") return sendJson(call, 404, { error: "no such control call" });
  const input = await inputOf(call);
  if (path === "/organizations") {
    const inn = String(input.inn ?? "");
    if (!/^(\d{10}|\d{12})$/.test(inn)) return sendJson(call, 400, { error: "inn must be 10 or 12 digits" });
    const name = String(input.name ?? "").slice(0, 200);
    const known = state.organizations.find((o) => o.inn === inn);
    if (known) known.name = name || known.name;
    else state.organizations.push({ inn, name });
    if (typeof input.publicKeyPem === "string") {
      try {
        createPublicKey(input.publicKeyPem);
      } catch {
        return sendJson(call, 400, { error: "publicKeyPem is unreadable" });
      }
      state.keys[String(input.key ?? inn)] = input.publicKeyPem;
    }
    side.touch();
    return sendJson(call, 200, { organizations: state.organizations });
  }
  if (path === "/settings") {
    for (const name of ["minDelayMs", "maxDelayMs"] as const) {
      const ms = Number(input[name] ?? state.settings[name]);
      if (Number.isInteger(ms) && ms >= 0 && ms <= 600_000) state.settings[name] = ms;
    }
    side.touch();
    return sendJson(call, 200, state.settings);
  }
  sendJson(call, 404, { error: "no such control call" });
}
