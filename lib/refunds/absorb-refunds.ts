import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { callProvider } from "@/lib/payments/record-opened.ts";
import { settleListed } from "./settle-listed.ts";

/**
 * Reads the provider's refunds of one payment and settles every difference: ours that ended, those begun in the provider's cabinet
 * (LOST-11), those that came back (LOST-24). `unknown_payment`: we have no such money yet, record it first (LOST-03); `unknown`: the
 * provider could not tell, nothing changed. Reconciliation and the job `refund.absorb` come through here.
 */
export async function absorbProviderRefunds(ctx: Ctx, connectionId: string, providerPaymentId: string): Promise<"changed" | "same" | "unknown_payment" | "unknown"> {
  const [payment] = await ctx.database.sql<{ factId: string; orderId: string | null }[]>`
    select f.id as fact_id, (select a.order_id from allocations a where a.fact_id = f.id and a.order_id is not null order by a.created_at, a.id limit 1) as order_id
      from money_facts f where f.connection_id = ${connectionId} and f.provider_payment_id = ${providerPaymentId} and f.kind = 'payment_captured' order by f.capture_no limit 1`;
  if (!payment) return "unknown_payment";
  const connection = await loadConnection(ctx, connectionId);
  const listed = await callProvider(ctx, { subjectId: payment.factId, orderId: payment.orderId, connectionId }, "refunds", (signal) => acquirerOf(connection, ctx.now).listRefunds(providerPaymentId, signal));
  if (listed.kind !== "done") return "unknown";
  const changed = await inTransaction(ctx, (tx) => settleListed(ctx, tx, payment.factId, listed.value));
  if (changed && payment.orderId) ctx.hint(payment.orderId);
  return changed ? "changed" : "same";
}

/** Job `refund.absorb`: throws while the provider cannot tell, so that it comes again. */
export async function absorbLater(ctx: Ctx, connectionId: string, providerPaymentId: string): Promise<void> {
  if ((await absorbProviderRefunds(ctx, connectionId, providerPaymentId)) === "unknown") throw new Error(`the refunds of payment ${providerPaymentId} could not be read`);
}
