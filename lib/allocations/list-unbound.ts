import type { Ctx } from "@/lib/context.ts";
import type { PayMethodCode } from "@/lib/ledger/kinds.ts";

/** Money whose order nobody knows yet (LOST-20, LOST-23), less what went back from it. */
export type UnboundPayment = {
  factId: string;
  leftKopecks: bigint;
  method: PayMethodCode;
  connectionName: string | null;
  providerPaymentId: string | null;
  /** What the provider called it: our reference, or another text. */
  note: string | null;
  occurredAt: Date;
  /** Orders of the same sum that wait for money, newest first: suggestions, never decisions. */
  candidates: { orderId: string; number: string; buyerName: string }[];
};

/** Newest first, at most 200: «Без заказа» of A4. */
export async function listUnbound(ctx: Ctx, isTest: boolean): Promise<UnboundPayment[]> {
  const { sql } = ctx.database;
  const rows = await sql<UnboundPayment[]>`
    select f.id as fact_id, u.left_kopecks, f.method, c.name as connection_name, f.provider_payment_id, f.note, f.occurred_at,
           (select coalesce(json_agg(x), '[]'::json) from (
              select o.id as "orderId", o.number, o.buyer_name as "buyerName" from orders o
               where o.is_test = f.is_test and o.payment_status in ('not_paid', 'awaiting_payment', 'partially_paid') and o.total_kopecks = u.left_kopecks
               order by o.order_date desc limit 5) x) as candidates
      from money_facts f
      cross join lateral (select coalesce(sum(case when g.kind in ('payment_captured', 'refund_reversed', 'chargeback_reversed') then a.amount_kopecks else -a.amount_kopecks end), 0)::bigint as left_kopecks
                            from money_facts g join allocations a on a.fact_id = g.id
                           where (g.id = f.id or g.parent_fact_id = f.id) and a.order_id is null and g.kind not in ('authorized', 'authorization_voided')) u
      left join connections c on c.id = f.connection_id
     where f.kind = 'payment_captured' and f.is_test = ${isTest} and u.left_kopecks > 0
       and exists (select 1 from allocations a where a.fact_id = f.id and a.order_id is null and a.counterparty_id is null)
     order by f.occurred_at desc limit 200`;
  return [...rows];
}

/** How many such payments wait for a person: for the sidebar's badge. */
export async function countUnbound(ctx: Ctx, isTest: boolean): Promise<number> {
  const { sql } = ctx.database;
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count
      from (select distinct a.fact_id from allocations a where a.order_id is null and a.counterparty_id is null) loose
      join money_facts f on f.id = loose.fact_id and f.kind = 'payment_captured' and f.is_test = ${isTest}
     where (select sum(case when g.kind in ('payment_captured', 'refund_reversed', 'chargeback_reversed') then a.amount_kopecks else -a.amount_kopecks end)
              from money_facts g join allocations a on a.fact_id = g.id where (g.id = f.id or g.parent_fact_id = f.id) and a.order_id is null and g.kind not in ('authorized', 'authorization_voided')) > 0`;
  return row!.count;
}
