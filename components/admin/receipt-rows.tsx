import Link from "next/link";
import { failureCause } from "@/lib/fiscal/failure-causes.ts";
import type { ReceiptRow } from "@/lib/fiscal/list-receipts.ts";
import { notRequiredReasons } from "@/lib/fiscal/states.ts";
import { formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import { shortName } from "@/lib/orders/order-badge.ts";
import type { FormAction } from "./action-form.tsx";
import { Ago } from "./moment.tsx";
import { ReceiptClose } from "./receipt-close.tsx";
import { ReceiptCorrect } from "./receipt-correct.tsx";
import { ReceiptRepeat } from "./receipt-repeat.tsx";
import { receiptName } from "./receipt-words.ts";
import { ReceiptBadge } from "./state-badges.tsx";

type Props = { rows: readonly ReceiptRow[]; now: Date; mayRepeat: boolean; repeat: FormAction; mayClose: boolean; close: FormAction; mayCorrect: boolean };

/** Each receipt with its order, its state in words, and the button that its state allows. */
export function ReceiptRows({ rows, now, mayRepeat, repeat, mayClose, close, mayCorrect }: Props) {
  return (
    <ul className="num text-dense">
      {rows.map((row) => (
        <li key={row.receiptId} className="grid gap-x-6 gap-y-2 border-t px-4 py-3 sm:px-5 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]">
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              {row.orderId ? (
                <Link href={`/admin/orders/${row.orderId}`} prefetch={false} className="inline-flex min-h-6 items-center text-body font-medium hover:underline">
                  №&nbsp;{row.orderNumber}
                </Link>
              ) : (
                <span className="text-body font-medium">Без заказа</span>
              )}
              <ReceiptBadge state={row.state} nextTryAt={row.nextTryAt} />
              <span className="ml-auto text-body font-medium whitespace-nowrap md:hidden">{formatMoney(row.totalKopecks)}</span>
            </p>
            <p className="wrap-anywhere text-muted-foreground">
              {receiptName(row)}
              {row.buyerName ? ` · ${shortName(row.buyerName)}` : ""} · {row.registerName ?? "касса не выбрана"}
            </p>
          </div>
          <div className="min-w-0">
            <Told row={row} now={now} />
            {mayRepeat ? <ReceiptRepeat receiptId={row.receiptId} state={row.state} cause={failureCause(row.failCode)} action={repeat} /> : null}
            {mayClose && row.state === "failed_final" ? <ReceiptClose receiptId={row.receiptId} action={close} /> : null}
            {mayCorrect ? <ReceiptCorrect receipt={row} /> : null}
          </div>
          <p className="text-right text-body font-medium whitespace-nowrap max-md:hidden">{formatMoney(row.totalKopecks)}</p>
        </li>
      ))}
    </ul>
  );
}

function Told({ row, now }: { row: ReceiptRow; now: Date }) {
  if (row.state === "registered") {
    return (
      <p className="wrap-anywhere">
        ФД&nbsp;{row.fdNumber} · ФП&nbsp;{row.fiscalSign} · ФН&nbsp;{row.fnNumber}
        <span className="block text-muted-foreground">
          {row.registeredAt ? formatDateTime(row.registeredAt) : ""}
          {row.receiptUrl ? (
            <>
              {" · "}
              <a href={row.receiptUrl} target="_blank" rel="noreferrer" className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">
                открыть чек
              </a>
            </>
          ) : null}
        </span>
      </p>
    );
  }
  if (row.state === "not_required") return <p className="text-muted-foreground">{notRequiredReasons[row.reasonCode as keyof typeof notRequiredReasons] ?? "Причина записана"}</p>;
  const attempts = row.sendCount > 0 ? `, попытка ${row.sendCount + 1}` : "";
  return (
    <>
      {row.state === "failed_final" ? <p className="font-medium">{failureCause(row.failCode).title}</p> : null}
      {row.failText ? <p className="wrap-anywhere">{row.failText.slice(0, 300)}</p> : null}
      <p className="text-muted-foreground">
        Запланирован <Ago at={row.plannedAt} now={now} />
        {attempts}
        {row.nextTryAt && row.state !== "failed_final" ? (
          <>
            , следующее обращение <Ago at={row.nextTryAt} now={now} />
          </>
        ) : null}
        {row.contact ? ` · ${row.contact}` : ""}
      </p>
    </>
  );
}
