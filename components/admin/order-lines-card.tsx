import { formatMoney, formatMoneyBare, formatQuantity } from "@/lib/kit/format.ts";
import { vatLabel } from "@/lib/kit/vat.ts";
import type { OrderPageLine } from "@/lib/orders/order-page.ts";
import { Panel } from "./page-parts.tsx";

const SHOWN = 8;

/** What was ordered, with VAT as 1C sent it. A long order shows its first lines. */
export function OrderLinesCard({ lines, totalKopecks, isSound }: { lines: readonly OrderPageLine[]; totalKopecks: bigint; isSound: boolean }) {
  const vat = lines.reduce((sum, line) => sum + line.vatKopecks, 0n);
  return (
    <Panel title="Состав">
      <div className="num p-4 pt-2 text-dense sm:px-5">
        {isSound ? null : <p className="mb-2 rounded-control bg-danger-tint p-2 text-danger">Строки не сходятся с суммой заказа: чек по нему не построить. Исправьте заказ в 1С.</p>}
        <Lines lines={lines.slice(0, SHOWN)} />
        {lines.length > SHOWN ? (
          <details>
            <summary className="flex min-h-8 items-center font-medium text-primary">Ещё {lines.length - SHOWN}</summary>
            <Lines lines={lines.slice(SHOWN)} />
          </details>
        ) : null}
        <p className="mt-2 flex justify-between border-t pt-2 font-medium">
          <span>Итого</span>
          {formatMoney(totalKopecks)}
        </p>
        {vat > 0n ? (
          <p className="flex justify-between text-muted-foreground">
            <span>в том числе НДС</span>
            {formatMoney(vat)}
          </p>
        ) : null}
      </div>
    </Panel>
  );
}

const Lines = ({ lines }: { lines: readonly OrderPageLine[] }) => (
  <ul>
    {lines.map((line) => (
      <li key={line.lineNo} className="flex justify-between gap-4 py-1">
        <span className="min-w-0">
          <span className="wrap-anywhere">{line.name || "Без названия"}</span>
          <span className="block text-muted-foreground">
            {formatQuantity(line.quantity, line.unitName ?? undefined)} × {formatMoneyBare(line.priceKopecks)} · {vatLabel(line.vatRate)}
          </span>
        </span>
        <span className="whitespace-nowrap">{formatMoneyBare(line.sumKopecks)}</span>
      </li>
    ))}
  </ul>
);
