import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";

const LIMIT = 10_000_000_000_000n;

/**
 * Carry-over, a hold or another charge that a person explained: becomes the payout's adjustment, replacing the one before (REC-06;
 * permission `discrepancy.resolve`, audited). 0 takes it away. The next reconciliation compares with the new sum. Returns what is
 * expected now. Throws `forbidden`, `invalid` (details.field: reason, amount), `not_found`.
 */
export async function adjustSettlement(ctx: Ctx, input: { settlementId: string; adjustmentKopecks: bigint; reason: string }): Promise<{ expectedKopecks: bigint }> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "discrepancy.resolve")) throw forbidden();
  const reason = input.reason.trim();
  if (reason.length < 5 || reason.length > 500) throw invalid("Напишите, что это за поправка", { field: "reason" });
  if (input.adjustmentKopecks > LIMIT || input.adjustmentKopecks < -LIMIT) throw invalid("Сумма поправки слишком велика", { field: "amount" });
  return inTransaction(ctx, async (tx) => {
    const [row] = await tx<{ before: bigint; expectedKopecks: bigint }[]>`
      update settlements s set adjustment_kopecks = ${input.adjustmentKopecks}, adjustment_reason = ${input.adjustmentKopecks === 0n ? null : reason},
        expected_kopecks = s.expected_kopecks - o.adjustment_kopecks + ${input.adjustmentKopecks}, updated_at = ${ctx.now()}
        from (select id, adjustment_kopecks from settlements where id = ${uuidOrNull(input.settlementId)} for update) o where o.id = s.id returning o.adjustment_kopecks as before, s.expected_kopecks`;
    if (!row) throw notFound("Выплата не найдена");
    await recordAudit(ctx, tx, { action: "settlement.adjusted", objectType: "settlement", objectId: input.settlementId, reason, before: { adjustmentKopecks: row.before }, after: { adjustmentKopecks: input.adjustmentKopecks } });
    await ctx.enqueue(tx, "reconcile.run", { scope: "full" });
    return { expectedKopecks: row.expectedKopecks };
  });
}
