import type { Tx } from "@/db/index.ts";
import type { RecordedFact } from "@/lib/ledger/index.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";

/** An order and what of a fact 1C is told of with it, kopecks. */
export type ToldPart = { order: LockedOrder; partKopecks: bigint };

/**
 * Money that went back, or came back to us, as 1C must hear of it: each order with its own part, together the whole fact (invariant 13).
 * What stands on no order of a base (an advance) goes with `home`; without one, with the order that the payment itself was told with. The orders
 * are held by the caller (`lockPayment`, `lockToldOrders`): after a payment no other order may be taken (decision 0023).
 */
export async function toldParts(tx: Tx, { factId, amountKopecks }: Pick<RecordedFact, "factId" | "amountKopecks">, given: LockedOrder | null): Promise<ToldPart[]> {
  const shares = await tx<{ orderId: string; kopecks: bigint; hasBase: boolean }[]>`
    select a.order_id, sum(a.amount_kopecks)::bigint as kopecks, o.onec_connection_id is not null as has_base from allocations a join orders o on o.id = a.order_id
     where a.fact_id = ${factId} group by a.order_id, o.onec_connection_id having sum(a.amount_kopecks) > 0 order by sum(a.amount_kopecks) desc, a.order_id`;
  if (shares.length === 1 && shares[0]!.orderId === given?.orderId) return [{ order: given, partKopecks: amountKopecks }];
  const homeId = shares.find((share) => share.hasBase && share.orderId === given?.orderId)?.orderId ?? shares.find((share) => share.hasBase)?.orderId ?? shares[0]?.orderId ?? (await toldWith(tx, factId));
  if (homeId === null) return [];
  const parts = new Map<string, bigint>();
  let others = amountKopecks;
  for (const { orderId, kopecks, hasBase } of shares) {
    if (orderId === homeId || !hasBase) continue;
    parts.set(orderId, kopecks);
    others -= kopecks;
  }
  const all = [[homeId, others] as const, ...parts];
  return Promise.all(all.map(async ([orderId, partKopecks]) => ({ order: orderId === given?.orderId ? given : await lockOrder(tx, orderId), partKopecks })));
}

/** All orders that 1C may hear of this fact with, and `orderId`, ascending: for who announces money without holding its payment. Returns that order. */
export async function lockToldOrders(tx: Tx, factId: string, orderId: string): Promise<LockedOrder> {
  const standing = await tx<{ orderId: string }[]>`select distinct order_id from allocations where fact_id = ${factId} and order_id is not null`;
  const home = await toldWith(tx, factId);
  const ids = new Set([orderId, ...standing.map((share) => share.orderId), ...(home === null ? [] : [home])]);
  let own: LockedOrder | null = null;
  for (const id of [...ids].toSorted()) {
    const order = await lockOrder(tx, id);
    if (id === orderId) own = order;
  }
  return own!;
}

async function toldWith(tx: Tx, factId: string): Promise<string | null> {
  const [told] = await tx<{ orderId: string }[]>`select m.order_id from money_facts f join export_messages m on m.fact_id = f.parent_fact_id where f.id = ${factId} order by m.created_at limit 1`;
  return told?.orderId ?? null;
}
