import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { quantityMillis } from "@/lib/kit/quantity.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";

/** Codes of one row of 1C's document, for lines of the order with its goods. */
export type LateCodes = { orderLineIds: readonly string[]; codes: readonly string[] };

export type JoinedCodes = { joined: number; left: number };

type Line = { shipmentId: string; lineNo: number; orderLineId: string; quantity: string; codes: string[]; told: string[] };

/**
 * Codes of marked goods that 1C gives after their hand-over was recorded without any (FISC-51): of this very document, or (`shipmentId` null) of a
 * hand-over that a bare «Отгружен» told of. They join its lines and its closing receipt; the same ones again are none. `left`: those for whose pieces
 * other codes stand already, and those that the document named before and names no more: what stands is not rewritten, nothing is written then.
 */
export async function joinMarkCodes(ctx: Ctx, tx: Tx, order: LockedOrder, { documentKey, shipmentId, rows }: { documentKey: string; shipmentId: string | null; rows: readonly LateCodes[] }): Promise<JoinedCodes> {
  const lines = await tx<Line[]>`
    select l.shipment_id, l.line_no, l.order_line_id, l.quantity, coalesce((select array_agg(c.mark_code) from shipment_codes c where c.shipment_id = l.shipment_id and c.line_no = l.line_no), '{}') as codes,
           coalesce((select array_agg(c.mark_code) from shipment_codes c where c.shipment_id = l.shipment_id and c.line_no = l.line_no and c.document_key = ${documentKey}), '{}') as told
      from standing_shipments s join shipment_lines l on l.shipment_id = s.id
     where s.order_id = ${order.orderId} and (s.id = ${shipmentId} or (${shipmentId === null} and s.source = 'onec_status')) and l.order_line_id is not null and coalesce(cardinality(l.mark_codes), 0) = 0
     order by s.recorded_at, l.shipment_id, l.line_no`;
  const places: { line: Line; joined: string[] }[] = [];
  const named = new Map<Line, Set<string>>();
  let left = 0;
  for (const { orderLineIds, codes } of rows) {
    const own = lines.filter((line) => orderLineIds.includes(line.orderLineId));
    const fresh = [...new Set(codes)].filter((code) => !own.some((line) => line.codes.includes(code)));
    for (const line of own) {
      named.set(line, new Set([...(named.get(line) ?? []), ...codes]));
      const joined = fresh.splice(0, Math.max(0, Number(quantityMillis(line.quantity) / 1000n) - line.codes.length));
      line.codes.push(...joined);
      if (joined.length > 0) places.push({ line, joined });
    }
    if (own.length > 0) left += fresh.length;
  }
  for (const [line, words] of named) left += line.told.filter((code) => !words.has(code)).length;
  if (left > 0) return { joined: 0, left };
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
  return { joined: [...touched.values()].reduce((all, count) => all + count, 0), left: 0 };
}
