/** Invoice states (2.8); paid and overdue are derived from the order's money. Pure. */
export const invoiceStates = ["issued", "cancelled", "uncollectible"] as const;
export type InvoiceState = (typeof invoiceStates)[number];

export const invoiceLabels = {
  issued: "Выставлен",
  partially_paid: "Оплачен частично",
  paid: "Оплачен",
  overdue: "Просрочен",
  cancelled: "Аннулирован",
  uncollectible: "Безнадёжный",
} as const;
