import type { Ctx } from "@/lib/context.ts";
import type { FactKind, PayMethodCode } from "@/lib/ledger/kinds.ts";
import type { AttemptState } from "@/lib/payments/states.ts";
import type { RegistryEntryKind } from "@/lib/reconciliation/states.ts";
import { readRawOf } from "../timeline.ts";
import type { RawExchange } from "../timeline.ts";
import type { PaymentScope } from "./payment-sources.ts";

/** One payment, opened: its attempt, every fact about it, the bank's papers and the raw messages. Sums are kopecks. */
export type PaymentDetail = {
  orderId: string | null; orderNumber: string | null;
  attempt: { attemptId: string; state: AttemptState; method: PayMethodCode; amountKopecks: bigint; instrument: string | null; rrn: string | null; reference: string; providerPaymentId: string | null; failClass: string | null; failCode: string | null; providerName: string; createdAt: Date; finishedAt: Date | null; lastPolledAt: Date | null; confirmedByReadAt: Date | null } | null;
  facts: { factId: string; kind: FactKind; method: PayMethodCode; amountKopecks: bigint; occurredAt: Date; documentNumber: string | null; providerOperationId: string | null; note: string | null }[];
  entries: { entryId: string; kind: RegistryEntryKind; amountKopecks: bigint; feeKopecks: bigint | null; payoutId: string | null; payoutDate: string | null; occurredAt: Date; creditedOn: string | null }[];
  refundIds: string[];
  raw: RawExchange[];
};

type Found = { attemptId: string | null; factId: string | null; connectionId: string | null; providerPaymentId: string | null; orderId: string | null; orderNumber: string | null };

/** `key` as in the list: a fact, an attempt, or a refund, which opens its payment. Null when there is none in this person's sight. */
export async function readPaymentDetail(ctx: Ctx, { viewer, isTest }: PaymentScope, key: string): Promise<PaymentDetail | null> {
  const { sql } = ctx.database;
  const id = key.slice(2);
  const inScope = sql`x.is_test = ${isTest} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}`;
  const found = key.startsWith("a-")
    ? await sql<Found[]>`
        select x.id as attempt_id, (select f.id from money_facts f where f.attempt_id = x.id and f.kind = 'payment_captured' order by f.occurred_at limit 1) as fact_id, x.connection_id, x.provider_payment_id, o.id as order_id, o.number as order_number
          from payment_attempts x join orders o on o.id = x.order_id where x.id = ${id} and ${inScope}`
    : key.startsWith("f-")
      ? await sql<Found[]>`
        select x.attempt_id, x.id as fact_id, x.connection_id, x.provider_payment_id, o.id as order_id, o.number as order_number
          from money_facts x left join lateral (select g.order_id from allocations g where g.fact_id = x.id group by g.order_id having sum(g.amount_kopecks) > 0 order by sum(g.amount_kopecks) desc limit 1) al on true
          left join orders o on o.id = al.order_id where x.id = ${id} and x.kind = 'payment_captured' and ${inScope}`
      : await sql<Found[]>`
        select p.attempt_id, p.id as fact_id, p.connection_id, p.provider_payment_id, o.id as order_id, o.number as order_number
          from refunds x left join money_facts p on p.id = x.payment_fact_id left join orders o on o.id = x.order_id where x.id = ${id} and ${inScope}`;
  const [head] = found;
  if (!head) return null;
  const refundOnly = key.startsWith("r-") ? [id] : [];
  const [attempts, facts, entries, refunds] = await Promise.all([
    sql<NonNullable<PaymentDetail["attempt"]>[]>`
      select a.id as attempt_id, a.state, a.method, a.amount_kopecks, a.instrument, a.rrn, a.reference, a.provider_payment_id, a.fail_class, a.fail_code, c.name as provider_name, a.created_at, a.finished_at, a.last_polled_at, a.confirmed_by_read_at
        from payment_attempts a join connections c on c.id = a.connection_id where a.id = ${head.attemptId}`,
    sql<PaymentDetail["facts"]>`
      select id as fact_id, kind, method, amount_kopecks, occurred_at, document_number, provider_operation_id, note from money_facts
       where id = ${head.factId} or parent_fact_id = ${head.factId} or (attempt_id = ${head.attemptId} and kind in ('authorized', 'authorization_voided')) order by occurred_at, id limit 100`,
    sql<PaymentDetail["entries"]>`
      select e.id as entry_id, e.kind, e.amount_kopecks, e.fee_kopecks + coalesce(e.fee_vat_kopecks, 0) as fee_kopecks, e.payout_id, e.payout_date::text, e.occurred_at,
             (select max(b.received_on)::text from settlements s join bank_statement_lines b on b.settlement_id = s.id where s.connection_id = e.connection_id and s.payout_id = e.payout_id) as credited_on
        from registry_entries e where e.connection_id = ${head.connectionId} and e.provider_payment_id = ${head.providerPaymentId} order by e.occurred_at, e.id limit 100`,
    sql<{ id: string }[]>`select id from refunds where payment_fact_id = ${head.factId} or id = any(${refundOnly}::uuid[]) order by requested_at desc limit 50`,
  ]);
  const refundIds = refunds.map((refund) => refund.id);
  const raw = await readRawOf(ctx, viewer, [...(head.attemptId ? [head.attemptId] : []), ...refundIds]);
  return { orderId: head.orderId, orderNumber: head.orderNumber, attempt: attempts[0] ?? null, facts: [...facts], entries: [...entries], refundIds, raw };
}
