import type { Tx } from "@/db/index.ts";
import { resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { raiseConflict } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { lockFeed } from "@/lib/feed/lock-feed.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { sum } from "@/lib/kit/money.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { inAnswerSql } from "./given-out.ts";
import { noteExports } from "./note-exports.ts";

type Confirmed = { id: string; amountKopecks: bigint; orderVersion: number };

/**
 * CML-32 «Учтено в 1С»: 1C named its own document for money that we gave out. `factId` null = everything of the order that 1C
 * can know of; what no session ever gave out goes on waiting, and staff are told. With a fact 1C has named our own id, and a refusal of before is over. «Номер оплаты»
 * is a document about payments: refunds and reversals are never proven by it.
 */
export async function confirmExports(ctx: Ctx, tx: Tx, order: Pick<LockedOrder, "orderId" | "number" | "onecConnectionId">, proof: { documentNumber: string; factId: string | null; /** A person typed the document: it names no id of ours. */ byAmount?: boolean }): Promise<void> {
  const now = ctx.now();
  const { orderId } = order;
  await lockFeed(tx, order.onecConnectionId);
  const confirmed = await tx<Confirmed[]>`
    update export_messages m set state = 'confirmed', confirmed_at = ${now}, delivered_at = coalesce(delivered_at, ${now}), onec_document_number = ${proof.documentNumber}, rejected_reason = null
     where m.order_id = ${orderId}
       and ${proof.factId === null ? tx`m.state in ('pending', 'delivered') and (m.state = 'delivered' or ${inAnswerSql(tx)}) and ${isPayment(tx)}` : tx`m.state <> 'confirmed' and m.fact_id = ${proof.factId}`}
    returning m.id, m.amount_kopecks, m.order_version`;
  if (confirmed.length > 0) {
    await noteConfirmed(ctx, tx, orderId, confirmed, { documentNumber: proof.documentNumber, ...(proof.byAmount && { byAmount: true }) });
    await noteExports(ctx, tx, confirmed.map(({ id }) => id));
    for (const { id } of confirmed) await resolveAlert(ctx, tx, "ALR-14", `export:${id}`);
  }
  if (proof.factId === null) await tellOfWaiting(ctx, tx, order, proof.documentNumber);
}

const isPayment = (tx: Tx) => tx`exists (select 1 from money_facts f where f.id = m.fact_id and f.kind = 'payment_captured')`;

/** What is confirmed needs no further delivery; what 1C does not have yet does (invariant 13). */
async function noteConfirmed(ctx: Ctx, tx: Tx, orderId: string, confirmed: readonly Confirmed[], detail: { documentNumber: string; byAmount?: boolean }): Promise<void> {
  const version = Math.max(...confirmed.map((message) => message.orderVersion));
  await Promise.all([
    ...confirmed.map((message) =>
      recordEvent(ctx, tx, { orderId, kind: "export.confirmed", subjectId: message.id, amountKopecks: message.amountKopecks, detail }),
    ),
    tx`update orders set exported_version = greatest(exported_version, ${version}) where id = ${orderId}
         and not exists (select 1 from export_messages m where m.order_id = ${orderId} and m.state = 'pending' and m.order_version <= ${version} and ${isPayment(tx)})`,
  ]);
}

/** 1C closed the order, and its document cannot be about money that it was never told of: cash at the till beside it, or the same money entered by hand. */
export async function tellOfWaiting(ctx: Ctx, tx: Tx, { orderId, number, onecConnectionId }: Pick<LockedOrder, "orderId" | "number" | "onecConnectionId">, documentNumber: string): Promise<void> {
  const waiting = await tx<{ amountKopecks: bigint }[]>`select m.amount_kopecks from export_messages m where m.order_id = ${orderId} and m.state = 'pending' and ${isPayment(tx)}`;
  const objectKey = `order:${orderId}:onec-before-us`;
  if (waiting.length === 0) return resolveAlert(ctx, tx, "ALR-16", objectKey);
  const amountKopecks = sum(waiting.map((message) => message.amountKopecks));
  return raiseConflict(ctx, tx, {
    code: "ALR-16",
    objectKey,
    orderId,
    severity: "P2",
    amountKopecks,
    title: `1С закрыла заказ №${NBSP}${number} документом ${documentNumber}, а нашу оплату ${formatMoney(amountKopecks)} ещё не забирала`,
    advice: "Сверьте документ 1С с оплатой: если это другие деньги, верните лишнее покупателю; если те же, внесите номер документа в карточке «1С» и не проводите оплату второй раз.",
    detail: { class: "AMOUNT_MISMATCH", documentNumber },
  }, { connectionId: onecConnectionId, field: "payment:waiting", ours: `оплата ${formatMoney(amountKopecks)}, 1С её не забирала`, theirs: `закрыт документом ${documentNumber}` });
}
