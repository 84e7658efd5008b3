import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { addEvidence } from "@/lib/evidence/index.ts";
import type { GivenEvidence } from "@/lib/evidence/index.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { lockPayment } from "@/lib/payments/lock-payment.ts";
import { canDisputeMove, disputeStateLabels, openDisputeStates } from "./states.ts";
import type { DisputeState } from "./states.ts";

export type ChangeDispute = {
  disputeId: string;
  state: Exclude<DisputeState, "opened">;
  /** What was sent, what the bank answered, why we agree. */
  text: string;
  deadlineOn?: string | null;
  evidence?: GivenEvidence | null;
};

/** Of a dispute that the bank decided for us: what its registry says. */
export type WonInRegistry = { paymentFactId: string; providerDisputeId: string; amountKopecks: bigint; occurredAt: Date };

type Row = { state: DisputeState; paymentFactId: string; orderId: string | null; factId: string; amountKopecks: bigint; providerDisputeId: string };

/**
 * Next step of a dispute. `won` puts the money back as fact `chargeback_reversed`; `lost` and `accepted` leave it gone. Throws
 * `forbidden`, `invalid`, `not_found`, `conflict` for a step that may not follow.
 */
export async function changeDispute(ctx: Ctx, input: ChangeDispute): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "dispute.manage")) throw forbidden();
  return change(ctx, input, ctx.now());
}

/**
 * The registry shows the disputed money given back (LOST-14): the open dispute of this payment with this sum is won, by the bank's number
 * where it is the same one. False when none fits or several do: a person decides then. For reconciliation: by the system, or by the person
 * who has it run. Throws `forbidden`.
 */
export async function winDispute(ctx: Ctx, { paymentFactId, providerDisputeId, amountKopecks, occurredAt }: WonInRegistry): Promise<boolean> {
  if (ctx.actor.kind !== "system" && !(ctx.actor.kind === "staff" && can(ctx.actor.role, "dispute.manage"))) throw forbidden();
  const rows = await ctx.database.sql<{ id: string; providerDisputeId: string }[]>`
    select id, provider_dispute_id from disputes where payment_fact_id = ${paymentFactId} and amount_kopecks = ${amountKopecks} and state = any(${openDisputeStates as unknown as string[]})`;
  const found = rows.find((row) => row.providerDisputeId === providerDisputeId) ?? (rows.length === 1 ? rows[0] : undefined);
  if (!found) return false;
  await change(ctx, { disputeId: found.id, state: "won", text: "деньги вернулись по реестру банка" }, occurredAt > ctx.now() ? ctx.now() : occurredAt);
  return true;
}

async function change(ctx: Ctx, input: ChangeDispute, occurredAt: Date): Promise<void> {
  const text = input.text.trim().slice(0, 2_000);
  if (text === "") throw invalid("Опишите, что произошло", { field: "text" });
  const orderId = await inTransaction(ctx, async (tx) => {
    const [seen] = await tx<{ paymentFactId: string }[]>`select payment_fact_id from disputes where id = ${input.disputeId}`;
    if (!seen) throw notFound("Спор не найден");
    const payment = await lockPayment(tx, seen.paymentFactId);
    const [row] = await tx<Row[]>`select state, payment_fact_id, order_id, fact_id, amount_kopecks, provider_dispute_id from disputes where id = ${input.disputeId} for update`;
    const { state, amountKopecks } = row!;
    if (!canDisputeMove(state, input.state)) throw conflict(`Спор уже в состоянии «${disputeStateLabels[state]}»`);
    const isOver = input.state === "won" || input.state === "lost" || input.state === "accepted";
    let reversedFactId: string | null = null;
    if (input.state === "won") {
      const charged = await tx<{ orderId: string | null; counterpartyId: string | null; amountKopecks: bigint }[]>`select order_id, counterparty_id, amount_kopecks from allocations where fact_id = ${row!.factId}`;
      const fact = await recordFact(ctx, tx, {
        kind: "chargeback_reversed",
        amountKopecks,
        method: payment.method,
        connectionId: payment.connectionId,
        providerPaymentId: payment.providerPaymentId,
        providerOperationId: row!.providerDisputeId,
        attemptId: payment.attemptId,
        parentFactId: payment.factId,
        occurredAt,
        fiscalOwner: payment.fiscalOwner,
        isTest: payment.isTest,
        note: text,
        allocations: [...charged],
      });
      if (!fact) throw conflict("Деньги по этому спору уже вернулись");
      reversedFactId = fact.factId;
      let home: LockedOrder | null = null;
      for (const share of charged) {
        const order = share.orderId === null ? null : payment.orders.get(share.orderId)!;
        if (!order) continue;
        const saved = await saveMoney(ctx, tx, withMoney(order, "chargeback_reversed", share.amountKopecks), order.hasLiveAttempt);
        await recordEvent(ctx, tx, { orderId: saved.orderId, kind: "money.chargeback_reversed", amountKopecks: share.amountKopecks, subjectId: fact.factId });
        if (home === null || saved.orderId === row!.orderId) home = saved;
      }
      await ctx.announce(ctx, tx, { type: "money.undone", fact, order: home });
    }
    await tx`
      update disputes set state = ${input.state}, deadline_on = coalesce(${input.deadlineOn ?? null}, deadline_on), decided_at = ${isOver ? ctx.now() : null},
        decided_by = ${isOver ? actorText(ctx.actor) : null}, decision_text = ${text}, reversed_fact_id = ${reversedFactId} where id = ${input.disputeId}`;
    if (input.evidence) await addEvidence(ctx, tx, { objectType: "dispute", objectId: input.disputeId, orderId: row!.orderId }, input.evidence);
    if (row!.orderId) await recordEvent(ctx, tx, { orderId: row!.orderId, kind: "dispute.changed", amountKopecks, subjectId: input.disputeId, detail: { state: input.state, text } });
    if (isOver) await resolveAlert(ctx, tx, "ALR-21", `dispute:${input.disputeId}`);
    await recordAudit(ctx, tx, { action: "dispute.changed", objectType: "dispute", objectId: input.disputeId, reason: text, before: { state }, after: { state: input.state } });
    return row!.orderId;
  });
  if (orderId) ctx.hint(orderId);
}

/** ALR-21 again three days before the deadline, for the watcher of alerts. */
export async function watchDisputes(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const near = await sql<{ disputeId: string; orderId: string | null; amountKopecks: bigint; number: string | null }[]>`
    select d.id as dispute_id, d.order_id, d.amount_kopecks, o.number from disputes d left join orders o on o.id = d.order_id
     where d.state in ('opened', 'evidence_needed') and d.deadline_on <= (${ctx.now()}::timestamptz at time zone ${ctx.zone})::date + 3
       and not exists (select 1 from alerts a where a.code = 'ALR-21' and a.object_key = 'dispute:' || d.id || ':deadline')
     order by d.deadline_on limit 100`;
  for (const { disputeId, orderId, amountKopecks, number } of near) {
    await raiseAlert(ctx, sql, {
      code: "ALR-21", objectKey: `dispute:${disputeId}:deadline`, orderId, severity: "P1", amountKopecks,
      title: `До ответа на спор осталось не больше трёх дней${number ? `, заказ №\u00A0${number}` : ""}: ${formatMoney(amountKopecks)}`,
      advice: "Отправьте документы банку сейчас: без ответа спор считается проигранным.",
    });
  }
  await sql`
    update alerts a set state = 'resolved', resolved_at = ${ctx.now()} from disputes d
     where a.code = 'ALR-21' and a.state <> 'resolved' and a.object_key = 'dispute:' || d.id || ':deadline' and d.state not in ('opened', 'evidence_needed')`;
}
