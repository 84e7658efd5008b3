/** `/api/shop/v1`: an internet shop makes an order, sends its buyer to pay, and asks how it stands (docs/providers/shop.md). */
import type { OpenConnection } from "@/lib/connections/index.ts";
import { actingAs } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { DomainError, httpStatusOf } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { jsonAnswer } from "@/lib/kit/json-answer.ts";
import { parseJsonExactly } from "@/lib/kit/json.ts";
import { readBody } from "@/lib/kit/read-body.ts";
import { cancelShopOrder } from "./cancel-order.ts";
import { enterShop, mustWait } from "./enter-shop.ts";
import { OrderBody } from "./order-body.ts";
import { placeOrder } from "./place-order.ts";
import { viewShopOrder } from "./view-order.ts";

export const SHOP_PREFIX = "/api/shop/v1";
const BODY_MAX = 512 * 1024;
const KEY = /^[\x21-\x7e]{1,128}$/;

type Refusal = { status: number; code: string; message: string; field?: string; headers?: Record<string, string> };

/** Every field is always there. `message` is English, for the programmer of the shop. */
const refuse = ({ status, code, message, field = "", headers }: Refusal): Response => jsonAnswer({ error: { code, message, field } }, { status, ...(headers && { headers }) });

/** One call. Never throws and never redirects. */
export async function shopRoute(ctx: Ctx, request: Request): Promise<Response> {
  try {
    const shop = await enterShop(ctx, request.headers.get("authorization"));
    if (!shop) return refuse({ status: 401, code: "unauthorized", message: "Authorization: Bearer with the API key of the shop is needed", headers: { "www-authenticate": "Bearer" } });
    const seconds = await mustWait(ctx, shop);
    if (seconds !== null) return refuse({ status: 429, code: "too_many", message: `Too many calls, try again in ${seconds} s`, headers: { "retry-after": String(seconds) } });
    return await answer(actingAs(ctx, { kind: "shop", connectionId: shop.id }), shop, request);
  } catch (error) {
    if (error instanceof DomainError) return refuse({ status: httpStatusOf[error.code], code: error.details["reason"] ?? error.code, message: error.message, field: error.details["field"] ?? "" });
    ctx.log.error({ err: error }, "a call of a shop failed");
    return refuse({ status: 503, code: "unavailable", message: "Something failed on our side; repeating the request is safe", headers: { "retry-after": "30" } });
  } finally {
    // What is not read is let go, so that a refused body does not hold the connection.
    if (request.body && !request.body.locked) await request.body.cancel().catch(() => undefined);
  }
}

async function answer(ctx: Ctx, shop: OpenConnection, request: Request): Promise<Response> {
  const path = new URL(request.url).pathname.slice(SHOP_PREFIX.length).replace(/\/+$/, "");
  const [, section, id, action, ...rest] = path.split("/");
  const method = request.method;
  const wrongMethod = (allow: string) => refuse({ status: 405, code: "method", message: `This address takes ${allow}`, headers: { allow } });
  if (section === "ping" && id === undefined) return method === "GET" ? jsonAnswer({ ok: true, name: shop.name, isTest: shop.environment === "test", time: ctx.now().toISOString() }) : wrongMethod("GET");
  if (section !== "orders" || rest.length > 0 || (action !== undefined && action !== "cancel")) return refuse({ status: 404, code: "not_found", message: `There is no ${path.slice(0, 80)}` });
  if (id === undefined) return method === "POST" ? make(ctx, shop, request) : wrongMethod("POST");
  if (action === "cancel") {
    if (method !== "POST") return wrongMethod("POST");
    await cancelShopOrder(ctx, shop, id);
  } else if (method !== "GET") return wrongMethod("GET");
  const view = await viewShopOrder(ctx, shop.id, uuidOrNull(id));
  return view ? jsonAnswer(view) : refuse({ status: 404, code: "not_found", message: "There is no such order of this shop" });
}

async function make(ctx: Ctx, shop: OpenConnection, request: Request): Promise<Response> {
  const key = request.headers.get("idempotency-key")?.trim() ?? "";
  if (!KEY.test(key)) return refuse({ status: 400, code: "idempotency_key", message: "Idempotency-Key is missing: 1 to 128 ASCII characters, one key per order, the same key when the request is repeated" });
  const text = await readBody(request, BODY_MAX);
  if (text === null) return refuse({ status: 413, code: "too_large", message: `The body is larger than ${BODY_MAX / 1024} KB` });
  const value = parsed(text);
  if (value === undefined) return refuse({ status: 400, code: "bad_json", message: "The body is no JSON in UTF-8" });
  const body = OrderBody.safeParse(value);
  if (!body.success) {
    const issue = body.error.issues[0]!;
    const field = issue.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("").replace(/^\./, "");
    return refuse({ status: 422, code: "invalid", message: `${field === "" ? "the body" : field} ${issue.message.startsWith("Invalid input") ? "is missing or of a wrong kind" : issue.message}`, field });
  }
  const { orderId, isRepeat } = await placeOrder(ctx, shop, key, body.data);
  const view = await viewShopOrder(ctx, shop.id, orderId);
  return jsonAnswer(view, { status: 201, headers: { location: `${ctx.publicUrl}${SHOP_PREFIX}/orders/${orderId}`, ...(isRepeat && { "idempotency-replayed": "true" }) } });
}

/** Numbers as the text that was sent: sums never become floats. Undefined: no JSON. */
function parsed(text: string): unknown {
  try {
    return parseJsonExactly(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}
