/** Money documents of 1C that are not booked here: staff hear of each, and what of it they have to decide. */
import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { NBSP } from "@/lib/kit/format.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import type { OnecOperation } from "./wire/order-draft.ts";

/** A till gave money back to a card; which payment it belongs to is not said. */
export const tellOfCardRefund = (ctx: Ctx, tx: Tx, order: LockedOrder, operation: OnecOperation, number: string | null): Promise<null> =>
  tell(ctx, tx, order, operation, `Возврат на карту ${number ?? "б/н"} из 1С по заказу №${NBSP}${order.number}: у нас такого возврата нет`, "Сверьте документ 1С с возвратами заказа и учтите его вручную.");

/** Its sum is in another currency, or cannot be read. */
export const tellOfUnread = (ctx: Ctx, tx: Tx, order: LockedOrder, operation: OnecOperation, number: string | null): Promise<null> =>
  tell(ctx, tx, order, operation, `«${operation.operation.slice(0, 40)}» ${number ?? "б/н"} из 1С по заказу №${NBSP}${order.number} не учтён: сумма не в рублях или не читается`, "Сверьте документ в 1С и учтите деньги в карточке заказа вручную, в рублях.");

async function tell(ctx: Ctx, tx: Tx, order: LockedOrder, { ref, totalKopecks }: OnecOperation, title: string, advice: string): Promise<null> {
  await raiseAlert(ctx, tx, {
    code: "ALR-16", objectKey: `order:${order.orderId}:document:${ref}`, orderId: order.orderId, severity: "P2", ...(totalKopecks !== null && { amountKopecks: totalKopecks }), title, advice,
    detail: { class: "AMOUNT_MISMATCH", documentKey: ref },
  });
  return null;
}
