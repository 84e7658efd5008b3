import { failureCause } from "@/lib/fiscal/failure-causes.ts";
import { notRequiredReasons } from "@/lib/fiscal/states.ts";
import type { ReceiptState } from "@/lib/fiscal/states.ts";
import { formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import { qrPath } from "@/lib/kit/qr-path.ts";
import type { OrderPageReceipt } from "@/lib/orders/order-page.ts";
import type { FormAction } from "./action-form.tsx";
import { Panel } from "./page-parts.tsx";
import { ReceiptCorrect } from "./receipt-correct.tsx";
import { ReceiptRepeat } from "./receipt-repeat.tsx";
import { receiptName } from "./receipt-words.ts";
import { ReceiptBadge } from "./state-badges.tsx";

type Props = { receipts: readonly OrderPageReceipt[]; mayRepeat: boolean; repeat: FormAction; mayCorrect: boolean };

export function OrderReceiptsCard({ receipts, mayRepeat, repeat, mayCorrect }: Props) {
  return (
    <Panel title="Чеки">
      <div className="num flex flex-col p-4 pt-2 text-dense sm:px-5">
        {receipts.length === 0 ? <p className="text-muted-foreground">Чек появится вместе с оплатой.</p> : null}
        {receipts.map((receipt) => (
          <div key={receipt.receiptId} className="flex flex-col gap-1.5 border-b py-2 first:pt-0 last:border-b-0 last:pb-0">
            <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
              <span className="flex flex-wrap items-center gap-2">
                {receiptName(receipt)} <ReceiptBadge state={receipt.state as ReceiptState} nextTryAt={receipt.nextTryAt} />
              </span>
              <span className="font-medium">{formatMoney(receipt.totalKopecks)}</span>
            </div>
            <Told receipt={receipt} />
            {mayRepeat ? <ReceiptRepeat receiptId={receipt.receiptId} state={receipt.state} cause={failureCause(receipt.failCode)} action={repeat} /> : null}
            {mayCorrect ? <ReceiptCorrect receipt={receipt} /> : null}
          </div>
        ))}
      </div>
    </Panel>
  );
}

function Told({ receipt }: { receipt: OrderPageReceipt }) {
  if (receipt.state === "not_required") return <p className="text-muted-foreground">{notRequiredReasons[receipt.reasonCode as keyof typeof notRequiredReasons] ?? "Причина записана"}</p>;
  if (receipt.state === "registered") {
    const code = receipt.qr === null ? null : qrPath(receipt.qr);
    return (
      <div className="flex gap-3">
        {code ? (
          <svg role="img" aria-label="QR-код чека" viewBox={`0 0 ${code.size} ${code.size}`} shapeRendering="crispEdges" className="size-24 shrink-0 rounded-inner bg-white text-black">
            <path d={code.path} fill="currentColor" />
          </svg>
        ) : null}
        <dl className="grid grid-cols-[auto_1fr] content-start gap-x-3 text-muted-foreground">
          <dt>ФД</dt>
          <dd className="text-foreground">{receipt.fdNumber}</dd>
          <dt>ФП</dt>
          <dd>{receipt.fiscalSign}</dd>
          <dt>ФН</dt>
          <dd className="break-all">{receipt.fnNumber}</dd>
          {receipt.registeredAt ? (
            <>
              <dt>Когда</dt>
              <dd>{formatDateTime(receipt.registeredAt)}</dd>
            </>
          ) : null}
          {receipt.receiptUrl ? (
            <dd className="col-span-2">
              <a href={receipt.receiptUrl} target="_blank" rel="noreferrer" className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">
                Открыть чек
              </a>
            </dd>
          ) : null}
        </dl>
      </div>
    );
  }
  if (receipt.state === "failed_final" || receipt.state === "failed_retryable" || receipt.state === "unknown") {
    const cause = failureCause(receipt.failCode);
    return (
      <div>
        {receipt.state === "unknown" ? <p>Касса не ответила. Спрашиваем её сами, второй чек не отправляем.</p> : <p className="font-medium">{cause.title}</p>}
        {receipt.state === "failed_final" ? <p className="text-muted-foreground">{cause.advice}</p> : null}
        {receipt.failText ? <p className="wrap-anywhere text-muted-foreground">Ответ кассы: {receipt.failText.slice(0, 400)}</p> : null}
        {receipt.contact ? <p className="text-muted-foreground">Контакт: {receipt.contact}</p> : null}
      </div>
    );
  }
  return <p className="text-muted-foreground">Выполняется… Результат появится сам.</p>;
}
