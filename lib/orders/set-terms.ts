import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { localDate } from "@/lib/kit/time.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { orderDueDate, workingCalendar } from "./due-date.ts";
import type { DeferralTerms } from "./due-date.ts";
import { termsOf } from "./intake/counterparties.ts";

/** More unpaid orders than one buyer ever has; a bound for the transaction. */
export const ORDERS_MAX = 2_000;

/** A buyer's orders before the buyer, as intake takes them. */
export async function lockBuyerOrders(tx: Tx, counterpartyId: string): Promise<void> {
  await tx`select 1 from orders where counterparty_id = ${counterpartyId} order by id limit ${ORDERS_MAX} for no key update`;
}

/** A deferral as a value of the field `terms` (`lib/conflicts/fields.ts`). */
export const termsText = (terms: DeferralTerms | null): string => (terms === null || terms.days === 0 ? "0" : `${terms.days} ${terms.dayKind} ${terms.base}`);
export function termsOfText(text: string): DeferralTerms | null {
  const [days, dayKind, base] = text.split(" ");
  return !days || days === "0" ? null : { days: Number(days), dayKind: dayKind as DeferralTerms["dayKind"], base: base as DeferralTerms["base"] };
}

/** Gives a locked buyer another deferral; unpaid orders without one of their own move with it. Returns how many got another term. */
export async function setBuyerTerms(ctx: Ctx, tx: Tx, counterpartyId: string, terms: DeferralTerms | null): Promise<number> {
  await tx`
    update counterparties set deferral_days = ${terms?.days ?? null}, deferral_day_kind = ${terms?.dayKind ?? null}, deferral_base = ${terms?.base ?? null}, updated_at = ${ctx.now()}
     where id = ${counterpartyId}`;
  return moveDueDates(
    ctx, tx,
    tx`o.counterparty_id = ${counterpartyId} and o.own_deferral_days is null and o.lifecycle not in ('cancelled', 'deleted') and o.payment_status in ('not_paid', 'awaiting_payment', 'authorized', 'partially_paid')`,
  );
}

type Columns = { deferralDays: number | null; deferralDayKind: DeferralTerms["dayKind"] | null; deferralBase: DeferralTerms["base"] | null };

/** Reckons the last day to pay of orders (alias `o`) anew, out of their terms or their buyers'. Returns how many changed. */
export async function moveDueDates(ctx: Ctx, tx: Tx, where: ReturnType<Tx>): Promise<number> {
  const [open, days, shift] = await Promise.all([
    tx<({ id: string; orderDate: Date; onecShipmentAt: Date | null } & Columns)[]>`
      select o.id, o.order_date, o.onec_shipment_at, coalesce(o.own_deferral_days, c.deferral_days) as deferral_days,
             case when o.own_deferral_days is null then c.deferral_day_kind else o.own_deferral_day_kind end as deferral_day_kind,
             case when o.own_deferral_days is null then c.deferral_base else o.own_deferral_base end as deferral_base
        from orders o left join counterparties c on c.id = o.counterparty_id where ${where} order by o.id limit ${ORDERS_MAX} for no key update of o`,
    tx<{ day: string; isWorking: boolean }[]>`select day, is_working from calendar_days`,
    readSetting(tx, "b2b.shiftToWorkingDay"),
  ]);
  const isWorking = workingCalendar(days);
  const local = (at: Date) => localDate(at, ctx.zone);
  const rows = open.map((order) => ({
    id: order.id,
    due: orderDueDate(termsOf(order), { orderDay: local(order.orderDate), shipmentDay: order.onecShipmentAt ? local(order.onecShipmentAt) : null }, isWorking, shift),
  }));
  const changed = await tx`
    update orders o set due_date = n.due, updated_at = ${ctx.now()}
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as n(id uuid, due date) where o.id = n.id and o.due_date is distinct from n.due returning o.id`;
  return changed.length;
}
