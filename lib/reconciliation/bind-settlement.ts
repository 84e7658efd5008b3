import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";

export type BindSettlement = {
  bankLineId: string;
  /** Null: the line belongs to no payout that we know. */
  settlementId: string | null;
  reason: string;
};

type Line = { id: string; settlementId: string | null; factId: string | null; direction: string; amountKopecks: bigint; isTest: boolean; sellerOrgId: string | null; receivedOn: string };

/**
 * A person says which payout of the acquirer a credit of the statement is, or that it is none (5.1 M2; permission
 * `discrepancy.resolve`, audited). The machine leaves the line alone from then on; the differences of both payouts are looked at again by
 * a run that is queued here. Several lines may make one payout. Throws `forbidden`, `invalid` (details.field: reason),
 * `not_found`, `conflict`.
 */
export async function bindSettlement(ctx: Ctx, input: BindSettlement): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "discrepancy.resolve")) throw forbidden();
  const reason = input.reason.trim();
  if (reason.length < 5 || reason.length > 500) throw invalid("Напишите, почему вы так решили", { field: "reason" });
  await inTransaction(ctx, async (tx) => {
    const [line] = await tx<Line[]>`
      select l.id, l.settlement_id, l.fact_id, l.direction, l.amount_kopecks, l.is_test, a.seller_org_id, l.received_on::text from bank_statement_lines l join bank_statements b on b.id = l.statement_id
        left join bank_accounts a on a.id = b.bank_account_id where l.id = ${uuidOrNull(input.bankLineId)} for update of l`;
    if (!line || line.direction !== "credit") throw notFound("Поступление не найдено");
    if (line.factId !== null) throw conflict("Это поступление учтено как оплата покупателя");
    if (input.settlementId !== null) await assertFits(tx, line, input.settlementId);
    await tx`
      update bank_statement_lines set settlement_id = ${input.settlementId}, handled_by = ${actorText(ctx.actor)}, handled_at = ${ctx.now()}, handled_reason = ${reason} where id = ${line.id}`;
    if (input.settlementId !== null && input.settlementId !== line.settlementId) await tellOrders(ctx, tx, line, input.settlementId);
    await recordAudit(ctx, tx, {
      action: input.settlementId === null ? "settlement.unbound" : "settlement.bound", objectType: "bank_line", objectId: line.id, reason,
      before: { settlementId: line.settlementId }, after: { settlementId: input.settlementId, amountKopecks: line.amountKopecks },
    });
    await ctx.enqueue(tx, "reconcile.run", { scope: "full" });
  });
}

async function assertFits(tx: Tx, line: Line, settlementId: string): Promise<void> {
  const [settlement] = await tx<{ isTest: boolean; sellerOrgId: string | null }[]>`
    select s.is_test, c.seller_org_id from settlements s join connections c on c.id = s.connection_id where s.id = ${uuidOrNull(settlementId)}`;
  if (!settlement) throw notFound("Выплата не найдена");
  if (settlement.isTest !== line.isTest) throw conflict("Тестовые и настоящие деньги не смешиваются");
  if (settlement.sellerOrgId !== null && line.sellerOrgId !== null && settlement.sellerOrgId !== line.sellerOrgId) throw conflict("Выплата пришла бы на счёт другой организации");
}

/** «Деньги на счёте» in the stories of the payout's orders, as the machine tells it. */
async function tellOrders(ctx: Ctx, tx: Tx, line: Line, settlementId: string): Promise<void> {
  await tx`
    insert into order_events (id, order_id, at, kind, actor, amount_kopecks, subject_id, detail)
    select gen_random_uuid(), o.order_id, ${ctx.now()}, 'settlement.credited', ${actorText(ctx.actor)}, ${line.amountKopecks}, s.id, jsonb_build_object('payoutId', s.payout_id, 'receivedOn', ${line.receivedOn}::text)
      from settlements s
      join (select distinct e.connection_id, e.payout_id, a.order_id from registry_entries e
              join money_facts f on f.connection_id = e.connection_id and f.provider_payment_id = e.provider_payment_id and f.kind = 'payment_captured'
              join allocations a on a.fact_id = f.id where a.order_id is not null) o on o.connection_id = s.connection_id and o.payout_id = s.payout_id
     where s.id = ${settlementId} and not exists (select 1 from order_events e where e.order_id = o.order_id and e.kind = 'settlement.credited' and e.subject_id = s.id)`;
}
