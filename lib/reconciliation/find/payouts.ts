import { tariffOf } from "@/lib/reconciliation/tariff.ts";
import type { Run } from "./run.ts";

/** Classes that M2 decides about. */
export const payoutClasses = ["SETTLEMENT_MISMATCH", "SETTLEMENT_MISSING", "BANK_UNEXPECTED"] as const;

/** M2: what the acquirer pays out (REC-06) beside what came to the account. Needs the tables of `pairOperations`. */
export async function findPayoutDifferences(run: Run): Promise<void> {
  await readPayoutLines(run);
  await writeSettlements(run);
  await bindBankLines(run);
  await tellOrders(run);
  await payoutDifferences(run);
}

const bestFirst = "e.amount_kopecks desc, (e.fee_kopecks is not null) desc, e.occurred_at, e.entry_key";

async function readPayoutLines({ tx, margin }: Run): Promise<void> {
  await tx`
    create temp table payout_lines on commit drop as
    with touched as (
      select connection_id, payout_id from registry_entries where connection_id in (select id from connections where kind = 'acquirer') and business_date >= ${margin} and payout_id is not null
      union select s.connection_id, s.payout_id from settlements s where s.payout_date >= ${margin}
      union select s.connection_id, s.payout_id from settlements s join discrepancies d on d.settlement_id = s.id and d.state in ('expected', 'open'))
    select distinct on (e.connection_id, e.payout_id, e.kind, e.provider_payment_id, coalesce(e.provider_operation_id, ''))
           e.connection_id, e.payout_id, e.id as entry_id, e.kind, e.provider_payment_id as payment_id, e.amount_kopecks as amount, coalesce(e.fee_kopecks, 0) as fee, coalesce(e.fee_vat_kopecks, 0) as fee_vat,
           e.payout_date, e.business_date, e.is_test
      from touched t join registry_entries e on e.connection_id = t.connection_id and e.payout_id = t.payout_id
     order by e.connection_id, e.payout_id, e.kind, e.provider_payment_id, coalesce(e.provider_operation_id, ''), ${tx.unsafe(bestFirst)}`;
  // A list without payouts, whose bank pays out each day by itself.
  const daily = await tx<{ id: string; percent: string | null }[]>`select id, settings->>'feePercent' as percent from connections where kind = 'acquirer' and settings->>'payout' = 'daily'`;
  for (const { id, percent } of daily) {
    const tariff = percent === null ? null : tariffOf(percent);
    await tx`
      insert into payout_lines
      select o.connection_id, 'day:' || o.business_date, o.entry_id, o.kind, o.payment_id, o.amount,
             coalesce(o.fee, case when o.kind = 'payment' then floor((o.amount::numeric * ${(tariff ?? 0n).toString()}::numeric * 2 + 10000) / 20000)::bigint else 0 end), 0, s.next_working, o.business_date, o.is_test
        from ops o left join sla s on s.day = o.business_date where o.connection_id = ${id} and o.payout_id is null and o.business_date >= ${margin}`;
  }
  await tx`create index on payout_lines (connection_id, payout_id)`;
  await tx`analyze payout_lines`;
}

/** Sums of a payout follow its lines; what a person added stays. A bound payout is not rewritten by lines that fall out of sight. */
async function writeSettlements({ tx, now }: Run): Promise<void> {
  await tx`
    insert into settlements (id, connection_id, payout_id, payout_date, captured_kopecks, refunded_kopecks, charged_back_kopecks, fee_kopecks, fee_vat_kopecks, expected_kopecks, is_test, updated_at)
    select gen_random_uuid(), x.connection_id, x.payout_id, x.payout_date, x.captured, x.refunded, x.charged_back, x.fee, x.fee_vat, x.captured - x.refunded - x.charged_back - x.fee - x.fee_vat, x.is_test, ${now}
      from (select l.connection_id, l.payout_id, coalesce(max(l.payout_date), (select s.next_working from sla s where s.day = max(l.business_date)), max(l.business_date)) as payout_date,
                   coalesce(sum(l.amount) filter (where l.kind = 'payment'), 0)::bigint as captured, coalesce(sum(l.amount) filter (where l.kind = 'refund'), 0)::bigint as refunded,
                   (coalesce(sum(l.amount) filter (where l.kind = 'chargeback'), 0) - coalesce(sum(l.amount) filter (where l.kind = 'chargeback_reversed'), 0))::bigint as charged_back,
                   sum(l.fee)::bigint as fee, sum(l.fee_vat)::bigint as fee_vat, bool_or(l.is_test) as is_test
              from payout_lines l group by l.connection_id, l.payout_id) x
    on conflict (connection_id, payout_id) do update set payout_date = excluded.payout_date, captured_kopecks = excluded.captured_kopecks, refunded_kopecks = excluded.refunded_kopecks,
      charged_back_kopecks = excluded.charged_back_kopecks, fee_kopecks = excluded.fee_kopecks, fee_vat_kopecks = excluded.fee_vat_kopecks,
      expected_kopecks = excluded.expected_kopecks + settlements.adjustment_kopecks, updated_at = excluded.updated_at
      where (settlements.payout_date, settlements.captured_kopecks, settlements.refunded_kopecks, settlements.charged_back_kopecks, settlements.fee_kopecks, settlements.fee_vat_kopecks)
        is distinct from (excluded.payout_date, excluded.captured_kopecks, excluded.refunded_kopecks, excluded.charged_back_kopecks, excluded.fee_kopecks, excluded.fee_vat_kopecks)`;
  await tx`
    create temp table payouts on commit drop as
    select s.id, s.connection_id, s.payout_id, s.payout_date, s.expected_kopecks as expected, s.is_test, c.seller_org_id, coalesce(d.bank_last, s.payout_date + 5) as bank_last
      from settlements s join connections c on c.id = s.connection_id left join sla d on d.day = s.payout_date
     where exists (select 1 from payout_lines l where l.connection_id = s.connection_id and l.payout_id = s.payout_id)`;
}

/** 5.1: the payout's number in the purpose, else its sum within three working days, else the only candidate on either side. */
async function bindBankLines({ tx, margin }: Run): Promise<void> {
  await tx`
    create temp table credits on commit drop as
    select l.id, l.received_on, l.amount_kopecks as amount, l.purpose, l.is_test, a.seller_org_id, l.settlement_id, l.handled_by is not null as is_handled, false as is_new
      from bank_statement_lines l join bank_statements b on b.id = l.statement_id left join bank_accounts a on a.id = b.bank_account_id
     where l.kind in ('acquirer_settlement', 'sbp_settlement') and l.direction = 'credit' and (l.received_on >= ${margin} or l.id in (select bank_line_id from discrepancies where state in ('expected', 'open')))`;
  // Of what a person has decided the machine decides no more.
  const fits = tx`c.settlement_id is null and not c.is_handled and c.is_test = p.is_test and (c.seller_org_id is null or p.seller_org_id is null or c.seller_org_id = p.seller_org_id)`;
  const empty = tx`not exists (select 1 from credits x where x.settlement_id = p.id) and not exists (select 1 from bank_statement_lines y where y.settlement_id = p.id)`;
  const inTime = tx`c.received_on between p.payout_date and p.bank_last`;
  await tx`
    update credits c set settlement_id = f.payout, is_new = true
      from (select c.id, (array_agg(p.id))[1] as payout from credits c join payouts p on ${fits} and c.received_on between p.payout_date - 5 and p.payout_date + 30 and p.payout_id not like 'day:%'
               and length(p.payout_id) >= 3 and c.purpose ~* ('(^|[^0-9A-Za-zА-яЁё])' || regexp_replace(p.payout_id, '([^0-9A-Za-zА-яЁё])', '\\\\\\1', 'g') || '($|[^0-9A-Za-zА-яЁё])')
             group by c.id having count(*) = 1) f where f.id = c.id`;
  await tx`
    with c as (select c.id, p.id as payout, count(*) over (partition by c.id) as payouts_for_line, count(*) over (partition by p.id) as lines_for_payout
                 from credits c join payouts p on ${fits} and ${inTime} and c.amount = p.expected where ${empty}),
         -- Equal sums of several days go in the order of their days.
         r as (select c.id, c.amount, c.seller_org_id, c.received_on, c.is_test, row_number() over (partition by c.amount, c.seller_org_id, c.is_test order by c.received_on, c.id) as no from credits c where c.settlement_id is null and not c.is_handled),
         s as (select p.id, p.is_test, p.expected, p.seller_org_id, p.payout_date, p.bank_last, row_number() over (partition by p.expected, p.seller_org_id, p.is_test order by p.payout_date, p.payout_id) as no from payouts p where ${empty})
    update credits t set settlement_id = coalesce(c.payout, f.payout), is_new = true
      from (select id from credits) k left join c on c.id = k.id and c.payouts_for_line = 1 and c.lines_for_payout = 1
      left join (select r.id, s.id as payout from r join s on s.expected = r.amount and s.no = r.no and s.is_test = r.is_test and (r.seller_org_id is null or s.seller_org_id is null or r.seller_org_id = s.seller_org_id)
                    and r.received_on between s.payout_date and s.bank_last) f on f.id = k.id
     where t.id = k.id and t.settlement_id is null and coalesce(c.payout, f.payout) is not null`;
  await tx`
    with near as (select c.id, p.id as payout, c.amount, p.expected, count(*) over (partition by c.id) as payouts_for_line, count(*) over (partition by p.id) as lines_for_payout
                    from credits c join payouts p on ${fits} and ${inTime} where ${empty})
    update credits t set settlement_id = n.payout, is_new = true from near n where n.id = t.id and n.payouts_for_line = 1 and n.lines_for_payout = 1 and abs(n.amount - n.expected) * 10 <= n.expected`;
  await tx`update bank_statement_lines l set settlement_id = c.settlement_id from credits c where c.id = l.id and c.is_new`;
}

async function tellOrders({ tx, now }: Run): Promise<void> {
  await tx`
    insert into order_events (id, order_id, at, kind, actor, amount_kopecks, subject_id, detail)
    select gen_random_uuid(), o.order_id, ${now}, 'settlement.credited', 'system', c.amount, c.settlement_id, jsonb_build_object('payoutId', p.payout_id, 'receivedOn', c.received_on::text)
      from credits c join payouts p on p.id = c.settlement_id
      join (select distinct l.connection_id, l.payout_id, a.order_id from payout_lines l left join pairs x on x.entry_id = l.entry_id left join paid d on d.connection_id = l.connection_id and d.payment_id = l.payment_id
              join allocations a on a.fact_id = coalesce(x.fact_id, d.fact_id) where a.order_id is not null) o on o.connection_id = p.connection_id and o.payout_id = p.payout_id
     where c.is_new`;
}

async function payoutDifferences({ tx, now }: Run): Promise<void> {
  const came = tx`(select sum(l.amount_kopecks)::bigint from bank_statement_lines l where l.settlement_id = p.id)`;
  // Money that the accountant has taken back as never received (LOST-13) is not waited for any more.
  const reversed = tx`(select coalesce(sum(v.amount_kopecks), 0) from payout_lines l join paid d on d.connection_id = l.connection_id and d.payment_id = l.payment_id
     join money_facts v on v.parent_fact_id = d.fact_id and v.kind = 'payment_reversed' where l.connection_id = p.connection_id and l.payout_id = p.payout_id and l.kind = 'payment')`;
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, settlement_id, order_id, detail, due_at, is_test)
    select 'SETTLEMENT_MISSING', 'settlement:' || p.id, p.connection_id, p.payout_date, p.expected, p.id,
           (select case when count(distinct a.order_id) = 1 then (array_agg(a.order_id))[1] end from payout_lines l join paid d on d.connection_id = l.connection_id and d.payment_id = l.payment_id
              join allocations a on a.fact_id = d.fact_id and a.order_id is not null where l.connection_id = p.connection_id and l.payout_id = p.payout_id),
           jsonb_build_object('payoutId', p.payout_id), coalesce(s.bank_due, ${now}), p.is_test
      from payouts p left join sla s on s.day = p.payout_date
     where p.expected > 0 and ${came} is null and ${reversed} < (select captured_kopecks from settlements t where t.id = p.id)`;
  await tx`
    insert into found (class, object_key, connection_id, business_date, ours, theirs, settlement_id, bank_line_id, detail, due_at, is_test)
    select 'SETTLEMENT_MISMATCH', 'settlement:' || p.id, p.connection_id, p.payout_date, p.expected, ${came}, p.id, (select l.id from bank_statement_lines l where l.settlement_id = p.id order by l.received_on, l.id limit 1),
           jsonb_build_object('payoutId', p.payout_id, 'explanation', ${explanation({ tx }, tx`(p.expected - ${came})`)}), ${now}, p.is_test
      from payouts p where ${came} <> p.expected`;
  await tx`
    insert into found (class, object_key, business_date, theirs, bank_line_id, detail, due_at, is_test)
    select 'BANK_UNEXPECTED', 'bank:' || c.id, c.received_on, c.amount, c.id, jsonb_build_object('purpose', left(c.purpose, 200)), coalesce(s.registry_due, ${now}), c.is_test
      from credits c left join sla s on s.day = c.received_on where c.settlement_id is null`;
}

/** What the difference equals, if it equals anything in the payout; a hint for the accountant and no decision. */
function explanation({ tx }: Pick<Run, "tx">, difference: ReturnType<Run["tx"]>) {
  const one = tx`select l.payment_id from payout_lines l where l.connection_id = p.connection_id and l.payout_id = p.payout_id and l.amount = abs(${difference}) limit 1`;
  return tx`(select case when ${difference} = t.fee_kopecks + t.fee_vat_kopecks then 'комиссия удержана дважды' when ${difference} = -(t.fee_kopecks + t.fee_vat_kopecks) and t.fee_kopecks > 0 then 'комиссия не удержана'
      when ${difference} = t.fee_vat_kopecks and t.fee_vat_kopecks > 0 then 'НДС с комиссии удержан дважды' when ${difference} = -t.refunded_kopecks and t.refunded_kopecks > 0 then 'возвраты не удержаны'
      when ${difference} = t.refunded_kopecks and t.refunded_kopecks > 0 then 'возвраты удержаны дважды' when exists (${one}) then 'сумма равна операции ' || (${one})
      when ${difference} > 0 then 'банк удержал больше, чем в реестре' else 'банк заплатил больше, чем в реестре' end from settlements t where t.id = p.id)`;
}

