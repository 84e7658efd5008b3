import type { Tx } from "@/db/index.ts";
import type { ShippedLine } from "@/lib/fiscal/index.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";

/** What 1C has told of an order, as a settlement: money that came, goods handed over, money that went back. */
export type Told =
  | { kind: "payment"; key: string; at: Date; amountKopecks: bigint; method: PayMethodCode; documentNumber: string | null }
  | { kind: "return"; key: string; at: Date; amountKopecks: bigint; method: PayMethodCode; documentNumber: string | null }
  | { kind: "shipment"; key: string; at: Date; lines: ShippedLine[]; number: string | null };

/**
 * Everything told of a locked order, oldest first. «Оплачен» without a document of its own sum (CML-21) counts as the rest of the order,
 * paid by card: that is what the site would have taken.
 */
export async function readTold(tx: Tx, order: LockedOrder): Promise<Told[]> {
  const facts = await tx<{ id: string; kind: string; method: PayMethodCode; at: Date; amountKopecks: bigint; documentNumber: string | null }[]>`
    select f.id, f.kind, f.method, f.occurred_at as at, f.document_number, sum(a.amount_kopecks)::bigint as amount_kopecks
      from allocations a join money_facts f on f.id = a.fact_id
     where a.order_id = ${order.orderId} and f.kind in ('payment_captured', 'refund_succeeded') and f.document_key is not null group by f.id having sum(a.amount_kopecks) > 0`;
  const told: Told[] = facts.map(({ id, kind, at, amountKopecks, method, documentNumber }) => ({
    kind: kind === "payment_captured" ? ("payment" as const) : ("return" as const), key: `fact:${id}`, at, amountKopecks, method, documentNumber,
  }));
  const shipments = await tx<{ id: string; at: Date; number: string | null; lines: (Omit<ShippedLine, "sumKopecks"> & { sumKopecks: string })[] }[]>`
    select s.id, s.shipped_at as at, s.number, (select coalesce(json_agg(json_build_object('orderLineId', l.order_line_id, 'name', l.name, 'kind', l.kind, 'unitCode', l.unit_code, 'quantity', l.quantity,
             'sumKopecks', l.sum_kopecks::text, 'vatRate', l.vat_rate, 'markCodes', l.mark_codes) order by l.line_no), '[]'::json) from shipment_lines l where l.shipment_id = s.id and l.sum_kopecks > 0) as lines
      from standing_shipments s where s.order_id = ${order.orderId}`;
  for (const { id, at, number, lines } of shipments) {
    if (lines.length > 0) told.push({ kind: "shipment", key: `shipment:${id}`, at, number, lines: lines.map((line) => ({ ...line, sumKopecks: BigInt(line.sumKopecks) })) });
  }
  const [closing] = await tx<{ number: string; at: Date }[]>`select onec_payment_number as number, onec_payment_at as at from orders where id = ${order.orderId} and onec_payment_number is not null`;
  const rest = order.totalKopecks - order.goodsReturnedKopecks - facts.reduce((sum, fact) => (fact.kind === "payment_captured" ? sum + fact.amountKopecks : sum - fact.amountKopecks), 0n);
  if (closing && rest > 0n) told.push({ kind: "payment", key: `paid:${closing.number}`, at: closing.at, amountKopecks: rest, method: "card", documentNumber: closing.number });
  const rank = { payment: 0, shipment: 1, return: 2 };
  return told.toSorted((a, b) => a.at.getTime() - b.at.getTime() || rank[a.kind] - rank[b.kind]);
}
