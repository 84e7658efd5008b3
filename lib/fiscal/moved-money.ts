/** Where receipts account for money that staff moved between orders or kept as the buyer's advance (LOST-09). */
import type { Sql, Tx } from "@/db/index.ts";
import { cameBackSql } from "@/lib/refunds/standing-return.ts";

type Sqlish = ReturnType<Tx>;

/**
 * Ids of the receipts of a fact that are not cancelled, and of their corrections. `factId` is a SQL expression, here and below. Written so that the
 * indexes of both are used: a payment's receipts are looked up while its order is held.
 */
export const receiptIdsSql = (on: Sql | Tx, factId: Sqlish): Sqlish => (on as Tx)`(
  with own as (select x.id from receipts x where x.fact_id = ${factId} and x.state <> 'cancelled' and x.corrects_receipt_id is null)
  select id from own union all select v.id from own join receipts v on v.corrects_receipt_id = own.id)`;

/** The order whose receipts took a payment's money, wherever it was moved since; null while none stands. */
export const incomeOrderSql = (on: Sql | Tx, factId: Sqlish): Sqlish => (on as Tx)`(
  select x.order_id from receipts x where x.fact_id = ${factId} and x.state <> 'cancelled' and x.corrects_receipt_id is null and (x.state <> 'not_required' or x.reason_code = 'corrected') order by x.part_no limit 1)`;

/** The order on whose receipts a kept advance is given back: the one that the money left last; null when no receipt took it. */
export const keptOrderSql = (on: Sql | Tx, factId: Sqlish): Sqlish => (on as Tx)`(
  select coalesce((select y.order_id from allocations y where y.fact_id = ${factId} and y.amount_kopecks < 0 and y.order_id is not null order by y.created_at desc, y.id desc limit 1), i.order_id)
    from (select ${incomeOrderSql(on, factId)} as order_id) i where i.order_id is not null)`;

/** A receipt (alias `r`) that says something of what was given back: also a return that a person closed, as long as its money is gone. */
export const standingReturnSql = (on: Sql | Tx): Sqlish => (on as Tx)`(
  r.state not in ('cancelled', 'not_required') or (r.reason_code = 'closed_by_staff' and r.kind in ('income_return', 'income_return_correction') and not ${cameBackSql(on)}))`;

/** It carries a sum and no goods: no receipt of the order covered it. */
export const uncoveredSql = (on: Sql | Tx): Sqlish => (on as Tx)`r.fail_code is not distinct from 'RETURN_NOT_COVERED'`;

export type Moved = {
  /** Came here beyond the receipts of the order, or (negative) left it, kopecks. */
  movedKopecks: bigint;
  /** Went back past the receipts of the order: over the store's register, or uncovered. */
  outsideKopecks: bigint;
};

/**
 * What of an order's money its receipts do not say. What the buyer kept as an advance and got back on receipts of this order has not left it;
 * `planningFactId` is a return whose receipts are being made now.
 */
export async function readMoved(tx: Tx | Sql, orderId: string, planningFactId: string | null): Promise<Moved> {
  const on = tx as Tx;
  const [row] = await on<Moved[]>`
    with bound as (
      select a.fact_id, f.amount_kopecks, sum(a.amount_kopecks) as here, ${incomeOrderSql(on, on`a.fact_id`)} as income_order_id, ${keptOrderSql(on, on`a.fact_id`)} as kept_order_id
        from allocations a join money_facts f on f.id = a.fact_id
       where a.order_id = ${orderId} and f.kind = 'payment_captured' and f.fiscal_owner = 'site' group by a.fact_id, f.amount_kopecks),
    returned as (
      select b.fact_id,
             coalesce(sum(a.amount_kopecks) filter (where a.order_id is null and (
               (g.id = ${planningFactId}::uuid and b.kept_order_id = ${orderId}) or exists (select 1 from receipts r where r.fact_id = g.id and r.order_id = ${orderId} and ${standingReturnSql(on)}))), 0) as kept_back,
             coalesce(sum(a.amount_kopecks) filter (where a.order_id = ${orderId} and g.fiscal_owner <> 'site'), 0) as elsewhere
        from bound b join money_facts g on g.parent_fact_id = b.fact_id and g.kind = 'refund_succeeded' join allocations a on a.fact_id = g.id
       where b.income_order_id is not null group by b.fact_id)
    select coalesce(sum(case when b.income_order_id = ${orderId} then least(b.here - b.amount_kopecks + coalesce(x.kept_back, 0), 0) else b.here + coalesce(x.kept_back, 0) end), 0)::bigint as moved_kopecks,
           (coalesce(sum(x.elsewhere), 0) + (select coalesce(sum(r.total_kopecks), 0) from receipts r where r.order_id = ${orderId} and r.kind = 'income_return' and ${uncoveredSql(on)} and ${standingReturnSql(on)}))::bigint as outside_kopecks
      from bound b left join returned x on x.fact_id = b.fact_id where b.income_order_id is not null`;
  return row!;
}
