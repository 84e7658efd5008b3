/** How the journal of messages with 1C names what 1C was told. Pure. */
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import type { FactKind } from "@/lib/ledger/kinds.ts";
import { moneySentence } from "@/lib/onec/note-exports.ts";
import type { MessageKind } from "@/lib/onec-messages/index.ts";
import type { FeedType } from "./kinds.ts";

export const toldKinds: Record<FeedType, MessageKind> = {
  "payment.succeeded": "payment",
  "payment.failed": "payment",
  "payment.reversed": "reversal",
  "payment.disputed": "dispute",
  "refund.succeeded": "refund",
  "refund.reversed": "refund",
  "receipt.registered": "receipt",
  "receipt.failed": "receipt",
  "invoice.matched": "payment",
  "order.created": "order",
  "order.expired": "status",
  "payout.registered": "payout",
};

type ToldEvent = { type: FeedType; key: string; number: string; amountKopecks: bigint | null; factKind: FactKind | null; /** Of a receipt: money went back. */ isReturn: boolean };

/** «Чек на 1 200,00 ₽ по заказу № 1234 пробит». */
export function toldSentence({ type, key, number, amountKopecks, factKind, isReturn }: ToldEvent): string {
  const order = `заказу №${NBSP}${number}`;
  const sum = amountKopecks === null ? "" : ` ${formatMoney(amountKopecks)}`;
  const receipt = `${isReturn ? "Чек возврата" : "Чек"}${sum === "" ? "" : ` на${sum}`} по ${order}`;
  switch (type) {
    case "order.created":
      return `Новый заказ с сайта №${NBSP}${number}${sum === "" ? "" : ` на${sum}`}`;
    case "order.expired":
      return key.startsWith("order-cancelled:") ? `Магазин отменил заказ №${NBSP}${number}` : `Срок оплаты по ${order} истёк`;
    case "receipt.registered":
      return `${receipt} пробит`;
    case "receipt.failed":
      return `${receipt} не пробит`;
    case "payment.failed":
      return `Попытка оплаты${sum} по ${order} не прошла`;
    case "payout.registered":
      return `Банк перечислил${sum} по ${order}`;
    default:
      return factKind === null || amountKopecks === null ? `Деньги по ${order}` : moneySentence({ kind: factKind, amountKopecks, number });
  }
}
