/** Order lifecycle (2.2) and the derived payment status (PAY-06), with the words people read. Pure. */

export const lifecycles = ["active", "reserved", "partially_shipped", "shipped", "completed", "cancelled", "deleted"] as const;
export type Lifecycle = (typeof lifecycles)[number];

export const lifecycleLabels: Record<Lifecycle, string> = {
  active: "В работе",
  reserved: "В резерве",
  partially_shipped: "Отгружен частично",
  shipped: "Отгружен",
  completed: "Завершён",
  cancelled: "Отменён",
  deleted: "Удалён в 1С",
};

/** Which lifecycle may follow which (2.2). The same state again is no move. */
const follows: Record<Lifecycle, readonly Lifecycle[]> = {
  active: ["reserved", "partially_shipped", "shipped", "completed", "cancelled", "deleted"],
  reserved: ["active", "partially_shipped", "shipped", "completed", "cancelled", "deleted"],
  partially_shipped: ["shipped", "completed", "cancelled", "deleted"],
  shipped: ["completed", "cancelled", "deleted"],
  completed: ["cancelled", "deleted"],
  cancelled: ["active", "deleted"],
  deleted: ["active", "cancelled"],
};
export const canFollow = (from: Lifecycle, to: Lifecycle): boolean => from === to || follows[from].includes(to);

/** New money may be asked for. Money that arrives anyway is recorded in every state (LOST-05). */
export const isPayableLifecycle = (lifecycle: Lifecycle): boolean => lifecycle !== "cancelled" && lifecycle !== "deleted";

export const paymentStatuses = [
  "inconsistent",
  "overpaid",
  "paid",
  "refunded",
  "nothing_due",
  "partially_paid",
  "authorized",
  "awaiting_payment",
  "not_paid",
] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export const paymentStatusLabels: Record<PaymentStatus, string> = {
  inconsistent: "Ошибка учёта",
  overpaid: "Переплата",
  paid: "Оплачен",
  refunded: "Деньги возвращены",
  nothing_due: "Оплата не требуется",
  partially_paid: "Оплачен частично",
  authorized: "Деньги заблокированы",
  awaiting_payment: "Платёж обрабатывается",
  not_paid: "Ожидает оплаты",
};

/** The sums of PAY-05, kopecks. `goodsReturned` is R. */
export type OrderMoney = {
  lifecycle: Lifecycle;
  totalKopecks: bigint;
  goodsReturnedKopecks: bigint;
  capturedKopecks: bigint;
  reversedKopecks: bigint;
  refundedKopecks: bigint;
  chargedBackKopecks: bigint;
  heldKopecks: bigint;
  hasPendingAttempt: boolean;
};

/** P, N, due and overpaid of PAY-05. */
export function orderBalance(money: Omit<OrderMoney, "heldKopecks" | "hasPendingAttempt">) {
  const payable = isPayableLifecycle(money.lifecycle) ? money.totalKopecks - money.goodsReturnedKopecks : 0n;
  const netPaid = money.capturedKopecks - money.reversedKopecks - money.refundedKopecks - money.chargedBackKopecks;
  return {
    payableKopecks: payable,
    netPaidKopecks: netPaid,
    dueKopecks: payable > netPaid ? payable - netPaid : 0n,
    overpaidKopecks: netPaid > payable ? netPaid - payable : 0n,
  };
}

/** PAY-06: the first matching row wins. */
export function derivePaymentStatus(money: OrderMoney): PaymentStatus {
  const { payableKopecks: p, netPaidKopecks: n } = orderBalance(money);
  if (n < 0n) return "inconsistent";
  if (n > p) return "overpaid";
  if (n === p && p > 0n) return "paid";
  if (n === 0n && p === 0n) return money.capturedKopecks > 0n ? "refunded" : "nothing_due";
  if (n > 0n) return "partially_paid";
  if (money.heldKopecks > 0n) return "authorized";
  if (money.hasPendingAttempt) return "awaiting_payment";
  return "not_paid";
}
