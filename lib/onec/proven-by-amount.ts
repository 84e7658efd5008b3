import type { Tx } from "@/db/index.ts";
import { raiseConflict } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { byHandSql } from "@/lib/exports/index.ts";
import { stopTelling } from "@/lib/feed/stop-telling.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { confirmExports } from "./confirm-exports.ts";
import { isGivenOutSql } from "./given-out.ts";

/** A card operation of 1C without our id. */
export type CardOperation = { ref: string; documentNumber: string; amountKopecks: bigint; isRefund: boolean };

/**
 * A card operation without our id: the accountant typed what the exchange does not carry, or its base dropped the id. It proves the one
 * message of that sum that nobody has proven yet, if 1C was given it or a person has to book it (CML-16, CML-32); that message is not told
 * again. Without one it is money of a till, and so is what was booked as such before.
 */
export async function provesByAmount(ctx: Ctx, tx: Tx, order: LockedOrder, { ref, documentNumber, amountKopecks, isRefund }: CardOperation): Promise<boolean> {
  const { orderId } = order;
  const known = await tx`
    select 1 from export_messages m where m.order_id = ${orderId} and m.state = 'confirmed' and m.onec_document_number = ${documentNumber} and m.amount_kopecks = ${amountKopecks} limit 1`;
  if (known.length > 0) return true;
  const [till] = await tx`select 1 from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId} and f.document_key = ${ref} limit 1`;
  if (till) return false;
  const [message] = await tx<{ exportId: string; factId: string; isProof: boolean }[]>`
    select m.id as export_id, m.fact_id, ${isGivenOutSql(tx)} or ${byHandSql(tx)} is not null as is_proof
      from export_messages m join money_facts f on f.id = m.fact_id join orders o on o.id = m.order_id join connections k on k.id = m.connection_id
     where m.order_id = ${orderId} and m.state <> 'confirmed' and m.amount_kopecks = ${amountKopecks} and f.kind = ${isRefund ? "refund_succeeded" : "payment_captured"}
     order by is_proof desc, m.seq limit 1`;
  if (!message) return false;
  if (!message.isProof) {
    // Without a name of its own it is booked nowhere: two tellings of it could not be told from two operations.
    if (!isRefund && ref !== "") await askOfTill(ctx, tx, order, { ref, documentNumber, amountKopecks });
    return false;
  }
  await confirmExports(ctx, tx, order, { documentNumber, factId: message.factId, byAmount: true });
  await stopTelling(ctx, tx, message.exportId);
  return true;
}

/** Ours goes out by itself, so it would stand in 1C twice if a person has typed it there ahead of the exchange. */
const askOfTill = (ctx: Ctx, tx: Tx, order: LockedOrder, { ref, documentNumber, amountKopecks }: Omit<CardOperation, "isRefund">) =>
  raiseConflict(ctx, tx, {
    code: "ALR-16", objectKey: `order:${order.orderId}:document:${ref}`, orderId: order.orderId, severity: "P2", amountKopecks,
    title: `Операция по карте ${documentNumber} из 1С на ${formatMoney(amountKopecks)} по заказу №${NBSP}${order.number}: наша оплата этой суммы 1С ещё не передана`,
    advice: "Учли как деньги кассы магазина. Если в 1С вручную провели нашу оплату, внесите номер документа в карточке «1С», чтобы она не ушла туда второй раз, и отмените учтённую сумму кассы.",
    detail: { class: "AMOUNT_MISMATCH", documentKey: ref },
  }, { connectionId: order.onecConnectionId, field: `payment:${ref}`, ours: `оплата ${formatMoney(amountKopecks)}, 1С её не забирала`, theirs: `операция по карте ${documentNumber} на ${formatMoney(amountKopecks)}` });
