import { ChartFrame } from "@/components/charts/chart-frame.tsx";
import { axisUnit, inUnit } from "@/components/charts/bar-geometry.ts";
import { PLOT_LEFT, StackedBars } from "@/components/charts/stacked-bars.tsx";
import { formatDate, formatDayMonth, formatMoney, formatMoneyBare } from "@/lib/kit/format.ts";
import { takingsGroupLabels, takingsGroups } from "@/lib/reports/overview.ts";
import type { TakingsDay, TakingsGroup } from "@/lib/reports/overview.ts";
import { Empty, Panel } from "./page-parts.tsx";
import { Table, Td, Th } from "./table.tsx";

const fills: Record<TakingsGroup, string> = { card: "fill-chart-1", sbp: "fill-chart-2", invoice: "fill-chart-3", other: "fill-chart-5" };
export const groupDots: Record<TakingsGroup, string> = { card: "bg-chart-1", sbp: "bg-chart-2", invoice: "bg-chart-3", other: "bg-chart-5" };

const WIDE = 820;
const NARROW = 340;

/** Money by day, stacked by method. `lastDay`: the last day with money at all, for a period without any. */
export function TakingsChart({ days, today, lastDay }: { days: readonly TakingsDay[]; today: string; lastDay: string | null }) {
  const max = days.reduce((most, day) => (day.totalKopecks > most ? day.totalKopecks : most), 0n);
  const unit = axisUnit(max);
  const title = `Поступления по дням, ${unit.word}`;
  if (max === 0n) {
    return (
      <Panel title={title}>
        <Empty title="За эти дни денег не было">{lastDay ? `Последнее поступление: ${formatDate(lastDay)}.` : "Поступлений ещё не было. Они появятся здесь сразу после первой оплаты."}</Empty>
      </Panel>
    );
  }
  const groups = takingsGroups.filter((group) => days.some((day) => day.byGroup[group] > 0n));
  const bars = days.map((day) => ({ key: day.day, segments: groups.map((group) => ({ key: group, value: day.byGroup[group] })) }));
  const dayName = (day: string) => (day === today ? "сегодня" : formatDayMonth(day));
  const label = (every: number) => days.map(({ day }, i) => ((days.length - 1 - i) % every === 0 ? (day === today ? "сегодня" : every > 1 || i > 0 ? String(Number(day.slice(8))) : formatDayMonth(day)) : null));
  const lastTotal = days.at(-1)!.totalKopecks;
  const shared = { bars, colors: fills, lineLabel: (value: bigint) => inUnit(value, unit.kopecks), lastLabel: lastTotal > 0n ? inUnit(lastTotal, unit.kopecks) : null };
  const total = days.reduce((sum, day) => sum + day.totalKopecks, 0n);
  return (
    <Panel title={title}>
      <ChartFrame
        summary={`Поступления с ${formatDate(days[0]!.day)} по ${formatDate(days.at(-1)!.day)}: всего ${formatMoney(total)}.`}
        days={days.map((day) => ({ title: dayName(day.day), rows: groups.map((group) => ({ label: takingsGroupLabels[group], text: formatMoney(day.byGroup[group]), dot: groupDots[group] })), total: formatMoney(day.totalKopecks) }))}
        plotLeftShare={PLOT_LEFT / WIDE}
        narrowPlotLeftShare={PLOT_LEFT / NARROW}
        chart={<StackedBars {...shared} labels={label(days.length > 10 ? 3 : 1)} width={WIDE} height={310} />}
        narrowChart={<StackedBars {...shared} labels={label(days.length > 10 ? 7 : 2)} width={NARROW} height={260} />}
        legend={
          <ul className="flex flex-wrap gap-x-4 text-caption text-muted-foreground">
            {groups.map((group) => (
              <li key={group} className="flex items-center gap-1.5">
                <i className={`size-2.5 rounded-[2px] ${groupDots[group]}`} />
                {takingsGroupLabels[group]}
              </li>
            ))}
          </ul>
        }
        table={
          <Table label={title}>
            <thead>
              <tr>
                <Th>День</Th>
                {groups.map((group) => (
                  <Th key={group} right>
                    {takingsGroupLabels[group]}, ₽
                  </Th>
                ))}
                <Th right>Всего, ₽</Th>
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map((day) => (
                <tr key={day.day}>
                  <th scope="row" className="h-10 border-b px-3 pl-4 text-left font-normal whitespace-nowrap sm:pl-5">
                    {formatDate(day.day)}
                  </th>
                  {groups.map((group) => (
                    <Td key={group} right>
                      {formatMoneyBare(day.byGroup[group])}
                    </Td>
                  ))}
                  <Td right className="font-medium">
                    {formatMoneyBare(day.totalKopecks)}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        }
      />
    </Panel>
  );
}
