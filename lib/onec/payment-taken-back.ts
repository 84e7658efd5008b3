import type { Tx } from "@/db/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { endConflictWrite, openConflict, raiseConflict } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";

/** The field of the inbox about an order that 1C had called paid, for money that our books do not hold. */
export const CLOSING = "closing";

type Row = {
  orderId: string; number: string; connectionId: string; documentNumber: string; lifecycle: Lifecycle; totalKopecks: bigint;
  capturedKopecks: bigint; reversedKopecks: bigint; refundedKopecks: bigint; chargedBackKopecks: bigint; goodsReturnedKopecks: bigint;
};

const keyOf = (orderId: string) => `order:${orderId}:onec-unpaid`;

/**
 * 1C had named the payment of these orders and names it no more: its document was deleted or taken back. Nothing is opened and no money is
 * undone (CML-22); a person is told, and where our books do not hold the money may let the buyer pay. A total that grew, and money or goods that
 * went back, are reason enough for 1C's silence. The same document is not asked about again.
 */
export async function tellOfTakenBack(ctx: Ctx, tx: Tx, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return;
  const rows = await tx<Row[]>`
    select o.id as order_id, o.number, o.onec_connection_id as connection_id, o.onec_payment_number as document_number, o.lifecycle, o.total_kopecks, o.captured_kopecks, o.reversed_kopecks, o.refunded_kopecks,
           o.charged_back_kopecks, o.goods_returned_kopecks
      from orders o
     where o.id = any(${orderIds as string[]}::uuid[]) and o.onec_connection_id is not null and o.onec_payment_number is not null
       and o.reversed_kopecks + o.refunded_kopecks + o.charged_back_kopecks + o.goods_returned_kopecks = 0
       and o.total_kopecks <= (select r.total_kopecks from order_revisions r where r.order_id = o.id
                                 and r.received_at <= (select max(e.at) from order_events e where e.order_id = o.id and e.kind = 'order.paid_in_onec') order by r.no desc limit 1)
       and not exists (select 1 from onec_conflicts x where x.order_id = o.id and x.field in (${CLOSING}, 'payment:unpaid') and x.ours like '%' || o.onec_payment_number and x.state in ('open', 'ours', 'settled'))
     order by o.id`;
  for (const row of rows) await tell(ctx, tx, row);
}

async function tell(ctx: Ctx, tx: Tx, row: Row): Promise<void> {
  const { orderId, number, connectionId, documentNumber } = row;
  const { netPaidKopecks, dueKopecks } = orderBalance(row);
  await recordEvent(ctx, tx, { orderId, kind: "order.unpaid_in_onec", detail: { documentNumber } });
  if (dueKopecks === 0n) {
    await raiseConflict(ctx, tx, {
      code: "ALR-16", objectKey: keyOf(orderId), orderId, severity: "P2", amountKopecks: netPaidKopecks,
      title: `1С больше не считает оплаченным заказ №${NBSP}${number}, раньше называла документ ${documentNumber}`,
      advice: "У нас эти деньги учтены. Если документ в 1С отменён по ошибке, проведите его снова; если 1С вернула деньги покупателю, учтите возврат в карточке заказа; если денег не было, отметьте там «Деньги не поступили».",
      detail: { class: "AMOUNT_MISMATCH", documentNumber },
    }, { connectionId, field: "payment:unpaid", ours: `оплачено ${formatMoney(netPaidKopecks)}, документ ${documentNumber}`, theirs: "не оплачен" });
    return;
  }
  await openConflict(ctx, tx, {
    connectionId, objectType: "order", objectKey: orderId, orderId, field: CLOSING, ours: `оплачен, документ ${documentNumber}`, theirs: "не оплачен", amountKopecks: dueKopecks,
    note: `1С считала заказ оплаченным документом ${documentNumber}, а теперь не считает. Страница оплаты пока закрыта. Если денег и правда нет, возьмите из 1С: покупатель сможет заплатить ${formatMoney(dueKopecks)}. Если деньги есть или уже возвращены покупателю, оставьте наше.`,
  });
}

/** 1C names a payment of the order again. */
export async function endTakenBack(ctx: Ctx, tx: Tx, orderId: string, connectionId: string | null): Promise<void> {
  await resolveAlert(ctx, tx, "ALR-16", keyOf(orderId));
  if (connectionId !== null) await endConflictWrite(ctx, tx, { connectionId, objectKey: orderId, field: CLOSING }, "1С снова считает заказ оплаченным");
}
