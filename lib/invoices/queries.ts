import type { Ctx } from "@/lib/context.ts";
import type { InvoiceContent } from "./document/invoice-content.ts";

export type InvoicePdf = { pdf: Buffer | null; number: string; date: string };

/** The invoice that stands for the order of this token: an old link leads to the present version (INV-3). Null when unknown. */
export async function findInvoice(ctx: Ctx, token: string): Promise<{ orderId: string; currentToken: string } | null> {
  const [row] = await ctx.database.sql<{ orderId: string; currentToken: string }[]>`
    select i.order_id, (select c.token from invoices c where c.order_id = i.order_id order by c.version desc limit 1) as current_token
      from invoices i where i.token = ${token}`;
  return row ?? null;
}

/** The stored PDF of exactly this version; `pdf` is null while the worker draws it. */
export async function readInvoicePdf(ctx: Ctx, token: string): Promise<InvoicePdf | null> {
  const [row] = await ctx.database.sql<{ pdf: Buffer | null; content: InvoiceContent }[]>`select pdf, content from invoices where token = ${token}`;
  return row ? { pdf: row.pdf, number: row.content.number, date: row.content.date } : null;
}
