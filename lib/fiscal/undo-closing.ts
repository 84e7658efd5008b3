import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict } from "@/lib/kit/errors.ts";
import { NBSP } from "@/lib/kit/format.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { cancelUnsent } from "./cancel-unsent.ts";
import { isUnsentSql } from "./is-unsent.ts";
import { replanCredit } from "./replan-credit.ts";
import { replanReturns } from "./replan-returns.ts";
import { planClosing } from "./plan-closing.ts";

/** `stands`: something of it is at the register, or may be. */
type Undone = "none" | "cancelled" | "stands";

/** Cancels the closing receipt of a hand-over, as long as no part of it ever went to a register (2.6). The caller holds the order. */
async function undoClosing(ctx: Ctx, tx: Tx, orderId: string, shipmentId: string): Promise<Undone> {
  const rows = await tx<{ id: string; isUnsent: boolean }[]>`
    select r.id, ${isUnsentSql(ctx, tx)} as is_unsent from receipts r where r.shipment_id = ${shipmentId} and r.state not in ('cancelled', 'not_required') order by r.id for update`;
  if (rows.length === 0) return "none";
  if (rows.some((row) => !row.isUnsent)) return "stands";
  await cancelUnsent(ctx, tx, orderId, rows.map(({ id }) => id));
  return "cancelled";
}

/** 1C took a hand-over back before its closing receipt went out: that settlement never was. */
export async function dropClosing(ctx: Ctx, tx: Tx, { order, shipmentId }: { order: LockedOrder; shipmentId: string }): Promise<void> {
  // Whoever took it back has looked: a settlement that is out is never dropped in silence.
  if ((await undoClosing(ctx, tx, order.orderId, shipmentId)) === "stands") throw conflict("Закрывающий чек этой отгрузки уже у кассы");
  await replanCredit(ctx, tx, order.orderId);
  // After the money that they give back.
  await replanReturns(ctx, tx, order.orderId);
}

/**
 * Codes of marked goods came after their hand-over was recorded (FISC-51): a closing receipt that has not gone out is made anew with them, one
 * that is made later has them anyway. A printed one lacks them: FISC-32 is an accountant's.
 */
export async function remarkClosing(ctx: Ctx, tx: Tx, { order, shipmentId }: { order: LockedOrder; shipmentId: string }): Promise<void> {
  const undone = await undoClosing(ctx, tx, order.orderId, shipmentId);
  if (undone === "cancelled") return planClosing(ctx, tx, { order, shipmentId, isHandedOver: true });
  if (undone === "none") return;
  await raiseAlert(ctx, tx, {
    code: "ALR-16", objectKey: `shipment:${shipmentId}:codes`, orderId: order.orderId, severity: "P1",
    title: `Закрывающий чек по заказу №${NBSP}${order.number} ушёл на кассу без кодов маркировки: 1С передала их позже`,
    advice: "Исправьте чек: сторно ошибочного и верный с кодами, на кассе с маркировкой. Чтобы коды попадали в чек сами, 1С должна передавать их вместе с отгрузкой.",
    detail: { class: "RECEIPT_AMOUNT_MISMATCH", shipmentId },
  });
}
