/** Money documents of 1C that are not booked here: staff hear of each, and what of it they have to decide. */
import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { NBSP } from "@/lib/kit/format.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { keyOnOrder } from "@/lib/payments/booked-transfer.ts";
import type { OnecOperation } from "./wire/order-draft.ts";

/** A till gave money back to a card; which payment it belongs to is not said. */
export const tellOfCardRefund = (ctx: Ctx, tx: Tx, order: LockedOrder, operation: OnecOperation, number: string | null): Promise<null> =>
  tell(ctx, tx, order, operation, `Возврат на карту ${number ?? "б/н"} из 1С по заказу №${NBSP}${order.number}: у нас такого возврата нет`, "Сверьте документ 1С с возвратами заказа и учтите его вручную.");

/** Its sum is in another currency, or cannot be read. */
export const tellOfUnread = (ctx: Ctx, tx: Tx, order: LockedOrder, operation: OnecOperation, number: string | null): Promise<null> =>
  tell(ctx, tx, order, operation, `«${operation.operation.slice(0, 40)}» ${number ?? "б/н"} из 1С по заказу №${NBSP}${order.number} не учтён: сумма не в рублях или не читается`, "Сверьте документ в 1С и учтите деньги в карточке заказа вручную, в рублях.");

export const voidKey = (orderId: string, ref: string): string => `order:${orderId}:void:${ref}`;

/** 1C took back a document whose money is in our books: what happened to the money only a person can say, so it stays (CML-22). */
export async function tellOfVoid(ctx: Ctx, tx: Tx, order: LockedOrder, operation: OnecOperation, number: string | null): Promise<null> {
  const [booked] = operation.ref === "" ? [] : await tx<{ amountKopecks: bigint; kind: string }[]>`
    select f.amount_kopecks, f.kind from money_facts f
     where f.connection_id = ${order.onecConnectionId} and f.document_key = any(${[operation.ref, keyOnOrder(operation.ref, order.orderId)]}) and f.kind in ('payment_captured', 'refund_succeeded')
       and exists (select 1 from allocations a where a.fact_id = f.id and a.order_id = ${order.orderId})
       and not exists (select 1 from money_facts r where r.parent_fact_id = f.id and r.kind in ('payment_reversed', 'refund_reversed')) limit 1`;
  if (!booked) return null;
  return tell(ctx, tx, order, { ref: operation.ref, totalKopecks: booked.amountKopecks }, `«${operation.operation.slice(0, 40)}» ${number ?? "б/н"} по заказу №${NBSP}${order.number} в 1С отменён или удалён, а у нас учтён`,
    `${booked.kind === "refund_succeeded" ? "Если деньги к покупателю не ушли или вернулись, отметьте это у возврата в карточке заказа" : "Если этих денег не было, отметьте в карточке заказа «Деньги не поступили»"}. Если документ отменён по ошибке, проведите его в 1С снова.`, voidKey(order.orderId, operation.ref));
}

type Named = Pick<OnecOperation, "ref" | "totalKopecks">;

async function tell(ctx: Ctx, tx: Tx, order: LockedOrder, { ref, totalKopecks }: Named, title: string, advice: string, objectKey = `order:${order.orderId}:document:${ref}`): Promise<null> {
  await raiseAlert(ctx, tx, {
    code: "ALR-16", objectKey, orderId: order.orderId, severity: "P2", ...(totalKopecks !== null && { amountKopecks: totalKopecks }), title, advice,
    detail: { class: "AMOUNT_MISMATCH", documentKey: ref },
  });
  return null;
}
