import type { SeenRefund } from "@/lib/acquirers/acquirer.ts";
import type { Tx } from "@/db/index.ts";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { sum } from "@/lib/kit/money.ts";
import type { Outcome } from "@/lib/kit/outcome.ts";
import { MINUTE_MS, SECOND_MS, addMs } from "@/lib/kit/time.ts";
import { callProvider } from "@/lib/payments/record-opened.ts";
import { blockOf } from "./blocks.ts";
import { lockRefund, lockRefundsOf } from "./lock-refund.ts";
import type { LockedRefund, RefundRow } from "./lock-refund.ts";
import { ABSENCES_NEEDED, absenceDelayMs, refundPollDelayMs } from "./poll-plan.ts";
import { overLimit, refundableOf, surplusRefusal } from "./refundable.ts";
import { settleListed } from "./settle-listed.ts";
import { failRefund, stepRefund } from "./settle-refund.ts";

/** Longer than the calls of one step last together: a worker that died holding the step is forgotten then. */
const STEP_LIMIT_MS = 2 * MINUTE_MS;
/** The provider could not tell: ask again. */
const ASK_AGAIN_MS = MINUTE_MS;
/** Another refund of the payment is on its way: this one waits for it. */
const TURN_MS = 30 * SECOND_MS;
/** These say that the refund was not done now, not that it never will be; so often it goes out again. */
const transient = new Set(["auth", "auth_or_protocol", "transient", "wrong_state", "config"]);
const ROUNDS = 6;

type Claimed = { refundId: string; orderId: string | null; connectionId: string; providerPaymentId: string; paymentFactId: string; amountKopecks: bigint; stepNo: number; wasSent: boolean };

/**
 * Job: one step of a refund at its provider. What the provider lists is read before anything is sent and after every doubt; a refund of
 * unknown fate goes out again, as the same row, only when the list proved twice that it is not there (2.5, LOST-10). A `stepNo` that is
 * not the refund's next step is an old chain and does nothing.
 */
export async function workRefund(ctx: Ctx, refundId: string, stepNo: number): Promise<void> {
  const claimed = await claim(ctx, refundId, stepNo);
  if (!claimed) return;
  const listed = await list(ctx, claimed);
  const next = await inTransaction(ctx, (tx) => decide(ctx, tx, claimed, listed));
  if (next) await send(ctx, claimed, next);
  if (claimed.orderId) ctx.hint(claimed.orderId);
}

/** Takes the step: the row says until when, so that a second job finds nothing and the janitor knows when the first one died. */
async function claim(ctx: Ctx, refundId: string, stepNo: number): Promise<Claimed | null> {
  return inTransaction(ctx, async (tx) => {
    const [row] = await tx<(Claimed & { state: string })[]>`
      update refunds r set step_no = r.step_no + 1, next_try_at = ${addMs(ctx.now(), STEP_LIMIT_MS)} from money_facts f
       where r.id = ${refundId} and r.step_no = ${stepNo} and r.method = 'instrument' and r.state in ('approved', 'submitting', 'unknown', 'pending') and f.id = r.payment_fact_id
         and f.connection_id is not null and f.provider_payment_id is not null
      returning r.id as refund_id, r.order_id, f.connection_id, f.provider_payment_id, f.id as payment_fact_id, r.amount_kopecks, r.step_no, r.state <> 'approved' as was_sent`;
    return row ?? null;
  });
}

async function list(ctx: Ctx, claimed: Claimed): Promise<Outcome<SeenRefund[]>> {
  const connection = await loadConnection(ctx, claimed.connectionId);
  const about = { subjectId: claimed.refundId, orderId: claimed.orderId, connectionId: claimed.connectionId };
  return callProvider(ctx, about, "refunds", (signal) => acquirerOf(connection, ctx.now).listRefunds(claimed.providerPaymentId, signal));
}

type Send = { stepNo: number; partial: boolean };

/** Under lock, with the list in hand: what is the next step; a `Send` is committed as `submitting` before the call. */
async function decide(ctx: Ctx, tx: Tx, claimed: Claimed, listed: Outcome<SeenRefund[]>): Promise<Send | null> {
  if (listed.kind === "done") await settleListed(ctx, tx, claimed.paymentFactId, listed.value);
  const locked = await lockRefund(tx, claimed.refundId);
  const { refund } = locked;
  // The list, or another hand, moved it on.
  if (refund.stepNo !== claimed.stepNo) return null;
  if (listed.kind !== "done") {
    await stepRefund(ctx, tx, refund, { state: refund.state === "submitting" ? "unknown" : stay(refund), next: ASK_AGAIN_MS, failText: listed.message, ...(refund.state === "submitting" && { event: "refund.unknown" }) });
    return null;
  }
  switch (refund.state) {
    case "approved":
      return submit(ctx, tx, locked, listed.value);
    case "submitting":
      // The worker that sent it died before it heard the answer.
      await stepRefund(ctx, tx, refund, { state: "unknown", event: "refund.unknown", next: absenceDelayMs(0), polls: 0 });
      return null;
    case "unknown":
      return absent(ctx, tx, locked, listed.value);
    case "pending":
      await stepRefund(ctx, tx, refund, { state: "pending", next: refundPollDelayMs(refund.pollCount + 1), polls: refund.pollCount + 1 });
      return null;
    default:
      return null;
  }
}

const stay = (refund: RefundRow) => refund.state as "approved" | "unknown" | "pending";

/** The list was read and has nothing of ours. */
async function absent(ctx: Ctx, tx: Tx, locked: LockedRefund, listed: readonly SeenRefund[]): Promise<Send | null> {
  const { refund } = locked;
  const absences = refund.pollCount + 1;
  if (absences % ABSENCES_NEEDED === 0) return submit(ctx, tx, locked, listed, absences);
  await stepRefund(ctx, tx, refund, { state: "unknown", next: absenceDelayMs(absences), polls: absences });
  return null;
}

/** The last look before the money goes: the same rules as at the request, under lock (LOST-10). */
async function submit(ctx: Ctx, tx: Tx, locked: LockedRefund, listed: readonly SeenRefund[], polls = 0): Promise<Send | null> {
  const { refund, payment, order } = locked;
  const others = (await lockRefundsOf(tx, payment!.factId)).filter((each) => each.refundId !== refund.refundId);
  if (others.some((each) => each.state === "submitting" || each.state === "unknown" || each.state === "pending")) {
    await stepRefund(ctx, tx, refund, { state: refund.state === "approved" ? "approved" : "unknown", next: TURN_MS, polls: refund.pollCount });
    return null;
  }
  const block = await blockOf(tx, payment!, order);
  const freeKopecks = await refundableOf(tx, { payment, order }, refund.refundId);
  const refusal = block ?? (refund.amountKopecks > freeKopecks ? overLimit(freeKopecks) : await surplusRefusal(tx, { order, ...refund }, refund.refundId));
  if (refusal) {
    await failRefund(ctx, tx, locked, { code: refusal.details["reason"] ?? refusal.code, text: refusal.message });
    return null;
  }
  const knownBefore = listed.map((seen) => seen.providerRefundId).filter((id) => id !== null);
  const stepNo = await stepRefund(ctx, tx, refund, { state: "submitting", event: "refund.submitted", next: STEP_LIMIT_MS, polls, knownBefore });
  // The provider counts what is left at its side, not what is promised at ours.
  const leftThere = payment!.amountKopecks - sum(listed.filter((seen) => seen.state !== "refused").map((seen) => seen.amountKopecks));
  return { stepNo, partial: refund.amountKopecks !== leftThere };
}

async function send(ctx: Ctx, claimed: Claimed, { stepNo, partial }: Send): Promise<void> {
  const connection = await loadConnection(ctx, claimed.connectionId);
  const { refundId, providerPaymentId, amountKopecks } = claimed;
  const about = { subjectId: refundId, orderId: claimed.orderId, connectionId: claimed.connectionId };
  const outcome = await callProvider(ctx, about, "refund", (signal) => acquirerOf(connection, ctx.now).refund({ refundId, providerPaymentId, amountKopecks, partial }, signal));
  await inTransaction(ctx, async (tx) => {
    const locked = await lockRefund(tx, refundId);
    const { refund } = locked;
    // Its answer may have been read from the provider's list by another hand already.
    if (refund.state !== "submitting" || refund.stepNo !== stepNo) return;
    if (outcome.kind === "done") {
      const { providerRefundId } = outcome.value;
      await stepRefund(ctx, tx, refund, { state: "pending", event: "refund.accepted", next: refundPollDelayMs(0), polls: 0, ...(providerRefundId !== null && { providerRefundId }) });
      return;
    }
    const mayComeRight = outcome.kind === "refused" && transient.has(outcome.code) && refund.pollCount < ROUNDS * ABSENCES_NEEDED;
    if (outcome.kind === "refused" && !mayComeRight) {
      await failRefund(ctx, tx, locked, { code: outcome.code, text: `банк отказал: ${outcome.message}` });
      return;
    }
    // Sent or not sent: the list will tell. Never again under another row or key.
    await stepRefund(ctx, tx, refund, { state: "unknown", event: "refund.unknown", next: absenceDelayMs(refund.pollCount), failText: outcome.message });
  });
}
