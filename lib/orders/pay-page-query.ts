import type { Ctx } from "@/lib/context.ts";
import type { PayerKind, PayOffer } from "@/db/schema/index.ts";
import type { DeclineClass } from "@/lib/acquirers/acquirer.ts";
import type { DocumentKind, DocumentMime } from "@/lib/documents/states.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { PayBar } from "@/lib/pilot/states.ts";
import { awaitsRevisionSql } from "./awaiting-revision.ts";
import { payBarSql } from "./order-may.ts";
import type { Lifecycle, PaymentStatus } from "./states.ts";

/** Everything the customer's page shows, as the database has it. Sums are kopecks. */
export type PayPageRow = {
  /** The opened link; null on an invoice's page of an order that never had one. */
  link: { linkId: string; state: "active" | "fulfilled" | "expired" | "revoked" | "superseded"; revisionNo: number; amountKopecks: bigint; validUntil: Date; firstOpenedAt: Date | null } | null;
  /** The link that may be paid now, whatever link was opened; null when there is none. */
  active: { linkId: string; token: string; validUntil: Date } | null;
  order: {
    orderId: string;
    number: string;
    orderDate: Date;
    buyerName: string;
    payerKind: PayerKind;
    contact: string | null;
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
    paidAt: Date | null;
    isPaidInOnec: boolean;
    onecPaymentAt: Date | null;
    onecShipmentAt: Date | null;
    dueDate: string | null;
    /** No payment from this moment on, as 1C or the shop said. */
    payUntil: Date | null;
    /** The only methods that 1C lets the page offer; null = all. */
    payMethods: PayOffer[] | null;
    isTest: boolean;
    /** Why no new money may be asked for by mode, pilot or kill switch (PIL-05). */
    payBar: PayBar | null;
    /** Money went back and 1C has not sent the new sum yet: what looks due is not asked for (PAY-06). */
    awaitsRevision: boolean;
  };
  seller: { brandName: string; legalName: string; inn: string; ogrn: string | null; phone: string; siteUrl: string; offerUrl: string | null; privacyUrl: string | null; hasBankAccount: boolean };
  /** Company that 1C named, with an INN. */
  company: { name: string; inn: string; kpp: string | null } | null;
  lines: { name: string; quantity: string; unitName: string | null; priceKopecks: bigint; sumKopecks: bigint; vatRate: VatRate; vatKopecks: bigint }[];
  /** Acquirer of the seller in the order's world; null = no online methods. */
  acquirer: { isDown: boolean } | null;
  /** The last attempt that was not put aside for another. */
  attempt: PayPageAttempt | null;
  /** Money taken here, newest first. */
  payment: { amountKopecks: bigint; method: string; occurredAt: Date; instrument: string | null; receiptContact: string | null } | null;
  receipt: { state: string; url: string | null; registeredAt: Date | null } | null;
  /** Money on its way back to the buyer, or there; newest first. */
  refunds: { amountKopecks: bigint; state: "submitting" | "unknown" | "pending" | "succeeded"; finishedAt: Date | null }[];
  exportedAt: Date | null;
  /** The internet shop where it was made and where its buyer goes back to. */
  shop: { connectionId: string; returnUrl: string } | null;
  invoice: { invoiceId: string; token: string; number: string; version: number; state: "issued" | "cancelled" | "uncollectible"; revisionNo: number; totalKopecks: bigint; hasPdf: boolean; content: unknown } | null;
  /** Files that 1C gave the buyer of this order. */
  documents: { documentId: string; kind: DocumentKind; number: string | null; documentDate: string | null; mime: DocumentMime; sizeBytes: number }[];
  /** Changes whenever the page would look different. */
  stamp: string;
  /** Unknown tokens lately asked for by this address. */
  misses: number;
};

export type PayPageAttempt = {
  attemptId: string;
  method: "card" | "sbp";
  state: "created" | "unknown" | "pending" | "authorized" | "succeeded" | "failed" | "canceled" | "expired";
  amountKopecks: bigint;
  goKind: "redirect" | "qr" | null;
  goTarget: string | null;
  failClass: DeclineClass | null;
  createdAt: Date;
  finishedAt: Date | null;
  expiresAt: Date | null;
};

/** A value that differs whenever the page would: shared by the page, its live stream and its polling. Wants `o` = orders. */
const stampOf = (sql: Ctx["database"]["sql"]) => sql`
  md5(concat_ws('|', ${payBarSql(sql)}, o.payment_status, o.lifecycle, o.revision_no, o.is_posted, o.captured_kopecks, o.refunded_kopecks, o.charged_back_kopecks, o.reversed_kopecks, o.onec_payment_number, o.onec_shipment_at, o.due_date, o.pay_until, o.pay_methods,
    (select concat_ws('.', a.id, a.state, a.go_target is not null) from payment_attempts a where a.order_id = o.id and not a.is_superseded order by a.created_at desc limit 1),
    (select string_agg(r.state, '.' order by r.planned_at) from receipts r where r.order_id = o.id),
    (select string_agg(rf.state, '.' order by rf.requested_at) from refunds rf where rf.order_id = o.id),
    (select string_agg(e.state, '.' order by e.seq) from export_messages e where e.order_id = o.id),
    (select concat_ws('.', i.id, i.state, i.pdf is not null) from invoices i where i.order_id = o.id order by i.version desc limit 1),
    (select string_agg(concat_ws('.', d.id, d.version_no, d.hidden_at is null), ',' order by d.id) from documents d where d.order_id = o.id),
    (select count(*) from payment_links l where l.order_id = o.id and l.state = 'active')))`;

type Json = Record<string, unknown>;
type Raw = { link: Json | null; active: Json | null; order: Json; seller: Json; company: Json | null; lines: Json[]; acquirer: Json | null; attempt: Json | null; payment: Json | null; receipt: Json | null; refunds: Json[]; exportedAt: Date | null; shop: Json | null; invoice: Json | null; documents: Json[]; stamp: string; misses: number };

/** Which door was opened: a pay link, or an invoice of the order. */
export type PayPageKey = { payToken: string } | { invoiceToken: string };

const openedBy = (sql: Ctx["database"]["sql"], key: PayPageKey) =>
  "payToken" in key
    ? sql`select order_id, id as link_id from payment_links where token = ${key.payToken}`
    : sql`select i.order_id, (select l.id from payment_links l where l.order_id = i.order_id order by l.created_at desc limit 1) as link_id from invoices i where i.token = ${key.invoiceToken}`;

/** The whole page in one round trip; null for an unknown token. `missKey` names the counter of wrong guesses. */
export async function readPayPage(ctx: Ctx, key: PayPageKey, missKey: string | null): Promise<PayPageRow | null> {
  const { sql } = ctx.database;
  const [raw] = await sql<Raw[]>`
    select
      case when k.id is not null then json_build_object('linkId', k.id, 'state', k.state, 'revisionNo', k.revision_no, 'amountKopecks', k.amount_kopecks::text, 'validUntil', k.valid_until, 'firstOpenedAt', k.first_opened_at) end as link,
      (select json_build_object('linkId', l.id, 'token', l.token, 'validUntil', l.valid_until) from payment_links l where l.order_id = o.id and l.state = 'active' and l.valid_until > ${ctx.now()}) as active,
      json_build_object('orderId', o.id, 'number', o.number, 'orderDate', o.order_date, 'buyerName', o.buyer_name, 'payerKind', o.payer_kind, 'contact', o.contact, 'lifecycle', o.lifecycle,
        'isPosted', o.is_posted, 'revisionNo', o.revision_no, 'totalKopecks', o.total_kopecks::text, 'linesMatchTotal', o.lines_match_total, 'capturedKopecks', o.captured_kopecks::text,
        'reversedKopecks', o.reversed_kopecks::text, 'refundedKopecks', o.refunded_kopecks::text, 'chargedBackKopecks', o.charged_back_kopecks::text, 'goodsReturnedKopecks', o.goods_returned_kopecks::text, 'paymentStatus', o.payment_status,
        'paidAt', o.paid_at, 'isPaidInOnec', o.onec_payment_number is not null, 'onecPaymentAt', o.onec_payment_at, 'onecShipmentAt', o.onec_shipment_at, 'dueDate', o.due_date, 'payUntil', o.pay_until, 'payMethods', o.pay_methods, 'isTest', o.is_test, 'payBar', ${payBarSql(sql)}, 'awaitsRevision', ${awaitsRevisionSql(sql)}) as order,
      json_build_object('brandName', s.brand_name, 'legalName', s.legal_name, 'inn', s.inn, 'ogrn', s.ogrn, 'phone', s.phone, 'siteUrl', s.site_url, 'offerUrl', s.offer_url, 'privacyUrl', s.privacy_url,
        'hasBankAccount', exists (select 1 from bank_accounts b where b.seller_org_id = s.id)) as seller,
      (select json_build_object('name', coalesce(c.official_name, c.name), 'inn', c.inn, 'kpp', c.kpp) from counterparties c
        where c.id = o.counterparty_id and c.inn is not null and c.payer_kind in ('organization', 'sole_proprietor')) as company,
      (select coalesce(json_agg(json_build_object('name', n.name, 'quantity', n.quantity, 'unitName', n.unit_name, 'priceKopecks', n.price_kopecks::text, 'sumKopecks', n.sum_kopecks::text,
         'vatRate', n.vat_rate, 'vatKopecks', n.vat_kopecks::text) order by n.line_no), '[]'::json)
         from order_lines n join order_revisions v on v.id = n.revision_id where v.order_id = o.id and v.no = o.revision_no) as lines,
      (select json_build_object('isDown', q.blocked_reason is not null or exists (
          select 1 from alerts al where al.code = 'ALR-01' and al.object_key = 'connection:' || q.id and al.state in ('firing', 'acknowledged')))
         from connections q where q.kind = 'acquirer' and q.enabled and q.seller_org_id = o.seller_org_id
          and q.environment = (case when o.is_test then 'test' else 'live' end) order by q.priority, q.created_at limit 1) as acquirer,
      (select json_build_object('attemptId', a.id, 'method', a.method, 'state', a.state, 'amountKopecks', a.amount_kopecks::text, 'goKind', a.go_kind, 'goTarget', a.go_target, 'failClass', a.fail_class,
          'createdAt', a.created_at, 'finishedAt', a.finished_at, 'expiresAt', a.expires_at)
         from payment_attempts a where a.order_id = o.id and not a.is_superseded order by a.created_at desc limit 1) as attempt,
      (select json_build_object('amountKopecks', f.amount_kopecks::text, 'method', f.method, 'occurredAt', f.occurred_at, 'instrument', a.instrument, 'receiptContact', a.contact)
         from allocations g join money_facts f on f.id = g.fact_id left join payment_attempts a on a.id = f.attempt_id
        where g.order_id = o.id and f.kind = 'payment_captured' order by f.recorded_at desc limit 1) as payment,
      (select json_build_object('state', r.state, 'url', r.receipt_url, 'registeredAt', r.registered_at) from receipts r where r.order_id = o.id and r.kind = 'income' and r.state <> 'cancelled' order by r.planned_at desc limit 1) as receipt,
      (select coalesce(json_agg(json_build_object('amountKopecks', rf.amount_kopecks::text, 'state', rf.state, 'finishedAt', rf.finished_at) order by rf.requested_at desc), '[]'::json)
         from refunds rf where rf.order_id = o.id and rf.state in ('submitting', 'unknown', 'pending', 'succeeded')
          and not exists (select 1 from money_facts bf where bf.kind = 'refund_reversed' and bf.provider_operation_id = 'bounce:' || rf.id)) as refunds,
      (select max(coalesce(e.delivered_at, e.confirmed_at)) from export_messages e where e.order_id = o.id) as exported_at,
      (select json_build_object('connectionId', z.shop_connection_id, 'returnUrl', z.return_url) from shop_orders z where z.order_id = o.id and z.return_url is not null) as shop,
      (select json_build_object('invoiceId', i.id, 'token', i.token, 'number', i.number, 'version', i.version, 'state', i.state, 'revisionNo', i.revision_no, 'totalKopecks', i.total_kopecks::text,
          'hasPdf', i.pdf is not null, 'content', i.content) from invoices i where i.order_id = o.id order by i.version desc limit 1) as invoice,
      (select coalesce(json_agg(json_build_object('documentId', d.id, 'kind', d.kind, 'number', d.number, 'documentDate', d.document_date, 'mime', dv.mime, 'sizeBytes', dv.size_bytes) order by d.document_date nulls last, d.created_at), '[]'::json)
         from documents d join document_versions dv on dv.document_id = d.id and dv.no = d.version_no where d.order_id = o.id and d.hidden_at is null) as documents,
      ${stampOf(sql)} as stamp,
      coalesce((select t.points from throttles t where t.key = ${missKey ?? ""} and t.expire > ${ctx.now()}), 0) as misses
    from (${openedBy(sql, key)}) x join orders o on o.id = x.order_id left join payment_links k on k.id = x.link_id
    join seller_orgs s on s.id = o.seller_org_id`;
  if (!raw) return null;
  return { ...(revive(raw) as Omit<PayPageRow, "stamp" | "misses">), stamp: raw.stamp, misses: raw.misses } as PayPageRow;
}

/** The order of a token and its present stamp, for the live stream; null for an unknown token. */
export async function readPayStamp(ctx: Ctx, key: PayPageKey): Promise<{ orderId: string; stamp: string; isPaid: boolean } | null> {
  const { sql } = ctx.database;
  const [row] = await sql<{ orderId: string; stamp: string; isPaid: boolean }[]>`
    select o.id as order_id, ${stampOf(sql)} as stamp, (o.payment_status in ('paid', 'overpaid') or o.onec_payment_number is not null) as is_paid
      from (${openedBy(sql, key)}) x join orders o on o.id = x.order_id`;
  return row ?? null;
}

/** JSON carries sums as text and instants as ISO text: by the names of our fields they become bigint and Date again. */
function revive(value: unknown, key = ""): unknown {
  if (value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((each) => revive(each));
  if (typeof value === "object") return key === "content" ? value : Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revive(each, name)]));
  if (typeof value !== "string") return value;
  if (key.endsWith("Kopecks")) return BigInt(value);
  if (/(At|Until|orderDate)$/.test(key)) return new Date(value);
  return value;
}
