import { sql } from "drizzle-orm";
import { bigint, boolean, check, date, foreignKey, index, integer, json, jsonb, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { lifecycles, paymentStatuses } from "../../lib/orders/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { connections } from "./connections.ts";
import { counterparties, deferralBases, payerKinds, sellerOrgs, stores } from "./parties.ts";
import { pilotBatches } from "./pilot.ts";

/** What the pay page can offer; 1C or a shop may limit an order to some of it. */
export const payOffers = ["card", "sbp", "invoice"] as const;
export type PayOffer = (typeof payOffers)[number];

/**
 * An order, mastered by 1C (domain 1.2). Money columns are a cache of the ledger, written only by
 * `recomputeOrder` in the transaction that adds a fact or a revision (PAY-01, invariant 4).
 */
export const orders = pgTable(
  "orders",
  {
    id: id(),
    /** Short human number of ours; the stem of attempt references. */
    no: bigint("no", { mode: "bigint" }).generatedAlwaysAsIdentity().notNull().unique(),
    sellerOrgId: uuid("seller_org_id").notNull().references(() => sellerOrgs.id),
    storeId: uuid("store_id").notNull().references(() => stores.id),
    onecConnectionId: uuid("onec_connection_id"),
    /** The internet shop where the order was made; null: it was made in 1C. */
    shopConnectionId: uuid("shop_connection_id"),
    /** GUID of the 1C document: the stable key on the 1C side (CML-19). */
    onecGuid: text("onec_guid"),
    /** «Номер» of the exchange: the number on the site, what the buyer sees. */
    number: text("number").notNull(),
    /** False: it came by a door of its base that is no exchange file, and the file exchange does not know it by `number`. */
    inFile: boolean("in_file").notNull().default(true),
    /** «Номер по 1С». */
    onecNumber: text("onec_number"),
    onecDate: at("onec_date"),
    orderDate: at("order_date").notNull(),
    counterpartyId: uuid("counterparty_id").references(() => counterparties.id),
    payerKind: text("payer_kind", { enum: payerKinds }).notNull(),
    buyerName: text("buyer_name").notNull(),
    /** Contact for the receipt (tag 1008): given by 1C or by the buyer. */
    contact: text("contact"),
    comment: text("comment"),
    /** Who leads the order in 1C, as its document names them; null: the way in does not say. A pilot may choose by it (PIL-02). */
    manager: text("manager"),
    lifecycle: text("lifecycle", { enum: lifecycles }).notNull(),
    onecState: text("onec_state"),
    /** «Проведен»; an order that was never posted is not offered for payment. */
    isPosted: boolean("is_posted").notNull(),
    /** Number of the current revision. */
    revisionNo: integer("revision_no").notNull(),
    contentHash: text("content_hash").notNull(),
    /** T: total of the current revision. */
    totalKopecks: kopecks("total_kopecks").notNull(),
    /** False: Σ lines differs from the total (CML-18); no receipt is built without a person. */
    linesMatchTotal: boolean("lines_match_total").notNull(),
    /** C, V, F, B of PAY-05 and money on hold. */
    capturedKopecks: kopecks("captured_kopecks").notNull().default(sql`0`),
    reversedKopecks: kopecks("reversed_kopecks").notNull().default(sql`0`),
    refundedKopecks: kopecks("refunded_kopecks").notNull().default(sql`0`),
    chargedBackKopecks: kopecks("charged_back_kopecks").notNull().default(sql`0`),
    heldKopecks: kopecks("held_kopecks").notNull().default(sql`0`),
    /** R of PAY-05: goods that came back after shipment. */
    goodsReturnedKopecks: kopecks("goods_returned_kopecks").notNull().default(sql`0`),
    paymentStatus: text("payment_status", { enum: paymentStatuses }).notNull(),
    /** First moment N ≥ P > 0. */
    paidAt: at("paid_at"),
    /** «Оплачен по данным 1С»: document number and date (CML-21). */
    onecPaymentNumber: text("onec_payment_number"),
    onecPaymentAt: at("onec_payment_at"),
    /** Since when 1C's "fully paid" waits for an attempt of ours to end before its transfer is booked (CML-21). */
    closingWaitsSince: at("closing_waits_since"),
    onecShipmentNumber: text("onec_shipment_number"),
    onecShipmentAt: at("onec_shipment_at"),
    /** Deferral: pay until this day inclusive (B2B-02), computed when terms and base date are known. */
    dueDate: date("due_date"),
    /** Deferral of this order alone, as 1C said: 0 = none whatever the buyer has; null = the buyer's. */
    ownDeferralDays: integer("own_deferral_days"),
    ownDeferralDayKind: text("own_deferral_day_kind", { enum: ["calendar", "working"] }),
    ownDeferralBase: text("own_deferral_base", { enum: deferralBases }),
    reservedUntil: at("reserved_until"),
    /** First moment at which the order may not be paid any more, as 1C or the shop said; the pay link lives until then. Null: a link lives `link.validDays` and is renewed. */
    payUntil: at("pay_until"),
    /** The only methods that its pay page offers; null = all. */
    payMethods: text("pay_methods", { enum: payOffers }).array(),
    /** Version of the document by 1C's own count (API-15); null = it came by a door that has none. */
    onecVersion: bigint("onec_version", { mode: "number" }),
    /** Grows with each change that 1C must learn; a query gives out a version, `success` takes that version (CML-16). */
    exportVersion: integer("export_version").notNull().default(0),
    /** Version that 1C took with `success`. */
    exportedVersion: integer("exported_version").notNull().default(0),
    /** The pilot's selection that chose it, once (PIL-02); null = none. */
    pilotBatchId: uuid("pilot_batch_id"),
    /** Born from a test connection (PIL-03); for life. */
    isTest: boolean("is_test").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [
    uniqueIndex("orders_onec_guid").on(t.onecConnectionId, t.onecGuid),
    uniqueIndex("orders_number").on(t.onecConnectionId, t.number),
    // People and programs at 1C call an order by 1C's number; most orders have one number for both sides.
    index("orders_onec_number").on(t.onecConnectionId, t.onecNumber).where(sql`onec_number <> number`),
    // The staff's list, one page at a time; read backwards for newest and greatest first.
    index("orders_date").on(t.isTest, t.orderDate, t.id),
    index("orders_total").on(t.isTest, t.totalKopecks, t.id),
    index("orders_status").on(t.paymentStatus, t.orderDate),
    index("orders_counterparty").on(t.counterpartyId),
    index("orders_to_export").on(t.onecConnectionId, t.updatedAt).where(sql`export_version > exported_version`),
    // Orders of shops that 1C does not have: few, looked for every minute.
    index("orders_shop_unbound").on(t.onecConnectionId).where(sql`shop_connection_id is not null and onec_guid is null`),
    index("orders_pilot").on(t.pilotBatchId).where(sql`pilot_batch_id is not null`),
    unique("orders_world").on(t.id, t.isTest),
    foreignKey({ name: "orders_onec_world", columns: [t.onecConnectionId, t.isTest], foreignColumns: [connections.id, connections.isTest] }),
    foreignKey({ name: "orders_shop_world", columns: [t.shopConnectionId, t.isTest], foreignColumns: [connections.id, connections.isTest] }),
    foreignKey({ name: "orders_pilot_world", columns: [t.pilotBatchId, t.isTest], foreignColumns: [pilotBatches.id, pilotBatches.isTest] }),
    index("orders_closing_waits").on(t.closingWaitsSince).where(sql`closing_waits_since is not null`),
    oneOf("orders_lifecycle_known", t.lifecycle, lifecycles),
    oneOf("orders_payment_status_known", t.paymentStatus, paymentStatuses),
    oneOf("orders_payer_kind_known", t.payerKind, payerKinds),
    check("orders_total_not_negative", sql`${t.totalKopecks} >= 0`),
    check("orders_manager_short", sql`length(manager) between 1 and 200`),
    check("orders_pay_methods_known", sql`pay_methods <@ array['card', 'sbp', 'invoice'] and cardinality(pay_methods) > 0`),
    check("orders_own_deferral_whole", sql`own_deferral_days between 0 and 3650 and (own_deferral_days is null) = (own_deferral_day_kind is null) and (own_deferral_days is null) = (own_deferral_base is null)`),
    check("orders_money_not_negative", sql`captured_kopecks >= 0 and reversed_kopecks >= 0 and refunded_kopecks >= 0 and charged_back_kopecks >= 0 and held_kopecks >= 0 and goods_returned_kopecks >= 0`),
  ],
);

/** Every upload that changes lines or total is a new row; never updated (append-only). */
export const orderRevisions = pgTable(
  "order_revisions",
  {
    id: id(),
    orderId: uuid("order_id").notNull().references(() => orders.id),
    no: integer("no").notNull(),
    totalKopecks: kopecks("total_kopecks").notNull(),
    vatKopecks: kopecks("vat_kopecks"),
    contentHash: text("content_hash").notNull(),
    /** The document as read from the file, amounts as decimal text, for the exact echo. `json`: kept as written, never searched, a third of the time of jsonb. */
    source: json("source").notNull(),
    receivedAt: at("received_at").notNull(),
  },
  (t) => [uniqueIndex("order_revisions_no").on(t.orderId, t.no)],
);

export const lineKinds = ["goods", "service"] as const;

/** Lines of one revision; never updated (append-only). */
export const orderLines = pgTable(
  "order_lines",
  {
    id: id(),
    revisionId: uuid("revision_id").notNull().references(() => orderRevisions.id),
    lineNo: integer("line_no").notNull(),
    onecItemId: text("onec_item_id"),
    sku: text("sku"),
    name: text("name").notNull(),
    kind: text("kind", { enum: lineKinds }).notNull(),
    unitCode: text("unit_code"),
    unitName: text("unit_name"),
    /** Decimal text, up to 3 places (NUM-03). */
    quantity: text("quantity").notNull(),
    /** Price of a unit before discounts, as 1C shows it. */
    priceKopecks: kopecks("price_kopecks").notNull(),
    /** Line total with VAT after discounts: what is paid and printed. */
    sumKopecks: kopecks("sum_kopecks").notNull(),
    vatRate: text("vat_rate").notNull(),
    vatKopecks: kopecks("vat_kopecks").notNull(),
  },
  (t) => [
    uniqueIndex("order_lines_no").on(t.revisionId, t.lineNo),
    oneOf("order_lines_kind_known", t.kind, lineKinds),
    check("order_lines_sum_not_negative", sql`${t.sumKopecks} >= 0`),
  ],
);

/**
 * What happened to an order, in order; append-only. The money timeline (A3) is read from here. `detail` holds ids and
 * decimal-string sums for the sentence; raw exchanges stand in `exchange_log`.
 */
export const orderEvents = pgTable(
  "order_events",
  {
    id: id(),
    orderId: uuid("order_id").notNull().references(() => orders.id),
    at: at("at").notNull(),
    kind: text("kind").notNull(),
    /** `system`, `buyer`, `onec`, `provider`, or `staff:<id>`. */
    actor: text("actor").notNull(),
    amountKopecks: kopecks("amount_kopecks"),
    subjectId: uuid("subject_id"),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull(),
  },
  (t) => [index("order_events_order").on(t.orderId, t.at)],
);
