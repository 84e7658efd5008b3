import type { Tx, Write } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { localDate } from "@/lib/kit/time.ts";
import type { FactKind, FiscalOwner, PayMethodCode } from "./kinds.ts";

export type NewFact = {
  /** The id of the row that this is the fact of, where the outside knows it already; else a new one. */
  factId?: string;
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

export type RecordedFact = NewFact & { factId: string; recordedAt: Date };

const complete = (ctx: Ctx, fact: NewFact): RecordedFact => ({ ...fact, factId: fact.factId ?? newId(), recordedAt: ctx.now() });

/** The day of the money; money of a closed day counts on the first open day after it (REC-10). */
const businessDateOf = (ctx: Ctx, tx: Tx, fact: NewFact) => {
  const day = localDate(fact.occurredAt, ctx.zone);
  return tx`(select case when count(*) filter (where day = ${day}::date) > 0 then max(day) + 1 else ${day}::date end from closed_days
     where is_test = ${fact.isTest} and reopened_at is null and day >= ${day}::date)`;
};

const insertFact = (ctx: Ctx, tx: Tx, fact: RecordedFact): Write => tx`
  insert into money_facts (id, kind, amount_kopecks, method, connection_id, provider_payment_id, capture_no, provider_operation_id,
    document_key, document_number, attempt_id, parent_fact_id, occurred_at, recorded_at, business_date, fiscal_owner, is_test, actor, note)
  values (${fact.factId}, ${fact.kind}, ${fact.amountKopecks}, ${fact.method}, ${fact.connectionId}, ${fact.providerPaymentId ?? null},
    ${fact.captureNo ?? null}, ${fact.providerOperationId ?? null}, ${fact.documentKey ?? null}, ${fact.documentNumber ?? null},
    ${fact.attemptId ?? null}, ${fact.parentFactId ?? null}, ${fact.occurredAt}, ${fact.recordedAt}, ${businessDateOf(ctx, tx, fact)}, ${fact.fiscalOwner},
    ${fact.isTest}, ${actorText(ctx.actor)}, ${fact.note ?? null})`;

function insertAllocations(ctx: Ctx, tx: Tx, fact: RecordedFact): Write {
  const rows = fact.allocations.map((a) => ({ id: newId(), order_id: a.orderId, counterparty_id: a.counterpartyId, amount: a.amountKopecks.toString() }));
  return tx`
    insert into allocations (id, fact_id, order_id, counterparty_id, amount_kopecks, created_at, actor)
    select a.id, ${fact.factId}::uuid, a.order_id, a.counterparty_id, a.amount, ${fact.recordedAt}, ${actorText(ctx.actor)}
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as a(id uuid, order_id uuid, counterparty_id uuid, amount bigint)`;
}

/** The writes of a fact that the caller knows to be new, because it holds the rows that decide it; a fact that is there already makes them fail. */
export function factWrites(ctx: Ctx, tx: Tx, given: NewFact): { fact: RecordedFact; writes: Write[] } {
  const fact = complete(ctx, given);
  return { fact, writes: [insertFact(ctx, tx, fact), insertAllocations(ctx, tx, fact)] };
}

/**
 * Writes a money fact and its allocations. Returns null when the same fact is already there: unique keys of the table
 * decide (LOST-02, invariant 5), so a repeated message books nothing. One statement, so that both exist or neither.
 */
export async function recordFact(ctx: Ctx, tx: Tx, given: NewFact): Promise<RecordedFact | null> {
  const fact = complete(ctx, given);
  const booked = await tx`
    with fact as (${insertFact(ctx, tx, fact)} on conflict do nothing returning id)
    ${insertAllocations(ctx, tx, fact)} where exists (select 1 from fact) returning id`;
  return booked.length === 0 ? null : fact;
}
