/** Words of the customer's page that depend on its state: title, amount, what is read aloud. Pure. */
import { formatMoney, NBSP } from "@/lib/kit/format.ts";
import type { PayPageRow } from "@/lib/orders/pay-page-query.ts";
import type { PayState, PayView } from "@/lib/orders/pay-view.ts";

/** Nothing is asked for any more. */
export const isSettled = (state: PayState): boolean => ["paid", "paid_in_onec", "refunded", "nothing_due", "cancelled"].includes(state.kind);

export const orderTitle = (number: string): string => `Заказ №${NBSP}${number}`;

const isPaid = ({ order }: PayPageRow): boolean => order.paymentStatus === "paid" || order.paymentStatus === "overpaid" || order.isPaidInOnec;

export const pageTitle = (row: PayPageRow): string => `${isPaid(row) ? "✓ Оплачено — " : ""}${orderTitle(row.order.number)} — ${row.seller.brandName}`;

/** The big number, with what it is. */
export function summaryAmount(view: PayView): { label: string; kopecks: bigint } | null {
  switch (view.state.kind) {
    case "paid":
    case "paid_in_onec":
      return { label: "Сумма заказа", kopecks: view.payableKopecks };
    case "cancelled":
    case "refunded":
    case "nothing_due":
      return null;
    default:
      return { label: "К оплате", kopecks: view.dueKopecks };
  }
}

/** Said aloud when the page changed by itself. */
export function announcementOf(row: PayPageRow, view: PayView): string {
  switch (view.state.kind) {
    case "paid":
    case "paid_in_onec":
      return `Оплачено ${formatMoney(view.payableKopecks)}${row.receipt?.state === "registered" ? ". Чек отправлен" : ""}`;
    case "waiting":
      return "Ждём подтверждения от банка";
    case "opening":
      return "Соединяемся с банком";
    case "checking":
      return view.state.attempt.state === "authorized" ? "Деньги заблокированы на карте" : "Проверяем оплату";
    case "cancelled":
      return "Заказ отменён магазином";
    case "ready":
      return view.state.declined ? "Платёж не прошёл. Выберите способ оплаты" : `К оплате ${formatMoney(view.dueKopecks)}`;
    default:
      return "Страница заказа обновлена";
  }
}
