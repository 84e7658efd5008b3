import { StateBadge } from "@/components/admin/state-badges.tsx";
import type { Tone } from "@/components/ui/badge.tsx";
import { formatCount, formatMoney } from "@/lib/kit/format.ts";
import type { DayState } from "@/lib/reconciliation/index.ts";

export type BadgeDay = { state: DayState; differenceKopecks: bigint; openCount: bigint; expectedCount: bigint; missing: readonly string[]; isToday: boolean };

const tones: Record<DayState, Tone> = { balanced: "success", diff: "danger", partial: "warning", closed: "deferred" };

/** State of a day in words (ux.md 5). */
export function dayStateText({ state, differenceKopecks, openCount, expectedCount, missing, isToday }: BadgeDay): string {
  if (state === "closed") return "Закрыт";
  if (state === "balanced") return "Сходится";
  if (state === "diff") return differenceKopecks > 0n ? `Расхождение ${formatMoney(differenceKopecks)}` : formatCount(openCount, ["расхождение", "расхождения", "расхождений"]);
  if (isToday) return "День идёт";
  if (missing.length > 0) return `Нет данных от ${missing.length === 1 ? missing[0]! : formatCount(missing.length, ["банка", "банков", "банков"])}`;
  return `Ждём ${formatCount(expectedCount, ["операцию", "операции", "операций"])}`;
}

export function DayBadge({ day }: { day: BadgeDay }) {
  return <StateBadge tone={day.state === "partial" && day.isToday ? "info" : tones[day.state]}>{dayStateText(day)}</StateBadge>;
}
