import { sql } from "drizzle-orm";
import { bigint, check, index, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { at, id } from "./columns.ts";
import { connections } from "./connections.ts";
import { orders } from "./orders.ts";

/**
 * A request of an internet shop to take an order, under its idempotency key. Written before the order, so that a repeat of the request finds
 * the number that the first try took, whatever became of that try. Only `order_id` and `cancelled_at` change, once (trigger).
 */
export const shopOrders = pgTable(
  "shop_orders",
  {
    id: id(),
    shopConnectionId: uuid("shop_connection_id").notNull().references(() => connections.id),
    /** The 1C base that gets the order. */
    onecConnectionId: uuid("onec_connection_id").notNull().references(() => connections.id),
    idempotencyKey: text("idempotency_key").notNull(),
    /** sha256 of the request as we read it: the same key with another request is a mistake of the shop. */
    bodyHash: text("body_hash").notNull(),
    /** What the numbers that we give are made of. */
    no: bigint("no", { mode: "bigint" }).generatedAlwaysAsIdentity().notNull().unique(),
    /** Number of the order here and in 1C. */
    number: text("number").notNull(),
    /** Number in the shop when it is too long for 1C or was not given as ours. */
    shopNumber: text("shop_number"),
    /** Where the buyer goes back to; its origin was allowed when the order came. */
    returnUrl: text("return_url"),
    orderId: uuid("order_id").references(() => orders.id),
    createdAt: at("created_at").notNull(),
    cancelledAt: at("cancelled_at"),
  },
  (t) => [
    uniqueIndex("shop_orders_key").on(t.shopConnectionId, t.idempotencyKey),
    // Two requests with one number would be one order with two meanings.
    uniqueIndex("shop_orders_number").on(t.onecConnectionId, t.number),
    uniqueIndex("shop_orders_order").on(t.orderId).where(sql`order_id is not null`),
    index("shop_orders_created").on(t.shopConnectionId, t.createdAt),
    check("shop_orders_number_fits", sql`length(number) between 1 and 11`),
    check("shop_orders_key_short", sql`length(idempotency_key) between 1 and 128`),
    check("shop_orders_cancelled_exists", sql`cancelled_at is null or order_id is not null`),
  ],
);
