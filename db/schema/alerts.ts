import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { orders } from "./orders.ts";

export const alertStates = ["firing", "acknowledged", "resolved", "muted"] as const;
export const severities = ["P1", "P2", "P3", "P4"] as const;

/** Something a person must look at (domain 6.1). One open row per code and object; equal events are counted. */
export const alerts = pgTable(
  "alerts",
  {
    id: id(),
    /** `ALR-nn`. */
    code: text("code").notNull(),
    objectKey: text("object_key").notNull(),
    orderId: uuid("order_id").references(() => orders.id),
    severity: text("severity", { enum: severities }).notNull(),
    state: text("state", { enum: alertStates }).notNull(),
    /** One Russian sentence: what happened. */
    title: text("title").notNull(),
    /** What to do. */
    advice: text("advice").notNull(),
    amountKopecks: kopecks("amount_kopecks"),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull(),
    count: integer("count").notNull().default(1),
    firstAt: at("first_at").notNull(),
    lastAt: at("last_at").notNull(),
    acknowledgedBy: uuid("acknowledged_by"),
    acknowledgedAt: at("acknowledged_at"),
    resolvedAt: at("resolved_at"),
  },
  (t) => [
    uniqueIndex("alerts_one_open").on(t.code, t.objectKey).where(sql`state <> 'resolved'`),
    index("alerts_state").on(t.state, t.lastAt),
    index("alerts_order").on(t.orderId),
    oneOf("alerts_state_known", t.state, alertStates),
    oneOf("alerts_severity_known", t.severity, severities),
  ],
);
