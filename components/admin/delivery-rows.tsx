import Link from "next/link";
import type { Tone } from "@/components/ui/badge.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { feedTypeLabels, pushStateLabels } from "@/lib/feed/kinds.ts";
import type { PushState } from "@/lib/feed/kinds.ts";
import { formatMoney, formatTime } from "@/lib/kit/format.ts";
import type { Delivery, OpenDelivery } from "@/lib/shops/index.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";
import { DeliveryTryItem } from "./delivery-try.tsx";
import { Ago, At } from "./moment.tsx";
import { Panel } from "./page-parts.tsx";
import { StateBadge } from "./state-badges.tsx";
import { Table, Td, Th } from "./table.tsx";

const tones: Record<PushState, Tone> = { none: "neutral", waiting: "info", delivered: "success", stopped: "danger" };

function DeliveryState({ delivery, now }: { delivery: Delivery; now: Date }) {
  const failed = delivery.state === "waiting" && delivery.tries > 0;
  return (
    <span className="flex flex-col gap-0.5 py-1.5">
      <span className="flex flex-wrap items-center gap-x-2">
        <StateBadge tone={failed ? "warning" : tones[delivery.state]}>{delivery.isSending ? "Отправляется" : failed ? "Повторяем" : pushStateLabels[delivery.state]}</StateBadge>
        {delivery.state === "delivered" && delivery.deliveredAt ? <Ago at={delivery.deliveredAt} now={now} /> : null}
        {failed && delivery.nextAt ? <span className="text-muted-foreground">следующая попытка в&nbsp;{formatTime(delivery.nextAt)}</span> : null}
      </span>
      {delivery.note ? <span className="wrap-anywhere text-muted-foreground">{delivery.note}</span> : null}
    </span>
  );
}

type Rights = { mayResend: boolean; resend: FormAction };

function Resend({ delivery, resend }: { delivery: Delivery; resend: FormAction }) {
  return (
    <ActionForm action={resend} label="Отправить ещё раз" className="flex flex-col items-end gap-1 py-1.5" isBusy={delivery.isSending}>
      <input type="hidden" name="eventId" value={delivery.eventId} />
    </ActionForm>
  );
}

/** What each shop was told, and how that went. */
export function DeliveryRows({ rows, now, mayResend, resend, hrefOf }: { rows: readonly Delivery[]; now: Date; hrefOf: (eventId: string) => string } & Rights) {
  return (
    <Table label="Оповещения магазинов">
      <thead>
        <tr>
          <Th>Когда</Th>
          <Th>Событие</Th>
          <Th>Заказ</Th>
          <Th right>Сумма</Th>
          <Th>Магазин</Th>
          <Th>Доставка</Th>
          <Th right>Попытки</Th>
          {mayResend ? <Th right>Действие</Th> : null}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.eventId}>
            <Td className="whitespace-nowrap">
              <At at={row.createdAt} />
            </Td>
            <Td className="whitespace-nowrap">{feedTypeLabels[row.type]}</Td>
            <Td className="whitespace-nowrap">
              {row.orderId ? (
                <Link href={`/admin/orders/${row.orderId}`} prefetch={false} className="inline-flex min-h-6 items-center font-medium hover:underline">
                  №&nbsp;{row.orderNumber}
                </Link>
              ) : null}
            </Td>
            <Td right>{row.amountKopecks === null ? "" : formatMoney(row.amountKopecks)}</Td>
            <Td>{row.shopName}</Td>
            <Td className="min-w-60">
              <DeliveryState delivery={row} now={now} />
            </Td>
            <Td right>
              <Link href={hrefOf(row.eventId)} prefetch={false} className="inline-flex min-h-6 min-w-6 items-center justify-end text-primary hover:underline" aria-label={`Попытки: ${row.tries}. Показать`}>
                {row.tries}
              </Link>
            </Td>
            {mayResend ? <Td right>{row.state === "none" ? null : <Resend delivery={row} resend={resend} />}</Td> : null}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Every try of one event with the shop's answer. */
export function OpenDeliveryPanel({ delivery, now, mayResend, seesRaw, resend, closeHref }: { delivery: OpenDelivery; now: Date; seesRaw: boolean; closeHref: string } & Rights) {
  return (
    <Panel
      title={`${feedTypeLabels[delivery.type]}${delivery.orderNumber === null ? "" : `, заказ №\u00A0${delivery.orderNumber}`}`}
      aside={
        <Link href={closeHref} prefetch={false} className={buttonClass("quiet")}>
          Закрыть
        </Link>
      }
    >
      <div className="num flex flex-col gap-3 p-4 pt-1 text-dense sm:px-5">
        <div className="flex flex-wrap items-start justify-between gap-3">
          <DeliveryState delivery={delivery} now={now} />
          {mayResend && delivery.state !== "none" ? <Resend delivery={delivery} resend={resend} /> : null}
        </div>
        {delivery.attempts.length === 0 ? <p className="text-muted-foreground">Ещё не отправляли.</p> : null}
        <ol className="flex flex-col gap-2">
          {delivery.attempts.map((attempt) => (
            <DeliveryTryItem key={attempt.tryId} attempt={attempt} takenWords="Магазин принял" seesRaw={seesRaw} />
          ))}
        </ol>
      </div>
    </Panel>
  );
}
