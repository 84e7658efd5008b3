import type { Metadata } from "next";
import { requireWorld } from "../session/world.ts";
import type { PageWithSearch } from "../session/search-params.ts";
import { oneOf } from "../session/search-params.ts";
import { AttentionList } from "@/components/admin/attention-list.tsx";
import type { Task } from "@/components/admin/attention-list.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Ago } from "@/components/admin/moment.tsx";
import { OverviewTiles } from "@/components/admin/overview-tiles.tsx";
import { Chip, PageHead } from "@/components/admin/page-parts.tsx";
import { RecentPayments } from "@/components/admin/recent-payments.tsx";
import { SetUpList } from "@/components/admin/set-up-list.tsx";
import { TakingsChart } from "@/components/admin/takings-chart.tsx";
import { countOpenAlerts, listAlerts } from "@/lib/alerts/index.ts";
import { countUnbound } from "@/lib/allocations/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { countNearDisputes } from "@/lib/disputes/index.ts";
import { formatCount } from "@/lib/kit/format.ts";
import { localDate, localText } from "@/lib/kit/time.ts";
import { lastExchangeAt } from "@/lib/onec/exchange-page.ts";
import { countToApprove } from "@/lib/refunds/index.ts";
import { lastTakingsDay, readOverview, readTakingsByDay } from "@/lib/reports/overview.ts";
import { parsePeriod, periodLabels, periodOf, periods } from "@/lib/reports/period.ts";
import { readRecentPayments } from "@/lib/reports/recent-payments.ts";
import { readSetUp } from "@/lib/reports/set-up.ts";

export const metadata: Metadata = { title: "Обзор" };

const ATTENTION = 7;

export default async function OverviewPage({ searchParams }: PageWithSearch) {
  const scope = await requireWorld();
  const { ctx, viewer, isTest, staff } = scope;
  const name = parsePeriod(oneOf((await searchParams)["period"]));
  const now = ctx.now();
  const period = periodOf(name, now, ctx.zone);
  const seesMoney = can(staff.role, "reports.money");
  const [figures, days, lastDay, alerts, alertCount, payments, exchangeAt, setUp, toApprove, unbound, disputes] = await Promise.all([
    readOverview(ctx, scope, period),
    readTakingsByDay(ctx, scope, period),
    lastTakingsDay(ctx, scope),
    listAlerts(ctx, scope, { state: "open", by: "money", limit: ATTENTION }),
    countOpenAlerts(ctx, scope),
    readRecentPayments(ctx, viewer, isTest),
    lastExchangeAt(ctx, scope),
    readSetUp(ctx, scope),
    countToApprove(ctx, isTest),
    can(staff.role, "payment.bind") ? countUnbound(ctx, isTest) : 0,
    can(staff.role, "dispute.manage") ? countNearDisputes(ctx, isTest) : 0,
  ]);
  const tasks = tasksOf(toApprove, unbound, disputes);
  const isNew = !setUp.hasOrders && !setUp.hasMoney;
  return (
    <>
      <LiveRefresh />
      <PageHead
        title="Обзор"
        note={
          <>
            Данные на {localText(now, ctx.zone).slice(11)}, обмен с&nbsp;1С {exchangeAt ? <Ago at={exchangeAt} now={now} /> : "ещё не было"}
          </>
        }
        aside={
          <div className="flex flex-wrap gap-1.5" role="group" aria-label="Период">
            {periods.map((each) => (
              <Chip key={each} href={each === "today" ? "/admin" : `/admin?period=${each}`} isOn={each === name}>
                {periodLabels[each]}
              </Chip>
            ))}
          </div>
        }
      />
      {isNew ? <SetUpList setUp={setUp} /> : null}
      {seesMoney && !isNew ? <OverviewTiles figures={figures} period={name} /> : null}
      <div className={`grid items-start gap-4 ${seesMoney && !isNew ? "xl:grid-cols-[minmax(0,1fr)_372px]" : ""}`}>
        {seesMoney && !isNew ? <TakingsChart days={days} today={localDate(now, ctx.zone)} lastDay={lastDay} /> : null}
        <AttentionList alerts={alerts.slice(0, ATTENTION - tasks.length)} openCount={alertCount.open} tasks={tasks} />
      </div>
      {seesMoney && !isNew ? <RecentPayments rows={payments} /> : null}
    </>
  );
}

/** Queues of decisions behind the alerts; an empty one is not named. */
function tasksOf(toApprove: number, unbound: number, disputes: number): Task[] {
  return [
    toApprove > 0 && { key: "refunds", title: `Ждут вашего одобрения: ${formatCount(toApprove, ["возврат", "возврата", "возвратов"])}`, advice: "Проверьте причину и сумму, потом одобрите или отклоните.", href: "/admin/payments?tab=refunds" },
    unbound > 0 && { key: "unbound", title: `Деньги без заказа: ${formatCount(unbound, ["платёж", "платежа", "платежей"])}`, advice: "Привяжите к заказу или верните.", href: "/admin/payments?tab=unbound" },
    disputes > 0 && { key: "disputes", title: `Споры с близким сроком: ${formatCount(disputes, ["спор", "спора", "споров"])}`, advice: "Отправьте документы банку до срока.", href: "/admin/payments?tab=disputes" },
  ].filter((task) => task !== false);
}
