import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { inboxResults } from "../../lib/inbox/results.ts";
import { at, id, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { orders } from "./orders.ts";

/**
 * Messages received, as they came (personal data and signatures redacted, SEC-03; `bodySha256` is of the original).
 * The evidence columns never change (trigger); only `result`, `resultText`, `orderId`, `repeats`, `handledAt` do.
 */
export const inboxMessages = pgTable(
  "inbox_messages",
  {
    id: id(),
    connectionId: uuid("connection_id").references(() => connections.id),
    source: text("source").notNull(),
    /** Natural key of the event; the same message twice has the same key (LOST-02). */
    eventKey: text("event_key").notNull(),
    /** What to ask the provider about while the message is not decided. */
    providerPaymentId: text("provider_payment_id"),
    receivedAt: at("received_at").notNull(),
    headers: jsonb("headers").$type<Record<string, string>>().notNull(),
    body: text("body").notNull(),
    bodySha256: text("body_sha256").notNull(),
    ip: text("ip"),
    result: text("result", { enum: inboxResults }).notNull(),
    resultText: text("result_text"),
    orderId: uuid("order_id").references(() => orders.id),
    /** How many times the same message came again. */
    repeats: integer("repeats").notNull().default(0),
    handledAt: at("handled_at"),
  },
  (t) => [
    uniqueIndex("inbox_messages_event").on(t.connectionId, t.eventKey),
    index("inbox_messages_received").on(t.receivedAt),
    index("inbox_messages_order").on(t.orderId),
    index("inbox_messages_undecided").on(t.handledAt).where(sql`result in ('received', 'orphan')`),
    oneOf("inbox_messages_result_known", t.result, inboxResults),
  ],
);

/** Calls that we made and what came back, secrets masked; append-only. One click below each timeline line. */
export const exchangeLog = pgTable(
  "exchange_log",
  {
    id: id(),
    connectionId: uuid("connection_id").references(() => connections.id),
    orderId: uuid("order_id").references(() => orders.id),
    /** Attempt, receipt or refund. */
    subjectId: uuid("subject_id"),
    at: at("at").notNull(),
    action: text("action").notNull(),
    request: text("request").notNull(),
    answer: text("answer"),
    httpStatus: integer("http_status"),
    outcome: text("outcome").notNull(),
    durationMs: integer("duration_ms").notNull(),
  },
  (t) => [index("exchange_log_order").on(t.orderId, t.at), index("exchange_log_subject").on(t.subjectId)],
);
