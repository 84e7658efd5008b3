import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatDayMonth } from "@/lib/kit/format.ts";
import { HOUR_MS, addDays, addMs, instantOfLocal, localDate } from "@/lib/kit/time.ts";
import { dueDate, workingCalendar } from "@/lib/orders/due-date.ts";
import type { CalendarDay, WorkingCalendar } from "@/lib/orders/due-date.ts";
import { readSetting } from "@/lib/settings/index.ts";

type Account = { id: string; account: string; bankName: string; lastDay: string | null };

const LOOK_BACK_DAYS = 30;
const NOON_MS = 12 * HOUR_MS;

/**
 * ALR-18: a working day whose statement is not there by noon of the next one. Expected of every account that has had one (setting
 * `recon.bankStatements` on: of every seller's default account too); ends when a statement reaches that day.
 */
export async function alertLateStatements(ctx: Ctx, tx: Tx): Promise<void> {
  const calendar = workingCalendar(await tx<CalendarDay[]>`select day::text, is_working from calendar_days`);
  const wanted = lastDueDay(ctx, calendar);
  const all = await readSetting(tx, "recon.bankStatements");
  const accounts = await tx<Account[]>`
    select a.id, a.account, a.bank_name, max(b.day_to)::text as last_day from bank_accounts a left join bank_statements b on b.bank_account_id = a.id
     group by a.id having count(b.id) > 0 or (${all} and a.is_default) order by a.id limit 1000`;
  const late = accounts.filter((account) => account.lastDay === null || account.lastDay < wanted);
  for (const { id, account, bankName, lastDay } of late) {
    const objectKey = `statement:${id}`;
    const [open] = await tx`select 1 from alerts where code = 'ALR-18' and object_key = ${objectKey} and state <> 'resolved'`;
    // Waiting is one event, however often it is looked at.
    if (open) continue;
    await raiseAlert(ctx, tx, {
      code: "ALR-18", objectKey, severity: "P2",
      title: `Нет выписки за ${formatDayMonth(wanted)} по счёту …${account.slice(-4)} (${bankName})${lastDay ? `, последняя по ${formatDayMonth(lastDay)}` : ""}`,
      advice: "Выгрузите выписку из банка в формате 1CClientBankExchange и загрузите её в сверке.",
      detail: { bankAccountId: id, day: wanted },
    });
  }
  await tx`
    update alerts set state = 'resolved', resolved_at = ${ctx.now()} where code = 'ALR-18' and state <> 'resolved' and object_key like 'statement:%' and object_key <> all(${late.map(({ id }) => `statement:${id}`)}::text[])`;
}

/** The newest working day whose statement must be there by now. */
function lastDueDay(ctx: Ctx, isWorking: WorkingCalendar): string {
  let day = localDate(ctx.now(), ctx.zone);
  for (let back = 0; back < LOOK_BACK_DAYS; back++) {
    day = addDays(day, -1);
    const noon = addMs(instantOfLocal(`${dueDate(day, { days: 1, dayKind: "working" }, isWorking)}T00:00:00`, ctx.zone)!, NOON_MS);
    if (isWorking(day) && noon <= ctx.now()) return day;
  }
  return day;
}
