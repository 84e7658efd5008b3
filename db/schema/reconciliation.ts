import { sql } from "drizzle-orm";
import { boolean, check, date, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { registryEntryKinds } from "../../lib/reconciliation/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { moneyFacts } from "./ledger.ts";
import { bankAccounts } from "./parties.ts";

/** One delivery of an acquirer's list of operations (реестр): read by us or uploaded as a file. Applied whole or not at all. */
export const registries = pgTable(
  "registries",
  {
    id: id(),
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    source: text("source", { enum: ["api", "file"] }).notNull(),
    fileName: text("file_name"),
    /** The same file twice is known (sha256 of the bytes). */
    fileSha256: text("file_sha256"),
    /** Days that it covers, inclusive: a day without lines that is covered had no operations. */
    dayFrom: date("day_from").notNull(),
    dayTo: date("day_to").notNull(),
    lineCount: integer("line_count").notNull(),
    newCount: integer("new_count").notNull(),
    knownCount: integer("known_count").notNull(),
    problemCount: integer("problem_count").notNull(),
    receivedBy: text("received_by").notNull(),
    receivedAt: at("received_at").notNull(),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [
    uniqueIndex("registries_file").on(t.connectionId, t.fileSha256).where(sql`file_sha256 is not null`),
    index("registries_days").on(t.connectionId, t.dayFrom, t.dayTo),
    check("registries_days_ordered", sql`day_from <= day_to`),
  ],
);

/**
 * One operation as the acquirer tells it; append-only. Only API lines whose state moved (a payment later refunded) bring a
 * further row for their refund. `entryKey` = the operation's own id, so that overlapping deliveries add nothing.
 */
export const registryEntries = pgTable(
  "registry_entries",
  {
    id: id(),
    registryId: uuid("registry_id").notNull().references(() => registries.id),
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    lineNo: integer("line_no").notNull(),
    kind: text("kind", { enum: registryEntryKinds }).notNull(),
    entryKey: text("entry_key").notNull(),
    providerPaymentId: text("provider_payment_id").notNull(),
    /** Refund or dispute id. */
    providerOperationId: text("provider_operation_id"),
    /** Our reference, when the line carries it. */
    reference: text("reference"),
    /** Gross, always positive; the sign comes from the kind. */
    amountKopecks: kopecks("amount_kopecks").notNull(),
    /** Null: this source names no fees (PayKeeper's list). */
    feeKopecks: kopecks("fee_kopecks"),
    feeVatKopecks: kopecks("fee_vat_kopecks"),
    occurredAt: at("occurred_at").notNull(),
    businessDate: date("business_date").notNull(),
    payoutId: text("payout_id"),
    payoutDate: date("payout_date"),
    instrument: text("instrument"),
    raw: jsonb("raw"),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [
    uniqueIndex("registry_entries_key").on(t.connectionId, t.kind, t.entryKey),
    index("registry_entries_payment").on(t.connectionId, t.providerPaymentId),
    index("registry_entries_day").on(t.connectionId, t.businessDate),
    index("registry_entries_payout").on(t.connectionId, t.payoutId).where(sql`payout_id is not null`),
    index("registry_entries_registry").on(t.registryId, t.lineNo),
    oneOf("registry_entries_kind_known", t.kind, registryEntryKinds),
    check("registry_entries_amount_positive", sql`${t.amountKopecks} > 0`),
    check("registry_entries_fee_not_negative", sql`fee_kopecks >= 0 and fee_vat_kopecks >= 0`),
  ],
);

/** Lines of a registry that were set aside, with the reason and their number in the file. */
export const registryProblems = pgTable(
  "registry_problems",
  { registryId: uuid("registry_id").notNull().references(() => registries.id), lineNo: integer("line_no").notNull(), code: text("code").notNull(), text: text("text").notNull(), raw: text("raw").notNull() },
  (t) => [index("registry_problems_registry").on(t.registryId, t.lineNo)],
);

/** A bank statement uploaded (1CClientBankExchange). Its lines stand in `bank_statement_lines`. */
export const bankStatements = pgTable(
  "bank_statements",
  {
    id: id(),
    bankAccountId: uuid("bank_account_id").references(() => bankAccounts.id),
    account: text("account").notNull(),
    fileName: text("file_name").notNull(),
    fileSha256: text("file_sha256").notNull(),
    dayFrom: date("day_from").notNull(),
    dayTo: date("day_to").notNull(),
    openingKopecks: kopecks("opening_kopecks"),
    closingKopecks: kopecks("closing_kopecks"),
    lineCount: integer("line_count").notNull(),
    newCount: integer("new_count").notNull(),
    warnings: jsonb("warnings").$type<string[]>().notNull(),
    receivedBy: text("received_by").notNull(),
    receivedAt: at("received_at").notNull(),
    isTest: boolean("is_test").notNull(),
  },
  // Once per world: what was tried before the first live terminal is real money after it (REC-03).
  (t) => [uniqueIndex("bank_statements_file").on(t.account, t.fileSha256, t.isTest)],
);

/** What an acquirer pays out at once (возмещение): lines of one payout id, and the bank line that brought it (REC-06). */
export const settlements = pgTable(
  "settlements",
  {
    id: id(),
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    payoutId: text("payout_id").notNull(),
    payoutDate: date("payout_date").notNull(),
    capturedKopecks: kopecks("captured_kopecks").notNull(),
    refundedKopecks: kopecks("refunded_kopecks").notNull(),
    chargedBackKopecks: kopecks("charged_back_kopecks").notNull(),
    feeKopecks: kopecks("fee_kopecks").notNull(),
    feeVatKopecks: kopecks("fee_vat_kopecks").notNull(),
    /** Carry-over or holds that a person explained; may be negative. */
    adjustmentKopecks: kopecks("adjustment_kopecks").notNull().default(sql`0`),
    adjustmentReason: text("adjustment_reason"),
    /** captured − refunded − charged back − fee − fee VAT + adjustment. */
    expectedKopecks: kopecks("expected_kopecks").notNull(),
    isTest: boolean("is_test").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [
    uniqueIndex("settlements_payout").on(t.connectionId, t.payoutId),
    index("settlements_date").on(t.payoutDate),
    check("settlements_equation", sql`expected_kopecks = captured_kopecks - refunded_kopecks - charged_back_kopecks - fee_kopecks - fee_vat_kopecks + adjustment_kopecks`),
    check("settlements_adjustment_has_reason", sql`adjustment_kopecks = 0 or adjustment_reason is not null`),
  ],
);

export const bankLineKinds = ["acquirer_settlement", "sbp_settlement", "own_transfer", "returned", "fee", "candidate", "other"] as const;

/**
 * A line of a bank statement (BNK-*). The evidence never changes; `settlementId` binds it to a payout, `factId` to the money that it
 * proves (LOST-23): the advance made of it, or the first of the facts that 1C or a person told of the same transfer.
 */
export const bankStatementLines = pgTable(
  "bank_statement_lines",
  {
    id: id(),
    statementId: uuid("statement_id").notNull().references(() => bankStatements.id),
    /** BNK-10. */
    lineKey: text("line_key").notNull(),
    lineNo: integer("line_no").notNull(),
    account: text("account").notNull(),
    direction: text("direction", { enum: ["credit", "debit"] }).notNull(),
    kind: text("kind", { enum: bankLineKinds }).notNull(),
    number: text("number"),
    receivedOn: date("received_on").notNull(),
    amountKopecks: kopecks("amount_kopecks").notNull(),
    payerName: text("payer_name"),
    payerInn: text("payer_inn"),
    payerAccount: text("payer_account"),
    purpose: text("purpose").notNull(),
    raw: text("raw").notNull(),
    settlementId: uuid("settlement_id").references(() => settlements.id),
    factId: uuid("fact_id").references(() => moneyFacts.id),
    /** A person decided what the line is: it is not bound or unbound by machine again. */
    handledBy: text("handled_by"),
    handledAt: at("handled_at"),
    handledReason: text("handled_reason"),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [
    uniqueIndex("bank_statement_lines_key").on(t.account, t.lineKey, t.isTest),
    index("bank_statement_lines_day").on(t.receivedOn),
    index("bank_statement_lines_settlement").on(t.settlementId),
    uniqueIndex("bank_statement_lines_fact").on(t.factId).where(sql`fact_id is not null`),
    index("bank_statement_lines_unidentified").on(t.receivedOn).where(sql`kind = 'candidate' and direction = 'credit' and fact_id is null and handled_by is null`),
    oneOf("bank_statement_lines_kind_known", t.kind, bankLineKinds),
    check("bank_statement_lines_amount_positive", sql`${t.amountKopecks} > 0`),
    check("bank_statement_lines_handled_says_why", sql`(handled_by is null) = (handled_at is null) and (handled_by is null) = (handled_reason is null)`),
  ],
);
