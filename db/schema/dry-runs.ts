import { boolean, check, foreignKey, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { sql } from "drizzle-orm";
import { dryRunKinds } from "../../lib/pilot/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { moneyFacts } from "./ledger.ts";
import { orders } from "./orders.ts";
import { receiptKinds, receiptPurposes } from "./fiscal.ts";

/**
 * What would have gone out for an order that is not in work (PIL-01): built, kept for viewing, and in no queue. A table of its own, so that
 * nothing that sends receipts or documents can ever meet one. Append-only.
 */
export const dryRuns = pgTable(
  "dry_runs",
  {
    id: id(),
    orderId: uuid("order_id").notNull(),
    kind: text("kind", { enum: dryRunKinds }).notNull(),
    /** What it is about: `payment:<document>`, `shipment:<id>`, `fact:<id>`. The same again is the same dry run. */
    key: text("key").notNull(),
    revisionNo: integer("revision_no").notNull(),
    /** Of money that was recorded and is not told to 1C. */
    factId: uuid("fact_id").references(() => moneyFacts.id),
    amountKopecks: kopecks("amount_kopecks").notNull(),
    /** Of a receipt. */
    purpose: text("purpose", { enum: receiptPurposes }),
    receiptKind: text("receipt_kind", { enum: receiptKinds }),
    /** Lines and payments of the receipt, or the fields of the document; sums as decimal kopeck text. */
    content: jsonb("content").$type<Record<string, unknown>>().notNull(),
    /** Russian: why it could not have been sent, or why none is due; null = it would have gone. */
    problem: text("problem"),
    isProblem: boolean("is_problem").notNull(),
    createdAt: at("created_at").notNull(),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [
    uniqueIndex("dry_runs_key").on(t.orderId, t.kind, t.key),
    index("dry_runs_fact").on(t.factId).where(sql`fact_id is not null`),
    index("dry_runs_created").on(t.isTest, t.createdAt),
    foreignKey({ name: "dry_runs_order_world", columns: [t.orderId, t.isTest], foreignColumns: [orders.id, orders.isTest] }),
    oneOf("dry_runs_kind_known", t.kind, dryRunKinds),
    check("dry_runs_amount_positive", sql`${t.amountKopecks} > 0`),
    check("dry_runs_problem_has_words", sql`not is_problem or problem is not null`),
  ],
);
