import { approveRefundAction, rejectRefundAction } from "@/app/(admin)/admin/refund-actions.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { decisionOf } from "@/lib/refunds/index.ts";
import type { RefundView } from "@/lib/refunds/index.ts";
import { ActionForm } from "./action-form.tsx";
import { ConfirmDetails } from "./confirm-details.tsx";
import { FormField } from "./form-field.tsx";
import type { RefundRights } from "./refund-item.tsx";
import { approvalText } from "./refund-words.ts";

/** Approve or reject; who may not is told why, and who can (SEC-12). */
export function RefundDecision({ refund, rights }: { refund: RefundView; rights: RefundRights }) {
  const { mayApprove, isOwn, others } = decisionOf(rights.approvers, rights.me, refund);
  const who = others.length > 0 ? others.slice(0, 4).join(", ") : null;
  const isDirectors = refund.amountKopecks > rights.approvers.directorAboveKopecks;
  return (
    <>
      {isOwn ? <p>Этот возврат запросили вы, одобрить его должен другой сотрудник{who ? `: ${who}` : ". Такого сотрудника пока нет: заведите второго бухгалтера или директора"}.</p> : null}
      {!isOwn && !mayApprove ? <p>{isDirectors ? `Больше ${formatMoney(rights.approvers.directorAboveKopecks)} одобряет директор` : "Одобряет бухгалтер или директор"}{who ? `: ${who}` : ""}.</p> : null}
      {rights.mayApprove && !isOwn ? (
        <div className="flex flex-wrap gap-2">
          {mayApprove ? (
            <ConfirmDetails summary="Одобрить…" look="primary">
              <ActionForm action={approveRefundAction} label={refund.method === "instrument" ? `Вернуть ${formatMoney(refund.amountKopecks)}` : `Одобрить ${formatMoney(refund.amountKopecks)}`} look="primary">
                <p>{approvalText(refund)}</p>
                <input type="hidden" name="refundId" value={refund.refundId} />
              </ActionForm>
            </ConfirmDetails>
          ) : null}
          <ConfirmDetails summary="Отклонить…">
            <ActionForm action={rejectRefundAction} label="Отклонить возврат" look="danger" fields={["text"]}>
              <p>Возврат {formatMoney(refund.amountKopecks)} не состоится, деньги останутся у нас.</p>
              <input type="hidden" name="refundId" value={refund.refundId} />
              <FormField id={`reject-${refund.refundId}`} name="text" label="Почему" maxLength={500} required autoComplete="off" />
            </ActionForm>
          </ConfirmDetails>
        </div>
      ) : null}
    </>
  );
}
