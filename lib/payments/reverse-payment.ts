import type { Tx } from "@/db/index.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { addEvidence, checkEvidence } from "@/lib/evidence/index.ts";
import type { GivenEvidence } from "@/lib/evidence/index.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { lockPayment, partAt } from "./lock-payment.ts";
import { refreshOffer } from "./offer-links.ts";

export type ReversePayment = {
  factId: string;
  /** The order that loses the money; null = an advance. */
  orderId: string | null;
  amountKopecks: bigint;
  reason: string;
  evidence: GivenEvidence;
};

/**
 * The accountant says, with proof, that money which we booked never came (LOST-13, LOST-29): fact `payment_reversed`, the order owes
 * again, 1C learns of it. No receipt goes out by itself. Throws `forbidden`, `invalid` (details.field), `not_found`, `conflict`.
 */
export async function reversePayment(ctx: Ctx, input: ReversePayment): Promise<{ factId: string }> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "money.reverse")) throw forbidden();
  const reason = input.reason.trim().slice(0, 1_000);
  if (reason === "") throw invalid("Укажите причину", { field: "reason" });
  if (input.amountKopecks <= 0n) throw invalid("Укажите сумму больше нуля", { field: "amount" });
  checkEvidence(input.evidence);
  const done = await inTransaction(ctx, async (tx) => {
    const payment = await lockPayment(tx, input.factId);
    const part = partAt(payment, input.orderId);
    const most = part.leftKopecks < payment.freeKopecks ? part.leftKopecks : payment.freeKopecks;
    if (input.amountKopecks > most) throw conflict(`Отменить можно не больше ${formatMoney(most)}: остальное уже возвращено или перенесено`, { maxKopecks: most.toString() });
    const [next] = await tx<{ seq: number }[]>`select count(*)::int + 1 as seq from money_facts where parent_fact_id = ${input.factId} and kind = 'payment_reversed'`;
    const typedByHand = part.orderId && (await documentOfOurs(tx, input.factId, part.orderId));
    const fact = await recordFact(ctx, tx, {
      kind: "payment_reversed",
      amountKopecks: input.amountKopecks,
      method: payment.method,
      connectionId: payment.connectionId,
      providerPaymentId: payment.providerPaymentId,
      providerOperationId: `reversal:${input.factId}:${next!.seq}`,
      attemptId: payment.attemptId,
      parentFactId: input.factId,
      // Money with a document of 1C is not told there.
      ...(typedByHand && { documentKey: `${typedByHand}:reversal:${next!.seq}` }),
      occurredAt: ctx.now(),
      fiscalOwner: payment.fiscalOwner,
      isTest: payment.isTest,
      note: reason,
      allocations: [{ orderId: part.orderId, counterpartyId: part.counterpartyId, amountKopecks: input.amountKopecks }],
    });
    if (!fact) throw conflict("Эта отмена уже записана");
    await addEvidence(ctx, tx, { objectType: "fact", objectId: fact.factId, orderId: part.orderId }, input.evidence);
    const order = part.orderId === null ? null : payment.orders.get(part.orderId)!;
    const saved = order && (await saveMoney(ctx, tx, withMoney(order, "payment_reversed", input.amountKopecks), order.hasLiveAttempt));
    await ctx.announce(ctx, tx, { type: "money.undone", fact, order: saved });
    if (saved) {
      await recordEvent(ctx, tx, { orderId: saved.orderId, kind: "money.reversed", amountKopecks: input.amountKopecks, subjectId: fact.factId, detail: { text: reason } });
      if (typedByHand === null) await raiseAlert(ctx, tx, {
        code: "ALR-08", objectKey: `reversal:${fact.factId}`, orderId: saved.orderId, severity: "P2", amountKopecks: input.amountKopecks,
        title: `Оплата ${formatMoney(input.amountKopecks)} по заказу №${NBSP}${saved.number} отменена, а чек по ней мог быть пробит`,
        advice: "Решите с бухгалтером, нужен ли чек возврата прихода или чек коррекции.",
      });
      await refreshOffer(ctx, tx, saved.orderId);
    }
    if (payment.attemptId) {
      for (const about of ["contradiction", "unconfirmed"]) await resolveAlert(ctx, tx, "ALR-16", `attempt:${payment.attemptId}:${about}`);
    }
    await recordAudit(ctx, tx, {
      action: "payment.reversed", objectType: "fact", objectId: input.factId, reason,
      after: { factId: fact.factId, amountKopecks: input.amountKopecks, orderId: part.orderId },
    });
    return { factId: fact.factId };
  });
  if (input.orderId) ctx.hint(input.orderId);
  return done;
}

/** Money of a till that was our own payment all the while, typed into 1C by hand: the key of its document, which stays there and proves ours now (CML-32); null else. */
async function documentOfOurs(tx: Tx, factId: string, orderId: string): Promise<string | null> {
  const [own] = await tx<{ documentKey: string }[]>`
    select f.document_key from money_facts f join export_messages m on m.onec_document_number = f.document_number and m.amount_kopecks = f.amount_kopecks
     where f.id = ${factId} and f.document_key is not null and m.order_id = ${orderId} and m.fact_id <> f.id and m.state = 'confirmed' limit 1`;
  return own?.documentKey ?? null;
}
