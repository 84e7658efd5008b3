/** Until when a late receipt is still an ordinary one (FISC-31). Pure. */
import { addDays } from "@/lib/kit/time.ts";
import type { WorkingCalendar } from "@/lib/orders/due-date.ts";

/** No calendar has that many days off in a row; a wrong one must not hang us. */
const DAYS_MAX = 60;

/** The next working day after the settlement: until its end the ordinary receipt is sent. Days are `YYYY-MM-DD`. */
export function lastOrdinaryDay(settledOn: string, isWorking: WorkingCalendar): string {
  let day = addDays(settledOn, 1);
  for (let steps = 0; !isWorking(day) && steps < DAYS_MAX; steps++) day = addDays(day, 1);
  return day;
}
