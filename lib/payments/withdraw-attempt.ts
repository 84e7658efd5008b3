import type { Ctx } from "@/lib/context.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";
import { readAttempt } from "./poll-attempt.ts";
import { cancelLive } from "./settle-live-attempt.ts";
import type { Live } from "./settle-live-attempt.ts";
import { isLive } from "./states.ts";
import type { AttemptState } from "./states.ts";
import { viewAttempt } from "./view-attempt.ts";

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
};

/**
 * Job: the order was changed, cancelled or paid elsewhere after this attempt began. Money that came is recorded; an unpaid
 * attempt is cancelled at the provider (CML-21). Throws while the outcome is unknown, so that the job comes again.
 */
export async function withdrawLiveAttempt(ctx: Ctx, attemptId: string): Promise<void> {
  const [row] = await ctx.database.sql<Row[]>`
    select a.id as attempt_id, a.connection_id, a.order_id, a.method, a.amount_kopecks, a.state, a.is_superseded, a.go_target is not null as has_go, a.expires_at,
           o.lifecycle, o.is_posted, o.onec_payment_number, o.total_kopecks, o.captured_kopecks, o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks
      from payment_attempts a join orders o on o.id = a.order_id where a.id = ${attemptId}`;
  if (!row || row.isSuperseded || !isLive(row.state)) return;
  const { dueKopecks } = orderBalance({ ...row, goodsReturnedKopecks: 0n });
  // 1C may have taken its change back meanwhile.
  if (row.isPosted && row.onecPaymentNumber === null && dueKopecks === row.amountKopecks) return;
  const seen = await readAttempt(ctx, attemptId);
  if (seen === "paid") return;
  const { state } = await viewAttempt(ctx, attemptId);
  if (!isLive(state)) return;
  if (seen === "unknown" || state === "unknown" || state === "created") throw new Error(`attempt ${attemptId} cannot be withdrawn while its outcome is unknown`);
  await cancelLive(ctx, row);
  ctx.hint(row.orderId);
}
