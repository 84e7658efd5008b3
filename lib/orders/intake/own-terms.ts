import { localDate } from "@/lib/kit/time.ts";
import { orderDueDate } from "@/lib/orders/due-date.ts";
import type { DeferralTerms } from "@/lib/orders/due-date.ts";
import { termsOf } from "./counterparties.ts";
import type { KnownOrder } from "./known-orders.ts";
import type { PlanSettings } from "./plan-order.ts";

/** Deferral of one order alone; 0 days: none, whatever its buyer has; null: the buyer's. */
export type OwnTerms = Pick<KnownOrder, "ownDeferralDays" | "ownDeferralDayKind" | "ownDeferralBase">;

export const ownTerms = (terms: DeferralTerms | null): OwnTerms => ({ ownDeferralDays: terms?.days ?? null, ownDeferralDayKind: terms?.dayKind ?? null, ownDeferralBase: terms?.base ?? null });

/** The order's own deferral counts before the buyer's. */
export const termsFor = (own: OwnTerms, buyers: DeferralTerms | null): DeferralTerms | null =>
  own.ownDeferralDays === null ? buyers : termsOf({ deferralDays: own.ownDeferralDays, deferralDayKind: own.ownDeferralDayKind, deferralBase: own.ownDeferralBase });

/** Last day of the deferral, `YYYY-MM-DD` (B2B-02); null without one, or while the day that it counts from is not known. */
export const dueOf = (terms: DeferralTerms | null, orderDate: Date, shipmentAt: Date | null, { zone, isWorking, shiftToWorkingDay }: Pick<PlanSettings, "zone" | "isWorking" | "shiftToWorkingDay">) =>
  terms && orderDueDate(terms, { orderDay: localDate(orderDate, zone), shipmentDay: shipmentAt && localDate(shipmentAt, zone) }, isWorking, shiftToWorkingDay);
