import { sql } from "drizzle-orm";
import { boolean, check, date, foreignKey, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { holdOperationKinds, holdOperationStates } from "../../lib/holds/states.ts";
import { refundMethods, refundReasons, refundSources, refundStates } from "../../lib/refunds/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { moneyFacts } from "./ledger.ts";
import { orderLines, orders } from "./orders.ts";
import { paymentAttempts } from "./payments.ts";

/**
 * Money to give back, from the wish to the fact (2.5). The row is committed before the provider is called; `id` is our
 * idempotency key. Never resent under another key (PAY table 2.5, LOST-10).
 */
export const refunds = pgTable(
  "refunds",
  {
    id: id(),
    /** Null: an advance that belongs to no order. */
    orderId: uuid("order_id"),
    /** The payment that goes back; null for a bank refund made in 1C that names none. */
    paymentFactId: uuid("payment_fact_id"),
    connectionId: uuid("connection_id"),
    amountKopecks: kopecks("amount_kopecks").notNull(),
    method: text("method", { enum: refundMethods }).notNull(),
    reason: text("reason", { enum: refundReasons }).notNull(),
    reasonText: text("reason_text"),
    source: text("source", { enum: refundSources }).notNull(),
    state: text("state", { enum: refundStates }).notNull(),
    /** Key of the form that made it: a double click is one refund. */
    formKey: text("form_key"),
    /** 1C's document that asked for it or reported it. */
    documentKey: text("document_key"),
    documentNumber: text("document_number"),
    requestedBy: text("requested_by").notNull(),
    requestedAt: at("requested_at").notNull(),
    /** Four eyes (SEC-12). */
    decidedBy: text("decided_by"),
    decidedAt: at("decided_at"),
    decisionText: text("decision_text"),
    /** Day of the buyer's demand and the last day of the law (PAY-21). */
    demandedOn: date("demanded_on"),
    dueOn: date("due_on"),
    providerRefundId: text("provider_refund_id"),
    /** Refunds of this payment that the provider knew right before ours was sent: what is new since then is ours. */
    knownBefore: text("known_before").array(),
    submittedAt: at("submitted_at"),
    finishedAt: at("finished_at"),
    failCode: text("fail_code"),
    failText: text("fail_text"),
    /** Steps of work done; a job names its step. */
    stepNo: integer("step_no").notNull().default(0),
    pollCount: integer("poll_count").notNull().default(0),
    nextTryAt: at("next_try_at"),
    claimedUntil: at("claimed_until"),
    /** The fact of a succeeded one. */
    factId: uuid("fact_id").references(() => moneyFacts.id),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [
    foreignKey({ name: "refunds_order_world", columns: [t.orderId, t.isTest], foreignColumns: [orders.id, orders.isTest] }),
    foreignKey({ name: "refunds_payment_world", columns: [t.paymentFactId, t.isTest], foreignColumns: [moneyFacts.id, moneyFacts.isTest] }),
    foreignKey({ name: "refunds_connection_world", columns: [t.connectionId, t.isTest], foreignColumns: [connections.id, connections.isTest] }),
    uniqueIndex("refunds_form_key").on(t.orderId, t.formKey).where(sql`form_key is not null`),
    uniqueIndex("refunds_provider_refund").on(t.connectionId, t.providerRefundId).where(sql`provider_refund_id is not null`),
    uniqueIndex("refunds_document").on(t.orderId, t.documentKey).where(sql`document_key is not null`),
    uniqueIndex("refunds_fact").on(t.factId).where(sql`fact_id is not null`),
    // One refund of a payment on its way at a time: a provider without idempotency keys is recognised by what is new in its list.
    uniqueIndex("refunds_one_on_its_way").on(t.paymentFactId).where(sql`state in ('submitting', 'unknown') or (state = 'pending' and provider_refund_id is null)`),
    index("refunds_order").on(t.orderId),
    index("refunds_payment").on(t.paymentFactId),
    index("refunds_state").on(t.state, t.requestedAt),
    index("refunds_next_try").on(t.nextTryAt).where(sql`next_try_at is not null`),
    oneOf("refunds_state_known", t.state, refundStates),
    oneOf("refunds_method_known", t.method, refundMethods),
    oneOf("refunds_reason_known", t.reason, refundReasons),
    oneOf("refunds_source_known", t.source, refundSources),
    check("refunds_amount_positive", sql`${t.amountKopecks} > 0`),
    check("refunds_succeeded_has_fact", sql`state <> 'succeeded' or fact_id is not null`),
    // SEC-12: nobody approves his own wish; the system may, up to the limit.
    check("refunds_four_eyes", sql`decided_by is null or state in ('requested', 'canceled', 'external') or decided_by <> requested_by or decided_by not like 'staff:%'`),
  ],
);

/** Which goods a refund is for (FISC-45); none = a bare sum (FISC-46). */
export const refundLines = pgTable(
  "refund_lines",
  {
    refundId: uuid("refund_id").notNull().references(() => refunds.id),
    lineNo: integer("line_no").notNull(),
    orderLineId: uuid("order_line_id").notNull().references(() => orderLines.id),
    quantity: text("quantity").notNull(),
    sumKopecks: kopecks("sum_kopecks").notNull(),
  },
  (t) => [
    uniqueIndex("refund_lines_no").on(t.refundId, t.lineNo),
    uniqueIndex("refund_lines_order_line").on(t.refundId, t.orderLineId),
    check("refund_lines_sum_positive", sql`${t.sumKopecks} > 0`),
  ],
);

/** A capture or a release of held money, asked of the provider; its outcome is read back from the payment (LOST-31). */
export const holdOperations = pgTable(
  "hold_operations",
  {
    id: id(),
    attemptId: uuid("attempt_id").notNull().references(() => paymentAttempts.id),
    kind: text("kind", { enum: holdOperationKinds }).notNull(),
    /** What is to be taken; for a release the whole hold. */
    amountKopecks: kopecks("amount_kopecks").notNull(),
    state: text("state", { enum: holdOperationStates }).notNull(),
    requestedBy: text("requested_by").notNull(),
    reason: text("reason"),
    requestedAt: at("requested_at").notNull(),
    submittedAt: at("submitted_at"),
    finishedAt: at("finished_at"),
    stepNo: integer("step_no").notNull().default(0),
    nextTryAt: at("next_try_at"),
    failCode: text("fail_code"),
    failText: text("fail_text"),
  },
  (t) => [
    uniqueIndex("hold_operations_one_open").on(t.attemptId).where(sql`state in ('requested', 'submitting', 'unknown')`),
    index("hold_operations_next_try").on(t.nextTryAt).where(sql`next_try_at is not null`),
    oneOf("hold_operations_kind_known", t.kind, holdOperationKinds),
    oneOf("hold_operations_state_known", t.state, holdOperationStates),
    check("hold_operations_amount_positive", sql`${t.amountKopecks} > 0`),
  ],
);
