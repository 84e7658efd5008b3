import { FAULTS, type FaultTarget } from "./core/faults.ts";
import { inputOf, isForm, redirect, sendJson, type Call } from "./core/http.ts";
import { moscow } from "./core/clock.ts";
import { mailControl } from "./mail/pages.ts";
import { billControl } from "./bill-base/control.ts";
import { jsonControl } from "./json-base/control.ts";
import { onecControl } from "./onec/control.ts";
import { orangeControl } from "./orange/control.ts";
import { bounceRefund, changeSettings, flipPayment, payDirectly, payQrAgain, refundInCabinet, showNotification, showState } from "./paykeeper/control.ts";
import { shopControl } from "./shop/control.ts";
import type { Sides } from "./routes.ts";

/** /_ctl/…: what tests and the index page use to move the pretended world. Imitates nobody. */
export async function control(sides: Sides, call: Call): Promise<void> {
  const { world, cabinet } = sides;
  const path = call.path.replace(/\/$/, "");
  const posted = call.method === "POST";
  const pay = /^\/_ctl\/pay\/(\d{1,17})$/.exec(path);
  const notification = /^\/_ctl\/paykeeper\/notification\/(\d{1,12})$/.exec(path);
  if (pay?.[1] && posted) return payDirectly(cabinet, call, pay[1]);
  const refund = /^\/_ctl\/paykeeper\/refund\/(\d{1,12})$/.exec(path);
  const bounce = /^\/_ctl\/paykeeper\/bounce\/(\d{1,12})$/.exec(path);
  if (refund?.[1] && posted) return refundInCabinet(cabinet, call, refund[1]);
  if (bounce?.[1] && posted) return bounceRefund(cabinet, call, bounce[1]);
  const flip = /^\/_ctl\/paykeeper\/flip\/(\d{1,12})$/.exec(path);
  if (flip?.[1] && posted) return flipPayment(cabinet, call, flip[1]);
  const again = /^\/_ctl\/paykeeper\/again\/(\d{1,12})$/.exec(path);
  if (again?.[1] && posted) return payQrAgain(cabinet, call, again[1]);
  if (notification?.[1]) return showNotification(world, cabinet, call, notification[1]);
  if (path.startsWith("/_ctl/onec/unf/")) return onecControl(sides.unf, call, path.slice("/_ctl/onec/unf".length));
  if (path.startsWith("/_ctl/onec/")) return onecControl(sides.onec, call, path.slice("/_ctl/onec".length));
  if (path.startsWith("/_ctl/bills/")) return billControl(sides.bills, call, path.slice("/_ctl/bills".length));
  if (path === "/_ctl/json" || path.startsWith("/_ctl/json/")) return jsonControl(sides.jsonBases, call, path.slice("/_ctl/json".length));
  if (path.startsWith("/_ctl/shop/")) return shopControl(sides.shop, call, path.slice("/_ctl/shop".length));
  if (path.startsWith("/_ctl/orange/")) return orangeControl(sides.orange, call, path.slice("/_ctl/orange".length));
  switch (path) {
    case "/_ctl/fault":
      return posted ? armFault(sides, call) : sendJson(call, 200, { armed: world.faults.list(), known: FAULTS });
    case "/_ctl/clock":
      return posted ? moveClock(sides, call) : showClock(sides, call);
    case "/_ctl/reset":
      return posted ? reset(sides, call) : sendJson(call, 405, { error: "POST" });
    case "/_ctl/log":
      return sendJson(call, 200, { entries: world.entries() });
    case "/_ctl/mail":
      return mailControl(sides.mailbox, call);
    case "/_ctl/paykeeper/settings":
      return posted ? changeSettings(cabinet, call) : sendJson(call, 200, cabinet.state.settings);
    case "/_ctl/paykeeper/state":
      return showState(cabinet, call);
    default:
      return sendJson(call, 404, { error: "no such control call" });
  }
}

/** {target, fault, times=1, on?, seconds?, …}; times 0 disarms. `503_retry_after` with seconds lasts that long instead. */
async function armFault({ world }: Sides, call: Call): Promise<void> {
  const { target, fault, times, on, ...params } = await inputOf(call);
  const name = String(fault);
  if (typeof target !== "string" || !Object.hasOwn(FAULTS, target) || !Object.hasOwn(FAULTS[target as FaultTarget], name)) {
    return sendJson(call, 400, { error: "unknown target or fault", known: FAULTS });
  }
  const lasting = name === "503_retry_after" && Number(params.seconds) > 0 ? Number(params.seconds) : null;
  const count = times === undefined || times === "" ? (lasting === null ? 1 : -1) : Number(times);
  if (!Number.isInteger(count) || count < -1 || count > 10_000) return sendJson(call, 400, { error: "times must be an integer from -1 to 10000" });
  world.faults.arm({
    target: target as FaultTarget,
    fault: name,
    times: count,
    until: lasting === null ? null : world.clock.now() + lasting * 1000,
    on: typeof on === "string" && on !== "" ? on : null,
    params,
  });
  world.log("control", "fault", { target, fault: name, times: count });
  return isForm(call) ? redirect(call, "/") : sendJson(call, 200, { armed: world.faults.list() });
}

/** {shiftSeconds} adds to the offset, {reset:true} returns to real time. */
async function moveClock(sides: Sides, call: Call): Promise<void> {
  const input = await inputOf(call);
  const seconds = Number(input.shiftSeconds ?? 0);
  if (!Number.isFinite(seconds) || Math.abs(seconds) > 10 * 366 * 86_400) return sendJson(call, 400, { error: "shiftSeconds out of range" });
  if (input.reset) sides.world.clock.reset();
  sides.world.clock.shift(seconds * 1000);
  return isForm(call) ? redirect(call, "/") : showClock(sides, call);
}

function showClock({ world }: Sides, call: Call): void {
  sendJson(call, 200, { now: new Date(world.clock.now()).toISOString(), moscow: moscow(world.clock.now()), offsetSeconds: world.clock.offsetMs() / 1000 });
}

/** Faults, clock and log always; {data:true} also forgets payments, receipts, orders and letters. */
async function reset(sides: Sides, call: Call): Promise<void> {
  const input = await inputOf(call);
  sides.world.faults.clear();
  sides.world.clock.reset();
  sides.world.clearLog();
  if (input.data) {
    sides.cabinet.forget();
    sides.orange.forget();
    sides.onec.forget();
    sides.unf.forget();
    sides.bills.forget();
    sides.shop.forget();
    sides.jsonBases.list().forEach((base) => base.forget());
    sides.mailbox.clear();
  }
  return isForm(call) ? redirect(call, "/") : sendJson(call, 200, { ok: true });
}
