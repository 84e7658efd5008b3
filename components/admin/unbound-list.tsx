import Link from "next/link";
import { bindPaymentAction } from "@/app/(admin)/admin/money-actions.ts";
import { refundUnboundAction } from "@/app/(admin)/admin/refund-actions.ts";
import type { UnboundPayment } from "@/lib/allocations/index.ts";
import { formatDateTime, formatMoney, formatMoneyCopy } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import { ConfirmDetails } from "./confirm-details.tsx";
import { FormField, FormSelect } from "./form-field.tsx";
import { Empty } from "./page-parts.tsx";
import { ReviewForm } from "./review-form.tsx";

type Props = { payments: readonly UnboundPayment[]; mayBind: boolean; mayRefund: boolean; seesBuyers: boolean; /** One key per row: a double click is one refund. */ formKeys: readonly string[] };

/** Money whose order nobody knows (LOST-20): whose it may be, and the two ways out. */
export function UnboundList({ payments, mayBind, mayRefund, seesBuyers, formKeys }: Props) {
  if (payments.length === 0) return <Empty title="Все деньги при своих заказах">Сюда попадает платёж, который пришёл без нашего номера заказа или по неизвестному номеру.</Empty>;
  return (
    <ul className="num text-dense">
      {payments.map((payment, i) => (
        <li key={payment.factId} className="flex flex-col gap-2 border-b px-4 py-4 last:border-b-0 sm:px-5">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
            <p className="text-body font-medium">
              {payMethodLabels[payment.method]}
              {payment.connectionName ? `, ${payment.connectionName}` : ""}
            </p>
            <span className="text-body font-medium whitespace-nowrap">{formatMoney(payment.leftKopecks)}</span>
          </div>
          <p className="wrap-anywhere text-muted-foreground">{[formatDateTime(payment.occurredAt), payment.providerPaymentId && `платёж ${payment.providerPaymentId} в банке`, payment.note && `назвали «${payment.note}»`].filter(Boolean).join(" · ")}</p>
          <p>
            {payment.candidates.length === 0
              ? "Неоплаченных заказов на такую сумму нет."
              : "На такую сумму ждут оплаты: "}
            {payment.candidates.map((order, n) => (
              <span key={order.orderId}>
                {n > 0 ? "; " : ""}
                <Link href={`/admin/orders/${order.orderId}`} prefetch={false} className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">
                  №&nbsp;{order.number}
                </Link>
                {seesBuyers ? ` ${order.buyerName}` : ""}
              </span>
            ))}
          </p>
          <div className="flex flex-wrap gap-2">
            {mayBind ? (
              <ConfirmDetails summary="Привязать к заказу…" look="primary">
                <ReviewForm action={bindPaymentAction} fields={["orderNumber", "contact", "reason"]}>
                  <input type="hidden" name="factId" value={payment.factId} />
                  <input type="hidden" name="sum" value={formatMoney(payment.leftKopecks)} />
                  <FormField id={`bind-${payment.factId}`} name="orderNumber" label="Номер заказа" maxLength={64} required autoComplete="off" defaultValue={payment.candidates.length === 1 ? payment.candidates[0]!.number : ""} />
                  <FormField id={`contact-${payment.factId}`} name="contact" label="Почта или телефон для чека" maxLength={100} autoComplete="off" hint="Нужны, если в заказе контакта нет" />
                  <FormField id={`reason-${payment.factId}`} name="reason" label="Откуда известно, что это его платёж" maxLength={500} required autoComplete="off" />
                </ReviewForm>
              </ConfirmDetails>
            ) : null}
            {mayRefund ? (
              <ConfirmDetails summary="Вернуть…">
                <ReviewForm action={refundUnboundAction} fields={["amount", "reasonText", "method"]}>
                  <input type="hidden" name="factId" value={payment.factId} />
                  <input type="hidden" name="formKey" value={formKeys[i]} />
                  <FormField id={`back-${payment.factId}`} name="amount" label="Сумма, ₽" inputMode="decimal" maxLength={24} required defaultValue={formatMoneyCopy(payment.leftKopecks)} />
                  <FormSelect id={`way-${payment.factId}`} name="method" label="Как вернуть" defaultValue={payment.providerPaymentId ? "instrument" : "bank_transfer"} options={[{ value: "instrument", label: "Тем же способом, каким пришли", disabled: payment.providerPaymentId === null }, { value: "bank_transfer", label: "Банковским переводом" }]} />
                  <FormField id={`why-${payment.factId}`} name="reasonText" label="Почему возвращаем" maxLength={500} required autoComplete="off" />
                </ReviewForm>
              </ConfirmDetails>
            ) : null}
          </div>
        </li>
      ))}
    </ul>
  );
}
