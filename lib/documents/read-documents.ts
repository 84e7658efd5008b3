import type { Sql } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { lengthHeaders } from "@/lib/kit/body-length.ts";
import { contentDisposition, fileNamePart } from "@/lib/kit/content-disposition.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { documentKindLabels } from "./states.ts";
import type { DocumentKind, DocumentMime } from "./states.ts";

export type DocumentRow = {
  documentId: string; onecGuid: string; kind: DocumentKind; number: string | null; documentDate: string | null; amountKopecks: bigint | null; versionNo: number; hiddenAt: Date | null; updatedAt: Date;
  mime: DocumentMime; sizeBytes: number;
};

const LIST_MAX = 200;

/** Documents of an order, hidden ones too; without their bytes. */
export const documentsOfOrder = (ctx: Ctx, orderId: string): Promise<DocumentRow[]> => listWhere(ctx, ctx.database.sql`d.order_id = ${orderId}`);

/** Documents of a buyer that belong to no order (acts of reconciliation, contracts); for staff. */
export const documentsOfCounterparty = (ctx: Ctx, counterpartyId: string): Promise<DocumentRow[]> => listWhere(ctx, ctx.database.sql`d.counterparty_id = ${counterpartyId} and d.order_ref is null`);

const listWhere = async (ctx: Ctx, where: ReturnType<Sql>): Promise<DocumentRow[]> => [
  ...(await ctx.database.sql<DocumentRow[]>`
    select d.id as document_id, d.onec_guid, d.kind, d.number, d.document_date, d.amount_kopecks, d.version_no, d.hidden_at, d.updated_at, v.mime, v.size_bytes
      from documents d join document_versions v on v.document_id = d.id and v.no = d.version_no where ${where} order by d.document_date nulls last, d.created_at, d.id limit ${LIST_MAX}`),
];

export type DocumentVersion = { no: number; mime: DocumentMime; sizeBytes: number; sha256: string; number: string | null; documentDate: string | null; amountKopecks: bigint | null; receivedAt: Date };
export type DocumentDetail = Omit<DocumentRow, "mime" | "sizeBytes"> & { orderRef: string | null; orderId: string | null; counterpartyRef: string | null; counterpartyId: string | null; versions: DocumentVersion[] };

/** One document of a base with its history; null when there is none. */
export async function readDocument(ctx: Ctx, connectionId: string, guid: string): Promise<DocumentDetail | null> {
  const { sql } = ctx.database;
  const [row] = await sql<Omit<DocumentDetail, "versions">[]>`
    select id as document_id, onec_guid, kind, number, document_date, amount_kopecks, version_no, hidden_at, updated_at, order_ref, order_id, counterparty_ref, counterparty_id
      from documents where connection_id = ${connectionId} and onec_guid = ${guid}`;
  if (!row) return null;
  const versions = await sql<DocumentVersion[]>`
    select no, mime, size_bytes, sha256, number, document_date, amount_kopecks, received_at from document_versions where document_id = ${row.documentId} order by no desc limit ${LIST_MAX}`;
  return { ...row, versions: [...versions] };
}

export type DocumentFile = { bytes: Buffer; mime: DocumentMime; kind: DocumentKind; number: string | null; documentDate: string | null; orderId: string | null };

const fileColumns = (sql: Sql) => sql`v.bytes, v.mime, d.kind, coalesce(v.number, d.number) as number, coalesce(v.document_date, d.document_date) as document_date, d.order_id`;

/** The file of one version, the present one when none is named. */
export async function readDocumentFile(ctx: Ctx, documentId: string, versionNo: number | null): Promise<DocumentFile | null> {
  const { sql } = ctx.database;
  const [row] = await sql<DocumentFile[]>`
    select ${fileColumns(sql)} from documents d join document_versions v on v.document_id = d.id and v.no = coalesce(${versionNo}::int, d.version_no) where d.id = ${uuidOrNull(documentId)}`;
  return row ?? null;
}

/** What opens a buyer's door: the pay link or the invoice of an order, or the address in a letter. */
export type BuyerKey = { payToken: string } | { invoiceToken: string } | { letterToken: string };

/** A file for the buyer (INV-16): of his own order, shown, by an address that nobody can guess and that, in a letter, ends. */
export async function readBuyerFile(ctx: Ctx, key: BuyerKey, documentId: string | null): Promise<DocumentFile | null> {
  const { sql } = ctx.database;
  const opened =
    "payToken" in key
      ? sql`d.id = ${uuidOrNull(documentId ?? "")} and exists (select 1 from payment_links l where l.token = ${key.payToken} and l.order_id = d.order_id)`
      : "invoiceToken" in key
        ? sql`d.id = ${uuidOrNull(documentId ?? "")} and exists (select 1 from invoices i where i.token = ${key.invoiceToken} and i.order_id = d.order_id)`
        : sql`exists (select 1 from document_links l where l.token = ${key.letterToken} and l.document_id = d.id and l.expires_at > ${ctx.now()})`;
  const [row] = await sql<DocumentFile[]>`select ${fileColumns(sql)} from documents d join document_versions v on v.document_id = d.id and v.no = d.version_no where d.hidden_at is null and ${opened} limit 1`;
  return row ?? null;
}

/**
 * 1C's own PDF of the invoice with this token (INV-15): the newest one, unless the order has changed since and the PDF names a sum that
 * it does not have any more. Null: ours is the one to download.
 */
export async function onecInvoiceFile(ctx: Ctx, invoiceToken: string): Promise<DocumentFile | null> {
  const { sql } = ctx.database;
  const [row] = await sql<DocumentFile[]>`
    select ${fileColumns(sql)} from invoices i join orders o on o.id = i.order_id join order_revisions r on r.order_id = o.id and r.no = o.revision_no
      join documents d on d.order_id = o.id and d.kind = 'invoice' and d.hidden_at is null join document_versions v on v.document_id = d.id and v.no = d.version_no and v.mime = 'application/pdf'
     where i.token = ${invoiceToken} and i.version = (select max(version) from invoices m where m.order_id = o.id)
       and (v.received_at >= r.received_at or v.amount_kopecks is null or v.amount_kopecks in (o.total_kopecks, i.total_kopecks))
     order by v.received_at desc, d.id limit 1`;
  return row ?? null;
}

const extensions: Record<DocumentMime, string> = { "application/pdf": "pdf", "application/xml": "xml", "image/png": "png" };

/** `УПД_УТ00-000590_2026-11-21.pdf`. */
export const documentFileName = ({ kind, number, documentDate, mime }: Pick<DocumentFile, "kind" | "number" | "documentDate" | "mime">): string =>
  `${[fileNamePart(documentKindLabels[kind]), ...(number ? [fileNamePart(number)] : []), ...(documentDate ? [documentDate] : [])].join("_")}.${extensions[mime]}`;

/** The download: always saved, never drawn by a browser, because it came from outside (INV-14). */
export const fileResponse = (file: DocumentFile): Response =>
  new Response(new Uint8Array(file.bytes), {
    headers: {
      "content-type": file.mime, ...lengthHeaders(file.bytes.length), "content-disposition": contentDisposition(documentFileName(file)), "x-content-type-options": "nosniff",
      "content-security-policy": "sandbox; default-src 'none'", "cache-control": "private, no-store", "x-robots-tag": "noindex", "referrer-policy": "no-referrer",
    },
  });
