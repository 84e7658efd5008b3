import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { LockedOrder } from "./lock-order.ts";
import { canFollow, derivePaymentStatus, orderBalance } from "./states.ts";
import type { Lifecycle } from "./states.ts";

/**
 * Adds goods that came back to R of a locked order (PAY-05), with the status that follows (PAY-06) and a new export version; the pay link
 * closes when nothing is due. What was captured is not touched: the money goes back by a refund.
 */
export async function saveGoodsReturned(ctx: Ctx, tx: Tx, order: LockedOrder, kopecks: bigint): Promise<LockedOrder> {
  const [attempt] = await tx`
    select 1 from payment_attempts where order_id = ${order.orderId} and not is_superseded and state in ('created', 'unknown', 'pending', 'authorized') limit 1`;
  const returned = { ...order, goodsReturnedKopecks: order.goodsReturnedKopecks + kopecks };
  const saved = { ...returned, paymentStatus: derivePaymentStatus({ ...returned, hasPendingAttempt: attempt !== undefined }), exportVersion: order.exportVersion + 1 };
  const { dueKopecks } = orderBalance(saved);
  await tx`
    update orders set goods_returned_kopecks = ${saved.goodsReturnedKopecks}, payment_status = ${saved.paymentStatus}, export_version = ${saved.exportVersion}, updated_at = ${ctx.now()}
     where id = ${order.orderId}`;
  if (dueKopecks === 0n) await tx`update payment_links set state = 'fulfilled', closed_at = ${ctx.now()} where order_id = ${order.orderId} and state = 'active'`;
  return saved;
}

/** Takes the order back after 1C took a hand-over back; a closed or cancelled one stays so. `hasMore`: other hand-overs stand. */
export async function saveUnshipped(ctx: Ctx, tx: Tx, order: LockedOrder, hasMore: boolean): Promise<LockedOrder> {
  if (order.lifecycle !== "shipped" && order.lifecycle !== "partially_shipped") return order;
  const lifecycle: Lifecycle = hasMore ? "partially_shipped" : "active";
  await tx`update orders set lifecycle = ${lifecycle}, updated_at = ${ctx.now()} where id = ${order.orderId}`;
  return { ...order, lifecycle };
}

/** Moves the order on after a hand-over (2.2). A lifecycle that may not follow stays: 1C is its master. */
export async function saveShipped(ctx: Ctx, tx: Tx, order: LockedOrder, isWhole: boolean): Promise<LockedOrder> {
  const lifecycle: Lifecycle = isWhole ? "shipped" : "partially_shipped";
  if (order.lifecycle === lifecycle || !canFollow(order.lifecycle, lifecycle) || order.lifecycle === "completed") return order;
  await tx`update orders set lifecycle = ${lifecycle}, updated_at = ${ctx.now()} where id = ${order.orderId}`;
  return { ...order, lifecycle };
}
