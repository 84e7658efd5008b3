import Link from "next/link";
import type { AlertRow } from "@/lib/alerts/index.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { severityDots } from "./severity.tsx";
import { Empty, Panel } from "./page-parts.tsx";

/** Where an alert without an order is solved, by the beginning of its object and by its code. */
const places: readonly (readonly [sign: RegExp, href: string])[] = [
  [/^receipt:/, "/admin/receipts"], [/^refund:/, "/admin/payments?tab=refunds"], [/^dispute:/, "/admin/payments?tab=disputes"], [/^payment:/, "/admin/payments?tab=unbound"], [/^attempt:/, "/admin/payments?tab=unknown"],
  [/^bank:unidentified:/, "/admin/reconciliation#unidentified"], [/^statement:/, "/admin/reconciliation/uploads"],
];

/** Where an alert is solved. */
export const alertHref = (alert: Pick<AlertRow, "orderId" | "objectKey" | "code">): string =>
  differenceHref(alert) ?? (alert.orderId ? `/admin/orders/${alert.orderId}` : (places.find(([sign]) => sign.test(alert.objectKey))?.[1] ?? (alert.code === "ALR-12" ? "/admin/exchange" : "/admin/alerts")));

/** ALR-16 and ALR-18 name one difference, or many of one class and day (`discrepancies:CLASS:bank:day`): their day shows them. */
function differenceHref({ code, objectKey }: Pick<AlertRow, "objectKey" | "code">): string | null {
  if (code !== "ALR-16" && code !== "ALR-18") return null;
  const [kind, id, , day] = objectKey.split(":");
  if (kind === "discrepancy") return `/admin/reconciliation/discrepancy/${id}`;
  return kind === "discrepancies" && day ? `/admin/reconciliation/${day}?class=${id}#differences` : null;
}

/** A queue of decisions that is no alert of its own. */
export type Task = { key: string; title: string; advice: string; href: string };

/** The most money at risk first, at most seven (A1). */
export function AttentionList({ alerts, openCount, tasks = [] }: { alerts: readonly AlertRow[]; openCount: bigint; tasks?: readonly Task[] }) {
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
      {alerts.length + tasks.length === 0 ? (
        <Empty title="Всё спокойно">Здесь появится то, с чем без человека не справиться.</Empty>
      ) : (
        <ul className="p-2">
          {tasks.map((task, i) => (
            <li key={task.key} className={i > 0 ? "border-t" : ""}>
              <Link href={task.href} prefetch={false} className="grid grid-cols-[8px_minmax(0,1fr)] gap-x-3 gap-y-0.5 rounded-control px-2 py-2.5 hover:bg-muted/60 sm:px-3">
                <i className={`mt-1.5 size-2 rounded-full ${severityDots.P2}`} aria-hidden />
                <span className="num min-w-0 font-medium wrap-anywhere">{task.title}</span>
                <span className="col-start-2 text-dense text-muted-foreground">{task.advice}</span>
              </Link>
            </li>
          ))}
          {alerts.map((alert, i) => (
            <li key={alert.alertId} className={i + tasks.length > 0 ? "border-t" : ""}>
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
