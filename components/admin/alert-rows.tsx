import Link from "next/link";
import type { AlertRow } from "@/lib/alerts/list-alerts.ts";
import { formatCount, formatMoney } from "@/lib/kit/format.ts";
import { endsByHand } from "@/lib/alerts/close-alert.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";
import { ConfirmDetails } from "./confirm-details.tsx";
import { FormArea } from "./form-field.tsx";
import { alertHref } from "./attention-list.tsx";
import { Ago } from "./moment.tsx";
import { severityDots } from "./severity.tsx";

type Props = { alerts: readonly AlertRow[]; now: Date; mayTake: boolean; take: FormAction; mayClose: boolean; close: FormAction };

/** What happened, since when, how often, what is at stake, who has it. */
export function AlertRows({ alerts, now, mayTake, take, mayClose, close }: Props) {
  return (
    <ul className="num">
      {alerts.map((alert) => (
        <li key={alert.alertId} className="grid grid-cols-[8px_minmax(0,1fr)] gap-x-3 gap-y-1 border-t px-4 py-3 sm:grid-cols-[8px_minmax(0,1fr)_auto] sm:px-5">
          <i aria-hidden className={`mt-1.5 size-2 rounded-full ${severityDots[alert.severity]}`} />
          <div className="min-w-0">
            <Link href={alertHref(alert)} prefetch={false} className="inline-flex min-h-6 items-center font-medium wrap-anywhere hover:underline">
              {alert.title}
            </Link>
            <p className="text-dense wrap-anywhere text-muted-foreground">{alert.advice}</p>
            <p className="mt-0.5 text-caption text-muted-foreground">
              <Ago at={alert.firstAt} now={now} />
              {alert.count > 1 ? (
                <>
                  , повторилось {formatCount(alert.count, ["раз", "раза", "раз"])}, последний <Ago at={alert.lastAt} now={now} />
                </>
              ) : null}
              {alert.ownerName ? ` · в работе: ${alert.ownerName}` : ""}
              {alert.resolvedAt ? (
                <>
                  {alert.closedBecause === null ? " · причина ушла " : ` · разобрано: ${alert.closedBecause} `}
                  <Ago at={alert.resolvedAt} now={now} />
                </>
              ) : null}
              {` · ${alert.code}`}
            </p>
          </div>
          <div className="col-start-2 flex flex-wrap items-center gap-3 sm:col-start-3 sm:flex-col sm:items-end">
            <span className="font-medium whitespace-nowrap">{alert.amountKopecks === null ? "" : formatMoney(alert.amountKopecks)}</span>
            {mayTake && alert.state === "firing" ? (
              <ActionForm action={take} label="Взять в работу" className="flex flex-col items-end gap-1">
                <input type="hidden" name="alertId" value={alert.alertId} />
              </ActionForm>
            ) : null}
            {mayClose && endsByHand(alert) ? (
              <ConfirmDetails summary="Разобрано…" look="quiet">
                <ActionForm action={close} label="Закрыть событие" fields={["reason"]}>
                  <input type="hidden" name="alertId" value={alert.alertId} />
                  <FormArea id={`close-${alert.alertId}`} name="reason" label="Как разобрали" required maxLength={1000} />
                </ActionForm>
              </ConfirmDetails>
            ) : null}
          </div>
        </li>
      ))}
    </ul>
  );
}
