import type { Ctx } from "@/lib/context.ts";
import { localDate } from "@/lib/kit/time.ts";
import { workingCalendar } from "@/lib/orders/due-date.ts";
import { readSetting } from "@/lib/settings/index.ts";
import type { ClaimedReceipt } from "./claim-receipt.ts";
import { isCorrection } from "./cash-register.ts";
import { lastOrdinaryDay } from "./ordinary-until.ts";

/** FISC-31, LOST-15: the day of the ordinary receipt has passed, and an accountant must confirm a correction. */
export async function isTooLate(ctx: Ctx, receipt: ClaimedReceipt): Promise<boolean> {
  if (isCorrection(receipt.document.kind) || receipt.purpose === "reversal" || receipt.purpose === "correction") return false;
  const settledOn = localDate(receipt.settledAt, ctx.zone);
  const today = localDate(ctx.now(), ctx.zone);
  // The common case needs no calendar.
  if (today <= settledOn) return false;
  const { sql } = ctx.database;
  if ((await readSetting(sql, "receipt.ordinaryUntil")) === "always") return false;
  const days = await sql<{ day: string; isWorking: boolean }[]>`select day, is_working from calendar_days where day between ${settledOn}::date and ${settledOn}::date + 61`;
  return today > lastOrdinaryDay(settledOn, workingCalendar(days));
}
