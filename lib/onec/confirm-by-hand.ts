import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { lockFeed } from "@/lib/feed/lock-feed.ts";
import { stopTelling } from "@/lib/feed/stop-telling.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { noteExports } from "./note-exports.ts";

/**
 * The accountant booked in 1C what the exchange cannot carry (a refund, a reversal) and names 1C's document (CML-32): «Учтено в 1С».
 * Throws `forbidden`, `invalid` (details.field), `not_found`, `conflict` when it is confirmed already.
 */
export async function confirmExportByHand(ctx: Ctx, input: { exportId: string; documentNumber: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "transfer.book")) throw forbidden();
  const documentNumber = input.documentNumber.trim();
  if (documentNumber === "" || documentNumber.length > 64) throw invalid("Укажите номер документа 1С", { field: "documentNumber" });
  const orderId = await inTransaction(ctx, async (tx) => {
    await tx`select 1 from orders where id = (select order_id from export_messages where id = ${uuidOrNull(input.exportId)}) for no key update`;
    const [told] = await tx<{ connectionId: string }[]>`select connection_id from export_messages where id = ${uuidOrNull(input.exportId)}`;
    await lockFeed(tx, told?.connectionId ?? null);
    const [row] = await tx<{ orderId: string; state: string; amountKopecks: bigint; factId: string }[]>`
      select order_id, state, amount_kopecks, fact_id from export_messages where id = ${uuidOrNull(input.exportId)} for update`;
    if (!row) throw notFound("Строка обмена не найдена");
    if (row.state === "confirmed") throw conflict("1С уже подтвердила этот документ");
    await tx`update export_messages set state = 'confirmed', confirmed_at = ${ctx.now()}, onec_document_number = ${documentNumber} where id = ${uuidOrNull(input.exportId)}`;
    await recordEvent(ctx, tx, { orderId: row.orderId, kind: "export.confirmed", subjectId: input.exportId, amountKopecks: row.amountKopecks, detail: { documentNumber } });
    await noteExports(ctx, tx, [input.exportId]);
    await stopTelling(ctx, tx, input.exportId);
    await recordAudit(ctx, tx, { action: "export.confirmed", objectType: "export", objectId: input.exportId, before: { state: row.state }, after: { documentNumber, factId: row.factId, amountKopecks: row.amountKopecks } });
    await Promise.all([resolveAlert(ctx, tx, "ALR-13", `export:${input.exportId}`), resolveAlert(ctx, tx, "ALR-14", `export:${input.exportId}`)]);
    const [waiting] = await tx`select 1 from export_messages where order_id = ${row.orderId} and state in ('pending', 'delivered') limit 1`;
    if (!waiting) await resolveAlert(ctx, tx, "ALR-16", `order:${row.orderId}:onec-before-us`);
    return row.orderId;
  });
  ctx.hint(orderId);
}
