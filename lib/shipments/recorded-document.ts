import type { Tx } from "@/db/index.ts";
import type { SaidDocument, SaidLine } from "./said-document.ts";

export type RecordedDocument = {
  siteId: string;
  /** Null = its words were not kept (recorded before they were): what is recorded of it may be less. */
  said: SaidDocument | null;
};

type Row = { siteId: string; said: SaidDocument | null; lines: SaidLine[] };

/** A hand-over of a locked order by 1C's document; null = it is not recorded, or 1C took it back. */
export async function recordedShipment(tx: Tx, orderId: string, documentKey: string): Promise<RecordedDocument | null> {
  const [row] = await tx<Row[]>`
    select s.id as site_id, s.said,
           (select coalesce(json_agg(json_build_object('goods', lower(coalesce(ol.onec_item_id, ol.name, l.name)), 'lineNo', ol.line_no, 'quantity', l.quantity, 'sumKopecks', l.sum_kopecks::text, 'markCodes', l.mark_codes) order by l.line_no), '[]'::json)
              from shipment_lines l left join order_lines ol on ol.id = l.order_line_id where l.shipment_id = s.id) as lines
      from standing_shipments s where s.order_id = ${orderId} and (s.document_key = ${documentKey} or starts_with(s.document_key, ${`${documentKey}~`}))`;
  return row ? withWords(row) : null;
}

/** Goods of a locked order that came back, by 1C's document; null = it is not recorded. */
export async function recordedReturn(tx: Tx, orderId: string, documentKey: string): Promise<RecordedDocument | null> {
  const [row] = await tx<Row[]>`
    select g.id as site_id, g.said,
           (select coalesce(json_agg(json_build_object('goods', lower(coalesce(ol.onec_item_id, ol.name, '')), 'lineNo', ol.line_no, 'quantity', l.quantity, 'sumKopecks', l.sum_kopecks::text) order by l.line_no), '[]'::json)
              from goods_return_lines l left join order_lines ol on ol.id = l.order_line_id where l.goods_return_id = g.id) as lines
      from goods_returns g where g.order_id = ${orderId} and g.document_key = ${documentKey}`;
  return row ? withWords(row) : null;
}

/** A document without lines said what was recorded of it. */
const withWords = ({ siteId, said, lines }: Row): RecordedDocument => ({ siteId, said: said && { lines: said.lines ?? lines, totalKopecks: said.totalKopecks } });

/** Keeps what the document says now as its words: the next telling is compared with it. Once. */
export const learnWords = (tx: Tx, table: "shipments" | "goods_returns", siteId: string, said: SaidDocument): Promise<unknown> =>
  tx`update ${tx(table)} set said = ${JSON.stringify(said)}::text::jsonb where id = ${siteId} and said is null`;
