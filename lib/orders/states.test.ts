import { expect, test } from "vitest";
import { canFollow, derivePaymentStatus, lifecycles, orderBalance, paymentStatuses, paymentStatusLabels } from "./states.ts";
import type { OrderMoney, PaymentStatus } from "./states.ts";

const T = 663_100n;
const base: OrderMoney = {
  lifecycle: "active", totalKopecks: T, goodsReturnedKopecks: 0n, capturedKopecks: 0n, reversedKopecks: 0n, refundedKopecks: 0n, chargedBackKopecks: 0n, heldKopecks: 0n, hasPendingAttempt: false,
};

test.each<[string, Partial<OrderMoney>, PaymentStatus, bigint, bigint]>([
  ["all captured", { capturedKopecks: T }, "paid", 0n, 0n],
  ["a part captured", { capturedKopecks: 200_000n }, "partially_paid", 463_100n, 0n],
  ["paid twice", { capturedKopecks: 1_326_200n }, "overpaid", 0n, 663_100n],
  ["a refund without a revision of 1C", { capturedKopecks: T, refundedKopecks: 64_550n }, "partially_paid", 64_550n, 0n],
  ["the same after the revision", { totalKopecks: 598_550n, capturedKopecks: T, refundedKopecks: 64_550n }, "paid", 0n, 0n],
  ["cancelled with money", { lifecycle: "cancelled", capturedKopecks: T }, "overpaid", 0n, T],
  ["cancelled and refunded", { lifecycle: "cancelled", capturedKopecks: T, refundedKopecks: T }, "refunded", 0n, 0n],
  ["charged back", { capturedKopecks: T, chargedBackKopecks: T }, "not_paid", T, 0n],
  ["cancelled without money", { lifecycle: "deleted" }, "nothing_due", 0n, 0n],
  ["more back than came", { refundedKopecks: 1n }, "inconsistent", 663_101n, 0n],
  ["on hold", { heldKopecks: T }, "authorized", T, 0n],
  ["an attempt waits", { hasPendingAttempt: true }, "awaiting_payment", T, 0n],
  ["nothing happened", {}, "not_paid", T, 0n],
])("PAY-06: %s", (_what, given, status, due, overpaid) => {
  const money = { ...base, ...given };
  expect(derivePaymentStatus(money)).toBe(status);
  expect(orderBalance(money)).toMatchObject({ dueKopecks: due, overpaidKopecks: overpaid });
});

test("every status has its Russian word", () => {
  for (const status of paymentStatuses) expect(paymentStatusLabels[status]).toMatch(/^[А-ЯЁ]/);
});

test("2.2: an order may always be cancelled or deleted, and un-deleted, but shipped goods do not come back by themselves", () => {
  for (const from of lifecycles) if (from !== "deleted") expect(canFollow(from, "deleted")).toBe(true);
  expect(canFollow("deleted", "active")).toBe(true);
  expect(canFollow("shipped", "active")).toBe(false);
});
