/** What a consumer of the feed is told (json-api.md 4). Pure. */
export const feedTypes = [
  "payment.succeeded",
  "payment.failed",
  "payment.reversed",
  "payment.disputed",
  "refund.succeeded",
  "refund.reversed",
  "receipt.registered",
  "receipt.failed",
  "invoice.matched",
  "order.created",
  "order.expired",
  "payout.registered",
] as const;
export type FeedType = (typeof feedTypes)[number];

export const feedTypeLabels: Record<FeedType, string> = {
  "payment.succeeded": "Оплата прошла",
  "payment.failed": "Оплата не прошла",
  "payment.reversed": "Оплата отменена",
  "payment.disputed": "Спор с банком",
  "refund.succeeded": "Деньги возвращены",
  "refund.reversed": "Возврат не дошёл",
  "receipt.registered": "Чек пробит",
  "receipt.failed": "Чек не пробит",
  "invoice.matched": "Пришёл перевод",
  "order.created": "Новый заказ",
  "order.expired": "Оплаты не будет: срок истёк или заказ отменён",
  "payout.registered": "Банк перечислил деньги",
};

/** `none`: the consumer fetches it; `stopped`: nobody took it for days, a person sends it again (shops only). */
export const pushStates = ["none", "waiting", "delivered", "stopped"] as const;
export type PushState = (typeof pushStates)[number];

export const pushStateLabels: Record<PushState, string> = {
  none: "Заберут сами",
  waiting: "Ждёт отправки",
  delivered: "Доставлено",
  stopped: "Не доставлено",
};
