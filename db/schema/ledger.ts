import { sql } from "drizzle-orm";
import { boolean, check, date, foreignKey, index, integer, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { factKinds, fiscalOwners, payMethods } from "../../lib/ledger/kinds.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { orders } from "./orders.ts";

/**
 * Money that moved (PAY-02). Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE. Amounts are positive kopecks,
 * the sign comes from the kind. Unique keys make a repeated message harmless (LOST-02, invariant 5).
 */
export const moneyFacts = pgTable(
  "money_facts",
  {
    id: id(),
    kind: text("kind", { enum: factKinds }).notNull(),
    amountKopecks: kopecks("amount_kopecks").notNull(),
    method: text("method", { enum: payMethods }).notNull(),
    connectionId: uuid("connection_id"),
    providerPaymentId: text("provider_payment_id"),
    captureNo: integer("capture_no"),
    /** Refund, dispute or reversal id at the provider. */
    providerOperationId: text("provider_operation_id"),
    /** Money reported by 1C: GUID or, for stock 1C, order GUID and document number. */
    documentKey: text("document_key"),
    documentNumber: text("document_number"),
    attemptId: uuid("attempt_id"),
    /** The fact that this one takes back. */
    parentFactId: uuid("parent_fact_id"),
    occurredAt: at("occurred_at").notNull(),
    recordedAt: at("recorded_at").notNull(),
    /** Day of `occurredAt` in the shop's zone (NUM-06); the first open day after it when that one is closed (REC-10). */
    businessDate: date("business_date").notNull(),
    /** Who prints its receipt; set once (FISC-00). */
    fiscalOwner: text("fiscal_owner", { enum: fiscalOwners }).notNull(),
    isTest: boolean("is_test").notNull(),
    actor: text("actor").notNull(),
    note: text("note"),
  },
  (t) => [
    unique("money_facts_world").on(t.id, t.isTest),
    foreignKey({ name: "money_facts_connection_world", columns: [t.connectionId, t.isTest], foreignColumns: [connections.id, connections.isTest] }),
    // What takes money back is of the world of what brought it.
    foreignKey({ name: "money_facts_parent_world", columns: [t.parentFactId, t.isTest], foreignColumns: [t.id, t.isTest] }),
    uniqueIndex("money_facts_capture").on(t.connectionId, t.providerPaymentId, t.captureNo).where(sql`kind = 'payment_captured' and provider_payment_id is not null`),
    // «Came back» is asked of a refund by its id alone.
    index("money_facts_bounced").on(t.providerOperationId).where(sql`kind = 'refund_reversed'`),
    uniqueIndex("money_facts_operation").on(t.connectionId, t.kind, t.providerOperationId).where(sql`provider_operation_id is not null`),
    uniqueIndex("money_facts_document").on(t.connectionId, t.kind, t.documentKey).where(sql`document_key is not null`),
    uniqueIndex("money_facts_hold").on(t.connectionId, t.kind, t.providerPaymentId).where(sql`kind in ('authorized', 'authorization_voided')`),
    index("money_facts_business_date").on(t.businessDate),
    index("money_facts_attempt").on(t.attemptId),
    index("money_facts_parent").on(t.parentFactId).where(sql`parent_fact_id is not null`),
    index("money_facts_recorded").on(t.recordedAt),
    oneOf("money_facts_kind_known", t.kind, factKinds),
    oneOf("money_facts_method_known", t.method, payMethods),
    oneOf("money_facts_fiscal_owner_known", t.fiscalOwner, fiscalOwners),
    check("money_facts_amount_positive", sql`${t.amountKopecks} > 0`),
    check("money_facts_has_key", sql`(provider_payment_id is not null) or (provider_operation_id is not null) or (document_key is not null)`),
    check("money_facts_capture_numbered", sql`kind <> 'payment_captured' or provider_payment_id is null or capture_no is not null`),
  ],
);

/**
 * What a fact pays for (PAY-04). Append-only; moving money is a negative and a positive row. A deferred constraint
 * trigger keeps Σ allocations of a fact equal to its amount at commit (invariant 2). `orderId` null = advance.
 */
export const allocations = pgTable(
  "allocations",
  {
    id: id(),
    factId: uuid("fact_id").notNull().references(() => moneyFacts.id),
    orderId: uuid("order_id").references(() => orders.id),
    counterpartyId: uuid("counterparty_id"),
    amountKopecks: kopecks("amount_kopecks").notNull(),
    createdAt: at("created_at").notNull(),
    actor: text("actor").notNull(),
  },
  (t) => [
    index("allocations_fact").on(t.factId),
    index("allocations_order").on(t.orderId),
    check("allocations_amount_not_zero", sql`${t.amountKopecks} <> 0`),
  ],
);

/**
 * Other names of money: a document of 1C (or of a person) on one order that tells of a transfer which a bank statement had brought
 * before it. Told again, it is known by this row (LOST-02, LOST-23). Append-only.
 */
export const factDocuments = pgTable(
  "fact_documents",
  {
    id: id(),
    factId: uuid("fact_id").notNull().references(() => moneyFacts.id),
    orderId: uuid("order_id").notNull().references(() => orders.id),
    documentKey: text("document_key").notNull(),
    documentNumber: text("document_number"),
    /** What of the fact came to the order by this document. */
    amountKopecks: kopecks("amount_kopecks").notNull(),
    toldAt: at("told_at").notNull(),
  },
  (t) => [
    uniqueIndex("fact_documents_once").on(t.orderId, t.documentKey),
    index("fact_documents_fact").on(t.factId),
    index("fact_documents_key").on(t.documentKey),
    check("fact_documents_amount_positive", sql`${t.amountKopecks} > 0`),
  ],
);
