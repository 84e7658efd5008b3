import Link from "next/link";
import { byHandTitle, byHandWords } from "@/lib/exports/by-hand.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import type { ByHandRow } from "@/lib/onec/exchange-page.ts";
import { exportNames } from "./export-words.ts";
import { At } from "./moment.tsx";
import { Panel } from "./page-parts.tsx";

/** A9: money that the exchange will not book by itself, oldest first, with what to do. The document is named on the order's page. */
export function ByHandPanel({ rows }: { rows: readonly ByHandRow[] }) {
  if (rows.length === 0) return null;
  return (
    <Panel title="Проведите в 1С вручную">
      <ul className="num mt-2 text-dense">
        {rows.map((row) => (
          <li key={row.exportId} className="grid gap-x-4 gap-y-0.5 border-t px-4 py-2.5 sm:grid-cols-[minmax(0,14rem)_minmax(0,1fr)] sm:px-5">
            <span>
              <Link href={`/admin/orders/${row.orderId}`} className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">
                Заказ №&nbsp;{row.number}
              </Link>
              <br />
              {exportNames[row.factKind]} {formatMoney(row.amountKopecks)}
              <br />
              <span className="text-muted-foreground">
                <At at={row.createdAt} />, {row.baseName}
              </span>
            </span>
            <span className="wrap-anywhere">
              <span className="font-medium text-danger">{byHandTitle(row.reason)}.</span> {byHandWords[row.reason].why} {byHandWords[row.reason].todo}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
