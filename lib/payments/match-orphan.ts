import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { applyProviderState } from "./apply-provider-state.ts";
import { lockAttempt } from "./lock-attempt.ts";
import { recordUnmatchedCapture } from "./record-unmatched-capture.ts";

const CALL_LIMIT_MS = 20_000;

/**
 * Job: authentic news of money without a known order. The provider is asked for the payment itself; then it goes to its
 * attempt when the true reference names one (LOST-04), else it is recorded as money without an order (LOST-20). Throws while
 * the provider cannot tell; the queue repeats.
 */
export async function matchOrphan(ctx: Ctx, inboxId: string, providerPaymentId: string): Promise<void> {
  const { sql } = ctx.database;
  const [message] = await sql<{ connectionId: string; receivedAt: Date; result: string }[]>`select connection_id, received_at, result from inbox_messages where id = ${inboxId}`;
  if (!message || message.result !== "orphan") return;
  const connection = await loadConnection(ctx, message.connectionId);
  const seen = await acquirerOf(connection, ctx.now).look({ reference: "", providerInvoiceId: null, providerPaymentId, createdAt: message.receivedAt }, AbortSignal.timeout(CALL_LIMIT_MS));
  if (seen.kind !== "done") throw new Error(`payment ${providerPaymentId} cannot be read: ${seen.message}`);
  const payment = seen.value;
  const orderId = await inTransaction(ctx, async (tx) => {
    const close = (result: "applied" | "rejected", text: string | null, order: string | null) =>
      tx`update inbox_messages set result = ${result}, result_text = ${text}, order_id = ${order}, handled_at = ${ctx.now()} where id = ${inboxId}`;
    if (payment.state !== "paid" || payment.amountKopecks === null || payment.providerPaymentId === null) {
      await close("rejected", `банк не подтвердил платёж: ${payment.rawState.slice(0, 60)}`, null);
      return null;
    }
    const attempt = payment.reference === null ? null : await lockAttempt(tx, { connectionId: connection.id, reference: payment.reference });
    if (attempt) {
      await applyProviderState(ctx, tx, attempt, payment, "read");
      await close("applied", null, attempt.order.orderId);
      return attempt.order.orderId;
    }
    await recordUnmatchedCapture(ctx, tx, connection, { ...payment, providerPaymentId: payment.providerPaymentId, amountKopecks: payment.amountKopecks });
    await close("applied", "деньги без заказа записаны как аванс", null);
    return null;
  });
  if (orderId) ctx.hint(orderId);
}
