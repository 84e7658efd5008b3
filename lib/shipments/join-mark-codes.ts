import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { quantityMillis } from "@/lib/kit/quantity.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { goodsKey } from "./said-document.ts";
import type { SaidLine } from "./said-document.ts";

/** Codes of one row of 1C's document; goods and number as the document names them. */
export type LateCodes = Pick<SaidLine, "goods" | "lineNo"> & { codes: readonly string[] };

/** `lost`: codes of rows whose goods are in none of its lines, and that stand on no other hand-over of the order. */
export type JoinedCodes = { joined: number; left: number; lost: number };

type CodedLine = {
  shipmentId: string;
  lineNo: number;
  goods: string;
  /** The order's line on its day. */
  orderLineNo: number | null;
  quantity: string;
  /** Those of its first telling, then those that came later. */
  ownCodes: string[];
  lateCodes: string[];
  /** Of these, by this document. */
  told: string[];
};

/** Lines of a standing hand-over (null = of all that a bare «Отгружен» told of) with their codes. */
export async function readCodedLines(tx: Tx, orderId: string, { shipmentId, documentKey }: { shipmentId: string | null; documentKey: string | null }): Promise<CodedLine[]> {
  const rows = await tx<(Omit<CodedLine, "goods"> & { itemId: string | null; name: string })[]>`
    select l.shipment_id, l.line_no, ol.onec_item_id as item_id, coalesce(ol.name, l.name) as name, ol.line_no as order_line_no, l.quantity, coalesce(l.mark_codes, '{}') as own_codes,
           coalesce((select array_agg(c.mark_code) from shipment_codes c where c.shipment_id = l.shipment_id and c.line_no = l.line_no), '{}') as late_codes,
           coalesce((select array_agg(c.mark_code) from shipment_codes c where c.shipment_id = l.shipment_id and c.line_no = l.line_no and c.document_key = ${documentKey}), '{}') as told
      from standing_shipments s join shipment_lines l on l.shipment_id = s.id left join order_lines ol on ol.id = l.order_line_id
     where s.order_id = ${orderId} and (s.id = ${shipmentId} or (${shipmentId === null} and s.source = 'onec_status'))
     order by s.recorded_at, l.shipment_id, l.line_no`;
  return rows.map(({ itemId, name, ...line }) => ({ ...line, goods: goodsKey({ itemId, name }) }));
}

/** Lines of the order may have been numbered anew since: goods decide, the number alone where the document names none. */
export const isOfGoods = (line: Pick<CodedLine, "goods" | "orderLineNo">, { goods, lineNo }: Pick<SaidLine, "goods" | "lineNo">): boolean => (goods === "" ? lineNo !== null && line.orderLineNo === lineNo : line.goods === goods);

/**
 * Codes of marked goods that 1C gives after their hand-over was recorded without any (FISC-51): of this very document, or (`shipmentId` null) of a
 * hand-over that a bare «Отгружен» told of. They join its lines and its closing receipt; the same ones again are none. `left`: those for whose pieces
 * other codes stand already, and those that the document named before and names no more: what stands is not rewritten, nothing is written then.
 */
export async function joinMarkCodes(ctx: Ctx, tx: Tx, order: LockedOrder, { documentKey, shipmentId, rows }: { documentKey: string; shipmentId: string | null; rows: readonly LateCodes[] }): Promise<JoinedCodes> {
  const lines = await readCodedLines(tx, order.orderId, { shipmentId, documentKey });
  const standing = await standingCodes(tx, order.orderId, rows);
  const seen = new Set<string>();
  const told = rows.map((row): Told => {
    const own = lines.filter((line) => isOfGoods(line, row));
    const isHere = (code: string) => own.some((line) => line.ownCodes.includes(code) || line.lateCodes.includes(code));
    // A document that is not recorded itself tells of pieces that other hand-overs may have with their codes.
    const fresh = [...new Set(row.codes)].filter((code) => !seen.has(code) && !isHere(code) && !(shipmentId === null && standing.has(code)));
    for (const code of fresh) seen.add(code);
    return { row, own, fresh };
  });
  const places = fillLines(told);
  const named = new Map<CodedLine, Set<string>>();
  for (const { row, own } of told) for (const line of own) named.set(line, new Set([...(named.get(line) ?? []), ...row.codes]));
  let left = told.reduce((count, { own, fresh }) => count + (own.length > 0 ? fresh.length : 0), 0);
  const lost = told.reduce((count, { own, fresh }) => count + (own.length > 0 ? 0 : fresh.filter((code) => !standing.has(code)).length), 0);
  for (const [line, words] of named) left += line.told.filter((code) => !words.has(code)).length;
  if (left > 0) return { joined: 0, left, lost };
  const touched = new Map<string, number>();
  for (const { line, joined } of places) {
    await tx`
      insert into shipment_codes (shipment_id, line_no, document_key, mark_code, told_at)
      select ${line.shipmentId}::uuid, ${line.lineNo}::int, ${documentKey}::text, code, ${ctx.now()}::timestamptz from unnest(${joined}::text[]) code`;
    touched.set(line.shipmentId, (touched.get(line.shipmentId) ?? 0) + joined.length);
  }
  for (const [id, count] of touched) {
    await recordEvent(ctx, tx, { orderId: order.orderId, kind: "order.codes_joined", subjectId: id, detail: { count } });
    await ctx.announce(ctx, tx, { type: "goods.marked", order, shipmentId: id });
  }
  return { joined: [...touched.values()].reduce((all, count) => all + count, 0), left: 0, lost };
}

type Told = { row: LateCodes; own: readonly CodedLine[]; /** What finds a place goes out of it. */ fresh: string[] };

/**
 * The same goods may stand in several lines: the one of the row's own number is filled before any other row takes its places, then one that lacks just so
 * many, then any with room.
 */
function fillLines(told: readonly Told[]): { line: CodedLine; joined: string[] }[] {
  const places: { line: CodedLine; joined: string[] }[] = [];
  const ways: ((told: Told, line: CodedLine) => boolean)[] = [({ row }, line) => row.lineNo !== null && line.orderLineNo === row.lineNo, ({ fresh }, line) => roomOf(line) === fresh.length, () => true];
  for (const isFitting of ways) {
    for (const each of told) {
      for (const line of each.own.filter((one) => isFitting(each, one))) {
        const joined = each.fresh.splice(0, roomOf(line));
        if (joined.length === 0) continue;
        line.lateCodes.push(...joined);
        places.push({ line, joined });
      }
    }
  }
  return places;
}

/** Pieces without a code; what was told with its codes at once is whole. */
const roomOf = (line: CodedLine): number => (line.ownCodes.length > 0 ? 0 : Math.max(0, Number(quantityMillis(line.quantity) / 1000n) - line.lateCodes.length));

/** Which of these codes stand on a hand-over of the order, whichever. */
async function standingCodes(tx: Tx, orderId: string, rows: readonly LateCodes[]): Promise<ReadonlySet<string>> {
  const codes = [...new Set(rows.flatMap((row) => row.codes))];
  if (codes.length === 0) return new Set();
  const found = await tx<{ code: string }[]>`
    select c.code from standing_shipments s join shipment_lines l on l.shipment_id = s.id cross join lateral unnest(l.mark_codes) c(code) where s.order_id = ${orderId} and c.code = any(${codes})
    union select c.mark_code from standing_shipments s join shipment_codes c on c.shipment_id = s.id where s.order_id = ${orderId} and c.mark_code = any(${codes})`;
  return new Set(found.map(({ code }) => code));
}
