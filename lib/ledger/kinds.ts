/** Kinds of money facts (PAY-02), methods and receipt owners (domain 9). Pure. */

export const factKinds = [
  "payment_captured",
  "payment_reversed",
  "refund_succeeded",
  "refund_reversed",
  "chargeback",
  "chargeback_reversed",
  "authorized",
  "authorization_voided",
] as const;
export type FactKind = (typeof factKinds)[number];

export const payMethods = ["card", "sbp", "sbp_b2b", "digital_ruble", "bank_transfer", "cash", "card_pos", "offset"] as const;
export type PayMethodCode = (typeof payMethods)[number];

export const payMethodLabels: Record<PayMethodCode, string> = {
  card: "Карта",
  sbp: "СБП",
  sbp_b2b: "СБП для бизнеса",
  digital_ruble: "Цифровой рубль",
  bank_transfer: "Счёт",
  cash: "Наличные",
  card_pos: "Карта в магазине",
  offset: "Взаимозачёт",
};

/** Exactly one side prints the receipt of a fact (FISC-00). */
export const fiscalOwners = ["site", "onec", "provider", "pos", "none"] as const;
export type FiscalOwner = (typeof fiscalOwners)[number];

/** The column of the order's cached money that a kind moves, and its direction. */
export const orderColumnOf: Record<FactKind, { column: "captured" | "reversed" | "refunded" | "charged_back" | "held"; sign: 1n | -1n }> = {
  payment_captured: { column: "captured", sign: 1n },
  payment_reversed: { column: "reversed", sign: 1n },
  refund_succeeded: { column: "refunded", sign: 1n },
  refund_reversed: { column: "refunded", sign: -1n },
  chargeback: { column: "charged_back", sign: 1n },
  chargeback_reversed: { column: "charged_back", sign: -1n },
  authorized: { column: "held", sign: 1n },
  authorization_voided: { column: "held", sign: -1n },
};
