import type { Tx } from "@/db/index.ts";
import type { SaidDocument, SaidLine } from "./said-document.ts";

export type RecordedDocument = { siteId: string; said: SaidDocument };

type Row = { siteId: string; totalKopecks: bigint; said: SaidDocument | null; lines: SaidLine[] };

/** A hand-over of a locked order by 1C's document; null = it is not recorded, or 1C took it back. */
export async function recordedShipment(tx: Tx, orderId: string, documentKey: string): Promise<RecordedDocument | null> {
  const [row] = await tx<Row[]>`
    select s.id as site_id, s.total_kopecks, s.said,
           (select coalesce(json_agg(json_build_object('goods', lower(coalesce(ol.onec_item_id, ol.name, l.name)), 'lineNo', ol.line_no, 'quantity', l.quantity, 'sumKopecks', l.sum_kopecks::text, 'markCodes', l.mark_codes) order by l.line_no), '[]'::json)
              from shipment_lines l left join order_lines ol on ol.id = l.order_line_id where l.shipment_id = s.id) as lines
      from standing_shipments s where s.order_id = ${orderId} and (s.document_key = ${documentKey} or starts_with(s.document_key, ${`${documentKey}~`}))`;
  return row ? withWords(row) : null;
}

/** Goods of a locked order that came back, by 1C's document; null = it is not recorded. */
export async function recordedReturn(tx: Tx, orderId: string, documentKey: string): Promise<RecordedDocument | null> {
  const [row] = await tx<Row[]>`
    select g.id as site_id, g.total_kopecks, g.said,
           (select coalesce(json_agg(json_build_object('goods', lower(coalesce(ol.onec_item_id, ol.name, '')), 'lineNo', ol.line_no, 'quantity', l.quantity, 'sumKopecks', l.sum_kopecks::text) order by l.line_no), '[]'::json)
              from goods_return_lines l left join order_lines ol on ol.id = l.order_line_id where l.goods_return_id = g.id) as lines
      from goods_returns g where g.order_id = ${orderId} and g.document_key = ${documentKey}`;
  return row ? withWords(row) : null;
}

/** A document without lines, or of before its words were kept, said what was recorded of it. */
const withWords = ({ siteId, totalKopecks, said, lines }: Row): RecordedDocument => ({
  siteId, said: { lines: said?.lines ?? lines, totalKopecks: said === null ? totalKopecks.toString() : said.totalKopecks },
});
