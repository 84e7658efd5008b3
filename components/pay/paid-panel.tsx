import { ButtonLink } from "@/components/ui/button.tsx";
import { maskContact } from "@/lib/kit/contact.ts";
import { formatDateTime, formatMoney, formatPhone, NBSP } from "@/lib/kit/format.ts";
import type { PayPageRow } from "@/lib/orders/pay-page-query.ts";
import { payStepsOf } from "@/lib/orders/pay-steps.ts";
import { CheckIcon } from "./icons.tsx";
import { OrderSteps } from "./order-steps.tsx";

const methodNames: Record<string, string> = { card: "Банковская карта", sbp: "СБП", bank_transfer: "Банковский перевод", cash: "Наличные" };

/** The money is here: what was paid, the receipt, and where the order goes next (ux.md 6.3). */
export function PaidPanel({ row, paidKopecks, zone, backUrl }: { row: PayPageRow; paidKopecks: bigint; zone: string; backUrl: string | null }) {
  const { payment, seller, order } = row;
  const at = payment?.occurredAt ?? order.paidAt;
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-col gap-3">
        <span className="flex size-14 items-center justify-center rounded-full bg-success-tint text-success">
          <CheckIcon size={32} />
        </span>
        <h2 className="text-h2 tabular-nums">Оплачено {formatMoney(paidKopecks)}</h2>
        <p className="text-muted-foreground">
          {[payment ? (payment.instrument ?? methodNames[payment.method]) : null, at ? `${formatDateTime(at, zone)} МСК` : null].filter(Boolean).join(", ")}
        </p>
        <ReceiptLine row={row} />
      </div>
      <OrderSteps steps={payStepsOf(row)} zone={zone} />
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3">
        <ButtonLink look={backUrl ? "primary" : "plain"} size="customer" href={backUrl ?? seller.siteUrl} rel="noreferrer">
          Вернуться в магазин
        </ButtonLink>
        <p className="text-body text-muted-foreground">
          Вопросы по заказу:{NBSP}
          <a className="whitespace-nowrap text-primary underline underline-offset-2" href={`tel:${seller.phone}`}>
            {formatPhone(seller.phone)}
          </a>
        </p>
      </div>
    </div>
  );
}

/** A receipt that failed is our problem, not the buyer's: for them it is still being made (LOST-15). */
function ReceiptLine({ row: { receipt, payment, order } }: { row: PayPageRow }) {
  if (!receipt || receipt.state === "not_required") return null;
  if (receipt.state === "registered") {
    return receipt.url ? (
      <p>
        <a className="text-primary underline underline-offset-2" href={receipt.url} target="_blank" rel="noreferrer">
          Открыть чек
        </a>
      </p>
    ) : (
      <p>Чек отправлен</p>
    );
  }
  const contact = payment?.receiptContact ?? order.contact;
  return <p>Чек формируется{contact ? `, пришлём на ${maskContact(contact)}` : ""}</p>;
}
