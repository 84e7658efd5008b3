import { formatDate, formatMoney } from "@/lib/kit/format.ts";
import type { PayPageRow } from "@/lib/orders/pay-page-query.ts";

/** Money that goes back to the buyer, in his words: sent and when it comes, or returned (ux.md 6.3). */
export function RefundLines({ refunds, zone }: { refunds: PayPageRow["refunds"]; zone: string }) {
  if (refunds.length === 0) return null;
  return (
    <ul className="flex flex-col gap-2 rounded-card border p-4 tabular-nums" aria-label="Возвраты">
      {refunds.map((refund, i) => (
        <li key={i}>
          {refund.state === "succeeded" ? (
            <>
              <span className="font-medium">Возвращено {formatMoney(refund.amountKopecks)}</span>
              {refund.finishedAt ? <span className="block text-body text-muted-foreground">{formatDate(refund.finishedAt, zone)}, банк зачисляет за 1–3 рабочих дня</span> : null}
            </>
          ) : refund.state === "pending" ? (
            `Возврат ${formatMoney(refund.amountKopecks)} отправлен, вернётся за 1–3 рабочих дня`
          ) : (
            `Возврат ${formatMoney(refund.amountKopecks)} отправляется в банк`
          )}
        </li>
      ))}
    </ul>
  );
}
