import Link from "next/link";
import { Table, Td, Th } from "@/components/admin/table.tsx";
import { formatCount, formatDate, formatMoney, formatMoneyBare, formatNumber } from "@/lib/kit/format.ts";
import type { DaySummary } from "@/lib/reconciliation/index.ts";
import { DayBadge } from "./day-badge.tsx";

const weekdays = ["вс", "пн", "вт", "ср", "чт", "пт", "сб"];
const weekday = (day: string): string => weekdays[new Date(`${day}T00:00:00Z`).getUTCDay()]!;

/** Days as a table; two-line rows on phones. */
export function DayRows({ days, today }: { days: readonly DaySummary[]; today: string }) {
  const badge = (day: DaySummary) => <DayBadge day={{ ...day, isToday: day.day >= today }} />;
  const link = (day: DaySummary) => (
    <Link href={`/admin/reconciliation/${day.day}`} prefetch={false} className="inline-flex min-h-6 items-center gap-1.5 font-medium whitespace-nowrap hover:underline">
      {formatDate(day.day)} <span className="font-normal text-muted-foreground">{weekday(day.day)}</span>
    </Link>
  );
  return (
    <>
      <Table label="Дни" className="hidden sm:block">
        <thead>
          <tr>
            <Th>День</Th>
            <Th>Состояние</Th>
            <Th right>Принято, ₽</Th>
            <Th right>Возвращено, ₽</Th>
            <Th right>Решить</Th>
            <Th right>Ждём</Th>
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <tr key={day.day}>
              <Td>{link(day)}</Td>
              <Td>{badge(day)}</Td>
              <Td right className="font-medium">{formatMoneyBare(day.capturedKopecks)}</Td>
              <Td right>{day.returnedKopecks === 0n ? "—" : formatMoneyBare(day.returnedKopecks)}</Td>
              <Td right className={day.openCount > 0n ? "font-medium text-danger" : "text-muted-foreground"}>{formatNumber(day.openCount)}</Td>
              <Td right className="text-muted-foreground">{formatNumber(day.expectedCount)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <ul className="num sm:hidden">
        {days.map((day) => (
          <li key={day.day} className="flex flex-col gap-1 border-t px-4 py-2.5 text-dense first:border-t-0">
            <span className="flex items-center justify-between gap-3">
              {link(day)}
              <span className="font-medium whitespace-nowrap">{formatMoney(day.capturedKopecks)}</span>
            </span>
            <span className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
              {badge(day)}
              <span className="text-muted-foreground">
                {[day.returnedKopecks !== 0n && `возвращено ${formatMoney(day.returnedKopecks)}`, day.openCount > 0n && `решить ${formatNumber(day.openCount)}`, day.expectedCount > 0n && `ждём ${formatCount(day.expectedCount, ["операцию", "операции", "операций"])}`]
                  .filter(Boolean)
                  .join(", ")}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
