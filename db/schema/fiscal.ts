import { sql } from "drizzle-orm";
import { boolean, check, foreignKey, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { receiptStates } from "../../lib/fiscal/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { moneyFacts } from "./ledger.ts";
import { orders } from "./orders.ts";
import { shipments } from "./shipments.ts";

export const receiptPurposes = ["prepayment", "advance", "closing", "refund", "credit_payment", "correction", "reversal"] as const;
/** Tag 1054, and its corrections (FISC-31, FISC-32). */
export const receiptKinds = ["income", "income_return", "income_correction", "income_return_correction"] as const;

/**
 * A fiscal receipt that is due, or the stored reason why none is (domain 2.6). Planned in the transaction of the fact.
 * `neutral` is the receipt in our own terms; `requestBody` the exact bytes sent, stored before the first send.
 */
export const receipts = pgTable(
  "receipts",
  {
    id: id(),
    factId: uuid("fact_id"),
    /** Of a closing receipt: the hand-over that it documents (FISC-10). */
    shipmentId: uuid("shipment_id").references(() => shipments.id),
    /** One settlement may need two documents (FISC-36); 1 otherwise. */
    partNo: integer("part_no").notNull().default(1),
    /** The registered receipt that a correction or a reversal is about (tag 1192). */
    correctsReceiptId: uuid("corrects_receipt_id"),
    orderId: uuid("order_id"),
    connectionId: uuid("connection_id"),
    purpose: text("purpose", { enum: receiptPurposes }).notNull(),
    kind: text("kind", { enum: receiptKinds }).notNull(),
    state: text("state", { enum: receiptStates }).notNull(),
    /** Why `not_required`. */
    reasonCode: text("reason_code"),
    totalKopecks: kopecks("total_kopecks").notNull(),
    /** Tag 1215: prepayment offset at hand-over. The rest of the total is cashless money (1081) but for the next two. */
    offsetKopecks: kopecks("offset_kopecks").notNull().default(sql`0`),
    /** Tag 1216: handed over on credit. */
    creditKopecks: kopecks("credit_kopecks").notNull().default(sql`0`),
    /** Tag 1031. */
    cashKopecks: kopecks("cash_kopecks").notNull().default(sql`0`),
    contact: text("contact"),
    neutral: jsonb("neutral"),
    externalId: text("external_id"),
    /** Number of external ids used so far. */
    tryNo: integer("try_no").notNull().default(1),
    requestBody: text("request_body"),
    requestSha256: text("request_sha256"),
    /** Steps of work done; a job names its step, so that two chains of jobs never run at once. */
    stepNo: integer("step_no").notNull().default(0),
    /** Failed sends in the present round; index into the retry plan. */
    sendCount: integer("send_count").notNull().default(0),
    pollCount: integer("poll_count").notNull().default(0),
    nextTryAt: at("next_try_at"),
    /** Taken by a worker until then; a dead worker's claim runs out (fiscal README 4). */
    claimedUntil: at("claimed_until"),
    failCode: text("fail_code"),
    failText: text("fail_text"),
    dueAt: at("due_at").notNull(),
    plannedAt: at("planned_at").notNull(),
    sentAt: at("sent_at"),
    registeredAt: at("registered_at"),
    fnNumber: text("fn_number"),
    fdNumber: text("fd_number"),
    fiscalSign: text("fiscal_sign"),
    registerNumber: text("register_number"),
    shiftNumber: integer("shift_number"),
    registeredAtLocal: text("registered_at_local"),
    ofdName: text("ofd_name"),
    receiptUrl: text("receipt_url"),
    qr: text("qr"),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [
    // A real receipt of test money, or at a test register, cannot be written down (PIL-03).
    foreignKey({ name: "receipts_fact_world", columns: [t.factId, t.isTest], foreignColumns: [moneyFacts.id, moneyFacts.isTest] }),
    foreignKey({ name: "receipts_order_world", columns: [t.orderId, t.isTest], foreignColumns: [orders.id, orders.isTest] }),
    foreignKey({ name: "receipts_connection_world", columns: [t.connectionId, t.isTest], foreignColumns: [connections.id, connections.isTest] }),
    // One receipt per settlement: a second one is the worst thing we can do (LOST-26).
    uniqueIndex("receipts_one_per_fact").on(t.factId, t.partNo).where(sql`state <> 'cancelled' and corrects_receipt_id is null`),
    uniqueIndex("receipts_one_per_shipment").on(t.shipmentId, t.partNo).where(sql`shipment_id is not null and state <> 'cancelled' and corrects_receipt_id is null`),
    uniqueIndex("receipts_external_id").on(t.connectionId, t.externalId),
    uniqueIndex("receipts_fiscal_document").on(t.fnNumber, t.fdNumber).where(sql`fn_number is not null`),
    // Corrections and reversals of a receipt; few.
    index("receipts_corrections").on(t.correctsReceiptId).where(sql`corrects_receipt_id is not null`),
    index("receipts_order").on(t.orderId),
    index("receipts_state").on(t.state, t.plannedAt),
    oneOf("receipts_state_known", t.state, receiptStates),
    oneOf("receipts_kind_known", t.kind, receiptKinds),
    check("receipts_money_within_total", sql`offset_kopecks >= 0 and credit_kopecks >= 0 and cash_kopecks >= 0 and offset_kopecks + credit_kopecks + cash_kopecks <= total_kopecks`),
    oneOf("receipts_purpose_known", t.purpose, receiptPurposes),
    check("receipts_reason_when_not_required", sql`state <> 'not_required' or reason_code is not null`),
    check("receipts_registered_has_fiscal_data", sql`state <> 'registered' or (fn_number is not null and fd_number is not null and fiscal_sign is not null)`),
    check("receipts_total_positive", sql`total_kopecks > 0`),
  ],
);

/** Lines of a receipt, bound to order lines so that later returns know what is left (FISC-45). */
export const receiptLines = pgTable(
  "receipt_lines",
  {
    receiptId: uuid("receipt_id").notNull().references(() => receipts.id),
    lineNo: integer("line_no").notNull(),
    orderLineId: uuid("order_line_id"),
    name: text("name").notNull(),
    quantity: text("quantity").notNull(),
    priceKopecks: kopecks("price_kopecks").notNull(),
    sumKopecks: kopecks("sum_kopecks").notNull(),
    vatRate: text("vat_rate").notNull(),
    vatKopecks: kopecks("vat_kopecks").notNull(),
    method: integer("method").notNull(),
    subject: integer("subject").notNull(),
    measure: integer("measure"),
    /** Code of one marked piece as the scanner read it (tag 2000, FISC-51). */
    markCode: text("mark_code"),
  },
  (t) => [
    uniqueIndex("receipt_lines_no").on(t.receiptId, t.lineNo),
    index("receipt_lines_order_line").on(t.orderLineId),
    check("receipt_lines_sum_positive", sql`sum_kopecks > 0`),
  ],
);
