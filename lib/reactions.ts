/** What follows from what: the only file that knows all capabilities. */
import type { Tx } from "@/db/index.ts";
import { writeTogether } from "@/db/write-together.ts";
import type { Ctx } from "@/lib/context.ts";
import type { DomainEvent } from "@/lib/events.ts";
import { planClosing, planReturn, receiptWrites, replanBound } from "@/lib/fiscal/index.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { releaseUnwanted } from "@/lib/holds/index.ts";
import { letterWrite } from "@/lib/letters/index.ts";
import { exportWrite } from "@/lib/onec/queue-export.ts";
import { settleReported } from "@/lib/onec/settle-reported.ts";
import { offerLinks } from "@/lib/payments/index.ts";
import { shipReported } from "@/lib/shipments/index.ts";

const LETTER_PATIENCE_MS = 3 * MINUTE_MS;

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
    case "money.held":
      return releaseUnwanted(ctx, tx, event);
    case "money.returned":
      await planReturn(ctx, tx, event);
      await oweRefundLetter(ctx, tx, event);
      return writeTogether(tx, [exportWrite(ctx, tx, event)]);
    case "money.undone":
      return writeTogether(tx, [exportWrite(ctx, tx, event)]);
    case "money.bound": {
      await replanBound(ctx, tx, event);
      const [fact] = await tx<{ factId: string; amountKopecks: bigint; documentKey: string | null; isTold: boolean }[]>`
        select id as fact_id, amount_kopecks, document_key, exists (select 1 from export_messages e where e.fact_id = f.id) as is_told from money_facts f where id = ${event.factId}`;
      // 1C heard of it with the order that it stood on before (invariant 13).
      return writeTogether(tx, [fact!.isTold ? null : exportWrite(ctx, tx, { fact: fact!, order: event.order })]);
    }
    case "goods.shipped":
      await planClosing(ctx, tx, event);
      return tx`update orders set export_version = export_version + 1, updated_at = ${ctx.now()} where id = ${event.order.orderId}`;
    case "orders.taken":
      // First what 1C says was paid: it decides what may still be asked for.
      await settleReported(ctx, tx, event.orders);
      await shipReported(ctx, tx, event.orders);
      return offerLinks(ctx, tx, event.orders);
    case "order.changed":
      return tx`update orders set export_version = export_version + 1, updated_at = ${ctx.now()} where id = ${event.order.orderId}`;
  }
}

/** A letter about money that went back; it waits a little for its receipt, so that it can link to it. */
async function oweRefundLetter(ctx: Ctx, tx: Tx, { fact, order, contact }: Extract<DomainEvent, { type: "money.returned" }>): Promise<void> {
  if (!order || !contact?.includes("@")) return;
  const dedupeKey = `refund:${fact.factId}`;
  await letterWrite(ctx, tx, { orderId: order.orderId, template: "refund", recipient: contact, params: { factId: fact.factId }, dedupeKey });
  const letters = await tx<{ id: string }[]>`select id from letters where dedupe_key = ${dedupeKey} and state = 'queued'`;
  for (const { id } of letters) await ctx.enqueue(tx, "letter.send", { letterId: id }, { startAfter: addMs(ctx.now(), LETTER_PATIENCE_MS) });
}
