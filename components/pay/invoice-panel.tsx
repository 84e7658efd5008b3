import { Badge } from "@/components/ui/badge.tsx";
import type { Tone } from "@/components/ui/badge.tsx";
import { ButtonLink } from "@/components/ui/button.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { Notice } from "@/components/ui/notice.tsx";
import { requisiteRows } from "@/lib/invoices/document/requisite-rows.ts";
import { invoiceLabels } from "@/lib/invoices/index.ts";
import type { InvoiceCondition, StoredInvoiceContent } from "@/lib/invoices/index.ts";
import { formatCount, formatDateLong, formatMoney, NBSP } from "@/lib/kit/format.ts";
import { parseRubles } from "@/lib/kit/money.ts";
import { DAY_MS } from "@/lib/kit/time.ts";
import { AlertIcon, DownloadIcon, InfoIcon } from "./icons.tsx";
import { QrPicture } from "./qr-picture.tsx";

const tones: Record<InvoiceCondition, Tone> = { issued: "info", partially_paid: "warning", paid: "success", overdue: "danger", cancelled: "neutral", uncollectible: "neutral" };

type Props = { token: string; content: StoredInvoiceContent; condition: InvoiceCondition; hasPdf: boolean; dueDate: string | null; today: string; payToken: string | null };

/** Счёт на оплату: how it stands, the PDF, the requisites to copy, the QR by requisites (ux.md 6.2, INV-5). */
export function InvoicePanel({ token, content, condition, hasPdf, dueDate, today, payToken }: Props) {
  const isOpen = condition === "issued" || condition === "overdue" || condition === "partially_paid";
  return (
    <div className="flex flex-col gap-6">
      <header className="flex flex-col gap-1.5">
        <h2 className="text-h2">
          Счёт №{NBSP}{content.number}
        </h2>
        <p className="flex flex-wrap items-center gap-2 text-body text-muted-foreground">
          <Badge tone={tones[condition]}>{invoiceLabels[condition]}</Badge>
          от {formatDateLong(content.date)}
          {content.version > 1 ? `, редакция ${content.version}` : ""}
          {isOpen ? `, действителен до ${formatDateLong(content.validUntil)}` : ""}
        </p>
        <p className="text-body">
          Покупатель: {content.buyer.name}
          {content.buyer.inn ? `, ИНН${NBSP}${content.buyer.inn}` : ""}
        </p>
      </header>
      <State condition={condition} dueDate={dueDate} today={today} />
      <div className="flex flex-wrap gap-3">
        <ButtonLink look="primary" size="customer" href={`/i/${token}/pdf`} className="max-sm:w-full">
          <DownloadIcon size={20} />
          {hasPdf ? "Скачать счёт (PDF)" : "Скачать счёт, PDF готовится"}
        </ButtonLink>
        {payToken && isOpen ? (
          <ButtonLink look="plain" size="customer" href={`/pay/${payToken}`} className="max-sm:w-full">
            Оплатить картой или через СБП
          </ButtonLink>
        ) : null}
      </div>
      {isOpen ? <Requisites content={content} /> : null}
    </div>
  );
}

function State({ condition, dueDate, today }: { condition: InvoiceCondition; dueDate: string | null; today: string }) {
  if (condition === "paid") return <Notice tone="success" role="status" title="Деньги поступили, счёт оплачен" />;
  if (condition === "cancelled") return <Notice tone="neutral" title="Счёт аннулирован, не платите по нему" />;
  if (condition === "uncollectible") return null;
  if (condition === "overdue" && dueDate) {
    const days = Math.round((Date.parse(today) - Date.parse(dueDate)) / DAY_MS);
    return <Notice tone="danger" icon={<AlertIcon size={20} />} title={`Оплата просрочена на ${formatCount(days, ["день", "дня", "дней"])}`} />;
  }
  return (
    <>
      {dueDate ? <Notice tone="deferred" icon={<InfoIcon size={20} />} title={`Отсрочка до ${formatDateLong(dueDate)}`} /> : null}
      <p className="text-body">Ждём поступления. Банковский перевод обычно идёт до одного рабочего дня, деньги придут после зачисления банком.</p>
    </>
  );
}

function Requisites({ content }: { content: StoredInvoiceContent }) {
  return (
    <>
      <section className="flex flex-col gap-2" aria-labelledby="requisites">
        <h3 id="requisites" className="text-h3">
          Реквизиты для перевода
        </h3>
        <table className="w-full text-body">
          <tbody>
            {requisiteRows(content).map((row) => (
              <tr key={row.label} className="border-b last:border-0">
                <th scope="row" className="w-[38%] py-2 pr-3 text-left align-top font-normal text-muted-foreground">
                  {row.label}
                </th>
                <td className="py-2 align-top break-words tabular-nums [overflow-wrap:anywhere]">{row.shown}</td>
                <td className="w-9 py-0.5 text-right align-top">
                  <CopyButton text={row.copy} label={row.label} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="text-dense text-muted-foreground">Не меняйте назначение платежа: так оплата найдётся сама.</p>
      </section>
      {content.qr ? (
        <section className="flex flex-wrap items-center gap-5 border-t pt-5">
          <QrPicture payload={content.qr} label={`QR-код с реквизитами для перевода ${formatMoney(parseRubles(content.totalRubles))}`} />
          <p className="min-w-40 flex-1 text-body text-muted-foreground">QR для оплаты по реквизитам: его читают приложения банков и клиент-банки. Это не СБП, перевод придёт не сразу.</p>
        </section>
      ) : null}
    </>
  );
}
