import { ChevronLeft, ChevronRight } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { oneOf } from "../../../session/search-params.ts";
import type { PageWithSearch } from "../../../session/search-params.ts";
import { requireWorld } from "../../../session/world.ts";
import { reconcileNowAction } from "../actions.ts";
import { ActionForm } from "@/components/admin/action-form.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Empty, PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { CloseDayCard } from "@/components/admin/reconciliation/close-day-card.tsx";
import { DayBadge } from "@/components/admin/reconciliation/day-badge.tsx";
import { parseDayView } from "@/components/admin/reconciliation/day-href.ts";
import { DayDifferences } from "@/components/admin/reconciliation/day-differences.tsx";
import { MissingRegistry } from "@/components/admin/reconciliation/missing-registry.tsx";
import { PayoutCard } from "@/components/admin/reconciliation/payout-card.tsx";
import { SourcesTable, bankName } from "@/components/admin/reconciliation/sources-table.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { can } from "@/lib/auth/permissions.ts";
import { formatDateLong, formatDayMonth } from "@/lib/kit/format.ts";
import { addDays, instantOfLocal, localDate } from "@/lib/kit/time.ts";
import { listPayoutCredits, readDayClosings, readReconciliationDay } from "@/lib/reconciliation/index.ts";

type Props = PageWithSearch & { params: Promise<{ day: string }> };
const isDay = (text: string): boolean => /^20\d{2}-\d{2}-\d{2}$/.test(text) && instantOfLocal(text) !== null;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { day } = await params;
  return { title: isDay(day) ? `Сверка за ${formatDayMonth(day)}` : "Сверка" };
}

export default async function ReconciliationDayPage({ params, searchParams }: Props) {
  const { ctx, staff, isTest } = await requireWorld();
  const { day } = await params;
  const today = localDate(ctx.now(), ctx.zone);
  if (!can(staff.role, "discrepancy.resolve") || !isDay(day) || day > today) notFound();
  const query = await searchParams;
  const [found, closings] = await Promise.all([readReconciliationDay(ctx, { day, isTest }), readDayClosings(ctx, { day, isTest })]);
  const mayResolve = can(staff.role, "discrepancy.resolve");
  const credits = mayResolve ? await listPayoutCredits(ctx, { settlementIds: found.payouts.map((payout) => payout.settlementId), isTest }) : [];
  const causes = found.connections.flatMap((row) => row.causes);
  const count = (state: "open" | "expected") => causes.filter((cause) => cause.state === state).reduce((total, cause) => total + cause.count, 0n);
  const lacking = found.connections.filter((row) => row.lacksRegistry);
  const summary = { state: found.state, differenceKopecks: found.blockers.reduce((total, cause) => total + cause.differenceKopecks, 0n), openCount: count("open"), expectedCount: count("expected"), missing: lacking.map(bankName), isToday: day >= today };
  const bankOf = (connectionId: string) => bankName(found.connections.find((row) => row.connectionId === connectionId) ?? { connectionName: null });
  return (
    <>
      <LiveRefresh />
      <PageHead
        title={`Сверка за ${formatDateLong(day)}`}
        note={<DayBadge day={summary} />}
        aside={
          <div className="flex flex-wrap items-start gap-2">
            <Link href="/admin/reconciliation" prefetch={false} className={buttonClass("quiet")}>
              Все дни
            </Link>
            <Link href={`/admin/reconciliation/${addDays(day, -1)}`} prefetch={false} aria-label={`Предыдущий день, ${formatDayMonth(addDays(day, -1))}`} className={buttonClass()}>
              <ChevronLeft size={16} strokeWidth={1.5} aria-hidden />
            </Link>
            {day < today ? (
              <Link href={`/admin/reconciliation/${addDays(day, 1)}`} prefetch={false} aria-label={`Следующий день, ${formatDayMonth(addDays(day, 1))}`} className={buttonClass()}>
                <ChevronRight size={16} strokeWidth={1.5} aria-hidden />
              </Link>
            ) : null}
            <ActionForm action={reconcileNowAction} label="Сверить сейчас" className="flex flex-col gap-1" />
          </div>
        }
      />
      <MissingRegistry day={day} rows={day < today ? lacking : []} mayUpload={can(staff.role, "registry.upload")} />
      <Panel title="Пять источников">
        {found.connections.length === 0 ? <Empty title="За этот день денег нет">Ни один источник ничего не сообщил.</Empty> : <SourcesTable day={day} isToday={day >= today} rows={found.connections} />}
      </Panel>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_372px]">
        <DayDifferences day={found} scope={{ ctx, isTest }} view={parseDayView((name) => oneOf(query[name]))} mayResolve={mayResolve} />
        <div className="flex min-w-0 flex-col gap-4">
          <CloseDayCard day={found} isPast={day < today} closings={closings} mayClose={can(staff.role, "day.close")} />
          <Panel title="Выплаты">
            {found.payouts.length === 0 ? (
              <Empty title="Выплат нет">Состав выплаты появится из реестра банка, где назван её номер.</Empty>
            ) : (
              <div className="pt-3">
                {found.payouts.map((payout) => (
                  <PayoutCard key={payout.settlementId} payout={payout} bank={bankOf(payout.connectionId)} credits={credits.filter((credit) => credit.settlementId === payout.settlementId)} mayAdjust={mayResolve} />
                ))}
              </div>
            )}
          </Panel>
        </div>
      </div>
    </>
  );
}
