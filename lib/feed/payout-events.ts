import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";

/** `payout.registered`: what the acquirer paid out and kept for each payment of a registry, for the 1C bases of their orders. Set-based: a registry has tens of thousands of lines. */
export const payoutEventsWrite = (ctx: Ctx, tx: Tx, registryId: string) => tx`
  insert into feed_events (id, connection_id, type, key, order_id, subject_id, created_at, push_state, next_push_at)
  select gen_random_uuid(), c.id, 'payout.registered', 'payout:' || n.id, a.order_id, n.id, ${ctx.now()}::timestamptz, case when c.settings ? 'push' then 'waiting' else 'none' end, case when c.settings ? 'push' then ${ctx.now()}::timestamptz end
    from registry_entries n
      join money_facts f on f.connection_id = n.connection_id and f.provider_payment_id = n.provider_payment_id and f.kind = 'payment_captured' and f.is_test = n.is_test
      cross join lateral (select x.order_id from allocations x where x.fact_id = f.id and x.order_id is not null group by x.order_id having sum(x.amount_kopecks) > 0 order by sum(x.amount_kopecks) desc, x.order_id limit 1) a
      join orders o on o.id = a.order_id join connections c on c.id = o.onec_connection_id and c.money_channel = 'json'
   where n.registry_id = ${registryId} and n.kind = 'payment' and n.payout_id is not null and n.fee_kopecks is not null
  on conflict (connection_id, key, type, repeat_no) do nothing`;
