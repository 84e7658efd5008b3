import type { Tx, Write } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";

/** Kinds of timeline lines; `timeline.ts` has a sentence for each. */
export const orderEventKinds = [
  "order.received",
  "order.revised",
  "order.in_onec",
  "order.status_changed",
  "order.paid_in_onec",
  "order.unpaid_in_onec",
  "order.shipped_in_onec",
  "order.unshipped_in_onec",
  "link.created",
  "link.opened",
  "link.closed",
  "contact.changed",
  "pay_by.changed",
  "attempt.created",
  "attempt.opened",
  "attempt.unknown",
  "attempt.declined",
  "attempt.canceled",
  "attempt.expired",
  "attempt.superseded",
  "attempt.confirmed_by_read",
  "money.captured",
  "money.returned",
  "money.return_bounced",
  "money.reversed",
  "money.charged_back",
  "money.chargeback_reversed",
  "money.held",
  "money.hold_released",
  "money.moved_in",
  "money.moved_out",
  "money.bound",
  "hold.requested",
  "hold.unknown",
  "hold.failed",
  "refund.requested",
  "refund.approved",
  "refund.rejected",
  "refund.canceled",
  "refund.submitted",
  "refund.accepted",
  "refund.unknown",
  "refund.failed",
  "refund.seen_outside",
  "dispute.opened",
  "dispute.changed",
  "order.shipped",
  "order.shipment_withdrawn",
  "order.codes_joined",
  "order.goods_returned",
  "document.received",
  "document.hidden",
  "registry.seen",
  "settlement.credited",
  "discrepancy.opened",
  "discrepancy.closed",
  "receipt.planned",
  "receipt.not_required",
  "receipt.sent",
  "receipt.registered",
  "receipt.failed",
  "receipt.repeated",
  "export.delivered",
  "export.confirmed",
  "export.retaken",
  "invoice.issued",
  "invoice.cancelled",
  "bill.issued",
  "bill.revoked",
  "letter.sent",
  "pilot.chosen",
  "pilot.released",
] as const;
export type OrderEventKind = (typeof orderEventKinds)[number];

export type OrderEvent = {
  orderId: string;
  kind: OrderEventKind;
  amountKopecks?: bigint | null;
  /** Row the line is about: attempt, fact, receipt, invoice. */
  subjectId?: string | null;
  /** Text values for the sentence; sums as decimal kopeck strings. */
  detail?: Record<string, unknown>;
  at?: Date;
};

/** Adds a line to the order's story in the transaction of the change. */
export async function recordEvent(ctx: Ctx, tx: Tx, event: OrderEvent): Promise<void> {
  await eventWrite(ctx, tx, event);
}

/** The same as a write that is sent together with others. */
export function eventWrite(ctx: Ctx, tx: Tx, event: OrderEvent): Write {
  return tx`
    insert into order_events (id, order_id, at, kind, actor, amount_kopecks, subject_id, detail)
    values (${newId()}, ${event.orderId}, ${event.at ?? ctx.now()}, ${event.kind}, ${actorText(ctx.actor)}, ${event.amountKopecks ?? null},
      ${event.subjectId ?? null}, ${JSON.stringify(event.detail ?? {})}::text::jsonb)`;
}
