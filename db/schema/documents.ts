import { sql } from "drizzle-orm";
import { boolean, check, customType, date, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { documentKinds, documentMimes } from "../../lib/documents/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { orders } from "./orders.ts";
import { counterparties } from "./parties.ts";

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** A file that 1C gives the buyer (INV-13): an invoice of its own, УПД, act. One row per document of 1C; its files stand in `document_versions`. */
export const documents = pgTable(
  "documents",
  {
    id: id(),
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    /** GUID of 1C's document: the same one replaces the file. */
    onecGuid: text("onec_guid").notNull(),
    kind: text("kind", { enum: documentKinds }).notNull(),
    number: text("number"),
    documentDate: date("document_date"),
    amountKopecks: kopecks("amount_kopecks"),
    /** The order as 1C named it, by GUID or number; its row is bound when the order comes, before or after the file. */
    orderRef: text("order_ref"),
    orderId: uuid("order_id").references(() => orders.id),
    counterpartyRef: text("counterparty_ref"),
    counterpartyId: uuid("counterparty_id").references(() => counterparties.id),
    versionNo: integer("version_no").notNull(),
    /** 1C took it back: buyers do not see it, staff do (INV-13). */
    hiddenAt: at("hidden_at"),
    isTest: boolean("is_test").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [
    uniqueIndex("documents_onec_guid").on(t.connectionId, t.onecGuid),
    index("documents_order").on(t.orderId, t.createdAt).where(sql`order_id is not null`),
    index("documents_counterparty").on(t.counterpartyId).where(sql`counterparty_id is not null`),
    index("documents_waiting").on(t.connectionId, t.orderRef).where(sql`order_id is null and order_ref is not null`),
    oneOf("documents_kind_known", t.kind, documentKinds),
    check("documents_amount_not_negative", sql`amount_kopecks >= 0`),
  ],
);

/** Every file that 1C has sent for a document, with what it said about it then; append-only. */
export const documentVersions = pgTable(
  "document_versions",
  {
    documentId: uuid("document_id").notNull().references(() => documents.id),
    no: integer("no").notNull(),
    mime: text("mime", { enum: documentMimes }).notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    sha256: text("sha256").notNull(),
    bytes: bytea("bytes").notNull(),
    number: text("number"),
    documentDate: date("document_date"),
    amountKopecks: kopecks("amount_kopecks"),
    receivedAt: at("received_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.documentId, t.no] }),
    oneOf("document_versions_mime_known", t.mime, documentMimes),
    check("document_versions_size", sql`size_bytes between 1 and 10485760 and octet_length(bytes) = size_bytes`),
  ],
);

/** Addresses of documents in letters (INV-16): each opens one document until it expires. */
export const documentLinks = pgTable(
  "document_links",
  {
    token: text("token").primaryKey(),
    documentId: uuid("document_id").notNull().references(() => documents.id),
    expiresAt: at("expires_at").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [index("document_links_document").on(t.documentId)],
);
