import { byHandTitle, byHandWords } from "@/lib/exports/by-hand.ts";
import type { ShownExportState } from "@/lib/exports/by-hand.ts";
import { formatDate, formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import type { OrderHead, OrderPageExport } from "@/lib/orders/order-page.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";
import { ConfirmDetails } from "./confirm-details.tsx";
import { exportNames } from "./export-words.ts";
import { FormField } from "./form-field.tsx";
import { Panel } from "./page-parts.tsx";
import { ExportBadge } from "./state-badges.tsx";

type Props = { order: OrderHead; exports: readonly OrderPageExport[]; mayConfirm: boolean; confirm: FormAction };

const siteBornWords: Record<NonNullable<OrderHead["siteBorn"]>, string> = {
  waiting: "из магазина, ждёт обмена с 1С", given: "из магазина, передан в 1С, ждём её подтверждения", in_onec: "из магазина, есть в 1С",
};

/** What 1C knows of the order, and what of its money is there (CML-32). */
export function OnecCard({ order, exports, mayConfirm, confirm }: Props) {
  const facts: [string, string | null][] = [
    ["База", order.onecName],
    ["Заказ", order.siteBorn && siteBornWords[order.siteBorn]],
    ["Номер в 1С", order.onecNumber],
    ["Менеджер", order.manager],
    ["Состояние", order.onecState],
    ["Проведён", order.isPosted ? "да" : "нет, платить нельзя"],
    ["Оплата по 1С", order.onecPaymentNumber && `№\u00A0${order.onecPaymentNumber}${order.onecPaymentAt ? ` от ${formatDate(order.onecPaymentAt)}` : ""}`],
    ["Отгрузка по 1С", order.onecShipmentNumber && `№\u00A0${order.onecShipmentNumber}${order.onecShipmentAt ? ` от ${formatDate(order.onecShipmentAt)}` : ""}`],
    ["Версия заказа", String(order.revisionNo)],
  ];
  return (
    <Panel title="1С">
      <div className="num flex flex-col gap-2 p-4 pt-2 text-dense sm:px-5">
        {exports.map((each) => (
          <Message key={each.exportId} message={each} mayConfirm={mayConfirm} confirm={confirm} />
        ))}
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
          {facts.map(([name, value]) =>
            value === null ? null : (
              <div key={name} className="contents">
                <dt className="text-muted-foreground">{name}</dt>
                <dd className="wrap-anywhere">{value}</dd>
              </div>
            ),
          )}
        </dl>
      </div>
    </Panel>
  );
}

function Message({ message, mayConfirm, confirm }: { message: OrderPageExport; mayConfirm: boolean; confirm: FormAction }) {
  const { byHand, state } = message;
  const isOpen = byHand !== null || state === "delivered" || state === "rejected";
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
      <span className="flex flex-wrap items-center gap-2">
        {exportNames[message.factKind]} <ExportBadge state={byHand === null ? (state as ShownExportState) : "by_hand"} />
        <span className="text-muted-foreground">{message.confirmedAt ? formatDateTime(message.confirmedAt) : message.deliveredAt ? formatDateTime(message.deliveredAt) : ""}</span>
      </span>
      <span>{formatMoney(message.amountKopecks)}</span>
      {message.rejectedReason ? <p className="w-full text-danger">{message.rejectedReason}</p> : null}
      {byHand ? (
        <p className="w-full">
          <span className="font-medium">{byHandTitle(byHand)}.</span> {byHandWords[byHand].why} {byHandWords[byHand].todo}
        </p>
      ) : null}
      {mayConfirm && isOpen ? (
        <ConfirmDetails summary="Учтено в 1С вручную…" look="quiet">
          <ActionForm action={confirm} label="Отметить" look="primary" fields={["documentNumber"]}>
            <p>Внесите номер документа, которым {formatMoney(message.amountKopecks)} проведены в 1С.</p>
            <input type="hidden" name="exportId" value={message.exportId} />
            <FormField id={`onec-${message.exportId}`} name="documentNumber" label="Номер документа 1С" maxLength={64} required autoComplete="off" />
          </ActionForm>
        </ConfirmDetails>
      ) : null}
    </div>
  );
}
