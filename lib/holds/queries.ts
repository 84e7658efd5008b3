import type { Ctx } from "@/lib/context.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import type { HoldOperationKind, HoldOperationState } from "./states.ts";

/** Money that the bank holds for an order, and what is being done with it. Sums are kopecks. */
export type HoldView = {
  attemptId: string;
  heldKopecks: bigint;
  heldAt: Date;
  instrument: string | null;
  operation: { operationId: string; kind: HoldOperationKind; state: HoldOperationState; amountKopecks: string; requestedAt: string; reason: string | null; failText: string | null } | null;
};

/** The holds of one order that are neither taken nor let go, with their last operation. */
export async function readOrderHolds(ctx: Ctx, orderId: string): Promise<HoldView[]> {
  const { sql } = ctx.database;
  const rows = await sql<HoldView[]>`
    select a.id as attempt_id, f.amount_kopecks as held_kopecks, f.occurred_at as held_at, a.instrument,
           (select json_build_object('operationId', h.id, 'kind', h.kind, 'state', h.state, 'amountKopecks', h.amount_kopecks::text, 'requestedAt', h.requested_at, 'reason', h.reason, 'failText', h.fail_text)
              from hold_operations h where h.attempt_id = a.id order by h.requested_at desc limit 1) as operation
      from payment_attempts a join money_facts f on f.attempt_id = a.id and f.kind = 'authorized' where a.order_id = ${uuidOrNull(orderId)} and a.state = 'authorized' order by f.occurred_at`;
  return [...rows];
}
