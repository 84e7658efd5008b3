import { customType, date, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { invoiceStates } from "../../lib/invoices/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { orders } from "./orders.ts";

const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** Счёт на оплату: a request to pay. An issued one is immutable; a change makes the next `version` (INV-3). */
export const invoices = pgTable(
  "invoices",
  {
    id: id(),
    orderId: uuid("order_id").notNull().references(() => orders.id),
    number: text("number").notNull(),
    version: integer("version").notNull(),
    state: text("state", { enum: invoiceStates }).notNull(),
    revisionNo: integer("revision_no").notNull(),
    totalKopecks: kopecks("total_kopecks").notNull(),
    /** Everything printed on it, amounts as decimal text. */
    content: jsonb("content").notNull(),
    pdf: bytea("pdf"),
    /** Unguessable part of `/i/{token}`. */
    token: text("token").notNull().unique(),
    issuedAt: at("issued_at").notNull(),
    validUntil: date("valid_until").notNull(),
    cancelledAt: at("cancelled_at"),
  },
  (t) => [
    uniqueIndex("invoices_version").on(t.orderId, t.version),
    index("invoices_number").on(t.number),
    oneOf("invoices_state_known", t.state, invoiceStates),
  ],
);
