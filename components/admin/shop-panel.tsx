import Link from "next/link";
import { formatCount, formatDuration } from "@/lib/kit/format.ts";
import type { ShopHealth } from "@/lib/shops/index.ts";
import { Ago } from "./moment.tsx";
import { Panel } from "./page-parts.tsx";
import { StateBadge } from "./state-badges.tsx";

/** A webhook that waits longer than the first three pauses has been refused by the shop all that time. */
const LATE_MS = 10 * 60_000;

function Health({ shop, now }: { shop: ShopHealth; now: Date }) {
  if (!shop.enabled) return <StateBadge tone="neutral">Выключен</StateBadge>;
  if (shop.stopped > 0 || (shop.oldestAt && now.getTime() - shop.oldestAt.getTime() > LATE_MS)) return <StateBadge tone="danger">Не принимает оповещения</StateBadge>;
  return shop.lastSeenAt === null ? <StateBadge tone="warning">Ещё не обращался</StateBadge> : <StateBadge tone="success">Работает</StateBadge>;
}

/** How one internet shop is doing. */
export function ShopPanel({ shop, now, isChosen, href }: { shop: ShopHealth; now: Date; isChosen: boolean; href: string }) {
  return (
    <Panel title={shop.name} aside={<Health shop={shop} now={now} />}>
      <dl className="num grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 p-4 pt-2 text-dense sm:px-5">
        <dt className="text-muted-foreground">Последнее обращение</dt>
        <dd>{shop.lastSeenAt ? <Ago at={shop.lastSeenAt} now={now} /> : "не было"}</dd>
        <dt className="text-muted-foreground">Заказы за сутки</dt>
        <dd>{formatCount(shop.orders, ["заказ", "заказа", "заказов"])}</dd>
        <dt className="text-muted-foreground">Заказы идут в</dt>
        <dd className="wrap-anywhere">{shop.onecName ?? "база не найдена"}</dd>
        <dt className="text-muted-foreground">Оповещения</dt>
        <dd className={shop.stopped > 0 ? "font-medium text-danger" : ""}>
          {shop.webhookUrl === null ? "адрес не указан" : shop.waiting + shop.stopped === 0 ? "все доставлены" : [...(shop.waiting > 0 ? [formatCount(shop.waiting, ["ждёт", "ждут", "ждут"])] : []), ...(shop.stopped > 0 ? [formatCount(shop.stopped, ["не доставлено", "не доставлены", "не доставлено"])] : [])].join(", ")}
          {shop.oldestAt ? (
            <>
              , старейшее <Ago at={shop.oldestAt} now={now} />
            </>
          ) : null}
        </dd>
        <dt className="text-muted-foreground">Обычная задержка</dt>
        <dd>{shop.medianSeconds === null ? "пока нет данных" : `${formatDuration(shop.medianSeconds * 1000)} от события до магазина`}</dd>
        <dt className="text-muted-foreground">Адрес оповещений</dt>
        <dd className="wrap-anywhere">{shop.webhookUrl ?? "нет"}</dd>
        <dt className="text-muted-foreground">Покупатель вернётся на</dt>
        <dd className="wrap-anywhere">{shop.returnOrigins.length === 0 ? "сайт продавца" : shop.returnOrigins.join(", ")}</dd>
      </dl>
      <p className="border-t px-4 py-2.5 text-dense sm:px-5">
        <Link href={href} prefetch={false} className="inline-flex min-h-6 items-center text-primary hover:underline pointer-coarse:min-h-11">
          {isChosen ? "Показать оповещения всех магазинов" : "Оповещения только этого магазина"}
        </Link>
      </p>
    </Panel>
  );
}
