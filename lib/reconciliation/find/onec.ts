import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import type { Run } from "./run.ts";
import { stillOpen } from "./run.ts";

/** Classes that M3 decides about. */
export const onecClasses = ["MISSING_IN_1C", "EXTRA_IN_1C", "WRONG_ORDER_1C", "DUPLICATE_IN_1C", "ORDER_TOTAL_MISMATCH"] as const;

/** M3: our facts beside what 1C has confirmed. Short deadlines: what is not due yet is not written down. */
export async function findOnecDifferences({ tx, now, from, zone, onecSlaMs }: Run): Promise<void> {
  const due = addMs(now, -onecSlaMs);
  const severity = (since: ReturnType<Run["tx"]>) => tx`case when ${since} < ${addMs(now, -DAY_MS)} then 'P1' else 'P2' end`;
  await tx`
    insert into found (class, object_key, severity, connection_id, business_date, ours, order_id, fact_id, detail, due_at, is_test)
    select 'MISSING_IN_1C', 'export:' || m.fact_id || case when m.amount_kopecks < f.amount_kopecks then ':' || m.order_id else '' end, ${severity(tx`m.created_at`)}, m.connection_id, f.business_date, m.amount_kopecks, m.order_id, m.fact_id,
           jsonb_build_object('state', m.state, 'kind', f.kind), m.created_at + ${`${onecSlaMs} milliseconds`}::interval, f.is_test
      from export_messages m join money_facts f on f.id = m.fact_id where m.state <> 'confirmed' and m.created_at <= ${due}`;
  // Owed to a base and never queued: a bug of ours, mended by queuing it.
  await tx`
    insert into found (class, object_key, severity, connection_id, business_date, ours, order_id, fact_id, detail, due_at, is_test)
    select 'MISSING_IN_1C', 'export:' || f.id, ${severity(tx`f.recorded_at`)}, o.onec_connection_id, f.business_date, f.amount_kopecks, o.id, f.id, jsonb_build_object('state', 'none', 'kind', f.kind),
           f.recorded_at + ${`${onecSlaMs} milliseconds`}::interval, f.is_test
      from money_facts f
      join lateral (select x.order_id from allocations x where x.fact_id = f.id and x.order_id is not null group by x.order_id having sum(x.amount_kopecks) > 0 order by sum(x.amount_kopecks) desc limit 1) a on true
      join orders o on o.id = a.order_id and o.onec_connection_id is not null
     where (f.business_date >= ${from} or f.id in ${stillOpen(tx, "MISSING_IN_1C", "fact_id")}) and f.recorded_at <= ${due} and f.document_key is null and f.kind not in ('authorized', 'authorization_voided')
       and not exists (select 1 from export_messages m where m.fact_id = f.id) and not exists (select 1 from dry_runs y where y.fact_id = f.id)`;
  await documents({ tx, now, from, zone });
  await tx`
    insert into found (class, object_key, business_date, ours, theirs, order_id, detail, due_at, is_test)
    select 'ORDER_TOTAL_MISMATCH', 'order:' || o.id || ':' || o.revision_no, (o.updated_at at time zone ${zone})::date, l.kopecks, o.total_kopecks, o.id, jsonb_build_object('revisionNo', o.revision_no), ${now}, o.is_test
      from orders o join lateral (select coalesce(sum(x.sum_kopecks), 0)::bigint as kopecks from order_lines x join order_revisions r on r.id = x.revision_id where r.order_id = o.id and r.no = o.revision_no) l on true
     where not o.lines_match_total and o.lifecycle not in ('cancelled', 'deleted', 'completed') and (o.order_date >= ${addMs(now, -180 * DAY_MS)} or o.id in ${stillOpen(tx, "ORDER_TOTAL_MISMATCH", "order_id")}) and l.kopecks <> o.total_kopecks`;
}

/** Documents that 1C reported: typed beside our online payment, twice, or on another order. */
async function documents({ tx, now, from }: Pick<Run, "tx" | "now" | "from" | "zone">): Promise<void> {
  const columns = tx`class, object_key, connection_id, business_date, ours, theirs, order_id, fact_id, detail, due_at, is_test`;
  const recent = tx`(d.business_date >= ${from} or d.id in (select fact_id from discrepancies where state in ('expected', 'open')))`;
  await tx`
    insert into found (${columns})
    select distinct on (d.id) 'EXTRA_IN_1C', 'fact:' || d.id, d.connection_id, d.business_date, 0, d.amount_kopecks, o.id, d.id, jsonb_build_object('documentNumber', d.document_number, 'sameAs', f.id), ${now}, d.is_test
      from money_facts d join allocations a on a.fact_id = d.id join orders o on o.id = a.order_id and o.payment_status = 'overpaid'
      join allocations b on b.order_id = o.id join money_facts f on f.id = b.fact_id and f.kind = 'payment_captured' and f.document_key is null and f.amount_kopecks = d.amount_kopecks
     where d.kind = 'payment_captured' and d.document_key is not null and d.document_key not like 'manual:%' and d.document_key not like 'bank:%' and ${recent}
       and not exists (select 1 from money_facts v where v.parent_fact_id = d.id and v.kind = 'payment_reversed') order by d.id, f.id`;
  await tx`
    insert into found (${columns})
    select 'DUPLICATE_IN_1C', 'fact:' || d.id, d.connection_id, d.business_date, f.amount_kopecks, d.amount_kopecks, a.order_id, d.id, jsonb_build_object('documentNumber', d.document_number, 'sameAs', f.id), ${now}, d.is_test
      from money_facts d join allocations a on a.fact_id = d.id and a.order_id is not null
      join allocations b on b.order_id = a.order_id join money_facts f on f.id = b.fact_id and (f.recorded_at, f.id) < (d.recorded_at, d.id) and f.kind = d.kind and f.document_key is not null and f.amount_kopecks = d.amount_kopecks
       and ltrim(f.document_number, '0') = ltrim(d.document_number, '0') and f.document_key <> d.document_key
     where d.kind in ('payment_captured', 'refund_succeeded') and d.document_key is not null and d.document_number is not null and ${recent}
       and not exists (select 1 from money_facts v where v.parent_fact_id in (d.id, f.id) and v.kind = 'payment_reversed')`;
  await tx`
    insert into found (${columns})
    select 'DUPLICATE_IN_1C', 'export:' || m.fact_id, m.connection_id, f.business_date, m.amount_kopecks, m.amount_kopecks, m.order_id, m.fact_id, jsonb_build_object('documentNumber', m.onec_document_number, 'bases', 2), ${now}, f.is_test
      from export_messages m join money_facts f on f.id = m.fact_id join export_messages n on n.fact_id = m.fact_id and n.connection_id > m.connection_id and n.state = 'confirmed' and n.amount_kopecks + m.amount_kopecks > f.amount_kopecks
     where m.state = 'confirmed' and (f.business_date >= ${from} or f.id in ${stillOpen(tx, "DUPLICATE_IN_1C", "fact_id")})`;
  // The whole sum of one document of 1C on two orders.
  await tx`
    insert into found (${columns})
    select 'WRONG_ORDER_1C', 'fact:' || d.id, d.connection_id, d.business_date, f.amount_kopecks, d.amount_kopecks, a.order_id, d.id, jsonb_build_object('documentNumber', d.document_number, 'sameAs', f.id), ${now}, d.is_test
      from money_facts d join money_facts f on f.connection_id = d.connection_id and f.kind = d.kind and f.document_key = split_part(d.document_key, '@', 1) and f.amount_kopecks = d.amount_kopecks and f.id <> d.id
      join allocations a on a.fact_id = d.id and a.order_id is not null
     where d.kind = 'payment_captured' and d.document_key like '%@%' and ${recent} and not exists (select 1 from money_facts v where v.parent_fact_id in (d.id, f.id) and v.kind = 'payment_reversed')`;
}
