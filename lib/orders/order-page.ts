/** Everything the page of one order shows (A3), read in two rounds. */
import type { PayerKind, deferralBases, receiptPurposes } from "@/db/schema/index.ts";
import { maskName } from "@/lib/auth/scope.ts";
import type { Viewer } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import { maskContact } from "@/lib/kit/contact.ts";
import { byHandSql } from "@/lib/exports/index.ts";
import type { ByHandReason } from "@/lib/exports/index.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { ReceiptKind } from "@/lib/fiscal/cash-register.ts";
import type { FactKind, FiscalOwner, PayMethodCode } from "@/lib/ledger/index.ts";
import type { PayBar } from "@/lib/pilot/states.ts";
import { payBarSql } from "./order-may.ts";
import type { Lifecycle, PaymentStatus } from "./states.ts";

export type OrderHead = {
  orderId: string;
  number: string;
  orderDate: Date;
  onecNumber: string | null;
  onecGuid: string | null;
  /** Made in an internet shop, and how far 1C has it; null: it came from 1C. */
  siteBorn: "waiting" | "given" | "in_onec" | null;
  onecState: string | null;
  onecName: string | null;
  sellerName: string;
  storeName: string;
  counterpartyId: string | null;
  payerKind: PayerKind;
  buyerName: string;
  buyerInn: string | null;
  buyerKpp: string | null;
  buyerOfficialName: string | null;
  buyerAddress: string | null;
  /** Of the company, masked. */
  buyerEmail: string | null;
  buyerPhone: string | null;
  /** First moment at which it may not be paid any more; null: no limit. */
  payUntil: Date | null;
  contact: string | null;
  comment: string | null;
  /** Who leads it in 1C. */
  manager: string | null;
  lifecycle: Lifecycle;
  isPosted: boolean;
  revisionNo: number;
  totalKopecks: bigint;
  linesMatchTotal: boolean;
  capturedKopecks: bigint;
  reversedKopecks: bigint;
  refundedKopecks: bigint;
  chargedBackKopecks: bigint;
  goodsReturnedKopecks: bigint;
  paymentStatus: PaymentStatus;
  onecPaymentNumber: string | null;
  onecPaymentAt: Date | null;
  onecShipmentNumber: string | null;
  onecShipmentAt: Date | null;
  dueDate: string | null;
  deferralDays: number | null;
  deferralDayKind: "calendar" | "working" | null;
  deferralBase: (typeof deferralBases)[number] | null;
  isTest: boolean;
  /** Number of the pilot that chose it (PIL-02). */
  pilotBatchNo: bigint | null;
  payBar: PayBar | null;
  createdAt: Date;
  updatedAt: Date;
};

export type OrderPageLine = { lineNo: number; name: string; quantity: string; unitName: string | null; priceKopecks: bigint; sumKopecks: bigint; vatRate: VatRate; vatKopecks: bigint };
export type OrderPageAttempt = {
  attemptId: string; method: "card" | "sbp"; providerName: string; state: string; amountKopecks: bigint; providerPaymentId: string | null; instrument: string | null; rrn: string | null;
  failClass: string | null; createdAt: Date; lastPolledAt: Date | null; confirmedByReadAt: Date | null;
};
export type OrderPageFact = {
  factId: string; kind: FactKind; method: PayMethodCode; amountKopecks: bigint; occurredAt: Date; recordedAt: Date; attemptId: string | null; documentNumber: string | null;
  providerName: string | null; fiscalOwner: FiscalOwner; note: string | null;
};
export type OrderPageReceipt = {
  receiptId: string; kind: ReceiptKind; purpose: (typeof receiptPurposes)[number]; state: string; reasonCode: string | null; totalKopecks: bigint; contact: string | null; nextTryAt: Date | null; tryNo: number;
  sendCount: number; failCode: string | null; failText: string | null; registeredAt: Date | null; fnNumber: string | null; fdNumber: string | null; fiscalSign: string | null; registerNumber: string | null;
  ofdName: string | null; receiptUrl: string | null; qr: string | null; factId: string | null;
};
export type OrderPageExport = { exportId: string; state: string; amountKopecks: bigint; createdAt: Date; deliveredAt: Date | null; confirmedAt: Date | null; onecDocumentNumber: string | null; rejectedReason: string | null; /** Why the exchange will not book it; null = it will, or has. */ byHand: ByHandReason | null; factId: string; /** What 1C must learn of. */ factKind: FactKind };
export type OrderPageInvoice = { invoiceId: string; number: string; version: number; state: "issued" | "cancelled" | "uncollectible"; totalKopecks: bigint; token: string; issuedAt: Date; validUntil: string; hasPdf: boolean };
export type OrderPageLink = { linkId: string; token: string; state: string; amountKopecks: bigint; validUntil: Date; firstOpenedAt: Date | null; createdAt: Date };
export type OrderPageAlert = { alertId: string; code: string; severity: string; title: string; advice: string };

export type OrderPageData = {
  order: OrderHead;
  lines: OrderPageLine[];
  attempts: OrderPageAttempt[];
  facts: OrderPageFact[];
  receipts: OrderPageReceipt[];
  exports: OrderPageExport[];
  invoices: OrderPageInvoice[];
  link: OrderPageLink | null;
  alerts: OrderPageAlert[];
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Null: there is no such order, or this person may not see it; nobody learns which. */
export async function readOrderPage(ctx: Ctx, viewer: Viewer, orderId: string): Promise<OrderPageData | null> {
  if (!UUID.test(orderId)) return null;
  const { sql } = ctx.database;
  const [head] = await sql<OrderHead[]>`
    select o.id as order_id, o.number, o.order_date, o.onec_number, o.onec_guid, o.onec_state,
           case when o.shop_connection_id is null or o.onec_connection_id is null then null when o.onec_guid is not null then 'in_onec' when o.exported_version > 0 then 'given' else 'waiting' end as site_born, k.name as onec_name, g.brand_name as seller_name, s.name as store_name,
           o.counterparty_id, o.payer_kind, o.buyer_name, c.inn as buyer_inn, c.kpp as buyer_kpp, c.official_name as buyer_official_name, c.address as buyer_address, c.email as buyer_email, c.phone as buyer_phone, o.pay_until, o.contact, o.comment, o.manager, o.lifecycle, o.is_posted, o.revision_no, o.total_kopecks,
           o.lines_match_total, o.captured_kopecks, o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks, o.goods_returned_kopecks, o.payment_status, o.onec_payment_number, o.onec_payment_at,
           o.onec_shipment_number, o.onec_shipment_at, o.due_date, c.deferral_days, c.deferral_day_kind, c.deferral_base, o.is_test, o.created_at, o.updated_at,
           (select b.no from pilot_batches b where b.id = o.pilot_batch_id) as pilot_batch_no, ${payBarSql(sql)} as pay_bar
      from orders o join seller_orgs g on g.id = o.seller_org_id join stores s on s.id = o.store_id
      left join counterparties c on c.id = o.counterparty_id left join connections k on k.id = o.onec_connection_id
     where o.id = ${orderId} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}`;
  if (!head) return null;
  const [lines, attempts, facts, receipts, exports, invoices, links, alerts] = await Promise.all([
    sql<OrderPageLine[]>`
      select l.line_no, l.name, l.quantity, l.unit_name, l.price_kopecks, l.sum_kopecks, l.vat_rate, l.vat_kopecks
        from order_lines l join order_revisions v on v.id = l.revision_id where v.order_id = ${orderId} and v.no = ${head.revisionNo} order by l.line_no limit 1000`,
    sql<OrderPageAttempt[]>`
      select a.id as attempt_id, a.method, c.name as provider_name, a.state, a.amount_kopecks, a.provider_payment_id, a.instrument, a.rrn, a.fail_class, a.created_at, a.last_polled_at,
             a.confirmed_by_read_at
        from payment_attempts a join connections c on c.id = a.connection_id where a.order_id = ${orderId} order by a.created_at desc limit 100`,
    sql<OrderPageFact[]>`
      select f.id as fact_id, f.kind, f.method, sum(a.amount_kopecks)::bigint as amount_kopecks, f.occurred_at, f.recorded_at, f.attempt_id, f.document_number, c.name as provider_name,
             f.fiscal_owner, f.note
        from allocations a join money_facts f on f.id = a.fact_id left join connections c on c.id = f.connection_id where a.order_id = ${orderId}
       group by f.id, c.name having sum(a.amount_kopecks) <> 0 order by f.occurred_at desc limit 200`,
    sql<OrderPageReceipt[]>`
      select id as receipt_id, kind, purpose, state, reason_code, total_kopecks, contact, next_try_at, try_no, send_count, fail_code, fail_text, registered_at, fn_number, fd_number,
             fiscal_sign, register_number, ofd_name, receipt_url, qr, fact_id
        from receipts where order_id = ${orderId} order by planned_at desc limit 100`,
    sql<OrderPageExport[]>`
      select m.id as export_id, m.state, m.amount_kopecks, m.created_at, m.delivered_at, m.confirmed_at, m.onec_document_number, m.rejected_reason, m.fact_id, f.kind as fact_kind, ${byHandSql(sql)} as by_hand
        from export_messages m join money_facts f on f.id = m.fact_id join orders o on o.id = m.order_id join connections k on k.id = m.connection_id where m.order_id = ${orderId} order by m.seq desc limit 100`,
    sql<OrderPageInvoice[]>`
      select id as invoice_id, number, version, state, total_kopecks, token, issued_at, valid_until, pdf is not null as has_pdf from invoices where order_id = ${orderId} order by version desc limit 20`,
    sql<OrderPageLink[]>`
      select id as link_id, token, state, amount_kopecks, valid_until, first_opened_at, created_at from payment_links where order_id = ${orderId}
       order by (state = 'active') desc, created_at desc limit 1`,
    sql<OrderPageAlert[]>`
      select id as alert_id, code, severity, title, advice from alerts where order_id = ${orderId} and state in ('firing', 'acknowledged') order by severity, last_at desc limit 20`,
  ]);
  return { order: forViewer(head, viewer), lines, attempts, facts, receipts: receipts.map((r) => ({ ...r, contact: maskedContact(r.contact) })), exports, invoices, link: links[0] ?? null, alerts };
}

const maskedContact = (contact: string | null): string | null => (contact === null ? null : maskContact(contact));

/** Contacts are masked for everybody until they ask (ux.md 10); an integrator sees no buyer at all (SEC-13). */
const forViewer = (head: OrderHead, viewer: Viewer): OrderHead => ({
  ...head,
  contact: maskedContact(head.contact),
  buyerEmail: maskedContact(head.buyerEmail),
  buyerPhone: maskedContact(head.buyerPhone),
  ...(viewer.seesBuyers ? {} : { buyerName: maskName(head.buyerName), buyerInn: null, buyerKpp: null, buyerOfficialName: null, buyerAddress: null, buyerEmail: null, buyerPhone: null, contact: null, comment: null }),
});
