/** The way of a paid order as its buyer sees it (ux.md 6.3): five steps at most, newest last. Pure. */
import type { PayPageRow } from "./pay-page-query.ts";

export type PayStep = { label: string; at: Date | null; state: "done" | "current" | "ahead" };

export function payStepsOf({ order, payment, receipt, exportedAt }: PayPageRow): PayStep[] {
  const needsReceipt = receipt !== null && receipt.state !== "not_required";
  const handedOver = order.lifecycle === "shipped" || order.lifecycle === "completed" || order.onecShipmentAt !== null;
  const steps: { label: string; at: Date | null; isDone: boolean }[] = [
    { label: "Заказ создан", at: order.orderDate, isDone: true },
    { label: "Оплата получена", at: payment?.occurredAt ?? order.paidAt ?? order.onecPaymentAt, isDone: true },
    ...(needsReceipt ? [{ label: receipt.state === "registered" ? "Чек отправлен" : "Чек формируется", at: receipt.registeredAt, isDone: receipt.state === "registered" }] : []),
    { label: exportedAt || order.isPaidInOnec ? "Оплата передана в магазин" : "Передаём оплату в магазин", at: exportedAt, isDone: exportedAt !== null || order.isPaidInOnec },
    { label: handedOver ? "Заказ отправлен" : order.lifecycle === "partially_shipped" ? "Заказ отправлен частично" : "Магазин собирает заказ", at: order.onecShipmentAt, isDone: handedOver },
  ];
  const current = steps.findIndex((step) => !step.isDone);
  return steps.map(({ label, at, isDone }, index) => ({ label, at, state: isDone ? "done" : index === current ? "current" : "ahead" }));
}
