import { newId } from "@/lib/kit/ids.ts";
import type { OrderDraft } from "@/lib/onec/wire/index.ts";
import { openAttempt, readAttempt } from "@/lib/payments/index.ts";
import { anOrder } from "./an-order.ts";
import type { GivenOrder, MadeOrder } from "./an-order.ts";
import { upload } from "./drafts.ts";
import { drainJobs } from "./drain-jobs.ts";
import type { MoneyWorld } from "./money-world.ts";

export type PaidOrder = MadeOrder & { attemptId: string; factId: string; bankPaymentId: string };

/** An order paid at the sandbox bank through our own doors, confirmed and with its receipt job done. */
export async function aPaidOrder(t: MoneyWorld, given: Partial<GivenOrder> & { method?: "card" | "sbp"; contact?: string } = {}): Promise<PaidOrder> {
  const { method = "card", contact, ...rest } = given;
  const order = await anOrder(t, { ...t.shop, ...rest });
  const { attemptId } = await t.pay(order, method, contact);
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success", method });
  await readAttempt(t.ctx, attemptId);
  await drainJobs(t, { mayFail: true });
  return { ...order, attemptId, ...(await paymentOf(t, attemptId)) };
}

/** Paid twice by card: the second payment is the buyer's surplus. */
export async function paidTwice(t: MoneyWorld): Promise<MadeOrder & { first: string; second: string }> {
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "card");
  const invoice = await t.bankId(attemptId);
  await t.sandbox.control(`pay/${invoice}`, { outcome: "success" });
  await t.advance(3);
  await t.sandbox.control(`pay/${invoice}`, { outcome: "success", late: true });
  await letTimePass(t, 60);
  const facts = await t.ctx.database.sql<{ id: string }[]>`
    select f.id from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${order.orderId} and f.kind = 'payment_captured' order by f.occurred_at`;
  return { ...order, first: facts[0]!.id, second: facts[1]!.id };
}

/** An order of 1C, uploaded and paid by card on the site. */
export async function paidByCard(t: MoneyWorld, draft: OrderDraft): Promise<string> {
  const [result] = await upload(t, t.shop, draft);
  const orderId = result!.orderId!;
  const [link] = await t.ctx.database.sql<{ id: string }[]>`select id from payment_links where order_id = ${orderId} and state = 'active'`;
  const { attemptId } = await openAttempt(t.ctx, { linkId: link!.id, orderId, method: "card", contact: "a@b.ru", amountSeenKopecks: draft.totalKopecks, formKey: newId(), returnUrl: "https://pay.test/x" });
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  await letTimePass(t, 20);
  return orderId;
}

/** The booked payment of an attempt. */
export async function paymentOf(t: Pick<MoneyWorld, "ctx">, attemptId: string): Promise<{ factId: string; bankPaymentId: string }> {
  const [fact] = await t.ctx.database.sql<{ factId: string; bankPaymentId: string }[]>`
    select id as fact_id, provider_payment_id as bank_payment_id from money_facts where attempt_id = ${attemptId} and kind = 'payment_captured' order by recorded_at limit 1`;
  return fact!;
}

/** Lets time pass in steps, so that each job runs when it is due; the bank's own timers run in between. */
export async function letTimePass(t: MoneyWorld, seconds: number, stepSeconds = 5): Promise<void> {
  for (let passed = 0; passed < seconds; passed += stepSeconds) {
    await drainJobs(t, { mayFail: true });
    await t.advance(stepSeconds);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await drainJobs(t, { mayFail: true });
}

export type BankRefund = { id: string; paymentId: string; amount: string; status: string };

/** Refunds as the bank's cabinet has them. */
export async function bankRefunds(t: MoneyWorld, bankPaymentId: string): Promise<BankRefund[]> {
  const { refunds } = await t.sandbox.read<{ refunds: BankRefund[] }>("paykeeper/state");
  return refunds.filter((refund) => refund.paymentId === bankPaymentId);
}
