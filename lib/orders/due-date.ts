/** When a deferred payment is due (B2B-02, B2B-03). Days are `YYYY-MM-DD` of the shop's zone. Pure. */
import { addDays } from "@/lib/kit/time.ts";

export type DeferralTerms = {
  days: number;
  dayKind: "calendar" | "working";
  base: "order_date" | "invoice_date" | "shipment_date";
};

/** Days that differ from Monday–Friday: rows of `calendar_days`. */
export type CalendarDay = { day: string; isWorking: boolean };
export type WorkingCalendar = (day: string) => boolean;

export function workingCalendar(days: Iterable<CalendarDay>): WorkingCalendar {
  const known = new Map<string, boolean>();
  for (const { day, isWorking } of days) known.set(day, isWorking);
  return (day) => known.get(day) ?? isWeekday(day);
}

const isWeekday = (day: string) => ![0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());

/** No calendar has that many non-working days in a row; a wrong one must not hang us. */
const STEPS_MAX = 4_000;

/**
 * B2B-02: counting starts the day after the base. Calendar days that end on a non-working day move to the next working one
 * (ст. 193 ГК), unless the contract says otherwise (`shiftToWorkingDay` false).
 */
export function dueDate(baseDay: string, terms: Pick<DeferralTerms, "days" | "dayKind">, isWorking: WorkingCalendar, shiftToWorkingDay = true): string {
  if (terms.dayKind === "calendar") {
    const day = addDays(baseDay, terms.days);
    return shiftToWorkingDay ? nextWorking(day, isWorking) : day;
  }
  let day = baseDay;
  for (let left = terms.days, steps = 0; left > 0 && steps < STEPS_MAX; steps++) {
    day = addDays(day, 1);
    if (isWorking(day)) left -= 1;
  }
  return day;
}

function nextWorking(day: string, isWorking: WorkingCalendar): string {
  let at = day;
  for (let steps = 0; !isWorking(at) && steps < STEPS_MAX; steps++) at = addDays(at, 1);
  return at;
}

/** The last day to pay, or null while the base date is not known (nothing shipped yet). Our invoice is dated like its order. */
export function orderDueDate(terms: DeferralTerms | null, days: { orderDay: string; shipmentDay: string | null }, isWorking: WorkingCalendar, shiftToWorkingDay = true): string | null {
  if (!terms) return null;
  const base = terms.base === "shipment_date" ? days.shipmentDay : days.orderDay;
  return base === null ? null : dueDate(base, terms, isWorking, shiftToWorkingDay);
}
