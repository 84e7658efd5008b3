/** What follows from what: the only file that knows all capabilities. */
import type { Tx } from "@/db/index.ts";
import { writeTogether } from "@/db/write-together.ts";
import type { Ctx } from "@/lib/context.ts";
import type { DomainEvent } from "@/lib/events.ts";
import { receiptWrites, replanBound } from "@/lib/fiscal/index.ts";
import { letterWrite } from "@/lib/letters/index.ts";
import { exportWrite } from "@/lib/onec/queue-export.ts";
import { settleReported } from "@/lib/onec/settle-reported.ts";
import { offerLinks } from "@/lib/payments/index.ts";

/** Rows owed because of an event, written in its transaction; jobs carry them out (README decision 1). */
export async function announce(ctx: Ctx, tx: Tx, event: DomainEvent): Promise<unknown> {
  switch (event.type) {
    case "money.captured": {
      // One statement with what the verb itself writes, the job included: this door must be fast.
      const job = await ctx.jobWrite(tx, "money.captured", { factId: event.fact.factId });
      return writeTogether(
        tx,
        [
          ...(event.writes ?? []),
          ...receiptWrites(ctx, tx, event),
          exportWrite(ctx, tx, event),
          event.order && event.contact?.includes("@")
            ? letterWrite(ctx, tx, { orderId: event.order.orderId, template: "paid", recipient: event.contact, params: { factId: event.fact.factId }, dedupeKey: `paid:${event.fact.factId}` })
            : null,
          job.write,
        ],
        event.mustChange,
      );
    }
    case "money.returned":
    case "money.undone":
      return writeTogether(tx, [exportWrite(ctx, tx, event)]);
    case "money.bound": {
      await replanBound(ctx, tx, event);
      const [fact] = await tx<{ factId: string; amountKopecks: bigint; documentKey: string | null }[]>`select id as fact_id, amount_kopecks, document_key from money_facts where id = ${event.factId}`;
      return writeTogether(tx, [exportWrite(ctx, tx, { fact: fact!, order: event.order })]);
    }
    case "goods.shipped":
      return tx`update orders set export_version = export_version + 1, updated_at = ${ctx.now()} where id = ${event.order.orderId}`;
    case "orders.taken":
      // First what 1C says was paid: it decides what may still be asked for.
      await settleReported(ctx, tx, event.orders);
      return offerLinks(ctx, tx, event.orders);
    case "order.changed":
      return tx`update orders set export_version = export_version + 1, updated_at = ${ctx.now()} where id = ${event.order.orderId}`;
  }
}
