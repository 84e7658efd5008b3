import Link from "next/link";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import { severityTones } from "@/components/admin/severity.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import type { DiscrepancyRow } from "@/lib/reconciliation/index.ts";
import { discrepancyClasses, discrepancyStateLabels } from "@/lib/reconciliation/index.ts";
import type { DayView } from "./day-href.ts";
import { dayHref } from "./day-href.ts";
import { DiscrepancyDetail } from "./discrepancy-detail.tsx";
import { differenceOf, factsOf, sumsText } from "./discrepancy-words.ts";

/** Differing operations of a day; the one that the address names is unfolded with what can be done. */
export function DiscrepancyRows({ day, rows, view, mayResolve }: { day: string; rows: readonly DiscrepancyRow[]; view: DayView; mayResolve: boolean }) {
  return (
    <ul className="num">
      {rows.map((row) => {
        const isOpened = row.discrepancyId === view.opened;
        const difference = differenceOf(row);
        return (
          <li key={row.discrepancyId} id={`d-${row.discrepancyId}`} className={`scroll-mt-4 border-t px-4 py-3 text-dense sm:px-5 ${isOpened ? "bg-muted/50" : ""}`}>
            <div className="flex flex-wrap items-start gap-x-4 gap-y-1.5">
              <div className="min-w-0 grow basis-64">
                <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
                  <StateBadge tone={row.state === "open" ? severityTones[row.severity] : row.state === "expected" ? "warning" : "neutral"}>{discrepancyClasses[row.class].label}</StateBadge>
                  {row.orderId ? (
                    <Link href={`/admin/orders/${row.orderId}`} prefetch={false} className="inline-flex min-h-6 items-center font-medium hover:underline">
                      Заказ №&nbsp;{row.orderNumber}
                    </Link>
                  ) : null}
                  {row.connectionName ? <span className="wrap-anywhere text-muted-foreground">{row.connectionName}</span> : null}
                </p>
                <p className="mt-0.5 wrap-anywhere text-muted-foreground">{factsOf(row).join(" · ")}</p>
                <p className="mt-0.5 wrap-anywhere">{statePhrase(row)}</p>
              </div>
              <div className="text-right max-sm:grow">
                {difference === null ? null : <p className="text-body font-medium whitespace-nowrap">{formatMoney(difference, { sign: true })}</p>}
                <p className="text-caption text-muted-foreground">{sumsText(row)}</p>
              </div>
              <Link
                href={dayHref(day, { ...view, opened: isOpened ? null : row.discrepancyId })}
                prefetch={false}
                scroll={false}
                aria-expanded={isOpened}
                aria-label={`${isOpened ? "Свернуть" : "Разобрать"}: ${discrepancyClasses[row.class].label}${row.orderNumber ? `, заказ № ${row.orderNumber}` : ""}`}
                className={buttonClass("plain", "control", "max-sm:w-full")}
              >
                {isOpened ? "Свернуть" : row.state === "open" || row.state === "expected" ? "Разобрать" : "Подробнее"}
              </Link>
            </div>
            {isOpened ? <DiscrepancyDetail row={row} mayResolve={mayResolve} /> : null}
          </li>
        );
      })}
    </ul>
  );
}

function statePhrase(row: DiscrepancyRow): string {
  if (row.state === "expected") return `Ещё может прийти до ${formatDateTime(row.dueAt)}`;
  if (row.state === "open") return `Нужно решение, найдено ${formatDateTime(row.foundAt)}`;
  const who = row.closedByName ?? (row.closedBy === "system" ? null : row.closedBy);
  return `${discrepancyStateLabels[row.state]}${row.closedAt ? ` ${formatDateTime(row.closedAt)}` : ""}${who ? `, ${who}` : ""}${row.resolution ? `: ${row.resolution}` : ""}`;
}
