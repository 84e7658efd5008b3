import type { Run } from "./run.ts";

/**
 * M1, first half: facts beside the acquirer's operations. Leaves the temporary tables `ops` (one row per operation as the registry
 * tells it best), `paid` (captures by payment), `backs` (refunds and chargebacks) and `pairs`. Keys in the order of 5.1: the
 * provider's id, then our reference and RRN, then sum, day ± 1 and the last four digits where exactly one of each fits.
 */
export async function pairOperations(run: Run): Promise<void> {
  await readOperations(run);
  await readFacts(run);
  await widen(run);
  await pair(run);
}

/** An operation may stand in several deliveries; the one that names a payout, then a fee, says most. */
const bestFirst = "(e.payout_id is not null) desc, (e.fee_kopecks is not null) desc, e.amount_kopecks desc, e.occurred_at, e.entry_key";

const operation = (run: Run) => run.tx`e.connection_id, e.kind, e.provider_payment_id, coalesce(e.provider_operation_id, '')`;
const opColumns = (run: Run) => run.tx`
  e.id as entry_id, e.connection_id, e.kind, e.provider_payment_id as payment_id, e.provider_operation_id as operation_id, e.reference, e.amount_kopecks as amount, e.fee_kopecks as fee,
  e.occurred_at, e.business_date, e.payout_id, e.instrument, e.is_test`;

async function readOperations(run: Run): Promise<void> {
  const { tx } = run;
  await tx`create temp table pinned on commit drop as
    select distinct ${operation(run)} as operation from discrepancies d join registry_entries e on e.id = d.entry_id where d.state in ('expected', 'open')`;
  await tx`
    create temp table ops on commit drop as
    select distinct on (${operation(run)}) ${opColumns(run)}, e.business_date >= ${run.from}::date as wanted
      from registry_entries e where e.connection_id in (select id from connections where kind = 'acquirer') and e.business_date >= ${run.margin}
     order by ${operation(run)}, ${tx.unsafe(bestFirst)}`;
  await tx`
    insert into ops select distinct on (${operation(run)}) ${opColumns(run)}, true
      from pinned p join registry_entries e on e.connection_id = p.connection_id and e.kind = p.kind and e.provider_payment_id = p.provider_payment_id and coalesce(e.provider_operation_id, '') = p.operation
     where e.business_date < ${run.margin} order by ${operation(run)}, ${tx.unsafe(bestFirst)}`;
  await tx`update ops o set wanted = true from pinned p where not o.wanted and p.connection_id = o.connection_id and p.kind = o.kind and p.provider_payment_id = o.payment_id and p.operation = coalesce(o.operation_id, '')`;
}

const paidColumns = (run: Run) => run.tx`
  (array_agg(f.id order by f.capture_no, f.id))[1] as fact_id, f.connection_id, f.provider_payment_id as payment_id, sum(f.amount_kopecks)::bigint as amount, min(f.business_date) as business_date,
  min((f.occurred_at at time zone ${run.zone})::date) as day, (array_agg(f.attempt_id order by f.capture_no, f.id))[1] as attempt_id, bool_or(f.is_test) as is_test`;

async function readFacts(run: Run): Promise<void> {
  const { tx } = run;
  const acquirers = tx`f.connection_id in (select id from connections where kind = 'acquirer')`;
  const open = tx`select d.fact_id from discrepancies d where d.state in ('expected', 'open') and d.fact_id is not null`;
  await tx`
    create temp table paid on commit drop as
    select ${paidColumns(run)}, bool_or(f.business_date >= ${run.from}::date) as wanted
      from money_facts f where f.kind = 'payment_captured' and f.provider_payment_id is not null and ${acquirers} and f.business_date >= ${run.margin}
     group by f.connection_id, f.provider_payment_id`;
  await tx`
    insert into paid select ${paidColumns(run)}, true
      from money_facts f join (select distinct connection_id, provider_payment_id from money_facts where id in (${open}) and kind = 'payment_captured') k on k.connection_id = f.connection_id and k.provider_payment_id = f.provider_payment_id
     where f.kind = 'payment_captured' and not exists (select 1 from paid p where p.connection_id = f.connection_id and p.payment_id = f.provider_payment_id)
       and ${acquirers} group by f.connection_id, f.provider_payment_id`;
  await tx`update paid set wanted = true where not wanted and fact_id in (${open})`;
  await tx`
    create temp table backs on commit drop as
    select f.id as fact_id, f.connection_id, f.kind, f.provider_payment_id as payment_id, f.provider_operation_id as operation_id, f.parent_fact_id, f.amount_kopecks as amount, f.business_date,
           (f.occurred_at at time zone ${run.zone})::date as day, f.is_test, f.business_date >= ${run.from}::date or f.id in (${open}) as wanted
      from money_facts f where f.kind in ('refund_succeeded', 'chargeback', 'chargeback_reversed') and ${acquirers} and (f.business_date >= ${run.margin} or f.id in (${open}))`;
  await tx`create index on paid (connection_id, payment_id)`;
  await tx`create index on ops (connection_id, payment_id)`;
  await tx`analyze paid`;
  await tx`analyze ops`;
  await tx`analyze backs`;
}

/** What has no partner in the window may have one outside it: looked up one by one, by index. */
async function widen(run: Run): Promise<void> {
  const { tx } = run;
  await tx`
    insert into paid select ${paidColumns(run)}, false
      from (select distinct o.connection_id, o.payment_id from ops o where not exists (select 1 from paid p where p.connection_id = o.connection_id and p.payment_id = o.payment_id)) k
      join money_facts f on f.connection_id = k.connection_id and f.provider_payment_id = k.payment_id and f.kind = 'payment_captured' and f.provider_payment_id is not null
     group by f.connection_id, f.provider_payment_id`;
  await tx`
    insert into ops select distinct on (${operation(run)}) ${opColumns(run)}, false
      from paid p join registry_entries e on e.connection_id = p.connection_id and e.provider_payment_id = p.payment_id and e.kind = 'payment'
     where not exists (select 1 from ops o where o.connection_id = p.connection_id and o.payment_id = p.payment_id and o.kind = 'payment') order by ${operation(run)}, ${tx.unsafe(bestFirst)}`;
  await tx`
    insert into ops select distinct on (${operation(run)}) ${opColumns(run)}, false
      from backs b join registry_entries e on e.connection_id = b.connection_id and e.provider_payment_id = b.payment_id and e.kind <> 'payment'
     where not exists (select 1 from ops o where o.connection_id = e.connection_id and o.kind = e.kind and o.payment_id = e.provider_payment_id and o.operation_id is not distinct from e.provider_operation_id)
     order by ${operation(run)}, ${tx.unsafe(bestFirst)}`;
  await tx`
    insert into backs select f.id, f.connection_id, f.kind, f.provider_payment_id, f.provider_operation_id, f.parent_fact_id, f.amount_kopecks, f.business_date, (f.occurred_at at time zone ${run.zone})::date, f.is_test, false
      from (select distinct p.fact_id from ops o join paid p on p.connection_id = o.connection_id and p.payment_id = o.payment_id where o.kind <> 'payment') k
      join money_facts f on f.parent_fact_id = k.fact_id and f.kind in ('refund_succeeded', 'chargeback', 'chargeback_reversed')
     where f.id not in (select fact_id from backs)`;
}

async function pair(run: Run): Promise<void> {
  const { tx } = run;
  await tx`create temp table pairs on commit drop as
    select o.kind, o.entry_id, p.fact_id, p.amount as ours, o.amount as theirs, 'id'::text as by_key from ops o join paid p on p.connection_id = o.connection_id and p.payment_id = o.payment_id where o.kind = 'payment'`;
  await tx`create index on pairs (entry_id)`;
  await tx`create index on pairs (fact_id)`;
  await tx`analyze pairs`;
  const freeOp = tx`o.kind = 'payment' and not exists (select 1 from pairs x where x.entry_id = o.entry_id)`;
  const freeFact = tx`not exists (select 1 from pairs x where x.fact_id = p.fact_id)`;
  await tx`
    insert into pairs select distinct on (p.fact_id) 'payment', o.entry_id, p.fact_id, p.amount, o.amount, 'reference'
      from ops o join payment_attempts a on a.connection_id = o.connection_id and a.reference = o.reference
      join paid p on p.attempt_id = a.id where o.reference is not null and ${freeOp} and ${freeFact} order by p.fact_id, (p.amount = o.amount) desc, o.entry_id`;
  await tx`
    insert into pairs select distinct on (p.fact_id) 'payment', o.entry_id, p.fact_id, p.amount, o.amount, 'rrn'
      from paid p join payment_attempts a on a.id = p.attempt_id and a.rrn is not null join ops o on o.connection_id = p.connection_id and o.payment_id = 'rrn:' || a.rrn
     where ${freeOp} and ${freeFact} order by p.fact_id, o.entry_id`;
  // The weakest key: only where there is one candidate on either side.
  await tx`
    with near as (
      select o.entry_id, p.fact_id, p.amount, count(*) over (partition by o.entry_id) as facts, count(*) over (partition by p.fact_id) as entries
        from ops o join paid p on p.connection_id = o.connection_id and p.amount = o.amount and p.day between o.business_date - 1 and o.business_date + 1
        join payment_attempts a on a.id = p.attempt_id
       where ${freeOp} and ${freeFact} and o.instrument is not null and a.instrument is not null
         and right(regexp_replace(o.instrument, '\\D', '', 'g'), 4) = right(regexp_replace(a.instrument, '\\D', '', 'g'), 4) and a.instrument ~ '\\d{4}')
    insert into pairs select 'payment', entry_id, fact_id, amount, amount, 'amount' from near where facts = 1 and entries = 1`;
  const kinds = tx`(o.kind = 'refund' and b.kind = 'refund_succeeded' or o.kind = b.kind)`;
  await tx`insert into pairs select o.kind, o.entry_id, b.fact_id, b.amount, o.amount, 'id' from ops o join backs b on b.connection_id = o.connection_id and b.operation_id = o.operation_id and ${kinds} where o.kind <> 'payment'`;
  // Without a common id: the same payment and sum, the first with the first.
  await tx`
    with o as (select o.kind, o.entry_id, o.amount, coalesce(p.fact_id, x.fact_id) as payment, row_number() over (partition by o.kind, coalesce(p.fact_id, x.fact_id), o.amount order by o.occurred_at, o.entry_id) as no
                 from ops o left join paid p on p.connection_id = o.connection_id and p.payment_id = o.payment_id
                 left join lateral (select r.fact_id from ops q join pairs r on r.entry_id = q.entry_id where q.kind = 'payment' and q.connection_id = o.connection_id and q.payment_id = o.payment_id limit 1) x on p.fact_id is null
                where o.kind <> 'payment' and not exists (select 1 from pairs y where y.entry_id = o.entry_id)),
         b as (select b.kind, b.fact_id, b.amount, b.parent_fact_id as payment, row_number() over (partition by b.kind, b.parent_fact_id, b.amount order by b.business_date, b.fact_id) as no
                 from backs b where not exists (select 1 from pairs y where y.fact_id = b.fact_id))
    insert into pairs select o.kind, o.entry_id, b.fact_id, b.amount, o.amount, 'payment' from o join b on b.payment = o.payment and b.amount = o.amount and b.no = o.no and ${kinds}`;
  await tx`analyze pairs`;
}
