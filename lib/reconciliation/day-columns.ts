import type { Sql, Tx } from "@/db/index.ts";

/** Five sources of a day at one acquirer (A8). Money in minus money back, kopecks; counts are operations. */
export const dayColumns = ["onec", "ledger", "registry", "receipts", "bank"] as const;
export type DayColumn = (typeof dayColumns)[number];
export const dayColumnLabels: Record<DayColumn, string> = { onec: "1С", ledger: "Наш учёт", registry: "Реестр банка", receipts: "Чеки", bank: "Зачислено" };
/** The column whose difference a class explains. */
export const columnOfClass = (name: string): DayColumn =>
  name.endsWith("1C") || name === "ORDER_TOTAL_MISMATCH" ? "onec" : name.startsWith("RECEIPT_") || name === "ADVANCE_NOT_CLOSED" ? "receipts" : name.startsWith("SETTLEMENT_") || name === "BANK_UNEXPECTED" ? "bank" : name.endsWith("_DAY") ? "ledger" : "registry";

/** The acquirer that a discrepancy `d` is about: its own connection, or the one that took the money; null outside acquirers. */
export const acquirerOf = (on: Sql | Tx) => on`
  coalesce((select x.id from connections x where x.id = d.connection_id and x.kind = 'acquirer'), (select x.id from money_facts m join connections x on x.id = m.connection_id and x.kind = 'acquirer' where m.id = d.fact_id))`;

/**
 * `inKopecks` − `outKopecks` = `netKopecks`. Null in a day's row: this source has said nothing of the day. `owedKopecks`: what our own
 * books want of this source, net: a chargeback and a company's transfer owe no receipt, money outside of 1C's orders is none of 1C's.
 */
export type DayCell = { inKopecks: bigint; outKopecks: bigint; netKopecks: bigint; owedKopecks: bigint; count: bigint };

export type DayCells = { day: string; connectionId: string | null } & Record<DayColumn, DayCell | null>;

type Row = { day: string; connectionId: string | null; column: DayColumn; inKopecks: bigint; outKopecks: bigint; owedKopecks: bigint | null; count: bigint };

/**
 * Sums of each source for the days from … to, by business date of the money: 1C and receipts stand on the day of their fact, the
 * bank's credit on the day of the operations that it pays for, so that a row compares like with like. `connectionId` null: money
 * outside acquirers (transfers, cash).
 */
export async function readDayCells(on: Sql | Tx, input: { from: string; to: string; isTest: boolean }): Promise<DayCells[]> {
  const { from, to, isTest } = input;
  const rows = await on<Row[]>`
    with facts as materialized (
      select f.id, f.business_date as day, case when c.kind = 'acquirer' then f.connection_id end as connection_id, f.kind, f.amount_kopecks, f.document_key, f.fiscal_owner,
             f.kind in ('payment_captured', 'refund_reversed', 'chargeback_reversed') as is_in
        from money_facts f left join connections c on c.id = f.connection_id
       where f.business_date between ${from} and ${to} and f.is_test = ${isTest} and f.kind not in ('authorized', 'authorization_voided')),
    operations as materialized (
      select distinct on (e.connection_id, e.kind, e.provider_payment_id, coalesce(e.provider_operation_id, '')) e.business_date as day, e.connection_id, e.amount_kopecks, e.kind in ('payment', 'chargeback_reversed') as is_in
        from registry_entries e where e.connection_id in (select id from connections where kind = 'acquirer') and e.business_date between ${from} and ${to} and e.is_test = ${isTest}
       order by e.connection_id, e.kind, e.provider_payment_id, coalesce(e.provider_operation_id, ''), (e.payout_id is not null) desc, (e.fee_kopecks is not null) desc, e.amount_kopecks desc),
    spans as (select r.connection_id, d::date as day from registries r cross join lateral generate_series(greatest(r.day_from, ${from}::date), least(r.day_to, ${to}::date), interval '1 day') d where r.is_test = ${isTest} group by 1, 2),
    paid_out as (
      select l.day, l.connection_id, s.id, s.expected_kopecks, (select sum(b.amount_kopecks) from bank_statement_lines b where b.settlement_id = s.id)::bigint as came, l.net, l.count, sum(l.net) over (partition by s.id) as whole, row_number() over (partition by s.id order by l.day desc) as last
        from (select e.connection_id, e.business_date as day, coalesce(e.payout_id, 'day:' || e.business_date) as payout_id, sum(case when e.kind in ('payment', 'chargeback_reversed') then e.amount_kopecks else -e.amount_kopecks end) as net, count(*) as count
                from registry_entries e where e.connection_id in (select id from connections where kind = 'acquirer') and e.business_date between ${from}::date - 7 and ${to}::date + 7 and e.is_test = ${isTest} group by 1, 2, 3) l
        join settlements s on s.connection_id = l.connection_id and s.payout_id = l.payout_id),
    owed as materialized (
      select day, connection_id, sum(sign * onec_kopecks)::bigint as onec, sum(sign * receipt_kopecks)::bigint as receipts
        from (select f.day, f.connection_id, case when f.is_in then 1 else -1 end as sign, f.amount_kopecks,
                     -- What stays in a dry run is told to nobody (invariant 13).
                     case when f.document_key is not null then f.amount_kopecks
                          when exists (select 1 from export_messages m where m.fact_id = f.id) or exists (select 1 from allocations a join orders w on w.id = a.order_id where a.fact_id = f.id and w.onec_connection_id is not null)
                          then f.amount_kopecks - coalesce((select sum(y.amount_kopecks) from dry_runs y where y.fact_id = f.id and y.kind = 'export'), 0) else 0 end as onec_kopecks,
                     -- A part of it may need none. One that goes the other way, as the second document of a price concession does (FISC-36), leaves so much more to the rest.
                     case when f.fiscal_owner = 'site' and f.kind in ('payment_captured', 'refund_succeeded') or exists (select 1 from receipts x where x.fact_id = f.id and x.state = 'registered' and x.corrects_receipt_id is null)
                          then greatest(0, f.amount_kopecks - coalesce((select sum(case when f.is_in = (x.kind like 'income_return%') then -1 else 1 end * (x.total_kopecks - x.offset_kopecks - x.credit_kopecks)) from receipts x where x.fact_id = f.id and x.state = 'not_required' and x.corrects_receipt_id is null), 0)) end as receipt_kopecks
                from facts f) each_fact group by 1, 2)
    select day::text, connection_id, 'ledger' as column, coalesce(sum(amount_kopecks) filter (where is_in), 0)::bigint as in_kopecks, coalesce(sum(amount_kopecks) filter (where not is_in), 0)::bigint as out_kopecks, null::bigint as owed_kopecks, count(*) as count from facts group by 1, 2
    union all
    -- Part by part: money of several orders is in 1C as far as their documents go, and the find of MISSING_IN_1C names the rest.
    select f.day::text, f.connection_id, 'onec', coalesce(sum(b.kopecks) filter (where f.is_in), 0)::bigint, coalesce(sum(b.kopecks) filter (where not f.is_in), 0)::bigint,
           (select w.onec from owed w where w.day = f.day and w.connection_id is not distinct from f.connection_id), count(*)
      from facts f join lateral (select case when f.document_key is not null then f.amount_kopecks else (select sum(m.amount_kopecks) from export_messages m where m.fact_id = f.id and m.state = 'confirmed') end as kopecks) b on b.kopecks is not null
     group by f.day, f.connection_id
    union all
    select f.day::text, f.connection_id, 'receipts', coalesce(sum(r.kopecks) filter (where r.kopecks > 0), 0)::bigint, coalesce(-sum(r.kopecks) filter (where r.kopecks < 0), 0)::bigint,
           (select w.receipts from owed w where w.day = f.day and w.connection_id is not distinct from f.connection_id), sum(r.count)::bigint
      from facts f join lateral (select sum(case when x.kind like 'income_return%' then -1 else 1 end * (x.total_kopecks - x.offset_kopecks - x.credit_kopecks)) as kopecks, count(*) as count
             from receipts x where x.fact_id = f.id and x.state = 'registered' and x.corrects_receipt_id is null) r on r.count > 0 group by f.day, f.connection_id
    union all
    select coalesce(o.day, s.day)::text, coalesce(o.connection_id, s.connection_id), 'registry', coalesce(sum(o.amount_kopecks) filter (where o.is_in), 0)::bigint, coalesce(sum(o.amount_kopecks) filter (where not o.is_in), 0)::bigint, null, count(o.day)
      from operations o full join spans s on s.connection_id = o.connection_id and s.day = o.day group by 1, 2
    union all
    -- A payout of several days is shared by their sums; the last day takes what is left, so that nothing is lost in rounding.
    select p.day::text, p.connection_id, 'bank', coalesce(sum(p.part) filter (where p.part > 0), 0)::bigint, coalesce(-sum(p.part) filter (where p.part < 0), 0)::bigint, null, sum(p.count)::bigint
      from (select q.day, q.connection_id, q.count, case when q.last = 1 then q.came - coalesce(sum(q.share) filter (where q.last > 1) over (partition by q.id), 0) else q.share end as part
              from (select x.*, case when x.whole = 0 then 0 else trunc(x.came * x.net / x.whole) end as share from paid_out x where x.came is not null) q) p
     where p.day between ${from} and ${to} group by 1, 2`;
  const cells = new Map<string, DayCells>();
  const ledger = new Map(rows.filter((row) => row.column === "ledger").map((row) => [`${row.day} ${row.connectionId ?? ""}`, row.inKopecks - row.outKopecks]));
  for (const { day, connectionId, column, inKopecks, outKopecks, owedKopecks, count } of rows) {
    const key = `${day} ${connectionId ?? ""}`;
    const row = cells.get(key) ?? { day, connectionId, onec: null, ledger: null, registry: null, receipts: null, bank: null };
    row[column] = { inKopecks, outKopecks, netKopecks: inKopecks - outKopecks, owedKopecks: owedKopecks ?? ledger.get(key) ?? 0n, count };
    cells.set(key, row);
  }
  return [...cells.values()].toSorted((a, b) => (a.day === b.day ? ((a.connectionId ?? "~") < (b.connectionId ?? "~") ? -1 : 1) : a.day < b.day ? 1 : -1));
}
