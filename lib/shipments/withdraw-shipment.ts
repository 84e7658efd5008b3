import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { saveUnshipped } from "@/lib/orders/apply-return.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { moveDueDates } from "@/lib/orders/set-terms.ts";

/** `printed`: its closing receipt is out, or may be. `returned`: goods of the order came back already. */
export type WithdrawnOrNot = { kind: "withdrawn"; order: LockedOrder } | { kind: "printed" | "returned" };

/** What people do about it then. */
export const withdrawnTooLate = {
  printed: "На сайте отгрузка и долг остались прежними. Товар у покупателя: проведите документ снова. Отгрузки не было: проведите документ снова и оформите по нему в 1С возврат товара — долг на сайте уйдёт, о чеке возврата решает бухгалтер.",
  returned: "На сайте отгрузка и долг остались прежними. Сверьте отгрузки и возвраты заказа в 1С: отменить отгрузку можно, пока по заказу ничего не вернули.",
} as const;

/**
 * 1C took a recorded hand-over of a locked order back (unposted, deleted): it makes no debt and no receipt any more, the same document posted again is a
 * new hand-over. Only as long as nothing stands on it: what is printed an accountant puts right (FISC-32), here nothing changes then.
 */
export async function withdrawShipment(ctx: Ctx, tx: Tx, order: LockedOrder, { siteId, number }: { siteId: string; number: string | null }): Promise<WithdrawnOrNot> {
  // A worker that has just taken one of them to the register is waited for.
  await tx`select 1 from receipts where shipment_id = ${siteId} order by id for update`;
  const [standing] = await tx<{ isPrinted: boolean; totalKopecks: bigint }[]>`
    select s.total_kopecks, exists (select 1 from receipts r where r.shipment_id = s.id and r.state not in ('cancelled', 'not_required')
             and not (r.state in ('planned', 'queued', 'failed_final') and r.request_body is null and r.send_count = 0 and (r.claimed_until is null or r.claimed_until < ${ctx.now()}))) as is_printed
      from shipments s where s.id = ${siteId}`;
  if (standing!.isPrinted) return { kind: "printed" };
  if (order.goodsReturnedKopecks > 0n) return { kind: "returned" };
  await tx`insert into shipment_withdrawals (shipment_id, told_at) values (${siteId}, ${ctx.now()})`;
  const [left] = await tx<{ any: boolean }[]>`select exists (select 1 from standing_shipments where order_id = ${order.orderId}) as any`;
  const saved = await saveUnshipped(ctx, tx, order, left!.any);
  // The term of a deferral counts from the first hand-over that stands (B2B-02).
  await tx`
    update orders o set onec_shipment_number = case when o.onec_shipment_number = ${number} then f.number else o.onec_shipment_number end, onec_shipment_at = f.shipped_at
      from (select 1) one left join lateral (select s.number, s.shipped_at from standing_shipments s where s.order_id = ${order.orderId} order by s.shipped_at, s.id limit 1) f on true where o.id = ${order.orderId}`;
  await moveDueDates(ctx, tx, tx`o.id = ${order.orderId}`);
  await recordEvent(ctx, tx, { orderId: order.orderId, kind: "order.shipment_withdrawn", amountKopecks: standing!.totalKopecks, subjectId: siteId, detail: { documentNumber: number } });
  await ctx.announce(ctx, tx, { type: "goods.withdrawn", order: saved, shipmentId: siteId });
  return { kind: "withdrawn", order: { ...saved, exportVersion: saved.exportVersion + 1 } };
}
