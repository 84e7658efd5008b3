/** Invariants of what 1C knows and of debts: 13–15. */
import { countBreaks } from "./invariant.ts";
import type { Invariant } from "./invariant.ts";

export const exchangeInvariants: Invariant[] = [
  {
    no: 13,
    title: "Каждая запись о деньгах уходит в 1С один раз",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select f.kind || ' ' || f.id as what from money_facts f
          left join (select fact_id, sum(amount_kopecks) as kopecks, count(*) filter (where state = 'confirmed' and onec_document_number is null
                       -- A JSON client may acknowledge without naming its document.
                       and not exists (select 1 from feed_events v where v.export_id = m.id)) as nameless from export_messages m group by 1) e on e.fact_id = f.id
         where (f.document_key is null and f.kind not in ('authorized', 'authorization_voided')
                and exists (select 1 from allocations a join orders o on o.id = a.order_id where a.fact_id = f.id and o.onec_connection_id is not null)
                -- Of several orders each is told of its part. Money of an order that is not in work here stays in a dry run (PIL-01).
                and coalesce(e.kopecks, 0) + coalesce((select sum(y.amount_kopecks) from dry_runs y where y.fact_id = f.id and y.kind = 'export'), 0) <> f.amount_kopecks)
            or (f.document_key is not null and e.kopecks is not null) or coalesce(e.nameless, 0) > 0`),
  },
  {
    no: 14,
    title: "Долг выводится из отгрузок, возвратов и оплат",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select 'отгрузка ' || s.id as what from shipments s left join (select shipment_id, sum(sum_kopecks) as total from shipment_lines group by 1) l on l.shipment_id = s.id
         where coalesce(l.total, 0) <> s.total_kopecks
        union all
        select 'возвращено больше отгруженного, заказ ' || o.number from orders o
         where o.goods_returned_kopecks > 0 and o.goods_returned_kopecks > (select coalesce(sum(s.total_kopecks), 0) from standing_shipments s where s.order_id = o.id)`),
  },
  {
    no: 15,
    title: "Сальдо актов сверки продолжают друг друга",
    // No act of reconciliation is stored yet: the only thing to hold is that none is claimed.
    find: () => Promise.resolve({ count: 0, examples: [] }),
  },
];
