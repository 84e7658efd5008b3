import { documentKindLabels } from "@/lib/documents/states.ts";
import { formatDate, NBSP } from "@/lib/kit/format.ts";
import type { PayPageRow } from "@/lib/orders/pay-page-query.ts";
import { DownloadIcon } from "./icons.tsx";

const formats = { "application/pdf": "PDF", "application/xml": "XML", "image/png": "PNG" } as const;

const sizeText = (bytes: number): string => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))}${NBSP}КБ` : `${(bytes / 1024 / 1024).toFixed(1).replace(".", ",")}${NBSP}МБ`);

/** Files that the shop's 1C gave this buyer (INV-13): saved, never opened here. `path`: the page's own address. */
export function Documents({ documents, path }: { documents: PayPageRow["documents"]; path: string }) {
  if (documents.length === 0) return null;
  return (
    <section aria-labelledby="documents" className="mt-8 flex flex-col gap-2 border-t pt-6">
      <h2 id="documents" className="text-h3">
        Документы
      </h2>
      <ul className="flex flex-col">
        {documents.map((document) => (
          <li key={document.documentId}>
            <a href={`${path}/documents/${document.documentId}`} download rel="nofollow" className="flex min-h-11 items-center gap-3 py-1 hover:underline">
              <span className="shrink-0 text-primary">
                <DownloadIcon size={20} />
              </span>
              <span className="min-w-0 flex-1 break-words">
                {documentKindLabels[document.kind]}
                {document.number ? ` №${NBSP}${document.number}` : ""}
                {document.documentDate ? ` от${NBSP}${formatDate(document.documentDate)}` : ""}
              </span>
              <span className="shrink-0 text-dense whitespace-nowrap text-muted-foreground">
                {formats[document.mime]}, {sizeText(document.sizeBytes)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
