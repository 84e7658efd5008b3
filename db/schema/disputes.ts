import { sql } from "drizzle-orm";
import { boolean, check, customType, date, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { disputeStates } from "../../lib/disputes/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { moneyFacts } from "./ledger.ts";
import { orders } from "./orders.ts";

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** A buyer's complaint at the bank (chargeback, 2.8): what is disputed, until when we may answer, how it ended. */
export const disputes = pgTable(
  "disputes",
  {
    id: id(),
    orderId: uuid("order_id").references(() => orders.id),
    paymentFactId: uuid("payment_fact_id").notNull().references(() => moneyFacts.id),
    connectionId: uuid("connection_id").references(() => connections.id),
    /** The bank's number of the dispute. */
    providerDisputeId: text("provider_dispute_id").notNull(),
    amountKopecks: kopecks("amount_kopecks").notNull(),
    state: text("state", { enum: disputeStates }).notNull(),
    reasonText: text("reason_text"),
    /** Last day to answer (ALR-21). */
    deadlineOn: date("deadline_on"),
    openedAt: at("opened_at").notNull(),
    openedBy: text("opened_by").notNull(),
    decidedAt: at("decided_at"),
    decidedBy: text("decided_by"),
    decisionText: text("decision_text"),
    /** Facts `chargeback` and `chargeback_reversed`. */
    factId: uuid("fact_id").references(() => moneyFacts.id),
    reversedFactId: uuid("reversed_fact_id").references(() => moneyFacts.id),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [
    uniqueIndex("disputes_provider_dispute").on(t.connectionId, t.providerDisputeId),
    index("disputes_order").on(t.orderId),
    index("disputes_deadline").on(t.deadlineOn).where(sql`state in ('opened', 'evidence_needed', 'under_review')`),
    oneOf("disputes_state_known", t.state, disputeStates),
    check("disputes_amount_positive", sql`${t.amountKopecks} > 0`),
  ],
);

/** Proof that a person gives with a decision about money (REC-11, LOST-13): a link, words, or a file. Append-only. */
export const evidence = pgTable(
  "evidence",
  {
    id: id(),
    /** `fact`, `dispute`, `discrepancy`, `refund`. */
    objectType: text("object_type").notNull(),
    objectId: uuid("object_id").notNull(),
    orderId: uuid("order_id").references(() => orders.id),
    note: text("note"),
    url: text("url"),
    fileName: text("file_name"),
    mime: text("mime"),
    bytes: bytea("bytes"),
    sizeBytes: integer("size_bytes"),
    addedBy: text("added_by").notNull(),
    addedAt: at("added_at").notNull(),
  },
  (t) => [index("evidence_object").on(t.objectType, t.objectId), check("evidence_says_something", sql`note is not null or url is not null or bytes is not null`)],
);
