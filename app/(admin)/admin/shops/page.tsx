import type { Metadata } from "next";
import Link from "next/link";
import type { PageWithSearch } from "../../session/search-params.ts";
import { requireWorld } from "../../session/world.ts";
import { resendAction } from "./actions.ts";
import { DeliveryRows, OpenDeliveryPanel } from "@/components/admin/delivery-rows.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Empty, PageHead, Panel, Tabs } from "@/components/admin/page-parts.tsx";
import { ShopPanel } from "@/components/admin/shop-panel.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { can } from "@/lib/auth/permissions.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { listDeliveries, listShops, readDelivery } from "@/lib/shops/index.ts";

export const metadata: Metadata = { title: "Интернет-магазины" };

export default async function ShopsPage({ searchParams }: PageWithSearch) {
  const { ctx, viewer, isTest, staff } = await requireWorld();
  const query = await searchParams;
  const one = (name: string) => (typeof query[name] === "string" ? query[name] : "");
  const scope = { isTest, storeId: viewer.storeId };
  const onlyOpen = one("show") === "open";
  const shopId = uuidOrNull(one("shop"));
  const before = Number.isNaN(Date.parse(one("before"))) ? null : new Date(one("before"));
  const [shops, { rows, next }, open] = await Promise.all([listShops(ctx, scope), listDeliveries(ctx, scope, { shopId, onlyOpen, before }), one("event") === "" ? null : readDelivery(ctx, scope, one("event"))]);
  const now = ctx.now();
  const mayResend = can(staff.role, "onec.repeat");
  const href = (given: Record<string, string | null>) => {
    const kept = { shop: shopId, show: onlyOpen ? "open" : null, ...given };
    const text = new URLSearchParams(Object.entries(kept).flatMap(([name, value]) => (value ? [[name, value]] : []))).toString();
    return `/admin/shops${text && `?${text}`}`;
  };
  const unsent = BigInt(shops.reduce((sum, shop) => sum + shop.waiting + shop.stopped, 0));
  return (
    <>
      <LiveRefresh />
      <PageHead title="Интернет-магазины" note="Присылают заказы, отправляют покупателя платить и узнают об оплате" />
      {shops.length === 0 ? (
        <Panel>
          <Empty title="Магазин не подключён">Интегратор подключает сайт магазина командой connection:add и вставляет в его настройки адрес и ключ. Заказы сайта пойдут в 1С сами.</Empty>
        </Panel>
      ) : (
        <>
          <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
            {shops.map((shop) => (
              <ShopPanel key={shop.shopId} shop={shop} now={now} isChosen={shop.shopId === shopId} href={href({ shop: shop.shopId === shopId ? null : shop.shopId })} />
            ))}
          </div>
          {open ? <OpenDeliveryPanel delivery={open} now={now} mayResend={mayResend} seesRaw={viewer.seesRaw} resend={resendAction} closeHref={href({})} /> : null}
          <Panel title="Оповещения магазинов">
            <div className="mt-2">
              <Tabs
                label="Какие оповещения"
                current={onlyOpen ? "open" : "all"}
                tabs={[
                  { key: "all", label: "Все", href: href({ show: null }) },
                  { key: "open", label: "Не доставлены", href: href({ show: "open" }), count: unsent },
                ]}
              />
            </div>
            {rows.length === 0 ? (
              <Empty title={onlyOpen ? "Все оповещения доставлены" : "Оповещений ещё не было"}>{onlyOpen ? "Магазины знают обо всех оплатах и возвратах." : "Здесь будет каждое событие, о котором мы сообщили магазину, и его ответы."}</Empty>
            ) : (
              <DeliveryRows rows={rows} now={now} mayResend={mayResend} resend={resendAction} hrefOf={(eventId) => href({ event: eventId })} />
            )}
            {next ? (
              <div className="border-t p-3 text-center">
                <Link href={href({ before: next.toISOString() })} prefetch={false} className={buttonClass("plain")}>
                  Показать более ранние
                </Link>
              </div>
            ) : null}
          </Panel>
        </>
      )}
    </>
  );
}
