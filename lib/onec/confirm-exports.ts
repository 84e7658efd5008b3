import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";

/**
 * CML-32 «Учтено в 1С»: 1C named its own document for money that we gave out. `factId` null = everything of the order that waits.
 * What is confirmed needs no further delivery.
 */
export async function confirmExports(ctx: Ctx, tx: Tx, order: Pick<LockedOrder, "orderId">, proof: { documentNumber: string; factId: string | null }): Promise<void> {
  const now = ctx.now();
  const confirmed = await tx<{ id: string; amountKopecks: bigint }[]>`
    update export_messages set state = 'confirmed', confirmed_at = ${now}, delivered_at = coalesce(delivered_at, ${now}), onec_document_number = ${proof.documentNumber}
     where order_id = ${order.orderId} and state in ('pending', 'delivered') ${proof.factId === null ? tx`` : tx`and fact_id = ${proof.factId}`}
    returning id, amount_kopecks`;
  if (confirmed.length === 0) return;
  await Promise.all([
    ...confirmed.map((message) =>
      recordEvent(ctx, tx, { orderId: order.orderId, kind: "export.confirmed", subjectId: message.id, amountKopecks: message.amountKopecks, detail: { documentNumber: proof.documentNumber } }),
    ),
    tx`update orders set exported_version = export_version where id = ${order.orderId}
         and not exists (select 1 from export_messages m where m.order_id = ${order.orderId} and m.state = 'pending')`,
  ]);
}
