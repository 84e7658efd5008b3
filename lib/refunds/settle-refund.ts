import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { addMs } from "@/lib/kit/time.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import type { OrderEventKind } from "@/lib/orders/record-event.ts";
import type { LockedRefund, RefundRow } from "./lock-refund.ts";
import type { RefundState } from "./states.ts";
import { canRefundMove } from "./states.ts";

export type RefundStep = {
  state: Extract<RefundState, "approved" | "submitting" | "unknown" | "pending">;
  event?: OrderEventKind;
  /** Pause before the next step, ms. */
  next: number;
  polls?: number;
  providerRefundId?: string;
  knownBefore?: string[];
  failText?: string | null;
};

/** One step of a locked refund that is not over: its new state and its next job, in the caller's transaction. Returns the new step number. */
export async function stepRefund(ctx: Ctx, tx: Tx, refund: RefundRow, to: RefundStep): Promise<number> {
  if (to.state !== refund.state && !canRefundMove(refund.state, to.state)) throw new Error(`refund ${refund.refundId}: ${refund.state} -> ${to.state}`);
  const nextAt = addMs(ctx.now(), to.next);
  const stepNo = refund.stepNo + 1;
  await tx`
    update refunds set state = ${to.state}, step_no = ${stepNo}, next_try_at = ${nextAt}, poll_count = ${to.polls ?? refund.pollCount},
      provider_refund_id = coalesce(provider_refund_id, ${to.providerRefundId ?? null}), known_before = coalesce(${to.knownBefore ?? null}::text[], known_before),
      submitted_at = case when ${to.state === "submitting"} then coalesce(submitted_at, ${ctx.now()}::timestamptz) else submitted_at end, fail_text = ${to.failText ?? null}
     where id = ${refund.refundId}`;
  await ctx.enqueue(tx, "refund.work", { refundId: refund.refundId, stepNo }, { startAfter: nextAt });
  if (to.event && to.state !== refund.state && refund.orderId) await recordEvent(ctx, tx, { orderId: refund.orderId, kind: to.event, subjectId: refund.refundId, amountKopecks: refund.amountKopecks, detail: { method: refund.method } });
  return stepNo;
}

/** A refund that the provider refused, or that may not be sent any more: the money is still ours, a person hears of it (ALR-20). A repeat is a new row. */
export async function failRefund(ctx: Ctx, tx: Tx, { refund, order }: Pick<LockedRefund, "refund" | "order">, why: { code: string; text: string; providerRefundId?: string | null }): Promise<void> {
  if (!canRefundMove(refund.state, "failed")) throw new Error(`refund ${refund.refundId}: ${refund.state} -> failed`);
  const text = why.text.slice(0, 300);
  await tx`
    update refunds set state = 'failed', step_no = step_no + 1, next_try_at = null, finished_at = ${ctx.now()}, fail_code = ${why.code.slice(0, 60)}, fail_text = ${text},
      provider_refund_id = coalesce(provider_refund_id, ${why.providerRefundId ?? null}) where id = ${refund.refundId}`;
  if (refund.orderId) await recordEvent(ctx, tx, { orderId: refund.orderId, kind: "refund.failed", subjectId: refund.refundId, amountKopecks: refund.amountKopecks, detail: { reason: text } });
  await tx`update alerts set state = 'resolved', resolved_at = ${ctx.now()} where code = 'ALR-19' and object_key = ${`refund:${refund.refundId}`} and state <> 'resolved'`;
  await raiseAlert(ctx, tx, {
    code: "ALR-20", objectKey: `refund:${refund.refundId}`, orderId: refund.orderId, severity: "P2", amountKopecks: refund.amountKopecks,
    title: `Возврат ${formatMoney(refund.amountKopecks)} не исполнен${order ? `, заказ №${NBSP}${order.number}` : ""}: ${text}`,
    advice: "Деньги у нас. Запросите возврат снова или верните переводом по заявлению покупателя.",
  });
}
