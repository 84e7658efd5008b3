import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { newId, sha256Hex } from "@/lib/kit/ids.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { checkInvoices } from "./check-invoices.ts";
import { sniffFile } from "./sniff-file.ts";
import { DOCUMENT_MAX_BYTES, documentKindLabels } from "./states.ts";
import type { DocumentKind, DocumentMime } from "./states.ts";
import { endTwofold, isTwofold, tellTwofold } from "./twofold.ts";

/** What 1C says of a file; a field that is left out keeps what was said before. */
export type DocumentWords = {
  kind?: DocumentKind;
  number?: string | null;
  documentDate?: string | null;
  amountKopecks?: bigint | null;
  /** As 1C named the order, and our order when it is known. */
  order?: { ref: string; orderId: string | null } | null;
  counterparty?: { ref: string; counterpartyId: string | null } | null;
};

export type StoredDocument = { documentId: string; status: "created" | "updated" | "unchanged"; versionNo: number; orderId: string | null; /** Its order is named by a number that several orders have. */ isTwofold: boolean };

type Row = {
  id: string; kind: DocumentKind; number: string | null; documentDate: string | null; amountKopecks: bigint | null; orderRef: string | null; orderId: string | null; counterpartyRef: string | null; counterpartyId: string | null;
  versionNo: number; hiddenAt: Date | null; sha256: string | null;
};

/**
 * Keeps a file that 1C gives the buyer (INV-13): the same document replaces it and keeps its history, the same bytes make no version, a
 * hidden one is shown again. Throws `invalid` (details.field `file`) for what is empty, larger than 10 MB, or no PDF, PNG or plain XML.
 */
export async function storeDocument(ctx: Ctx, base: { id: string; environment: "test" | "live" }, given: { guid: string; bytes: Buffer; mime: string; words: DocumentWords }): Promise<StoredDocument> {
  const { guid, bytes, words } = given;
  const mime = checkedMime(bytes, given.mime);
  const sha256 = sha256Hex(bytes);
  const stored = await inTransaction(ctx, async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`document:${base.id}:${guid}`}, 0))`;
    const [before] = await tx<Row[]>`
      select d.id, d.kind, d.number, d.document_date, d.amount_kopecks, d.order_ref, d.order_id, d.counterparty_ref, d.counterparty_id, d.version_no, d.hidden_at, v.sha256
        from documents d left join document_versions v on v.document_id = d.id and v.no = d.version_no where d.connection_id = ${base.id} and d.onec_guid = ${guid} for update of d`;
    const row = rowAfter(before ?? null, words);
    const isNewFile = before?.sha256 !== sha256;
    const versionNo = (before?.versionNo ?? 0) + (isNewFile ? 1 : 0);
    const isSame = before && !isNewFile && before.hiddenAt === null && JSON.stringify(shape(before)) === JSON.stringify(shape(row));
    const isVague = row.orderId === null && row.orderRef !== null && (await isTwofold(tx, base.id, row.orderRef));
    if (isSame) return { documentId: before.id, status: "unchanged", versionNo, orderId: before.orderId, isTwofold: isVague } as const;
    const documentId = before?.id ?? newId();
    if (isVague) await tellTwofold(ctx, tx, { documentId, kind: row.kind, number: row.number, orderRef: row.orderRef! });
    else if (before) await endTwofold(ctx, tx, documentId);
    await save(ctx, tx, { ...row, id: documentId, versionNo }, { base, guid });
    if (isNewFile) await addVersion(ctx, tx, { documentId, versionNo, mime, sha256, bytes, row });
    if (row.orderId !== null) await shown(ctx, tx, { documentId, versionNo, orderId: row.orderId, kind: row.kind, number: row.number, isNews: isNewFile || before?.orderId !== row.orderId });
    return { documentId, status: before ? "updated" : "created", versionNo, orderId: row.orderId, isTwofold: isVague } as const;
  });
  if (stored.orderId !== null && stored.status !== "unchanged") ctx.hint(stored.orderId);
  return stored;
}

const names: Record<DocumentMime, string> = { "application/pdf": "PDF", "application/xml": "XML", "image/png": "PNG" };

function checkedMime(bytes: Buffer, declared: string): DocumentMime {
  if (bytes.length === 0) throw invalid("Файл пустой", { field: "file" });
  if (bytes.length > DOCUMENT_MAX_BYTES) throw invalid("Файл больше 10 МБ", { field: "file" });
  const mime = sniffFile(bytes);
  if (mime === null) throw invalid("Принимаем PDF, PNG и XML: по первым байтам это что-то другое", { field: "file" });
  const said = declared.split(";")[0]!.trim().toLowerCase().replace("text/xml", "application/xml");
  if (Object.hasOwn(names, said) && said !== mime) throw invalid(`Content-Type говорит ${names[said as DocumentMime]}, а в файле ${names[mime]}`, { field: "file" });
  return mime;
}

type After = Omit<Row, "id" | "versionNo" | "hiddenAt" | "sha256">;

function rowAfter(before: Row | null, words: DocumentWords): After {
  const pick = <T>(value: T | undefined, old: T): T => (value === undefined ? old : value);
  return {
    kind: words.kind ?? before?.kind ?? "other",
    number: pick(words.number, before?.number ?? null),
    documentDate: pick(words.documentDate, before?.documentDate ?? null),
    amountKopecks: pick(words.amountKopecks, before?.amountKopecks ?? null),
    orderRef: words.order === undefined ? (before?.orderRef ?? null) : (words.order?.ref ?? null),
    orderId: words.order === undefined ? (before?.orderId ?? null) : (words.order?.orderId ?? null),
    counterpartyRef: words.counterparty === undefined ? (before?.counterpartyRef ?? null) : (words.counterparty?.ref ?? null),
    counterpartyId: words.counterparty === undefined ? (before?.counterpartyId ?? null) : (words.counterparty?.counterpartyId ?? null),
  };
}

const shape = (row: After) => [row.kind, row.number, row.documentDate, row.amountKopecks?.toString() ?? null, row.orderRef, row.orderId, row.counterpartyRef, row.counterpartyId];

const save = (ctx: Ctx, tx: Tx, row: After & { id: string; versionNo: number }, { base, guid }: { base: { id: string; environment: "test" | "live" }; guid: string }) => tx`
  insert into documents (id, connection_id, onec_guid, kind, number, document_date, amount_kopecks, order_ref, order_id, counterparty_ref, counterparty_id, version_no, is_test, created_at, updated_at)
  values (${row.id}, ${base.id}, ${guid}, ${row.kind}, ${row.number}, ${row.documentDate}, ${row.amountKopecks}, ${row.orderRef}, ${row.orderId}, ${row.counterpartyRef}, ${row.counterpartyId}, ${row.versionNo},
    ${base.environment === "test"}, ${ctx.now()}, ${ctx.now()})
  on conflict (id) do update set kind = excluded.kind, number = excluded.number, document_date = excluded.document_date, amount_kopecks = excluded.amount_kopecks, order_ref = excluded.order_ref, order_id = excluded.order_id,
    counterparty_ref = excluded.counterparty_ref, counterparty_id = excluded.counterparty_id, version_no = excluded.version_no, hidden_at = null, updated_at = excluded.updated_at`;

type Version = { documentId: string; versionNo: number; mime: DocumentMime; sha256: string; bytes: Buffer; row: After };

const addVersion = (ctx: Ctx, tx: Tx, { documentId, versionNo, mime, sha256, bytes, row }: Version) => tx`
  insert into document_versions (document_id, no, mime, size_bytes, sha256, bytes, number, document_date, amount_kopecks, received_at)
  values (${documentId}, ${versionNo}, ${mime}, ${bytes.length}, ${sha256}, ${bytes}, ${row.number}, ${row.documentDate}, ${row.amountKopecks}, ${ctx.now()})`;

export type ShownDocument = { documentId: string; versionNo: number; orderId: string; kind: DocumentKind; number: string | null; /** Another file, or another order. */ isNews: boolean };

/** A document stands on an order: the order's story, the check of 1C's own invoice, and what follows (a letter to the buyer). */
export async function shown(ctx: Ctx, tx: Tx, { documentId, versionNo, orderId, kind, number, isNews }: ShownDocument): Promise<void> {
  await checkInvoices(ctx, tx, [orderId]);
  if (!isNews) return;
  await recordEvent(ctx, tx, { orderId, kind: "document.received", subjectId: documentId, detail: { name: documentKindLabels[kind], number, version: versionNo } });
  await ctx.announce(ctx, tx, { type: "document.shown", documentId, versionNo, orderId });
}
