import { cut, send, sendJson, sleep, type Call } from "../core/http.ts";
import { numberParam } from "../core/faults.ts";
import { distrust } from "../core/standard-webhooks.ts";
import type { Shop } from "./engine.ts";
import { KEPT, type ShopHook } from "./state.ts";

const BODY_MAX = 256 * 1024;

const header = (call: Call, name: string): string => {
  const value = call.req.headers[name];
  return typeof value === "string" ? value : "";
};

/** `POST /shop/hook`: what the payment service tells. Signature first; the same `webhook-id` a second time changes nothing. */
export async function takeHook(shop: Shop, call: Call): Promise<void> {
  const { state, world } = shop;
  const hook: ShopHook = { at: world.clock.now(), id: header(call, "webhook-id"), type: "", orderId: "", status: null, outcome: "failed", why: "" };
  const isKnown = state.hooks.some((other) => other.id === hook.id && other.outcome === "booked");
  state.hooks = [hook, ...state.hooks].slice(0, KEPT);
  const finish = (status: number | null, outcome: ShopHook["outcome"], why: string) => {
    Object.assign(hook, { status, outcome, why });
    world.log("shop", "webhook", { id: hook.id, type: hook.type, status, outcome, why });
    shop.touch();
  };
  const body = await call.body(BODY_MAX);
  if (world.faults.take("shop", "webhook_down")) {
    finish(null, "failed", "сайт недоступен (переключатель)");
    return cut(call);
  }
  const slow = world.faults.take("shop", "webhook_slow");
  if (slow) await sleep(numberParam(slow, "seconds", 5, 120) * 1000);
  if (world.faults.take("shop", "webhook_500")) {
    finish(500, "failed", "ошибка 500 (переключатель)");
    return send(call, 500, "text/html; charset=utf-8", "<h1>Fatal error</h1>");
  }
  const doubt = distrust(shop.secrets().signingSecret, { id: hook.id, timestamp: header(call, "webhook-timestamp"), signature: header(call, "webhook-signature") }, body, world.clock.now(), state.settings.toleranceSeconds);
  if (doubt !== null) {
    finish(401, "refused", doubt);
    return sendJson(call, 401, { error: doubt });
  }
  const event = JSON.parse(body.toString("utf8")) as { type?: string; order?: { siteId?: string }; balance?: { due?: string } | null };
  Object.assign(hook, { type: String(event.type ?? ""), orderId: String(event.order?.siteId ?? "") });
  if (isKnown) {
    finish(200, "known", "уже учтено");
    return sendJson(call, 200, { ok: true });
  }
  const order = state.orders.find((each) => each.orderId === hook.orderId);
  if (order && hook.type === "payment.succeeded" && event.balance?.due === "0.00") Object.assign(order, { paid: true, paidBy: order.paidBy || "webhook" });
  finish(200, "booked", "");
  sendJson(call, 200, { ok: true });
}
