import type { Sql, Tx } from "@/db/index.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { lockedOrderColumns, readLockedOrder } from "@/lib/orders/lock-order.ts";
import type { AttemptState } from "./states.ts";

/** A payment attempt and its order, both held `for update`. */
export type LockedAttempt = {
  attemptId: string;
  connectionId: string;
  provider: string;
  method: "card" | "sbp";
  reference: string;
  revisionNo: number;
  amountKopecks: bigint;
  payerId: string;
  contact: string;
  state: AttemptState;
  isSuperseded: boolean;
  providerInvoiceId: string | null;
  providerPaymentId: string | null;
  confirmedByReadAt: Date | null;
  failCode: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  pollCount: number;
  /** Payments of the provider that are booked for this attempt. */
  bookedPaymentIds: string[];
  /** Lines are those of the attempt's revision: what the buyer saw (FISC-37). */
  order: LockedOrder;
};

export type AttemptKey = { attemptId: string } | { connectionId: string; reference: string };

const attemptColumns = (tx: Tx) => tx`
  a.id as attempt_id, a.connection_id, a.provider, a.method, a.reference, a.revision_no, a.amount_kopecks, a.payer_id, a.contact, a.state,
  a.is_superseded, a.provider_invoice_id, a.provider_payment_id, a.confirmed_by_read_at, a.fail_code, a.created_at, a.expires_at, a.poll_count,
  array(select f.provider_payment_id from money_facts f where f.attempt_id = a.id and f.kind = 'payment_captured' and f.provider_payment_id is not null) as booked_payment_ids`;

/**
 * Locks the order row first, then the attempt (the one lock order of all money verbs), in one statement.
 * Null when there is no such attempt.
 */
export const lockAttempt = (tx: Tx, key: AttemptKey): Promise<LockedAttempt | null> => selectAttempt(tx, key, true);

/** The same without locks, for a write that says what it was made from (`writeTogether`). */
export const readAttemptRow = (sql: Sql, key: AttemptKey): Promise<LockedAttempt | null> => selectAttempt(sql as unknown as Tx, key, false);

async function selectAttempt(tx: Tx, key: AttemptKey, isLocked: boolean): Promise<LockedAttempt | null> {
  const where = "attemptId" in key ? tx`x.id = ${key.attemptId}` : tx`x.connection_id = ${key.connectionId} and x.reference = ${key.reference}`;
  const [row] = await tx<(Omit<LockedAttempt, "order"> & Record<string, unknown>)[]>`
    with held as materialized (
      select ${lockedOrderColumns(tx, tx`x.revision_no` )}, x.id as held_attempt
        from payment_attempts x join orders o on o.id = x.order_id where ${where} ${isLocked ? tx`for update of o` : tx``}
    )
    select held.*, ${attemptColumns(tx)} from held join payment_attempts a on a.id = held.held_attempt ${isLocked ? tx`for update of a` : tx``}`;
  if (!row) return null;
  const { attemptId, connectionId, provider, method, reference, revisionNo, amountKopecks, payerId, contact, state, isSuperseded } = row;
  const { providerInvoiceId, providerPaymentId, confirmedByReadAt, failCode, createdAt, expiresAt, pollCount, bookedPaymentIds, ...rest } = row;
  return {
    attemptId, connectionId, provider, method, reference, revisionNo, amountKopecks, payerId, contact, state, isSuperseded,
    providerInvoiceId, providerPaymentId, confirmedByReadAt, failCode, createdAt, expiresAt, pollCount, bookedPaymentIds,
    order: readLockedOrder(rest as never),
  };
}
