import { sql } from "drizzle-orm";
import { boolean, check, date, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import type { SaidDocument } from "../../lib/shipments/said-document.ts";
import { shipmentSources } from "../../lib/shipments/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { orderLines, orders } from "./orders.ts";

/** Goods handed over (реализация): makes the debt and the closing receipt. Mastered by 1C; append-only. */
export const shipments = pgTable(
  "shipments",
  {
    id: id(),
    orderId: uuid("order_id").notNull(),
    /** GUID of 1C's document; for stock 1C, which names only the last number, `status:…` (lib/shipments/unship-reported.ts). */
    documentKey: text("document_key").notNull(),
    number: text("number"),
    shippedAt: at("shipped_at").notNull(),
    businessDate: date("business_date").notNull(),
    /** Σ lines. */
    totalKopecks: kopecks("total_kopecks").notNull(),
    source: text("source", { enum: shipmentSources }).notNull(),
    /** 1C's own words where a document was told: what is recorded of it may be less. Null = the lines are its words. */
    said: jsonb("said").$type<SaidDocument>(),
    recordedAt: at("recorded_at").notNull(),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [foreignKey({ name: "shipments_order_world", columns: [t.orderId, t.isTest], foreignColumns: [orders.id, orders.isTest] }), uniqueIndex("shipments_document").on(t.orderId, t.documentKey), oneOf("shipments_source_known", t.source, shipmentSources), check("shipments_total_not_negative", sql`${t.totalKopecks} >= 0`)],
);

export const shipmentLines = pgTable(
  "shipment_lines",
  {
    shipmentId: uuid("shipment_id").notNull().references(() => shipments.id),
    lineNo: integer("line_no").notNull(),
    orderLineId: uuid("order_line_id").references(() => orderLines.id),
    name: text("name").notNull(),
    kind: text("kind", { enum: ["goods", "service"] }).notNull(),
    unitCode: text("unit_code"),
    quantity: text("quantity").notNull(),
    sumKopecks: kopecks("sum_kopecks").notNull(),
    vatRate: text("vat_rate").notNull(),
    /** Codes of marked goods, one per unit (FISC-51). */
    markCodes: text("mark_codes").array(),
  },
  (t) => [uniqueIndex("shipment_lines_no").on(t.shipmentId, t.lineNo), index("shipment_lines_order_line").on(t.orderLineId)],
);

/** A code of marked goods that 1C gave after their hand-over was recorded (FISC-51); together with the others of its line. Append-only. */
export const shipmentCodes = pgTable(
  "shipment_codes",
  {
    shipmentId: uuid("shipment_id").notNull(),
    lineNo: integer("line_no").notNull(),
    /** 1C's document that named it first. */
    documentKey: text("document_key").notNull(),
    markCode: text("mark_code").notNull(),
    toldAt: at("told_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.shipmentId, t.lineNo, t.markCode] }),
    foreignKey({ name: "shipment_codes_line", columns: [t.shipmentId, t.lineNo], foreignColumns: [shipmentLines.shipmentId, shipmentLines.lineNo] }),
    check("shipment_codes_some", sql`mark_code <> ''`),
  ],
);

/** Hand-overs that 1C took back before anything stood on them: they count no more. What counts: the view `standing_shipments`. Append-only. */
export const shipmentWithdrawals = pgTable("shipment_withdrawals", {
  shipmentId: uuid("shipment_id").primaryKey().references(() => shipments.id),
  toldAt: at("told_at").notNull(),
});

/** Goods that came back after shipment: R of PAY-05. Reduces what the buyer owes; it is not the money. Append-only. */
export const goodsReturns = pgTable(
  "goods_returns",
  {
    id: id(),
    orderId: uuid("order_id").notNull(),
    documentKey: text("document_key").notNull(),
    number: text("number"),
    returnedAt: at("returned_at").notNull(),
    totalKopecks: kopecks("total_kopecks").notNull(),
    source: text("source", { enum: shipmentSources }).notNull(),
    /** 1C's own words where a document was told: what is recorded of it may be less. Null = the lines are its words. */
    said: jsonb("said").$type<SaidDocument>(),
    recordedAt: at("recorded_at").notNull(),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [foreignKey({ name: "goods_returns_order_world", columns: [t.orderId, t.isTest], foreignColumns: [orders.id, orders.isTest] }), uniqueIndex("goods_returns_document").on(t.orderId, t.documentKey), check("goods_returns_total_positive", sql`${t.totalKopecks} > 0`)],
);

export const goodsReturnLines = pgTable(
  "goods_return_lines",
  {
    goodsReturnId: uuid("goods_return_id").notNull().references(() => goodsReturns.id),
    lineNo: integer("line_no").notNull(),
    orderLineId: uuid("order_line_id").references(() => orderLines.id),
    quantity: text("quantity").notNull(),
    sumKopecks: kopecks("sum_kopecks").notNull(),
  },
  (t) => [uniqueIndex("goods_return_lines_no").on(t.goodsReturnId, t.lineNo)],
);
