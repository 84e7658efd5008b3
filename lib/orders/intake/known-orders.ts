import type { Tx } from "@/db/index.ts";
import type { PayOffer, PayerKind } from "@/db/schema/index.ts";
import type { DeferralTerms } from "@/lib/orders/due-date.ts";
import { noInSiteNumber } from "./site-number.ts";
import type { StoreDoor } from "@/lib/pilot/admit-orders.ts";
import type { Lifecycle, PaymentStatus } from "@/lib/orders/states.ts";

/** An order that we have, held `for update` by intake. */
export type KnownOrder = {
  orderId: string;
  no: bigint;
  onecGuid: string | null;
  number: string;
  onecNumber: string | null;
  onecDate: Date | null;
  orderDate: Date;
  counterpartyId: string | null;
  payerKind: PayerKind;
  buyerName: string;
  contact: string | null;
  comment: string | null;
  manager: string | null;
  lifecycle: Lifecycle;
  onecState: string | null;
  isPosted: boolean;
  revisionNo: number;
  contentHash: string;
  /** Hash of the lines and total of the current revision. */
  revisionHash: string;
  totalKopecks: bigint;
  linesMatchTotal: boolean;
  capturedKopecks: bigint;
  reversedKopecks: bigint;
  refundedKopecks: bigint;
  chargedBackKopecks: bigint;
  goodsReturnedKopecks: bigint;
  heldKopecks: bigint;
  paymentStatus: PaymentStatus;
  onecPaymentNumber: string | null;
  onecPaymentAt: Date | null;
  onecShipmentNumber: string | null;
  onecShipmentAt: Date | null;
  dueDate: string | null;
  payUntil: Date | null;
  /** The internet shop where it was made; null: 1C. */
  shopConnectionId: string | null;
  hasLiveAttempt: boolean;
  payMethods: PayOffer[] | null;
  /** 1C's own count of its document (API-15). */
  onecVersion: number | null;
  /** Deferral of this order alone, before the buyer's; 0 = none. */
  ownDeferralDays: number | null;
  ownDeferralDayKind: DeferralTerms["dayKind"] | null;
  ownDeferralBase: DeferralTerms["base"] | null;
  deferralDays: number | null;
  deferralDayKind: DeferralTerms["dayKind"] | null;
  deferralBase: DeferralTerms["base"] | null;
};

export type Intake = { sellerOrgId: string; door: StoreDoor; known: KnownOrder[] };

/** By what documents name orders. */
export type OrderKeys = { numbers: string[]; guids: string[]; ids?: string[] };

/**
 * One intake at a time per 1C base, so that two exchanges of one file create nothing twice and wait for nobody in a circle;
 * then the row locks of the known orders in id order, as every money verb takes them (CML-24), with them those that the payments of `refunded` also stand
 * on (decision 0023). Three statements, one trip.
 */
export async function lockKnownOrders(tx: Tx, from: { connectionId: string; storeId: string }, keys: OrderKeys, refunded: OrderKeys = { numbers: [], guids: [] }): Promise<Intake> {
  const wanted = tx`o.id = any(array(${knownIds(tx, from.connectionId, keys)}))`;
  const held = refunded.numbers.length === 0 ? wanted : tx`o.id = any(array(${knownIds(tx, from.connectionId, keys)}
    union
    select x.order_id from allocations a join money_facts f on f.id = a.fact_id and f.kind = 'payment_captured' join allocations x on x.fact_id = a.fact_id and x.order_id is not null
     where a.order_id = any(array(${knownIds(tx, from.connectionId, refunded)}))))`;
  const [, , orders, stores] = await Promise.all([
    tx`select pg_advisory_xact_lock(hashtextextended(${`intake:${from.connectionId}`}, 0))`,
    tx`select o.id from orders o where ${held} order by o.id for no key update`,
    tx<KnownOrder[]>`
      select o.id as order_id, o.no, o.onec_guid, o.number, o.onec_number, o.onec_date, o.order_date, o.counterparty_id, o.payer_kind, o.buyer_name, o.contact,
             o.comment, o.manager, o.lifecycle, o.onec_state, o.is_posted, o.revision_no, o.content_hash, r.content_hash as revision_hash, o.total_kopecks,
             o.lines_match_total, o.captured_kopecks, o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks, o.goods_returned_kopecks, o.held_kopecks, o.payment_status,
             o.onec_payment_number, o.onec_payment_at, o.onec_shipment_number, o.onec_shipment_at, o.due_date, o.pay_until, o.shop_connection_id,
             o.pay_methods, o.onec_version::float8 as onec_version, o.own_deferral_days, o.own_deferral_day_kind, o.own_deferral_base,
             c.deferral_days, c.deferral_day_kind, c.deferral_base,
             exists (select 1 from payment_attempts a where a.order_id = o.id and not a.is_superseded
                       and a.state in ('created', 'unknown', 'pending', 'authorized')) as has_live_attempt
        from orders o join order_revisions r on r.order_id = o.id and r.no = o.revision_no left join counterparties c on c.id = o.counterparty_id where ${wanted}`,
    tx<(StoreDoor & { sellerOrgId: string })[]>`
      select s.seller_org_id, s.mode, exists (select 1 from payment_stops p where p.resumed_at is null and (p.store_id = s.id or p.store_id is null)) as is_stopped
        from stores s where s.id = ${from.storeId}`,
  ]);
  if (!stores[0]) throw new Error(`1C connection ${from.connectionId} has no store`);
  return { sellerOrgId: stores[0].sellerOrgId, door: stores[0], known: orders };
}

/** One index probe per key, whatever the planner believes: with `any(array)` the generic plan reads every order of the base. */
const knownIds = (tx: Tx, connectionId: string, { numbers, guids, ids = [] }: OrderKeys) => tx`
    select f.id from unnest(${numbers}::text[]) k(key)
      cross join lateral (select x.id from orders x where x.onec_connection_id = ${connectionId} and x.number = k.key limit 1) f
    union
    select f.id from unnest(${guids}::text[]) k(key)
      cross join lateral (select x.id from orders x where x.onec_connection_id = ${connectionId} and x.onec_guid = k.key limit 1) f
    union
    select x.id from unnest(${numbers.flatMap((number) => noInSiteNumber(number) ?? [])}::bigint[]) k(no)
      join orders x on x.no = k.no where x.onec_connection_id = ${connectionId} and x.shop_connection_id is not null
    union
    select x.id from orders x where x.onec_connection_id = ${connectionId} and x.id = any(${ids}::uuid[])`;
