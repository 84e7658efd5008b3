import { addDays } from "@/lib/kit/time.ts";
import { tariffOf } from "@/lib/reconciliation/tariff.ts";
import type { Run } from "./run.ts";
import { FULL_DAYS, orderOfFact, stillOpen } from "./run.ts";

/** Classes that M1 decides about: what it no longer finds is closed. */
export const acquirerClasses = [
  "MISSING_IN_LEDGER", "MISSING_IN_REGISTRY", "AMOUNT_MISMATCH", "STATUS_MISMATCH", "DUPLICATE_IN_REGISTRY", "REFUND_MISSING", "REFUND_UNKNOWN", "CHARGEBACK_NEW", "FEE_MISMATCH", "REGISTRY_LATE",
  "CURRENCY_MISMATCH", "TERMINAL_MISMATCH", "TEST_LIVE_MIX",
] as const;

/** M1, second half: what the pairs do not explain. */
export async function findAcquirerDifferences(run: Run): Promise<void> {
  await missing(run);
  await disagreeing(run);
  await moneyBack(run);
  await fees(run);
  await troubles(run);
  await lateRegistries(run);
}

async function missing({ tx, now, from, today }: Run): Promise<void> {
  await tx`
    insert into found (class, object_key, connection_id, business_date, theirs, entry_id, detail, due_at, is_test)
    select 'MISSING_IN_LEDGER', 'payment:' || o.connection_id || ':' || o.payment_id, o.connection_id, o.business_date, o.amount, o.entry_id,
           jsonb_build_object('providerPaymentId', o.payment_id, 'reference', o.reference), ${now}, o.is_test
      from ops o where o.kind = 'payment' and o.wanted and not exists (select 1 from pairs x where x.entry_id = o.entry_id)`;
  await tx`
    create temp table covered on commit drop as
    select distinct r.connection_id, d.day::date as day from registries r cross join lateral generate_series(greatest(r.day_from, ${from}::date - 400), least(r.day_to, ${today}::date), interval '1 day') as d(day)`;
  await tx`create index on covered (connection_id, day)`;
  await tx`analyze covered`;
  const isReversed = tx`coalesce((select sum(v.amount_kopecks) from money_facts v where v.parent_fact_id = p.fact_id and v.kind = 'payment_reversed'), 0) >= p.amount`;
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, order_id, fact_id, detail, due_at, is_test)
    select 'MISSING_IN_REGISTRY', 'payment:' || p.connection_id || ':' || p.payment_id, p.connection_id, p.business_date, p.amount, ${orderOfFact(tx, tx`p.fact_id`)}, p.fact_id,
           jsonb_build_object('providerPaymentId', p.payment_id), coalesce(s.registry_due, ${now}), p.is_test
      from paid p join covered c on c.connection_id = p.connection_id and c.day = p.day left join sla s on s.day = p.day
     where p.wanted and not exists (select 1 from pairs x where x.fact_id = p.fact_id) and not ${isReversed}`;
  // The provider was asked about it and says that there is no such money (LOST-29).
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, theirs, order_id, fact_id, detail, due_at, is_test)
    select distinct on (f.object_key) 'STATUS_MISMATCH', f.object_key, f.connection_id, f.business_date, f.ours, 0, f.order_id, f.fact_id, f.detail || jsonb_build_object('asked', d.detail->'asked'), ${now}, f.is_test
      from found f join discrepancies d on d.fact_id = f.fact_id and d.class in ('MISSING_IN_REGISTRY', 'STATUS_MISMATCH') and d.state in ('expected', 'open')
     where f.class = 'MISSING_IN_REGISTRY' and d.detail->'asked'->>'state' in ('canceled', 'declined', 'expired') order by f.object_key, d.found_at`;
  await tx`delete from found f using found s where f.class = 'MISSING_IN_REGISTRY' and s.class = 'STATUS_MISMATCH' and s.object_key = f.object_key`;
}

async function disagreeing({ tx, now, margin }: Run): Promise<void> {
  const key = tx`case when o.kind = 'payment' then 'payment:' || o.connection_id || ':' || o.payment_id else o.kind || ':' || o.connection_id || ':' || o.operation_id end`;
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, theirs, order_id, fact_id, entry_id, detail, due_at, is_test)
    select 'AMOUNT_MISMATCH', ${key}, o.connection_id, o.business_date, x.ours, x.theirs, ${orderOfFact(tx, tx`x.fact_id`)}, x.fact_id, o.entry_id,
           jsonb_build_object('providerPaymentId', o.payment_id, 'kind', o.kind), ${now}, o.is_test
      from pairs x join ops o on o.entry_id = x.entry_id left join paid p on p.fact_id = x.fact_id left join backs b on b.fact_id = x.fact_id
     where x.ours <> x.theirs and (o.wanted or p.wanted or b.wanted)`;
  // Two deliveries name two sums of one operation.
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, theirs, order_id, fact_id, entry_id, detail, due_at, is_test)
    select 'AMOUNT_MISMATCH', ${key}, o.connection_id, o.business_date, x.ours, m.other, ${orderOfFact(tx, tx`x.fact_id`)}, x.fact_id, o.entry_id,
           jsonb_build_object('providerPaymentId', o.payment_id, 'kind', o.kind, 'deliveries', true), ${now}, o.is_test
      from (select e.connection_id, e.kind, e.provider_payment_id, coalesce(e.provider_operation_id, '') as operation, min(e.amount_kopecks) as other
              from (select connection_id, kind, provider_payment_id, provider_operation_id, amount_kopecks from registry_entries where connection_id in (select id from connections where kind = 'acquirer') and business_date >= ${margin}
                    union all select e.connection_id, e.kind, e.provider_payment_id, e.provider_operation_id, e.amount_kopecks
                      from pinned p join registry_entries e on e.connection_id = p.connection_id and e.kind = p.kind and e.provider_payment_id = p.provider_payment_id and coalesce(e.provider_operation_id, '') = p.operation
                     where e.business_date < ${margin}) e
             group by 1, 2, 3, 4 having count(distinct e.amount_kopecks) > 1) m
      join ops o on o.connection_id = m.connection_id and o.kind = m.kind and o.payment_id = m.provider_payment_id and coalesce(o.operation_id, '') = m.operation
      left join pairs x on x.entry_id = o.entry_id
     where o.wanted and x.ours is not distinct from x.theirs`;
}

async function moneyBack({ tx, now }: Run): Promise<void> {
  const payment = tx`left join lateral (select p.fact_id from paid p where p.connection_id = o.connection_id and p.payment_id = o.payment_id limit 1) p on true`;
  await tx`
    insert into found (class, object_key, connection_id, business_date, theirs, order_id, fact_id, entry_id, detail, due_at, is_test)
    select case o.kind when 'refund' then 'REFUND_UNKNOWN' when 'chargeback' then 'CHARGEBACK_NEW' else 'STATUS_MISMATCH' end, o.kind || ':' || o.connection_id || ':' || o.operation_id, o.connection_id, o.business_date,
           o.amount, ${orderOfFact(tx, tx`p.fact_id`)}, p.fact_id, o.entry_id,
           jsonb_build_object('providerPaymentId', o.payment_id, 'providerOperationId', o.operation_id, 'kind', o.kind, 'occurredAt', o.occurred_at), ${now}, o.is_test
      from ops o ${payment} where o.kind <> 'payment' and o.wanted and not exists (select 1 from pairs x where x.entry_id = o.entry_id)`;
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, order_id, fact_id, detail, due_at, is_test)
    select 'REFUND_MISSING', 'fact:' || b.fact_id, b.connection_id, b.business_date, b.amount, ${orderOfFact(tx, tx`b.fact_id`)}, b.fact_id,
           jsonb_build_object('providerPaymentId', b.payment_id, 'providerOperationId', b.operation_id), coalesce(s.refund_due, ${now}), b.is_test
      from backs b join covered c on c.connection_id = b.connection_id and c.day = b.day left join sla s on s.day = b.day
     where b.kind = 'refund_succeeded' and b.wanted and not exists (select 1 from pairs x where x.fact_id = b.fact_id)
       and not exists (select 1 from money_facts v where v.parent_fact_id = b.fact_id and v.kind = 'refund_reversed')`;
}

/** Our own reckoning of the fee is only a check: the registry's fee is what counts (REC-06). */
async function fees({ tx, now }: Run): Promise<void> {
  const tariffs = await tx<{ id: string; percent: string }[]>`select id, settings->>'feePercent' as percent from connections where kind = 'acquirer' and settings->>'feePercent' is not null`;
  for (const { id, percent } of tariffs) {
    const tariff = tariffOf(percent);
    if (tariff === null) continue;
    const expected = tx`floor((o.amount::numeric * ${tariff.toString()}::numeric * 2 + 10000) / 20000)::bigint`;
    await tx`
      insert into found (class, object_key, connection_id, business_date, ours, theirs, order_id, fact_id, entry_id, detail, due_at, is_test)
      select 'FEE_MISMATCH', 'payment:' || o.connection_id || ':' || o.payment_id, o.connection_id, o.business_date, ${expected}, o.fee, ${orderOfFact(tx, tx`x.fact_id`)}, x.fact_id, o.entry_id,
             jsonb_build_object('providerPaymentId', o.payment_id, 'feePercent', ${percent}::text), ${now}, o.is_test
        from ops o left join pairs x on x.entry_id = o.entry_id where o.connection_id = ${id} and o.kind = 'payment' and o.wanted and o.fee is not null and abs(o.fee - ${expected}) > 1`;
  }
}

/** Lines that were set aside, payments paid out twice, and tests among real money. What a file said stays until a person has looked. */
async function troubles({ tx, now, from, zone }: Run): Promise<void> {
  await tx`
    insert into found (class, object_key, connection_id, business_date, detail, due_at, is_test)
    select case p.code when 'CURRENCY' then 'CURRENCY_MISMATCH' when 'OTHER_MERCHANT' then 'TERMINAL_MISMATCH' else 'DUPLICATE_IN_REGISTRY' end,
           'registry:' || r.connection_id || ':' || coalesce(r.file_sha256, r.id::text) || ':' || p.code, r.connection_id, r.day_to,
           jsonb_build_object('registryId', r.id, 'fileName', r.file_name, 'lines', count(*), 'firstLine', min(p.line_no), 'stays', true, 'code', p.code), ${now}, r.is_test
      from registries r join registry_problems p on p.registry_id = r.id
     where (r.received_at at time zone ${zone})::date >= ${from} and p.code in ('CURRENCY', 'OTHER_MERCHANT', 'DUPLICATE_IDENTICAL', 'DUPLICATE_OTHER_SUM') group by r.id, p.code`;
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, theirs, entry_id, detail, due_at, is_test)
    select 'DUPLICATE_IN_REGISTRY', e.kind || ':' || e.connection_id || ':' || coalesce(e.provider_operation_id, e.provider_payment_id), e.connection_id, min(e.business_date), max(e.amount_kopecks),
           sum(e.amount_kopecks)::bigint, (array_agg(e.id order by e.payout_id))[1], jsonb_build_object('providerPaymentId', e.provider_payment_id, 'payouts', array_agg(distinct e.payout_id)), ${now}, bool_or(e.is_test)
      from registry_entries e join ops o on o.connection_id = e.connection_id and o.kind = e.kind and o.payment_id = e.provider_payment_id and o.operation_id is not distinct from e.provider_operation_id
     where o.wanted and e.payout_id is not null group by e.connection_id, e.kind, e.provider_payment_id, e.provider_operation_id having count(distinct e.payout_id) > 1`;
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, order_id, fact_id, detail, due_at, is_test)
    select 'TEST_LIVE_MIX', 'fact:' || f.id, f.connection_id, f.business_date, f.amount_kopecks, ${orderOfFact(tx, tx`f.id`)}, f.id, jsonb_build_object('environment', c.environment), ${now}, f.is_test
      from money_facts f join connections c on c.id = f.connection_id
     where (f.business_date >= ${from} or f.id in ${stillOpen(tx, "TEST_LIVE_MIX", "fact_id")}) and (f.is_test <> (c.environment = 'test')
        or exists (select 1 from allocations a join orders w on w.id = a.order_id where a.fact_id = f.id and w.is_test <> f.is_test))`;
}

/** A day of money without any registry of it (ALR-18). */
async function lateRegistries({ tx, from: earliest, today, zone }: Run): Promise<void> {
  // A late file of old days asks nothing anew about the days beside them.
  const from = earliest > addDays(today, -FULL_DAYS) ? earliest : addDays(today, -FULL_DAYS);
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, detail, due_at, is_test)
    select 'REGISTRY_LATE', 'registry:' || c.id || ':' || d.day::date, c.id, d.day::date, m.kopecks, jsonb_build_object('name', c.name, 'payments', m.payments), s.registry_late, c.environment = 'test'
      from connections c cross join lateral generate_series(greatest(${from}::date, (c.created_at at time zone ${zone})::date), ${today}::date - 1, interval '1 day') as d(day) join sla s on s.day = d.day::date
      left join lateral (select sum(p.amount)::bigint as kopecks, count(*) as payments from paid p where p.connection_id = c.id and p.day = d.day::date) m on true
     where c.kind = 'acquirer' and c.enabled and not exists (select 1 from covered v where v.connection_id = c.id and v.day = d.day::date)`;
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, due_at, is_test)
    select d.class, d.object_key, d.connection_id, d.business_date, d.ours_kopecks, d.due_at, d.is_test from discrepancies d join connections c on c.id = d.connection_id and c.enabled
     where d.class = 'REGISTRY_LATE' and d.state in ('expected', 'open') and d.business_date < ${from} and not exists (select 1 from covered v where v.connection_id = d.connection_id and v.day = d.business_date)`;
}
