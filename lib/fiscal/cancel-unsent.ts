import type { Tx } from "@/db/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";

/** Cancels receipts of a hand-over that has changed, and ends their alerts. The caller holds the order and has asked that none of them went out (`isUnsentSql`). */
export async function cancelUnsent(ctx: Ctx, tx: Tx, orderId: string, receiptIds: readonly string[]): Promise<void> {
  await tx`update receipts set state = 'cancelled', step_no = step_no + 1, next_try_at = null where id = any(${receiptIds as string[]}::uuid[])`;
  for (const id of receiptIds) {
    for (const code of ["ALR-06", "ALR-07", "ALR-08"]) await resolveAlert(ctx, tx, code, `receipt:${id}`);
    await recordEvent(ctx, tx, { orderId, kind: "receipt.not_required", subjectId: id, detail: { reason: "hand_over_changed" } });
  }
}
