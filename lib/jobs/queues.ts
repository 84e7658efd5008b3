import type { PgBoss } from "pg-boss";

/** What each queue carries. Handlers may run twice: every one is idempotent. */
export type JobData = {
  /** Money was recorded: start what is owed because of it (receipt, letter, read-back). */
  "money.captured": { factId: string };
  /** Send a receipt or ask for it; `stepNo` names the step, so that two chains of jobs never run at once. */
  "receipt.work": { receiptId: string; stepNo: number };
  /** Read an attempt at the provider; `pollNo` names the step of PAY-13, null = once, now. */
  "attempt.poll": { attemptId: string; pollNo: number | null };
  /** 1C changed, cancelled or closed the order: take the unpaid attempt back (CML-21, LOST-07). */
  "attempt.withdraw": { attemptId: string };
  /** One step of a refund at the provider: send it, ask about it (2.5); `stepNo` names the step. */
  "refund.work": { refundId: string; stepNo: number };
  /** Read the provider's refunds of one payment and settle every difference (LOST-11, LOST-24). */
  "refund.absorb": { connectionId: string; providerPaymentId: string };
  /** One step of a capture or release of held money (LOST-31). */
  "hold.work": { operationId: string; stepNo: number };
  /** Orders of a store that may be paid from now on get their links, page by page; `since`: when they were barred, `after`: the last number done (PIL-02, PIL-05). */
  "links.offer": { storeId: string; since: string; after: string };
  /** Orders of a shadow store of which 1C told something: what would have gone out is built and kept (PIL-01). */
  "orders.rehearse": { orderIds: string[] };
  "letter.send": { letterId: string };
  "invoice.render": { invoiceId: string };
  /** Send what is due of one consumer's feed (a 1C HTTP-сервис, a shop). */
  "feed.push": { connectionId: string };
  /** A complete file whose `import` never came (CML-13). */
  "onec.file": { fileId: string };
  /** Tell a 1C base of a payment in PayKeeper's manner. */
  "bill.notify": { factId: string };
  /** Authentic money that fits no attempt: read that payment, then bind or record it (LOST-04, LOST-06, LOST-20). */
  "inbox.match": { inboxId: string; providerPaymentId: string };
  /** Nightly: the invariants of domain 10 (ALR-28). */
  "invariants.check": Record<string, never>;
  /** Read an acquirer's list of operations for these days (M1). */
  "registry.fetch": { connectionId: string; from: string; to: string };
  /** Every night: a `registry.fetch` of the last week for each acquirer, and a full reconciliation. */
  "registry.nightly": Record<string, never>;
  /** Compare the five sources; `light` (also without a scope): 1C and receipts only. */
  "reconcile.run": { scope?: "light" | "full" };
  /** Every minute: alerts that come from waiting, and their end. */
  "alerts.watch": Record<string, never>;
  /** Every minute: rows that should have a job and do not; links and sessions that ran out. */
  "janitor.sweep": Record<string, never>;
};
export type QueueName = keyof JobData;

type QueueOptions = { retryLimit: number; retryDelay: number; expireInSeconds: number; heartbeatSeconds?: number };

/** A killed worker's job runs again after about 16 s (stack.md 6). */
const taken = { expireInSeconds: 120, heartbeatSeconds: 10 };

export const queues: Record<QueueName, QueueOptions> = {
  "money.captured": { retryLimit: 20, retryDelay: 5, ...taken },
  "receipt.work": { retryLimit: 10, retryDelay: 10, ...taken },
  "attempt.poll": { retryLimit: 5, retryDelay: 15, ...taken },
  // The janitor gives it again while it is owed.
  "attempt.withdraw": { retryLimit: 2, retryDelay: 30, ...taken },
  "refund.work": { retryLimit: 5, retryDelay: 15, ...taken },
  "refund.absorb": { retryLimit: 5, retryDelay: 60, ...taken },
  "hold.work": { retryLimit: 5, retryDelay: 15, ...taken },
  "links.offer": { retryLimit: 10, retryDelay: 15, ...taken },
  "orders.rehearse": { retryLimit: 5, retryDelay: 30, ...taken },
  "letter.send": { retryLimit: 12, retryDelay: 60, ...taken },
  "invoice.render": { retryLimit: 5, retryDelay: 5, ...taken },
  // The janitor gives it again while something is due. A slow receiver may take its whole time.
  "feed.push": { retryLimit: 2, retryDelay: 15, ...taken },
  // The row says when the next try is; the janitor gives a lost job again.
  "bill.notify": { retryLimit: 2, retryDelay: 30, ...taken },
  "onec.file": { retryLimit: 5, retryDelay: 30, ...taken },
  // The janitor gives it again while the news is not decided.
  "inbox.match": { retryLimit: 2, retryDelay: 30, ...taken },
  "invariants.check": { retryLimit: 1, retryDelay: 600, ...taken, expireInSeconds: 900 },
  "registry.fetch": { retryLimit: 6, retryDelay: 600, ...taken, expireInSeconds: 900 },
  "registry.nightly": { retryLimit: 3, retryDelay: 60, ...taken },
  "reconcile.run": { retryLimit: 2, retryDelay: 60, ...taken, expireInSeconds: 600 },
  "alerts.watch": { retryLimit: 0, retryDelay: 1, ...taken },
  "janitor.sweep": { retryLimit: 0, retryDelay: 1, ...taken },
};
export const queueNames = Object.keys(queues) as QueueName[];

/** Creates or updates the queues. Run by the migration. */
export async function ensureQueues(boss: PgBoss): Promise<void> {
  for (const name of queueNames) {
    const existing = await boss.getQueue(name);
    if (existing) await boss.updateQueue(name, queues[name]);
    else await boss.createQueue(name, queues[name]);
  }
}
