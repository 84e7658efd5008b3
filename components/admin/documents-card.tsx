import { Badge } from "@/components/ui/badge.tsx";
import { documentKindLabels } from "@/lib/documents/states.ts";
import type { DocumentRow } from "@/lib/documents/index.ts";
import { formatDate, formatDateShort, formatMoney, NBSP } from "@/lib/kit/format.ts";
import { Panel } from "./page-parts.tsx";

type Props = { documents: readonly DocumentRow[]; counterparty: readonly DocumentRow[]; /** May open files: they name the buyer. */ mayOpen: boolean };

/** Files that 1C gave for the order, and those of its buyer that belong to no order. */
export function DocumentsCard({ documents, counterparty, mayOpen }: Props) {
  if (documents.length + counterparty.length === 0) return null;
  return (
    <Panel title="Документы из 1С">
      <div className="num flex flex-col gap-3 p-4 pt-2 text-dense sm:px-5">
        <List rows={documents} mayOpen={mayOpen} />
        {counterparty.length > 0 ? (
          <>
            <h3 className="font-medium">Покупателя в целом, на сайте ему не видны</h3>
            <List rows={counterparty} mayOpen={mayOpen} />
          </>
        ) : null}
      </div>
    </Panel>
  );
}

function List({ rows, mayOpen }: { rows: readonly DocumentRow[]; mayOpen: boolean }) {
  return (
    <ul className="flex flex-col gap-2">
      {rows.map((row) => (
        <li key={row.documentId} className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {mayOpen ? (
            <a href={`/admin/documents/${row.documentId}`} download className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">
              {nameOf(row)}
            </a>
          ) : (
            <span className="font-medium">{nameOf(row)}</span>
          )}
          {row.hiddenAt ? <Badge tone="neutral">Отозван в 1С</Badge> : null}
          <span className="text-muted-foreground">
            {row.amountKopecks === null ? "" : `${formatMoney(row.amountKopecks)} · `}
            {row.versionNo > 1 ? `редакция${NBSP}${row.versionNo} · ` : ""}
            {formatDateShort(row.updatedAt)}
          </span>
        </li>
      ))}
    </ul>
  );
}

const nameOf = ({ kind, number, documentDate }: DocumentRow): string =>
  `${documentKindLabels[kind]}${number ? ` №${NBSP}${number}` : ""}${documentDate ? ` от${NBSP}${formatDate(documentDate)}` : ""}`;
