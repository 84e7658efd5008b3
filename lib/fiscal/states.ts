/** Receipt states (2.6), the allowed moves, the words. Pure. */

export const receiptStates = [
  "planned",
  "queued",
  "sent",
  "unknown",
  "registered",
  "failed_retryable",
  "failed_final",
  "cancelled",
  "not_required",
] as const;
export type ReceiptState = (typeof receiptStates)[number];

export const receiptStateLabels: Record<ReceiptState, string> = {
  planned: "В очереди",
  queued: "В очереди",
  sent: "Отправлен в кассу",
  unknown: "Ответ кассы неизвестен",
  registered: "Пробит",
  failed_retryable: "Ошибка, будет повтор",
  failed_final: "Нужно решение",
  cancelled: "Отменён",
  not_required: "Не требуется",
};

const moves: Record<ReceiptState, readonly ReceiptState[]> = {
  planned: ["queued", "cancelled", "failed_final"],
  queued: ["sent", "unknown", "registered", "failed_retryable", "failed_final", "cancelled"],
  sent: ["registered", "failed_retryable", "failed_final", "queued"],
  unknown: ["sent", "registered", "failed_retryable", "failed_final", "queued"],
  registered: [],
  failed_retryable: ["queued", "sent", "registered", "failed_final", "unknown"],
  failed_final: ["queued", "cancelled", "not_required"],
  cancelled: [],
  not_required: [],
};
export const canReceiptMove = (from: ReceiptState, to: ReceiptState): boolean => moves[from].includes(to);

/** Why no receipt is due, for staff. */
export const notRequiredReasons = {
  b2b_bank_transfer: "Безналичный расчёт между организациями: чек не нужен",
  fiscal_owner_other: "Чек печатает другая сторона",
  policy: "Так настроено для организаций",
  test: "Тестовый платёж",
  hold_voided: "Деньги только блокировались",
  closed_by_staff: "Закрыт сотрудником",
  paid_elsewhere: "Оплата не через сайт: чек пробивает касса магазина",
  closing_off: "Закрывающие чеки выключены в настройках",
  corrected: "Заменён чеком коррекции",
  not_in_work: "Заказ не в работе у сайта: чек пробивает прежняя касса",
  hand_over_changed: "Отгрузку в 1С отменили или дополнили, пока чек ждал отправки",
  return_stands: "Чек возврата уже есть: прошлый возврат не дошёл, деньги отправлены снова",
} as const;
export type NotRequiredReason = keyof typeof notRequiredReasons;

/** Tag 1214 in words. */
export const settlementMethodLabels = {
  1: "Предоплата 100\u00A0%",
  2: "Предоплата",
  3: "Аванс",
  4: "Полный расчёт",
  5: "Частичный расчёт и кредит",
  6: "Передача в кредит",
  7: "Оплата кредита",
} as const;
