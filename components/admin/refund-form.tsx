import { requestRefundAction } from "@/app/(admin)/admin/refund-actions.ts";
import { formatDate, formatMoney, formatMoneyCopy, formatQuantity } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import type { Refundable } from "@/lib/refunds/index.ts";
import { refundReasonLabels, refundReasons } from "@/lib/refunds/index.ts";
import type { RefundReason } from "@/lib/refunds/index.ts";
import { FormArea, FormField, FormSelect } from "./form-field.tsx";
import { ReviewForm } from "./review-form.tsx";

type Props = { order: { orderId: string; number: string }; refundable: Refundable; today: string; formKey: string; suggested: { reason: RefundReason; amountKopecks: bigint | null } };

/** «Возврат…»: a bare sum or lines, from which payment, why and how. The review that follows names the receipt. */
export function RefundForm({ order, refundable, today, formKey, suggested }: Props) {
  const open = refundable.payments.filter((payment) => payment.refundableKopecks > 0n);
  const byInstrument = open.some((payment) => payment.byInstrument);
  return (
    <ReviewForm action={requestRefundAction} fields={["amount", "lines", "reason", "reasonText", "method", "demandedOn", "paymentFactId"]}>
      <input type="hidden" name="orderId" value={order.orderId} />
      <input type="hidden" name="orderNumber" value={order.number} />
      <input type="hidden" name="formKey" value={formKey} />
      <p className="num">
        Вернуть можно <b className="whitespace-nowrap">{formatMoney(refundable.refundableKopecks)}</b>
        {refundable.surplusKopecks > 0n ? <>, из них лишние {formatMoney(refundable.surplusKopecks)}</> : null}.
      </p>
      <div className="grid items-start gap-3 md:grid-cols-2">
        <FormField id="refund-amount" name="amount" label="Сумма, ₽" inputMode="decimal" maxLength={24} autoComplete="off" className="num" defaultValue={suggested.amountKopecks ? formatMoneyCopy(suggested.amountKopecks) : ""} hint="Пусто, если возвращаете позиции: сумму посчитаем по строкам" />
        <FormSelect
          id="refund-payment" name="paymentFactId" label="Из какого платежа" defaultValue=""
          hint={refundable.payments.find((payment) => payment.blocked)?.blocked ?? undefined}
          options={[
            { value: "", label: open.length > 1 ? "Выбрать самим: последний, которого хватает" : "Единственный платёж" },
            ...refundable.payments.map((payment) => ({
              value: payment.factId, disabled: payment.refundableKopecks <= 0n,
              label: `${payMethodLabels[payment.method]} ${formatMoney(payment.amountKopecks)} от ${formatDate(payment.occurredAt)}, можно ${formatMoney(payment.refundableKopecks)}`,
            })),
          ]}
        />
        <FormSelect id="refund-reason" name="reason" label="Причина" defaultValue={suggested.reason} options={refundReasons.map((reason) => ({ value: reason, label: refundReasonLabels[reason] }))} />
        <FormSelect
          id="refund-method" name="method" label="Как вернуть" defaultValue={byInstrument ? "instrument" : "bank_transfer"}
          options={[{ value: "instrument", label: "Тем же способом, каким платил покупатель", disabled: !byInstrument }, { value: "bank_transfer", label: "Банковским переводом, платит бухгалтер" }, { value: "cash", label: "Наличными в магазине" }]}
        />
        <FormArea id="refund-text" name="reasonText" label="Пояснение" maxLength={500} hint="Обязательно для «Другой причины», остаётся в журнале" />
        <FormField id="refund-demanded" name="demandedOn" type="date" label="Покупатель потребовал деньги" max={today} hint="От этого дня считаем десять дней закона о защите прав потребителей" />
      </div>
      {refundable.lines.length > 0 ? <Lines lines={refundable.lines} /> : null}
    </ReviewForm>
  );
}

function Lines({ lines }: { lines: Refundable["lines"] }) {
  return (
    <details className="rounded-control border p-3" open={lines.length <= 3}>
      <summary className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">Вернуть позиции заказа, {lines.length}</summary>
      <ul className="num mt-2 flex flex-col gap-2 text-dense">
        {lines.map((line) => (
          <li key={line.orderLineId} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            <label htmlFor={`quantity-${line.orderLineId}`} className="min-w-0 grow basis-48 wrap-anywhere">
              {line.name || "Без названия"}
              <span className="block text-muted-foreground">
                осталось {formatQuantity(line.quantityLeft)} на {formatMoney(line.leftKopecks)}
              </span>
            </label>
            <input id={`quantity-${line.orderLineId}`} name={`quantity.${line.orderLineId}`} inputMode="decimal" maxLength={16} autoComplete="off" placeholder="0" className="num h-9 w-24 rounded-control border border-input bg-card px-3 text-right text-body placeholder:text-muted-foreground" />
          </li>
        ))}
      </ul>
    </details>
  );
}
