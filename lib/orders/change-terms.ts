import { z } from "zod";
import { deferralBases } from "@/db/schema/index.ts";
import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { localDate } from "@/lib/kit/time.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { orderDueDate, workingCalendar } from "./due-date.ts";
import type { DeferralTerms } from "./due-date.ts";

const ChangeTerms = z.object({
  counterpartyId: z.uuid(),
  /** Null takes the deferral away. */
  terms: z.object({ days: z.int().min(1).max(365), dayKind: z.enum(["calendar", "working"]), base: z.enum(deferralBases) }).nullable(),
});
export type ChangeTerms = z.infer<typeof ChangeTerms>;

type Before = { deferralDays: number | null; deferralDayKind: string | null; deferralBase: string | null };
type Open = { id: string; orderDate: Date; onecShipmentAt: Date | null };

/** More unpaid orders than one buyer ever has; a bound for the transaction. */
const ORDERS_MAX = 2_000;

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
    await tx`
      update counterparties set deferral_days = ${terms?.days ?? null}, deferral_day_kind = ${terms?.dayKind ?? null}, deferral_base = ${terms?.base ?? null}, updated_at = ${ctx.now()}
       where id = ${counterpartyId}`;
    const moved = await moveDueDates(ctx, tx, counterpartyId, terms);
    await recordAudit(ctx, tx, {
      action: "terms.changed", objectType: "counterparty", objectId: counterpartyId, before,
      after: { deferralDays: terms?.days ?? null, deferralDayKind: terms?.dayKind ?? null, deferralBase: terms?.base ?? null, ordersMoved: moved },
    });
    return moved;
  });
}

async function moveDueDates(ctx: Ctx, tx: Tx, counterpartyId: string, terms: DeferralTerms | null): Promise<number> {
  const [open, days, shift] = await Promise.all([
    tx<Open[]>`
      select id, order_date, onec_shipment_at from orders
       where counterparty_id = ${counterpartyId} and lifecycle not in ('cancelled', 'deleted') and payment_status in ('not_paid', 'awaiting_payment', 'authorized', 'partially_paid')
       order by id limit ${ORDERS_MAX} for no key update`,
    tx<{ day: string; isWorking: boolean }[]>`select day, is_working from calendar_days`,
    readSetting(tx, "b2b.shiftToWorkingDay"),
  ]);
  const isWorking = workingCalendar(days);
  const local = (at: Date) => localDate(at, ctx.zone);
  const rows = open.map((order) => ({
    id: order.id,
    due: orderDueDate(terms, { orderDay: local(order.orderDate), shipmentDay: order.onecShipmentAt ? local(order.onecShipmentAt) : null }, isWorking, shift),
  }));
  const changed = await tx`
    update orders o set due_date = n.due, updated_at = ${ctx.now()}
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as n(id uuid, due date) where o.id = n.id and o.due_date is distinct from n.due returning o.id`;
  return changed.length;
}
