import { Check, TriangleAlert } from "lucide-react";
import { adjustSettlementAction } from "@/app/(admin)/admin/reconciliation/actions.ts";
import { FormArea, FormField } from "@/components/admin/form-field.tsx";
import { ReviewForm } from "@/components/admin/review-form.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { formatDate, formatMoney, formatMoneyCopy } from "@/lib/kit/format.ts";
import type { Payout, PayoutCredit } from "@/lib/reconciliation/index.ts";
import { PayoutCredits } from "./payout-credits.tsx";

/** What one payout is made of, to the kopeck (REC-06), and what came to the account. */
export function PayoutCard({ payout, bank, credits, mayAdjust }: { payout: Payout; bank: string; credits: readonly PayoutCredit[]; mayAdjust: boolean }) {
  const { settlementId, expectedKopecks, creditedKopecks } = payout;
  const parts: [string, bigint, boolean][] = [
    ["Валовая сумма", payout.capturedKopecks, true], ["Комиссия", -payout.feeKopecks, true], ["НДС комиссии", -payout.feeVatKopecks, payout.feeVatKopecks !== 0n], ["Возвраты", -payout.refundedKopecks, true],
    ["Опротестования", -payout.chargedBackKopecks, payout.chargedBackKopecks !== 0n], ["Корректировка", payout.adjustmentKopecks, payout.adjustmentKopecks !== 0n],
  ];
  return (
    <section id={`payout-${settlementId}`} className="num scroll-mt-4 border-t px-4 py-4 text-dense sm:px-5" aria-label={`Выплата ${payoutName(payout)}`}>
      <p className="flex flex-wrap justify-between gap-x-3">
        <span className="font-medium wrap-anywhere">{payoutName(payout)}</span>
        <span className="text-muted-foreground">{formatDate(payout.payoutDate)}</span>
      </p>
      <p className="wrap-anywhere text-muted-foreground">{bank}</p>
      <dl className="mt-2">
        {parts.map(([name, kopecks, isShown]) => (isShown ? <Line key={name} name={name} kopecks={kopecks} /> : null))}
        <Line name="К зачислению" kopecks={expectedKopecks} isTotal />
        <div className="flex justify-between gap-4 py-0.5">
          <dt>Зачислено{payout.creditedOn ? ` ${formatDate(payout.creditedOn)}` : ""}</dt>
          <dd className="font-medium whitespace-nowrap">{creditedKopecks === null ? "ещё нет" : formatMoney(creditedKopecks)}</dd>
        </div>
      </dl>
      <Difference payout={payout} />
      {payout.adjustmentReason ? <p className="mt-1 wrap-anywhere text-muted-foreground">Корректировка: {payout.adjustmentReason}</p> : null}
      {mayAdjust ? <PayoutCredits settlementId={settlementId} name={payoutName(payout)} credits={credits} isBalanced={creditedKopecks === expectedKopecks} /> : null}
      {mayAdjust ? (
        <details className="mt-2">
          <summary className={buttonClass("quiet", "control", "-ml-3.5")}>Корректировка…</summary>
          <div className="mt-2 rounded-control border p-3 text-body">
            <ReviewForm action={adjustSettlementAction} fields={["amount", "reason"]}>
              <input type="hidden" name="settlementId" value={settlementId} />
              <input type="hidden" name="expected" value={String(expectedKopecks - payout.adjustmentKopecks)} />
              <input type="hidden" name="payout" value={payoutName(payout)} />
              <FormField id={`adjust-${settlementId}`} name="amount" label="Сумма, ₽" inputMode="text" autoComplete="off" required defaultValue={suggestion(payout)} hint="С минусом, если банк удержал; 0 убирает прежнюю" />
              <FormArea id={`adjust-reason-${settlementId}`} name="reason" label="Что это" maxLength={500} required defaultValue={payout.adjustmentReason ?? ""} />
            </ReviewForm>
          </div>
        </details>
      ) : null}
    </section>
  );
}

const payoutName = (payout: Payout): string => (payout.payoutId.startsWith("day:") ? `за ${formatDate(payout.payoutId.slice(4))}` : `№\u00A0${payout.payoutId}`);

/** What would make it balance. */
const suggestion = ({ creditedKopecks, expectedKopecks, adjustmentKopecks }: Payout): string => (creditedKopecks === null ? "" : formatMoneyCopy(creditedKopecks - expectedKopecks + adjustmentKopecks));

function Line({ name, kopecks, isTotal = false }: { name: string; kopecks: bigint; isTotal?: boolean }) {
  return (
    <div className={`flex justify-between gap-4 py-0.5 ${isTotal ? "mt-1 border-t pt-1.5 font-semibold" : ""}`}>
      <dt className={isTotal ? "" : "text-muted-foreground"}>{name}</dt>
      <dd className="whitespace-nowrap">{formatMoney(kopecks)}</dd>
    </div>
  );
}

function Difference({ payout: { creditedKopecks, expectedKopecks, explanation } }: { payout: Payout }) {
  if (creditedKopecks === null) return null;
  const difference = creditedKopecks - expectedKopecks;
  return difference === 0n ? (
    <p className="mt-1 flex items-center gap-1.5 font-medium text-success">
      <Check size={14} strokeWidth={2} aria-hidden /> Сошлось до копейки
    </p>
  ) : (
    <p className="mt-1 flex items-start gap-1.5 font-medium text-danger">
      <TriangleAlert size={14} strokeWidth={2} aria-hidden className="mt-0.5 shrink-0" />
      <span>
        Разница {formatMoney(difference, { sign: true })}
        {explanation ? <span className="font-normal">: {explanation}</span> : null}
      </span>
    </p>
  );
}
