import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { requireWorld } from "../../session/world.ts";
import { reconcileNowAction } from "./actions.ts";
import { ActionForm } from "@/components/admin/action-form.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Empty, PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { DayRows } from "@/components/admin/reconciliation/day-rows.tsx";
import { DeliveryRows } from "@/components/admin/reconciliation/delivery-rows.tsx";
import { MonthPackForm } from "@/components/admin/reconciliation/month-pack-form.tsx";
import { UNIDENTIFIED_SHOWN, UnidentifiedList } from "@/components/admin/reconciliation/unidentified-list.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { can } from "@/lib/auth/permissions.ts";
import { formatCount, formatMoney, formatNumber } from "@/lib/kit/format.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";
import { countOpenDiscrepancies, countUnidentified, listDeliveries, listReconciliationDays, listUnidentified } from "@/lib/reconciliation/index.ts";

export const metadata: Metadata = { title: "Сверка" };

const DAYS = 30;
const DELIVERIES = 5;

export default async function ReconciliationPage() {
  const { ctx, staff, isTest } = await requireWorld();
  if (!can(staff.role, "discrepancy.resolve")) notFound();
  const today = localDate(ctx.now(), ctx.zone);
  const [days, open, deliveries, unidentified, unidentifiedCount] = await Promise.all([
    listReconciliationDays(ctx, { from: addDays(today, 1 - DAYS), to: today, isTest }), countOpenDiscrepancies(ctx, isTest), listDeliveries(ctx, { isTest }), listUnidentified(ctx, isTest), countUnidentified(ctx, isTest),
  ]);
  const urgent = open.p1 + open.p2;
  return (
    <>
      <LiveRefresh />
      <PageHead
        title="Сверка"
        note={
          <>
            {urgent > 0n ? (
              <span className="num font-medium text-danger">
                {formatCount(urgent, ["расхождение", "расхождения", "расхождений"])} на {formatMoney(open.kopecks)}
              </span>
            ) : (
              <span className="text-success">Срочных расхождений нет</span>
            )}
            {unidentifiedCount > 0 ? (
              <a href="#unidentified" className="num ml-3 inline-flex min-h-6 items-center font-medium text-warning hover:underline">
                {formatCount(unidentifiedCount, ["невыясненное поступление", "невыясненных поступления", "невыясненных поступлений"])}
              </a>
            ) : null}
          </>
        }
        aside={
          <div className="flex flex-wrap items-start gap-2">
            <Link href="/admin/reconciliation/uploads" prefetch={false} className={buttonClass()}>
              Загрузить файл
            </Link>
            <ActionForm action={reconcileNowAction} label="Сверить сейчас" look="primary" className="flex flex-col gap-1" />
          </div>
        }
      />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_372px]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title="Последние 30 дней">
            {days.length === 0 ? <Empty title="Сверять ещё нечего">Здесь появится день, как только придут первые деньги, реестр банка или выписка.</Empty> : <div className="pt-2"><DayRows days={days} today={today} /></div>}
          </Panel>
          <section id="unidentified" aria-label="Невыясненные поступления" className="scroll-mt-4">
            <Panel title="Невыясненные поступления" aside={unidentifiedCount > 0 ? <span className="num text-dense font-medium text-warning">{formatNumber(unidentifiedCount)}</span> : null}>
              <UnidentifiedList lines={unidentified.slice(0, UNIDENTIFIED_SHOWN)} count={unidentifiedCount} mayBind={can(staff.role, "payment.bind")} />
            </Panel>
          </section>
        </div>
        <div className="flex flex-col gap-4">
          <Panel
            title="Файлы и реестры"
            aside={
              <Link href="/admin/reconciliation/uploads" prefetch={false} className="text-dense font-medium text-primary hover:underline">
                Все
              </Link>
            }
          >
            {deliveries.rows.length === 0 ? <Empty title="Файлов ещё нет">Списки операций читаем у банка каждую ночь; реестр с комиссиями и выписку загрузите из кабинета банка.</Empty> : <div className="pt-3"><DeliveryRows rows={deliveries.rows.slice(0, DELIVERIES)} /></div>}
          </Panel>
          <MonthPackForm today={today} />
        </div>
      </div>
    </>
  );
}
