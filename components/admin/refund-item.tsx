import Link from "next/link";
import { bounceRefundAction, cancelRefundAction, confirmBankRefundAction } from "@/app/(admin)/admin/refund-actions.ts";
import { formatDate, formatMoney, formatQuantity } from "@/lib/kit/format.ts";
import type { Approvers, RefundView } from "@/lib/refunds/index.ts";
import { refundReasonLabels } from "@/lib/refunds/index.ts";
import { ActionForm } from "./action-form.tsx";
import { ConfirmDetails } from "./confirm-details.tsx";
import { FormField } from "./form-field.tsx";
import { RefundDecision } from "./refund-decision.tsx";
import { refundPeople, refundStateNote, refundStateText, refundTones, refundWay } from "./refund-words.ts";
import { StateBadge } from "./state-badges.tsx";

export type RefundRights = { me: string; today: string; mayRequest: boolean; mayApprove: boolean; mayPayOut: boolean; mayReverse: boolean; approvers: Approvers };

/** One refund: its live state, who asked and who agreed, and what this person may do with it now. */
export function RefundItem({ refund, rights, showsOrder = false }: { refund: RefundView; rights: RefundRights; showsOrder?: boolean }) {
  const note = refundStateNote(refund);
  const isOwn = refund.requestedBy === rights.me;
  // Who may decide a request rejects it; taking it back is its author's.
  const mayCancel = rights.mayRequest && (isOwn ? refund.state === "requested" || refund.state === "approved" : refund.state === "approved" && rights.mayApprove);
  const mayPayOut = refund.state === "approved" && refund.method !== "instrument" && rights.mayPayOut;
  const mayBounce = refund.state === "succeeded" && !refund.hasBounced && rights.mayReverse;
  return (
    <div className="num flex flex-col gap-2 text-dense">
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <span className="flex flex-wrap items-center gap-2">
          {showsOrder ? (
            refund.orderId ? (
              <Link href={`/admin/orders/${refund.orderId}`} prefetch={false} className="inline-flex min-h-6 items-center font-medium hover:underline">
                №&nbsp;{refund.orderNumber}
              </Link>
            ) : (
              <span className="font-medium">Без заказа</span>
            )
          ) : null}
          <StateBadge tone={refund.hasBounced ? "danger" : refundTones[refund.state]}>{refundStateText(refund)}</StateBadge>
        </span>
        <span className="text-body font-medium whitespace-nowrap">{formatMoney(refund.amountKopecks)}</span>
      </div>
      <p className="wrap-anywhere">
        {[refundReasonLabels[refund.reason], refund.reasonText, refundWay(refund), refund.documentNumber && `документ №\u00A0${refund.documentNumber}`, refund.providerRefundId && `возврат ${refund.providerRefundId} в банке`].filter(Boolean).join(" · ")}
      </p>
      {refund.lines.length > 0 ? <p className="wrap-anywhere text-muted-foreground">{refund.lines.slice(0, 5).map((line) => `${line.name}, ${formatQuantity(line.quantity)}`).join("; ")}{refund.lines.length > 5 ? ` и ещё ${refund.lines.length - 5}` : ""}</p> : null}
      <p className="wrap-anywhere text-muted-foreground">{refundPeople(refund)}</p>
      {refund.dueOn && refund.state !== "succeeded" && refund.state !== "rejected" && refund.state !== "canceled" ? <p className="font-medium text-warning">Вернуть по закону до {formatDate(refund.dueOn)}</p> : null}
      {note ? <p className="wrap-anywhere">{note}</p> : null}
      {refund.state === "requested" ? <RefundDecision refund={refund} rights={rights} /> : null}
      {mayPayOut || mayCancel || mayBounce ? (
        <div className="flex flex-wrap gap-2">
          {mayPayOut ? (
            <ConfirmDetails summary="Внести выплату…">
              <ActionForm action={confirmBankRefundAction} label={`Выплачено ${formatMoney(refund.amountKopecks)}`} look="primary" fields={["documentNumber", "documentDate"]}>
                <p>Запишем, что {formatMoney(refund.amountKopecks)} уже выплачены покупателю {refundWay(refund)}.</p>
                <input type="hidden" name="refundId" value={refund.refundId} />
                <FormField id={`paid-number-${refund.refundId}`} name="documentNumber" label="Номер платёжного документа" maxLength={64} required autoComplete="off" />
                <FormField id={`paid-date-${refund.refundId}`} name="documentDate" type="date" label="Дата выплаты" defaultValue={rights.today} max={rights.today} required />
              </ActionForm>
            </ConfirmDetails>
          ) : null}
          {mayCancel ? (
            <ConfirmDetails summary="Отменить возврат…">
              <ActionForm action={cancelRefundAction} label="Отменить возврат" look="danger" fields={["text"]}>
                <p>Возврат {formatMoney(refund.amountKopecks)} не состоится, деньги останутся у нас.</p>
                <input type="hidden" name="refundId" value={refund.refundId} />
                <FormField id={`cancel-${refund.refundId}`} name="text" label="Почему" maxLength={500} required autoComplete="off" />
              </ActionForm>
            </ConfirmDetails>
          ) : null}
          {mayBounce ? (
            <ConfirmDetails summary="Деньги вернулись к нам…" look="quiet">
              <ActionForm action={bounceRefundAction} label={`Записать возвращение ${formatMoney(refund.amountKopecks)}`} look="danger" fields={["reason"]}>
                <p>Запишем, что {formatMoney(refund.amountKopecks)} не дошли до покупателя. Появится новый возврат переводом, его одобрит другой сотрудник. Чек возврата остаётся.</p>
                <input type="hidden" name="refundId" value={refund.refundId} />
                <FormField id={`bounce-${refund.refundId}`} name="reason" label="Откуда это известно" maxLength={500} required autoComplete="off" />
              </ActionForm>
            </ConfirmDetails>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
