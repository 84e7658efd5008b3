/** What reconciliation found, and the days that are closed over it. */
import { sql } from "drizzle-orm";
import { boolean, check, date, index, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { discrepancyStates } from "../../lib/reconciliation/states.ts";
import { alerts } from "./alerts.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { moneyFacts } from "./ledger.ts";
import { orders } from "./orders.ts";
import { bankStatementLines, registryEntries, settlements } from "./reconciliation.ts";

/** A difference between two of the five sources (5.2). One open row per class and object; nothing is deleted (REC-11). */
export const discrepancies = pgTable(
  "discrepancies",
  {
    id: id(),
    class: text("class").notNull(),
    objectKey: text("object_key").notNull(),
    severity: text("severity", { enum: ["P1", "P2", "P3"] }).notNull(),
    state: text("state", { enum: discrepancyStates }).notNull(),
    connectionId: uuid("connection_id").references(() => connections.id),
    businessDate: date("business_date").notNull(),
    oursKopecks: kopecks("ours_kopecks"),
    theirsKopecks: kopecks("theirs_kopecks"),
    orderId: uuid("order_id").references(() => orders.id),
    factId: uuid("fact_id").references(() => moneyFacts.id),
    entryId: uuid("entry_id").references(() => registryEntries.id),
    settlementId: uuid("settlement_id").references(() => settlements.id),
    bankLineId: uuid("bank_line_id").references(() => bankStatementLines.id),
    receiptId: uuid("receipt_id"),
    shipmentId: uuid("shipment_id"),
    alertId: uuid("alert_id").references(() => alerts.id),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull(),
    /** Until then it is only `expected` (REC-04). */
    dueAt: at("due_at").notNull(),
    foundAt: at("found_at").notNull(),
    lastSeenAt: at("last_seen_at").notNull(),
    openedAt: at("opened_at"),
    closedAt: at("closed_at"),
    closedBy: text("closed_by"),
    resolution: text("resolution"),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [
    uniqueIndex("discrepancies_one_open").on(t.class, t.objectKey).where(sql`state in ('expected', 'open')`),
    index("discrepancies_day").on(t.isTest, t.businessDate),
    index("discrepancies_state").on(t.state, t.dueAt),
    index("discrepancies_order").on(t.orderId),
    index("discrepancies_fact").on(t.factId),
    oneOf("discrepancies_state_known", t.state, discrepancyStates),
    check("discrepancies_closed_has_reason", sql`state in ('expected', 'open') or (closed_at is not null and closed_by is not null and resolution is not null)`),
  ],
);

/**
 * A business day whose figures are fixed (REC-10, invariant 20): while one is closed, a trigger refuses facts of that day, and
 * late money counts on the first open day after it. Reopening keeps the row.
 */
export const closedDays = pgTable(
  "closed_days",
  {
    id: id(),
    day: date("day").notNull(),
    isTest: boolean("is_test").notNull(),
    /** Totals by connection, method and kind at the moment of closing, kopecks as text. */
    figures: jsonb("figures").$type<Record<string, unknown>>().notNull(),
    closedBy: text("closed_by").notNull(),
    closedAt: at("closed_at").notNull(),
    reopenedBy: text("reopened_by"),
    reopenedAt: at("reopened_at"),
    reopenReason: text("reopen_reason"),
  },
  (t) => [
    uniqueIndex("closed_days_one").on(t.isTest, t.day).where(sql`reopened_at is null`),
    check("closed_days_reopened_says_why", sql`reopened_at is null or (reopened_by is not null and reopen_reason is not null)`),
  ],
);
