import Link from "next/link";
import { buttonClass } from "@/components/ui/button.tsx";

/** Forms that the order's page opens above its cards; the address holds which (`?action=`). */
export const orderActions = ["refund", "move", "keep", "dispute", "reverse"] as const;
export type OrderAction = (typeof orderActions)[number];
export const parseOrderAction = (text: string | null): OrderAction | null => orderActions.find((each) => each === text) ?? null;

export const orderActionTitles: Record<OrderAction, string> = { refund: "Возврат", move: "Перенести лишнее на другой заказ", keep: "Оставить лишнее авансом", dispute: "Спор в банке покупателя", reverse: "Деньги не поступили" };

type Props = { orderId: string; mayRefund: boolean; mayDispute: boolean; mayReverse: boolean };

/** The money actions of an order. */
export function OrderActionLinks({ orderId, mayRefund, mayDispute, mayReverse }: Props) {
  const href = (action: OrderAction) => `/admin/orders/${orderId}?action=${action}#action`;
  if (!mayRefund && !mayDispute && !mayReverse) return null;
  return (
    <div className="flex flex-wrap items-start gap-2">
      {mayRefund ? (
        <Link href={href("refund")} prefetch={false} className={buttonClass()}>
          Возврат…
        </Link>
      ) : null}
      {mayDispute ? (
        <Link href={href("dispute")} prefetch={false} className={buttonClass("quiet")}>
          Спор…
        </Link>
      ) : null}
      {mayReverse ? (
        <Link href={href("reverse")} prefetch={false} className={buttonClass("quiet")}>
          Деньги не поступили…
        </Link>
      ) : null}
    </div>
  );
}
