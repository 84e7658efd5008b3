import Link from "next/link";
import { buttonClass } from "@/components/ui/button.tsx";
import { formatDate, formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import type { RefundView } from "@/lib/refunds/index.ts";
import type { PaymentDetail } from "@/lib/reports/payments/index.ts";
import { declineReasons } from "@/lib/reports/provider-names.ts";
import { factNames } from "./fact-names.ts";
import { Raw } from "./raw-exchange.tsx";
import { RefundItem } from "./refund-item.tsx";
import type { RefundRights } from "./refund-item.tsx";
import { AttemptBadge } from "./state-badges.tsx";

type Props = { detail: PaymentDetail; refunds: readonly RefundView[]; rights: RefundRights; closeHref: string };

const minus = new Set<FactKind>(["payment_reversed", "refund_succeeded", "chargeback", "authorization_voided"]);

/** An opened payment beside the list: states with their times, money, the bank's papers, raw messages (A4). */
export function PaymentSheet({ detail, refunds, rights, closeHref }: Props) {
  const { attempt, facts, entries, raw } = detail;
  return (
    <aside aria-label="Платёж" className="num fixed inset-y-0 right-0 z-40 flex w-full max-w-[560px] flex-col gap-4 overflow-y-auto border-l bg-card p-4 text-dense shadow-overlay sm:p-5" tabIndex={0}>
      <div className="flex items-center gap-3">
        <h2 className="grow text-h3">{detail.orderNumber ? `Платёж за заказ №\u00A0${detail.orderNumber}` : "Платёж без заказа"}</h2>
        <Link href={closeHref} prefetch={false} scroll={false} className={buttonClass("quiet")}>
          Закрыть
        </Link>
      </div>
      {detail.orderId ? (
        <p>
          <Link href={`/admin/orders/${detail.orderId}`} prefetch={false} className={buttonClass()}>
            Открыть заказ
          </Link>
        </p>
      ) : null}
      {attempt ? (
        <section aria-label="Попытка" className="flex flex-col gap-2">
          <p className="flex flex-wrap items-center gap-2 text-body font-medium">
            {payMethodLabels[attempt.method]}, {attempt.providerName} <AttemptBadge state={attempt.state} /> <span className="ml-auto">{formatMoney(attempt.amountKopecks)}</span>
          </p>
          <Facts
            rows={[
              ["Начат", formatDateTime(attempt.createdAt)], ["Закончен", attempt.finishedAt && formatDateTime(attempt.finishedAt)], ["Банк подтвердил на наш запрос", attempt.confirmedByReadAt && formatDateTime(attempt.confirmedByReadAt)],
              ["Банк спрашивали", attempt.lastPolledAt && formatDateTime(attempt.lastPolledAt)], ["Карта или приложение", attempt.instrument], ["Номер в банке", attempt.providerPaymentId], ["RRN", attempt.rrn], ["Наш номер", attempt.reference],
              ["Причина отказа", attempt.failClass && `${declineReasons[attempt.failClass] ?? "платёж не прошёл"}${attempt.failCode ? `, код ${attempt.failCode}` : ""}`],
            ]}
          />
        </section>
      ) : null}
      {facts.length > 0 ? (
        <section aria-label="Деньги" className="flex flex-col gap-1">
          <h3 className="text-body font-semibold">Деньги</h3>
          {facts.map((fact) => (
            <p key={fact.factId} className="flex justify-between gap-3">
              <span className="min-w-0 wrap-anywhere">
                {factNames[fact.kind]} <span className="text-muted-foreground">{[formatDateTime(fact.occurredAt), fact.documentNumber && `документ №\u00A0${fact.documentNumber}`, fact.note].filter(Boolean).join(" · ")}</span>
              </span>
              <span className="font-medium whitespace-nowrap">{formatMoney(minus.has(fact.kind) ? -fact.amountKopecks : fact.amountKopecks)}</span>
            </p>
          ))}
        </section>
      ) : null}
      {refunds.length > 0 ? (
        <section aria-label="Возвраты" className="flex flex-col gap-3">
          <h3 className="text-body font-semibold">Возвраты</h3>
          {refunds.map((refund) => (
            <RefundItem key={refund.refundId} refund={refund} rights={rights} />
          ))}
        </section>
      ) : null}
      <section aria-label="Реестр и выплата" className="flex flex-col gap-1">
        <h3 className="text-body font-semibold">Реестр и выплата</h3>
        {entries.length === 0 ? <p className="text-muted-foreground">В реестрах банка этого платежа ещё нет.</p> : null}
        {entries.map((entry) => (
          <div key={entry.entryId} className="flex justify-between gap-3">
            <span className="min-w-0 wrap-anywhere">
              {entryNames[entry.kind]}{" "}
              <span className="text-muted-foreground">
                {[formatDateTime(entry.occurredAt), entry.feeKopecks !== null && `комиссия ${formatMoney(entry.feeKopecks)}`, entry.payoutId && `выплата ${entry.payoutId}${entry.payoutDate ? ` от ${formatDate(entry.payoutDate)}` : ""}`, entry.creditedOn ? `зачислено ${formatDate(entry.creditedOn)}` : entry.payoutId && "зачисления ещё нет"].filter(Boolean).join(" · ")}
              </span>
            </span>
            <span className="font-medium whitespace-nowrap">{formatMoney(entry.amountKopecks)}</span>
          </div>
        ))}
      </section>
      {raw.length > 0 ? (
        <details>
          <summary className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">Обмен с банком, {raw.length}</summary>
          <div className="mt-2 flex flex-col gap-2">
            {raw.map((each) => (
              <Raw key={each.exchangeId} raw={each} />
            ))}
          </div>
        </details>
      ) : null}
    </aside>
  );
}

const entryNames = { payment: "Платёж", refund: "Возврат", chargeback: "Списание по спору", chargeback_reversed: "Спор выигран" } as const;

const Facts = ({ rows }: { rows: readonly (readonly [string, string | null | undefined])[] }) => (
  <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5">
    {rows.map(([name, value]) =>
      value ? (
        <div key={name} className="contents">
          <dt className="text-muted-foreground">{name}</dt>
          <dd className="wrap-anywhere">{value}</dd>
        </div>
      ) : null,
    )}
  </dl>
);
