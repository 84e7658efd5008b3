import { sql } from "drizzle-orm";
import { bigint, boolean, customType, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { exportStates, fileStates } from "../../lib/onec/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { moneyFacts } from "./ledger.ts";
import { orders } from "./orders.ts";

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/**
 * What 1C must learn about one money fact (domain 2.7). `delivered` = 1C took the answer and said `success`
 * («Передано в 1С»); `confirmed` = 1C proved that it booked it («Учтено в 1С», CML-32).
 */
export const exportMessages = pgTable(
  "export_messages",
  {
    id: id(),
    connectionId: uuid("connection_id").notNull(),
    orderId: uuid("order_id").notNull(),
    factId: uuid("fact_id").notNull(),
    amountKopecks: kopecks("amount_kopecks").notNull(),
    /** Grows per order: messages of one order go out in this order. */
    seq: integer("seq").notNull(),
    /** Order version that carries it. */
    orderVersion: integer("order_version").notNull(),
    state: text("state", { enum: exportStates }).notNull(),
    createdAt: at("created_at").notNull(),
    deliveredAt: at("delivered_at"),
    confirmedAt: at("confirmed_at"),
    /** 1C sent the order back after it had taken this payment, posted and without a payment number: it did not book it. */
    skippedAt: at("skipped_at"),
    /** «Номер оплаты по 1С». */
    onecDocumentNumber: text("onec_document_number"),
    rejectedReason: text("rejected_reason"),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [
    // Test facts go to a test base alone (PIL-04).
    foreignKey({ name: "export_messages_connection_world", columns: [t.connectionId, t.isTest], foreignColumns: [connections.id, connections.isTest] }),
    foreignKey({ name: "export_messages_order_world", columns: [t.orderId, t.isTest], foreignColumns: [orders.id, orders.isTest] }),
    foreignKey({ name: "export_messages_fact_world", columns: [t.factId, t.isTest], foreignColumns: [moneyFacts.id, moneyFacts.isTest] }),
    // A refund may stand on several orders: each is told of its own part.
    uniqueIndex("export_messages_fact").on(t.factId, t.orderId, t.connectionId),
    uniqueIndex("export_messages_seq").on(t.orderId, t.seq),
    index("export_messages_waiting").on(t.connectionId, t.createdAt).where(sql`state <> 'confirmed'`),
    oneOf("export_messages_state_known", t.state, exportStates),
  ],
);

/** A session of the stock exchange; several web processes share it (pitfall P6). Secrets are stored hashed. */
export const onecSessions = pgTable(
  "onec_sessions",
  {
    id: id(),
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    cookieHash: text("cookie_hash").notNull().unique(),
    sessidHash: text("sessid_hash").notNull(),
    createdAt: at("created_at").notNull(),
    lastSeenAt: at("last_seen_at").notNull(),
    /** Orders and versions given out by the last `query` of this session (CML-16), with the messages that 1C can book from it. */
    offered: jsonb("offered").$type<{ orderId: string; version: number; messages: string[]; perhaps: string[] }[]>(),
    offeredAt: at("offered_at"),
    takenAt: at("taken_at"),
    /** Opened after a day of silence: it only takes (LOST-16). */
    importsFirst: boolean("imports_first").notNull().default(false),
  },
  (t) => [index("onec_sessions_seen").on(t.lastSeenAt), index("onec_sessions_sessid").on(t.sessidHash), index("onec_sessions_connection").on(t.connectionId, t.lastSeenAt)],
);

/** A file that 1C uploads in pieces (CML-10): key = session + name. Bytes stand in `onec_file_pieces`. */
export const onecFiles = pgTable(
  "onec_files",
  {
    id: id(),
    sessionId: uuid("session_id").notNull().references(() => onecSessions.id, { onDelete: "cascade" }),
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    name: text("name").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    pieceCount: integer("piece_count").notNull(),
    state: text("state", { enum: fileStates }).notNull(),
    /** Documents handled so far: `import` goes on from here after `progress`. */
    documentsDone: integer("documents_done").notNull().default(0),
    ordersTaken: integer("orders_taken").notNull().default(0),
    /** All of them, whatever `notes` have room for: one is enough to answer `failure` (CML-23). */
    ordersRefused: integer("orders_refused").notNull().default(0),
    /** Refusals and warnings, one Russian line each; no more than a bound of either kind. */
    notes: jsonb("notes").$type<{ number: string; text: string; refused: boolean }[]>().notNull(),
    failReason: text("fail_reason"),
    /** Names of the files inside an archive, known once it was opened: `import` asks for them, not for the archive. */
    entries: jsonb("entries").$type<string[]>(),
    /** One import at a time; a process that died is forgotten after this moment. */
    claimedUntil: at("claimed_until"),
    createdAt: at("created_at").notNull(),
    touchedAt: at("touched_at").notNull(),
    finishedAt: at("finished_at"),
  },
  (t) => [
    uniqueIndex("onec_files_name").on(t.sessionId, t.name),
    index("onec_files_unfinished").on(t.touchedAt).where(sql`state in ('receiving', 'processing')`),
    oneOf("onec_files_state_known", t.state, fileStates),
  ],
);

export const onecFilePieces = pgTable(
  "onec_file_pieces",
  {
    fileId: uuid("file_id").notNull().references(() => onecFiles.id, { onDelete: "cascade" }),
    no: integer("no").notNull(),
    bytes: bytea("bytes").notNull(),
    /** Raw deflate, not the bytes of 1C themselves. */
    isDeflated: boolean("is_deflated").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.fileId, t.no] })],
);

/** Each call of the exchange and what we answered: the log an accountant reads (A9). Append-only. */
export const onecCalls = pgTable(
  "onec_calls",
  {
    id: id(),
    connectionId: uuid("connection_id").references(() => connections.id),
    at: at("at").notNull(),
    type: text("type").notNull(),
    mode: text("mode").notNull(),
    /** First words: success, failure, progress. */
    answer: text("answer").notNull(),
    /** One sentence for people. */
    summary: text("summary").notNull(),
    durationMs: integer("duration_ms").notNull(),
  },
  (t) => [index("onec_calls_at").on(t.connectionId, t.at)],
);
