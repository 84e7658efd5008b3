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
  /** Held by the bank and neither taken nor let go, kopecks (two-stage payments). */
  onHoldKopecks: bigint;
  /** Lines are those of the attempt's revision: what the buyer saw (FISC-37). */
  order: LockedOrder;
};

export type AttemptKey = { attemptId: string } | { connectionId: string; reference: string };

const attemptColumns = (tx: Tx) => tx`
  a.id as attempt_id, a.connection_id, a.provider, a.method, a.reference, a.revision_no, a.amount_kopecks, a.payer_id, a.contact, a.state,
  a.is_superseded, a.provider_invoice_id, a.provider_payment_id, a.confirmed_by_read_at, a.fail_code, a.created_at, a.expires_at, a.poll_count,
  array(select f.provider_payment_id from money_facts f where f.attempt_id = a.id and f.kind = 'payment_captured' and f.provider_payment_id is not null) as booked_payment_ids,
  case when a.state = 'authorized' then (select coalesce(sum(case h.kind when 'authorized' then h.amount_kopecks else -h.amount_kopecks end), 0)::bigint from money_facts h
     where h.attempt_id = a.id and h.kind in ('authorized', 'authorization_voided')) else 0::bigint end as on_hold_kopecks`;

const whereKey = (tx: Tx, key: AttemptKey) =>
  "attemptId" in key ? tx`x.id = ${key.attemptId}` : tx`x.connection_id = ${key.connectionId} and x.reference = ${key.reference}`;

/**
 * Locks the order row first, then the attempt (the one lock order of all money verbs), then reads both: the locks are
 * statements of their own, because a statement that waited for a lock reads other tables as they were before it waited.
 * All go out at once. Null when there is no such attempt.
 */
export async function lockAttempt(tx: Tx, key: AttemptKey): Promise<LockedAttempt | null> {
  // Bare statements, so that they are sent in this order.
  const [, , [row]] = await Promise.all([
    tx`select 1 from orders where id = (select x.order_id from payment_attempts x where ${whereKey(tx, key)}) for no key update`,
    tx`select 1 from payment_attempts x where ${whereKey(tx, key)} for no key update`,
    attemptStatement(tx, key),
  ]);
  return row ? toAttempt(row) : null;
}

/** The same without locks, for a write that says what it was made from (`writeTogether`). */
export async function readAttemptRow(sql: Sql, key: AttemptKey): Promise<LockedAttempt | null> {
  const [row] = await attemptStatement(sql as unknown as Tx, key);
  return row ? toAttempt(row) : null;
}

type Row = Omit<LockedAttempt, "order"> & Record<string, unknown>;

const attemptStatement = (tx: Tx, key: AttemptKey) => tx<Row[]>`
  select ${lockedOrderColumns(tx, tx`a.revision_no`)}, ${attemptColumns(tx)}
    from payment_attempts a join orders o on o.id = a.order_id where a.id = (select x.id from payment_attempts x where ${whereKey(tx, key)})`;

function toAttempt(row: Row): LockedAttempt {
  const { attemptId, connectionId, provider, method, reference, revisionNo, amountKopecks, payerId, contact, state, isSuperseded } = row;
  const { providerInvoiceId, providerPaymentId, confirmedByReadAt, failCode, createdAt, expiresAt, pollCount, bookedPaymentIds, onHoldKopecks, ...rest } = row;
  return {
    attemptId, connectionId, provider, method, reference, revisionNo, amountKopecks, payerId, contact, state, isSuperseded,
    providerInvoiceId, providerPaymentId, confirmedByReadAt, failCode, createdAt, expiresAt, pollCount, bookedPaymentIds, onHoldKopecks,
    order: readLockedOrder(rest as never),
  };
}
