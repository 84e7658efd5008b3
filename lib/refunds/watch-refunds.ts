import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatDateLong, formatMoney } from "@/lib/kit/format.ts";
import { DAY_MS, addDays, addMs, instantOfLocal, localDate } from "@/lib/kit/time.ts";

const LIMIT = 200;
const SLOW_MS = 3 * DAY_MS;
/** PAY-21: the law gives ten days; staff hear on the seventh, urgently on the ninth. */
const WARN_BEFORE_DAYS = 3;
const URGENT_BEFORE_DAYS = 1;

type Row = { refundId: string; orderId: string | null; number: string | null; amountKopecks: bigint; dueOn: string | null; isSlow: boolean };

/** Job, every minute (ALR-19): refunds that the bank does not end, and those whose day by law comes near. One alert per refund, raised once and once more when it gets urgent. */
export async function watchRefunds(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const today = localDate(ctx.now(), ctx.zone);
  const [warnOn, urgentOn] = [addDays(today, WARN_BEFORE_DAYS), addDays(today, URGENT_BEFORE_DAYS)];
  // Also one that was approved and never got to the bank: it cannot be asked, or another refund of the payment does not end.
  const isSlow = sql`coalesce(coalesce(r.submitted_at, r.decided_at) < ${addMs(ctx.now(), -SLOW_MS)} and r.method = 'instrument' and r.state in ('approved', 'submitting', 'unknown', 'pending'), false)`;
  const rows = await sql<Row[]>`
    select r.id as refund_id, r.order_id, o.number, r.amount_kopecks, r.due_on::text, ${isSlow} as is_slow
      from refunds r left join orders o on o.id = r.order_id
     where r.state in ('requested', 'approved', 'submitting', 'unknown', 'pending')
       and (${isSlow} or r.due_on <= ${warnOn}::date)
       and not exists (select 1 from alerts a where a.code = 'ALR-19' and a.object_key = 'refund:' || r.id and a.state <> 'resolved' and (a.severity = 'P1' or r.due_on is null or r.due_on > ${urgentOn}::date))
     order by r.due_on nulls last, r.submitted_at limit ${LIMIT}`;
  for (const row of rows) {
    const { dueOn } = row;
    const isUrgent = dueOn !== null && dueOn <= urgentOn;
    const isByLaw = dueOn !== null && dueOn <= warnOn;
    const of = row.number ? ` по заказу №${NBSP}${row.number}` : "";
    await raiseAlert(ctx, sql, {
      code: "ALR-19", objectKey: `refund:${row.refundId}`, orderId: row.orderId, severity: isUrgent ? "P1" : "P2", amountKopecks: row.amountKopecks,
      title: isByLaw ? `Возврат ${formatMoney(row.amountKopecks)}${of} нужно закончить до ${formatDateLong(instantOfLocal(`${dueOn}T12:00:00`, ctx.zone)!, ctx.zone)}` : `Банк не исполняет возврат ${formatMoney(row.amountKopecks)}${of} больше трёх дней`,
      advice: isByLaw ? "Закон даёт покупателю десять дней. Одобрите возврат или верните деньги другим способом." : "Мы спрашиваем банк сами. Позвоните в поддержку банка и назовите номер платежа.",
    });
  }
  await sql`
    update alerts a set state = 'resolved', resolved_at = ${ctx.now()} where a.code = 'ALR-19' and a.state <> 'resolved' and a.object_key like 'refund:%'
       and not exists (select 1 from refunds r where 'refund:' || r.id = a.object_key and r.state in ('requested', 'approved', 'submitting', 'unknown', 'pending'))`;
}
