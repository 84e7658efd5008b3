import type { Ctx } from "@/lib/context.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { DAY_MS, HOUR_MS, addMs } from "@/lib/kit/time.ts";
import { raiseAlert } from "./raise-alert.ts";

/** Alerts raised in one run; the next run takes those that are still without one. */
const LIMIT = 200;

/** ALR-10: goods are out for an hour and their closing receipt is not made (P1 the next day); it ends with the receipt. */
export async function watchClosings(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const now = ctx.now();
  const urgent = addMs(now, -DAY_MS);
  const open = sql`r.purpose in ('closing', 'correction') and r.shipment_id is not null and r.state in ('planned', 'queued', 'sent', 'unknown', 'failed_retryable', 'failed_final')`;
  const late = await sql<{ id: string; orderId: string; number: string; totalKopecks: bigint; isUrgent: boolean; failText: string | null }[]>`
    select r.shipment_id as id, r.order_id, o.number, sum(r.total_kopecks)::bigint as total_kopecks, min(r.planned_at) < ${urgent} as is_urgent, max(r.fail_text) as fail_text
      from receipts r join orders o on o.id = r.order_id
     where ${open} and r.planned_at < ${addMs(now, -HOUR_MS)}
       and not exists (select 1 from alerts x where x.code = 'ALR-10' and x.object_key = 'shipment:' || r.shipment_id and x.state <> 'resolved' and (x.severity = 'P1' or r.planned_at >= ${urgent}))
     group by r.shipment_id, r.order_id, o.number order by min(r.planned_at) limit ${LIMIT}`;
  for (const shipment of late) {
    await raiseAlert(ctx, sql, {
      code: "ALR-10", objectKey: `shipment:${shipment.id}`, orderId: shipment.orderId, severity: shipment.isUrgent ? "P1" : "P2", amountKopecks: shipment.totalKopecks,
      title: `Товар отгружен, а закрывающий чек не пробит, заказ №\u00A0${shipment.number}: ${formatMoney(shipment.totalKopecks)}`,
      advice: shipment.failText ? `Причина: ${shipment.failText.slice(0, 200)}` : "Проверьте, работает ли касса и пробит ли чек предоплаты: закрывающий ждёт его.",
    });
  }
  await sql`
    update alerts a set state = 'resolved', resolved_at = ${now} where a.code = 'ALR-10' and a.state <> 'resolved' and a.object_key like 'shipment:%'
       and not exists (select 1 from receipts r where 'shipment:' || r.shipment_id = a.object_key and ${open})`;
}
