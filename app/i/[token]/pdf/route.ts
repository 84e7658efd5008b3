import { fileResponse, onecInvoiceFile } from "@/lib/documents/index.ts";
import { invoiceDisposition } from "@/lib/invoices/document/invoice-filename.ts";
import { readInvoicePdf } from "@/lib/invoices/index.ts";
import { lengthHeaders } from "@/lib/kit/body-length.ts";
import { getContext } from "@/lib/runtime.ts";

/** The worker draws the PDF in a moment; the download waits for it so long. */
const WAIT_LIMIT_MS = 6_000;
const PAUSE_MS = 300;

/** The PDF of exactly this version (INV-4), or 1C's own of the present one (INV-15). */
export async function GET(_request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  const [{ token }, ctx] = [await params, await getContext({ kind: "buyer", ip: null })];
  const onecs = await onecInvoiceFile(ctx, token);
  if (onecs) return fileResponse(onecs);
  for (let waited = 0; ; waited += PAUSE_MS) {
    const found = await readInvoicePdf(ctx, token);
    if (!found) return new Response("Счёт не найден", { status: 404, headers: plain });
    if (found.pdf) {
      return new Response(new Uint8Array(found.pdf), {
        headers: {
          ...lengthHeaders(found.pdf.length),
          "content-type": "application/pdf",
          "content-disposition": invoiceDisposition(found),
          "cache-control": "private, no-cache",
          "x-content-type-options": "nosniff",
          "x-robots-tag": "noindex",
        },
      });
    }
    if (waited >= WAIT_LIMIT_MS) return new Response("PDF готовится. Обновите страницу через минуту.", { status: 503, headers: { ...plain, "retry-after": "30" } });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

const plain = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", "cache-control": "no-store" };
