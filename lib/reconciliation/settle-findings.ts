import type { Run } from "./find/run.ts";
import { severityTable } from "./severity.ts";

export type Settled = { opened: number; closed: number };

/**
 * Turns `found` into discrepancies: new ones are written down (`expected` until due, then `open`), known ones are seen again, and what
 * is found no more closes by itself with the reason (5.2, REC-04). What a person decided is not asked again while its sums stay.
 * `classes` were looked for in this run; others are left alone.
 */
export async function settleFindings(run: Run, classes: readonly string[]): Promise<Settled> {
  const { tx, now } = run;
  await tx`delete from found f using (select ctid, row_number() over (partition by class, object_key order by (detail ? 'alerted'), due_at, ours, theirs) as no from found) r where r.ctid = f.ctid and r.no > 1`;
  await tx`
    delete from found f using discrepancies d where d.class = f.class and d.object_key = f.object_key and d.state in ('resolved', 'ignored')
       and d.ours_kopecks is not distinct from f.ours and d.theirs_kopecks is not distinct from f.theirs`;
  await tx`create index on found (class, object_key)`;
  await tx`analyze found`;
  await tx`
    insert into discrepancies (id, class, object_key, severity, state, connection_id, business_date, ours_kopecks, theirs_kopecks, order_id, fact_id, entry_id, settlement_id, bank_line_id, receipt_id, shipment_id,
      alert_id, detail, due_at, found_at, last_seen_at, opened_at, is_test)
    select gen_random_uuid(), f.class, f.object_key, coalesce(f.severity, s.severity), case when f.due_at <= ${now} then 'open' else 'expected' end, f.connection_id, f.business_date, f.ours, f.theirs, f.order_id, f.fact_id,
           f.entry_id, f.settlement_id, f.bank_line_id, f.receipt_id, f.shipment_id, (f.detail->>'alertId')::uuid, f.detail, f.due_at, ${now}, ${now}, case when f.due_at <= ${now} then ${now}::timestamptz end, f.is_test
      from found f join ${severityTable(tx)} s on s.class = f.class
    on conflict (class, object_key) where state in ('expected', 'open') do update set last_seen_at = excluded.last_seen_at, severity = excluded.severity, ours_kopecks = excluded.ours_kopecks,
      theirs_kopecks = excluded.theirs_kopecks, order_id = coalesce(excluded.order_id, discrepancies.order_id), fact_id = coalesce(excluded.fact_id, discrepancies.fact_id),
      entry_id = coalesce(excluded.entry_id, discrepancies.entry_id), bank_line_id = coalesce(excluded.bank_line_id, discrepancies.bank_line_id), alert_id = coalesce(discrepancies.alert_id, excluded.alert_id),
      detail = discrepancies.detail || excluded.detail, due_at = least(discrepancies.due_at, excluded.due_at),
      state = case when discrepancies.state = 'open' or excluded.due_at <= ${now} then 'open' else 'expected' end,
      opened_at = coalesce(discrepancies.opened_at, case when excluded.due_at <= ${now} then ${now}::timestamptz end)`;
  await tx`
    create temp table closing on commit drop as
    select d.id from discrepancies d where d.state in ('expected', 'open') and d.class = any(${classes as string[]}) and not coalesce((d.detail->>'stays')::boolean, false)
       and not exists (select 1 from found f where f.class = d.class and f.object_key = d.object_key)`;
  const closed = await tx`
    update discrepancies d set state = 'auto_resolved', closed_at = ${now}, closed_by = 'system', resolution = ${goneReason(run)} from closing c where c.id = d.id`;
  const opened = await tellOrders(run);
  return { opened, closed: closed.count };
}

/** Why a difference is over, for the person who reads the list. */
const goneReason = ({ tx }: Run) => tx`
  case when d.state = 'expected' then 'Пришло в срок' when d.detail ? 'alerted' then 'Причина события устранена'
       when d.class in ('MISSING_IN_LEDGER', 'REFUND_UNKNOWN', 'CHARGEBACK_NEW') then 'Учтено у нас' when d.class in ('MISSING_IN_REGISTRY', 'REFUND_MISSING', 'REGISTRY_LATE') then 'Появилось в реестре банка или отменено бухгалтером'
       when d.class in ('SETTLEMENT_MISSING', 'SETTLEMENT_MISMATCH', 'BANK_UNEXPECTED') then 'Зачисление сошлось' when d.class = 'MISSING_IN_1C' then '1С подтвердила'
       when d.class like 'RECEIPT_%' or d.class = 'ADVANCE_NOT_CLOSED' then 'Чек пробит или закрыт сотрудником' else 'Следующая сверка расхождения не нашла' end`;

/** Lines in the stories of orders: opened and closed ones of this run. */
async function tellOrders({ tx, now }: Run): Promise<number> {
  const text = tx`coalesce(d.detail->>'explanation', d.detail->>'title')`;
  await tx`
    insert into order_events (id, order_id, at, kind, actor, amount_kopecks, subject_id, detail)
    select gen_random_uuid(), d.order_id, ${now}, 'discrepancy.opened', 'system', coalesce(d.theirs_kopecks, d.ours_kopecks), d.id, jsonb_strip_nulls(jsonb_build_object('class', d.class, 'text', ${text}))
      from discrepancies d where d.state = 'open' and d.opened_at = ${now} and d.order_id is not null and not exists (select 1 from order_events e where e.order_id = d.order_id and e.kind = 'discrepancy.opened' and e.subject_id = d.id)`;
  await tx`
    insert into order_events (id, order_id, at, kind, actor, amount_kopecks, subject_id, detail)
    select gen_random_uuid(), d.order_id, ${now}, 'discrepancy.closed', 'system', coalesce(d.theirs_kopecks, d.ours_kopecks), d.id, jsonb_build_object('class', d.class, 'text', d.resolution)
      from discrepancies d join closing c on c.id = d.id where d.opened_at is not null and d.order_id is not null`;
  const [count] = await tx<{ count: number }[]>`select count(*)::int as count from discrepancies d where d.state = 'open' and d.opened_at = ${now}`;
  return count!.count;
}

/** «Есть в реестре банка» in the stories of orders, once per fact. Needs the tables of `pairOperations`. */
export async function tellRegistrySeen({ tx, now }: Run): Promise<void> {
  await tx`
    insert into order_events (id, order_id, at, kind, actor, amount_kopecks, subject_id, detail)
    select gen_random_uuid(), a.order_id, ${now}, 'registry.seen', 'system', x.theirs, x.fact_id, jsonb_strip_nulls(jsonb_build_object('kind', x.kind, 'feeKopecks', o.fee::text))
      from pairs x join ops o on o.entry_id = x.entry_id
      join lateral (select y.order_id from allocations y where y.fact_id = x.fact_id and y.order_id is not null group by y.order_id having sum(y.amount_kopecks) > 0 order by sum(y.amount_kopecks) desc limit 1) a on true
     where x.kind in ('payment', 'refund') and not exists (select 1 from order_events e where e.order_id = a.order_id and e.kind = 'registry.seen' and e.subject_id = x.fact_id)`;
}
