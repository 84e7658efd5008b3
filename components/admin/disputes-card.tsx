import { changeDisputeAction } from "@/app/(admin)/admin/dispute-actions.ts";
import type { Tone } from "@/components/ui/badge.tsx";
import type { DisputeRow, DisputeState } from "@/lib/disputes/index.ts";
import { canDisputeMove, disputeStateLabels, disputeStates } from "@/lib/disputes/index.ts";
import type { EvidenceRow } from "@/lib/evidence/index.ts";
import { formatDate, formatMoney } from "@/lib/kit/format.ts";
import { addDays } from "@/lib/kit/time.ts";
import { ConfirmDetails } from "./confirm-details.tsx";
import { EvidenceFields, EvidenceList } from "./evidence.tsx";
import { FormArea, FormField, FormSelect } from "./form-field.tsx";
import { Panel } from "./page-parts.tsx";
import { ReviewForm } from "./review-form.tsx";
import { StateBadge } from "./state-badges.tsx";

export const disputeTones: Record<DisputeState, Tone> = { opened: "danger", evidence_needed: "danger", under_review: "info", won: "success", lost: "neutral", accepted: "neutral" };

type Props = { disputes: readonly DisputeRow[]; evidence: readonly (EvidenceRow & { objectId: string })[]; today: string; mayManage: boolean };

export function DisputesCard({ disputes, evidence, today, mayManage }: Props) {
  if (disputes.length === 0) return null;
  return (
    <Panel title="Споры">
      <ul className="num flex flex-col p-4 pt-2 text-dense sm:px-5">
        {disputes.map((dispute) => (
          <li key={dispute.disputeId} className="flex flex-col gap-2 border-b py-3 first:pt-0 last:border-b-0 last:pb-0">
            <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
              <StateBadge tone={disputeTones[dispute.state]}>{disputeStateLabels[dispute.state]}</StateBadge>
              <span className="text-body font-medium whitespace-nowrap">{formatMoney(dispute.amountKopecks)}</span>
            </div>
            <p className="wrap-anywhere">{[`Спор ${dispute.providerDisputeId} от ${formatDate(dispute.openedAt)}`, dispute.reasonText, dispute.decisionText].filter(Boolean).join(" · ")}</p>
            <Deadline dispute={dispute} today={today} />
            <EvidenceList evidence={evidence.filter((each) => each.objectId === dispute.disputeId)} mayOpen={mayManage} />
            {mayManage && dispute.decidedAt === null ? <DisputeStep dispute={dispute} /> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Near is three days, as the alert has it (ALR-21). */
export function Deadline({ dispute, today }: { dispute: Pick<DisputeRow, "deadlineOn" | "state" | "decidedAt">; today: string }) {
  if (dispute.decidedAt !== null || dispute.deadlineOn === null || dispute.state === "under_review") return null;
  const isNear = dispute.deadlineOn <= addDays(today, 3);
  return <p className={isNear ? "font-medium text-danger" : "text-muted-foreground"}>{dispute.deadlineOn < today ? `Срок ответа прошёл ${formatDate(dispute.deadlineOn)}` : `Ответить до ${formatDate(dispute.deadlineOn)}`}</p>;
}

function DisputeStep({ dispute }: { dispute: DisputeRow }) {
  const next = disputeStates.filter((state) => canDisputeMove(dispute.state, state));
  return (
    <ConfirmDetails summary="Что произошло…">
      <ReviewForm action={changeDisputeAction} fields={["state", "text", "deadlineOn", "evidenceNote", "evidenceUrl", "evidenceFile"]}>
        <input type="hidden" name="disputeId" value={dispute.disputeId} />
        <input type="hidden" name="sum" value={formatMoney(dispute.amountKopecks)} />
        <FormSelect id={`state-${dispute.disputeId}`} name="state" label="Новое состояние" options={next.map((state) => ({ value: state, label: disputeStateLabels[state] }))} />
        <FormArea id={`text-${dispute.disputeId}`} name="text" label="Что отправили или что ответил банк" maxLength={2_000} required />
        <FormField id={`deadline-${dispute.disputeId}`} name="deadlineOn" type="date" label="Новый срок ответа, если назвали" />
        <EvidenceFields prefix={`evidence-${dispute.disputeId}`} isNeeded={false} />
      </ReviewForm>
    </ConfirmDetails>
  );
}
