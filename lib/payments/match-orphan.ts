import type { SeenPayment } from "@/lib/acquirers/acquirer.ts";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import type { Tx } from "@/db/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import type { InboxResult } from "@/lib/inbox/index.ts";
import { MINUTE_MS } from "@/lib/kit/time.ts";
import { absorbSeenPayment, isPaidPayment } from "./absorb-payment.ts";
import { applyProviderState } from "./apply-provider-state.ts";
import { lockAttempt } from "./lock-attempt.ts";
import { alertUndecided, paymentKey } from "./undecided-news.ts";

const CALL_LIMIT_MS = 20_000;
/** A bank's lists may lag behind its notification so long; then a person hears of it. */
const PATIENCE_MS = 10 * MINUTE_MS;

/** Only these say for sure that there is no money; anything else is asked about again. */
const noMoney: readonly SeenPayment["state"][] = ["declined", "canceled", "expired"];

const notRoubles = "деньги не в рублях не учтены";

/** `isSettled`: the alert of this payment ends; money without an order keeps it until a person has bound it. */
type Verdict = { result: InboxResult; text: string | null; orderId: string | null; isSettled: boolean };

/**
 * Job: authentic news of money that fits no attempt. The provider is asked for that very payment; then it goes to its attempt
 * when the true reference names one (LOST-04, LOST-06), else it is recorded as money without an order (LOST-20). While the
 * provider cannot tell, the news stays open: the janitor asks again, and a person is told after ten minutes.
 */
export async function matchOrphan(ctx: Ctx, inboxId: string, providerPaymentId: string): Promise<void> {
  const { sql } = ctx.database;
  const [message] = await sql<{ connectionId: string; receivedAt: Date; orderId: string | null }[]>`
    select connection_id, received_at, order_id from inbox_messages where id = ${inboxId} and result in ('received', 'orphan')`;
  if (!message) return;
  const connection = await loadConnection(ctx, message.connectionId);
  const seen = await acquirerOf(connection, ctx.now).look({ reference: "", providerInvoiceId: null, providerPaymentId, createdAt: message.receivedAt }, AbortSignal.timeout(CALL_LIMIT_MS));
  const orderId = await inTransaction(ctx, async (tx) => {
    const verdict = seen.kind === "done" ? await judge(ctx, tx, connection, seen.value) : null;
    if (!verdict) {
      const news = { inboxId, connectionId: connection.id, connectionName: connection.name, orderId: message.orderId, providerPaymentId };
      if (ctx.now().getTime() - message.receivedAt.getTime() > PATIENCE_MS) await alertUndecided(ctx, tx, news);
      return null;
    }
    await tx`
      update inbox_messages set result = ${verdict.result}, result_text = ${verdict.text}, order_id = coalesce(${verdict.orderId}, order_id), handled_at = ${ctx.now()}
       where id = ${inboxId}`;
    if (verdict.isSettled) await resolveAlert(ctx, tx, "ALR-16", paymentKey(connection.id, providerPaymentId));
    return verdict.orderId;
  });
  if (orderId) ctx.hint(orderId);
}

/** What the provider's answer means; null = nothing certain. */
async function judge(ctx: Ctx, tx: Tx, connection: OpenConnection, payment: SeenPayment): Promise<Verdict | null> {
  if (noMoney.includes(payment.state)) return { result: "rejected", text: `банк не подтвердил платёж: ${payment.rawState.slice(0, 60)}`, orderId: null, isSettled: true };
  if (payment.state === "held" && payment.reference !== null) {
    const holder = await lockAttempt(tx, { connectionId: connection.id, reference: payment.reference });
    if (!holder) return null;
    await applyProviderState(ctx, tx, holder, payment, "read");
    return { result: "applied", text: "банк заблокировал деньги", orderId: holder.order.orderId, isSettled: true };
  }
  if (!isPaidPayment(payment)) return null;
  const { became, orderId } = await absorbSeenPayment(ctx, tx, connection, payment);
  // Odd money of a known order has alerts of its own.
  if (became === "attempt") return payment.currency === "RUB" ? { result: "applied", text: null, orderId, isSettled: true } : { result: "rejected", text: notRoubles, orderId, isSettled: true };
  if (became === "currency") return { result: "rejected", text: notRoubles, orderId: null, isSettled: false };
  return { result: "applied", text: became === "recorded" ? "деньги без заказа записаны как аванс" : "деньги учтены раньше", orderId: null, isSettled: false };
}
