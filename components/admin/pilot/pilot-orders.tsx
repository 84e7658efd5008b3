import Link from "next/link";
import { Empty, Panel } from "@/components/admin/page-parts.tsx";
import { ExportBadge, OrderBadge, ReceiptBadge } from "@/components/admin/state-badges.tsx";
import { Table, Td, Th } from "@/components/admin/table.tsx";
import { NBSP, formatDateTime, formatMoney, formatNumber } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import { shortName } from "@/lib/orders/order-badge.ts";
import type { PilotOrderRow } from "@/lib/pilot/read-pilot.ts";

/** The orders that the figures count, each with its way into the order. */
export function PilotOrders({ rows, today, nextHref }: { rows: readonly PilotOrderRow[]; today: string; nextHref: string | null }) {
  return (
    <div id="orders" className="scroll-mt-4">
      <Panel title="Заказы пилота">
        {rows.length === 0 ? (
          <Empty title="В пилоте пока нет заказов">Они появятся, когда отбор возьмёт заказ из 1С или заказ оплатят через сайт.</Empty>
        ) : (
          <Table label="Заказы пилота" className="mt-2">
            <thead>
              <tr>
                <Th>Заказ</Th>
                <Th>Покупатель</Th>
                <Th>Отбор</Th>
                <Th right>Сумма</Th>
                <Th>Оплата</Th>
                <Th>Способ</Th>
                <Th>Чек</Th>
                <Th>1С</Th>
                <Th right>Вручную</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.orderId}>
                  <Td className="min-w-32 py-1.5">
                    <Link href={`/admin/orders/${row.orderId}`} prefetch={false} className="inline-block min-h-6 py-0.5 font-medium wrap-anywhere text-primary underline-offset-2 hover:underline pointer-coarse:py-2.5">
                      №{NBSP}
                      {row.number}
                    </Link>
                    <span className="block text-caption whitespace-nowrap text-muted-foreground">{formatDateTime(row.orderDate)}</span>
                  </Td>
                  <Td className="max-w-56 min-w-32 wrap-anywhere">{shortName(row.buyerName)}</Td>
                  <Td className="whitespace-nowrap">{row.batchNo === null ? <span className="text-muted-foreground">вне отбора</span> : `№${NBSP}${row.batchNo}`}</Td>
                  <Td right>{formatMoney(row.totalKopecks)}</Td>
                  <Td>
                    <OrderBadge order={row} today={today} />
                  </Td>
                  <Td className="whitespace-nowrap">{row.methods.map((method) => payMethodLabels[method]).join(", ") || "—"}</Td>
                  <Td>{row.receiptState ? <ReceiptBadge state={row.receiptState} /> : "—"}</Td>
                  <Td>{row.exportState ? <ExportBadge state={row.exportState} /> : "—"}</Td>
                  <Td right>{formatNumber(row.manualActions)}</Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
        {nextHref ? (
          <div className="border-t px-4 py-3 sm:px-5">
            <Link href={nextHref} prefetch={false} className="font-medium text-primary underline-offset-2 hover:underline">
              Следующие
            </Link>
          </div>
        ) : null}
      </Panel>
    </div>
  );
}
