import type { Ctx } from "@/lib/context.ts";
import { documentsOfOrder } from "@/lib/documents/index.ts";
import { DomainError, notFound } from "@/lib/kit/errors.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { localText, offsetText } from "@/lib/kit/time.ts";
import { orderBalance, paymentStatusLabels } from "@/lib/orders/states.ts";
import type { Lifecycle, PaymentStatus } from "@/lib/orders/states.ts";
import { renewLink } from "@/lib/payments/index.ts";
import { pilotMark } from "@/lib/pilot/states.ts";
import { baseSettings } from "../base-settings.ts";
import { findOrderId } from "./find-order.ts";
import type { Call, Reply } from "./operation.ts";
import { readRefunds } from "./read-refunds.ts";
import type { OrderAnswer } from "./schema-money.ts";

type Head = {
  onecGuid: string | null; number: string; onecNumber: string | null; version: number; orderDate: Date; lifecycle: Lifecycle; isPosted: boolean; onecState: string | null; paymentStatus: PaymentStatus;
  totalKopecks: bigint; goodsReturnedKopecks: bigint; capturedKopecks: bigint; reversedKopecks: bigint; refundedKopecks: bigint; chargedBackKopecks: bigint; heldKopecks: bigint; payUntil: Date | null;
  dueDate: string | null; payMethods: string[] | null; manager: string | null; pilotNo: bigint | null; isTest: boolean;
};
type Payment = { id: string; reference: string | null; documentNumber: string | null; method: string; amountKopecks: bigint; occurredAt: Date; provider: string | null; providerPaymentId: string | null; rrn: string | null; instrument: string | null; exported: string | null };
type Receipt = { id: string; kind: string; purpose: string; state: string; totalKopecks: bigint; fnNumber: string | null; fdNumber: string | null; fiscalSign: string | null; registeredAt: Date | null; registeredAtLocal: string | null; receiptUrl: string | null; failText: string | null };
type Invoice = { number: string; version: number; state: string; totalKopecks: bigint; issuedAt: Date; validUntil: string; token: string };
type Goods = { documentKey: string; number: string | null; at: Date; totalKopecks: bigint };

const LIST_MAX = 200;

/** Null also where nothing may be paid now: 1C reads of money that was taken whatever the mode and the kill switch say (PIL-05). */
const linkOf = (ctx: Ctx, orderId: string) =>
  renewLink(ctx, orderId).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === "conflict") return null;
    throw error;
  });

/** GET /orders/{guid}: everything that the site knows of the money of one order. A link whose time ran out is made anew. */
export async function readOrderCall({ ctx, base, params }: Call): Promise<Reply> {
  const { sql } = ctx.database;
  const orderId = await findOrderId(sql, base.id, { guid: params["guid"] ?? "", number: params["guid"] ?? "" });
  if (orderId === null) throw notFound("Заказа с таким GUID на сайте нет");
  const link = await linkOf(ctx, orderId);
  const [[head], payments, receipts, [invoice], shipments, returns, refunds, documents] = await Promise.all([
    sql<Head[]>`
      select onec_guid, number, onec_number, coalesce(onec_version, 0)::float8 as version, order_date, lifecycle, is_posted, onec_state, payment_status, total_kopecks, goods_returned_kopecks, captured_kopecks,
             reversed_kopecks, refunded_kopecks, charged_back_kopecks, held_kopecks, pay_until, due_date, pay_methods, manager, (select b.no from pilot_batches b where b.id = pilot_batch_id) as pilot_no, is_test from orders where id = ${orderId}`,
    readPayments(ctx, orderId),
    sql<Receipt[]>`
      select id, kind, purpose, state, total_kopecks, fn_number, fd_number, fiscal_sign, registered_at, registered_at_local, receipt_url, fail_text from receipts where order_id = ${orderId} order by planned_at limit ${LIST_MAX}`,
    sql<Invoice[]>`select number, version, state, total_kopecks, issued_at, valid_until, token from invoices where order_id = ${orderId} order by version desc limit 1`,
    sql<Goods[]>`select document_key, number, shipped_at as at, total_kopecks from standing_shipments where order_id = ${orderId} order by shipped_at limit ${LIST_MAX}`,
    sql<Goods[]>`select document_key, number, returned_at as at, total_kopecks from goods_returns where order_id = ${orderId} order by returned_at limit ${LIST_MAX}`,
    readRefunds(ctx, sql`select id from refunds where order_id = ${orderId} union select id from refunds where fact_id in (select fact_id from allocations where order_id = ${orderId} union select fact_id from export_messages where order_id = ${orderId})`, zoneOf(ctx, base), orderId),
    documentsOfOrder(ctx, orderId),
  ]);
  const order = head!;
  const { netPaidKopecks, dueKopecks, overpaidKopecks } = orderBalance(order);
  const zone = zoneOf(ctx, base);
  const time = (at: Date | null) => (at ? offsetText(at, zone) : "");
  const local = (at: Date | null) => (at ? localText(at, zone) : "");
  const goods = (row: Goods) => ({ id: row.documentKey.startsWith("status:") ? "" : row.documentKey.replace(/~\d+$/, ""), number: row.number ?? "", date: time(row.at), dateLocal: local(row.at), amount: rublesText(row.totalKopecks) });
  const json: OrderAnswer = {
    id: order.onecGuid ?? "", siteId: orderId, number: order.number, onecNumber: order.onecNumber ?? "", version: order.version, date: time(order.orderDate), dateLocal: local(order.orderDate), lifecycle: order.lifecycle,
    posted: order.isPosted, status: order.onecState ?? "", paymentStatus: order.paymentStatus, paymentStatusText: paymentStatusLabels[order.paymentStatus], amount: rublesText(order.totalKopecks), currency: "RUB",
    paid: rublesText(netPaidKopecks), refunded: rublesText(order.refundedKopecks), due: rublesText(dueKopecks), overpaid: rublesText(overpaidKopecks), held: rublesText(order.heldKopecks),
    payUrl: link ? `${ctx.publicUrl}/pay/${link.token}` : "", payUntil: time(link?.validUntil ?? order.payUntil), payUntilLocal: local(link?.validUntil ?? order.payUntil), dueDate: order.dueDate ?? "", methods: order.payMethods ?? [],
    manager: order.manager ?? "", pilot: order.pilotNo === null ? "" : pilotMark(order.pilotNo), isTest: order.isTest,
    payments: payments.map((one) => ({
      id: one.id, number: one.reference ?? one.documentNumber ?? "", method: one.method, amount: rublesText(one.amountKopecks), paidAt: time(one.occurredAt), paidAtLocal: local(one.occurredAt), acquirer: one.provider ?? "",
      acquirerId: one.providerPaymentId ?? "", rrn: one.rrn ?? "", maskedPan: maskedPan(one.instrument), documentNumber: one.documentNumber ?? "", exported: one.exported ?? "",
    })),
    refunds,
    receipts: receipts.map((one) => ({
      id: one.id, kind: one.kind, purpose: one.purpose, state: one.state, amount: rublesText(one.totalKopecks), fn: one.fnNumber ?? "", fd: one.fdNumber ?? "", fp: one.fiscalSign ?? "", registeredAt: time(one.registeredAt),
      registeredAtLocal: one.registeredAtLocal ?? "", url: one.receiptUrl ?? "", failText: one.failText ?? "",
    })),
    invoice: invoice ? { number: invoice.number, version: invoice.version, state: invoice.state, amount: rublesText(invoice.totalKopecks), issuedAt: time(invoice.issuedAt), validUntil: invoice.validUntil, url: `${ctx.publicUrl}/i/${invoice.token}`, pdfUrl: `${ctx.publicUrl}/i/${invoice.token}/pdf` } : null,
    shipments: shipments.map(goods),
    returns: returns.map(goods),
    documents: documents.map((one) => ({ id: one.onecGuid, kind: one.kind, number: one.number ?? "", date: one.documentDate ?? "", amount: one.amountKopecks === null ? "" : rublesText(one.amountKopecks), version: one.versionNo, hidden: one.hiddenAt !== null })),
    msg: "",
  };
  return { json, summary: `Состояние заказа ${order.number}` };
}

const zoneOf = (ctx: Ctx, base: Call["base"]): string => baseSettings(base).zone ?? ctx.zone;

const maskedPan = (instrument: string | null): string => {
  const last = /(\d{4})$/.exec(instrument ?? "")?.[1];
  return last ? `************${last}` : "";
};

/** Payments that stand on the order, oldest first, and how far 1C is with each. */
const readPayments = (ctx: Ctx, orderId: string) => ctx.database.sql<Payment[]>`
  select f.id, a.reference, f.document_number, f.method, x.amount_kopecks, f.occurred_at, p.provider, f.provider_payment_id, a.rrn, a.instrument, (select e.state from export_messages e where e.fact_id = f.id and e.order_id = ${orderId} limit 1) as exported
    from (select fact_id, sum(amount_kopecks)::bigint as amount_kopecks from allocations where order_id = ${orderId} group by fact_id having sum(amount_kopecks) > 0) x
    join money_facts f on f.id = x.fact_id and f.kind = 'payment_captured' left join payment_attempts a on a.id = f.attempt_id left join connections p on p.id = f.connection_id and p.kind = 'acquirer'
   order by f.occurred_at, f.id limit ${LIST_MAX}`;
