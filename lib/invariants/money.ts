/** Invariants of the ledger and of what is derived from it: 1–7, 16, 17. Written in SQL of their own, not with the code they check. */
import { countBreaks, together } from "./invariant.ts";
import type { Invariant } from "./invariant.ts";

/** Tables that a trigger keeps append-only. */
const appendOnly = ["money_facts", "allocations", "audit_log", "order_revisions", "order_lines", "order_events", "exchange_log", "receipt_lines", "registry_entries", "shipments", "evidence"];


export const moneyInvariants: Invariant[] = [
  {
    no: 1,
    title: "Записи о деньгах не меняются и не удаляются, суммы больше нуля",
    find: async (_ctx, tx) =>
      together([
        await countBreaks(tx, tx`select id::text as what from money_facts where amount_kopecks <= 0`),
        await countBreaks(tx, tx`
          select 'нет защиты таблицы ' || t as what from unnest(${appendOnly}::text[]) t
           where not exists (select 1 from pg_trigger g where g.tgrelid = t::regclass and g.tgenabled in ('O', 'A') and g.tgname = t || '_append_only')`),
      ]),
  },
  {
    no: 2,
    title: "Распределено ровно столько, сколько получено",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select f.id::text as what from money_facts f left join (select fact_id, sum(amount_kopecks) as given from allocations group by fact_id) a on a.fact_id = f.id
         where a.given is distinct from f.amount_kopecks`),
  },
  {
    no: 3,
    title: "Ушло по платежу не больше, чем пришло",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select f.id::text as what from money_facts f join (
            select parent_fact_id, sum(case when kind in ('refund_reversed', 'chargeback_reversed') then -amount_kopecks else amount_kopecks end) as gone from money_facts
             where parent_fact_id is not null and kind in ('payment_reversed', 'refund_succeeded', 'refund_reversed', 'chargeback', 'chargeback_reversed') group by 1) g on g.parent_fact_id = f.id
         where f.kind = 'payment_captured' and g.gone > f.amount_kopecks`),
  },
  {
    no: 4,
    title: "Статус и суммы заказа выведены из записей о деньгах",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        with money as (
          select a.order_id, coalesce(sum(a.amount_kopecks) filter (where f.kind = 'payment_captured'), 0) as c, coalesce(sum(a.amount_kopecks) filter (where f.kind = 'payment_reversed'), 0) as v,
                 coalesce(sum(case f.kind when 'refund_succeeded' then a.amount_kopecks when 'refund_reversed' then -a.amount_kopecks end), 0) as r,
                 coalesce(sum(case f.kind when 'chargeback' then a.amount_kopecks when 'chargeback_reversed' then -a.amount_kopecks end), 0) as b
            from allocations a join money_facts f on f.id = a.fact_id where a.order_id is not null group by a.order_id),
        goods as (select order_id, sum(total_kopecks) as returned from goods_returns group by order_id),
        live as (select distinct order_id from payment_attempts where not is_superseded and state in ('created', 'unknown', 'pending', 'authorized')),
        seen as (
          select o.*, coalesce(m.c, 0) as c, coalesce(m.v, 0) as v, coalesce(m.r, 0) as r, coalesce(m.b, 0) as b, coalesce(g.returned, 0) as g, l.order_id is not null as is_live,
                 coalesce(m.c, 0) - coalesce(m.v, 0) - coalesce(m.r, 0) - coalesce(m.b, 0) as n,
                 case when o.lifecycle in ('cancelled', 'deleted') then 0 else o.total_kopecks - coalesce(g.returned, 0) end as p
            from orders o left join money m on m.order_id = o.id left join goods g on g.order_id = o.id left join live l on l.order_id = o.id)
        select number || ' (' || id || ')' as what from seen
         where (captured_kopecks, reversed_kopecks, refunded_kopecks, charged_back_kopecks, goods_returned_kopecks) is distinct from (c::bigint, v::bigint, r::bigint, b::bigint, g::bigint)
            or payment_status is distinct from case
                 when n < 0 then 'inconsistent' when n > p then 'overpaid' when n = p and p > 0 then 'paid' when n = 0 and p = 0 and c > 0 then 'refunded' when n = 0 and p = 0 then 'nothing_due'
                 when n > 0 then 'partially_paid' when held_kopecks > 0 then 'authorized' when is_live then 'awaiting_payment' else 'not_paid' end`),
  },
  {
    no: 5,
    title: "Один платёж банка учтён один раз",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select connection_id || ' ' || provider_payment_id as what from money_facts where kind = 'payment_captured' and provider_payment_id is not null
         group by connection_id, provider_payment_id, capture_no having count(*) > 1
        union all
        select connection_id || ' ' || provider_operation_id from money_facts where provider_operation_id is not null group by connection_id, kind, provider_operation_id having count(*) > 1`),
  },
  {
    no: 6,
    title: "Повтор сообщения ничего не добавил",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select connection_id || ' ' || event_key as what from inbox_messages group by connection_id, event_key having count(*) > 1
        union all
        select 'возврат ' || fact_id from refunds where fact_id is not null group by fact_id having count(*) > 1`),
  },
  {
    no: 7,
    title: "Попытка оплачена тогда и только тогда, когда деньги учтены",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select a.id::text as what from payment_attempts a
          left join (select distinct attempt_id from money_facts where kind = 'payment_captured' and attempt_id is not null) f on f.attempt_id = a.id
         where (a.state = 'succeeded') <> (f.attempt_id is not null)`),
  },
  {
    no: 16,
    title: "Выплата банка сходится с зачислением или разбирается",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select s.payout_id as what from settlements s
          join (select settlement_id, sum(amount_kopecks) as credited from bank_statement_lines where settlement_id is not null group by 1) b on b.settlement_id = s.id
         where b.credited <> s.expected_kopecks and not exists (select 1 from discrepancies d where d.settlement_id = s.id and d.class in ('SETTLEMENT_MISMATCH', 'SETTLEMENT_MISSING'))`),
  },
  {
    no: 17,
    title: "Настоящее не ссылается на тестовое",
    find: (_ctx, tx) =>
      countBreaks(tx, tx`
        select 'деньги ' || f.id as what from money_facts f join allocations a on a.fact_id = f.id join orders o on o.id = a.order_id where o.is_test <> f.is_test
        union all select 'деньги ' || f.id from money_facts f join connections c on c.id = f.connection_id where f.is_test <> (c.environment = 'test')
        union all select 'попытка ' || p.id from payment_attempts p join connections c on c.id = p.connection_id where p.is_test <> (c.environment = 'test')
        union all select 'чек ' || r.id from receipts r join connections c on c.id = r.connection_id where r.is_test <> (c.environment = 'test')
        union all select 'чек ' || r.id from receipts r join money_facts f on f.id = r.fact_id where r.is_test <> f.is_test
        union all select 'возврат ' || r.id from refunds r join money_facts f on f.id = r.payment_fact_id where r.is_test <> f.is_test
        union all select 'обмен ' || e.id from export_messages e join money_facts f on f.id = e.fact_id join connections c on c.id = e.connection_id where f.is_test <> (c.environment = 'test')`),
  },
];

