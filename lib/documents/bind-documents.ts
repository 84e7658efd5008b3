import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { checkInvoices } from "./check-invoices.ts";
import type { DocumentKind } from "./states.ts";
import { shown } from "./store-document.ts";
import type { ShownDocument } from "./store-document.ts";
import { endTwofold, isTwofold, tellTwofold } from "./twofold.ts";

type Waiting = { documentId: string; connectionId: string; orderId: string; kind: DocumentKind; number: string | null; orderRef: string; isNamedById: boolean };

/**
 * Orders have come or changed: files that came before them find their order, and 1C's own invoices are compared anew (INV-15). A GUID
 * names one order; a number that two orders of the base have names none.
 */
export async function bindDocuments(ctx: Ctx, tx: Tx, orderIds: readonly string[]): Promise<void> {
  const waiting = await tx<Waiting[]>`
    select distinct on (d.id) d.id as document_id, d.connection_id, o.id as order_id, d.kind, d.number, d.order_ref, d.order_ref in (coalesce(o.onec_guid, ''), o.id::text) as is_named_by_id
      from orders o join documents d on d.connection_id = o.onec_connection_id and d.order_id is null and d.order_ref is not null and d.order_ref in (o.onec_guid, o.id::text, o.number, o.onec_number)
     where o.id = any(${orderIds as string[]}::uuid[]) order by d.id, is_named_by_id desc, o.id`;
  for (const document of waiting) {
    if (!document.isNamedById && (await isTwofold(tx, document.connectionId, document.orderRef))) {
      await tellTwofold(ctx, tx, document);
      continue;
    }
    const [bound] = await tx<Omit<ShownDocument, "isNews">[]>`
      update documents set order_id = ${document.orderId}, updated_at = ${ctx.now()} where id = ${document.documentId} and order_id is null returning id as document_id, version_no, order_id, kind, number`;
    if (!bound) continue;
    await endTwofold(ctx, tx, bound.documentId);
    await shown(ctx, tx, { ...bound, isNews: true });
  }
  await checkInvoices(ctx, tx, orderIds);
}
