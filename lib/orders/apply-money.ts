import { writeTogether } from "@/db/write-together.ts";
import type { Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { orderColumnOf } from "@/lib/ledger/kinds.ts";
import type { FactKind } from "@/lib/ledger/kinds.ts";
import type { LockedOrder } from "./lock-order.ts";
import { derivePaymentStatus, orderBalance } from "./states.ts";

const columns = {
  captured: "capturedKopecks",
  reversed: "reversedKopecks",
  refunded: "refundedKopecks",
  charged_back: "chargedBackKopecks",
  held: "heldKopecks",
} as const;

/**
 * The locked order as it will be after a fact of this kind and sum. `fromHoldKopecks` = the part of a capture that was on hold before:
 * held = Σ (authorized − captured of the same payment − voided). Pure.
 */
export function withMoney(order: LockedOrder, kind: FactKind, amountKopecks: bigint, fromHoldKopecks = 0n): LockedOrder {
  const { column, sign } = orderColumnOf[kind];
  const field = columns[column];
  const next = { ...order, [field]: order[field] + sign * amountKopecks };
  return { ...next, heldKopecks: next.heldKopecks - fromHoldKopecks };
}

/**
 * Writes the cached money of a locked order, its status (PAY-06) and a new export version, and closes the pay link
 * when nothing is due. The caller holds the row lock.
 */
export async function saveMoney(ctx: Ctx, tx: Tx, order: LockedOrder, hasPendingAttempt: boolean): Promise<LockedOrder> {
  const { saved, orderWrite, linkWrite } = moneyWrites(ctx, tx, order, hasPendingAttempt);
  await writeTogether(tx, [linkWrite], [orderWrite]);
  return saved;
}

/** The same as writes that are sent together with others. `orderWrite` changes nothing when the order is not the one that was read. */
export function moneyWrites(ctx: Ctx, tx: Tx, order: LockedOrder, hasPendingAttempt: boolean): { saved: LockedOrder; orderWrite: Write; linkWrite: Write | false } {
  const { dueKopecks, netPaidKopecks, payableKopecks } = orderBalance(order);
  const isPaid = netPaidKopecks >= payableKopecks && payableKopecks > 0n;
  const now = ctx.now();
  const saved = { ...order, paymentStatus: statusOf(order, hasPendingAttempt), exportVersion: order.exportVersion + 1 };
  const orderWrite =
    tx`update orders set captured_kopecks = ${order.capturedKopecks}, reversed_kopecks = ${order.reversedKopecks},
         refunded_kopecks = ${order.refundedKopecks}, charged_back_kopecks = ${order.chargedBackKopecks}, held_kopecks = ${order.heldKopecks},
         payment_status = ${saved.paymentStatus}, paid_at = coalesce(paid_at, case when ${isPaid} then ${now}::timestamptz end),
         export_version = ${saved.exportVersion}, updated_at = ${now} where id = ${order.orderId} and export_version = ${order.exportVersion}
         and total_kopecks = ${order.totalKopecks} and lifecycle = ${order.lifecycle} returning 1`; // 1C changes these two and leaves the version.
  const linkWrite =
    dueKopecks === 0n &&
      netPaidKopecks > 0n &&
      tx`update payment_links set state = 'fulfilled', closed_at = ${now} where order_id = ${order.orderId} and state = 'active'`;
  return { saved, orderWrite, linkWrite };
}

/** Rewrites the derived status when only attempts changed: no money moved, 1C need not know. */
export async function saveStatus(ctx: Ctx, tx: Tx, order: LockedOrder, hasPendingAttempt: boolean): Promise<void> {
  const status = statusOf(order, hasPendingAttempt);
  await tx`update orders set payment_status = ${status}, updated_at = ${ctx.now()} where id = ${order.orderId} and payment_status <> ${status}`;
}

const statusOf = (order: LockedOrder, hasPendingAttempt: boolean) =>
  derivePaymentStatus({ ...order, hasPendingAttempt });
