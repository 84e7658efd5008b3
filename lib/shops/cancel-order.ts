import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { derivePaymentStatus, isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import { refreshOffer } from "@/lib/payments/index.ts";

/**
 * The shop takes back an order that nobody has paid: its link closes, a payment under way is taken back, 1C learns of it. Said twice it changes nothing.
 * Throws `not_found` for an order of somebody else, `conflict` (details.reason `has_money`) when money is there: that is a refund, and staff make it.
 */
export async function cancelShopOrder(ctx: Ctx, shop: OpenConnection, orderId: string): Promise<void> {
  const id = uuidOrNull(orderId);
  const done = await inTransaction(ctx, async (tx) => {
    const [own] = id === null ? [] : await tx`select 1 from orders where id = ${id} and shop_connection_id = ${shop.id}`;
    if (!own) throw notFound("There is no such order of this shop");
    const order = await lockOrder(tx, id!);
    if (!isPayableLifecycle(order.lifecycle)) return false;
    if (order.heldKopecks > 0n || orderBalance(order).netPaidKopecks > 0n || order.capturedKopecks > 0n) throw conflict("The order has money: ask for a refund instead", { reason: "has_money" });
    const cancelled = { ...order, lifecycle: "cancelled" as const };
    await tx`
      update orders set lifecycle = 'cancelled', payment_status = ${derivePaymentStatus({ ...cancelled, hasPendingAttempt: order.hasLiveAttempt })}, updated_at = ${ctx.now()} where id = ${id}`;
    await tx`update shop_orders set cancelled_at = ${ctx.now()} where order_id = ${id} and cancelled_at is null`;
    await recordEvent(ctx, tx, { orderId: id!, kind: "order.status_changed", detail: { from: order.lifecycle, to: "cancelled", posted: order.isPosted, wasPosted: order.isPosted, by: "shop" } });
    await refreshOffer(ctx, tx, id!);
    await ctx.announce(ctx, tx, { type: "order.cancelled", order: cancelled });
    return true;
  });
  if (done) ctx.hint(id!);
}
