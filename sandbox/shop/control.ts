import { inputOf, sendJson, type Call } from "../core/http.ts";
import type { Shop } from "./engine.ts";
import type { ShopSettings } from "./state.ts";

/** /_ctl/shop/…: the shop without a browser. */
export async function shopControl(shop: Shop, call: Call, path: string): Promise<void> {
  const posted = call.method === "POST";
  if (path === "/state") return sendJson(call, 200, shop.state);
  if (path === "/buy" && posted) {
    const { name, email } = await inputOf(call);
    const order = await shop.buy({ name: String(name ?? "Мария Иванова"), email: String(email ?? "ivanova@mail.example") });
    return sendJson(call, order.orderId === "" ? 502 : 200, order);
  }
  if (path === "/settings" && posted) {
    const given = await inputOf(call);
    for (const name of ["apiUrl", "apiKey"] as const satisfies readonly (keyof ShopSettings)[]) if (typeof given[name] === "string") shop.state.settings[name] = given[name];
    if (Number.isInteger(given["toleranceSeconds"])) shop.state.settings.toleranceSeconds = Number(given["toleranceSeconds"]);
    shop.touch();
    return sendJson(call, 200, shop.state.settings);
  }
  if (path === "/forge" && posted) return forge(shop, call);
  return sendJson(call, 404, { error: "no such control call" });
}

/** Somebody without the secret pretends that an order is paid: the shop must not believe it. */
async function forge(shop: Shop, call: Call): Promise<void> {
  const { orderId } = await inputOf(call);
  const body = JSON.stringify({ type: "payment.succeeded", order: { siteId: String(orderId ?? "") }, balance: { due: "0.00" } });
  const answer = await fetch(shop.webhookUrl(), {
    method: "POST",
    headers: { "content-type": "application/json", "webhook-id": "forged-1", "webhook-timestamp": String(Math.floor(shop.world.clock.now() / 1000)), "webhook-signature": `v1,${Buffer.from("no secret").toString("base64")}` },
    body,
    signal: AbortSignal.any([shop.world.closing, AbortSignal.timeout(10_000)]),
  });
  return sendJson(call, 200, { status: answer.status });
}
