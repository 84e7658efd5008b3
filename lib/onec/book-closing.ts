import type { Tx } from "@/db/index.ts";
import { raiseConflict } from "@/lib/conflicts/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import { isCompany, recordTransfer } from "@/lib/payments/book-transfer.ts";
import { liveAttemptStates } from "@/lib/payments/states.ts";
import { confirmExports } from "./confirm-exports.ts";

const live = liveAttemptStates as unknown as string[];
const ORDERS_PER_SWEEP = 100;

type Closing = { guid: string | null; documentNumber: string | null; paidAt: Date | null; hasLiveAttempt: boolean };

/**
 * 1C closed a locked order as fully paid. A company's money is a fact that only 1C sees (PAY-02), so the rest of the sum is
 * booked; of a person 1C's word closes the page and books nothing (CML-21). While an attempt of ours is open nothing is booked:
 * the accountant may have read that very payment in the bank's list. `attempt.withdraw` ends it, `settleClosings` goes on.
 * `disagrees`: the document is booked already, for less than 1C thinks.
 */
export async function bookClosing(ctx: Ctx, tx: Tx, order: LockedOrder): Promise<"booked" | "waits" | "nothing" | "disagrees"> {
  const { orderId } = order;
  const { dueKopecks } = orderBalance(order);
  const [closing] = await tx<Closing[]>`
    select o.onec_guid as guid, o.onec_payment_number as document_number, o.onec_payment_at as paid_at,
           exists (select 1 from payment_attempts a where a.order_id = o.id and not a.is_superseded and a.state = any(${live})) as has_live_attempt
      from orders o where o.id = ${orderId}`;
  const waits = isCompany(order) && dueKopecks > 0n && closing?.documentNumber != null && closing.hasLiveAttempt;
  await tx`update orders set closing_waits_since = case when ${waits} then coalesce(closing_waits_since, ${ctx.now()}::timestamptz) end
            where id = ${orderId} and (${waits} or closing_waits_since is not null)`;
  if (waits) return "waits";
  if (!isCompany(order) || dueKopecks === 0n || closing?.documentNumber == null) return "nothing";
  const booked = await recordTransfer(ctx, tx, order, {
    amountKopecks: dueKopecks,
    method: "bank_transfer",
    documentKey: `${closing.guid ?? orderId}:${closing.documentNumber}`,
    documentNumber: closing.documentNumber,
    occurredAt: closing.paidAt ?? ctx.now(),
    fiscalOwner: "site",
  });
  return booked ? "booked" : "disagrees";
}

/** Janitor: closings that waited for an attempt of ours which has ended. Found paid it needs no transfer, and 1C's document is matched with it (CML-21). */
export async function settleClosings(ctx: Ctx): Promise<void> {
  const waiting = await ctx.database.sql<{ id: string }[]>`
    select o.id from orders o where o.closing_waits_since is not null
       and not exists (select 1 from payment_attempts a where a.order_id = o.id and not a.is_superseded and a.state = any(${live}))
     order by o.closing_waits_since limit ${ORDERS_PER_SWEEP}`;
  for (const { id } of waiting) {
    try {
      await inTransaction(ctx, (tx) => settleClosing(ctx, tx, id));
      ctx.hint(id);
    } catch (error) {
      ctx.log.error({ err: error, orderId: id }, "a closing of 1C could not be settled");
    }
  }
}

async function settleClosing(ctx: Ctx, tx: Tx, orderId: string): Promise<void> {
  const order = await lockOrder(tx, orderId);
  const { dueKopecks } = orderBalance(order);
  const documentNumber = order.onecPaymentNumber;
  if (documentNumber !== null) await confirmExports(ctx, tx, order, { documentNumber, factId: null });
  if ((await bookClosing(ctx, tx, order)) === "disagrees" && documentNumber !== null) await alertDisagreement(ctx, tx, order, documentNumber, dueKopecks);
}

/** The document is booked already, for less than 1C thinks. */
export const alertDisagreement = (ctx: Ctx, tx: Tx, order: LockedOrder, documentNumber: string, dueKopecks: bigint) =>
  raiseConflict(ctx, tx, {
    code: "ALR-16",
    objectKey: `order:${order.orderId}:onec-paid`,
    orderId: order.orderId,
    severity: "P2",
    amountKopecks: dueKopecks,
    title: `1С считает заказ №${NBSP}${order.number} оплаченным, у нас не хватает ${formatMoney(dueKopecks)}`,
    advice: `Сверьте сумму документа ${documentNumber}: он уже учтён по этому заказу на меньшую сумму.`,
    detail: { class: "AMOUNT_MISMATCH" },
  }, { connectionId: order.onecConnectionId, field: "payment:closing", ours: `не хватает ${formatMoney(dueKopecks)}`, theirs: `оплачен полностью, документ ${documentNumber}` });
