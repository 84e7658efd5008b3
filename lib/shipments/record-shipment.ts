import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { normalizeQuantity, quantityMillis } from "@/lib/kit/quantity.ts";
import { localDate } from "@/lib/kit/time.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import { saveShipped } from "@/lib/orders/apply-return.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import type { SaidDocument } from "./said-document.ts";
import type { ShipmentSource } from "./states.ts";
import { unshippedLines } from "./unshipped-lines.ts";
import type { ShippedSoFar } from "./unshipped-lines.ts";

/** Quantities are decimal text, sums kopecks after discounts with VAT. */
export type ShipmentLine = {
  /** The order's line; null for goods that the order does not name (FISC-22). */
  orderLineId: string | null;
  name: string;
  kind: "goods" | "service";
  unitCode: string | null;
  quantity: string;
  sumKopecks: bigint;
  vatRate: VatRate;
  /** One code per piece (FISC-51); an empty list = marked goods whose codes nobody gave; null = not marked. */
  markCodes: string[] | null;
};

export type NewShipment = {
  /** GUID of 1C's document, or `status:flag:<number>:<revision>` (statusKey): the same key again changes nothing. */
  documentKey: string;
  number: string | null;
  shippedAt: Date;
  source: ShipmentSource;
  /** 1C's own words where a document was told. */
  said?: SaidDocument;
  lines: readonly ShipmentLine[];
};

const LINES_MAX = 20_000;

/**
 * Goods of a locked order were handed over: the shipment, the order's lifecycle, the line of its story, and what is owed because of it
 * (the closing receipt). Null when this document is recorded already, or names no goods. Throws `invalid` for lines that cannot be.
 */
export async function recordShipment(ctx: Ctx, tx: Tx, order: LockedOrder, given: NewShipment): Promise<{ shipmentId: string; order: LockedOrder } | null> {
  if (given.lines.length === 0) return null;
  if (given.lines.length > LINES_MAX) throw invalid(`В отгрузке больше ${LINES_MAX} строк`);
  for (const line of given.lines) if (line.sumKopecks < 0n || quantityMillis(line.quantity) === 0n) throw invalid(`В отгрузке неверная строка «${line.name.slice(0, 60)}»`);
  const documentKey = await standingKey(tx, order.orderId, given.documentKey);
  const shipmentId = newId();
  const totalKopecks = given.lines.reduce((sum, line) => sum + line.sumKopecks, 0n);
  const [booked] = await tx`
    insert into shipments (id, order_id, document_key, number, shipped_at, business_date, total_kopecks, source, said, recorded_at, is_test)
    values (${shipmentId}, ${order.orderId}, ${documentKey}, ${given.number}, ${given.shippedAt}, ${localDate(given.shippedAt, ctx.zone)}, ${totalKopecks}, ${given.source}, ${given.said ? JSON.stringify(given.said) : null}::text::jsonb, ${ctx.now()}, ${order.isTest})
    on conflict (order_id, document_key) do nothing returning 1`;
  if (!booked) return null;
  await insertLines(tx, shipmentId, given.lines);
  const left = unshippedLines(order.lines, await readShipped(tx, order.orderId));
  const saved = await saveShipped(ctx, tx, order, left.length === 0);
  await recordEvent(ctx, tx, { orderId: order.orderId, kind: "order.shipped", amountKopecks: totalKopecks, subjectId: shipmentId, detail: { documentNumber: given.number, shippedAt: given.shippedAt.toISOString(), source: given.source } });
  await ctx.announce(ctx, tx, { type: "goods.shipped", order: saved, shipmentId });
  // The reaction gave the order a new version for 1C.
  return { shipmentId, order: { ...saved, exportVersion: saved.exportVersion + 1 } };
}

/** A document that 1C took back and posted again is a further hand-over: `GUID~2`. */
async function standingKey(tx: Tx, orderId: string, documentKey: string): Promise<string> {
  const [row] = await tx<{ times: number }[]>`
    select count(*)::int as times from shipment_withdrawals w join shipments s on s.id = w.shipment_id where s.order_id = ${orderId} and (s.document_key = ${documentKey} or starts_with(s.document_key, ${`${documentKey}~`}))`;
  return row!.times === 0 ? documentKey : `${documentKey}~${row!.times + 1}`;
}

/** Everything that left by shipments of this order, by line. */
export const readShipped = (tx: Tx, orderId: string): Promise<ShippedSoFar[]> => tx<ShippedSoFar[]>`
  select l.order_line_id as line_id, ol.onec_item_id as item_id, coalesce(ol.name, l.name) as name, l.quantity, l.sum_kopecks
    from standing_shipments s join shipment_lines l on l.shipment_id = s.id left join order_lines ol on ol.id = l.order_line_id
   where s.order_id = ${orderId} order by s.recorded_at, s.id, l.line_no`;

/** What of a locked order is not handed over yet. */
export const leftToShip = async (tx: Tx, order: Pick<LockedOrder, "orderId" | "lines">): Promise<ShipmentLine[]> => unshippedLines(order.lines, await readShipped(tx, order.orderId));

async function insertLines(tx: Tx, shipmentId: string, lines: readonly ShipmentLine[]): Promise<void> {
  const rows = lines.map((line, i) => ({
    line_no: i + 1, order_line_id: line.orderLineId, name: line.name.slice(0, 500), kind: line.kind, unit_code: line.unitCode, quantity: normalizeQuantity(line.quantity),
    sum_kopecks: line.sumKopecks.toString(), vat_rate: line.vatRate, mark_codes: line.markCodes,
  }));
  await tx`
    insert into shipment_lines (shipment_id, line_no, order_line_id, name, kind, unit_code, quantity, sum_kopecks, vat_rate, mark_codes)
    select ${shipmentId}::uuid, line_no, order_line_id, name, kind, unit_code, quantity, sum_kopecks, vat_rate, mark_codes
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        as r(line_no int, order_line_id uuid, name text, kind text, unit_code text, quantity text, sum_kopecks bigint, vat_rate text, mark_codes text[])`;
}
