import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import type { ClaimedReceipt } from "./claim-receipt.ts";
import { failureCause } from "./failure-causes.ts";
import { settleReceipt } from "./settle-receipt.ts";

/** A claimed receipt that only a person can help: ALR-08 at once. */
export async function failReceipt(ctx: Ctx, receipt: ClaimedReceipt, code: string, text: string): Promise<void> {
  await settleReceipt(ctx, receipt, { state: "failed_final", event: "receipt.failed", failCode: code, failText: text });
  await inTransaction(ctx, (tx) =>
    raiseAlert(ctx, tx, {
      code: "ALR-08",
      objectKey: `receipt:${receipt.receiptId}`,
      orderId: receipt.orderId,
      severity: "P1",
      amountKopecks: receipt.totalKopecks,
      title: `${code === "LATE_NEEDS_CORRECTION" ? "Срок чека прошёл, нужен чек коррекции:" : "Касса отклонила чек"}${receipt.orderNumber ? ` по заказу №\u00A0${receipt.orderNumber}` : ""}`,
      advice: failureCause(code).advice,
      detail: { code, text: text.slice(0, 500) },
    }),
  );
}
