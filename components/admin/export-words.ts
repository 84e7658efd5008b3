import type { FactKind } from "@/lib/ledger/kinds.ts";

/** What 1C must learn of, in a word. */
export const exportNames: Record<FactKind, string> = {
  payment_captured: "Оплата", payment_reversed: "Отмена оплаты", refund_succeeded: "Возврат", refund_reversed: "Возврат не прошёл", chargeback: "Списание по спору", chargeback_reversed: "Спор выигран", authorized: "Блокировка", authorization_voided: "Снятие блокировки",
};
