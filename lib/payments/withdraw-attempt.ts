import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";
import { lockAttempt } from "./lock-attempt.ts";
import { readAttempt } from "./poll-attempt.ts";
import { cancelLive } from "./settle-live-attempt.ts";
import type { Live } from "./settle-live-attempt.ts";
import { isLive, liveAttemptStates } from "./states.ts";
import type { AttemptState } from "./states.ts";
import { viewAttempt } from "./view-attempt.ts";

/** A withdrawal that the bank left without an answer is tried again after this pause. */
const PAUSE_MS = 2 * MINUTE_MS;

type Row = Omit<Live, "state"> & {
  state: AttemptState;
  isSuperseded: boolean;
  lifecycle: Lifecycle;
  isPosted: boolean;
  onecPaymentNumber: string | null;
  totalKopecks: bigint;
  capturedKopecks: bigint;
  reversedKopecks: bigint;
  refundedKopecks: bigint;
  chargedBackKopecks: bigint;
  goodsReturnedKopecks: bigint;
};

/**
 * Job: the order was changed, cancelled or paid elsewhere after this attempt began. Money that came is recorded; an unpaid
 * attempt is cancelled at the provider (CML-21). Throws while the outcome is unknown, so that the job comes again.
 */
export async function withdrawLiveAttempt(ctx: Ctx, attemptId: string): Promise<void> {
  const [row] = await ctx.database.sql<Row[]>`
    select a.id as attempt_id, a.connection_id, a.order_id, a.method, a.amount_kopecks, a.state, a.is_superseded, a.go_target is not null as has_go, a.expires_at,
           o.lifecycle, o.is_posted, o.onec_payment_number, o.total_kopecks, o.captured_kopecks, o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks, o.goods_returned_kopecks
      from payment_attempts a join orders o on o.id = a.order_id where a.id = ${attemptId}`;
  if (!row || row.isSuperseded || !isLive(row.state)) return;
  const { dueKopecks } = orderBalance(row);
  // 1C may have taken its change back meanwhile.
  if (row.isPosted && row.onecPaymentNumber === null && dueKopecks === row.amountKopecks) return;
  const seen = await readAttempt(ctx, attemptId);
  if (seen === "paid") return;
  const { state } = await viewAttempt(ctx, attemptId);
  if (!isLive(state)) return;
  // Held money is let go when nothing is owed any more; a changed sum is for people: they take less, or let it go (LOST-31).
  if (state === "authorized") return announceHold(ctx, attemptId);
  if (seen === "unknown" || state === "unknown" || state === "created") throw new Error(`attempt ${attemptId} cannot be withdrawn while its outcome is unknown`);
  await cancelLive(ctx, row);
  ctx.hint(row.orderId);
}

async function announceHold(ctx: Ctx, attemptId: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const attempt = await lockAttempt(tx, { attemptId });
    if (attempt?.state === "authorized") await ctx.announce(ctx, tx, { type: "money.held", attemptId, amountKopecks: attempt.onHoldKopecks, order: attempt.order, isLate: false });
  });
}

/**
 * For the janitor: live attempts whose order may not be paid any more, or whose sum is not what is due, get their job again,
 * however long the bank was silent (CML-21, LOST-07).
 */
export async function withdrawStale(ctx: Ctx, tx: Tx, limit: number): Promise<void> {
  const before = addMs(ctx.now(), -PAUSE_MS);
  const stale = await tx<{ id: string }[]>`
    select a.id from payment_attempts a join orders o on o.id = a.order_id
     where not a.is_superseded and a.state = any(${liveAttemptStates as unknown as string[]}) and a.created_at < ${before}
       and (a.state <> 'authorized' or o.lifecycle in ('cancelled', 'deleted'))
       and (a.last_polled_at is null or a.last_polled_at < ${before})
       and a.amount_kopecks <> case when o.lifecycle in ('cancelled', 'deleted') or not o.is_posted or o.onec_payment_number is not null then 0
             else greatest(0, o.total_kopecks - o.goods_returned_kopecks - o.captured_kopecks + o.reversed_kopecks + o.refunded_kopecks + o.charged_back_kopecks) end
     order by a.last_polled_at nulls first, a.created_at limit ${limit}`;
  for (const { id } of stale) await ctx.enqueue(tx, "attempt.withdraw", { attemptId: id });
}
