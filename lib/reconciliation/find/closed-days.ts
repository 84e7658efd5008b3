import type { Tx } from "@/db/index.ts";
import type { Run } from "./run.ts";
import { stillOpen } from "./run.ts";

/** Classes about days that were closed (REC-10, invariant 20). */
export const closedDayClasses = ["LATE_IN_CLOSED_DAY", "TOTALS_MISMATCH_DAY"] as const;

/** Money of a day by connection, method and kind, kopecks as text: what a closed day fixes. */
export const dayTotals = (tx: Tx, day: ReturnType<Tx>, isTest: ReturnType<Tx>) => tx`
  (select coalesce(jsonb_object_agg(t.key, t.kopecks), '{}'::jsonb) from (
     select coalesce(f.connection_id::text, '-') || ':' || f.method || ':' || f.kind as key, sum(f.amount_kopecks)::text as kopecks
       from money_facts f where f.business_date = ${day} and f.is_test = ${isTest} group by f.connection_id, f.method, f.kind) t)`;

export async function findClosedDayDifferences({ tx, now, from, zone }: Run): Promise<void> {
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, order_id, fact_id, detail, due_at, is_test)
    select 'LATE_IN_CLOSED_DAY', 'fact:' || f.id, f.connection_id, f.business_date, f.amount_kopecks,
           (select a.order_id from allocations a where a.fact_id = f.id and a.order_id is not null limit 1), f.id,
           jsonb_build_object('day', (f.occurred_at at time zone ${zone})::date::text, 'kind', f.kind, 'stays', true), ${now}, f.is_test
      from money_facts f where f.business_date >= ${from} and f.business_date <> (f.occurred_at at time zone ${zone})::date
       and exists (select 1 from closed_days c where c.is_test = f.is_test and c.day = (f.occurred_at at time zone ${zone})::date and c.closed_at <= f.recorded_at)`;
  await tx`
    insert into found (class, object_key, connection_id, business_date, theirs, detail, due_at, is_test)
    select 'LATE_IN_CLOSED_DAY', 'registry:' || r.id || ':' || e.business_date, r.connection_id, e.business_date, sum(e.amount_kopecks)::bigint,
           jsonb_build_object('registryId', r.id, 'fileName', r.file_name, 'lines', count(*), 'day', e.business_date::text, 'stays', true), ${now}, r.is_test
      from closed_days c join registry_entries e on e.connection_id in (select id from connections where kind = 'acquirer') and e.business_date = c.day and e.is_test = c.is_test
      join registries r on r.id = e.registry_id and r.received_at > c.closed_at
     where c.reopened_at is null and c.day >= ${from} group by r.id, e.business_date`;
  await tx`
    insert into found (class, object_key, business_date, detail, due_at, is_test)
    select 'TOTALS_MISMATCH_DAY', 'day:' || c.day || ':' || c.is_test, c.day, jsonb_build_object('closed', c.figures->'totals', 'now', n.totals), ${now}, c.is_test
      from closed_days c cross join lateral (select ${dayTotals(tx, tx`c.day`, tx`c.is_test`)} as totals) n
     where c.reopened_at is null and (c.day >= ${from} or c.day in ${stillOpen(tx, "TOTALS_MISMATCH_DAY", "business_date")}) and c.figures->'totals' is distinct from n.totals`;
}
