import type { Sql, Tx } from "@/db/index.ts";

/** Which store in which world a board is about. */
export type BoardOf = { storeId: string; isTest: boolean };

/**
 * The orders that a pilot is judged by: those that a batch chose, and those that were paid through us in whatever mode, so that a rollback
 * from live keeps its experience (PIL-07).
 */
export const workedOrders = (on: Sql | Tx, { storeId, isTest }: BoardOf) => (on as Tx)`
  select o.* from orders o where o.store_id = ${storeId} and o.is_test = ${isTest}
     and (o.pilot_batch_id is not null or (o.captured_kopecks > 0 and exists (select 1 from payment_attempts a where a.order_id = o.id and a.state = 'succeeded')))`;

/** Since when days and problems count: the first time the store was a pilot, or the store itself. */
export const pilotSince = (on: Sql | Tx, storeId: string) => (on as Tx)`
  coalesce((select min(c.at) from store_mode_changes c where c.store_id = ${storeId} and c.to_mode = 'pilot'), (select s.created_at from stores s where s.id = ${storeId}))`;

/** Alerts of this store's orders, and those that belong to no order and so to everybody. */
export const openAlerts = (on: Sql | Tx, { storeId, isTest }: BoardOf) => (on as Tx)`
  (select count(*) from alerts a left join orders x on x.id = a.order_id where a.state in ('firing', 'acknowledged') and a.severity in ('P1', 'P2')
      and (a.order_id is null or (x.store_id = ${storeId} and x.is_test = ${isTest}))
      and (a.object_key not like 'connection:%' or exists (select 1 from connections c where 'connection:' || c.id = a.object_key and c.is_test = ${isTest})))`;

export const openDiscrepancies = (on: Sql | Tx, { storeId, isTest }: BoardOf, severities: readonly string[]) => (on as Tx)`
  (select count(*) from discrepancies d left join orders x on x.id = d.order_id where d.state = 'open' and d.is_test = ${isTest} and d.severity = any(${severities as string[]})
      and (d.order_id is null or x.store_id = ${storeId}))`;
