import type { Tx } from "@/db/index.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import type { Transfer } from "./book-transfer.ts";
import { sameDocumentNumber } from "./document-number.ts";
import { isStatementKey } from "./statement-money.ts";

type Fact = { documentKey: string; documentNumber: string | null; amountKopecks: bigint };

/** Keys with a colon are put together by us; 1C's own reference names one document, whatever number it bears. */
const isReference = (key: string) => !key.includes(":");
const isManual = (key: string) => key.startsWith("manual:");

/**
 * What is booked on the order for this document, by whomever and in whatever spelling of its number. Two references of 1C are two
 * documents even when their numbers look alike; the bank's number is compared only with what people typed.
 */
export async function findBooked(tx: Tx, orderId: string, transfer: Transfer): Promise<Fact | null> {
  const facts = await tx<Fact[]>`
    select f.document_key, f.document_number, f.amount_kopecks from money_facts f
     where f.document_key is not null and f.kind = 'payment_captured' and exists (select 1 from allocations a where a.fact_id = f.id and a.order_id = ${orderId})
    union all
    select d.document_key, d.document_number, d.amount_kopecks from fact_documents d where d.order_id = ${orderId}`;
  const keys = [transfer.documentKey, keyOnOrder(transfer.documentKey, orderId)];
  return facts.find((fact) => keys.includes(fact.documentKey)) ?? facts.find((fact) => hasSameNumber(transfer, fact)) ?? null;
}

function hasSameNumber(transfer: Transfer, fact: Fact): boolean {
  const { documentNumber } = fact;
  if (documentNumber === null || (isReference(transfer.documentKey) && isReference(fact.documentKey))) return false;
  const isByBank = isManual(transfer.documentKey) || isStatementKey(transfer.documentKey);
  // 1C's own number may be any bank's number: against a statement only the bank's counts, and `findStatementMoney` decides of 1C's.
  if (isStatementKey(fact.documentKey) && !isByBank) return false;
  const numbers = [transfer.documentNumber, isManual(fact.documentKey) ? transfer.bankDocumentNumber : null];
  return numbers.some((number) => number !== null && number !== undefined && sameDocumentNumber(number, documentNumber));
}

/** One payment of 1C may be spread over several orders: the part of a further order has the order in its key. */
export const keyOnOrder = (documentKey: string, orderId: string): string => `${documentKey}@${orderId}`;

/** The sum that the same document of 1C brought to another order; null when it is on none. */
export async function bookedElsewhere(tx: Tx, order: LockedOrder, documentKey: string): Promise<bigint | null> {
  const [fact] = await tx<{ amountKopecks: bigint }[]>`
    select amount_kopecks from money_facts where connection_id = ${order.onecConnectionId} and kind = 'payment_captured' and document_key = ${documentKey}
    union all
    select d.amount_kopecks from fact_documents d join orders o on o.id = d.order_id where o.onec_connection_id = ${order.onecConnectionId} and d.document_key = ${documentKey} and d.order_id <> ${order.orderId}`;
  return fact?.amountKopecks ?? null;
}

/** 1C gave the document's own sum, and by its number it is booked with another one. */
export const disagrees = (transfer: Transfer, fact: Fact): boolean => isReference(transfer.documentKey) && fact.amountKopecks !== transfer.amountKopecks;
