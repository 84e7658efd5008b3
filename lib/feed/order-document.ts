/** The whole order of an `order.created`, in the shape in which 1C sends its own (json-api.md 3.1): a programmer reads both with the same code. */
import type { Sql, Tx } from "@/db/index.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { lineSum } from "@/lib/kit/quantity.ts";
import { localText } from "@/lib/kit/time.ts";

type Line = { line: number; item: string | null; sku: string | null; name: string; kind: string; unit: string | null; unitCode: string | null; quantity: string; price: string; sum: string; vatRate: string; vat: string };
type Buyer = { ref: string | null; kind: string; name: string; inn: string | null; kpp: string | null; address: string | null; phone: string | null; email: string | null };
export type OrderDocumentRow = {
  orderId: string; onecGuid: string | null; number: string; orderDate: string; totalKopecks: string; payUntil: string | null; comment: string | null; manager: string | null; contact: string | null; payerKind: string; buyerName: string;
  isPosted: boolean; lifecycle: string; revisionNo: number; buyer: Buyer | null; lines: Line[];
};

/** As JSON, given `o` (orders). */
export const orderDocumentSql = (on: Sql | Tx) => on`(
  select json_build_object('orderId', o.id, 'onecGuid', o.onec_guid, 'number', o.number, 'orderDate', o.order_date, 'totalKopecks', o.total_kopecks::text, 'payUntil', o.pay_until, 'comment', o.comment, 'manager', o.manager, 'contact', o.contact,
    'payerKind', o.payer_kind, 'buyerName', o.buyer_name, 'isPosted', o.is_posted, 'lifecycle', o.lifecycle, 'revisionNo', o.revision_no,
    'buyer', coalesce((select json_build_object('ref', c.onec_guid, 'kind', c.payer_kind, 'name', coalesce(c.official_name, c.name), 'inn', c.inn, 'kpp', c.kpp, 'address', c.address, 'phone', c.phone, 'email', c.email)
       from counterparties c where c.id = o.counterparty_id), v.source->'buyer'),
    'lines', (select coalesce(json_agg(json_build_object('line', l.line_no, 'item', l.onec_item_id, 'sku', l.sku, 'name', l.name, 'kind', l.kind, 'unit', l.unit_name, 'unitCode', l.unit_code, 'quantity', l.quantity,
       'price', l.price_kopecks::text, 'sum', l.sum_kopecks::text, 'vatRate', l.vat_rate, 'vat', l.vat_kopecks::text) order by l.line_no), '[]'::json) from order_lines l where l.revision_id = v.id))
    from order_revisions v where v.order_id = o.id and v.no = o.revision_no)`;

const payerTypes: Record<string, string> = { organization: "legal", sole_proprietor: "entrepreneur", individual: "person" };
const money = (kopecks: string | bigint): string => rublesText(BigInt(kopecks));

export function renderOrderDocument(row: OrderDocumentRow, zone: string): Record<string, unknown> {
  const { buyer, contact } = row;
  return {
    id: row.onecGuid ?? "",
    siteId: row.orderId,
    version: row.revisionNo,
    number: row.number,
    date: localText(new Date(row.orderDate), zone),
    amount: money(row.totalKopecks),
    currency: "RUB",
    vatIncluded: true,
    payBy: row.payUntil ? localText(new Date(row.payUntil), zone) : "",
    comment: row.comment ?? "",
    manager: row.manager ?? "",
    methods: [],
    deferral: null,
    customer: {
      // A key of ours that stands for a missing reference is none of 1C.
      id: buyer?.ref && !buyer.ref.startsWith("inn:") ? buyer.ref : "", type: payerTypes[buyer?.kind ?? row.payerKind] ?? "", name: buyer?.name || row.buyerName, inn: buyer?.inn ?? "", kpp: buyer?.kpp ?? "", address: buyer?.address ?? "",
      email: buyer?.email ?? (contact?.includes("@") ? contact : ""), phone: buyer?.phone ?? (contact && !contact.includes("@") ? contact : ""),
    },
    items: row.lines.map((line) => {
      const full = lineSum(BigInt(line.price), line.quantity);
      return {
        line: line.line, id: line.item ?? "", characteristicId: "", sku: line.sku ?? "", barcode: "", name: line.name, unit: line.unit ?? "", unitCode: line.unitCode ?? "", quantity: line.quantity, price: money(line.price),
        discount: money(full > BigInt(line.sum) ? full - BigInt(line.sum) : 0n), amount: money(line.sum), vatRate: line.vatRate.replace(/^vat(\d+).*$/, "$1"), vatAmount: money(line.vat), subject: line.kind === "service" ? "service" : "commodity",
      };
    }),
    state: { posted: row.isPosted, deleted: row.lifecycle === "deleted", cancelled: row.lifecycle === "cancelled", shippedAt: "" },
  };
}
