import { sql } from "drizzle-orm";
import { bigint, check, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { feedTypes, pushStates } from "../../lib/feed/kinds.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { exportMessages } from "./onec.ts";
import { orders } from "./orders.ts";

/**
 * Outbox for machines (API-20): what one consumer (a 1C base by JSON, a shop) must learn, written in the transaction of the thing
 * itself. `seq` is given after the commit by one sequencer at a time, so that a slow transaction can never slip in below a
 * number that was given out (API-22). A trigger lets only `seq`, the balance (once) and the push columns change.
 */
export const feedEvents = pgTable(
  "feed_events",
  {
    id: id(),
    /** Order of writing; within one order the order of happening. */
    insertNo: bigint("insert_no", { mode: "bigint" }).generatedAlwaysAsIdentity().notNull(),
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    seq: bigint("seq", { mode: "bigint" }),
    type: text("type", { enum: feedTypes }).notNull(),
    /** The one string a consumer looks for before it books (API-24). */
    key: text("key").notNull(),
    /** 0 for the first telling; a person may have it told again to a consumer that fetches. */
    repeatNo: integer("repeat_no").notNull().default(0),
    orderId: uuid("order_id").references(() => orders.id),
    /** Fact, receipt, attempt or registry entry that it is about. */
    subjectId: uuid("subject_id"),
    exportId: uuid("export_id").references(() => exportMessages.id),
    /** The part of the fact that came to this order; null = the whole of it. */
    shareKopecks: kopecks("share_kopecks"),
    /** The order's money when the event got its number (API-25). */
    paidKopecks: kopecks("paid_kopecks"),
    refundedKopecks: kopecks("refunded_kopecks"),
    dueKopecks: kopecks("due_kopecks"),
    createdAt: at("created_at").notNull(),
    pushState: text("push_state", { enum: pushStates }).notNull(),
    pushTries: integer("push_tries").notNull().default(0),
    nextPushAt: at("next_push_at"),
    pushClaimedUntil: at("push_claimed_until"),
    pushedAt: at("pushed_at"),
    /** What the other side said to the last try that failed. */
    pushNote: text("push_note"),
    /** First try that failed since a person or the address began anew: a shop's patience is counted from here, or from `pushUpSince`. */
    pushFirstAt: at("push_first_at"),
  },
  (t) => [
    uniqueIndex("feed_events_seq").on(t.connectionId, t.seq),
    uniqueIndex("feed_events_key").on(t.connectionId, t.key, t.type, t.repeatNo),
    index("feed_events_unnumbered").on(t.connectionId, t.insertNo).where(sql`seq is null`),
    index("feed_events_to_push").on(t.connectionId, t.nextPushAt).where(sql`push_state = 'waiting'`),
    index("feed_events_order").on(t.orderId, t.insertNo),
    index("feed_events_export").on(t.exportId).where(sql`export_id is not null`),
    oneOf("feed_events_type_known", t.type, feedTypes),
    oneOf("feed_events_push_state_known", t.pushState, pushStates),
    check("feed_events_share_positive", sql`share_kopecks > 0`),
    check("feed_events_numbered_whole", sql`seq is null or order_id is null or (paid_kopecks is not null and refunded_kopecks is not null and due_kopecks is not null)`),
  ],
);

/** Where one consumer stands (API-21, API-23, API-27). */
export const feedCursors = pgTable(
  "feed_cursors",
  {
    connectionId: uuid("connection_id").primaryKey().references(() => connections.id),
    /** Highest number given to an event; the row's lock makes sequencers take turns. */
    lastSeq: bigint("last_seq", { mode: "bigint" }).notNull().default(sql`0`),
    ackedSeq: bigint("acked_seq", { mode: "bigint" }).notNull().default(sql`0`),
    ackedAt: at("acked_at"),
    /** Last time the consumer asked. */
    readAt: at("read_at"),
    /** When its receiver last took what it had not taken for a day or more, or was switched off: no patience is counted from before. */
    pushUpSince: at("push_up_since"),
  },
  () => [check("feed_cursors_ack_within", sql`acked_seq between 0 and last_seq`)],
);
