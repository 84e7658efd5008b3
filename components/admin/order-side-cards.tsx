import { buttonClass } from "@/components/ui/button.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { deriveInvoiceState, invoiceLabels } from "@/lib/invoices/index.ts";
import { formatDate, formatDateShort, formatMoney } from "@/lib/kit/format.ts";
import type { OrderHead, OrderPageInvoice, OrderPageLink } from "@/lib/orders/order-page.ts";
import { linkStateLabels } from "@/lib/payments/states.ts";
import type { LinkState } from "@/lib/payments/states.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";
import { FormField } from "./form-field.tsx";
import { Panel } from "./page-parts.tsx";
import { StateBadge } from "./state-badges.tsx";

const body = "num flex flex-col gap-2 p-4 pt-2 text-dense sm:px-5";

type LinkProps = { orderId: string; /** Money is due and may be paid: a link makes sense. */ isDue: boolean; link: OrderPageLink | null; publicUrl: string; mayManage: boolean; create: FormAction; /** The last day on which it may be paid. */ lastDay: string | null; today: string; changePayBy: FormAction };

export function LinkCard({ orderId, isDue, link, publicUrl, mayManage, create, lastDay, today, changePayBy }: LinkProps) {
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
        <p>{lastDay === null ? "Последний день оплаты не назначен" : `Оплатить можно по ${formatDate(lastDay)} включительно`}</p>
        {mayManage ? (
          <details className="border-t pt-2">
            <summary className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">Изменить последний день оплаты</summary>
            <ActionForm action={changePayBy} label="Сохранить день" className="mt-2 flex flex-col gap-3" fields={["lastDay"]}>
              <input type="hidden" name="orderId" value={orderId} />
              <FormField id="order-last-day" name="lastDay" type="date" label="Последний день" defaultValue={lastDay ?? ""} min={today} hint="Пусто: без срока. Если 1С пришлёт другой день, спросим, какой верен" className="num" />
            </ActionForm>
          </details>
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
