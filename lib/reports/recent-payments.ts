import type { Viewer } from "@/lib/auth/scope.ts";
import { maskName } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import { shownStateSql } from "@/lib/exports/index.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import type { AttemptState } from "@/lib/payments/states.ts";

export type RecentPayment = {
  key: string; at: Date; orderId: string | null; number: string | null; buyerName: string | null; method: PayMethodCode; amountKopecks: bigint;
  /** State of the attempt; money that came without one has succeeded. */
  state: AttemptState;
  receiptState: string | null; receiptNextTryAt: Date | null; fdNumber: string | null; exportState: string | null;
};

const ROWS = 12;

/** The latest attempts and the latest money that came without one (transfers), newest first. */
export async function readRecentPayments(ctx: Ctx, viewer: Viewer, isTest: boolean): Promise<RecentPayment[]> {
  const { sql } = ctx.database;
  const inStore = viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``;
  const rows = await sql<RecentPayment[]>`
    with latest as (
      (select a.id::text as key, coalesce(f.occurred_at, a.created_at) as at, a.order_id, o.number, o.buyer_name, a.method, coalesce(f.amount_kopecks, a.amount_kopecks) as amount_kopecks, a.state, f.id as fact_id
         from payment_attempts a join orders o on o.id = a.order_id left join money_facts f on f.attempt_id = a.id and f.kind = 'payment_captured'
        where a.is_test = ${isTest} ${inStore} order by a.created_at desc limit ${ROWS})
      union all
      (select f.id::text, f.occurred_at, l.order_id, o.number, o.buyer_name, f.method, l.amount_kopecks, 'succeeded', f.id
         from money_facts f join allocations l on l.fact_id = f.id left join orders o on o.id = l.order_id
        where f.kind = 'payment_captured' and f.attempt_id is null and f.is_test = ${isTest} and l.amount_kopecks > 0 ${inStore} order by f.business_date desc, f.occurred_at desc limit ${ROWS})
    )
    select l.key, l.at, l.order_id, l.number, l.buyer_name, l.method, l.amount_kopecks, l.state, r.state as receipt_state, r.next_try_at as receipt_next_try_at, r.fd_number, x.state as export_state
      from latest l left join receipts r on r.fact_id = l.fact_id and r.state <> 'cancelled' left join lateral (select ${shownStateSql(sql)} as state
            from export_messages m join money_facts f on f.id = m.fact_id join orders o on o.id = m.order_id join connections k on k.id = m.connection_id where m.fact_id = l.fact_id limit 1) x on true
     order by l.at desc limit ${ROWS}`;
  return viewer.seesBuyers ? rows : rows.map((row) => ({ ...row, buyerName: row.buyerName === null ? null : maskName(row.buyerName) }));
}
