import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { billCloseReasons } from "../../lib/onec/paykeeper/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { moneyFacts } from "./ledger.ts";
import { orders } from "./orders.ts";

/**
 * An invoice that 1C made through the PayKeeper-compatible door: what its code knows by digits and its buyer by a secret address. What is
 * due and paid is the order's; a bill only says what 1C asked for and whom it was sent to. Number, token and order never change (trigger).
 */
export const bills = pgTable(
  "bills",
  {
    id: id(),
    connectionId: uuid("connection_id").notNull().references(() => connections.id),
    orderId: uuid("order_id").notNull().references(() => orders.id),
    /** `invoice_id`: 17 digits, local time of its birth and three more (API-5). It can be guessed and opens nothing. */
    number: bigint("number", { mode: "bigint" }).notNull().unique(),
    /** 256 random bits of its address. */
    token: text("token").notNull().unique(),
    /** `orderid` as 1C wrote it; empty when it gave none (API-11). */
    orderRef: text("order_ref").notNull(),
    /** The order was born by this door and its one line is ours to write; false: it came by another door with lines of its own (API-13). */
    ownsOrder: boolean("owns_order").notNull(),
    amountKopecks: kopecks("amount_kopecks").notNull(),
    serviceName: text("service_name").notNull(),
    clientName: text("client_name").notNull(),
    email: text("email").notNull(),
    phone: text("phone"),
    /** First moment at which it may not be paid any more; null: no limit was given. */
    expiresAt: at("expires_at"),
    /** Grows when the sum changes (API-9). */
    version: integer("version").notNull().default(1),
    sendCount: integer("send_count").notNull().default(0),
    sentAt: at("sent_at"),
    sentTo: text("sent_to"),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
    closedAt: at("closed_at"),
    closeReason: text("close_reason", { enum: billCloseReasons }),
  },
  (t) => [
    // One open bill per order: a job that repeats must not bother the buyer (API-9).
    uniqueIndex("bills_one_open").on(t.orderId).where(sql`closed_at is null`),
    index("bills_created").on(t.connectionId, t.createdAt),
    index("bills_order").on(t.orderId),
    oneOf("bills_close_reason_known", t.closeReason, billCloseReasons),
    check("bills_amount_positive", sql`${t.amountKopecks} > 0`),
    check("bills_number_short", sql`${t.number} between 1 and 999999999999999999`),
    check("bills_closed_whole", sql`(closed_at is null) = (close_reason is null)`),
    check("bills_sent_whole", sql`(send_count = 0) = (sent_at is null) and (sent_at is null) = (sent_to is null)`),
  ],
);

/** The notification in PayKeeper's manner about one payment of a bill (json-api.md 2.3), while it is owed and after. */
export const billNotices = pgTable(
  "bill_notices",
  {
    factId: uuid("fact_id").primaryKey().references(() => moneyFacts.id),
    billId: uuid("bill_id").notNull().references(() => bills.id),
    tries: integer("tries").notNull().default(0),
    /** Null: it was taken. */
    nextTryAt: at("next_try_at"),
    claimedUntil: at("claimed_until"),
    takenAt: at("taken_at"),
    /** Why the last try was none. */
    note: text("note"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    index("bill_notices_due").on(t.nextTryAt).where(sql`next_try_at is not null`),
    index("bill_notices_bill").on(t.billId),
    check("bill_notices_taken_whole", sql`(taken_at is null) <> (next_try_at is null)`),
  ],
);
