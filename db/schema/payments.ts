import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { attemptStates, linkStates } from "../../lib/payments/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { orders } from "./orders.ts";

/** URL for one order and one revision (domain 2.3). The token has 256 random bits. */
export const paymentLinks = pgTable(
  "payment_links",
  {
    id: id(),
    orderId: uuid("order_id").notNull().references(() => orders.id),
    token: text("token").notNull().unique(),
    state: text("state", { enum: linkStates }).notNull(),
    revisionNo: integer("revision_no").notNull(),
    /** What was due when the link was made. */
    amountKopecks: kopecks("amount_kopecks").notNull(),
    validUntil: at("valid_until").notNull(),
    firstOpenedAt: at("first_opened_at"),
    createdAt: at("created_at").notNull(),
    closedAt: at("closed_at"),
  },
  (t) => [
    uniqueIndex("payment_links_one_active").on(t.orderId).where(sql`state = 'active'`),
    index("payment_links_order").on(t.orderId),
    index("payment_links_created").on(t.createdAt),
    index("payment_links_to_expire").on(t.validUntil).where(sql`state = 'active'`),
    oneOf("payment_links_state_known", t.state, linkStates),
  ],
);

/** One payment object at one provider (domain 2.4). The row is committed before the provider is called. */
export const paymentAttempts = pgTable(
  "payment_attempts",
  {
    id: id(),
    orderId: uuid("order_id").notNull(),
    linkId: uuid("link_id").references(() => paymentLinks.id),
    connectionId: uuid("connection_id").notNull(),
    provider: text("provider").notNull(),
    method: text("method", { enum: ["card", "sbp"] }).notNull(),
    /** ASCII, unique per connection; the provider's order id. */
    reference: text("reference").notNull(),
    /** Frozen at creation together with the revision (PAY-16). */
    revisionNo: integer("revision_no").notNull(),
    amountKopecks: kopecks("amount_kopecks").notNull(),
    payerId: text("payer_id").notNull(),
    contact: text("contact").notNull(),
    state: text("state", { enum: attemptStates }).notNull(),
    /** Another attempt was allowed because this one could not be cancelled at the provider (PAY-14). */
    isSuperseded: boolean("is_superseded").notNull().default(false),
    /** Key of the form that made it: a double click is one attempt. */
    formKey: text("form_key").notNull(),
    providerInvoiceId: text("provider_invoice_id"),
    providerPaymentId: text("provider_payment_id"),
    goKind: text("go_kind", { enum: ["redirect", "qr"] }),
    goTarget: text("go_target"),
    instrument: text("instrument"),
    rrn: text("rrn"),
    failCode: text("fail_code"),
    failClass: text("fail_class"),
    expiresAt: at("expires_at"),
    /** Reads of the provider so far; the index into the plan of PAY-13. */
    pollCount: integer("poll_count").notNull().default(0),
    nextPollAt: at("next_poll_at"),
    lastPolledAt: at("last_polled_at"),
    /** Money was confirmed by reading the provider, not only by its notification. */
    confirmedByReadAt: at("confirmed_by_read_at"),
    isTest: boolean("is_test").notNull(),
    createdAt: at("created_at").notNull(),
    finishedAt: at("finished_at"),
  },
  (t) => [
    foreignKey({ name: "payment_attempts_order_world", columns: [t.orderId, t.isTest], foreignColumns: [orders.id, orders.isTest] }),
    foreignKey({ name: "payment_attempts_connection_world", columns: [t.connectionId, t.isTest], foreignColumns: [connections.id, connections.isTest] }),
    uniqueIndex("payment_attempts_reference").on(t.connectionId, t.reference),
    uniqueIndex("payment_attempts_form_key").on(t.orderId, t.formKey),
    uniqueIndex("payment_attempts_provider_payment").on(t.connectionId, t.providerPaymentId),
    uniqueIndex("payment_attempts_one_live")
      .on(t.orderId)
      .where(sql`state in ('created', 'unknown', 'pending', 'authorized') and not is_superseded`),
    index("payment_attempts_order").on(t.orderId, t.createdAt),
    index("payment_attempts_created").on(t.createdAt),
    oneOf("payment_attempts_state_known", t.state, attemptStates),
    check("payment_attempts_amount_positive", sql`${t.amountKopecks} > 0`),
    check("payment_attempts_reference_ascii", sql`${t.reference} ~ '^[A-Za-z0-9_-]{1,64}$'`),
  ],
);
