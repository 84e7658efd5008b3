import { buttonClass } from "@/components/ui/button.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { deriveInvoiceState, invoiceLabels } from "@/lib/invoices/index.ts";
import { formatDate, formatDateShort, formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import type { ExportState } from "@/lib/onec/states.ts";
import type { OrderHead, OrderPageExport, OrderPageInvoice, OrderPageLink } from "@/lib/orders/order-page.ts";
import { linkStateLabels } from "@/lib/payments/states.ts";
import type { LinkState } from "@/lib/payments/states.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";
import { ConfirmDetails } from "./confirm-details.tsx";
import { FormField } from "./form-field.tsx";
import { Panel } from "./page-parts.tsx";
import { ExportBadge, StateBadge } from "./state-badges.tsx";

const body = "num flex flex-col gap-2 p-4 pt-2 text-dense sm:px-5";

type LinkProps = { orderId: string; /** Money is due and may be paid: a link makes sense. */ isDue: boolean; link: OrderPageLink | null; publicUrl: string; mayManage: boolean; create: FormAction };

export function LinkCard({ orderId, isDue, link, publicUrl, mayManage, create }: LinkProps) {
  const url = link?.state === "active" ? `${publicUrl}/pay/${link.token}` : null;
  return (
    <Panel title="Ссылка на оплату">
      <div className={body}>
        {link ? (
          <p className="text-muted-foreground">
            {linkStateLabels[link.state as LinkState]}
            {link.state === "active" ? ` до ${formatDateShort(link.validUntil)}` : `, создана ${formatDateShort(link.createdAt)}`} · {formatMoney(link.amountKopecks)} · {link.firstOpenedAt ? `открыта ${formatDateShort(link.firstOpenedAt)}` : "ещё не открывали"}
          </p>
        ) : (
          <p className="text-muted-foreground">Ссылки ещё нет.</p>
        )}
        {/* The link is the key to paying: who may not hand it out does not see it. */}
        {url && mayManage ? (
          <div className="flex items-center gap-1">
            <a href={url} target="_blank" rel="noreferrer" className={buttonClass("plain")}>
              Открыть
            </a>
            <CopyButton text={url} label="ссылка на оплату" />
          </div>
        ) : null}
        {mayManage && isDue && link?.state !== "active" ? (
          <ActionForm action={create} label="Создать ссылку" className="flex flex-col gap-2">
            <input type="hidden" name="orderId" value={orderId} />
          </ActionForm>
        ) : null}
      </div>
    </Panel>
  );
}

export function InvoiceCard({ invoices, order, today }: { invoices: readonly OrderPageInvoice[]; order: OrderHead; today: string }) {
  if (invoices.length === 0) return null;
  return (
    <Panel title="Счета">
      <ul className={body}>
        {invoices.map((invoice) => {
          const condition = deriveInvoiceState({ state: invoice.state, paymentStatus: order.paymentStatus, isPaidInOnec: order.onecPaymentNumber !== null, dueDate: order.dueDate, today });
          const tone = condition === "paid" ? "success" : condition === "overdue" ? "danger" : condition === "partially_paid" ? "warning" : "neutral";
          return (
            <li key={invoice.invoiceId} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
              <span className="flex flex-wrap items-center gap-2">
                <a href={`/i/${invoice.token}`} target="_blank" rel="noreferrer" className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">
                  №&nbsp;{invoice.number}
                </a>
                от {formatDate(invoice.issuedAt)} <StateBadge tone={tone}>{invoiceLabels[condition]}</StateBadge>
              </span>
              <span>{formatMoney(invoice.totalKopecks)}</span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

/** Kinds that the stock exchange carries by itself; the rest a person books in 1C and confirms here. */
const exportNames: Record<OrderPageExport["factKind"], string> = {
  payment_captured: "Оплата", payment_reversed: "Отмена оплаты", refund_succeeded: "Возврат", refund_reversed: "Возврат не прошёл", chargeback: "Списание по спору", chargeback_reversed: "Спор выигран", authorized: "Блокировка", authorization_voided: "Снятие блокировки",
};

export function OnecCard({ order, exports, mayConfirm, confirm }: { order: OrderHead; exports: readonly OrderPageExport[]; mayConfirm: boolean; confirm: FormAction }) {
  const facts: [string, string | null][] = [
    ["База", order.onecName],
    ["Номер в 1С", order.onecNumber],
    ["Состояние", order.onecState],
    ["Проведён", order.isPosted ? "да" : "нет, платить нельзя"],
    ["Оплата по 1С", order.onecPaymentNumber && `№\u00A0${order.onecPaymentNumber}${order.onecPaymentAt ? ` от ${formatDate(order.onecPaymentAt)}` : ""}`],
    ["Отгрузка по 1С", order.onecShipmentNumber && `№\u00A0${order.onecShipmentNumber}${order.onecShipmentAt ? ` от ${formatDate(order.onecShipmentAt)}` : ""}`],
    ["Версия заказа", String(order.revisionNo)],
  ];
  return (
    <Panel title="1С">
      <div className={body}>
        {exports.map((each) => (
          <div key={each.exportId} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
            <span className="flex flex-wrap items-center gap-2">
              {exportNames[each.factKind]} <ExportBadge state={each.state as ExportState} />
              <span className="text-muted-foreground">{each.confirmedAt ? formatDateTime(each.confirmedAt) : each.deliveredAt ? formatDateTime(each.deliveredAt) : ""}</span>
            </span>
            <span>{formatMoney(each.amountKopecks)}</span>
            {each.rejectedReason ? <p className="w-full text-danger">{each.rejectedReason}</p> : null}
            {mayConfirm && each.state !== "confirmed" && each.factKind !== "payment_captured" ? (
              <ConfirmDetails summary="Учтено в 1С вручную…" look="quiet">
                <ActionForm action={confirm} label="Отметить" look="primary" fields={["documentNumber"]}>
                  <p>Обмен этого документа не переносит. Проведите {formatMoney(each.amountKopecks)} в 1С и внесите номер.</p>
                  <input type="hidden" name="exportId" value={each.exportId} />
                  <FormField id={`onec-${each.exportId}`} name="documentNumber" label="Номер документа 1С" maxLength={64} required autoComplete="off" />
                </ActionForm>
              </ConfirmDetails>
            ) : null}
          </div>
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
