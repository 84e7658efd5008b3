import type { Tx } from "@/db/index.ts";
import { localDate } from "@/lib/kit/time.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { reservingRefundStates } from "@/lib/refunds/states.ts";
import type { Transfer } from "./book-transfer.ts";
import { sameDocumentNumber } from "./document-number.ts";
import { lockTransfers } from "./lock-transfers.ts";

/** The bank's day and 1C's day of one transfer are never further apart. */
export const DAYS_APART = 3;

/** Key of money that was learned from a line of a bank statement. */
export const statementKey = (bankLineId: string): string => `bank:${bankLineId}`;
export const isStatementKey = (documentKey: string): boolean => documentKey.startsWith("bank:");

/** Money of a statement's line that may be what a document tells of. */
export type StatementMoney = {
  factId: string;
  /** `here`: on this order already; `advance`: nobody's order yet; `elsewhere`: a person put it on another order. */
  place: "here" | "advance" | "elsewhere";
  /** What of it no document has told of yet. */
  leftKopecks: bigint;
  /** Whose advance it is. */
  counterpartyId: string | null;
};

type Row = StatementMoney & { documentNumber: string | null; daysApart: number };

/**
 * The money of a statement that this transfer tells of once more, if there is any: of the same payer, within three days, with a bank's
 * number that does not speak against it. Equal transfers of one payer are one like the other: in the end there is as much money as
 * lines or documents, whichever are more. The advance's row is held. The order is locked by the caller.
 */
export async function findStatementMoney(tx: Tx, order: LockedOrder, transfer: Transfer, zone: string): Promise<StatementMoney | null> {
  await lockTransfers(tx, order.buyerInn, "shared");
  const day = localDate(transfer.occurredAt, zone);
  const near = tx`f.kind = 'payment_captured' and f.method = 'bank_transfer' and f.document_key like 'bank:%' and f.is_test = ${order.isTest}
    and l.received_on between ${day}::date - ${DAYS_APART}::int and ${day}::date + ${DAYS_APART}::int`;
  // The rows first, so that what is read of them below is no older than the lock.
  await tx`
    select 1 from money_facts f join bank_statement_lines l on f.document_key = 'bank:' || l.id
     where ${near} and (l.payer_inn = ${order.buyerInn} or exists (select 1 from allocations a where a.fact_id = f.id and a.order_id = ${order.orderId})) order by f.id for no key update of f`;
  const rows = await tx<Row[]>`
    select f.id as fact_id, p.place, p.left_kopecks, p.counterparty_id, f.document_number, abs(l.received_on - ${day}::date) as days_apart
      from money_facts f join bank_statement_lines l on f.document_key = 'bank:' || l.id
      cross join lateral (
        select case when a.order_id is null then 'advance' when a.order_id = ${order.orderId} then 'here' else 'elsewhere' end as place,
               (array_agg(a.counterparty_id) filter (where a.counterparty_id is not null))[1] as counterparty_id,
               (sum(case when g.kind in ('payment_captured', 'refund_reversed', 'chargeback_reversed') then a.amount_kopecks when a.order_id is null then -a.amount_kopecks else 0 end)
                - coalesce((select sum(d.amount_kopecks) from fact_documents d where d.fact_id = f.id and d.order_id = a.order_id), 0)
                - case when a.order_id is null then coalesce((select sum(r.amount_kopecks) from refunds r where r.payment_fact_id = f.id and r.order_id is null and r.state = any(${reservingRefundStates as unknown as string[]})), 0) else 0 end)::bigint as left_kopecks
          from money_facts g join allocations a on a.fact_id = g.id where g.id = f.id or g.parent_fact_id = f.id group by a.order_id) p
     where ${near} and p.left_kopecks > 0 and (p.place = 'here' or l.payer_inn = ${order.buyerInn})`;
  const fitting = rows.filter((row) => fits(row, transfer));
  return fitting.toSorted((a, b) => rank(a, transfer) - rank(b, transfer) || a.daysApart - b.daysApart || (a.factId < b.factId ? -1 : 1))[0] ?? null;
}

/** Numbers that the bank itself gave: what people type, and what 1C names beside its own. */
const bankNumbers = (transfer: Transfer): string[] =>
  [transfer.documentKey.startsWith("manual:") || isStatementKey(transfer.documentKey) ? transfer.documentNumber : null, transfer.bankDocumentNumber ?? null].filter((number) => number !== null);

const agrees = (row: Row, transfer: Transfer): boolean => row.documentNumber !== null && [...bankNumbers(transfer), transfer.documentNumber].some((number) => number !== null && sameDocumentNumber(number, row.documentNumber!));

function fits(row: Row, transfer: Transfer): boolean {
  if (agrees(row, transfer)) return true;
  if (row.documentNumber !== null && bankNumbers(transfer).length > 0) return false;
  // Another order's money is only taken for this one when the sums are equal.
  return row.place === "elsewhere" ? row.leftKopecks === transfer.amountKopecks : row.leftKopecks >= transfer.amountKopecks;
}

const places = { here: 0, advance: 1, elsewhere: 2 } as const;
const rank = (row: Row, transfer: Transfer): number => places[row.place] * 10 + (agrees(row, transfer) ? 0 : row.leftKopecks === transfer.amountKopecks ? 1 : 2);
