import { Lock } from "lucide-react";
import Link from "next/link";
import { closeDayAction, reopenDayAction } from "@/app/(admin)/admin/reconciliation/actions.ts";
import { ActionForm } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { FormArea } from "@/components/admin/form-field.tsx";
import { Panel } from "@/components/admin/page-parts.tsx";
import { ReviewForm } from "@/components/admin/review-form.tsx";
import { formatDateLong, formatDateTime, formatNumber } from "@/lib/kit/format.ts";
import type { DayClosing, ReconciliationDay } from "@/lib/reconciliation/index.ts";
import { discrepancyClasses } from "@/lib/reconciliation/index.ts";
import { dayHref } from "./day-href.ts";

type Props = { day: ReconciliationDay; isPast: boolean; closings: readonly DayClosing[]; mayClose: boolean };

/** Closing and opening of a day (REC-10): what stands in the way, who did it and when. */
export function CloseDayCard({ day, isPast, closings, mayClose }: Props) {
  const [last] = closings;
  return (
    <Panel title="Закрытие дня" className="scroll-mt-4 p-0">
      <div id="day" className="flex flex-col gap-3 p-4 text-dense sm:p-5 sm:pt-3">
        {day.closed && last ? (
          <>
            <p className="flex items-start gap-2">
              <Lock size={16} strokeWidth={1.5} aria-hidden className="mt-0.5 shrink-0" />
              <span>
                Закрыт: {last.closedByName}, {formatDateTime(last.closedAt)}. Показаны итоги на этот момент, они больше не меняются.
              </span>
            </p>
            {mayClose ? (
              <ConfirmDetails summary="Открыть день…">
                <ActionForm action={reopenDayAction} label={`Открыть ${formatDateLong(day.day)}`} look="danger" fields={["reason"]}>
                  <p>Итоги снова начнут меняться: поздние деньги и файлы попадут в этот день. Запись о закрытии останется.</p>
                  <input type="hidden" name="day" value={day.day} />
                  <FormArea id="reopen-reason" name="reason" label="Зачем" maxLength={500} required />
                </ActionForm>
              </ConfirmDetails>
            ) : null}
          </>
        ) : !isPast ? (
          <p className="text-muted-foreground">День ещё идёт: закрыть его можно завтра.</p>
        ) : day.blockers.length > 0 ? (
          <div>
            <p className="font-medium">Закрыть нельзя, пока не решены:</p>
            <ul className="mt-1">
              {day.blockers.map((blocker) => (
                <li key={`${blocker.class} ${blocker.severity}`}>
                  <Link href={dayHref(day.day, { tab: "open", class: blocker.class })} prefetch={false} className="inline-flex min-h-6 items-center font-medium text-danger hover:underline">
                    {discrepancyClasses[blocker.class].label}, {formatNumber(blocker.count)}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ) : mayClose ? (
          <ReviewForm action={closeDayAction} fields={[]} label="Закрыть день…">
            <input type="hidden" name="day" value={day.day} />
            <p>Открытых срочных расхождений нет. После закрытия итоги дня не изменятся.</p>
          </ReviewForm>
        ) : null}
        <History closings={closings} />
      </div>
    </Panel>
  );
}

function History({ closings }: { closings: readonly DayClosing[] }) {
  const reopened = closings.filter((each) => each.reopenedAt !== null);
  if (reopened.length === 0) return null;
  return (
    <ul className="border-t pt-2 text-caption text-muted-foreground">
      {reopened.map((each) => (
        <li key={each.closedAt.toISOString()} className="wrap-anywhere">
          Закрывал {each.closedByName} {formatDateTime(each.closedAt)}, открыл {each.reopenedByName} {formatDateTime(each.reopenedAt!)}: {each.reopenReason}
        </li>
      ))}
    </ul>
  );
}
