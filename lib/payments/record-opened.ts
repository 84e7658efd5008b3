import type { OpenedPayment } from "@/lib/acquirers/acquirer.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { setBlocked } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { withHttpTap } from "@/lib/kit/http-tap.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { Outcome } from "@/lib/kit/outcome.ts";
import { unknown } from "@/lib/kit/outcome.ts";
import { saveStatus } from "@/lib/orders/apply-money.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { lockAttempt } from "./lock-attempt.ts";
import { canMove } from "./states.ts";
import type { AttemptState } from "./states.ts";
import { viewAttempt } from "./view-attempt.ts";
import type { AttemptView } from "./view-attempt.ts";

/** A buyer waits for this call: a provider slower than that is `unknown` and is asked about. */
const CALL_LIMIT_MS = 20_000;
const TEXT_LIMIT = 16_000;

/** What a call is about, for the exchange log: an attempt, or another row (`subjectId`: a refund). */
export type CallSubject = { orderId: string | null; connectionId: string } & ({ attemptId: string } | { subjectId: string });

/**
 * Calls a provider with a time limit and leaves a line in the exchange log (secrets stay in the adapter). Never throws:
 * a bug of the adapter after the call went out is an unknown outcome, not a failure.
 */
export async function callProvider<T>(ctx: Ctx, about: CallSubject, action: string, call: (signal: AbortSignal) => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const startedAt = ctx.now();
  const started = performance.now();
  const { sql } = ctx.database;
  const subjectId = "attemptId" in about ? about.attemptId : about.subjectId;
  const { value: outcome, request, answer } = await withHttpTap(async (): Promise<Outcome<T>> => {
    try {
      return await call(AbortSignal.timeout(CALL_LIMIT_MS));
    } catch (error) {
      ctx.log.error({ err: error, action, subjectId }, "acquirer call threw");
      return unknown(error instanceof Error ? error.message : String(error));
    }
  });
  await sql`
    insert into exchange_log (id, connection_id, order_id, subject_id, at, action, request, answer, outcome, duration_ms)
    values (${newId()}, ${about.connectionId}, ${about.orderId}, ${subjectId}, ${startedAt}, ${`acquirer.${action}`}, ${request.slice(0, TEXT_LIMIT)},
      ${answer.slice(0, TEXT_LIMIT)}, ${outcome.kind}, ${Math.round(performance.now() - started)})`;
  // An answer of any kind ends an outage: pages offer the method again.
  if (outcome.kind === "done") await resolveAlert(ctx, sql, "ALR-01", `connection:${about.connectionId}`);
  return outcome;
}

const moveTo: Record<Outcome<unknown>["kind"], AttemptState> = { done: "pending", refused: "failed", unreached: "failed", unknown: "unknown" };

/**
 * Writes what became of the create call. A notification may have been quicker (LOST-04): then the attempt is ahead and only
 * its provider ids are filled in.
 */
export async function recordOpened(ctx: Ctx, attemptId: string, outcome: Outcome<OpenedPayment>): Promise<AttemptView> {
  const orderId = await inTransaction(ctx, async (tx) => {
    const attempt = await lockAttempt(tx, { attemptId });
    if (!attempt) return null;
    if (outcome.kind === "done") {
      const { providerInvoiceId, providerPaymentId, go } = outcome.value;
      await tx`update payment_attempts set provider_invoice_id = ${providerInvoiceId}, provider_payment_id = coalesce(provider_payment_id, ${providerPaymentId}),
          go_kind = ${go.kind}, go_target = ${go.kind === "qr" ? go.payload : go.url} where id = ${attemptId}`;
    }
    const to = moveTo[outcome.kind];
    if (!canMove(attempt.state, to) || attempt.state !== "created") return attempt.order.orderId;
    await Promise.all([
      tx`update payment_attempts set state = ${to}, fail_code = ${outcome.kind === "refused" ? outcome.code : outcome.kind === "unreached" ? "unreached" : null},
           fail_class = ${to === "failed" ? "technical" : null}, finished_at = ${to === "failed" ? ctx.now() : null} where id = ${attemptId}`,
      saveStatus(ctx, tx, attempt.order, to !== "failed"),
      recordEvent(ctx, tx, {
        orderId: attempt.order.orderId,
        kind: to === "pending" ? "attempt.opened" : to === "unknown" ? "attempt.unknown" : "attempt.declined",
        subjectId: attemptId,
        amountKopecks: attempt.amountKopecks,
        detail: { method: attempt.method, provider: attempt.provider, reason: outcome.kind === "done" ? null : outcome.message.slice(0, 300), declineClass: to === "failed" ? "technical" : null },
      }),
    ]);
    return attempt.order.orderId;
  });
  if (orderId) ctx.hint(orderId);
  await watchProvider(ctx, attemptId, outcome);
  return viewAttempt(ctx, attemptId);
}

/** ALR-01: the provider fails, or refuses our credentials. */
async function watchProvider(ctx: Ctx, attemptId: string, outcome: Outcome<unknown>): Promise<void> {
  const { sql } = ctx.database;
  const [row] = await sql<{ connectionId: string; name: string }[]>`
    select c.id as connection_id, c.name from payment_attempts a join connections c on c.id = a.connection_id where a.id = ${attemptId}`;
  if (!row) return;
  if (outcome.kind === "done") {
    await setBlocked(ctx, row.connectionId, null);
    return;
  }
  const credentials = outcome.kind === "refused" && (outcome.code === "auth" || outcome.code === "auth_or_protocol");
  if (credentials) await setBlocked(ctx, row.connectionId, outcome.message);
  const last = await sql<{ state: AttemptState; failCode: string | null }[]>`
    select state, fail_code from payment_attempts where connection_id = ${row.connectionId} order by created_at desc limit 3`;
  const inARow = last.length === 3 && last.every((a) => a.state === "unknown" || (a.state === "failed" && a.failCode === "unreached"));
  if (!credentials && !inARow) return;
  await raiseAlert(ctx, sql, {
    code: "ALR-01",
    objectKey: `connection:${row.connectionId}`,
    severity: "P1",
    title: credentials ? `«${row.name}» не принимает наш логин и пароль` : `«${row.name}» не отвечает: три неудачных обращения подряд`,
    advice: credentials ? "Проверьте логин и пароль в настройках подключения." : "Проверьте связь с банком. Покупатели видят, что способ временно недоступен.",
  });
}
