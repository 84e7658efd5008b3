import { recordAudit } from "@/lib/audit/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, invalid } from "@/lib/kit/errors.ts";

/** The order takes over the document's GUID, so that 1C's next uploads of it find the order; null: a document beside orders. Throws `invalid`, `conflict`. */
export async function bindDocument(ctx: Ctx, base: OpenConnection, onecRef: string | null, number: string): Promise<{ number: string }> {
  return inTransaction(ctx, async (tx) => {
    const [order] = await tx<{ id: string; number: string; onecGuid: string | null }[]>`select id, number, onec_guid from orders where onec_connection_id = ${base.id} and number = ${number} for no key update`;
    if (!order) throw invalid(`Заказа №\u00A0${number} этой базы на сайте нет`, { field: "bindToNumber" });
    if (onecRef === null || order.onecGuid === onecRef) return order;
    const [twin] = await tx`select 1 from orders where onec_connection_id = ${base.id} and onec_guid = ${onecRef} and id <> ${order.id}`;
    if (twin) throw conflict("Этот документ 1С уже стал другим заказом на сайте", { field: "bindToNumber" });
    await tx`update orders set onec_guid = ${onecRef}, updated_at = ${ctx.now()} where id = ${order.id}`;
    await recordAudit(ctx, tx, { action: "order.rebound", objectType: "order", objectId: order.id, before: { onecGuid: order.onecGuid }, after: { onecGuid: onecRef } });
    return order;
  });
}
