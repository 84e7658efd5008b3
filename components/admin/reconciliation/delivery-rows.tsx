import Link from "next/link";
import { formatCount, formatDate, formatDateTime, formatNumber } from "@/lib/kit/format.ts";
import type { Delivery } from "@/lib/reconciliation/index.ts";

/** «Реестр», «Выписка» and where it is from. */
export const deliveryTitle = (delivery: Delivery): string => (delivery.kind === "statement" ? `Выписка по счёту ${delivery.from}` : delivery.source === "api" ? `Реестр, прочитан сам: ${delivery.from}` : `Реестр: ${delivery.from}`);
export const deliveryDays = ({ dayFrom, dayTo }: Delivery): string => (dayFrom === dayTo ? formatDate(dayFrom) : `${formatDate(dayFrom)}–${formatDate(dayTo)}`);
export const deliveryPerson = (delivery: Delivery): string => delivery.receivedByName ?? (delivery.receivedBy === "system" ? "Система" : delivery.receivedBy);

/** What came in, the newest first. */
export function DeliveryRows({ rows }: { rows: readonly Delivery[] }) {
  return (
    <ul className="num text-dense">
      {rows.map((row) => (
        <li key={row.deliveryId} className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1 border-t px-4 py-2.5 sm:px-5">
          <span className="min-w-0 grow basis-64">
            <Link href={`/admin/reconciliation/uploads?delivery=${row.deliveryId}`} prefetch={false} className="inline-flex min-h-6 items-center font-medium wrap-anywhere hover:underline">
              {deliveryTitle(row)}, {deliveryDays(row)}
            </Link>
            <span className="block wrap-anywhere text-muted-foreground">
              {row.fileName ? `${row.fileName} · ` : ""}
              {deliveryPerson(row)}, {formatDateTime(row.receivedAt)}
            </span>
          </span>
          <span className="text-muted-foreground sm:text-right">
            новых {formatNumber(row.newCount)}, известных {formatNumber(row.knownCount)}
            {row.problemCount > 0 ? <span className="block font-medium text-warning">{row.kind === "registry" ? `отложено ${formatNumber(row.problemCount)}` : formatCount(row.problemCount, ["замечание", "замечания", "замечаний"])}</span> : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
