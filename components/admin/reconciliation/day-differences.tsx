import Link from "next/link";
import { Chip, Empty, Panel, Tabs } from "@/components/admin/page-parts.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import type { Ctx } from "@/lib/context.ts";
import type { ReconciliationDay } from "@/lib/reconciliation/index.ts";
import { countDayDiscrepancies, dayColumnLabels, discrepancyClasses, listDiscrepancies } from "@/lib/reconciliation/index.ts";
import type { DayTab, DayView } from "./day-href.ts";
import { dayHref, dayTabs } from "./day-href.ts";
import { DiscrepancyRows } from "./discrepancy-rows.tsx";
import { bankName } from "./sources-table.tsx";

type Props = { day: ReconciliationDay; scope: { ctx: Ctx; isTest: boolean }; view: DayView; mayResolve: boolean };

const labels: Record<DayTab, string> = { open: "Нужно решение", expected: "Ещё может прийти", closed: "Закрытые" };
const emptyTexts: Record<DayTab, [string, string]> = {
  open: ["Решать нечего", "Источники сходятся, или время ещё терпит."],
  expected: ["Ждать нечего", "Всё, что должно было прийти, пришло."],
  closed: ["Закрытых нет", "Здесь остаётся каждое расхождение с тем, кто и почему его закрыл."],
};

/** Differing operations of a day: what the table's cells lead to. */
export async function DayDifferences({ day, scope: { ctx, isTest }, view, mayResolve }: Props) {
  const counts = await countDayDiscrepancies(ctx, { day: day.day, isTest });
  const tab = view.tab ?? tabOf(day, view);
  const { rows, hasMore } = await listDiscrepancies(ctx, { isTest, day: day.day, tab, class: view.class ?? null, column: view.column ?? null, acquirerId: view.bank ?? null, page: view.page ?? 0 });
  const shown: DayView = { ...view, tab, opened: view.opened ?? null };
  const filters = filterWords(day, view);
  return (
    <Panel title="Расхождения" className="scroll-mt-4">
      <div id="differences" className="pt-1">
        <Tabs label="Расхождения по состоянию" current={tab} tabs={dayTabs.map((each) => ({ key: each, label: labels[each], href: dayHref(day.day, { ...view, tab: each, page: 0, opened: null }), count: counts[each] }))} />
        {filters ? (
          <div className="flex flex-wrap items-center gap-2 px-4 py-2.5 sm:px-5">
            <span className="text-dense text-muted-foreground">{filters}</span>
            <Chip href={dayHref(day.day, { tab })} isOn={false}>
              Показать все
            </Chip>
          </div>
        ) : null}
        {rows.length === 0 ? <Empty title={emptyTexts[tab][0]}>{emptyTexts[tab][1]}</Empty> : <DiscrepancyRows day={day.day} rows={rows} view={shown} mayResolve={mayResolve} />}
        {hasMore || (view.page ?? 0) > 0 ? (
          <div className="flex justify-end gap-2 border-t px-4 py-3 sm:px-5">
            {(view.page ?? 0) > 0 ? (
              <Link href={dayHref(day.day, { ...shown, page: view.page! - 1 })} prefetch={false} className={buttonClass()}>
                Назад
              </Link>
            ) : null}
            {hasMore ? (
              <Link href={dayHref(day.day, { ...shown, page: (view.page ?? 0) + 1 })} prefetch={false} className={buttonClass()}>
                Дальше
              </Link>
            ) : null}
          </div>
        ) : null}
      </div>
    </Panel>
  );
}

/** The tab with something in it, the most urgent first. */
function tabOf(day: ReconciliationDay, view: DayView): DayTab {
  const causes = day.connections
    .filter((row) => !view.bank || (row.connectionId ?? "none") === view.bank)
    .flatMap((row) => row.causes)
    .filter((cause) => (!view.column || cause.column === view.column) && (!view.class || cause.class === view.class));
  return causes.some((cause) => cause.state === "open") ? "open" : causes.some((cause) => cause.state === "expected") ? "expected" : "open";
}

function filterWords(day: ReconciliationDay, view: DayView): string {
  const bank = view.bank ? day.connections.find((row) => (row.connectionId ?? "none") === view.bank) : undefined;
  return [view.column && dayColumnLabels[view.column], bank && bankName(bank), view.class && discrepancyClasses[view.class].label].filter(Boolean).join(", ");
}
