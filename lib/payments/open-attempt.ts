import type { PayMethod } from "@/lib/acquirers/acquirer.ts";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { violated } from "@/db/index.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { parseContact } from "@/lib/kit/contact.ts";
import { conflict, invalid } from "@/lib/kit/errors.ts";
import { barredPayment, isPaymentBarred, payBarSql } from "@/lib/orders/order-may.ts";
import type { PayBar } from "@/lib/pilot/states.ts";
import { correctContact } from "./correct-contact.ts";
import { createAttempt } from "./create-attempt.ts";
import type { CreatedAttempt } from "./create-attempt.ts";
import { callProvider, recordOpened } from "./record-opened.ts";
import { isOwed, settleLiveAttempt } from "./settle-live-attempt.ts";
import { isLive } from "./states.ts";
import { viewAttempt } from "./view-attempt.ts";
import type { AttemptView } from "./view-attempt.ts";

export type OpenAttempt = {
  linkId: string;
  orderId: string;
  method: PayMethod;
  /** E-mail or phone for the receipt, as typed (FISC-05). */
  contact: string;
  /** What the page showed: another sum now is a conflict, never a silent change. */
  amountSeenKopecks: bigint;
  /** Key of the form: a double click is one attempt. */
  formKey: string;
  returnUrl: string;
};

/**
 * Starts a payment: settles the live attempt if there is one (PAY-14), commits the new row, then calls the provider.
 * Throws `conflict` with details.reason `paid`, `amount_changed`, `not_payable`, `in_progress`; `invalid` for a bad contact.
 */
export async function openAttempt(ctx: Ctx, input: OpenAttempt): Promise<AttemptView> {
  const contact = parseContact(input.contact);
  if ("error" in contact) throw invalid("Проверьте адрес почты или телефон: на него придёт чек", { field: "contact" });

  const repeated = await findByFormKey(ctx, input.orderId, input.formKey);
  // Before anything is asked or cancelled at the bank: what has begun goes on by itself (PIL-05).
  await assertOpen(ctx, input.orderId);
  if (repeated && (!isLive(repeated.state) || (await isOwed(ctx, input.orderId, input.amountSeenKopecks)))) {
    await correctContact(ctx, repeated.attemptId, contact.value);
    return repeated;
  }
  const reusable = await settleLiveAttempt(ctx, { orderId: input.orderId, method: input.method, amountKopecks: input.amountSeenKopecks, contact: contact.value });
  if (reusable) return reusable;

  let attempt: CreatedAttempt;
  try {
    attempt = await inTransaction(ctx, (tx) => createAttempt(ctx, tx, input, contact.value));
  } catch (error) {
    const again = violated(error, "payment_attempts_form_key") ? await findByFormKey(ctx, input.orderId, input.formKey) : null;
    if (again) return again;
    if (isPaymentBarred(error)) throw barredPayment("stopped");
    if (violated(error, "payment_attempts_one_live")) throw conflict("Оплата этого заказа уже начата в другом окне", { reason: "in_progress" });
    throw error;
  }
  ctx.hint(input.orderId);

  const connection = await loadConnection(ctx, attempt.connectionId);
  const isEmail = contact.kind === "email";
  const outcome = await callProvider(ctx, attempt, "open", (signal) =>
    acquirerOf(connection, ctx.now).open(
      {
        reference: attempt.reference,
        amountKopecks: attempt.amountKopecks,
        method: input.method,
        purpose: `Заказ № ${attempt.orderNumber}`,
        email: isEmail ? contact.value : null,
        phone: isEmail ? null : contact.value,
        payerId: attempt.payerId,
        returnUrl: input.returnUrl,
        expiresAt: attempt.expiresAt,
      },
      signal,
    ),
  );
  return recordOpened(ctx, attempt.attemptId, outcome);
}

async function assertOpen(ctx: Ctx, orderId: string): Promise<void> {
  const { sql } = ctx.database;
  const [order] = await sql<{ bar: PayBar | null }[]>`select ${payBarSql(sql)} as bar from orders o where o.id = ${orderId}`;
  if (order?.bar) throw barredPayment(order.bar);
}

async function findByFormKey(ctx: Ctx, orderId: string, formKey: string): Promise<AttemptView | null> {
  const [row] = await ctx.database.sql<{ attemptId: string }[]>`select id as attempt_id from payment_attempts where order_id = ${orderId} and form_key = ${formKey}`;
  return row ? viewAttempt(ctx, row.attemptId) : null;
}
