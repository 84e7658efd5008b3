import { markEntrances } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { feedNewOrders, feedUntold, forgetEvents, wakePushes } from "@/lib/feed/index.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { forgetMessages } from "@/lib/onec/inbox/index.ts";
import { forgetCalls, forgetSessions, settleClosings } from "@/lib/onec/index.ts";
import { wakeNotices } from "@/lib/onec/paykeeper/index.ts";
import { EXTERNAL_POLL_MS } from "@/lib/refunds/poll-plan.ts";
import { askUndecided, expireLinks, withdrawStale } from "@/lib/payments/index.ts";

/** A step this late has surely lost its job: a queue that was emptied, a row restored from a backup. */
const LATE_MS = 2 * MINUTE_MS;
const BATCH = 200;
const LETTER_WAKE_MS = 5 * MINUTE_MS;

/** Job, every minute: gives a job back to every row that should have one and does not, and closes what ran out. */
export async function sweep(ctx: Ctx): Promise<void> {
  await expireLinks(ctx);
  await settleClosings(ctx);
  await inTransaction(ctx, async (tx) => {
    const late = addMs(ctx.now(), -LATE_MS);
    const receipts = await tx<{ id: string; stepNo: number }[]>`
      select id, step_no from receipts where state in ('planned', 'queued', 'sent', 'unknown', 'failed_retryable') and next_try_at < ${late}
         and (claimed_until is null or claimed_until < ${ctx.now()}) order by next_try_at limit ${BATCH}`;
    for (const row of receipts) await ctx.enqueue(tx, "receipt.work", { receiptId: row.id, stepNo: row.stepNo });
    const attempts = await tx<{ id: string; pollCount: number }[]>`
      select id, poll_count from payment_attempts where next_poll_at < ${late} order by next_poll_at limit ${BATCH}`;
    for (const row of attempts) await ctx.enqueue(tx, "attempt.poll", { attemptId: row.id, pollNo: row.pollCount });
    const refunds = await tx<{ id: string; stepNo: number }[]>`
      select id, step_no from refunds where next_try_at < ${late} and method = 'instrument' and state in ('approved', 'submitting', 'unknown', 'pending') order by next_try_at limit ${BATCH}`;
    for (const row of refunds) await ctx.enqueue(tx, "refund.work", { refundId: row.id, stepNo: row.stepNo });
    const outside = await tx<{ connectionId: string; providerPaymentId: string }[]>`
      update refunds r set next_try_at = ${addMs(ctx.now(), EXTERNAL_POLL_MS)} from money_facts f
       where f.id = r.payment_fact_id and f.connection_id is not null and f.provider_payment_id is not null
         and r.id in (select id from refunds where state = 'external' and next_try_at < ${ctx.now()} order by next_try_at limit ${BATCH}) returning f.connection_id, f.provider_payment_id`;
    for (const row of outside) await ctx.enqueue(tx, "refund.absorb", row);
    const holds = await tx<{ id: string; stepNo: number }[]>`
      select id, step_no from hold_operations where next_try_at < ${late} and state in ('requested', 'submitting', 'unknown') order by next_try_at limit ${BATCH}`;
    for (const row of holds) await ctx.enqueue(tx, "hold.work", { operationId: row.id, stepNo: row.stepNo });
    await wakeNotices(ctx, tx, late);
    await withdrawStale(ctx, tx, BATCH);
    await askUndecided(ctx, tx, BATCH);
    // The job starts when the row says so; until then no second one is given (a letter without a date waits for its receipt).
    const wakeAt = addMs(ctx.now(), LETTER_WAKE_MS);
    const letters = await tx<{ id: string }[]>`
      update letters set next_try_at = ${wakeAt} where id in (select id from letters where state = 'queued'
         and coalesce(next_try_at, created_at + interval '8 minutes') < ${late} order by created_at limit ${BATCH}) returning id`;
    for (const row of letters) await ctx.enqueue(tx, "letter.send", { letterId: row.id }, { startAfter: wakeAt });
    const invoices = await tx<{ id: string }[]>`select id from invoices where pdf is null and state = 'issued' and issued_at < ${late} limit ${BATCH}`;
    for (const row of invoices) await ctx.enqueue(tx, "invoice.render", { invoiceId: row.id });
    const files = await tx<{ id: string }[]>`
      select id from onec_files where state in ('receiving', 'processing') and touched_at < ${addMs(ctx.now(), -30_000)} order by touched_at limit 20`;
    for (const row of files) await ctx.enqueue(tx, "onec.file", { fileId: row.id });
    await feedUntold(ctx, tx);
    await feedNewOrders(ctx, tx, null);
    await wakePushes(ctx, tx);
    await forgetEvents(ctx, tx);
    await tx`delete from throttles where key in (select key from throttles where expire < ${ctx.now()} limit 1000)`;
  });
  await markEntrances(ctx);
  await forgetSessions(ctx);
  await forgetMessages(ctx);
  await forgetCalls(ctx);
}
