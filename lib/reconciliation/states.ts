/** Discrepancies (5.2): classes, severity, states and the words. Pure. */

export const discrepancyStates = ["expected", "open", "auto_resolved", "resolved", "ignored"] as const;
export type DiscrepancyState = (typeof discrepancyStates)[number];
export const openDiscrepancyStates = ["expected", "open"] as const satisfies readonly DiscrepancyState[];

export const discrepancyStateLabels: Record<DiscrepancyState, string> = {
  expected: "Ещё может прийти",
  open: "Нужно решение",
  auto_resolved: "Исправлено само",
  resolved: "Решено",
  ignored: "Оставлено как есть",
};

/** Class → severity and what it is called on the screen (A8). The codes are those of 5.2. */
export const discrepancyClasses = {
  MISSING_IN_LEDGER: { severity: "P1", label: "Нет у нас" },
  MISSING_IN_REGISTRY: { severity: "P1", label: "Нет в реестре" },
  AMOUNT_MISMATCH: { severity: "P1", label: "Сумма" },
  STATUS_MISMATCH: { severity: "P1", label: "Состояние" },
  DUPLICATE_IN_REGISTRY: { severity: "P2", label: "Дважды в реестре" },
  REFUND_MISSING: { severity: "P2", label: "Возврата нет в реестре" },
  REFUND_UNKNOWN: { severity: "P3", label: "Возврат начат не у нас" },
  CHARGEBACK_NEW: { severity: "P1", label: "Опротестование" },
  FEE_MISMATCH: { severity: "P3", label: "Комиссия" },
  REGISTRY_LATE: { severity: "P2", label: "Реестр не пришёл" },
  SETTLEMENT_MISMATCH: { severity: "P1", label: "Зачисление другой суммы" },
  SETTLEMENT_MISSING: { severity: "P1", label: "Нет зачисления" },
  BANK_UNEXPECTED: { severity: "P2", label: "Лишнее зачисление" },
  RECEIPT_MISSING: { severity: "P1", label: "Нет чека" },
  RECEIPT_ORPHAN: { severity: "P1", label: "Чек без оплаты" },
  RECEIPT_AMOUNT_MISMATCH: { severity: "P1", label: "Сумма чека" },
  RECEIPT_DUPLICATE: { severity: "P1", label: "Два чека" },
  ADVANCE_NOT_CLOSED: { severity: "P1", label: "Нет закрывающего чека" },
  MISSING_IN_1C: { severity: "P2", label: "Нет в 1С" },
  EXTRA_IN_1C: { severity: "P1", label: "Лишнее в 1С" },
  AMOUNT_MISMATCH_1C: { severity: "P1", label: "Сумма в 1С" },
  WRONG_ORDER_1C: { severity: "P2", label: "Другой заказ в 1С" },
  DUPLICATE_IN_1C: { severity: "P1", label: "Дважды в 1С" },
  ORDER_TOTAL_MISMATCH: { severity: "P2", label: "Сумма заказа" },
  CURRENCY_MISMATCH: { severity: "P1", label: "Валюта" },
  TERMINAL_MISMATCH: { severity: "P1", label: "Чужой терминал" },
  TEST_LIVE_MIX: { severity: "P1", label: "Тест и бой" },
  TOTALS_MISMATCH_DAY: { severity: "P1", label: "Итоги дня" },
  LATE_IN_CLOSED_DAY: { severity: "P2", label: "После закрытия дня" },
} as const;
export type DiscrepancyClass = keyof typeof discrepancyClasses;

export const registryEntryKinds = ["payment", "refund", "chargeback", "chargeback_reversed"] as const;
export type RegistryEntryKind = (typeof registryEntryKinds)[number];
