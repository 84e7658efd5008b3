/** Jobs → verbs. Each handler may run twice. */
import { watchAlerts } from "@/lib/alerts/watch-alerts.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { watchDisputes } from "@/lib/disputes/index.ts";
import { pushFeed, pushSoon, watchFeed } from "@/lib/feed/index.ts";
import { workReceipt } from "@/lib/fiscal/index.ts";
import { watchHolds, workHold } from "@/lib/holds/index.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { renderInvoice } from "@/lib/invoices/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import type { Handlers } from "@/lib/jobs/index.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { sendLetter } from "@/lib/letters/index.ts";
import { watchConflicts } from "@/lib/onec/inbox/index.ts";
import { finishIdleFile } from "@/lib/onec/index.ts";
import { notifyPaid, oweNotice } from "@/lib/onec/paykeeper/index.ts";
import { matchOrphan, offerStore, pollAttempt, withdrawLiveAttempt } from "@/lib/payments/index.ts";
import { fetchLater, reconcileLater, startNight } from "@/lib/reconciliation/index.ts";
import { rehearseOrders } from "@/lib/rehearsal/index.ts";
import { absorbLater, refundByPolicy, watchRefunds, workRefund } from "@/lib/refunds/index.ts";

/** The paid letter waits so long for the receipt that it links to. */
const LETTER_PATIENCE_MS = 3 * MINUTE_MS;

export function createHandlers(ctx: Ctx): Handlers {
  return {
    "money.captured": async ({ factId }) => {
      await startOwed(ctx, factId);
      await refundByPolicy(ctx, factId);
    },
    "receipt.work": ({ receiptId, stepNo }) => workReceipt(ctx, receiptId, stepNo),
    "attempt.poll": ({ attemptId, pollNo }) => pollAttempt(ctx, attemptId, pollNo),
    "attempt.withdraw": ({ attemptId }) => withdrawLiveAttempt(ctx, attemptId),
    "refund.work": ({ refundId, stepNo }) => workRefund(ctx, refundId, stepNo),
    "refund.absorb": ({ connectionId, providerPaymentId }) => absorbLater(ctx, connectionId, providerPaymentId),
    "hold.work": ({ operationId, stepNo }) => workHold(ctx, operationId, stepNo),
    "links.offer": (input) => offerStore(ctx, input),
    "orders.rehearse": ({ orderIds }) => rehearseOrders(ctx, orderIds),
    "letter.send": ({ letterId }) => sendLetter(ctx, letterId),
    "invoice.render": ({ invoiceId }) => renderInvoice(ctx, invoiceId),
    "feed.push": ({ connectionId }) => pushFeed(ctx, connectionId),
    "bill.notify": ({ factId }) => notifyPaid(ctx, factId),
    "onec.file": ({ fileId }) => finishIdleFile(ctx, fileId),
    "inbox.match": ({ inboxId, providerPaymentId }) => matchOrphan(ctx, inboxId, providerPaymentId),
    "registry.fetch": (input) => fetchLater(ctx, input),
    "registry.nightly": () => startNight(ctx),
    "reconcile.run": ({ scope }) => reconcileLater(ctx, scope),
    "alerts.watch": async () => {
      await watchAlerts(ctx);
      await watchRefunds(ctx);
      await watchHolds(ctx);
      await watchDisputes(ctx);
      await watchConflicts(ctx);
      await watchFeed(ctx);
    },
    "invariants.check": async () => void (await checkInvariants(ctx)),
    "janitor.sweep": () => sweep(ctx),
  };
}

/** Starts the jobs of what a capture owes: one job in the capture's transaction instead of three keeps that door fast. */
async function startOwed(ctx: Ctx, factId: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const receipts = await tx<{ id: string; stepNo: number }[]>`select id, step_no from receipts where fact_id = ${factId} and state = 'planned'`;
    for (const receipt of receipts) await ctx.enqueue(tx, "receipt.work", { receiptId: receipt.id, stepNo: receipt.stepNo });
    const letters = await tx<{ id: string }[]>`select id from letters where dedupe_key = ${`paid:${factId}`} and state = 'queued'`;
    for (const letter of letters) await ctx.enqueue(tx, "letter.send", { letterId: letter.id }, { startAfter: addMs(ctx.now(), LETTER_PATIENCE_MS) });
    const orders = await tx<{ orderId: string }[]>`select distinct order_id from allocations where fact_id = ${factId} and order_id is not null limit 20`;
    for (const { orderId } of orders) await pushSoon(ctx, tx, orderId);
    await oweNotice(ctx, tx, factId);
    // A snapshot is confirmed by reading back (README decision 3).
    const [attempt] = await tx<{ attemptId: string }[]>`
      select a.id as attempt_id from money_facts f join payment_attempts a on a.id = f.attempt_id where f.id = ${factId} and a.confirmed_by_read_at is null`;
    if (attempt) await ctx.enqueue(tx, "attempt.poll", { attemptId: attempt.attemptId, pollNo: null });
  });
}
