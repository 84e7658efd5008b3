import Link from "next/link";
import type { AlertRow } from "@/lib/alerts/index.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { severityDots } from "./severity.tsx";
import { Empty, Panel } from "./page-parts.tsx";

/** Where an alert is solved. */
export const alertHref = (alert: AlertRow): string => (alert.orderId ? `/admin/orders/${alert.orderId}` : alert.objectKey.startsWith("receipt:") ? "/admin/receipts" : alert.code === "ALR-12" ? "/admin/exchange" : "/admin/alerts");

/** The most money at risk first, at most seven (A1). */
export function AttentionList({ alerts, openCount }: { alerts: readonly AlertRow[]; openCount: bigint }) {
  return (
    <Panel
      title="Требует внимания"
      aside={
        openCount > BigInt(alerts.length) ? (
          <Link href="/admin/alerts" className="text-dense font-medium text-primary hover:underline">
            Все {String(openCount)}
          </Link>
        ) : null
      }
    >
      {alerts.length === 0 ? (
        <Empty title="Всё спокойно">Здесь появится то, с чем без человека не справиться.</Empty>
      ) : (
        <ul className="p-2">
          {alerts.map((alert, i) => (
            <li key={alert.alertId} className={i > 0 ? "border-t" : ""}>
              <Link href={alertHref(alert)} prefetch={false} className="grid grid-cols-[8px_minmax(0,1fr)_auto] gap-x-3 gap-y-0.5 rounded-control px-2 py-2.5 hover:bg-muted/60 sm:px-3">
                <i className={`mt-1.5 size-2 rounded-full ${severityDots[alert.severity]}`} aria-hidden />
                <span className="min-w-0 font-medium wrap-anywhere">{alert.title}</span>
                <span className="num whitespace-nowrap">{alert.amountKopecks === null ? "" : formatMoney(alert.amountKopecks)}</span>
                <span className="col-span-2 col-start-2 text-dense text-muted-foreground">{alert.advice}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
