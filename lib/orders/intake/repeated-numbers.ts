/** Numbers of 1C begin anew each year (decision 0021): a document with a number of last year is another order, and gets a number of its own here. */
import type { Tx } from "@/db/index.ts";
import { localDate } from "@/lib/kit/time.ts";
import type { ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import type { Index } from "./find-order.ts";
import type { KnownOrder } from "./known-orders.ts";

/** `УТ00-000001/26`: 1C's number and the document's year. */
const ownNumber = (onecNumber: string, year: string): string => `${onecNumber}/${year.slice(2, 4)}`;

/** The order has a number of its own here because 1C's is of another one. */
export const hasOwnNumber = ({ number, onecNumber }: Pick<KnownOrder, "number" | "onecNumber">): boolean => onecNumber !== null && number.startsWith(`${onecNumber}/`) && /^\/\d{2}$/.test(number.slice(onecNumber.length));

/** Own numbers for the documents of a batch that need one; free in the base. Within a year the same number twice stays a question for people. */
export async function ownNumbers(tx: Tx, connectionId: string, batch: readonly ReadOrder[], { byNumber, byGuid }: Index, baseZone: string): Promise<ReadonlyMap<ReadOrder, string>> {
  const wanted = new Map<ReadOrder, string>();
  for (const document of batch) {
    if (document.kind !== "order" || document.onecRef === "" || document.createdLocal === null || byGuid.has(document.onecRef)) continue;
    const rival = byNumber.get(document.number);
    if (!rival || rival.onecGuid === null) continue;
    const year = document.createdLocal.slice(0, 4);
    if (rival.lifecycle === "deleted" || localDate(rival.orderDate, baseZone).slice(0, 4) !== year) wanted.set(document, ownNumber(document.number, year));
  }
  if (wanted.size === 0) return wanted;
  const taken = new Set((await tx<{ number: string }[]>`select number from orders where onec_connection_id = ${connectionId} and number = any(${[...wanted.values()]})`).map(({ number }) => number));
  return new Map([...wanted].filter(([, number]) => !taken.has(number)));
}
