import type { Sql, Tx } from "@/db/index.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { orderDocumentSql } from "./order-document.ts";
import type { OrderDocumentRow } from "./order-document.ts";
import type { FeedType, PushState } from "./kinds.ts";

/** An event with what it is about; sums inside the JSON parts are kopecks as text. */
export type EventRow = {
  id: string;
  seq: bigint | null;
  type: FeedType;
  key: string;
  createdAt: Date;
  pushState: PushState;
  pushTries: number;
  paidKopecks: bigint | null;
  refundedKopecks: bigint | null;
  dueKopecks: bigint | null;
  /** Null: the whole of its fact. */
  shareKopecks: bigint | null;
  order: { orderId: string; onecGuid: string | null; number: string; onecNumber: string | null; totalKopecks: string; paymentStatus: string; isTest: boolean; pilotNo: string | null } | null;
  fact: {
    factId: string; kind: FactKind; method: string; amountKopecks: string; occurredAt: string; parentFactId: string | null; documentNumber: string | null; providerPaymentId: string | null;
    provider: string | null; reference: string | null; instrument: string | null; rrn: string | null;
    /** Of a refund that came back: the fact of that refund. */
    refundFactId: string | null;
  } | null;
  receipt: {
    receiptId: string; factId: string | null; kind: string; purpose: string; totalKopecks: string; fnNumber: string | null; fdNumber: string | null; fiscalSign: string | null; registeredAt: string | null;
    registeredAtLocal: string | null; receiptUrl: string | null; failCode: string | null; failText: string | null;
  } | null;
  attempt: { reference: string; method: string; amountKopecks: string; failCode: string | null } | null;
  payout: { payoutId: string; payoutDate: string | null; amountKopecks: string; feeKopecks: string | null; feeVatKopecks: string | null; factId: string | null } | null;
  /** VAT of the payment's receipt by rate. */
  receiptVat: { rate: string; sum: string; vat: string }[];
  /** The acquirer's fee with its VAT, once a registry named it. */
  fee: string | null;
  /** The whole order, of `order.created` alone. */
  document: OrderDocumentRow | null;
};

/**
 * Page sizes that the statement is prepared for. It is planned again for every page as long as its limit is a parameter (a plan for any
 * number of rows joins whole tables), and planning took longer than reading.
 */
const LIMITS = [1, 11, 26, 51, 101, 251, 501, 1_001];

/** Events (alias `e`) by a condition, in the order of their numbers: up to `limit`, at most 1001. */
export const readEvents = async (on: Sql | Tx, where: ReturnType<Sql>, limit: number): Promise<EventRow[]> => (await readPage(on, where, LIMITS.find((size) => size >= limit) ?? LIMITS.at(-1)!)).slice(0, limit);

const readPage = (on: Sql | Tx, where: ReturnType<Sql>, limit: number): Promise<EventRow[]> => (on as Sql)<EventRow[]>`
  select e.id, e.seq, e.type, e.key, e.created_at, e.push_state, e.push_tries, e.paid_kopecks, e.refunded_kopecks, e.due_kopecks, e.share_kopecks,
         case when o.id is not null then json_build_object('orderId', o.id, 'onecGuid', o.onec_guid, 'number', o.number, 'onecNumber', o.onec_number, 'totalKopecks', o.total_kopecks::text, 'paymentStatus', o.payment_status, 'isTest', o.is_test,
           'pilotNo', (select b.no::text from pilot_batches b where b.id = o.pilot_batch_id)) end as "order",
         case when f.id is not null then json_build_object('factId', f.id, 'kind', f.kind, 'method', f.method, 'amountKopecks', f.amount_kopecks::text, 'occurredAt', f.occurred_at, 'parentFactId', f.parent_fact_id,
           'documentNumber', f.document_number, 'providerPaymentId', f.provider_payment_id, 'provider', p.provider, 'reference', a.reference, 'instrument', a.instrument, 'rrn', a.rrn,
           'refundFactId', case when f.kind = 'refund_reversed' then (select q.fact_id from refunds q where q.id = substring(f.provider_operation_id from '^bounce:(.+)$')::uuid) end) end as fact,
         case when r.id is not null then json_build_object('receiptId', r.id, 'factId', r.fact_id, 'kind', r.kind, 'purpose', r.purpose, 'totalKopecks', r.total_kopecks::text, 'fnNumber', r.fn_number, 'fdNumber', r.fd_number,
           'fiscalSign', r.fiscal_sign, 'registeredAt', r.registered_at, 'registeredAtLocal', r.registered_at_local, 'receiptUrl', r.receipt_url, 'failCode', r.fail_code, 'failText', r.fail_text) end as receipt,
         case when t.id is not null then json_build_object('reference', t.reference, 'method', t.method, 'amountKopecks', t.amount_kopecks::text, 'failCode', coalesce(t.fail_class, t.fail_code)) end as attempt,
         case when g.id is not null then json_build_object('payoutId', coalesce(g.payout_id, ''), 'payoutDate', g.payout_date, 'amountKopecks', g.amount_kopecks::text, 'feeKopecks', g.fee_kopecks::text, 'feeVatKopecks', g.fee_vat_kopecks::text,
           'factId', (select x.id from money_facts x where x.connection_id = g.connection_id and x.provider_payment_id = g.provider_payment_id and x.kind = 'payment_captured' order by x.capture_no limit 1)) end as payout,
         coalesce((select json_agg(json_build_object('rate', v.vat_rate, 'sum', v.sum::text, 'vat', v.vat::text) order by v.vat_rate) from (
           select l.vat_rate, sum(l.sum_kopecks) as sum, sum(l.vat_kopecks) as vat from receipts q join receipt_lines l on l.receipt_id = q.id
            where q.fact_id = f.id and f.kind = 'payment_captured' and q.state not in ('cancelled', 'not_required') and q.corrects_receipt_id is null group by l.vat_rate) v), '[]'::json) as receipt_vat,
         (select (n.fee_kopecks + coalesce(n.fee_vat_kopecks, 0))::text from registry_entries n
           where f.kind = 'payment_captured' and n.connection_id = f.connection_id and n.provider_payment_id = f.provider_payment_id and n.kind = 'payment' and n.fee_kopecks is not null order by n.occurred_at limit 1) as fee,
         case when e.type = 'order.created' then ${orderDocumentSql(on)} end as document
    from (select e.* from feed_events e where ${where} order by e.seq limit ${on.unsafe(String(limit))}) e
      left join orders o on o.id = e.order_id
      left join money_facts f on f.id = e.subject_id and e.type in ('payment.succeeded', 'payment.reversed', 'payment.disputed', 'refund.succeeded', 'refund.reversed', 'invoice.matched')
      left join connections p on p.id = f.connection_id and p.kind = 'acquirer'
      left join payment_attempts a on a.id = f.attempt_id
      left join receipts r on r.id = e.subject_id and e.type in ('receipt.registered', 'receipt.failed')
      left join payment_attempts t on t.id = e.subject_id and e.type = 'payment.failed'
      left join registry_entries g on g.id = e.subject_id and e.type = 'payout.registered'
   order by e.seq`;
