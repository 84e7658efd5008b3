import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, invalid } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { normalizeQuantity, quantityMillis } from "@/lib/kit/quantity.ts";
import { saveGoodsReturned } from "@/lib/orders/apply-return.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { readReturnable, whyNotReturnable } from "./returnable.ts";
import type { SaidDocument } from "./said-document.ts";
import type { ShipmentSource } from "./states.ts";

export type NewGoodsReturn = {
  /** GUID of 1C's document: the same key again changes nothing. */
  documentKey: string;
  number: string | null;
  returnedAt: Date;
  source: ShipmentSource;
  /** 1C's own words where a document was told. */
  said?: SaidDocument;
  lines: readonly { orderLineId: string | null; quantity: string; sumKopecks: bigint }[];
};

const LINES_MAX = 20_000;

/**
 * Goods of a locked order came back (1.2): the document, R of PAY-05 and the status. The money does not move by itself: a refund gives it
 * back, and its receipt follows the refund (LOST-25). Null when this document is recorded already. Throws `invalid`, `conflict` for more
 * than was handed over and is not back yet.
 */
export async function recordGoodsReturn(ctx: Ctx, tx: Tx, order: LockedOrder, given: NewGoodsReturn): Promise<{ goodsReturnId: string; order: LockedOrder } | null> {
  if (given.lines.length === 0 || given.lines.length > LINES_MAX) throw invalid("В возврате нет строк, или их слишком много");
  if (given.lines.some((line) => line.sumKopecks < 0n || quantityMillis(line.quantity) === 0n)) throw invalid("В возврате неверная строка");
  const totalKopecks = given.lines.reduce((sum, line) => sum + line.sumKopecks, 0n);
  if (totalKopecks === 0n) throw invalid("Сумма возврата равна нулю");
  const goodsReturnId = newId();
  const [booked] = await tx`
    insert into goods_returns (id, order_id, document_key, number, returned_at, total_kopecks, source, said, recorded_at, is_test)
    values (${goodsReturnId}, ${order.orderId}, ${given.documentKey}, ${given.number}, ${given.returnedAt}, ${totalKopecks}, ${given.source}, ${given.said ? JSON.stringify(given.said) : null}::text::jsonb, ${ctx.now()}, ${order.isTest})
    on conflict (order_id, document_key) do nothing returning 1`;
  if (!booked) return null;
  const returnable = await readReturnable(tx, order);
  const refusal = whyNotReturnable(order, given.lines, returnable);
  if (refusal) throw conflict(refusal, { maxKopecks: (returnable.kopecks > 0n ? returnable.kopecks : 0n).toString() });
  const rows = given.lines.map((line, i) => ({ line_no: i + 1, order_line_id: line.orderLineId, quantity: normalizeQuantity(line.quantity), sum_kopecks: line.sumKopecks.toString() }));
  await tx`
    insert into goods_return_lines (goods_return_id, line_no, order_line_id, quantity, sum_kopecks)
    select ${goodsReturnId}::uuid, line_no, order_line_id, quantity, sum_kopecks
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(line_no int, order_line_id uuid, quantity text, sum_kopecks bigint)`;
  const saved = await saveGoodsReturned(ctx, tx, order, totalKopecks);
  await recordEvent(ctx, tx, { orderId: order.orderId, kind: "order.goods_returned", amountKopecks: totalKopecks, subjectId: goodsReturnId, detail: { documentNumber: given.number } });
  return { goodsReturnId, order: saved };
}
