import type { Sql, Tx } from "@/db/index.ts";
import { localText } from "@/lib/kit/time.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { sha256Hex } from "@/lib/kit/ids.ts";
import type { BillCloseReason, BillStatus } from "./states.ts";

/** A bill with what its order says of it. Kopecks. */
export type BillRow = {
  billId: string;
  orderId: string;
  number: bigint;
  token: string;
  orderRef: string;
  ownsOrder: boolean;
  amountKopecks: bigint;
  serviceName: string;
  clientName: string;
  email: string;
  phone: string | null;
  expiresAt: Date | null;
  version: number;
  sendCount: number;
  sentAt: Date | null;
  sentTo: string | null;
  createdAt: Date;
  closedAt: Date | null;
  closeReason: BillCloseReason | null;
  status: BillStatus;
  paidAt: Date | null;
  /** The newest payment of the order. */
  factId: string | null;
};

/**
 * State of a bill `b` of an order `o` at a moment. Paid counts what was taken, whatever went back later: PayKeeper's invoices stay paid
 * too. A revoked one that money came for in spite of it is paid (LOST-05).
 */
export const billStatusSql = (on: Sql | Tx, now: Date) => on`case
  when b.close_reason is distinct from 'replaced' and (o.onec_payment_number is not null or (o.captured_kopecks > o.reversed_kopecks + o.charged_back_kopecks
    and (o.lifecycle in ('cancelled', 'deleted') or o.captured_kopecks - o.reversed_kopecks - o.charged_back_kopecks >= o.total_kopecks - o.goods_returned_kopecks))) then 'paid'
  when b.close_reason = 'revoked' then 'revoked'
  when b.close_reason is not null or b.expires_at <= ${now} then 'expired'
  when b.send_count > 0 then 'sent' else 'created' end`;

/** Bills (alias `b`, their orders `o`) by a condition. */
export const readBills = (on: Sql | Tx, now: Date, where: ReturnType<Sql>, page: { limit: number; offset: number } = { limit: 1, offset: 0 }): Promise<BillRow[]> => (on as Sql)<BillRow[]>`
  select b.id as bill_id, b.order_id, b.number, b.token, b.order_ref, b.owns_order, b.amount_kopecks, b.service_name, b.client_name, b.email, b.phone, b.expires_at, b.version, b.send_count, b.sent_at,
         b.sent_to, b.created_at, b.closed_at, b.close_reason, ${billStatusSql(on, now)} as status, coalesce(o.paid_at, o.onec_payment_at) as paid_at,
         (select f.id from allocations a join money_facts f on f.id = a.fact_id where a.order_id = o.id and f.kind = 'payment_captured' and a.amount_kopecks > 0 order by f.recorded_at desc, f.id desc limit 1) as fact_id
    from bills b join orders o on o.id = b.order_id where ${where} order by b.created_at, b.number limit ${page.limit} offset ${page.offset}`;

/** A payment as digits: programs of PayKeeper's clients keep ids as numbers. The same payment has the same number for ever. */
export const paymentNumber = (factId: string): string => (BigInt(`0x${sha256Hex(`payment:${factId}`).slice(0, 14)}`) + 1n).toString();

/** The address that opens the pay page. The number alone opens nothing: it can be guessed. */
export const billUrl = (publicUrl: string, bill: Pick<BillRow, "number" | "token">): string => `${publicUrl}/bill/${bill.number}/${bill.token}/`;

/** As `byid` and `list` give it: every field always there, sums with two decimals, times of the shop. */
export function renderBill(bill: BillRow, { login, zone }: { login: string; zone: string }): Record<string, string | null> {
  const moment = (at: Date | null) => at && localText(at, zone).replace("T", " ");
  const isPaid = bill.status === "paid";
  return {
    id: bill.number.toString(),
    user_id: "1",
    user_login: login,
    status: bill.status,
    pay_amount: rublesText(bill.amountKopecks),
    clientid: bill.clientName,
    orderid: bill.orderRef,
    paymentid: isPaid && bill.factId ? paymentNumber(bill.factId) : "",
    service_name: bill.serviceName,
    client_email: bill.email,
    client_phone: bill.phone ?? "",
    expiry_datetime: moment(bill.expiresAt),
    created_datetime: moment(bill.createdAt),
    paid_datetime: isPaid ? moment(bill.paidAt) : null,
  };
}
