import type { PayMethodCode } from "@/lib/ledger/index.ts";

/** Names of pay methods in 1C's table of correspondence; the code goes beside it as «Метод оплаты ИД» (commerceml.md 7.1). */
export const onecMethodNames: Record<PayMethodCode, string> = {
  card: "Банковская карта",
  sbp: "СБП",
  sbp_b2b: "СБП для бизнеса",
  digital_ruble: "Цифровой рубль",
  bank_transfer: "Банковский перевод",
  cash: "Наличные",
  card_pos: "Карта в магазине",
  offset: "Взаимозачёт",
};
