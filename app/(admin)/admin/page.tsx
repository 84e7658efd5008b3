import type { Metadata } from "next";
import { requireWorld } from "../session/world.ts";
import type { PageWithSearch } from "../session/search-params.ts";
import { oneOf } from "../session/search-params.ts";
import { AttentionList } from "@/components/admin/attention-list.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Ago } from "@/components/admin/moment.tsx";
import { OverviewTiles } from "@/components/admin/overview-tiles.tsx";
import { Chip, PageHead } from "@/components/admin/page-parts.tsx";
import { RecentPayments } from "@/components/admin/recent-payments.tsx";
import { SetUpList } from "@/components/admin/set-up-list.tsx";
import { TakingsChart } from "@/components/admin/takings-chart.tsx";
import { countOpenAlerts, listAlerts } from "@/lib/alerts/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { localDate, localText } from "@/lib/kit/time.ts";
import { lastExchangeAt } from "@/lib/onec/exchange-page.ts";
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
  const [figures, days, lastDay, alerts, alertCount, payments, exchangeAt, setUp] = await Promise.all([
    readOverview(ctx, scope, period),
    readTakingsByDay(ctx, scope, period),
    lastTakingsDay(ctx, scope),
    listAlerts(ctx, scope, { state: "open", by: "money", limit: ATTENTION }),
    countOpenAlerts(ctx, scope),
    readRecentPayments(ctx, viewer, isTest),
    lastExchangeAt(ctx, scope),
    readSetUp(ctx, scope),
  ]);
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
        <AttentionList alerts={alerts} openCount={alertCount.open} />
      </div>
      {seesMoney && !isNew ? <RecentPayments rows={payments} /> : null}
    </>
  );
}
