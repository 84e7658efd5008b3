import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { checkInvoices } from "./check-invoices.ts";
import { shown } from "./store-document.ts";
import type { ShownDocument } from "./store-document.ts";

/** Orders have come or changed: files that came before them find their order, and 1C's own invoices are compared anew (INV-15). */
export async function bindDocuments(ctx: Ctx, tx: Tx, orderIds: readonly string[]): Promise<void> {
  const bound = await tx<ShownDocument[]>`
    update documents d set order_id = o.id, updated_at = ${ctx.now()} from orders o
     where o.id = any(${orderIds as string[]}::uuid[]) and d.connection_id = o.onec_connection_id and d.order_id is null and d.order_ref is not null and d.order_ref in (o.onec_guid, o.number, o.onec_number)
    returning d.id as document_id, d.version_no, d.order_id, d.kind, d.number, true as is_news`;
  for (const document of bound) await shown(ctx, tx, document);
  await checkInvoices(ctx, tx, orderIds);
}
