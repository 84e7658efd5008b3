import Link from "next/link";
import { buttonClass } from "@/components/ui/button.tsx";
import { Notice } from "@/components/ui/notice.tsx";
import { formatMoney } from "@/lib/kit/format.ts";

/** More came than is due: the three ways out, one click each (LOST-09). */
export function OverpaidBanner({ orderId, overpaidKopecks, isCancelled, mayRefund, mayMove }: { orderId: string; overpaidKopecks: bigint; isCancelled: boolean; mayRefund: boolean; mayMove: boolean }) {
  const href = (action: string) => `/admin/orders/${orderId}?action=${action}#action`;
  return (
    <Notice tone="warning" title={`Лишние деньги: ${formatMoney(overpaidKopecks)}`}>
      <p className="text-dense">{isCancelled ? "Заказ отменён, а деньги у нас. " : ""}Верните их покупателю, перенесите на другой его заказ или оставьте авансом.</p>
      <div className="mt-1 flex flex-wrap gap-2">
        {mayRefund ? (
          <Link href={`${href("refund").replace("#action", "")}&reason=${isCancelled ? "order_cancelled" : "overpayment"}#action`} prefetch={false} className={buttonClass("plain")}>
            Вернуть…
          </Link>
        ) : null}
        {mayMove ? (
          <>
            <Link href={href("move")} prefetch={false} className={buttonClass("plain")}>
              Перенести на другой заказ…
            </Link>
            <Link href={href("keep")} prefetch={false} className={buttonClass("plain")}>
              Оставить авансом…
            </Link>
          </>
        ) : null}
      </div>
    </Notice>
  );
}
