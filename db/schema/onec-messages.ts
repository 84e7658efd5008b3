import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { conflictObjects, conflictStates, ruleSides } from "../../lib/conflicts/states.ts";
import { messageDirections, messageDoors, messageKinds, messageResults, payloadFormats } from "../../lib/onec-messages/states.ts";
import type { FieldChange } from "../../lib/onec-messages/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { orders } from "./orders.ts";
import { counterparties } from "./parties.ts";

/**
 * The journal of messages with 1C: one row per object that came or went, by whatever door (A9). What was said never changes (trigger);
 * what became of it does. The id of a message about a payment is the id of its row in `export_messages`, about an event of the
 * feed the event's, about a refused document a digest of it: the same thing again counts an attempt instead of making a row.
 */
export const onecMessages = pgTable(
  "onec_messages",
  {
    id: id(),
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    at: at("at").notNull(),
    door: text("door", { enum: messageDoors }).notNull(),
    direction: text("direction", { enum: messageDirections }).notNull(),
    kind: text("kind", { enum: messageKinds }).notNull(),
    objectGuid: text("object_guid"),
    objectNumber: text("object_number"),
    orderId: uuid("order_id").references(() => orders.id),
    /** The first line: a sentence that an accountant understands. No personal data. */
    summary: text("summary").notNull(),
    /** The document as it came or went; null where another row keeps it (a created order: its revision). */
    payload: text("payload"),
    payloadFormat: text("payload_format", { enum: payloadFormats }),
    /** The payload was longer than is kept, so it can be read and not repeated. */
    payloadCut: boolean("payload_cut").notNull(),
    /** Name of the file, or what else it came with. */
    source: text("source"),
    result: text("result", { enum: messageResults }).notNull(),
    /** The second line: why it was refused, what was done with it later. */
    resultText: text("result_text"),
    diff: jsonb("diff").$type<FieldChange[]>().notNull(),
    /** What the other side was told, or told us. */
    answer: text("answer"),
    attempts: integer("attempts").notNull(),
    durationMs: integer("duration_ms"),
    lastAt: at("last_at").notNull(),
    handledBy: text("handled_by"),
    handledAt: at("handled_at"),
  },
  (t) => [
    index("onec_messages_at").on(t.at, t.id),
    index("onec_messages_order").on(t.orderId, t.at),
    index("onec_messages_open").on(t.result, t.at).where(sql`result in ('received', 'conflict', 'error', 'waiting_1c')`),
    index("onec_messages_failed").on(t.connectionId, t.objectGuid).where(sql`result = 'error'`),
    oneOf("onec_messages_door_known", t.door, messageDoors),
    oneOf("onec_messages_direction_known", t.direction, messageDirections),
    oneOf("onec_messages_kind_known", t.kind, messageKinds),
    oneOf("onec_messages_result_known", t.result, messageResults),
    check("onec_messages_payload_whole", sql`(payload is null) = (payload_format is null)`),
    check("onec_messages_attempts_positive", sql`attempts > 0`),
  ],
);

/**
 * Where 1C and we say different things and a person decides (LOST-17, CML-22): one open row per object and field. `ours` and `theirs` are
 * machine values of the field (`lib/conflicts/fields.ts` shows them); `note` says what was done meanwhile.
 */
export const onecConflicts = pgTable(
  "onec_conflicts",
  {
    id: id(),
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    objectType: text("object_type", { enum: conflictObjects }).notNull(),
    /** Our id of the order or the counterparty, 1C's GUID of a document that is nobody's yet. */
    objectKey: text("object_key").notNull(),
    orderId: uuid("order_id").references(() => orders.id),
    counterpartyId: uuid("counterparty_id").references(() => counterparties.id),
    field: text("field").notNull(),
    state: text("state", { enum: conflictStates }).notNull(),
    ours: text("ours"),
    theirs: text("theirs"),
    oursBy: text("ours_by"),
    oursAt: at("ours_at"),
    theirsAt: at("theirs_at").notNull(),
    note: text("note").notNull(),
    /** The alert that tells of the same: the conflict ends with it. */
    alertCode: text("alert_code"),
    alertKey: text("alert_key"),
    /** Money at stake. */
    amountKopecks: kopecks("amount_kopecks"),
    /** The message that brought it; set when that message is written. */
    messageId: uuid("message_id"),
    /** How many times 1C has said another value while it was open. */
    repeats: integer("repeats").notNull(),
    openedAt: at("opened_at").notNull(),
    decidedAt: at("decided_at"),
    decidedBy: text("decided_by"),
    reason: text("reason"),
  },
  (t) => [
    uniqueIndex("onec_conflicts_one_open").on(t.connectionId, t.objectKey, t.field).where(sql`state = 'open'`),
    index("onec_conflicts_order").on(t.orderId, t.openedAt),
    index("onec_conflicts_opened").on(t.state, t.openedAt),
    oneOf("onec_conflicts_object_known", t.objectType, conflictObjects),
    oneOf("onec_conflicts_state_known", t.state, conflictStates),
    check("onec_conflicts_decided", sql`(state = 'open') = (decided_at is null)`),
  ],
);

/**
 * Our side's word about a field that both sides may edit: the row stands while the present value is ours. `onecValue` is 1C's last word,
 * so that only a new word of 1C is news (`lib/conflicts/merge.ts`).
 */
export const onecFieldEdits = pgTable(
  "onec_field_edits",
  {
    objectType: text("object_type", { enum: ["order", "counterparty"] }).notNull(),
    objectId: uuid("object_id").notNull(),
    field: text("field").notNull(),
    ours: text("ours"),
    oursBy: text("ours_by").notNull(),
    oursAt: at("ours_at").notNull(),
    onecValue: text("onec_value"),
    onecAt: at("onec_at"),
  },
  (t) => [primaryKey({ columns: [t.objectId, t.field] }), index("onec_field_edits_type").on(t.objectType).where(sql`object_type = 'counterparty'`)],
);

/** «Для этого поля всегда …»: a rule of one base instead of a decision each time. */
export const onecFieldRules = pgTable(
  "onec_field_rules",
  {
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    field: text("field").notNull(),
    side: text("side", { enum: ruleSides }).notNull(),
    setBy: text("set_by").notNull(),
    setAt: at("set_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.connectionId, t.field] }), oneOf("onec_field_rules_side_known", t.side, ruleSides)],
);
