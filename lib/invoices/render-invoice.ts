import type { Ctx } from "@/lib/context.ts";
import type { StoredInvoiceContent } from "./issue-invoice.ts";

/** Job: draws the PDF of an invoice once and keeps it; an issued invoice never changes (INV-3). */
export async function renderInvoice(ctx: Ctx, invoiceId: string): Promise<void> {
  const { sql } = ctx.database;
  const [row] = await sql<{ content: StoredInvoiceContent; issuedAt: Date; orderId: string }[]>`
    select content, issued_at, order_id from invoices where id = ${invoiceId} and pdf is null`;
  if (!row) return;
  // Loaded here: the web process issues invoices and must not carry the PDF library.
  const { renderInvoicePdf } = await import("./document/invoice-pdf.ts");
  const pdf = await renderInvoicePdf(row.content, row.issuedAt);
  await sql`update invoices set pdf = ${pdf} where id = ${invoiceId} and pdf is null`;
  ctx.hint(row.orderId);
}
