import type { Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { RecordedFact } from "@/lib/ledger/index.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";

/** Notes that 1C must learn of this money (2.7), in the transaction of the fact. Nothing is owed for orders without a 1C base. */
export function exportWrite(ctx: Ctx, tx: Tx, { fact, order, exportId }: { exportId: string; fact: Pick<RecordedFact, "factId" | "amountKopecks" | "documentKey">; order: LockedOrder | null }): Write | null {
  // Money that 1C itself reported is there already.
  if (!order?.onecConnectionId || fact.documentKey) return null;
  return tx`
    insert into export_messages (id, connection_id, order_id, fact_id, amount_kopecks, seq, order_version, state, created_at)
    values (${exportId}, ${order.onecConnectionId}, ${order.orderId}, ${fact.factId}, ${fact.amountKopecks},
      (select coalesce(max(seq), 0) + 1 from export_messages where order_id = ${order.orderId}), ${order.exportVersion}, 'pending', ${ctx.now()})`;
}
