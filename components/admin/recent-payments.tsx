import Link from "next/link";
import type { ShownExportState } from "@/lib/exports/by-hand.ts";
import type { ReceiptState } from "@/lib/fiscal/states.ts";
import { formatDateShort, formatDayMonth, formatMoney } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import { shortName } from "@/lib/orders/order-badge.ts";
import type { RecentPayment } from "@/lib/reports/recent-payments.ts";
import { AttemptBadge, ExportBadge, ReceiptBadge, StateBadge } from "./state-badges.tsx";
import { Empty, Panel } from "./page-parts.tsx";
import { Table, Td, Th } from "./table.tsx";

const receipt = (row: RecentPayment) => (row.receiptState ? <ReceiptBadge state={row.receiptState as ReceiptState} nextTryAt={row.receiptNextTryAt} fdNumber={row.fdNumber} /> : <StateBadge tone="neutral">Нет</StateBadge>);
const onec = (row: RecentPayment) => (row.exportState ? <ExportBadge state={row.exportState as ShownExportState} /> : <StateBadge tone="neutral">Нет</StateBadge>);
/** A transfer has a day; its hour is nobody's knowledge. */
const moment = (row: RecentPayment) => (row.method === "bank_transfer" ? formatDayMonth(row.at) : formatDateShort(row.at));
const orderName = (row: RecentPayment) => (row.number === null ? "Без заказа" : `№\u00A0${row.number}`);

export function RecentPayments({ rows }: { rows: readonly RecentPayment[] }) {
  return (
    <Panel title="Последние платежи">
      {rows.length === 0 ? (
        <Empty title="Платежей ещё не было">Они появятся, как только покупатель откроет ссылку и начнёт платить.</Empty>
      ) : (
        <>
          <Table label="Последние платежи" className="mt-2 hidden xl:block">
            <thead>
              <tr>
                <Th>Время</Th>
                <Th>Заказ</Th>
                <Th>Покупатель</Th>
                <Th>Способ</Th>
                <Th>Статус</Th>
                <Th>Чек</Th>
                <Th>1С</Th>
                <Th right>Сумма</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.key}>
                  <Td className="whitespace-nowrap">{moment(row)}</Td>
                  <Td className="whitespace-nowrap">
                    {row.orderId ? (
                      <Link href={`/admin/orders/${row.orderId}`} prefetch={false} className="font-medium hover:underline">
                        {orderName(row)}
                      </Link>
                    ) : (
                      orderName(row)
                    )}
                  </Td>
                  <Td className="max-w-48 truncate" title={row.buyerName ?? undefined}>
                    {row.buyerName ? shortName(row.buyerName) : "—"}
                  </Td>
                  <Td className="whitespace-nowrap">{payMethodLabels[row.method]}</Td>
                  <Td>
                    <AttemptBadge state={row.state} />
                  </Td>
                  <Td>{receipt(row)}</Td>
                  <Td>{onec(row)}</Td>
                  <Td right className="font-medium">
                    {formatMoney(row.amountKopecks)}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
          <ul className="mt-2 xl:hidden">
            {rows.map((row) => (
              <li key={row.key} className="flex flex-col gap-1.5 border-t px-4 py-3">
                <div className="num flex justify-between gap-3 font-medium">
                  {row.orderId ? <Link href={`/admin/orders/${row.orderId}`}>{orderName(row)}</Link> : orderName(row)}
                  <span className="whitespace-nowrap">{formatMoney(row.amountKopecks)}</span>
                </div>
                <p className="truncate text-dense text-muted-foreground">
                  {moment(row)} · {payMethodLabels[row.method]} · {row.buyerName ? shortName(row.buyerName) : "—"}
                </p>
                <div className="flex flex-wrap gap-1">
                  <AttemptBadge state={row.state} />
                  {row.receiptState ? receipt(row) : null}
                  {row.exportState ? onec(row) : null}
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}
