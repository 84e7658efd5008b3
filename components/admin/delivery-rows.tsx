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

const OrderLink = ({ row }: { row: Delivery }) =>
  row.orderId === null ? null : (
    <Link href={`/admin/orders/${row.orderId}`} prefetch={false} className="-my-0.5 inline-block min-h-6 py-0.5 font-medium wrap-anywhere hover:underline pointer-coarse:my-0 pointer-coarse:py-2.5">
      №&nbsp;{row.orderNumber}
    </Link>
  );

/** What each shop was told, and how that went. On a phone sending again is on the page of the tries. */
export function DeliveryRows({ rows, now, mayResend, resend, hrefOf }: { rows: readonly Delivery[]; now: Date; hrefOf: (eventId: string) => string } & Rights) {
  return (
    <Table label="Оповещения магазинов">
      <thead>
        <tr>
          <Th className="max-sm:hidden">Когда</Th>
          <Th>Событие</Th>
          <Th className="max-sm:hidden">Заказ</Th>
          <Th right className="max-sm:hidden">
            Сумма
          </Th>
          <Th className="max-sm:hidden">Магазин</Th>
          <Th>Доставка</Th>
          <Th right className="max-sm:hidden">
            Попытки
          </Th>
          {mayResend ? (
            <Th right className="max-sm:hidden">
              Действие
            </Th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.eventId}>
            <Td className="whitespace-nowrap max-sm:hidden">
              <At at={row.createdAt} />
            </Td>
            <Td className="align-top sm:min-w-36 sm:py-1.5 sm:align-middle">
              <span className="inline-flex min-h-9 items-center sm:min-h-0">{feedTypeLabels[row.type]}</span>
              <span className="flex flex-col items-start pb-2 sm:hidden">
                <OrderLink row={row} />
                {row.amountKopecks === null ? null : <span className="whitespace-nowrap">{formatMoney(row.amountKopecks)}</span>}
                <span className="text-caption text-muted-foreground">
                  <At at={row.createdAt} />
                </span>
              </span>
            </Td>
            <Td className="max-w-48 min-w-28 py-1.5 max-sm:hidden">
              <OrderLink row={row} />
            </Td>
            <Td right className="max-sm:hidden">
              {row.amountKopecks === null ? "" : formatMoney(row.amountKopecks)}
            </Td>
            <Td className="max-w-48 min-w-36 py-1.5 wrap-anywhere max-sm:hidden">{row.shopName}</Td>
            <Td className="align-top sm:min-w-60 sm:align-middle">
              <DeliveryState delivery={row} now={now} />
              <span className="flex flex-col items-start gap-1 pb-2 sm:hidden">
                <Link href={hrefOf(row.eventId)} prefetch={false} className="inline-flex min-h-6 items-center text-primary hover:underline pointer-coarse:min-h-11">
                  Попытки: {row.tries}
                </Link>
                <span className="text-caption wrap-anywhere text-muted-foreground">{row.shopName}</span>
              </span>
            </Td>
            <Td right className="max-sm:hidden">
              <Link href={hrefOf(row.eventId)} prefetch={false} className="inline-flex min-h-6 min-w-6 items-center justify-end text-primary hover:underline" aria-label={`Попытки: ${row.tries}. Показать`}>
                {row.tries}
              </Link>
            </Td>
            {mayResend ? <Td right className="max-sm:hidden">{row.state === "none" ? null : <Resend delivery={row} resend={resend} />}</Td> : null}
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
