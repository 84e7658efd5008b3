/** What the board of a pilot shows (PIL-06), read for staff; every figure comes from the database. */
import type { PayerKind } from "@/db/schema/index.ts";
import { maskName } from "@/lib/auth/scope.ts";
import type { Viewer } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import type { ReceiptState } from "@/lib/fiscal/states.ts";
import type { ExportState } from "@/lib/onec/states.ts";
import type { Lifecycle, PaymentStatus } from "@/lib/orders/states.ts";
import { openDiscrepancies, workedOrders } from "./pilot-orders-sql.ts";
import type { BoardOf } from "./pilot-orders-sql.ts";
import { checklistCodes } from "./states.ts";
import type { BatchKind, ChecklistItem, StoreMode } from "./states.ts";

export type PilotStore = { storeId: string; name: string; sellerName: string; mode: StoreMode };
export type OpenStop = { stopId: string; storeId: string | null; storeName: string | null; stoppedAt: Date; stoppedByName: string | null; reason: string };
export type ModeChangeRow = { at: Date; fromMode: StoreMode; toMode: StoreMode; actorName: string | null; reason: string };
export type BatchRow = {
  batchId: string; no: bigint; kind: BatchKind; payerKind: PayerKind | null; buyerName: string | null; manager: string | null; totalMaxKopecks: bigint | null; maxOrders: number; takenCount: number; endsAt: Date; createdAt: Date;
  createdByName: string | null; closedAt: Date | null; /** Named orders that 1C has not brought yet. */ awaited: string[];
};
export type ChecklistRow = { item: ChecklistItem; isDone: boolean; at: Date | null; byName: string | null };
export type Board = {
  taken: bigint; paid: bigint; averageSeconds: number | null; receiptsDue: bigint; receiptsInTime: bigint; messages: bigint; confirmed: bigint; discrepancies: bigint; manualActions: bigint;
};

/** Stores that this person may look at. */
export const listPilotStores = (ctx: Ctx, viewer: Viewer): Promise<PilotStore[]> => ctx.database.sql<PilotStore[]>`
  select s.id as store_id, s.name, o.brand_name as seller_name, s.mode from stores s join seller_orgs o on o.id = s.seller_org_id
   where true ${viewer.storeId ? ctx.database.sql`and s.id = ${viewer.storeId}` : ctx.database.sql``} order by s.name, s.id limit 200`;

/** Stops of payments that stand now; those of other stores are not this person's. */
export const listOpenStops = (ctx: Ctx, viewer: Viewer): Promise<OpenStop[]> => ctx.database.sql<OpenStop[]>`
  select p.id as stop_id, p.store_id, s.name as store_name, p.stopped_at, u.name as stopped_by_name, p.reason
    from payment_stops p left join stores s on s.id = p.store_id left join staff_users u on 'staff:' || u.id = p.stopped_by
   where p.resumed_at is null ${viewer.storeId ? ctx.database.sql`and (p.store_id is null or p.store_id = ${viewer.storeId})` : ctx.database.sql``} order by p.stopped_at limit 200`;

export const listModeChanges = (ctx: Ctx, storeId: string): Promise<ModeChangeRow[]> => ctx.database.sql<ModeChangeRow[]>`
  select c.at, c.from_mode, c.to_mode, u.name as actor_name, c.reason from store_mode_changes c left join staff_users u on 'staff:' || u.id = c.actor where c.store_id = ${storeId} order by c.no desc limit 20`;

export async function readBoard(ctx: Ctx, of: BoardOf): Promise<Board> {
  const { sql } = ctx.database;
  const [row] = await sql<Board[]>`
    with w as materialized (${workedOrders(sql, of)}),
    due as (select r.registered_at, r.due_at from receipts r join w on w.id = r.order_id where r.state not in ('cancelled', 'not_required') and (r.registered_at is not null or r.due_at <= ${ctx.now()})),
    told as (select e.state from export_messages e join w on w.id = e.order_id)
    select (select count(*) from w) as taken, (select count(*) from w where paid_at is not null) as paid,
           (select extract(epoch from avg(paid_at - created_at))::float8 from w where paid_at is not null) as average_seconds,
           (select count(*) from due) as receipts_due, (select count(*) from due where registered_at <= due_at) as receipts_in_time,
           (select count(*) from told) as messages, (select count(*) from told where state = 'confirmed') as confirmed,
           ${openDiscrepancies(sql, of, ["P1", "P2", "P3"])} as discrepancies,
           (select count(*) from order_events e join w on w.id = e.order_id where e.actor like 'staff:%') as manual_actions`;
  return row!;
}

export const listBatches = (ctx: Ctx, { storeId, isTest }: BoardOf): Promise<BatchRow[]> => ctx.database.sql<BatchRow[]>`
  select b.id as batch_id, b.no, b.kind, b.payer_kind, c.name as buyer_name, b.manager, b.total_max_kopecks, b.max_orders, b.taken_count, b.ends_at, b.created_at, u.name as created_by_name, b.closed_at,
         array(select p.ref from pilot_picks p where p.batch_id = b.id and p.removed_at is null
                and not exists (select 1 from orders o where o.pilot_batch_id = b.id and lower(p.ref) in (lower(o.number), lower(o.onec_number), lower(o.onec_guid))) order by p.added_at, p.ref limit 100) as awaited
    from pilot_batches b left join counterparties c on c.id = b.counterparty_id left join staff_users u on 'staff:' || u.id = b.created_by
   where b.store_id = ${storeId} and b.is_test = ${isTest} order by (b.closed_at is null) desc, b.no desc limit 50`;

export async function readChecklist(ctx: Ctx, { storeId, isTest }: BoardOf): Promise<ChecklistRow[]> {
  const rows = await ctx.database.sql<ChecklistRow[]>`
    select distinct on (t.item) t.item, t.is_done, t.at, u.name as by_name from pilot_ticks t left join staff_users u on 'staff:' || u.id = t.actor
     where t.store_id = ${storeId} and t.is_test = ${isTest} order by t.item, t.at desc, t.id desc`;
  return checklistCodes.map((item) => rows.find((row) => row.item === item) ?? { item, isDone: false, at: null, byName: null });
}

export type PilotOrderRow = {
  orderId: string; number: string; onecNumber: string | null; buyerName: string; orderDate: Date; totalKopecks: bigint; paymentStatus: PaymentStatus; lifecycle: Lifecycle; dueDate: string | null; onecPaymentNumber: string | null; paidAt: Date | null; batchNo: bigint | null; batchId: string | null;
  methods: PayMethodCode[]; receiptState: ReceiptState | null; exportState: ExportState | null; manualActions: bigint; /** Money was asked for: it stays to the end. */ hasBegun: boolean;
};
export const PILOT_ORDERS_PER_PAGE = 50;

/** The pilot's orders, newest first; `before` is the number of the last row seen. */
export async function listPilotOrders(ctx: Ctx, viewer: Viewer, of: BoardOf, before: string | null): Promise<{ rows: PilotOrderRow[]; next: string | null }> {
  const { sql } = ctx.database;
  const found = await sql<(PilotOrderRow & { no: bigint })[]>`
    with w as (${workedOrders(sql, of)})
    select w.id as order_id, w.no, w.number, w.onec_number, w.buyer_name, w.order_date, w.total_kopecks, w.payment_status, w.lifecycle, w.due_date, w.onec_payment_number, w.paid_at, b.no as batch_no, b.id as batch_id,
           array(select distinct f.method from allocations a join money_facts f on f.id = a.fact_id where a.order_id = w.id and f.kind = 'payment_captured') as methods,
           (select r.state from receipts r where r.order_id = w.id and r.state <> 'cancelled' order by array_position(array['failed_final', 'failed_retryable', 'unknown', 'planned', 'queued', 'sent', 'registered', 'not_required'], r.state) limit 1) as receipt_state,
           (select e.state from export_messages e where e.order_id = w.id order by array_position(array['rejected', 'pending', 'delivered', 'confirmed'], e.state) limit 1) as export_state,
           (select count(*) from order_events e where e.order_id = w.id and e.actor like 'staff:%') as manual_actions, order_began_here(w.id) as has_begun
      from w left join pilot_batches b on b.id = w.pilot_batch_id
     where true ${before !== null && /^\d{1,18}$/.test(before) ? sql`and w.no < ${before}::bigint` : sql``} order by w.no desc limit ${PILOT_ORDERS_PER_PAGE + 1}`;
  const rows = found.slice(0, PILOT_ORDERS_PER_PAGE);
  const next = found.length > PILOT_ORDERS_PER_PAGE ? rows.at(-1)!.no.toString() : null;
  return { rows: viewer.seesBuyers ? rows : rows.map((row) => ({ ...row, buyerName: maskName(row.buyerName) })), next };
}
