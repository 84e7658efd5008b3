import Link from "next/link";
import { bindBankLineAction, setBankLineAsideAction } from "@/app/(admin)/admin/reconciliation/bank-line-actions.ts";
import { ActionForm } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { FormArea, FormField } from "@/components/admin/form-field.tsx";
import { Empty } from "@/components/admin/page-parts.tsx";
import { ReviewForm } from "@/components/admin/review-form.tsx";
import { formatDate, formatMoney, formatNumber } from "@/lib/kit/format.ts";
import type { UnidentifiedLine } from "@/lib/reconciliation/index.ts";

/** So many at once: each row carries two forms. */
export const UNIDENTIFIED_SHOWN = 20;

type Props = { lines: readonly UnidentifiedLine[]; count: number; mayBind: boolean };

/** Credits on our account whose payer or order nobody knows yet (LOST-23), and the two ways out. */
export function UnidentifiedList({ lines, count, mayBind }: Props) {
  if (lines.length === 0) return <Empty title="Все поступления разобраны">Сюда попадает перевод из выписки, по которому не ясно, чей он и за какой заказ.</Empty>;
  return (
    <>
      <ul className="num pt-2 text-dense">
        {lines.map((line) => (
          <li key={line.bankLineId} className="flex flex-col gap-2 border-b px-4 py-4 last:border-b-0 sm:px-5">
            <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
              <p className="text-body font-medium wrap-anywhere">{line.payerName ?? "Плательщик не назван"}</p>
              <span className="text-body font-medium whitespace-nowrap">{formatMoney(line.amountKopecks)}</span>
            </div>
            <p className="wrap-anywhere text-muted-foreground">
              {[formatDate(line.receivedOn), line.payerInn && `ИНН ${line.payerInn}`, line.number && `документ №\u00A0${line.number}`, `счёт …${line.account.slice(-4)}`].filter(Boolean).join(" · ")}
            </p>
            <p className="wrap-anywhere">«{line.purpose}»</p>
            {line.candidates.length > 0 ? (
              <p>
                На такую сумму ждут оплаты:{" "}
                {line.candidates.map((order, n) => (
                  <span key={order.orderId}>
                    {n > 0 ? "; " : ""}
                    <Link href={`/admin/orders/${order.orderId}`} prefetch={false} className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">
                      №&nbsp;{order.number}
                    </Link>{" "}
                    {order.buyerName}
                  </span>
                ))}
              </p>
            ) : null}
            {mayBind ? <WaysOut line={line} /> : null}
          </li>
        ))}
      </ul>
      {count > lines.length ? (
        <p className="border-t px-4 py-3 text-dense text-muted-foreground sm:px-5">
          Показаны первые {formatNumber(lines.length)} из {formatNumber(count)}. Остальные появятся, когда разберёте эти.
        </p>
      ) : null}
    </>
  );
}

function WaysOut({ line }: { line: UnidentifiedLine }) {
  const [candidate] = line.candidates;
  const isSure = line.candidates.length === 1;
  return (
    <div className="flex flex-wrap gap-2">
      <ConfirmDetails summary="Привязать…" look="primary">
        <ReviewForm action={bindBankLineAction} fields={["orderNumber", "inn", "reason"]}>
          <input type="hidden" name="bankLineId" value={line.bankLineId} />
          <FormField id={`line-order-${line.bankLineId}`} name="orderNumber" label="Номер заказа" maxLength={64} autoComplete="off" defaultValue={isSure ? candidate!.number : ""} hint="Номер на сайте или в 1С" />
          <FormField
            id={`line-inn-${line.bankLineId}`} name="inn" label="Или ИНН плательщика" inputMode="numeric" maxLength={12} autoComplete="off" defaultValue={!isSure && line.counterparties.length > 0 ? (line.payerInn ?? "") : ""}
            hint={line.counterparties[0] ? `Деньги станут его авансом. По ИНН из выписки нашли: ${line.counterparties[0].name}` : "Деньги станут его авансом"}
          />
          <FormArea id={`line-reason-${line.bankLineId}`} name="reason" label="Откуда известно, чей это платёж" maxLength={500} required />
        </ReviewForm>
      </ConfirmDetails>
      <ConfirmDetails summary="Не наш платёж…">
        <ActionForm action={setBankLineAsideAction} label="Отметить: не наш платёж" look="danger" fields={["reason"]}>
          <p>
            Поступление {formatMoney(line.amountKopecks)} останется в выписке, но спрашивать о нём больше не будем и в оплату не поставим.
          </p>
          <input type="hidden" name="bankLineId" value={line.bankLineId} />
          <FormArea id={`line-aside-${line.bankLineId}`} name="reason" label="Что это за деньги" maxLength={500} required />
        </ActionForm>
      </ConfirmDetails>
    </div>
  );
}
