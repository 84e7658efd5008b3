import type { Ctx } from "@/lib/context.ts";
import { unidentified } from "./bank-line.ts";

/** A credit on our account whose payer or order nobody knows yet (LOST-23). */
export type UnidentifiedLine = {
  bankLineId: string;
  receivedOn: string;
  amountKopecks: bigint;
  number: string | null;
  payerName: string | null;
  payerInn: string | null;
  purpose: string;
  account: string;
  fileName: string;
  /** Orders of the seller that wait for exactly this sum, of the same INN first: suggestions, never decisions. */
  candidates: { orderId: string; number: string; buyerName: string }[];
  /** Counterparties with this INN. */
  counterparties: { counterpartyId: string; name: string }[];
};

/** «Невыясненные поступления», oldest first, at most 200. */
export async function listUnidentified(ctx: Ctx, isTest: boolean): Promise<UnidentifiedLine[]> {
  const { sql } = ctx.database;
  const rows = await sql<UnidentifiedLine[]>`
    select l.id as bank_line_id, l.received_on::text, l.amount_kopecks, l.number, l.payer_name, l.payer_inn, l.purpose, l.account, b.file_name,
           (select coalesce(json_agg(x), '[]'::json) from (
              select o.id as "orderId", o.number, o.buyer_name as "buyerName" from orders o left join counterparties c on c.id = o.counterparty_id
               where o.is_test = l.is_test and o.payment_status in ('not_paid', 'awaiting_payment', 'partially_paid') and (a.seller_org_id is null or o.seller_org_id = a.seller_org_id)
                 and o.total_kopecks - o.goods_returned_kopecks - o.captured_kopecks + o.reversed_kopecks + o.refunded_kopecks + o.charged_back_kopecks = l.amount_kopecks
               order by (c.inn is not null and c.inn = l.payer_inn) desc, o.order_date desc, o.id limit 5) x) as candidates,
           (select coalesce(json_agg(x), '[]'::json) from (select c.id as "counterpartyId", c.name from counterparties c where c.inn = l.payer_inn order by c.created_at, c.id limit 5) x) as counterparties
      from bank_statement_lines l join bank_statements b on b.id = l.statement_id left join bank_accounts a on a.id = b.bank_account_id
     where ${unidentified(sql, ctx.zone)} and l.is_test = ${isTest} order by l.received_on, l.id limit 200`;
  return [...rows];
}

/** How many such lines wait for a person: for a badge. */
export async function countUnidentified(ctx: Ctx, isTest: boolean): Promise<number> {
  const { sql } = ctx.database;
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from bank_statement_lines l join bank_statements b on b.id = l.statement_id where ${unidentified(sql, ctx.zone)} and l.is_test = ${isTest}`;
  return row!.count;
}
