import { z } from "zod";
import { deferralBases } from "@/db/schema/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { ORDERS_MAX, setBuyerTerms } from "./set-terms.ts";

const ChangeTerms = z.object({
  counterpartyId: z.uuid(),
  /** Null takes the deferral away. */
  terms: z.object({ days: z.int().min(1).max(365), dayKind: z.enum(["calendar", "working"]), base: z.enum(deferralBases) }).nullable(),
});
export type ChangeTerms = z.infer<typeof ChangeTerms>;

type Before = { deferralDays: number | null; deferralDayKind: string | null; deferralBase: string | null };

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
    // Orders before the buyer, as intake takes them.
    await tx`select 1 from orders where counterparty_id = ${counterpartyId} order by id limit ${ORDERS_MAX} for no key update`;
    const [before] = await tx<Before[]>`select deferral_days, deferral_day_kind, deferral_base from counterparties where id = ${counterpartyId} for no key update`;
    if (!before) throw notFound("Контрагент не найден");
    const moved = await setBuyerTerms(ctx, tx, counterpartyId, terms);
    await recordAudit(ctx, tx, {
      action: "terms.changed", objectType: "counterparty", objectId: counterpartyId, before,
      after: { deferralDays: terms?.days ?? null, deferralDayKind: terms?.dayKind ?? null, deferralBase: terms?.base ?? null, ordersMoved: moved },
    });
    return moved;
  });
}
