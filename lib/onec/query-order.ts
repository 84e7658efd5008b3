import type { PayerKind } from "@/db/schema/index.ts";
import type { ByHandReason } from "@/lib/exports/index.ts";
import { sum } from "@/lib/kit/money.ts";
import { localText } from "@/lib/kit/time.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import type { RevisionSource } from "@/lib/orders/intake/revision.ts";
import { siteNumber } from "@/lib/orders/intake/site-number.ts";
import { pilotMark } from "@/lib/pilot/states.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";
import type { BaseSettings } from "./base-settings.ts";
import { siteLine } from "./wire/index.ts";
import type { QueryBuyer, QueryOrder, SiteLine } from "./wire/index.ts";

type JsonLine = Omit<SiteLine, "priceKopecks" | "sumKopecks" | "vatKopecks"> & { priceKopecks: string; sumKopecks: string; vatKopecks: string };

/** An order whose present state 1C does not have. */
export type WaitingOrder = {
  orderId: string;
  no: bigint;
  onecGuid: string | null;
  /** Made in an internet shop: 1C gets it from us. */
  isSiteBorn: boolean;
  number: string;
  orderDate: Date;
  comment: string | null;
  contact: string | null;
  /** A person set it, or decided that ours counts, not the one that 1C has. */
  isContactOurs: boolean;
  payerKind: PayerKind;
  buyerName: string;
  lifecycle: Lifecycle;
  totalKopecks: bigint;
  capturedKopecks: bigint;
  reversedKopecks: bigint;
  refundedKopecks: bigint;
  chargedBackKopecks: bigint;
  goodsReturnedKopecks: bigint;
  exportVersion: number;
  /** The pilot that chose it (PIL-02). */
  pilotBatchNo: bigint | null;
  updatedAt: Date;
  source: RevisionSource;
  /** Only of an order that 1C has not sent yet. */
  lines: JsonLine[];
  buyer: { ref: string; kind: PayerKind; name: string; fullName: string | null; inn: string | null; kpp: string | null; address: string | null; phone: string | null; email: string | null } | null;
  payments: { factId: string; method: PayMethodCode; amountKopecks: string; occurredAt: string; exportId: string; /** Not taken yet, and why 1C will not book it from this answer. */ isPending: boolean; byHand: ByHandReason | null }[];
};

/** The document that 1C is given of an order. */
export function toQueryOrder(row: WaitingOrder, { methodNames }: BaseSettings, zone: string): QueryOrder {
  const { netPaidKopecks } = orderBalance(row);
  const isCancelled = row.lifecycle === "cancelled" || row.lifecycle === "deleted";
  const isPaid = netPaidKopecks > 0n && netPaidKopecks >= row.totalKopecks;
  const number = row.isSiteBorn ? siteNumber(row) : row.number;
  const siteLines = row.onecGuid === null ? row.lines.map(toSiteLine) : [];
  return {
    ref: row.onecGuid ?? number,
    number,
    createdLocal: localText(row.orderDate, zone),
    totalKopecks: row.totalKopecks,
    vatIncluded: siteLines.length > 0 ? true : (row.source.vatIncluded ?? true),
    vatKopecks: siteLines.length > 0 ? sum(siteLines.map((line) => line.vatKopecks)) : BigInt(row.source.vatKopecks ?? "0"),
    comment: row.comment,
    buyer: buyerOf(row),
    // 1C's own lines go back as it wrote them; of an order that it does not have yet they are ours.
    lines: siteLines.length > 0 ? siteLines.map(siteLine) : (row.source.lines ?? []),
    payments: row.payments.map((payment) => ({
      id: payment.factId,
      methodId: methodNames[payment.method].id,
      methodName: methodNames[payment.method].name,
      amountKopecks: BigInt(payment.amountKopecks),
      paidAtLocal: localText(new Date(payment.occurredAt), zone),
    })),
    paidKopecks: netPaidKopecks,
    statusText: isCancelled ? "Отменен" : isPaid ? "Оплачен" : null,
    cancelled: isCancelled,
    final: row.lifecycle === "completed",
    statusChangedLocal: localText(row.updatedAt, zone),
    buyerComment: row.pilotBatchNo === null ? null : pilotMark(row.pilotBatchNo),
  };
}

/** What the buyer told us fills only what 1C does not know. */
function buyerOf(row: WaitingOrder): QueryBuyer {
  const contact = { email: row.contact?.includes("@") ? row.contact : null, phone: row.contact && !row.contact.includes("@") ? row.contact : null };
  const given = row.buyer ?? row.source.buyer ?? null;
  const name = given?.name || row.buyerName || "Покупатель";
  return {
    // The key of a buyer without a reference is ours, and no reference of 1C.
    ref: given?.ref && !given.ref.startsWith("inn:") ? given.ref : `buyer-${row.no}`,
    kind: given?.kind ?? row.payerKind,
    name,
    fullName: given?.fullName || row.buyerName || name,
    inn: given?.inn ?? null,
    kpp: given?.kpp ?? null,
    address: given?.address ?? null,
    phone: (row.isContactOurs ? contact.phone : null) ?? given?.phone ?? contact.phone,
    email: (row.isContactOurs ? contact.email : null) ?? given?.email ?? contact.email,
  };
}

const toSiteLine = (line: JsonLine): SiteLine => ({ ...line, priceKopecks: BigInt(line.priceKopecks), sumKopecks: BigInt(line.sumKopecks), vatKopecks: BigInt(line.vatKopecks) });
