/** Refund states (2.5), the allowed moves, reasons and the words. Pure. */

export const refundStates = ["requested", "approved", "rejected", "canceled", "submitting", "unknown", "pending", "succeeded", "failed", "external"] as const;
export type RefundState = (typeof refundStates)[number];

export const refundStateLabels: Record<RefundState, string> = {
  requested: "Ждёт одобрения",
  approved: "Одобрен",
  rejected: "Отклонён",
  canceled: "Отменён",
  submitting: "Отправляется в банк",
  unknown: "Результат неизвестен",
  pending: "Банк выполняет",
  succeeded: "Деньги возвращены",
  failed: "Банк отказал",
  external: "Начат не у нас",
};

/** Money that is promised to a refund and not yet a fact: `refundable` of PAY-05 subtracts it. */
export const reservingRefundStates = ["approved", "submitting", "pending", "unknown"] as const satisfies readonly RefundState[];
/** Not over: a page that shows one keeps itself fresh. */
export const openRefundStates = ["requested", "approved", "submitting", "pending", "unknown", "external"] as const satisfies readonly RefundState[];

const moves: Record<RefundState, readonly RefundState[]> = {
  requested: ["approved", "rejected", "canceled"],
  approved: ["submitting", "canceled", "succeeded", "failed"],
  submitting: ["pending", "succeeded", "failed", "unknown"],
  unknown: ["pending", "succeeded", "failed", "submitting"],
  pending: ["succeeded", "failed"],
  external: ["succeeded", "failed", "rejected"],
  rejected: [],
  canceled: [],
  succeeded: [],
  failed: [],
};
export const canRefundMove = (from: RefundState, to: RefundState): boolean => moves[from].includes(to);

export const refundSources = ["buyer", "staff", "onec", "provider_cabinet", "auto"] as const;
export type RefundSource = (typeof refundSources)[number];

/** `instrument`: the way the money came; `bank_transfer`: paid out by the accountant, made in 1C (PAY-20). */
export const refundMethods = ["instrument", "bank_transfer", "cash"] as const;
export type RefundMethod = (typeof refundMethods)[number];

export const refundReasons = ["order_reduction", "order_cancelled", "goods_return", "double_payment", "overpayment", "price_concession", "late_payment", "other"] as const;
export type RefundReason = (typeof refundReasons)[number];

export const refundReasonLabels: Record<RefundReason, string> = {
  order_reduction: "Заказ уменьшился",
  order_cancelled: "Заказ отменён",
  goods_return: "Покупатель вернул товар",
  double_payment: "Оплачено дважды",
  overpayment: "Переплата",
  price_concession: "Скидка после отгрузки",
  late_payment: "Оплата пришла поздно",
  other: "Другая причина",
};
