import type { Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { RecordedFact } from "@/lib/ledger/index.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";

/** Notes that 1C must learn of this money, or of this order's part of it (2.7), in the transaction of the fact. Nothing is owed for orders without a 1C base. */
export function exportWrite(ctx: Ctx, tx: Tx, { fact, order, exportId, partKopecks = fact.amountKopecks }: { exportId: string; fact: Pick<RecordedFact, "factId" | "amountKopecks" | "documentKey">; order: LockedOrder | null; partKopecks?: bigint }): Write | null {
  // Money that 1C itself reported is there already.
  if (!order?.onecConnectionId || fact.documentKey) return null;
  return tx`
    insert into export_messages (id, connection_id, order_id, fact_id, amount_kopecks, seq, order_version, state, created_at, is_test)
    values (${exportId}, ${order.onecConnectionId}, ${order.orderId}, ${fact.factId}, ${partKopecks},
      (select coalesce(max(seq), 0) + 1 from export_messages where order_id = ${order.orderId}), ${order.exportVersion}, 'pending', ${ctx.now()}, ${order.isTest})`;
}

/** The same for an order that is not in work here (PIL-01): kept to look at, in no queue. Null where nothing would be owed. */
export function dryExportWrite(ctx: Ctx, tx: Tx, { fact, order, partKopecks = fact.amountKopecks }: { fact: Pick<RecordedFact, "factId" | "kind" | "method" | "amountKopecks" | "documentKey">; order: LockedOrder; partKopecks?: bigint }): Write | null {
  if (!order.onecConnectionId || fact.documentKey) return null;
  return tx`
    insert into dry_runs (id, order_id, kind, key, revision_no, fact_id, amount_kopecks, content, is_problem, created_at, is_test)
    values (${newId()}, ${order.orderId}, 'export', ${`fact:${fact.factId}`}, ${order.orderRevisionNo}, ${fact.factId}, ${partKopecks},
      ${JSON.stringify({ kind: fact.kind, method: fact.method })}::text::jsonb, false, ${ctx.now()}, ${order.isTest})
    on conflict (order_id, kind, key) do nothing`;
}
