import type { Run } from "./run.ts";

/**
 * Differences that were told the moment they were seen (ALR-16 of payments, orders and the exchange) stand in the list too, under the
 * alert's own key, so that they are decided in one place. They are over when their alert is.
 */
export async function findAlertedDifferences({ tx, zone }: Run): Promise<void> {
  await tx`
    insert into found (class, object_key, severity, connection_id, business_date, ours, theirs, order_id, fact_id, detail, due_at, is_test)
    select k.class, a.object_key, case when a.severity = 'P4' then 'P3' else a.severity end, coalesce(f.connection_id, k.connection_id), (a.first_at at time zone ${zone})::date,
           case when k.class <> 'MISSING_IN_LEDGER' then a.amount_kopecks end, case when k.class = 'MISSING_IN_LEDGER' then a.amount_kopecks end, a.order_id, f.id,
           jsonb_build_object('alertId', a.id, 'title', a.title, 'alerted', true) || a.detail, a.first_at, coalesce(o.is_test, f.is_test, (select c.environment = 'test' from connections c where c.id = k.connection_id), false)
      from alerts a left join orders o on o.id = a.order_id
      cross join lateral (select case when a.object_key like 'order:%' and a.detail->>'class' = 'AMOUNT_MISMATCH' then 'AMOUNT_MISMATCH_1C' else a.detail->>'class' end as class,
                                 case when a.object_key ~ '^payment:[0-9a-f-]{36}:' then split_part(a.object_key, ':', 2)::uuid end as connection_id,
                                 case when a.object_key ~ '^attempt:[0-9a-f-]{36}:' then split_part(a.object_key, ':', 2)::uuid end as attempt_id) k
      left join lateral (select m.id, m.connection_id, m.is_test from money_facts m where m.kind = 'payment_captured'
                           and (m.attempt_id = k.attempt_id or (m.connection_id = k.connection_id and m.provider_payment_id = substr(a.object_key, 46))) order by m.recorded_at limit 1) f on k.attempt_id is not null or k.connection_id is not null
     where a.code = 'ALR-16' and a.state <> 'resolved' and a.detail->>'class' is not null and a.object_key not like 'discrepanc%'`;
}
