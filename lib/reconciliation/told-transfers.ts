import type { Tx } from "@/db/index.ts";
import { sameDocumentNumber } from "@/lib/payments/index.ts";
import { DAYS_APART } from "@/lib/payments/index.ts";
import type { BankLine } from "./bank-line.ts";

/** One document, as 1C or a person told of it; it may stand on several orders. */
export type ToldTransfer = { factId: string; documentKey: string; documentNumber: string | null; amountKopecks: bigint; payerInn: string | null; orderId: string };

/** Transfers told within three days of the line that no line of a statement proves yet, nearest first. `orderId` narrows to one order. */
export async function toldTransfers(tx: Tx, line: BankLine, orderId: string | null): Promise<ToldTransfer[]> {
  return tx<ToldTransfer[]>`
    with parts as (
      select f.id, f.document_key, f.document_number, f.amount_kopecks, f.occurred_at, o.id as order_id, c.inn,
             -- One reference names one document; a number alone names one within the payer's few days.
             case when f.document_key like '%:%' then 'number:' || coalesce(c.inn, o.id::text) || ':' || coalesce(nullif(ltrim(f.document_number, '0'), 'б/н'), f.id::text) else split_part(f.document_key, '@', 1) end as document
        from money_facts f
        join lateral (select x.order_id from allocations x where x.fact_id = f.id and x.order_id is not null group by x.order_id having sum(x.amount_kopecks) > 0 order by sum(x.amount_kopecks) desc, x.order_id limit 1) a on true
        join orders o on o.id = a.order_id left join counterparties c on c.id = o.counterparty_id
       where f.kind = 'payment_captured' and f.method = 'bank_transfer' and f.document_key is not null and f.document_key not like 'bank:%' and f.is_test = ${line.isTest}
         and f.business_date between ${line.receivedOn}::date - ${DAYS_APART}::int and ${line.receivedOn}::date + 31 and f.occurred_at between ${line.receivedOn}::date - ${DAYS_APART + 1}::int and ${line.receivedOn}::date + ${DAYS_APART + 2}::int
         and (${line.sellerOrgId}::uuid is null or o.seller_org_id = ${line.sellerOrgId}) and (${orderId}::uuid is null or o.id = ${orderId})),
    documents as (
      select (array_agg(id order by id))[1] as fact_id, (array_agg(document_key order by id))[1] as document_key, (array_agg(document_number order by id))[1] as document_number, sum(amount_kopecks)::bigint as amount_kopecks,
             max(inn) as payer_inn, (array_agg(order_id order by id))[1] as order_id, array_agg(id) as fact_ids, min(occurred_at) as occurred_at
        from parts group by document)
    select d.fact_id, d.document_key, d.document_number, d.amount_kopecks, d.payer_inn, d.order_id from documents d
     where not exists (select 1 from bank_statement_lines l where l.fact_id = any(d.fact_ids)) order by abs(extract(epoch from d.occurred_at - ${line.receivedOn}::date)), d.fact_id limit 200`;
}

/** A number that only 1C gave says nothing against the bank's. */
const isTyped = (told: ToldTransfer) => told.documentKey.startsWith("manual:");

/**
 * What the line has been told as: by the document's number, else by the payer and the sum. Of a larger line a part may have been told so
 * far (`isPart`): then no other line (`otherSums`) of this payer may be that part. Null: nobody told of it. Pure.
 */
export function pickTold(line: Pick<BankLine, "number" | "amountKopecks" | "payerInn">, told: readonly ToldTransfer[], otherSums: readonly bigint[]): ToldTransfer | null {
  const possible = told.filter((each) => each.amountKopecks <= line.amountKopecks && (each.payerInn === null || line.payerInn === null || each.payerInn === line.payerInn));
  const agrees = (each: ToldTransfer) => line.number !== null && each.documentNumber !== null && sameDocumentNumber(line.number, each.documentNumber);
  const isSame = (each: ToldTransfer) => each.amountKopecks === line.amountKopecks;
  const isPayers = (each: ToldTransfer) => line.payerInn !== null && each.payerInn === line.payerInn && !(isTyped(each) && line.number !== null);
  return (
    possible.find((each) => agrees(each) && isSame(each)) ??
    possible.find((each) => isPayers(each) && isSame(each)) ??
    possible.find((each) => agrees(each) && each.payerInn !== null && line.payerInn !== null) ??
    possible.find((each) => isPayers(each) && !otherSums.includes(each.amountKopecks)) ??
    null
  );
}
