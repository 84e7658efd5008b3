import type { ReactNode } from "react";
import Link from "next/link";
import { CircleAlert, CircleCheck, Clock, Info } from "lucide-react";
import { toneClass } from "@/components/ui/badge.tsx";
import type { Tone } from "@/components/ui/badge.tsx";
import { formatDateLong, formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import { shortName } from "@/lib/orders/order-badge.ts";
import type { OrderHead } from "@/lib/orders/order-page.ts";
import { lifecycleLabels, orderBalance } from "@/lib/orders/states.ts";
import type { OrderMoneyBack } from "@/lib/reports/order-money-back.ts";
import type { WhereIsMoney } from "@/lib/reports/where-is-money.ts";
import { OrderBadge, StateBadge } from "./state-badges.tsx";

const icons: Record<Tone, typeof Info> = { success: CircleCheck, danger: CircleAlert, warning: CircleAlert, info: Clock, deferred: Clock, neutral: Info };

/** Number, buyer, sums, and the sentence that answers «где деньги». */
export function OrderHeadBlock({ order, where, today, flags, children }: { order: OrderHead; where: WhereIsMoney; today: string; flags: OrderMoneyBack["flags"]; /** Actions of the order. */ children?: ReactNode }) {
  const { payableKopecks, netPaidKopecks, dueKopecks } = orderBalance(order);
  const returned = order.refundedKopecks + order.reversedKopecks + order.chargedBackKopecks;
  const Icon = icons[where.tone];
  const origin = [shortName(order.buyerName), order.storeName, order.onecName ? `из «${order.onecName}» ${formatDateTime(order.createdAt)}` : formatDateTime(order.createdAt)];
  return (
    <>
      <nav aria-label="Путь" className="text-dense text-muted-foreground">
        <Link href="/admin/orders" className="hover:underline">
          Заказы
        </Link>
        {" / "}
        <span className="text-foreground">№&nbsp;{order.number}</span>
      </nav>
      <div className="-mt-2 flex flex-wrap items-start gap-x-8 gap-y-3">
        <div className="min-w-0 grow basis-80">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="text-h2 wrap-anywhere">Заказ №&nbsp;{order.number}</h1>
            <OrderBadge order={order} today={today} />
            {order.pilotBatchNo === null ? null : <StateBadge tone="info">Пилот №&nbsp;{order.pilotBatchNo.toString()}</StateBadge>}
            {flags.hasPendingRefund ? <StateBadge tone="info">Идёт возврат</StateBadge> : null}
            {flags.hasDispute ? <StateBadge tone="danger">Спор</StateBadge> : null}
            {flags.awaitsRevision ? <StateBadge tone="info">Ждём новую сумму из&nbsp;1С</StateBadge> : null}
            {order.lifecycle === "active" ? null : <span className="text-dense text-muted-foreground">{lifecycleLabels[order.lifecycle]}</span>}
          </div>
          <p className="mt-0.5 wrap-anywhere text-muted-foreground">
            {origin.join(" · ")} · от {formatDateLong(order.orderDate)}
          </p>
        </div>
        <dl className="num flex flex-wrap gap-x-8 gap-y-2 sm:text-right">
          <Sum name="К оплате" kopecks={payableKopecks} />
          <Sum name="Оплачено" kopecks={netPaidKopecks + returned} />
          <Sum name="Возвращено" kopecks={returned} />
          <Sum name="Остаток" kopecks={dueKopecks} />
        </dl>
      </div>
      <p className={`flex gap-2.5 rounded-card px-4 py-3 font-medium ${toneClass[where.tone]}`}>
        <Icon size={16} strokeWidth={2} aria-hidden className="mt-0.5 shrink-0" />
        <span className="min-w-0 wrap-anywhere">
          Где деньги:{" "}
          {where.text}
        </span>
      </p>
      {children}
    </>
  );
}

const Sum = ({ name, kopecks }: { name: string; kopecks: bigint }) => (
  <div>
    <dt className="text-caption text-muted-foreground">{name}</dt>
    <dd className="text-h3 font-semibold whitespace-nowrap">{formatMoney(kopecks)}</dd>
  </div>
);
