import type { Tx } from "@/db/index.ts";
import { conflict, notFound } from "@/lib/kit/errors.ts";
import type { FiscalOwner, PayMethodCode } from "@/lib/ledger/kinds.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { reservingRefundStates } from "@/lib/refunds/states.ts";

/** What a payment's money stands for at one place: an order, or (`orderId` null) an advance. */
export type PaymentPart = {
  orderId: string | null;
  counterpartyId: string | null;
  /** Allocated here less what already went back from here, kopecks. */
  leftKopecks: bigint;
};

/** A captured payment with every order it stands on, all held for update. Amounts are kopecks. */
export type LockedPayment = {
  factId: string;
  amountKopecks: bigint;
  method: PayMethodCode;
  connectionId: string | null;
  providerPaymentId: string | null;
  documentKey: string | null;
  attemptId: string | null;
  occurredAt: Date;
  fiscalOwner: FiscalOwner;
  isTest: boolean;
  /** Captured − reversed − refunded − charged back − promised to refunds (PAY-05 `refundable(payment)`). */
  freeKopecks: bigint;
  parts: PaymentPart[];
  orders: Map<string, LockedOrder>;
};

type Row = Omit<LockedPayment, "freeKopecks" | "parts" | "orders"> & { goneKopecks: bigint; promisedKopecks: bigint };

/** The money came to an order that is not held. */
class MovedMeanwhile extends Error {}
const TRIES = 5;

/**
 * Holds the orders a payment stands on, ascending, then the payment. Who waited may find the money on one more order: everything is let go and
 * taken anew then, so that no order is taken after the payment, nor a lower one after a higher (decision 0023).
 */
async function holdAll(tx: Tx, factId: string, alsoOrderIds: readonly string[]): Promise<Map<string, LockedOrder>> {
  for (let tried = 1; ; tried++) {
    try {
      return await tx.savepoint(async (inner) => {
        const held = new Map<string, LockedOrder>();
        for (const orderId of [...new Set([...(await standing(inner as Tx, factId)), ...alsoOrderIds])].toSorted()) held.set(orderId, await lockOrder(inner as Tx, orderId));
        await inner`select 1 from money_facts where id = ${factId} for no key update`;
        // Now it stays where it is.
        if ((await standing(inner as Tx, factId)).some((orderId) => !held.has(orderId))) throw new MovedMeanwhile();
        return held;
      });
    } catch (error) {
      if (!(error instanceof MovedMeanwhile)) throw error;
      if (tried === TRIES) throw conflict("Деньги этого платежа сейчас переносят: повторите");
    }
  }
}

/**
 * Locks the orders a payment stands on (and `alsoOrderIds`), ascending, then the payment itself: verbs that take money back or
 * move it take turns. Throws `not_found` for anything but a captured payment, `conflict` when its money moves all the time.
 */
export async function lockPayment(tx: Tx, factId: string, alsoOrderIds: readonly string[] = []): Promise<LockedPayment> {
  const orders = await holdAll(tx, factId, alsoOrderIds);
  const [row] = await tx<Row[]>`
    select f.id as fact_id, f.amount_kopecks, f.method, f.connection_id, f.provider_payment_id, f.document_key, f.attempt_id, f.occurred_at, f.fiscal_owner, f.is_test,
           coalesce((select sum(case when g.kind in ('refund_reversed', 'chargeback_reversed') then -g.amount_kopecks else g.amount_kopecks end)
              from money_facts g where g.parent_fact_id = f.id and g.kind in ('payment_reversed', 'refund_succeeded', 'refund_reversed', 'chargeback', 'chargeback_reversed')), 0)::bigint as gone_kopecks,
           coalesce((select sum(r.amount_kopecks) from refunds r where r.payment_fact_id = f.id and r.state = any(${reservingRefundStates as unknown as string[]})), 0)::bigint as promised_kopecks
      from money_facts f where f.id = ${factId} and f.kind = 'payment_captured'`;
  if (!row) throw notFound("Платёж не найден");
  const parts = await tx<PaymentPart[]>`
    select a.order_id, (array_agg(a.counterparty_id) filter (where a.counterparty_id is not null))[1] as counterparty_id,
           sum(case when f.kind in ('payment_captured', 'refund_reversed', 'chargeback_reversed') then a.amount_kopecks else -a.amount_kopecks end)::bigint as left_kopecks
      from money_facts f join allocations a on a.fact_id = f.id
     where (f.id = ${factId} or f.parent_fact_id = ${factId}) and f.kind not in ('authorized', 'authorization_voided')
     group by a.order_id having sum(case when f.kind in ('payment_captured', 'refund_reversed', 'chargeback_reversed') then a.amount_kopecks else -a.amount_kopecks end) <> 0
     order by a.order_id nulls last`;
  const { goneKopecks, promisedKopecks, ...payment } = row;
  return { ...payment, freeKopecks: row.amountKopecks - goneKopecks - promisedKopecks, parts: [...parts], orders };
}

async function standing(tx: Tx, factId: string): Promise<string[]> {
  const rows = await tx<{ orderId: string }[]>`select distinct order_id from allocations where fact_id = ${factId} and order_id is not null`;
  return rows.map((row) => row.orderId);
}

/** The part of a payment at one place; zero when it does not stand there. */
export const partAt = (payment: LockedPayment, orderId: string | null): PaymentPart =>
  payment.parts.find((part) => part.orderId === orderId) ?? { orderId, counterpartyId: null, leftKopecks: 0n };
