import type { Ctx } from "@/lib/context.ts";

/** A credit of a statement beside a payout: bound to it, or one that may be it. */
export type PayoutCredit = { settlementId: string; bankLineId: string; receivedOn: string; amountKopecks: bigint; number: string | null; purpose: string; isBound: boolean };

/**
 * Credits of each payout, bound ones first (at most 50), then at most 8 free ones around its day, the nearest to what is still missing
 * first: suggestions, never decisions. A credit that a buyer's money was made of is not among them.
 */
export async function listPayoutCredits(ctx: Ctx, input: { settlementIds: readonly string[]; isTest: boolean }): Promise<PayoutCredit[]> {
  if (input.settlementIds.length === 0) return [];
  const { sql } = ctx.database;
  const rows = await sql<PayoutCredit[]>`
    select s.id as settlement_id, x.bank_line_id, x.received_on::text, x.amount_kopecks, x.number, x.purpose, x.is_bound
      from settlements s join connections c on c.id = s.connection_id
      cross join lateral (select s.expected_kopecks - coalesce(sum(l.amount_kopecks), 0) as kopecks from bank_statement_lines l where l.settlement_id = s.id) lacks
      cross join lateral (
        (select l.id as bank_line_id, l.received_on, l.amount_kopecks, l.number, l.purpose, true as is_bound, row_number() over (order by l.received_on, l.id) as place
           from bank_statement_lines l where l.settlement_id = s.id order by l.received_on, l.id limit 50)
        union all
        (select l.id, l.received_on, l.amount_kopecks, l.number, l.purpose, false, row_number() over (order by abs(l.amount_kopecks - lacks.kopecks), l.received_on, l.id)
           from bank_statement_lines l join bank_statements b on b.id = l.statement_id left join bank_accounts a on a.id = b.bank_account_id
          where l.settlement_id is null and l.fact_id is null and l.direction = 'credit' and l.kind in ('acquirer_settlement', 'sbp_settlement', 'candidate', 'other')
            and l.is_test = s.is_test and (a.seller_org_id is null or c.seller_org_id is null or a.seller_org_id = c.seller_org_id) and l.received_on between s.payout_date - 5 and s.payout_date + 30
          order by abs(l.amount_kopecks - lacks.kopecks), l.received_on, l.id limit 8)) x
     where s.id in ${sql([...input.settlementIds])} and s.is_test = ${input.isTest} order by s.id, x.is_bound desc, x.place`;
  return [...rows];
}
