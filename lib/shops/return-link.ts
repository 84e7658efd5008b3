/** The way back to the shop: only to its own origins, with a signature over what happened. */
import { createHmac } from "node:crypto";
import { loadConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { shopSettings } from "./shop-settings.ts";

/** Null: a buyer may be sent there (no open redirect). */
export function returnProblem(url: string, origins: readonly string[], environment: "test" | "live"): string | null {
  if (!URL.canParse(url)) return "returnUrl is no address";
  const parsed = new URL(url);
  if (parsed.protocol !== "https:" && !(parsed.protocol === "http:" && environment === "test")) return "returnUrl must begin with https://";
  if (parsed.username !== "" || parsed.password !== "") return "returnUrl must not carry a login";
  return origins.includes(parsed.origin) ? null : `returnUrl leads to ${parsed.origin}, which is not one of the shop's return addresses`;
}

/** HMAC-SHA256 with the bytes of the webhook secret over `order.status.amount.time`, base64url. */
export function returnSignature(secret: string, { order, status, amount, time }: { order: string; status: string; amount: string; time: string }): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return createHmac("sha256", key).update(`${order}.${status}.${amount}.${time}`, "utf8").digest("base64url");
}

export type Returned = { orderId: string; number: string; status: string; paidKopecks: bigint };

/**
 * The return address with what the shop may believe: order, status, the sum paid and the moment, signed. Nothing about the buyer. Null when the order has no
 * way back, or its origin is not allowed any more.
 */
export async function returnLink(ctx: Ctx, shop: { connectionId: string; returnUrl: string }, given: Returned): Promise<string | null> {
  const connection = await loadConnection(ctx, shop.connectionId);
  const secret = connection.secret["pushSecret"] ?? "";
  if (!connection.enabled || secret === "" || returnProblem(shop.returnUrl, shopSettings(connection).returnOrigins, connection.environment)) return null;
  const fields = { order: given.orderId, status: given.status, amount: rublesText(given.paidKopecks), time: Math.floor(ctx.now().getTime() / 1000).toString() };
  const url = new URL(shop.returnUrl);
  for (const [name, value] of Object.entries({ ...fields, number: given.number, signature: returnSignature(secret, fields) })) url.searchParams.set(`kp_${name}`, value);
  return url.href;
}
