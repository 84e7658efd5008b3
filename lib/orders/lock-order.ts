import type { Tx } from "@/db/index.ts";
import type { PayOffer, PayerKind, taxSystems } from "@/db/schema/index.ts";
import { notFound } from "@/lib/kit/errors.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { PayBar } from "@/lib/pilot/states.ts";
import { isOursSql, payBarSql } from "./order-may.ts";
import type { Lifecycle, PaymentStatus } from "./states.ts";

/** An order row held `for update`, with what reactions to money need. Amounts are kopecks. */
export type LockedOrder = {
  orderId: string;
  no: bigint;
  number: string;
  onecConnectionId: string | null;
  sellerOrgId: string;
  storeId: string;
  counterpartyId: string | null;
  payerKind: PayerKind;
  buyerName: string;
  buyerInn: string | null;
  orderContact: string | null;
  lifecycle: Lifecycle;
  isPosted: boolean;
  orderRevisionNo: number;
  totalKopecks: bigint;
  linesMatchTotal: boolean;
  capturedKopecks: bigint;
  reversedKopecks: bigint;
  refundedKopecks: bigint;
  chargedBackKopecks: bigint;
  heldKopecks: bigint;
  goodsReturnedKopecks: bigint;
  paymentStatus: PaymentStatus;
  /** A payment is on its way: what `saveMoney` wants to know unless that very payment has just arrived. */
  hasLiveAttempt: boolean;
  onecPaymentNumber: string | null;
  dueDate: string | null;
  /** First moment at which it may not be paid any more; null = no such limit. */
  payUntil: Date | null;
  /** The only methods that a buyer may pay by; null = all. */
  payMethods: PayOffer[] | null;
  exportVersion: number;
  isTest: boolean;
  /** Why no new money may be asked for by mode, pilot or kill switch; null = none of them forbids it. */
  payBar: PayBar | null;
  /** Its receipts and its news to 1C go out (`isOursSql`). */
  isOurs: boolean;
  brandName: string;
  taxSystem: (typeof taxSystems)[number];
  /** Setting `b2bOnlineReceiptPolicy` (FISC-02) where staff changed it. */
  companyReceiptPolicy: "always" | "never" | "sbp_only" | null;
  /** Register of the seller organization in the order's world; null = none set up. */
  registerId: string | null;
  /** Lines of the revision asked for. */
  lines: LockedLine[];
  /** Prepayment receipted and not returned (FISC-37), per order line of whatever revision. */
  receipted: ReceiptedLine[];
  /** Handed over on credit by our receipts (tag 1216), and what of it is not paid yet. */
  creditIssuedKopecks: bigint;
  creditKopecks: bigint;
  /** The goods are with the buyer and no receipt of ours says so: money for them is a full settlement. */
  isHandedOver: boolean;
};

export type LockedLine = {
  lineId: string;
  lineNo: number;
  /** 1C's id of the item: the same in every revision, unlike the number of the line. */
  itemId: string | null;
  name: string;
  kind: "goods" | "service";
  unitCode: string | null;
  quantity: string;
  sumKopecks: bigint;
  vatRate: VatRate;
};

export type ReceiptedLine = Pick<LockedLine, "lineId" | "itemId" | "name" | "vatRate" | "sumKopecks">;

type JsonLine = Omit<LockedLine, "sumKopecks"> & { sumKopecks: string };
type JsonOrder = Omit<LockedOrder, "lines" | "receipted"> & { lines: JsonLine[]; receipted: (Omit<ReceiptedLine, "sumKopecks"> & { sumKopecks: string })[] };

/** The columns of a LockedOrder, given `o` (orders) and the revision whose lines are wanted. */
export const lockedOrderColumns = (tx: Tx, revision: ReturnType<Tx>) => tx`
  o.id as order_id, o.no, o.number, o.onec_connection_id, o.seller_org_id, o.store_id, o.counterparty_id, o.payer_kind, o.buyer_name,
  o.contact as order_contact, o.lifecycle, o.is_posted, o.revision_no as order_revision_no, o.total_kopecks, o.lines_match_total,
  o.captured_kopecks, o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks, o.held_kopecks, o.goods_returned_kopecks, o.payment_status,
  o.onec_payment_number, o.due_date, o.pay_until, o.pay_methods, o.export_version, o.is_test,
  exists (select 1 from payment_attempts w where w.order_id = o.id and not w.is_superseded and w.state in ('created', 'unknown', 'pending', 'authorized')) as has_live_attempt,
  (select c.inn from counterparties c where c.id = o.counterparty_id) as buyer_inn,
  ${payBarSql(tx)} as pay_bar, ${isOursSql(tx)} as is_ours,
  (select s.brand_name from seller_orgs s where s.id = o.seller_org_id) as brand_name,
  (select value from settings where key = 'b2bOnlineReceiptPolicy') as company_receipt_policy,
  (select s.tax_system from seller_orgs s where s.id = o.seller_org_id) as tax_system,
  (select r.id from connections r where r.kind = 'register' and r.enabled and r.seller_org_id = o.seller_org_id
     and r.environment = (case when o.is_test then 'test' else 'live' end) order by r.priority, r.created_at limit 1) as register_id,
  (select coalesce(json_agg(json_build_object('lineId', l.id, 'lineNo', l.line_no, 'itemId', l.onec_item_id, 'name', l.name, 'kind', l.kind, 'unitCode', l.unit_code,
       'quantity', l.quantity, 'sumKopecks', l.sum_kopecks::text, 'vatRate', l.vat_rate) order by l.line_no), '[]'::json)
     from order_lines l join order_revisions v on v.id = l.revision_id where v.order_id = o.id and v.no = ${revision}) as lines,
  (select coalesce(json_agg(json_build_object('lineId', g.id, 'itemId', g.onec_item_id, 'name', g.name, 'vatRate', g.vat_rate, 'sumKopecks', g.sum::text)), '[]'::json) from (
     select ol.id, ol.onec_item_id, ol.name, ol.vat_rate, sum(case when r.kind in ('income', 'income_correction') then rl.sum_kopecks else -rl.sum_kopecks end) as sum
       from receipts r join receipt_lines rl on rl.receipt_id = r.id join order_lines ol on ol.id = rl.order_line_id
      where r.order_id = o.id and r.state not in ('cancelled', 'not_required') and (rl.method in (1, 2) or (rl.method = 4 and r.shipment_id is null and r.purpose in ('prepayment', 'correction', 'reversal')))
      group by ol.id having sum(case when r.kind in ('income', 'income_correction') then rl.sum_kopecks else -rl.sum_kopecks end) > 0) g) as receipted,
  (select coalesce(sum(case when r.kind in ('income', 'income_correction') then r.credit_kopecks else -r.credit_kopecks end), 0)::bigint
     from receipts r where r.order_id = o.id and r.state not in ('cancelled', 'not_required')) as credit_issued_kopecks,
  (select greatest(0, coalesce(sum(case when r.purpose = 'credit_payment' then -r.total_kopecks when r.kind in ('income', 'income_correction') then r.credit_kopecks else -r.credit_kopecks end), 0))::bigint
     from receipts r where r.order_id = o.id and r.state not in ('cancelled', 'not_required')) as credit_kopecks,
  exists (select 1 from receipts r where r.order_id = o.id and r.purpose = 'closing' and r.state = 'not_required' and r.reason_code in ('paid_elsewhere', 'b2b_bank_transfer', 'not_in_work')
     and not exists (select 1 from shipment_withdrawals w where w.shipment_id = r.shipment_id)) as is_handed_over`;

/** Turns the JSON parts of a row into bigint sums. */
export function readLockedOrder(row: JsonOrder): LockedOrder {
  return {
    ...row,
    lines: row.lines.map((line) => ({ ...line, sumKopecks: BigInt(line.sumKopecks) })),
    receipted: row.receipted.map((r) => ({ ...r, sumKopecks: BigInt(r.sumKopecks) })),
  };
}

/**
 * Takes the row lock that every money verb takes first. Throws `not_found`. The lock is a statement of its own: what a
 * statement reads of other tables is as old as its beginning, and this one may wait for another verb to finish. Both go out at
 * once; the second begins when the first is through. `no key`: a row that only refers to the order (an event, a letter) must not
 * wait for it, or two verbs that hold each other's rows would deadlock.
 */
export async function lockOrder(tx: Tx, orderId: string): Promise<LockedOrder> {
  const [, [row]] = await Promise.all([
    tx`select 1 from orders where id = ${orderId} for no key update`,
    tx<JsonOrder[]>`select ${lockedOrderColumns(tx, tx`o.revision_no`)} from orders o where o.id = ${orderId}`,
  ]);
  if (!row) throw notFound("Заказ не найден");
  return readLockedOrder(row);
}
