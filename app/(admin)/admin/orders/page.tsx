import type { Metadata } from "next";
import Link from "next/link";
import { requireWorld } from "../../session/world.ts";
import type { PageWithSearch } from "../../session/search-params.ts";
import { buttonClass } from "@/components/ui/button.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { OrderFilters } from "@/components/admin/order-filters.tsx";
import { OrderRows } from "@/components/admin/order-rows.tsx";
import { Empty, PageHead, Panel, Tabs } from "@/components/admin/page-parts.tsx";
import { formatCount, formatMoney } from "@/lib/kit/format.ts";
import { localDate } from "@/lib/kit/time.ts";
import { PAGE_SIZE, countOrders, listOrders } from "@/lib/orders/list-orders.ts";
import { orderFilterQuery, orderTabLabels, orderTabs, parseOrderFilter } from "@/lib/orders/order-filter.ts";

export const metadata: Metadata = { title: "Заказы" };

export default async function OrdersPage({ searchParams }: PageWithSearch) {
  const { ctx, viewer, isTest } = await requireWorld();
  const filter = parseOrderFilter(await searchParams);
  const [page, { totals, tabs }] = await Promise.all([listOrders(ctx, viewer, isTest, filter), countOrders(ctx, viewer, isTest, filter)]);
  const isFiltered = orderFilterQuery(filter, { sort: "-date" }) !== "?";
  return (
    <>
      <LiveRefresh />
      <PageHead title="Заказы" note={`${formatCount(totals.count, ["заказ", "заказа", "заказов"])} на ${formatMoney(totals.totalKopecks)}, оплачено ${formatMoney(totals.netPaidKopecks)}, осталось ${formatMoney(totals.dueKopecks)}`} />
      <Panel>
        <Tabs label="Заказы по состоянию" current={filter.tab} tabs={orderTabs.map((tab) => ({ key: tab, label: orderTabLabels[tab], href: orderFilterQuery(filter, { tab }), count: tabs[tab] }))} />
        <OrderFilters filter={filter} />
        {page.rows.length === 0 ? (
          isFiltered ? (
            <Empty
              title="Ничего не нашлось"
              action={
                <Link href="/admin/orders" className={buttonClass()}>
                  Показать все заказы
                </Link>
              }
            >
              Уберите часть условий или проверьте номер.
            </Empty>
          ) : (
            <Empty title="Заказов ещё нет">Они придут из 1С при первом обмене. Как дела с обменом, видно в разделе «Обмен с&nbsp;1С».</Empty>
          )
        ) : (
          <OrderRows rows={page.rows} filter={filter} today={localDate(ctx.now(), ctx.zone)} seesBuyers={viewer.seesBuyers} />
        )}
        {page.nextCursor || filter.cursor ? (
          <nav aria-label="Страницы" className="flex items-center justify-between gap-3 border-t px-4 py-3 sm:px-5">
            {filter.cursor ? (
              <Link href={orderFilterQuery(filter)} prefetch={false} className={buttonClass()}>
                В начало
              </Link>
            ) : (
              <span className="text-dense text-muted-foreground">Первые {PAGE_SIZE}</span>
            )}
            {page.nextCursor ? (
              <Link href={orderFilterQuery(filter, { cursor: page.nextCursor })} prefetch={false} className={buttonClass()}>
                Дальше
              </Link>
            ) : null}
          </nav>
        ) : null}
      </Panel>
    </>
  );
}
