import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { at, id, oneOf } from "./columns.ts";
import { orders } from "./orders.ts";

export const letterStates = ["queued", "sent", "failed", "cancelled"] as const;

/** E-mail owed to somebody: a row of the transaction that caused it, sent by a job. `dedupeKey` makes it one. */
export const letters = pgTable(
  "letters",
  {
    id: id(),
    orderId: uuid("order_id").references(() => orders.id),
    template: text("template").notNull(),
    recipient: text("recipient").notNull(),
    params: jsonb("params").$type<Record<string, string>>().notNull(),
    dedupeKey: text("dedupe_key").notNull(),
    state: text("state", { enum: letterStates }).notNull(),
    sendCount: integer("send_count").notNull().default(0),
    /** Not before then: the next try, or the end of a worker's claim. Null: as soon as a job comes. */
    nextTryAt: at("next_try_at"),
    failText: text("fail_text"),
    createdAt: at("created_at").notNull(),
    sentAt: at("sent_at"),
  },
  (t) => [
    uniqueIndex("letters_dedupe").on(t.dedupeKey),
    index("letters_order").on(t.orderId),
    index("letters_waiting").on(t.createdAt).where(sql`state = 'queued'`),
    oneOf("letters_state_known", t.state, letterStates),
  ],
);
