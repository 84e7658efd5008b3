import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { assertVisible } from "@/lib/orders/assert-visible.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { planClosing } from "./plan-closing.ts";

/**
 * «Товар выдан»: with setting `closingTrigger = handed_over` a shipment of 1C is only on its way, and the closing receipt is due when the
 * goods are with the buyer (3.2). Permission `link.manage`, own store, audited. Throws `forbidden`, `not_found`, `conflict` when
 * this hand-over has its receipt, or the reason for none, already.
 */
export async function confirmHandOver(ctx: Ctx, input: { shipmentId: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "link.manage")) throw forbidden();
  const [shipment] = await ctx.database.sql<{ id: string; orderId: string }[]>`select id, order_id from standing_shipments where id = ${uuidOrNull(input.shipmentId)}`;
  if (!shipment) throw notFound("Отгрузка не найдена");
  await assertVisible(ctx, viewerOf(ctx.actor), shipment.orderId);
  await inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, shipment.orderId);
    const [standing] = await tx`select 1 from receipts where shipment_id = ${shipment.id} and state <> 'cancelled' limit 1`;
    if (standing) throw conflict("По этой отгрузке чек уже решён");
    await planClosing(ctx, tx, { order, shipmentId: shipment.id, isHandedOver: true });
    await recordAudit(ctx, tx, { action: "shipment.handed_over", objectType: "shipment", objectId: shipment.id, after: { orderId: shipment.orderId } });
  });
  ctx.hint(shipment.orderId);
}
