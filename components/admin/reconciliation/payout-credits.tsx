import { bindSettlementAction } from "@/app/(admin)/admin/reconciliation/bank-line-actions.ts";
import { ActionForm } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { FormArea, FormSelect } from "@/components/admin/form-field.tsx";
import { formatDate, formatMoney } from "@/lib/kit/format.ts";
import type { PayoutCredit } from "@/lib/reconciliation/index.ts";

type Props = { settlementId: string; name: string; credits: readonly PayoutCredit[]; /** What came is what was to come: nothing to look for. */ isBalanced: boolean };

/** Credits that a payout came in, and the way to say that one is, or is not, this payout (M2). */
export function PayoutCredits({ settlementId, name, credits, isBalanced }: Props) {
  const free = credits.filter((credit) => !credit.isBound);
  const bound = credits.filter((credit) => credit.isBound);
  return (
    <div className="mt-2 flex flex-col gap-2 empty:hidden">
      {bound.map((credit) => (
        <div key={credit.bankLineId} className="flex flex-col gap-1 rounded-control bg-muted/50 p-2.5">
          <p className="flex flex-wrap justify-between gap-x-3">
            <span className="text-muted-foreground">Зачисление {formatDate(credit.receivedOn)}</span>
            <span className="font-medium whitespace-nowrap">{formatMoney(credit.amountKopecks)}</span>
          </p>
          <p className="line-clamp-2 wrap-anywhere text-caption text-muted-foreground">{credit.purpose}</p>
          <ConfirmDetails summary="Отвязать…" look="quiet">
            <ActionForm action={bindSettlementAction} label="Отвязать зачисление" look="danger" fields={["reason"]}>
              <p>
                {formatMoney(credit.amountKopecks)} больше не будут считаться выплатой {name}. Сама программа их обратно не свяжет.
              </p>
              <input type="hidden" name="bankLineId" value={credit.bankLineId} />
              <FormArea id={`unbind-${credit.bankLineId}`} name="reason" label="Почему" minLength={5} maxLength={500} required />
            </ActionForm>
          </ConfirmDetails>
        </div>
      ))}
      {!isBalanced && free.length > 0 ? (
        <ConfirmDetails summary="Связать с зачислением…">
          <ActionForm action={bindSettlementAction} label="Связать с выплатой" fields={["bankLineId", "reason"]}>
            <input type="hidden" name="settlementId" value={settlementId} />
            <FormSelect
              id={`credit-${settlementId}`} name="bankLineId" label={`Каким зачислением пришла выплата ${name}`}
              options={free.map((credit) => ({ value: credit.bankLineId, label: `${formatMoney(credit.amountKopecks)} от ${formatDate(credit.receivedOn)}, ${credit.purpose.slice(0, 80)}` }))}
              hint="Свободные поступления этих дней, ближайшее по сумме первым"
            />
            <FormArea id={`credit-reason-${settlementId}`} name="reason" label="Почему" minLength={5} maxLength={500} required />
          </ActionForm>
        </ConfirmDetails>
      ) : null}
    </div>
  );
}
