import type { Tx } from "@/db/index.ts";
import { lineSum } from "@/lib/kit/quantity.ts";
import { localText } from "@/lib/kit/time.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import type { DraftBuyer, DraftLine, OnecState, OrderDraft, PayerKind } from "@/lib/onec/wire/order-draft.ts";
import type { EchoLine } from "@/lib/onec/wire/types.ts";
import type { KnownOrder } from "./known-orders.ts";
import type { StandingOrder } from "./order-patch.ts";
import type { RevisionSource } from "./revision.ts";

type LineRow = {
  lineNo: number; onecItemId: string | null; sku: string | null; name: string; kind: "goods" | "service"; unitCode: string | null; unitName: string | null;
  quantity: string; priceKopecks: string; sumKopecks: string; vatRate: VatRate; vatKopecks: string;
};
type Row = { orderId: string; source: RevisionSource; lines: LineRow[]; buyer: BuyerRow | null };
type BuyerRow = { onecGuid: string; payerKind: PayerKind; name: string; officialName: string | null; inn: string | null; kpp: string | null; address: string | null; email: string | null; phone: string | null };

const buyerColumns = (tx: Tx) => tx`json_build_object('onecGuid', c.onec_guid, 'payerKind', c.payer_kind, 'name', c.name, 'officialName', c.official_name, 'inn', c.inn, 'kpp', c.kpp, 'address', c.address, 'email', c.email, 'phone', c.phone)`;

/** Locked orders as the documents that would make them, so that a partial update can be laid over them. By order id. */
export async function readStanding(tx: Tx, known: readonly KnownOrder[], zone: string): Promise<Map<string, StandingOrder>> {
  if (known.length === 0) return new Map();
  const rows = await tx<Row[]>`
    select o.id as order_id, v.source, case when c.id is not null then ${buyerColumns(tx)} end as buyer,
           (select coalesce(json_agg(json_build_object('lineNo', l.line_no, 'onecItemId', l.onec_item_id, 'sku', l.sku, 'name', l.name, 'kind', l.kind, 'unitCode', l.unit_code, 'unitName', l.unit_name,
              'quantity', l.quantity, 'priceKopecks', l.price_kopecks::text, 'sumKopecks', l.sum_kopecks::text, 'vatRate', l.vat_rate, 'vatKopecks', l.vat_kopecks::text) order by l.line_no), '[]'::json)
              from order_lines l where l.revision_id = v.id) as lines
      from orders o join order_revisions v on v.order_id = o.id and v.no = o.revision_no left join counterparties c on c.id = o.counterparty_id
     where o.id = any(${known.map((order) => order.orderId)}::uuid[])`;
  const byId = new Map(known.map((order) => [order.orderId, order]));
  return new Map(rows.map((row) => [row.orderId, { known: byId.get(row.orderId)!, draft: draftOf(byId.get(row.orderId)!, row, zone) }]));
}

/** Buyers of a base by their GUID, as a document would describe them. */
export async function readBuyers(tx: Tx, connectionId: string, refs: readonly string[]): Promise<Map<string, DraftBuyer>> {
  if (refs.length === 0) return new Map();
  const rows = await tx<{ buyer: BuyerRow }[]>`select ${buyerColumns(tx)} as buyer from counterparties c where c.onec_connection_id = ${connectionId} and c.onec_guid = any(${refs as string[]})`;
  return new Map(rows.map(({ buyer }) => [buyer.onecGuid, buyerOf(buyer)]));
}

const buyerOf = (row: BuyerRow): DraftBuyer => ({ ref: row.onecGuid, kind: row.payerKind, name: row.name, fullName: row.officialName ?? row.name, inn: row.inn, kpp: row.kpp, address: row.address, phone: row.phone, email: row.email, unsaid: everything });

/** A buyer as we know him says nothing new about himself. */
const everything = ["fullName", "inn", "kpp", "address", "email", "phone"] as const;

function draftOf(known: KnownOrder, { source, lines, buyer }: Row, zone: string): OrderDraft {
  return {
    kind: "order",
    onecRef: known.onecGuid ?? "",
    number: known.number,
    container: null,
    warnings: [],
    contentHash: "",
    createdLocal: localText(known.orderDate, zone),
    totalKopecks: known.totalKopecks,
    linesMatchTotal: known.linesMatchTotal,
    vatIncluded: source.vatIncluded,
    buyer: source.buyer ?? (buyer ? buyerOf(buyer) : { ref: null, kind: known.payerKind, name: known.buyerName, fullName: known.buyerName, inn: null, kpp: null, address: null, phone: null, email: null }),
    comment: known.comment,
    manager: known.manager,
    payUntil: known.payUntil,
    payMethods: known.payMethods,
    terms: known.ownDeferralDays === null ? null : { days: known.ownDeferralDays, dayKind: known.ownDeferralDayKind ?? "calendar", base: known.ownDeferralBase ?? "shipment_date" },
    lines: linesOf(source, lines),
    state: stateOf(known, zone),
    operations: [],
  };
}

/** What 1C has said of the order so far. Payments and hand-overs are news only when 1C says them: kept silent, goods added later do not leave by themselves. */
const stateOf = (known: KnownOrder, zone: string): OnecState => ({
  number: known.onecNumber,
  dateLocal: known.onecDate && localText(known.onecDate, zone),
  posted: known.isPosted,
  deleted: known.lifecycle === "deleted",
  cancelled: known.lifecycle === "cancelled",
  paid: null,
  shipped: null,
  statusText: known.onecState,
  final: known.lifecycle === "completed",
});

/** Every line of the document: those of the revision, and the cancelled ones that stand only in the echo (CML-18). */
function linesOf(source: RevisionSource, rows: readonly LineRow[]): DraftLine[] {
  const byNo = new Map(rows.map((row) => [row.lineNo, row]));
  // The stored VAT is that of all lines; what the revision's lines do not explain is the cancelled ones'.
  let rest = BigInt(source.vatKopecks) - rows.reduce((sum, row) => sum + BigInt(row.vatKopecks), 0n);
  return source.lines.map((echo, at) => {
    const row = byNo.get(at + 1);
    if (row) return lineOf(row, echo);
    const vatKopecks = rest;
    rest = 0n;
    return {
      position: at + 1, ref: echo.id ?? "", article: echo.article ?? null, name: echo.name ?? "", service: false, unitName: null, unitCode: null, quantity: "0", priceKopecks: 0n, discountKopecks: 0n, sumKopecks: 0n,
      vat: "none", vatKopecks, included: false, echo,
    };
  });
}

function lineOf(row: LineRow, echo: EchoLine): DraftLine {
  const [priceKopecks, sumKopecks] = [BigInt(row.priceKopecks), BigInt(row.sumKopecks)];
  const full = lineSum(priceKopecks, row.quantity);
  return {
    position: row.lineNo, ref: row.onecItemId ?? "", article: row.sku, name: row.name, service: row.kind === "service", unitName: row.unitName, unitCode: row.unitCode, quantity: row.quantity, priceKopecks,
    discountKopecks: full > sumKopecks ? full - sumKopecks : 0n, sumKopecks, vat: row.vatRate, vatKopecks: BigInt(row.vatKopecks), included: true, echo,
  };
}
