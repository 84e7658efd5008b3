import type { Tx } from "@/db/index.ts";
import type { DomainError } from "@/lib/kit/errors.ts";
import { conflict } from "@/lib/kit/errors.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";
import { openDisputeStates } from "@/lib/disputes/states.ts";

type Facts = { environment: "test" | "live" | null; liveWorld: boolean; amountAlert: boolean; amountMismatch: boolean; dispute: boolean };

/**
 * Why a locked payment may not be given back now, or null: another world (PAY-03, LOST-27), a sum the bank and we disagree about
 * (PAY-16), an open dispute. The error's `details.reason` names the case.
 */
export async function blockOf(tx: Tx, payment: LockedPayment, order: LockedOrder | null): Promise<DomainError | null> {
  const [facts] = await tx<Facts[]>`
    select (select c.environment from connections c where c.id = ${payment.connectionId}::uuid and c.kind = 'acquirer') as environment,
           exists (select 1 from connections c where c.kind = 'acquirer' and c.enabled and c.environment = 'live') as live_world,
           exists (select 1 from alerts a where a.code = 'ALR-16' and a.object_key = ${`attempt:${payment.attemptId ?? ""}:amount`} and a.state <> 'resolved') as amount_alert,
           exists (select 1 from discrepancies d where d.fact_id = ${payment.factId} and d.class = 'AMOUNT_MISMATCH' and d.state = 'open') as amount_mismatch,
           exists (select 1 from disputes s where s.payment_fact_id = ${payment.factId} and s.state = any(${openDisputeStates as unknown as string[]})) as dispute`;
  const { environment, liveWorld, amountAlert, amountMismatch, dispute } = facts!;
  const isMixed = (environment !== null && (environment === "test") !== payment.isTest) || (order !== null && order.isTest !== payment.isTest);
  if (isMixed || (payment.isTest && liveWorld)) return conflict("Это тестовый платёж: настоящие деньги по нему не возвращают", { reason: "test_payment" });
  if (amountAlert || amountMismatch) return conflict("Суммы платежа у нас и в банке расходятся: сначала разберите расхождение, потом возвращайте", { reason: "amount_mismatch" });
  if (dispute) return conflict("По платежу открыт спор в банке покупателя: дождитесь его решения, иначе деньги уйдут дважды", { reason: "dispute" });
  return null;
}
