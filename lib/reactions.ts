/** What follows from what: the only file that knows all capabilities. */
import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { DomainEvent } from "@/lib/events.ts";
import { planReceipt } from "@/lib/fiscal/index.ts";
import { queueLetter } from "@/lib/letters/index.ts";
import { queueExport } from "@/lib/onec/queue-export.ts";
import { settleReported } from "@/lib/onec/settle-reported.ts";
import { offerLinks } from "@/lib/payments/index.ts";

/** Rows owed because of an event, written in its transaction; jobs carry them out (README decision 1). */
export async function announce(ctx: Ctx, tx: Tx, event: DomainEvent): Promise<unknown> {
  switch (event.type) {
    case "money.captured":
      return Promise.all([
        planReceipt(ctx, tx, event),
        // Money that 1C itself reported is there already.
        event.fact.documentKey ? null : queueExport(ctx, tx, event),
        event.order && event.contact?.includes("@")
          ? queueLetter(ctx, tx, { orderId: event.order.orderId, template: "paid", recipient: event.contact, params: { factId: event.fact.factId }, dedupeKey: `paid:${event.fact.factId}` })
          : null,
        ctx.enqueue(tx, "money.captured", { factId: event.fact.factId }),
      ]);
    case "orders.taken":
      // First what 1C says was paid: it decides what may still be asked for.
      await settleReported(ctx, tx, event.orders);
      return offerLinks(ctx, tx, event.orders);
    case "order.changed":
      return tx`update orders set export_version = export_version + 1, updated_at = ${ctx.now()} where id = ${event.order.orderId}`;
  }
}
