import { startPayment } from "@/app/pay/[token]/actions.ts";
import { Notice } from "@/components/ui/notice.tsx";
import type { InvoiceContent } from "@/lib/invoices/document/invoice-content.ts";
import { maskContact } from "@/lib/kit/contact.ts";
import { formatCount, formatDate, formatDateLong, formatMoney, NBSP } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { DAY_MS, localDate } from "@/lib/kit/time.ts";
import type { PayPageAttempt, PayPageRow } from "@/lib/orders/pay-page-query.ts";
import type { PayView } from "@/lib/orders/pay-view.ts";
import { declineTextOf } from "./decline-texts.ts";
import type { DeclineText } from "./decline-texts.ts";
import { AlertIcon, InfoIcon } from "./icons.tsx";
import { LegalFooter } from "./legal-footer.tsx";
import type { PayMethodCode } from "./method-texts.ts";
import { PayForm } from "./pay-form.tsx";

type Props = { token: string; row: PayPageRow; view: PayView; declined: PayPageAttempt | null; now: Date; zone: string };

/** The order may be paid: what changed or went wrong, the ways to pay, the button. */
export function ReadyPanel({ token, row, view, declined, now, zone }: Props) {
  const decline = declined ? declineTextOf(declined) : null;
  const { order, invoice } = row;
  const standing = invoice?.state === "issued" && invoice.totalKopecks === view.dueKopecks && invoice.revisionNo === order.revisionNo ? invoice : null;
  return (
    <div className="flex flex-col gap-5">
      {decline ? (
        <Notice id="pay-notice" tone="danger" role="alert" icon={<AlertIcon size={20} />} title={decline.title}>
          <p>{decline.advice}</p>
        </Notice>
      ) : null}
      {view.changedFromKopecks !== null ? (
        <Notice tone="warning" role="status" icon={<InfoIcon size={20} />} title="Сумма заказа изменилась">
          <p className="tabular-nums">
            Было {formatMoney(view.changedFromKopecks)}, стало {formatMoney(view.dueKopecks)}.
          </p>
        </Notice>
      ) : null}
      <DueNotice dueDate={order.dueDate} today={localDate(now, zone)} />
      <PayForm
        action={startPayment}
        token={token}
        formKey={newId()}
        amountSeen={view.dueKopecks.toString()}
        amountText={formatMoney(view.dueKopecks)}
        methods={view.methods}
        preselected={preselect(view, declined, decline)}
        contactMasked={order.contact ? maskContact(order.contact) : null}
        company={row.company}
        standingInvoice={standing ? <StandingInvoice token={standing.token} number={standing.number} date={(standing.content as InvoiceContent).date} /> : null}
        footer={<LegalFooter seller={row.seller} withConsent />}
      />
    </div>
  );
}

/** After a refusal another way is chosen for the buyer, unless the same one is worth a second try. */
function preselect(view: PayView, declined: PayPageAttempt | null, decline: DeclineText | null): PayMethodCode {
  const codes = view.methods.map((method) => method.code);
  const best = codes[0] ?? "card";
  if (!declined || !decline) return best;
  if (decline.offer === "retry") return codes.includes(declined.method) ? declined.method : best;
  const other = declined.method === "card" ? "sbp" : "card";
  return codes.includes(other) ? other : best;
}

/** Companies with a deferral: until when, or how long it is over (B2B-05). */
function DueNotice({ dueDate, today }: { dueDate: string | null; today: string }) {
  if (!dueDate) return null;
  if (dueDate >= today) {
    return <Notice tone="deferred" icon={<InfoIcon size={20} />} title={`Отсрочка до ${formatDateLong(dueDate)}`} />;
  }
  const days = Math.round((Date.parse(today) - Date.parse(dueDate)) / DAY_MS);
  return (
    <Notice tone="danger" icon={<AlertIcon size={20} />} title={`Оплата просрочена на ${formatCount(days, ["день", "дня", "дней"])}`}>
      <p>Срок был до {formatDate(dueDate)}. Можно заплатить сейчас любым способом.</p>
    </Notice>
  );
}

function StandingInvoice({ token, number, date }: { token: string; number: string; date: string }) {
  return (
    <p className="mb-4 rounded-control bg-info-tint px-3 py-2 text-info">
      <a className="font-medium underline underline-offset-2" href={`/i/${token}`}>
        Счёт №{NBSP}{number} от {formatDateLong(date)}
      </a>{" "}
      выставлен. Ждём поступления: банковский перевод обычно идёт до одного рабочего дня.
    </p>
  );
}
