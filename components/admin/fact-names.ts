import type { FactKind } from "@/lib/ledger/index.ts";

/** Kinds of money facts in words of staff. */
export const factNames: Record<FactKind, string> = {
  payment_captured: "Поступление", payment_reversed: "Поступление отменено", refund_succeeded: "Возврат", refund_reversed: "Возврат не прошёл", chargeback: "Списано по спору", chargeback_reversed: "Спор выигран", authorized: "Заблокировано", authorization_voided: "Блокировка снята",
};
