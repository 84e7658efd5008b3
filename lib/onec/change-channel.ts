import type { Tx } from "@/db/index.ts";
import { lockFeed } from "@/lib/feed/lock-feed.ts";
import type { BaseDoor } from "./base-settings.ts";
import { isGivenOutSql } from "./given-out.ts";

/**
 * From now on money goes back to this base by `to`; in the transaction that saves its settings, before them. What the present channel
 * gave out without a word from 1C may be in its books already and would be booked a second time by the other one: then nothing changes
 * and the number of such payments (or of new orders of a shop) is returned. 0 = the settings may be saved.
 */
export async function changeChannel(tx: Tx, connectionId: string, to: BaseDoor): Promise<number> {
  const [now] = await tx<{ channel: BaseDoor }[]>`select money_channel as channel from connections where id = ${connectionId}`;
  if (!now || now.channel === to) return 0;
  // Whoever records money of an order holds it and names the base then: orders and the feed come before its row (decision 0023).
  const told = to === "commerceml" ? await tx<{ id: string }[]>`select o.id from orders o where ${toldSql(tx, connectionId)} order by o.id for no key update of o` : [];
  await lockFeed(tx, connectionId);
  const [base] = await tx<{ channel: BaseDoor }[]>`select money_channel as channel from connections where id = ${connectionId} for update`;
  if (!base || base.channel === to) return 0;
  const [open] = await tx<{ count: number }[]>`
    select count(*)::int as count from export_messages m where m.connection_id = ${connectionId} and m.state = 'pending' and ${isGivenOutSql(tx)}`;
  if (open!.count > 0) return open!.count;
  // A shop's order that 1C was told of and has not sent back under its own GUID: the file would give it as another new one.
  const [born] = await tx<{ count: number }[]>`
    select count(*)::int as count from orders o where ${to}::text = 'commerceml' and o.onec_connection_id = ${connectionId} and o.onec_guid is null and o.exported_version = 0
       and exists (select 1 from feed_events e left join feed_cursors c on c.connection_id = e.connection_id where e.order_id = o.id and e.connection_id = o.onec_connection_id and e.type = 'order.created'
                    and (e.push_tries > 0 or e.push_state = 'delivered' or e.seq <= c.acked_seq or c.read_at >= e.created_at))`;
  if (born!.count > 0) return born!.count;
  // What is no money (a receipt, a term that ended) goes by JSON alone: nobody waits for it any more.
  await tx`
    update onec_messages m set result = 'skipped', result_text = 'Больше не передаём: оплаты идут в 1С другим способом' where m.connection_id = ${connectionId} and m.result = 'waiting_1c' and m.direction = 'out'
       and exists (select 1 from feed_events e where e.id = m.id)`;
  // Events that nobody had fetched when the feed stopped: what another channel has told since, and orders that 1C has got since, would be made a second time (API-24).
  if (to === "json") {
    await tx`
      update feed_events e set push_state = 'delivered', next_push_at = null where e.connection_id = ${connectionId} and e.push_state <> 'delivered'
         and (e.seq is null or not exists (select 1 from feed_cursors c where c.connection_id = e.connection_id and c.acked_seq >= e.seq))
         and (exists (select 1 from export_messages m where m.id = e.export_id and m.state in ('delivered', 'confirmed')) or (e.type = 'order.created' and exists (select 1 from orders o where o.id = e.order_id and o.onec_guid is not null)))`;
  }
  // The file gives whole orders out: those that the other channel told of are no news (LOST-06).
  if (to === "commerceml") {
    await tx`update orders o set exported_version = o.export_version where o.id = any(${told.map(({ id }) => id)}::uuid[]) and ${toldSql(tx, connectionId)}`;
  }
  return 0;
}

/** Orders of the base (`o`) that the file would give out for nothing but what another channel has told of. */
const toldSql = (tx: Tx, connectionId: string) => tx`o.onec_connection_id = ${connectionId} and o.onec_guid is not null and o.exported_version < o.export_version
  and exists (select 1 from export_messages m where m.order_id = o.id) and not exists (select 1 from export_messages m where m.order_id = o.id and m.state = 'pending')`;
