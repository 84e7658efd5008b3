import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";

/** Banks let a hold go after about a week (UNCONFIRMED for each of them): staff hear two days before. */
const OLD_MS = 5 * DAY_MS;
const LIMIT = 200;

/** Job, every minute: held money that nobody has taken, before the bank gives it back (ALR-03). */
export async function watchHolds(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const rows = await sql<{ attemptId: string; orderId: string; number: string; amountKopecks: bigint }[]>`
    select a.id as attempt_id, a.order_id, o.number, f.amount_kopecks from payment_attempts a join orders o on o.id = a.order_id join money_facts f on f.attempt_id = a.id and f.kind = 'authorized'
     where a.state = 'authorized' and f.occurred_at < ${addMs(ctx.now(), -OLD_MS)}
       and not exists (select 1 from alerts x where x.code = 'ALR-03' and x.object_key = 'hold-old:' || a.id and x.state <> 'resolved') order by f.occurred_at limit ${LIMIT}`;
  for (const row of rows) {
    await raiseAlert(ctx, sql, {
      code: "ALR-03", objectKey: `hold-old:${row.attemptId}`, orderId: row.orderId, severity: "P2", amountKopecks: row.amountKopecks,
      title: `Заблокированные ${formatMoney(row.amountKopecks)} скоро вернутся покупателю, заказ №${NBSP}${row.number}`,
      advice: "Спишите деньги или снимите блокировку: банк держит её около недели.",
    });
  }
  await sql`
    update alerts x set state = 'resolved', resolved_at = ${ctx.now()} where x.code = 'ALR-03' and x.state <> 'resolved' and x.object_key like 'hold-old:%'
       and not exists (select 1 from payment_attempts a where 'hold-old:' || a.id = x.object_key and a.state = 'authorized')`;
}
