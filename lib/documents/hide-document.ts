import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { notFound } from "@/lib/kit/errors.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { checkInvoices } from "./check-invoices.ts";
import { documentKindLabels } from "./states.ts";
import type { DocumentKind } from "./states.ts";

/** 1C takes a document back: buyers do not see it any more, staff and its history stay (INV-13). Throws `not_found`. False: it was hidden already. */
export async function hideDocument(ctx: Ctx, connectionId: string, guid: string): Promise<boolean> {
  const hidden = await inTransaction(ctx, async (tx) => {
    const [row] = await tx<{ id: string; orderId: string | null; kind: DocumentKind; number: string | null; hiddenAt: Date | null }[]>`
      select id, order_id, kind, number, hidden_at from documents where connection_id = ${connectionId} and onec_guid = ${guid} for update`;
    if (!row) throw notFound("Документа с таким GUID нет");
    if (row.hiddenAt !== null) return { orderId: null, isNews: false };
    await tx`update documents set hidden_at = ${ctx.now()}, updated_at = ${ctx.now()} where id = ${row.id}`;
    if (row.orderId !== null) {
      await checkInvoices(ctx, tx, [row.orderId]);
      await recordEvent(ctx, tx, { orderId: row.orderId, kind: "document.hidden", subjectId: row.id, detail: { name: documentKindLabels[row.kind], number: row.number } });
    }
    return { orderId: row.orderId, isNews: true };
  });
  if (hidden.orderId !== null) ctx.hint(hidden.orderId);
  return hidden.isNews;
}
