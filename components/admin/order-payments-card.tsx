import type { AttemptState } from "@/lib/payments/states.ts";
import { isLive } from "@/lib/payments/states.ts";
import { formatDate, formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import type { OrderPageAttempt, OrderPageFact } from "@/lib/orders/order-page.ts";
import { declineReasons } from "@/lib/reports/provider-names.ts";
import type { EvidenceRow } from "@/lib/evidence/index.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";
import { EvidenceList } from "./evidence.tsx";
import { factNames } from "./fact-names.ts";
import { Panel } from "./page-parts.tsx";
import { AttemptBadge, StateBadge } from "./state-badges.tsx";

type Props = { attempts: readonly OrderPageAttempt[]; facts: readonly OrderPageFact[]; evidence: readonly (EvidenceRow & { objectId: string })[]; mayOpenEvidence: boolean; check: FormAction };

/** Attempts with what became of them, and money that came without one. */
export function OrderPaymentsCard({ attempts, facts, evidence, mayOpenEvidence, check }: Props) {
  const others = facts.filter((fact) => fact.attemptId === null || fact.kind !== "payment_captured");
  return (
    <Panel title="Платежи">
      <div className="num flex flex-col p-4 pt-2 text-dense sm:px-5">
        {attempts.length === 0 && others.length === 0 ? <p className="text-muted-foreground">Попыток оплаты не было.</p> : null}
        {attempts.map((attempt) => (
          <div key={attempt.attemptId} className="flex flex-col gap-1 border-b py-2 first:pt-0 last:border-b-0 last:pb-0">
            <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
              <span className="flex flex-wrap items-center gap-2">
                {payMethodLabels[attempt.method]}, {attempt.providerName} <AttemptBadge state={attempt.state as AttemptState} />
              </span>
              <span className={attempt.state === "succeeded" ? "font-medium" : "text-muted-foreground"}>{formatMoney(sumOf(attempt, facts))}</span>
            </div>
            <p className="wrap-anywhere text-muted-foreground">
              {[
                formatDateTime(attempt.createdAt), attempt.instrument, attempt.failClass && declineReasons[attempt.failClass], attempt.providerPaymentId && `платёж ${attempt.providerPaymentId}`, attempt.rrn && `RRN ${attempt.rrn}`,
                attempt.confirmedByReadAt ? "подтверждён банком на наш запрос" : attempt.lastPolledAt && `банк спрашивали ${formatDateTime(attempt.lastPolledAt)}`,
              ].filter(Boolean).join(" · ")}
            </p>
            {isLive(attempt.state as AttemptState) || attempt.state === "failed" || attempt.state === "expired" || attempt.state === "succeeded" ? (
              <ActionForm action={check} label="Проверить у провайдера" className="flex flex-col gap-1.5 pt-1">
                <input type="hidden" name="attemptId" value={attempt.attemptId} />
              </ActionForm>
            ) : null}
          </div>
        ))}
        {others.map((fact) => (
          <div key={fact.factId} className="flex flex-col gap-1 border-b py-2 first:pt-0 last:border-b-0 last:pb-0">
            <div className="flex justify-between gap-3">
              <span className="flex flex-wrap items-center gap-2">
                {factNames[fact.kind]}, {payMethodLabels[fact.method].toLowerCase()} <StateBadge tone={fact.kind === "payment_captured" ? "success" : "neutral"}>Учтено</StateBadge>
              </span>
              <span className="font-medium whitespace-nowrap">{formatMoney(fact.amountKopecks)}</span>
            </div>
            <p className="wrap-anywhere text-muted-foreground">{[formatDate(fact.occurredAt), fact.documentNumber && `документ №\u00A0${fact.documentNumber}`, fact.note].filter(Boolean).join(" · ")}</p>
            <EvidenceList evidence={evidence.filter((each) => each.objectId === fact.factId)} mayOpen={mayOpenEvidence} />
          </div>
        ))}
      </div>
    </Panel>
  );
}

/** What came of it: of a hold less may have been taken than was asked for. */
function sumOf(attempt: OrderPageAttempt, facts: readonly OrderPageFact[]): bigint {
  const captured = facts.filter((fact) => fact.attemptId === attempt.attemptId && fact.kind === "payment_captured");
  return captured.length === 0 ? attempt.amountKopecks : captured.reduce((total, fact) => total + fact.amountKopecks, 0n);
}
