/** Invariants of receipts: 8–12. */
import { cameBackSql } from "@/lib/refunds/standing-return.ts";
import { countBreaks, together } from "./invariant.ts";
import type { Invariant } from "./invariant.ts";

export const receiptInvariants: Invariant[] = [
  {
    no: 8,
    title: "У каждой оплаты и возврата есть чек или причина, почему его нет",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select case when f.fiscal_owner = 'site' then 'нет чека ' else 'лишний чек ' end || f.id as what from money_facts f
         where f.kind in ('payment_captured', 'refund_succeeded')
           and (f.fiscal_owner = 'site') <> exists (select 1 from receipts r where r.fact_id = f.id and (r.state <> 'cancelled' or r.corrects_receipt_id is not null))`),
  },
  {
    no: 9,
    title: "Строки чека дают его сумму, НДС посчитан верно",
    find: async (_ctx, tx) =>
      together([
        await countBreaks(tx, tx`
          select r.id::text as what from receipts r left join (select receipt_id, sum(sum_kopecks) as total from receipt_lines group by 1) l on l.receipt_id = r.id
           where r.state not in ('not_required', 'cancelled') and (l.total is distinct from r.total_kopecks or r.offset_kopecks + r.credit_kopecks + r.cash_kopecks > r.total_kopecks)`),
        // VAT-02: gross × r / (100 + r), half up, in whole numbers.
        await countBreaks(tx, tx`
          select l.receipt_id || ' строка ' || l.line_no as what from receipt_lines l
            cross join lateral (select case when l.vat_rate in ('vat0', 'none') then 0 else substring(l.vat_rate from '^vat([0-9]+)')::bigint end as r) v
           where l.sum_kopecks < 1 or l.vat_kopecks <> (2 * l.sum_kopecks * v.r + 100 + v.r) / (2 * (100 + v.r))`),
      ]),
  },
  {
    no: 10,
    title: "Пробито ровно столько, сколько получено и возвращено",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select f.kind || ' ' || f.id as what from money_facts f join (
            select fact_id, bool_and(state in ('registered', 'not_required')) as is_done, sum(signed) filter (where state = 'registered') as printed,
                   -- What of it needs no receipt, or was printed elsewhere as a person says; a correction is a row of its own.
                   coalesce(sum(signed) filter (where state = 'not_required' and reason_code <> 'corrected'), 0) as closed
              from receipts cross join lateral (select (total_kopecks - offset_kopecks - credit_kopecks) * case when kind in ('income', 'income_correction') then 1 else -1 end as signed) s
             where fact_id is not null and state <> 'cancelled' group by fact_id) r on r.fact_id = f.id
          cross join lateral (select case when f.kind = 'payment_captured' then f.amount_kopecks else -f.amount_kopecks end as due) d
         where r.is_done and r.printed is not null and f.kind in ('payment_captured', 'refund_succeeded') and r.printed <> d.due and r.printed + r.closed <> d.due
        union all
        -- A hand-over takes no money of its own: what is neither offset nor on credit was never received.
        select 'закрывающий чек ' || id from receipts where purpose = 'closing' and fact_id is null and state not in ('cancelled', 'not_required') and total_kopecks <> offset_kopecks + credit_kopecks`),
  },
  {
    no: 11,
    title: "Зачтено в закрывающих чеках не больше предоплаты, а у завершённого заказа ровно она",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        with per_order as (
          select r.order_id,
                 coalesce(sum(r.offset_kopecks * case when r.kind in ('income', 'income_correction') then 1 else -1 end), 0) as offset_sum,
                 coalesce(sum(l.prepaid * case when r.kind in ('income', 'income_correction') then 1 else -1 end), 0) as prepaid
            from receipts r
            left join lateral (select sum(x.sum_kopecks) as prepaid from receipt_lines x where x.receipt_id = r.id and x.method in (1, 2, 3) and r.offset_kopecks = 0) l on true
           -- A return that a person closed was printed elsewhere.
           where r.order_id is not null and (r.state not in ('cancelled', 'not_required') or (r.reason_code = 'closed_by_staff' and r.kind in ('income_return', 'income_return_correction') and r.fail_code is distinct from 'RETURN_NOT_COVERED' and not ${cameBackSql(tx)})) group by r.order_id),
        -- An advance that left the order and was given back on its receipts.
        kept as (
          select k.order_id, sum(k.kopecks) as kopecks from (
              select g.id, q.order_id, (select sum(a.amount_kopecks) from allocations a where a.fact_id = g.id and a.order_id is null) as kopecks
                from money_facts g join receipts q on q.fact_id = g.id and q.order_id is not null and q.state not in ('cancelled', 'not_required')
               where g.kind = 'refund_succeeded' and exists (select 1 from allocations a where a.fact_id = g.id and a.order_id is null)
                 and not exists (select 1 from receipts p where p.fact_id = g.parent_fact_id and p.order_id = q.order_id) group by g.id, q.order_id) k group by 1)
        select o.number || ' (' || o.id || ')' as what from per_order p join orders o on o.id = p.order_id
         -- An advance that moved between orders is on another order's receipt (LOST-09).
         cross join lateral (select p.prepaid + coalesce(sum(a.amount_kopecks), 0) + coalesce((select k.kopecks from kept k where k.order_id = o.id), 0) as pool from allocations a join money_facts f on f.id = a.fact_id and f.kind = 'payment_captured' and f.fiscal_owner = 'site'
                 where a.order_id = o.id and not exists (select 1 from receipts q where q.fact_id = f.id and q.order_id = o.id)) m
         -- A surplus waits for its refund or its move, however complete the order is (LOST-06); reversed and disputed money keeps its receipt.
         cross join lateral (select greatest(0, o.captured_kopecks - o.refunded_kopecks - o.total_kopecks + o.goods_returned_kopecks) as kopecks) surplus
         where p.offset_sum > m.pool
            or (o.lifecycle = 'completed' and m.pool - p.offset_sum > surplus.kopecks and not exists (select 1 from allocations a where a.order_id = o.id and a.amount_kopecks < 0) and exists (select 1 from shipments s where s.order_id = o.id)
                -- The store's register takes the prepayment into its own receipt (FISC-13).
                and not exists (select 1 from receipts e where e.order_id = o.id and e.purpose = 'closing' and e.state = 'not_required')
                and not exists (select 1 from receipts w where w.order_id = o.id and w.state in ('planned', 'queued', 'sent', 'unknown', 'failed_retryable', 'failed_final')))`),
  },
  {
    no: 12,
    title: "Возвращено по строке не больше, чем продано",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select 'чеки, строка заказа ' || l.order_line_id as what from receipt_lines l join receipts r on r.id = l.receipt_id
         where l.order_line_id is not null and r.state not in ('cancelled', 'not_required')
         group by l.order_line_id, (l.method in (1, 2))
        having sum(case when r.kind in ('income_return', 'income_return_correction') then l.sum_kopecks else 0 end) > sum(case when r.kind in ('income', 'income_correction') then l.sum_kopecks else 0 end)
        union all
        select 'возврат товара, строка заказа ' || s.order_line_id from
            (select order_line_id, sum(quantity::numeric) as q, sum(sum_kopecks) as m from shipment_lines where order_line_id is not null and shipment_id in (select id from standing_shipments) group by 1) s
            join (select order_line_id, sum(quantity::numeric) as q, sum(sum_kopecks) as m from goods_return_lines where order_line_id is not null group by 1) g on g.order_line_id = s.order_line_id
         where g.q > s.q or g.m > s.m
        union all
        select 'возврат денег, строка заказа ' || x.order_line_id from refund_lines x join refunds f on f.id = x.refund_id join order_lines ol on ol.id = x.order_line_id
         where f.state = 'succeeded' and not exists (select 1 from money_facts b where b.kind = 'refund_reversed' and b.provider_operation_id = 'bounce:' || f.id)
         group by x.order_line_id, ol.sum_kopecks, ol.quantity having sum(x.sum_kopecks) > ol.sum_kopecks or sum(x.quantity::numeric) filter (where f.reason <> 'price_concession') > ol.quantity::numeric`),
  },
];
