/** An event as consumers read it (json-api.md 4). Every field is always there: 1C code fails on a missing one. */
import { rublesText } from "@/lib/kit/money.ts";
import { localText, offsetText } from "@/lib/kit/time.ts";
import { pilotMark } from "@/lib/pilot/states.ts";
import { cursorText } from "./cursor.ts";
import type { EventRow } from "./event-rows.ts";
import { partId } from "./feed-write.ts";
import { renderOrderDocument } from "./order-document.ts";

const money = (kopecks: bigint | string | null): string => (kopecks === null ? "" : rublesText(BigInt(kopecks)));
/** `22`, `10`, `none`: as requests of the JSON exchange name rates (API-19); the tax of 22/122 is the same sum. */
const rateName = (rate: string): string => rate.replace(/^vat(\d+).*$/, "$1");

export type FeedItem = Record<string, unknown> & { seq: string; type: string; key: string };

export function renderEvent(row: EventRow, zone: string): FeedItem {
  const { fact, receipt, payout, order } = row;
  const isRefund = fact?.kind === "refund_succeeded" || fact?.kind === "refund_reversed";
  return {
    seq: row.seq === null ? "" : cursorText(row.seq),
    id: row.id,
    type: row.type,
    key: row.key,
    at: offsetText(row.createdAt, zone),
    atLocal: localText(row.createdAt, zone),
    isTest: order?.isTest ?? false,
    order: order && { id: order.onecGuid ?? "", siteId: order.orderId, number: order.number, onecNumber: order.onecNumber ?? "", total: money(order.totalKopecks), status: order.paymentStatus, pilot: order.pilotNo === null ? "" : pilotMark(order.pilotNo) },
    payment: paymentOf(row, isRefund, zone),
    refund: fact && isRefund ? { id: refundId(row), paymentId: fact.parentFactId ?? "", number: fact.documentNumber ?? "", method: fact.method, amount: money(row.shareKopecks ?? fact.amountKopecks), refundedAt: offsetText(new Date(fact.occurredAt), zone), refundedAtLocal: localText(new Date(fact.occurredAt), zone) } : null,
    receipt: receipt && {
      id: receipt.receiptId, kind: receipt.kind, purpose: receipt.purpose, amount: money(receipt.totalKopecks), fn: receipt.fnNumber ?? "", fd: receipt.fdNumber ?? "", fp: receipt.fiscalSign ?? "",
      registeredAt: receipt.registeredAt ? offsetText(new Date(receipt.registeredAt), zone) : "", registeredAtLocal: receipt.registeredAtLocal ?? "", url: receipt.receiptUrl ?? "", failCode: receipt.failCode ?? "", failText: receipt.failText ?? "",
    },
    payout: payout && { id: payout.payoutId, date: payout.payoutDate ?? "", gross: money(payout.amountKopecks), fee: money(payout.feeKopecks), feeVat: money(payout.feeVatKopecks), net: payout.feeKopecks === null ? "" : money(BigInt(payout.amountKopecks) - BigInt(payout.feeKopecks) - BigInt(payout.feeVatKopecks ?? "0")) },
    document: row.document && renderOrderDocument(row.document, zone),
    balance: order && row.paidKopecks !== null ? { paid: money(row.paidKopecks), refunded: money(row.refundedKopecks), due: money(row.dueKopecks) } : null,
  };
}

/** As its key says: the part of a refund that one of several orders bears is a refund of its own for 1C. Money that came back names the refund that it undoes. */
function refundId({ key, fact, order, shareKopecks }: EventRow): string {
  if (fact?.refundFactId) return shareKopecks === null || !order ? fact.refundFactId : partId(fact.refundFactId, order.orderId);
  return key.split(":")[1] ?? fact?.factId ?? "";
}

const noPayment = {
  id: "", number: "", method: "", kind: "", amount: "", fee: "", net: "", currency: "RUB", paidAt: "", paidAtLocal: "", acquirer: "", acquirerId: "", rrn: "", authCode: "", maskedPan: "", sbpId: "", sbpBank: "", documentNumber: "", failReason: "", vat: [] as unknown[],
};

function paymentOf({ fact, receipt, payout, attempt, receiptVat, fee, shareKopecks }: EventRow, isRefund: boolean, zone: string): Record<string, unknown> | null {
  if (attempt) return { ...noPayment, number: attempt.reference, method: attempt.method, amount: money(attempt.amountKopecks), failReason: attempt.failCode ?? "" };
  const bare = isRefund ? fact?.parentFactId : (receipt?.factId ?? payout?.factId);
  if (!fact || isRefund) return bare ? { ...noPayment, id: bare } : null;
  const at = new Date(fact.occurredAt);
  const last4 = /(\d{4})$/.exec(fact.instrument ?? "")?.[1];
  return {
    ...noPayment,
    id: fact.kind === "payment_captured" ? fact.factId : (fact.parentFactId ?? fact.factId),
    number: fact.reference ?? fact.documentNumber ?? "",
    method: fact.method,
    kind: fact.kind,
    amount: money(shareKopecks ?? fact.amountKopecks),
    fee: money(fee),
    net: fee === null ? "" : money(BigInt(fact.amountKopecks) - BigInt(fee)),
    paidAt: offsetText(at, zone),
    paidAtLocal: localText(at, zone),
    acquirer: fact.provider ?? "",
    acquirerId: fact.providerPaymentId ?? "",
    rrn: fact.rrn ?? "",
    maskedPan: last4 ? `************${last4}` : "",
    documentNumber: fact.documentNumber ?? "",
    vat: receiptVat.map((line) => ({ rate: rateName(line.rate), amount: money(line.sum), vatAmount: money(line.vat) })),
  };
}
