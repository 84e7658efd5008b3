import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatCount } from "@/lib/kit/format.ts";
import { HOUR_MS, addMs } from "@/lib/kit/time.ts";

/** API-28. */
const LATE_MS = 2 * HOUR_MS;
const URGENT_MS = 24 * HOUR_MS;

/** Job: «1С не забирает оплаты 2 ч» while the oldest event that nobody acknowledged is older than that. */
export async function watchFeed(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const now = ctx.now();
  const late = await sql<{ id: string; name: string; oldestAt: Date; count: number; severity: string | null }[]>`
    select c.id, c.name, w.oldest_at, w.count, (select a.severity from alerts a where a.code = 'ALR-12' and a.object_key = 'connection:' || c.id || ':feed' and a.state <> 'resolved') as severity
      from connections c left join feed_cursors k on k.connection_id = c.id
      cross join lateral (select min(e.created_at) as oldest_at, count(*)::int as count from (select created_at from feed_events e where e.connection_id = c.id and (e.seq is null or e.seq > coalesce(k.acked_seq, 0)) and e.push_state <> 'delivered' order by e.seq nulls last limit 10000) e) w
     where c.kind = 'onec' and c.enabled and c.money_channel = 'json' and w.oldest_at < ${addMs(now, -LATE_MS)}`;
  for (const base of late) {
    const isUrgent = now.getTime() - base.oldestAt.getTime() > URGENT_MS;
    if (base.severity !== null && (base.severity === "P1" || !isUrgent)) continue;
    await raiseAlert(ctx, sql, {
      code: "ALR-12", objectKey: `connection:${base.id}:feed`, severity: isUrgent ? "P1" : "P2",
      title: `«${base.name}» не забирает оплаты ${isUrgent ? "больше суток" : "дольше 2 часов"}: ${formatCount(base.count, ["событие", "события", "событий"])} в очереди`,
      advice: "Проверьте регламентное задание обмена в 1С. Ничего не потеряно: события отдадутся при следующем обращении.",
    });
  }
  await sql`
    update alerts set state = 'resolved', resolved_at = ${now} where code = 'ALR-12' and state <> 'resolved' and object_key like 'connection:%:feed'
       and not (object_key = any(${late.map((base) => `connection:${base.id}:feed`)}))`;
}
