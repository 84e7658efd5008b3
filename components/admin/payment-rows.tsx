import Link from "next/link";
import { formatDate, formatDateShort, formatDayMonth, formatMoneyBare } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import { refundReasonLabels } from "@/lib/refunds/index.ts";
import { paymentFilterQuery } from "@/lib/reports/payments/index.ts";
import type { PaymentFilter, PaymentRow } from "@/lib/reports/payments/index.ts";
import { declineReasons } from "@/lib/reports/provider-names.ts";
import { refundStateText, refundTones } from "./refund-words.ts";
import { AttemptBadge, StateBadge } from "./state-badges.tsx";
import { Table, Td, Th } from "./table.tsx";

type Props = { rows: readonly PaymentRow[]; filter: PaymentFilter };

/** A transfer has a day; its hour is nobody's knowledge. */
const moment = (row: PaymentRow) => (row.method === "bank_transfer" && row.refund === null ? formatDayMonth(row.at) : formatDateShort(row.at));
const orderName = (row: PaymentRow) => (row.orderNumber === null ? "Без заказа" : `№\u00A0${row.orderNumber}`);
const bare = (kopecks: bigint | null) => (kopecks === null ? "—" : formatMoneyBare(kopecks));
const why = (row: PaymentRow): string | null => (row.refund ? (row.refund.state === "failed" ? row.failText : refundReasonLabels[row.refund.reason]) : row.failClass ? (declineReasons[row.failClass] ?? "платёж не прошёл") : null);
const Payout = ({ row }: { row: PaymentRow }) => (row.payoutId ? <>{row.payoutId}{row.payoutDate ? <span className="text-muted-foreground"> {formatDate(row.payoutDate).slice(0, 5)}</span> : null}</> : <>—</>);

function State({ row }: { row: PaymentRow }) {
  if (row.refund) return <StateBadge tone={row.refund.hasBounced ? "danger" : refundTones[row.refund.state]}>{refundStateText(row.refund)}</StateBadge>;
  return row.attemptState ? <AttemptBadge state={row.attemptState} /> : null;
}

/** Payments as a table; two-line rows on phones. A row opens its panel by its own address. */
export function PaymentRows({ rows, filter }: Props) {
  const href = (row: PaymentRow) => paymentFilterQuery(filter, { cursor: filter.cursor, open: row.key });
  const withFee = filter.tab === "succeeded";
  const withMoney = withFee || filter.tab === "refunds";
  return (
    <>
      <Table label="Платежи" className="hidden lg:block">
        <thead>
          <tr>
            <Th>Время</Th>
            <Th>Заказ</Th>
            <Th>Способ</Th>
            <Th>Статус</Th>
            {filter.tab === "succeeded" ? null : <Th>Причина</Th>}
            <Th className="max-[1400px]:hidden">Провайдер</Th>
            <Th className="max-xl:hidden">RRN или номер</Th>
            {withMoney ? <Th className="max-[1400px]:hidden">Выплата</Th> : null}
            <Th right>Сумма, ₽</Th>
            {withFee ? <Th right>Комиссия, ₽</Th> : null}
            {withFee ? <Th right className="max-xl:hidden">К зачислению, ₽</Th> : null}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} className={filter.open === row.key ? "bg-muted" : undefined}>
              <Td className="whitespace-nowrap">
                <Link href={href(row)} prefetch={false} scroll={false} className="inline-flex min-h-6 items-center font-medium hover:underline" aria-label={`${moment(row)}, ${orderName(row)}: подробнее`}>
                  {moment(row)}
                </Link>
              </Td>
              <Td className="max-w-36 truncate whitespace-nowrap">
                {row.orderId ? (
                  <Link href={`/admin/orders/${row.orderId}`} prefetch={false} className="inline-flex min-h-6 items-center hover:underline">
                    {orderName(row)}
                  </Link>
                ) : (
                  orderName(row)
                )}
              </Td>
              <Td className="whitespace-nowrap">{payMethodLabels[row.method]}</Td>
              <Td>
                <State row={row} />
              </Td>
              {filter.tab === "succeeded" ? null : (
                <Td className="max-w-56 truncate" title={why(row) ?? undefined}>
                  {why(row) ?? "—"}
                </Td>
              )}
              <Td className="max-w-36 truncate max-[1400px]:hidden">{row.providerName ?? "—"}</Td>
              <Td className="max-w-44 truncate max-xl:hidden" title={row.rrn ?? row.outsideId ?? undefined}>
                {row.rrn ?? row.outsideId ?? "—"}
              </Td>
              {withMoney ? (
                <Td className="max-w-40 truncate whitespace-nowrap max-[1400px]:hidden">
                  <Payout row={row} />
                </Td>
              ) : null}
              <Td right className="font-medium">{formatMoneyBare(row.amountKopecks)}</Td>
              {withFee ? <Td right className="text-muted-foreground">{bare(row.feeKopecks)}</Td> : null}
              {withFee ? <Td right className="max-xl:hidden">{bare(row.netKopecks)}</Td> : null}
            </tr>
          ))}
        </tbody>
      </Table>
      <ul className="lg:hidden">
        {rows.map((row) => (
          <li key={row.key} className="border-b last:border-b-0">
            <Link href={href(row)} prefetch={false} scroll={false} className="flex flex-col gap-1.5 px-4 py-3 -outline-offset-2">
              <span className="num flex justify-between gap-3 font-medium">
                <span className="truncate">{orderName(row)}</span>
                <span className="whitespace-nowrap">{formatMoneyBare(row.amountKopecks)}&nbsp;₽</span>
              </span>
              <span className="flex items-center justify-between gap-2">
                <span className="truncate text-dense text-muted-foreground">
                  {moment(row)} · {payMethodLabels[row.method]}
                  {why(row) ? ` · ${why(row)}` : ""}
                </span>
                <State row={row} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
