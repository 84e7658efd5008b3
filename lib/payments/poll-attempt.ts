import type { SeenPayment } from "@/lib/acquirers/acquirer.ts";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { DAY_MS } from "@/lib/kit/time.ts";
import { applyProviderState } from "./apply-provider-state.ts";
import { lockAttempt } from "./lock-attempt.ts";
import { nextLateReadAt, nextPollAt } from "./poll-plan.ts";
import { callProvider } from "./record-opened.ts";
import { isLive } from "./states.ts";
import type { AttemptState } from "./states.ts";

type Row = {
  attemptId: string;
  orderId: string;
  connectionId: string;
  state: AttemptState;
  reference: string;
  providerInvoiceId: string | null;
  providerPaymentId: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  finishedAt: Date | null;
  pollCount: number;
  confirmedByReadAt: Date | null;
  amountKopecks: bigint;
  orderNumber: string;
};

const find = async (ctx: Ctx, attemptId: string): Promise<Row | null> => {
  const [row] = await ctx.database.sql<Row[]>`
    select a.id as attempt_id, a.order_id, a.connection_id, a.state, a.reference, a.provider_invoice_id, a.provider_payment_id, a.created_at, a.expires_at, a.finished_at,
           a.poll_count, a.confirmed_by_read_at, a.amount_kopecks, o.number as order_number
      from payment_attempts a join orders o on o.id = a.order_id where a.id = ${attemptId}`;
  return row ?? null;
};

/**
 * Asks the provider about one attempt and applies the answer. `paid`, `not_paid`, or `unknown` when the provider could not
 * tell: then nothing changed. The return page, a new attempt and the poller all come through here.
 */
export async function readAttempt(ctx: Ctx, attemptId: string): Promise<"paid" | "not_paid" | "unknown"> {
  const seen = await seeAttempt(ctx, attemptId);
  if (!seen) return "unknown";
  return seen.state === "paid" ? "paid" : "not_paid";
}

/** The same with the provider's own words; null when it could not tell, or told of a stranger's payment. */
export async function seeAttempt(ctx: Ctx, attemptId: string): Promise<SeenPayment | null> {
  const row = await find(ctx, attemptId);
  if (!row) return null;
  const connection = await loadConnection(ctx, row.connectionId);
  const outcome = await callProvider(ctx, row, "look", (signal) => acquirerOf(connection, ctx.now).look(row, signal));
  await ctx.database.sql`update payment_attempts set last_polled_at = ${ctx.now()} where id = ${attemptId}`;
  if (outcome.kind !== "done") return null;
  const changed = await inTransaction(ctx, async (tx) => {
    const attempt = await lockAttempt(tx, { attemptId });
    return attempt ? applyProviderState(ctx, tx, attempt, outcome.value, "read") : false;
  });
  if (changed) ctx.hint(row.orderId);
  const { reference } = outcome.value;
  // A stranger's payment under our id: nothing is known of ours.
  return reference !== null && reference !== row.reference ? null : outcome.value;
}

/** Job: one step of the plan PAY-13; `pollNo` null = once, now. A step that is not the attempt's next one is an old chain. */
export async function pollAttempt(ctx: Ctx, attemptId: string, pollNo: number | null): Promise<void> {
  const before = await find(ctx, attemptId);
  if (!before || (pollNo !== null && pollNo !== before.pollCount)) return;
  if (before.state !== "succeeded" || before.confirmedByReadAt === null) await readAttempt(ctx, attemptId);
  if (pollNo === null) return;
  const after = await find(ctx, attemptId);
  if (after) await planNext(ctx, after);
}

async function planNext(ctx: Ctx, row: Row): Promise<void> {
  const now = ctx.now();
  const open = isLive(row.state) || (row.state === "succeeded" && row.confirmedByReadAt === null);
  // A declined, expired or withdrawn payment may still turn into money (late success): watched until a day after its limit.
  const late = !open && row.state !== "succeeded" && now.getTime() < (row.expiresAt?.getTime() ?? row.createdAt.getTime()) + DAY_MS;
  const next = open ? nextPollAt(row.pollCount + 1, now, row.createdAt, row.expiresAt) : late ? nextLateReadAt(now, row.finishedAt ?? now) : null;
  await inTransaction(ctx, async (tx) => {
    const [stepped] = await tx`
      update payment_attempts set poll_count = poll_count + 1, next_poll_at = ${next} where id = ${row.attemptId} and poll_count = ${row.pollCount} returning id`;
    if (!stepped) return;
    if (next) await ctx.enqueue(tx, "attempt.poll", { attemptId: row.attemptId, pollNo: row.pollCount + 1 }, { startAfter: next });
    if (!isLive(row.state)) await resolveAlert(ctx, tx, "ALR-03", `attempt:${row.attemptId}`);
    else if (!next) {
      await raiseAlert(ctx, tx, {
        code: "ALR-03",
        objectKey: `attempt:${row.attemptId}`,
        orderId: row.orderId,
        severity: "P1",
        amountKopecks: row.amountKopecks,
        title: `Неделю нет ответа о платеже по заказу №\u00A0${row.orderNumber}`,
        advice: "Найдите платёж в кабинете банка и решите, что с ним стало. Сами больше не спрашиваем.",
      });
    }
  });
}
