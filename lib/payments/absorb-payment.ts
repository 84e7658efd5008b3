import type { SeenPayment } from "@/lib/acquirers/acquirer.ts";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import type { Tx } from "@/db/index.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { applyProviderState } from "./apply-provider-state.ts";
import { lockAttempt } from "./lock-attempt.ts";
import { callProvider } from "./record-opened.ts";
import { recordUnmatchedCapture } from "./record-unmatched-capture.ts";

type Paid = SeenPayment & { providerPaymentId: string; amountKopecks: bigint };
export const isPaidPayment = (payment: SeenPayment): payment is Paid => payment.state === "paid" && payment.amountKopecks !== null && payment.providerPaymentId !== null;

/** `attempt`: its attempt has it; `recorded`: booked as money without an order; `known`: booked before; `currency`: no fact of ours. */
export type Absorbed = { became: "attempt" | "recorded" | "known" | "currency"; orderId: string | null };

/** Paid money as the provider shows it goes to the attempt that its reference names, else it is an advance without an owner (LOST-20). */
export async function absorbSeenPayment(ctx: Ctx, tx: Tx, connection: OpenConnection, payment: Paid): Promise<Absorbed> {
  const attempt = payment.reference === null ? null : await lockAttempt(tx, { connectionId: connection.id, reference: payment.reference });
  if (!attempt) return { became: await recordUnmatchedCapture(ctx, tx, connection, payment), orderId: null };
  await applyProviderState(ctx, tx, attempt, payment, "read");
  return { became: "attempt", orderId: attempt.order.orderId };
}

/**
 * Asks the provider about one payment by its own id and books the money that it proves: for reconciliation (REC-05). `not_money`: the
 * provider surely has none; `unknown`: it could not tell, nothing changed. `seen` is the answer's state.
 */
export async function absorbProviderPayment(ctx: Ctx, connectionId: string, providerPaymentId: string): Promise<{ became: Absorbed["became"] | "not_money" | "unknown"; seen: SeenPayment["state"] | null }> {
  const connection = await loadConnection(ctx, connectionId);
  const ref = { reference: "", providerInvoiceId: null, providerPaymentId, createdAt: ctx.now() };
  const outcome = await callProvider(ctx, { subjectId: connectionId, orderId: null, connectionId }, "look", (signal) => acquirerOf(connection, ctx.now).look(ref, signal));
  if (outcome.kind !== "done") return { became: "unknown", seen: null };
  const payment = outcome.value;
  if (!isPaidPayment(payment) || payment.providerPaymentId !== providerPaymentId) return { became: ["declined", "canceled", "expired"].includes(payment.state) ? "not_money" : "unknown", seen: payment.state };
  const { became, orderId } = await inTransaction(ctx, (tx) => absorbSeenPayment(ctx, tx, connection, payment));
  if (orderId) ctx.hint(orderId);
  return { became, seen: "paid" };
}
