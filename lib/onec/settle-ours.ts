import type { Tx } from "@/db/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { raiseConflict } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { confirmExports } from "./confirm-exports.ts";

/** A document of 1C that names our payment. `kopecks` null = it says no sum; `isVoid`: deleted, not posted or called unpaid there. */
export type OwnDocument = { factId: string; documentNumber: string; kopecks: bigint | null; isVoid: boolean };

/**
 * 1C names our own id: its document proves that payment (CML-32), also with another sum, of which people are told. A document that 1C has taken back
 * proves nothing; of a payment that it had proven people are told as well, since «Учтено» is the end of a message (2.7).
 */
export async function settleOurs(ctx: Ctx, tx: Tx, order: LockedOrder, { factId, documentNumber, kopecks, isVoid }: OwnDocument): Promise<void> {
  if (!isVoid) await confirmExports(ctx, tx, order, { documentNumber, factId });
  const [message] = await tx<{ amountKopecks: bigint }[]>`
    select amount_kopecks from export_messages where order_id = ${order.orderId} and fact_id = ${factId} and state = 'confirmed' and (${!isVoid} or onec_document_number = ${documentNumber})`;
  if (!message) return;
  const { amountKopecks } = message;
  const objectKey = `order:${order.orderId}:document:P-${factId}`;
  if (!isVoid && (kopecks === null || kopecks === amountKopecks)) return resolveAlert(ctx, tx, "ALR-16", objectKey);
  const what = isVoid ? "отменён или удалён в 1С" : `в 1С на ${formatMoney(kopecks!)}`;
  await raiseConflict(ctx, tx, {
    code: "ALR-16", objectKey, orderId: order.orderId, severity: "P2", amountKopecks,
    title: `Документ ${documentNumber} об оплате ${formatMoney(amountKopecks)} по заказу №${NBSP}${order.number} ${what}`,
    advice: isVoid ? "Деньги у нас есть, а в учёте их больше нет. Проведите документ в 1С снова." : "Исправьте сумму документа в 1С: столько денег пришло на самом деле.",
    detail: { class: "AMOUNT_MISMATCH", documentKey: `P-${factId}` },
  }, { connectionId: order.onecConnectionId, field: `payment:P-${factId}`, ours: `оплата ${formatMoney(amountKopecks)}`, theirs: `документ ${documentNumber} ${what}` });
}
