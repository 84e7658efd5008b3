import type { Metadata } from "next";
import Link from "next/link";
import { requireWorld } from "../../session/world.ts";
import { oneOf } from "../../session/search-params.ts";
import type { PageWithSearch } from "../../session/search-params.ts";
import { Empty, PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { OrderBadge } from "@/components/admin/state-badges.tsx";
import { formatCount, formatDate, formatMoney } from "@/lib/kit/format.ts";
import { localDate } from "@/lib/kit/time.ts";
import { shortName } from "@/lib/orders/order-badge.ts";
import { searchOrders } from "@/lib/reports/search.ts";

export const metadata: Metadata = { title: "Поиск" };

export default async function SearchPage({ searchParams }: PageWithSearch) {
  const { ctx, viewer, isTest } = await requireWorld();
  const text = (oneOf((await searchParams)["q"]) ?? "").trim().slice(0, 100);
  const found = await searchOrders(ctx, viewer, isTest, text);
  const today = localDate(ctx.now(), ctx.zone);
  return (
    <>
      <PageHead title={text ? `Поиск: ${text}` : "Поиск"} note={text ? formatCount(found.length, ["заказ", "заказа", "заказов"]) : undefined} />
      <Panel>
        {found.length === 0 ? (
          <Empty title={text ? "Ничего не нашлось" : "Что искать?"}>Ищем по номеру заказа, номеру и GUID из 1С, номеру платежа в банке, RRN, сумме («12345,60»), ИНН, ФД или ФП чека, номеру счёта{viewer.seesBuyers ? ", имени и контакту покупателя" : ""}.</Empty>
        ) : (
          <ul className="num">
            {found.map((order) => (
              <li key={order.orderId} className="border-b last:border-b-0">
                <Link href={`/admin/orders/${order.orderId}`} prefetch={false} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 -outline-offset-2 hover:bg-muted/60 sm:px-5">
                  <span className="min-w-0 grow basis-52">
                    <span className="flex flex-wrap items-center gap-2 font-medium">
                      №&nbsp;{order.number} <OrderBadge order={order} today={today} />
                    </span>
                    <span className="block truncate text-dense text-muted-foreground">
                      {formatDate(order.orderDate)} · {shortName(order.buyerName)}
                    </span>
                  </span>
                  <span className="text-dense text-muted-foreground">Нашли: {order.reasons.join(", ")}</span>
                  <span className="font-medium whitespace-nowrap">{formatMoney(order.totalKopecks)}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}
