import type { Sql, Tx } from "@/db/index.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";
import { dueDate, workingCalendar } from "@/lib/orders/due-date.ts";
import type { CalendarDay } from "@/lib/orders/due-date.ts";
import { unidentified } from "./bank-line.ts";

const LOOK_BACK_DAYS = 30;

/** ALR-17: unidentified money of more than one working day, one alert for all of it; ends when the last line found its owner. */
export async function alertUnidentified(ctx: Ctx, on: Tx | Sql): Promise<void> {
  const calendar = workingCalendar(await on<CalendarDay[]>`select day::text, is_working from calendar_days`);
  const today = localDate(ctx.now(), ctx.zone);
  let since = today;
  for (let back = 0; back < LOOK_BACK_DAYS && dueDate(since, { days: 1, dayKind: "working" }, calendar) >= today; back++) since = addDays(since, -1);
  for (const isTest of [false, true]) {
    const objectKey = `bank:unidentified:${isTest ? "test" : "live"}`;
    const [found] = await on<{ count: number; kopecks: bigint }[]>`
      select count(*)::int as count, coalesce(sum(l.amount_kopecks), 0)::bigint as kopecks from bank_statement_lines l join bank_statements b on b.id = l.statement_id
       where ${unidentified(on, ctx.zone)} and l.is_test = ${isTest} and l.received_on <= ${since}`;
    const [open] = await on<{ count: number }[]>`select (detail->>'count')::int as count from alerts where code = 'ALR-17' and object_key = ${objectKey} and state <> 'resolved'`;
    if (found!.count === 0) await resolveAlert(ctx, on, "ALR-17", objectKey);
    // Waiting is one event, however often it is looked at.
    else if (open?.count !== found!.count) {
      await raiseAlert(ctx, on, {
        code: "ALR-17", objectKey, severity: "P3", amountKopecks: found!.kopecks,
        title: `Невыясненные поступления на счёт: ${found!.count}, всего ${formatMoney(found!.kopecks)}`,
        advice: "Найдите заказ или плательщика и привяжите деньги, либо отметьте, что это не оплата покупателя.",
        detail: { count: found!.count },
      });
    }
  }
}
