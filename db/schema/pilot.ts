import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, jsonb, pgTable, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { batchKinds, checklistCodes, storeModes } from "../../lib/pilot/states.ts";
import { at, id, kopecks, oneOf } from "./columns.ts";
import { counterparties, payerKinds, stores } from "./parties.ts";

/** Each change of a store's mode (PIL-01); append-only. A trigger lets `stores.mode` change only as the newest row here says. */
export const storeModeChanges = pgTable(
  "store_mode_changes",
  {
    id: id(),
    no: bigint("no", { mode: "bigint" }).generatedAlwaysAsIdentity().notNull(),
    storeId: uuid("store_id").notNull().references(() => stores.id),
    fromMode: text("from_mode", { enum: storeModes }).notNull(),
    toMode: text("to_mode", { enum: storeModes }).notNull(),
    at: at("at").notNull(),
    actor: text("actor").notNull(),
    reason: text("reason").notNull(),
    /** The exit rule's conditions as they stood (PIL-06); null where the move needs none. */
    evidence: jsonb("evidence").$type<Record<string, unknown>>(),
  },
  (t) => [
    index("store_mode_changes_store").on(t.storeId, t.no),
    // Back at once, forward as far as the pilot, live from the pilot alone (`modeMoves`).
    check("store_mode_changes_allowed", sql`from_mode <> to_mode and from_mode in ('off', 'sandbox', 'shadow', 'pilot', 'live')
      and (to_mode in ('off', 'sandbox', 'shadow') or (to_mode = 'pilot') or (to_mode = 'live' and from_mode = 'pilot'))`),
  ],
);

/** The kill switch (PIL-05): no new attempts, links and invoices while a row is open. A row changes once, when taking money goes on. */
export const paymentStops = pgTable(
  "payment_stops",
  {
    id: id(),
    /** Null: every store. */
    storeId: uuid("store_id").references(() => stores.id),
    stoppedAt: at("stopped_at").notNull(),
    stoppedBy: text("stopped_by").notNull(),
    reason: text("reason").notNull(),
    resumedAt: at("resumed_at"),
    resumedBy: text("resumed_by"),
    resumeReason: text("resume_reason"),
  },
  () => [
    uniqueIndex("payment_stops_one_open").on(sql`coalesce(store_id, '00000000-0000-0000-0000-000000000000'::uuid)`).where(sql`resumed_at is null`),
    check("payment_stops_resumed_whole", sql`(resumed_at is null) = (resumed_by is null) and (resumed_at is null) = (resume_reason is null)`),
  ],
);

/** A selection of orders that a pilot store works with (PIL-02). */
export const pilotBatches = pgTable(
  "pilot_batches",
  {
    id: id(),
    /** Number for people: «Пилот № 3». */
    no: bigint("no", { mode: "bigint" }).generatedAlwaysAsIdentity().notNull().unique(),
    storeId: uuid("store_id").notNull().references(() => stores.id),
    /** `list`: the orders named in `pilot_picks`; `rule`: besides them new orders that fit what follows. */
    kind: text("kind", { enum: batchKinds }).notNull(),
    /** Null: any. */
    payerKind: text("payer_kind", { enum: payerKinds }),
    counterpartyId: uuid("counterparty_id").references(() => counterparties.id),
    /** Name of who leads the order in 1C, whatever its case; null: anybody. */
    manager: text("manager"),
    /** Orders of at most this total; null: any. */
    totalMaxKopecks: kopecks("total_max_kopecks"),
    maxOrders: integer("max_orders").notNull(),
    /** Orders chosen so far; kept by a trigger on `orders`, so that two intakes cannot pass the cap together. */
    takenCount: integer("taken_count").notNull().default(0),
    /** From this moment on the batch chooses no more. */
    endsAt: at("ends_at").notNull(),
    createdAt: at("created_at").notNull(),
    createdBy: text("created_by").notNull(),
    closedAt: at("closed_at"),
    closedBy: text("closed_by"),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [
    index("pilot_batches_open").on(t.storeId, t.createdAt).where(sql`closed_at is null`),
    unique("pilot_batches_world").on(t.id, t.isTest),
    oneOf("pilot_batches_kind_known", t.kind, batchKinds),
    oneOf("pilot_batches_payer_kind_known", t.payerKind, payerKinds),
    check("pilot_batches_cap", sql`max_orders between 1 and 10000 and taken_count between 0 and max_orders`),
    check("pilot_batches_total_positive", sql`total_max_kopecks is null or total_max_kopecks > 0`),
    check("pilot_batches_list_has_no_rule", sql`kind = 'rule' or (payer_kind is null and counterparty_id is null and manager is null and total_max_kopecks is null)`),
    check("pilot_batches_closed_by_somebody", sql`(closed_at is null) = (closed_by is null)`),
  ],
);

/** Orders named for a batch by number or GUID, before or after 1C brought them. */
export const pilotPicks = pgTable(
  "pilot_picks",
  {
    id: id(),
    batchId: uuid("batch_id").notNull().references(() => pilotBatches.id),
    /** Number on the site, number in 1C or GUID, as typed. */
    ref: text("ref").notNull(),
    addedAt: at("added_at").notNull(),
    addedBy: text("added_by").notNull(),
    removedAt: at("removed_at"),
    removedBy: text("removed_by"),
  },
  (t) => [
    uniqueIndex("pilot_picks_ref").on(t.batchId, sql`lower(ref)`).where(sql`removed_at is null`),
    check("pilot_picks_ref_short", sql`length(ref) between 1 and 64`),
  ],
);

/** Ticks of the staff's checklist; append-only, the newest row of an item is its state. */
export const pilotTicks = pgTable(
  "pilot_ticks",
  {
    id: id(),
    storeId: uuid("store_id").notNull().references(() => stores.id),
    item: text("item", { enum: checklistCodes as [string, ...string[]] }).notNull(),
    isDone: boolean("is_done").notNull(),
    at: at("at").notNull(),
    actor: text("actor").notNull(),
    isTest: boolean("is_test").notNull(),
  },
  (t) => [index("pilot_ticks_item").on(t.storeId, t.isTest, t.item, t.at), oneOf("pilot_ticks_item_known", t.item, checklistCodes)],
);
