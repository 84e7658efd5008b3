import { formatMoney, formatMoneyBare, formatQuantity } from "@/lib/kit/format.ts";
import { lineSum } from "@/lib/kit/quantity.ts";
import { vatLabel, vatTotals } from "@/lib/kit/vat.ts";
import type { PayPageRow } from "@/lib/orders/pay-page-query.ts";

type Props = { lines: PayPageRow["lines"]; totalKopecks: bigint; netPaidKopecks: bigint; dueKopecks: bigint; isSettled: boolean };

/** What is ordered, no more than the receipt prints. */
export function OrderLines({ lines, totalKopecks, netPaidKopecks, dueKopecks, isSettled }: Props) {
  const vat = vatTotals(lines.map((line) => ({ vat: line.vatRate, sumKopecks: line.sumKopecks, vatKopecks: line.vatKopecks }))).filter((total) => total.rate !== "none");
  return (
    <div className="text-body tabular-nums">
      <ul className="flex flex-col gap-4">
        {lines.map((line, index) => (
          <li key={index} className="flex justify-between gap-4">
            <div className="min-w-0">
              <p className="break-words">{line.name}</p>
              <LineDetail line={line} />
            </div>
            <p className="whitespace-nowrap">{formatMoney(line.sumKopecks)}</p>
          </li>
        ))}
      </ul>
      <dl className="mt-4 flex flex-col gap-2 border-t pt-4">
        {vat.map((total) => (
          <Total key={total.rate} label={`В том числе ${vatLabel(total.rate)}`} kopecks={total.vatKopecks} isQuiet />
        ))}
        {netPaidKopecks > 0n || isSettled ? <Total label="Всего" kopecks={totalKopecks} isQuiet={false} /> : null}
        {netPaidKopecks > 0n && !isSettled ? <Total label="Оплачено" kopecks={netPaidKopecks} isQuiet={false} /> : null}
        {isSettled ? null : (
          <div className="flex justify-between gap-4 border-t pt-4 font-semibold">
            <dt>К оплате</dt>
            <dd className="whitespace-nowrap">{formatMoney(dueKopecks)}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}

function LineDetail({ line }: { line: Props["lines"][number] }) {
  const full = lineSum(line.priceKopecks, line.quantity);
  const discount = full > line.sumKopecks ? full - line.sumKopecks : 0n;
  if (line.quantity === "1" && discount === 0n) return null;
  return (
    <p className="text-dense text-muted-foreground">
      {formatQuantity(line.quantity, line.unitName ?? undefined)} × {formatMoneyBare(line.priceKopecks)}
      {discount > 0n ? `, скидка ${formatMoney(discount)}` : ""}
    </p>
  );
}

function Total({ label, kopecks, isQuiet }: { label: string; kopecks: bigint; isQuiet: boolean }) {
  return (
    <div className={`flex justify-between gap-4 ${isQuiet ? "text-muted-foreground" : ""}`}>
      <dt>{label}</dt>
      <dd className="whitespace-nowrap">{formatMoney(kopecks)}</dd>
    </div>
  );
}
