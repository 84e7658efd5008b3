import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { NBSP, formatDate, formatMoney } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import type { NewFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { lockPayment } from "@/lib/payments/lock-payment.ts";
import type { LockedPayment } from "@/lib/payments/lock-payment.ts";

export type OpenDispute = {
  /** Which payment: our fact, or the provider's own id. */
  payment: { factId: string } | { connectionId: string; providerPaymentId: string };
  /** The bank's number; the same one again changes nothing. */
  providerDisputeId: string;
  amountKopecks: bigint;
  occurredAt: Date;
  reasonText: string | null;
  /** Last day to answer, `YYYY-MM-DD`; null = not known yet. */
  deadlineOn: string | null;
};

/**
 * The buyer's bank took money back (chargeback, LOST-14): fact `chargeback`, a dispute card with its deadline, alert P1, 1C learns of
 * it. No receipt goes out by itself (FISC-26). By the registry (actor system) or by the accountant. Returns null when this dispute is
 * known. Throws `forbidden`, `invalid`, `not_found` for an unknown payment, `conflict` when more is disputed than is left of it.
 */
export async function openDispute(ctx: Ctx, input: OpenDispute): Promise<{ disputeId: string; orderId: string | null } | null> {
  if (ctx.actor.kind !== "system" && !(ctx.actor.kind === "staff" && can(ctx.actor.role, "dispute.manage"))) throw forbidden();
  const providerDisputeId = input.providerDisputeId.trim();
  if (providerDisputeId === "" || providerDisputeId.length > 100) throw invalid("Укажите номер спора из письма банка", { field: "providerDisputeId" });
  if (input.amountKopecks <= 0n) throw invalid("Укажите сумму больше нуля", { field: "amount" });
  if (input.deadlineOn !== null && !/^\d{4}-\d{2}-\d{2}$/.test(input.deadlineOn)) throw invalid("Укажите срок ответа", { field: "deadlineOn" });
  const opened = await inTransaction(ctx, (tx) => open(ctx, tx, { ...input, providerDisputeId }));
  if (opened?.orderId) ctx.hint(opened.orderId);
  return opened;
}

async function open(ctx: Ctx, tx: Tx, input: OpenDispute): Promise<{ disputeId: string; orderId: string | null } | null> {
  const payment = await lockPayment(tx, "factId" in input.payment ? input.payment.factId : await factOf(tx, input.payment));
  const [known] = await tx`select 1 from disputes where connection_id is not distinct from ${payment.connectionId} and provider_dispute_id = ${input.providerDisputeId}`;
  if (known) return null;
  if (input.amountKopecks > payment.freeKopecks) {
    throw conflict(`По платежу осталось ${formatMoney(payment.freeKopecks)}: спор на ${formatMoney(input.amountKopecks)} больше`, { maxKopecks: payment.freeKopecks.toString() });
  }
  // A chargeback names no order of ours: first from where most of the money stands, the rest from the payment's other places.
  const shares = sharesOf(payment, input.amountKopecks);
  const [part] = shares;
  if (!part) throw conflict("Денег этого платежа у нас больше нет", { maxKopecks: "0" });
  const disputeId = newId();
  const fact = await recordFact(ctx, tx, {
    kind: "chargeback",
    amountKopecks: input.amountKopecks,
    method: payment.method,
    connectionId: payment.connectionId,
    providerPaymentId: payment.providerPaymentId,
    providerOperationId: input.providerDisputeId,
    attemptId: payment.attemptId,
    parentFactId: payment.factId,
    occurredAt: input.occurredAt > ctx.now() ? ctx.now() : input.occurredAt,
    fiscalOwner: payment.fiscalOwner,
    isTest: payment.isTest,
    note: input.reasonText,
    allocations: shares,
  });
  if (!fact) return null;
  await tx`
    insert into disputes (id, order_id, payment_fact_id, connection_id, provider_dispute_id, amount_kopecks, state, reason_text, deadline_on, opened_at, opened_by, fact_id, is_test)
    values (${disputeId}, ${part.orderId}, ${payment.factId}, ${payment.connectionId}, ${input.providerDisputeId}, ${input.amountKopecks}, 'opened', ${input.reasonText}, ${input.deadlineOn},
      ${ctx.now()}, ${actorText(ctx.actor)}, ${fact.factId}, ${payment.isTest})`;
  const touched: LockedOrder[] = [];
  for (const { orderId, amountKopecks } of shares) {
    const order = orderId === null ? null : payment.orders.get(orderId)!;
    if (!order) continue;
    touched.push(await saveMoney(ctx, tx, withMoney(order, "chargeback", amountKopecks), order.hasLiveAttempt));
    await recordEvent(ctx, tx, { orderId: order.orderId, kind: "money.charged_back", amountKopecks, subjectId: fact.factId, detail: { providerDisputeId: input.providerDisputeId, text: input.reasonText } });
  }
  const saved = touched.find((order) => order.orderId === part.orderId) ?? null;
  await ctx.announce(ctx, tx, { type: "money.undone", fact, order: saved ?? touched[0] ?? null });
  if (saved) {
    await recordEvent(ctx, tx, { orderId: saved.orderId, kind: "dispute.opened", amountKopecks: input.amountKopecks, subjectId: disputeId, detail: { text: input.reasonText, deadlineOn: input.deadlineOn } });
  }
  await raiseAlert(ctx, tx, {
    code: "ALR-21", objectKey: `dispute:${disputeId}`, orderId: part.orderId, severity: "P1", amountKopecks: input.amountKopecks,
    title: `Покупатель оспорил ${formatMoney(input.amountKopecks)}${saved ? ` по заказу №${NBSP}${saved.number}` : ""}${input.deadlineOn ? `, ответить до ${formatDate(input.deadlineOn)}` : ""}`,
    advice: "Не отгружайте заказ, если он ещё не отгружен. Соберите документы об отгрузке и ответьте банку до срока.",
  });
  await recordAudit(ctx, tx, { action: "dispute.opened", objectType: "dispute", objectId: disputeId, reason: input.reasonText, after: { amountKopecks: input.amountKopecks, providerDisputeId: input.providerDisputeId } });
  return { disputeId, orderId: part.orderId };
}

function sharesOf(payment: LockedPayment, amountKopecks: bigint): NewFact["allocations"] {
  let left = amountKopecks;
  const shares: NewFact["allocations"] = [];
  for (const { orderId, counterpartyId, leftKopecks } of payment.parts.toSorted((a, b) => (a.leftKopecks < b.leftKopecks ? 1 : -1))) {
    const share = leftKopecks < left ? leftKopecks : left;
    if (share <= 0n) continue;
    shares.push({ orderId, counterpartyId, amountKopecks: share });
    left -= share;
  }
  return shares;
}

async function factOf(tx: Tx, { connectionId, providerPaymentId }: { connectionId: string; providerPaymentId: string }): Promise<string> {
  const [row] = await tx<{ id: string }[]>`
    select id from money_facts where connection_id = ${connectionId} and provider_payment_id = ${providerPaymentId} and kind = 'payment_captured' order by capture_no limit 1`;
  if (!row) throw notFound("Платёж, который оспаривают, у нас не найден");
  return row.id;
}
