import { z } from "zod";
import { deferralBases } from "@/db/schema/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { ownEditWrite } from "@/lib/conflicts/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { termsOf } from "./intake/counterparties.ts";
import { lockBuyerOrders, setBuyerTerms, termsText } from "./set-terms.ts";

const ChangeTerms = z.object({
  counterpartyId: z.uuid(),
  /** Null takes the deferral away. */
  terms: z.object({ days: z.int().min(1).max(365), dayKind: z.enum(["calendar", "working"]), base: z.enum(deferralBases) }).nullable(),
});
export type ChangeTerms = z.infer<typeof ChangeTerms>;

type Before = Parameters<typeof termsOf>[0];

/**
 * Changes a buyer's deferral (stock 1C sends none). Terms of orders that still owe money move with it; paid ones keep
 * theirs. Returns how many orders got another term.
 */
export async function changeTerms(ctx: Ctx, input: ChangeTerms): Promise<number> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "terms.change")) throw forbidden();
  const parsed = ChangeTerms.safeParse(input);
  if (!parsed.success) throw invalid("Срок отсрочки: от 1 до 365 дней", { field: "days" });
  const { counterpartyId, terms } = parsed.data;
  return inTransaction(ctx, async (tx) => {
    await lockBuyerOrders(tx, counterpartyId);
    const [found] = await tx<(Before & { onecConnectionId: string | null })[]>`select deferral_days, deferral_day_kind, deferral_base, onec_connection_id from counterparties where id = ${counterpartyId} for no key update`;
    if (!found) throw notFound("Контрагент не найден");
    const { onecConnectionId, ...before } = found;
    // 1C may send terms as well (JSON): from now on another word of it is a question.
    if (onecConnectionId !== null) await ownEditWrite(ctx, tx, { objectType: "counterparty", objectId: counterpartyId, field: "terms", before: termsText(termsOf(before)), after: termsText(terms) });
    const moved = await setBuyerTerms(ctx, tx, counterpartyId, terms);
    await recordAudit(ctx, tx, {
      action: "terms.changed", objectType: "counterparty", objectId: counterpartyId, before,
      after: { deferralDays: terms?.days ?? null, deferralDayKind: terms?.dayKind ?? null, deferralBase: terms?.base ?? null, ordersMoved: moved },
    });
    return moved;
  });
}
