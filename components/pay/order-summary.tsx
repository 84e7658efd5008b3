import type { ReactNode } from "react";
import { formatCount, formatDateLong, formatMoney, NBSP } from "@/lib/kit/format.ts";
import type { PayPageRow } from "@/lib/orders/pay-page-query.ts";
import { ChevronIcon } from "./icons.tsx";
import { OrderLines } from "./order-lines.tsx";

type Props = {
  row: PayPageRow;
  zone: string;
  amount: { label: string; kopecks: bigint } | null;
  dueKopecks: bigint;
  netPaidKopecks: bigint;
  isSettled: boolean;
  /** Deadline and the like, under the amount. */
  children?: ReactNode;
};

/** Who asks for how much, and for what. */
export function OrderSummary({ row, zone, amount, dueKopecks, netPaidKopecks, isSettled, children }: Props) {
  const { order, seller, lines } = row;
  const inside = <OrderLines lines={lines} totalKopecks={order.totalKopecks} netPaidKopecks={netPaidKopecks} dueKopecks={dueKopecks} isSettled={isSettled} />;
  return (
    <div className="flex flex-col gap-5">
      <div className="flex items-center gap-2.5 pr-16 wide:pr-0">
        <span aria-hidden="true" className="flex size-8 shrink-0 items-center justify-center rounded-control bg-foreground font-semibold text-background">
          {[...seller.brandName.replace(/[«»"]/g, "")][0]?.toUpperCase()}
        </span>
        <span className="min-w-0 font-medium break-words">{seller.brandName}</span>
      </div>
      <div className="flex flex-col gap-1">
        <h1 className="text-customer font-normal tracking-normal wrap-anywhere text-muted-foreground">
          Заказ №{NBSP}{order.number} от {formatDateLong(order.orderDate, zone)}
        </h1>
        {amount ? (
          <p className={`font-semibold tracking-heading whitespace-nowrap tabular-nums ${amountSize(formatMoney(amount.kopecks))}`}>
            <span className="sr-only">{amount.label} </span>
            {formatMoney(amount.kopecks)}
          </p>
        ) : null}
        {!isSettled && netPaidKopecks > 0n ? (
          <p className="tabular-nums">
            из {formatMoney(order.totalKopecks)}, оплачено {formatMoney(netPaidKopecks)}
          </p>
        ) : null}
        {children}
      </div>
      {lines.length > 0 ? (
        <>
          <details className="group border-t pt-2 wide:hidden">
            <summary className="flex min-h-11 cursor-pointer list-none items-center justify-between gap-2 font-medium [&::-webkit-details-marker]:hidden">
              Состав заказа, {formatCount(lines.length, ["позиция", "позиции", "позиций"])}
              <span className="text-muted-foreground transition-transform group-open:rotate-180">
                <ChevronIcon size={20} />
              </span>
            </summary>
            <div className="py-3">{inside}</div>
          </details>
          <div className="hidden border-t pt-5 wide:block">{inside}</div>
        </>
      ) : null}
    </div>
  );
}

/** A sum stays on one line, twelve digits on the narrowest phone too. */
const amountSize = (text: string): string => (text.length <= 13 ? "text-amount" : text.length <= 16 ? "text-tile" : "text-h2");
