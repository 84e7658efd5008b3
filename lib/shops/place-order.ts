import { loadConnection } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, invalid } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import type { OrderBody } from "./order-body.ts";
import { returnProblem } from "./return-link.ts";
import { hashOf, shopDraft } from "./shop-draft.ts";
import { NUMBER_MAX, shopSettings } from "./shop-settings.ts";

type Request = { requestId: string; bodyHash: string; number: string; shopNumber: string | null; orderId: string | null };

/** What 1C can find an order by: letters, digits and the signs that people put between them. */
const fits = (number: string): boolean => number.length <= NUMBER_MAX && /^[\p{L}\p{N}][\p{L}\p{N}./_-]*$/u.test(number);

/**
 * An order of a shop, made once whatever happens to the answer: the same key again gives the same order, from parallel requests too. It is an order of the
 * shop's 1C base, which gets it as a new one. Throws `conflict` (details.reason `key_reused`, `number_taken`, `no_base`) and `invalid` (details.field).
 */
export async function placeOrder(ctx: Ctx, shop: OpenConnection, idempotencyKey: string, body: OrderBody): Promise<{ orderId: string; isRepeat: boolean }> {
  const { sql } = ctx.database;
  const bodyHash = hashOf(body);
  // A repeat of what was taken is answered even when it could not be taken today.
  const before = await findRequest(ctx, shop.id, idempotencyKey);
  if (before?.orderId) return { orderId: assertSame(before, bodyHash).orderId!, isRepeat: true };
  const settings = shopSettings(shop);
  const problem = body.returnUrl === null ? null : returnProblem(body.returnUrl, settings.returnOrigins, shop.environment);
  if (problem) throw invalid(problem, { field: "returnUrl" });
  if (body.payBy && body.payBy <= ctx.now()) throw invalid("payBy is over already", { field: "payBy" });
  const base = await loadBase(ctx, shop, settings.onecConnectionId);
  const request = await claimRequest(ctx, shop, { idempotencyKey, bodyHash, onecConnectionId: base.id, body, prefix: settings.numberPrefix });
  const draft = shopDraft(request.number, request.shopNumber, body);
  const [taken] = await takeOrders(ctx, { id: base.id, storeId: storeOf(shop, base), environment: base.environment, settings: base.settings, shopId: shop.id }, [draft]);
  if (!taken?.orderId || taken.outcome === "refused") {
    await sql`delete from shop_orders where id = ${request.requestId} and order_id is null`;
    throw conflict(`The number ${request.number} is taken by another order`, { reason: "number_taken", field: "number" });
  }
  await sql`update shop_orders set order_id = ${taken.orderId} where id = ${request.requestId} and order_id is null`;
  return { orderId: taken.orderId, isRepeat: taken.outcome !== "created" };
}

const storeOf = (shop: OpenConnection, base: OpenConnection): string | null => (typeof shop.settings["storeId"] === "string" ? shop.settings["storeId"] : (shop.storeId ?? base.storeId));

async function loadBase(ctx: Ctx, shop: OpenConnection, id: string): Promise<OpenConnection> {
  const base = await loadConnection(ctx, id).catch(() => null);
  // Test and live never mix (README decision 13).
  if (base?.kind !== "onec" || base.environment !== shop.environment) throw conflict("This shop is not bound to a 1C base of its own world", { reason: "no_base" });
  return base;
}

function assertSame(request: Request, bodyHash: string): Request {
  if (request.bodyHash !== bodyHash) throw conflict("This Idempotency-Key was used for another order", { reason: "key_reused" });
  return request;
}

async function findRequest(ctx: Ctx, shopId: string, idempotencyKey: string): Promise<Request | null> {
  const [row] = await ctx.database.sql<Request[]>`
    select id as request_id, body_hash, number, shop_number, order_id from shop_orders where shop_connection_id = ${shopId} and idempotency_key = ${idempotencyKey}`;
  return row ?? null;
}

type Claim = { idempotencyKey: string; bodyHash: string; onecConnectionId: string; body: OrderBody; prefix: string };
const TRIES = 5;

/** The row that makes the request one; it keeps the number that the first try took. */
async function claimRequest(ctx: Ctx, shop: OpenConnection, { idempotencyKey, bodyHash, onecConnectionId, body, prefix }: Claim): Promise<Request> {
  const { sql } = ctx.database;
  const own = body.number !== null && fits(body.number) ? body.number : null;
  for (let i = 0; i < TRIES; i++) {
    await sql`
      insert into shop_orders (id, shop_connection_id, onec_connection_id, idempotency_key, body_hash, no, number, shop_number, return_url, created_at) overriding system value
      select ${newId()}, ${shop.id}, ${onecConnectionId}, ${idempotencyKey}, ${bodyHash}, n.no, coalesce(${own}::text, ${prefix}::text || lpad(n.no::text, greatest(6, length(n.no::text)), '0')),
             ${own === null ? body.number : null}, ${body.returnUrl}, ${ctx.now()} from (select nextval(pg_get_serial_sequence('shop_orders', 'no')) as no) n
      on conflict do nothing`;
    const request = await findRequest(ctx, shop.id, idempotencyKey);
    if (request) return assertSame(request, bodyHash);
    if (own !== null) break;
  }
  throw conflict(`The number ${own ?? ""} is taken by another order`, { reason: "number_taken", field: "number" });
}
