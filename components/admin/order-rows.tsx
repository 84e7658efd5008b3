import Link from "next/link";
import { formatDate, formatMoneyBare } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/kinds.ts";
import type { OrderRow } from "@/lib/orders/list-orders.ts";
import { shortName } from "@/lib/orders/order-badge.ts";
import { orderFilterQuery } from "@/lib/orders/order-filter.ts";
import type { OrderFilter } from "@/lib/orders/order-filter.ts";
import { OrderBadge } from "./state-badges.tsx";
import { StateDots } from "./state-dots.tsx";
import { Table, Td, Th } from "./table.tsx";

type Props = { rows: readonly OrderRow[]; filter: OrderFilter; today: string; seesBuyers: boolean };

/** A heading that sorts: first click shows the greatest first. */
function SortTh({ filter, by, className, children }: { filter: OrderFilter; by: "date" | "sum" | "due"; className?: string; children: string }) {
  const isBy = filter.sort.replace("-", "") === by;
  const isDown = filter.sort.startsWith("-");
  const next = isBy && isDown ? by : (`-${by}` as const);
  return (
    <Th right={by !== "date"} className={className ?? ""} aria-sort={isBy ? (isDown ? "descending" : "ascending") : "none"}>
      <Link href={orderFilterQuery(filter, { sort: next })} prefetch={false} className="inline-flex min-h-6 items-center gap-1 hover:text-foreground">
        {children}
        <span aria-hidden>{isBy ? (isDown ? "↓" : "↑") : ""}</span>
      </Link>
    </Th>
  );
}

/** The list as a table; two-line rows on phones. */
export function OrderRows({ rows, filter, today, seesBuyers }: Props) {
  const name = (row: OrderRow) => (seesBuyers ? shortName(row.buyerName) : `${row.buyerName.slice(0, 1)}•••`);
  return (
    <>
      <Table label="Заказы" className="hidden lg:block">
        <thead>
          <tr>
            <Th>Заказ</Th>
            <SortTh filter={filter} by="date">Дата</SortTh>
            <Th>Покупатель</Th>
            <Th className="max-[1400px]:hidden">Способ</Th>
            <Th>Статус</Th>
            <Th>Состояния</Th>
            <SortTh filter={filter} by="sum">Сумма, ₽</SortTh>
            <Th right className="max-[1400px]:hidden">Оплачено, ₽</Th>
            <SortTh filter={filter} by="due" className="max-xl:hidden">Остаток, ₽</SortTh>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.orderId}>
              <Td className="max-w-36 truncate">
                <Link href={`/admin/orders/${row.orderId}`} prefetch={false} className="font-medium hover:underline" title={row.number}>
                  №&nbsp;{row.number}
                </Link>
              </Td>
              <Td className="whitespace-nowrap">{formatDate(row.orderDate)}</Td>
              <Td className="max-w-48 truncate" title={seesBuyers ? row.buyerName : undefined}>
                {name(row)}
              </Td>
              <Td className="whitespace-nowrap max-[1400px]:hidden">{row.methods.map((method) => payMethodLabels[method]).join(", ") || "—"}</Td>
              <Td>
                <OrderBadge order={row} today={today} />
              </Td>
              <Td>
                <StateDots order={row} today={today} receiptState={row.receiptState} exportState={row.exportState} />
              </Td>
              <Td right className="font-medium">{formatMoneyBare(row.totalKopecks)}</Td>
              <Td right className="max-[1400px]:hidden">{formatMoneyBare(row.netPaidKopecks)}</Td>
              <Td right className={`max-xl:hidden ${row.dueKopecks > 0n ? "" : "text-muted-foreground"}`}>{formatMoneyBare(row.dueKopecks)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <ul className="lg:hidden">
        {rows.map((row) => (
          <li key={row.orderId} className="border-b last:border-b-0">
            <Link href={`/admin/orders/${row.orderId}`} prefetch={false} className="flex flex-col gap-1.5 px-4 py-3 -outline-offset-2">
              <span className="num flex justify-between gap-3 font-medium">
                <span className="truncate">№&nbsp;{row.number}</span>
                <span className="whitespace-nowrap">{formatMoneyBare(row.totalKopecks)}&nbsp;₽</span>
              </span>
              <span className="flex items-center justify-between gap-2">
                <span className="truncate text-dense text-muted-foreground">
                  {formatDate(row.orderDate)} · {name(row)}
                </span>
                <StateDots order={row} today={today} receiptState={row.receiptState} exportState={row.exportState} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
