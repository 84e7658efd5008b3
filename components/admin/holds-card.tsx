import { captureHoldAction, releaseHoldAction } from "@/app/(admin)/admin/money-actions.ts";
import type { HoldView } from "@/lib/holds/index.ts";
import { formatDateTime, formatMoney, formatMoneyCopy } from "@/lib/kit/format.ts";
import { askedOf } from "@/lib/reports/order-money-back.ts";
import { ConfirmDetails } from "./confirm-details.tsx";
import { FormField } from "./form-field.tsx";
import { Panel } from "./page-parts.tsx";
import { ReviewForm } from "./review-form.tsx";
import { StateBadge } from "./state-badges.tsx";

type Props = { holds: readonly HoldView[]; dueKopecks: bigint; mayManage: boolean };

/** Money that the bank holds on the buyer's card: take all of it, less, or let it go. */
export function HoldsCard({ holds, dueKopecks, mayManage }: Props) {
  if (holds.length === 0) return null;
  return (
    <Panel title="Деньги заблокированы">
      <div className="num flex flex-col gap-4 p-4 pt-2 text-dense sm:px-5">
        {holds.map((hold) => {
          const asked = askedOf(hold);
          const most = dueKopecks > 0n && dueKopecks < hold.heldKopecks ? dueKopecks : hold.heldKopecks;
          return (
            <div key={hold.attemptId} className="flex flex-col gap-2">
              <div className="flex flex-wrap items-center justify-between gap-2">
                <StateBadge tone="info">{asked === "capture" ? "Списываем…" : asked === "void" ? "Снимаем блокировку…" : "Заблокированы"}</StateBadge>
                <span className="text-body font-medium whitespace-nowrap">{formatMoney(hold.heldKopecks)}</span>
              </div>
              <p className="wrap-anywhere text-muted-foreground">
                {[hold.instrument, `с ${formatDateTime(hold.heldAt)}`].filter(Boolean).join(" · ")}. Срок блокировки назначает банк, обычно до семи дней; потом деньги сами вернутся покупателю.
              </p>
              {hold.operation?.state === "unknown" ? <p>Банк не ответил. Второй раз не отправляем, спрашиваем его.</p> : null}
              {hold.operation?.state === "failed" ? <p className="text-danger">Банк отказал{hold.operation.failText ? `: ${hold.operation.failText}` : ""}.</p> : null}
              {mayManage && asked === null ? (
                <div className="flex flex-wrap gap-2">
                  <ConfirmDetails summary="Списать…" look="primary">
                    <ReviewForm action={captureHoldAction} fields={["amount"]}>
                      <input type="hidden" name="attemptId" value={hold.attemptId} />
                      <FormField id={`capture-${hold.attemptId}`} name="amount" label="Сколько списать, ₽" inputMode="decimal" maxLength={24} defaultValue={formatMoneyCopy(most)} required hint={`Не больше ${formatMoney(most)}; меньшую сумму тоже можно, остаток вернётся покупателю`} />
                    </ReviewForm>
                  </ConfirmDetails>
                  <ConfirmDetails summary="Снять блокировку…">
                    <ReviewForm action={releaseHoldAction} fields={["reason"]}>
                      <input type="hidden" name="attemptId" value={hold.attemptId} />
                      <input type="hidden" name="sum" value={formatMoney(hold.heldKopecks)} />
                      <FormField id={`release-${hold.attemptId}`} name="reason" label="Почему" maxLength={500} required autoComplete="off" />
                    </ReviewForm>
                  </ConfirmDetails>
                </div>
              ) : null}
            </div>
          );
        })}
      </div>
    </Panel>
  );
}
