import Link from "next/link";
import type { ReactNode } from "react";
import { moveMoneyAction, reversePaymentAction } from "@/app/(admin)/admin/money-actions.ts";
import { openDisputeAction } from "@/app/(admin)/admin/dispute-actions.ts";
import { Button, buttonClass } from "@/components/ui/button.tsx";
import type { MoveTarget } from "@/lib/allocations/index.ts";
import { formatDate, formatMoney, formatMoneyCopy } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import type { Refundable, RefundReason } from "@/lib/refunds/index.ts";
import { EvidenceFields } from "./evidence.tsx";
import { FormArea, FormField, FormSelect } from "./form-field.tsx";
import { orderActionTitles } from "./order-action-links.tsx";
import type { OrderAction } from "./order-action-links.tsx";
import { Panel } from "./page-parts.tsx";
import { RefundForm } from "./refund-form.tsx";
import { ReviewForm } from "./review-form.tsx";

type Order = { orderId: string; number: string };
type Props = {
  action: OrderAction; order: Order; refundable: Refundable; today: string; formKey: string;
  /** Orders of the same buyer that owe, for `move`; what was typed into their search. */
  targets: readonly MoveTarget[]; search: string | null;
  suggested: { reason: RefundReason; amountKopecks: bigint | null };
};

/** The opened money action of an order, above its cards. */
export function OrderActionPanel(props: Props) {
  const { action, order } = props;
  return (
    <div id="action" className="scroll-mt-4">
      <Panel
        title={orderActionTitles[action]}
        aside={
          <Link href={`/admin/orders/${order.orderId}`} prefetch={false} className={buttonClass("quiet")}>
            Закрыть
          </Link>
        }
      >
        <div className="p-4 pt-2 sm:px-5">
          <Body {...props} />
        </div>
      </Panel>
    </div>
  );
}

function Body({ action, order, refundable, today, formKey, targets, search, suggested }: Props): ReactNode {
  if (refundable.payments.length === 0) return <p className="text-dense text-muted-foreground">На этом заказе нет денег: он ещё не оплачен или всё уже возвращено.</p>;
  const hidden = (
    <>
      <input type="hidden" name="orderId" value={order.orderId} />
      <input type="hidden" name="orderNumber" value={order.number} />
    </>
  );
  switch (action) {
    case "refund":
      if (refundable.refundableKopecks > 0n) return <RefundForm order={order} refundable={refundable} today={today} formKey={formKey} suggested={suggested} />;
      return <p className="text-dense text-muted-foreground">{refundable.payments.find((payment) => payment.blocked)?.blocked ?? "Возвращать нечего: деньги уже возвращены или возврат уже идёт."}</p>;
    case "move":
      return <MoveForm order={order} refundable={refundable} targets={targets} search={search} hidden={hidden} />;
    case "keep":
      return refundable.surplusKopecks === 0n ? (
        <NothingExtra />
      ) : (
        <ReviewForm action={moveMoneyAction} fields={["factId", "amount", "reason"]}>
          {hidden}
          <p className="text-dense text-muted-foreground">Деньги останутся за этим покупателем, их можно будет зачесть в другой заказ.</p>
          <PaymentSelect refundable={refundable} />
          <FormField id="keep-amount" name="amount" label="Сумма, ₽" inputMode="decimal" maxLength={24} required defaultValue={formatMoneyCopy(refundable.surplusKopecks)} className="num" />
          <FormField id="keep-reason" name="reason" label="Почему и что сказал покупатель" maxLength={500} required autoComplete="off" />
        </ReviewForm>
      );
    case "dispute":
      return (
        <ReviewForm action={openDisputeAction} fields={["factId", "providerDisputeId", "amount", "openedOn", "deadlineOn", "reasonText"]}>
          {hidden}
          <p className="text-dense text-muted-foreground">Банк прислал письмо: покупатель оспорил платёж, деньги списаны с нас. Реестр банка откроет спор и сам, когда придёт.</p>
          <div className="grid items-start gap-3 md:grid-cols-2">
            <PaymentSelect refundable={refundable} />
            <FormField id="dispute-id" name="providerDisputeId" label="Номер спора из письма" maxLength={100} required autoComplete="off" />
            <FormField id="dispute-amount" name="amount" label="Сумма, ₽" inputMode="decimal" maxLength={24} required defaultValue={formatMoneyCopy(refundable.payments[0]!.amountKopecks)} className="num" />
            <FormField id="dispute-day" name="openedOn" type="date" label="Когда банк списал" defaultValue={today} max={today} required />
            <FormField id="dispute-deadline" name="deadlineOn" type="date" label="Ответить до" hint="Напомним за три дня" />
            <FormField id="dispute-reason" name="reasonText" label="На что жалуется покупатель" maxLength={1_000} autoComplete="off" />
          </div>
        </ReviewForm>
      );
    case "reverse":
      return (
        <ReviewForm action={reversePaymentAction} fields={["factId", "amount", "reason", "evidenceNote", "evidenceUrl", "evidenceFile"]}>
          {hidden}
          <p className="text-dense text-muted-foreground">Для оплаты, которую мы учли, а деньги не пришли: ошибка в документе, отозванный перевод, ложное уведомление. Это не возврат: покупателю ничего не уходит.</p>
          <div className="grid items-start gap-3 md:grid-cols-2">
            <PaymentSelect refundable={refundable} />
            <FormField id="reverse-amount" name="amount" label="Сумма, ₽" inputMode="decimal" maxLength={24} required defaultValue={formatMoneyCopy(refundable.payments[0]!.amountKopecks)} className="num" />
          </div>
          <FormArea id="reverse-reason" name="reason" label="Откуда известно, что денег нет" maxLength={1_000} required />
          <EvidenceFields prefix="reverse" isNeeded />
        </ReviewForm>
      );
  }
}

const NothingExtra = () => <p className="text-dense text-muted-foreground">Лишних денег на заказе нет, или они уже обещаны возврату.</p>;

const PaymentSelect = ({ refundable }: { refundable: Refundable }) => (
  <FormSelect id="action-payment" name="factId" label="Платёж" options={refundable.payments.map((payment) => ({ value: payment.factId, label: `${payMethodLabels[payment.method]} ${formatMoney(payment.amountKopecks)} от ${formatDate(payment.occurredAt)}` }))} />
);

function MoveForm({ order, refundable, targets, search, hidden }: Pick<Props, "order" | "refundable" | "targets" | "search"> & { hidden: ReactNode }) {
  if (refundable.surplusKopecks === 0n) return <NothingExtra />;
  const most = targets[0] && targets[0].dueKopecks < refundable.surplusKopecks ? targets[0].dueKopecks : refundable.surplusKopecks;
  return (
    <div className="flex flex-col gap-4">
      <form action={`/admin/orders/${order.orderId}`} className="flex flex-wrap items-end gap-2">
        <input type="hidden" name="action" value="move" />
        <label className="flex min-w-0 grow basis-48 flex-col gap-1 text-caption text-muted-foreground sm:max-w-72">
          Номер заказа этого покупателя
          <input type="search" name="target" defaultValue={search ?? ""} maxLength={50} className="h-9 rounded-control border border-input bg-card px-3 text-body text-foreground" />
        </label>
        <Button type="submit">Найти</Button>
      </form>
      {targets.length === 0 ? (
        <p className="text-dense text-muted-foreground">{search ? "Такого неоплаченного заказа у этого покупателя нет." : "Неоплаченных заказов у этого покупателя нет. Лишнее можно вернуть или оставить авансом."}</p>
      ) : (
        <ReviewForm action={moveMoneyAction} fields={["toOrderId", "factId", "amount", "reason"]}>
          {hidden}
          <input type="hidden" name="wantsOrder" value="1" />
          <FormSelect id="move-target" name="toOrderId" label="На какой заказ" options={targets.map((target) => ({ value: target.orderId, label: `№\u00A0${target.number} от ${formatDate(target.orderDate)}, осталось ${formatMoney(target.dueKopecks)}` }))} />
          <div className="grid items-start gap-3 md:grid-cols-2">
            <PaymentSelect refundable={refundable} />
            <FormField id="move-amount" name="amount" label="Сумма, ₽" inputMode="decimal" maxLength={24} required defaultValue={formatMoneyCopy(most)} className="num" hint={`Лишних на заказе ${formatMoney(refundable.surplusKopecks)}`} />
          </div>
          <FormField id="move-reason" name="reason" label="Почему и что сказал покупатель" maxLength={500} required autoComplete="off" />
        </ReviewForm>
      )}
    </div>
  );
}
