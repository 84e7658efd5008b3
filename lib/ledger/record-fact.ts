import type { Tx } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { localDate } from "@/lib/kit/time.ts";
import type { FactKind, FiscalOwner, PayMethodCode } from "./kinds.ts";

export type NewFact = {
  kind: FactKind;
  amountKopecks: bigint;
  method: PayMethodCode;
  connectionId: string | null;
  providerPaymentId?: string | null;
  captureNo?: number | null;
  providerOperationId?: string | null;
  documentKey?: string | null;
  documentNumber?: string | null;
  attemptId?: string | null;
  parentFactId?: string | null;
  occurredAt: Date;
  fiscalOwner: FiscalOwner;
  isTest: boolean;
  note?: string | null;
  /** Where the money goes; the sum must equal the fact. `orderId` null = advance. */
  allocations: { orderId: string | null; counterpartyId: string | null; amountKopecks: bigint }[];
};

export type RecordedFact = NewFact & { factId: string; recordedAt: Date; businessDate: string };

/**
 * Writes a money fact and its allocations. Returns null when the same fact is already there: unique keys of the table
 * decide (LOST-02, invariant 5), so a repeated message books nothing. One statement, so that both exist or neither.
 */
export async function recordFact(ctx: Ctx, tx: Tx, fact: NewFact): Promise<RecordedFact | null> {
  const factId = newId();
  const recordedAt = ctx.now();
  const businessDate = localDate(fact.occurredAt, ctx.zone);
  const actor = actorText(ctx.actor);
  const rows = fact.allocations.map((a) => ({ id: newId(), order_id: a.orderId, counterparty_id: a.counterpartyId, amount: a.amountKopecks.toString() }));
  const inserted = await tx`
    with fact as (
      insert into money_facts (id, kind, amount_kopecks, method, connection_id, provider_payment_id, capture_no, provider_operation_id,
        document_key, document_number, attempt_id, parent_fact_id, occurred_at, recorded_at, business_date, fiscal_owner, is_test, actor, note)
      values (${factId}, ${fact.kind}, ${fact.amountKopecks}, ${fact.method}, ${fact.connectionId}, ${fact.providerPaymentId ?? null},
        ${fact.captureNo ?? null}, ${fact.providerOperationId ?? null}, ${fact.documentKey ?? null}, ${fact.documentNumber ?? null},
        ${fact.attemptId ?? null}, ${fact.parentFactId ?? null}, ${fact.occurredAt}, ${recordedAt}, ${businessDate}, ${fact.fiscalOwner},
        ${fact.isTest}, ${actor}, ${fact.note ?? null})
      on conflict do nothing
      returning id
    )
    insert into allocations (id, fact_id, order_id, counterparty_id, amount_kopecks, created_at, actor)
    select a.id, fact.id, a.order_id, a.counterparty_id, a.amount, ${recordedAt}, ${actor}
      from fact, jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as a(id uuid, order_id uuid, counterparty_id uuid, amount bigint)
    returning id`;
  return inserted.length === 0 ? null : { ...fact, factId, recordedAt, businessDate };
}
