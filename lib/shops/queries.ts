/** Internet shops and what they were told, read for staff. */
import type { Ctx } from "@/lib/context.ts";
import type { FeedType, PushState } from "@/lib/feed/index.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import { shopSettings } from "./shop-settings.ts";

export type ShopHealth = {
  shopId: string; name: string; enabled: boolean; lastSeenAt: Date | null; onecName: string | null; webhookUrl: string | null; returnOrigins: string[];
  /** Orders of the last day. */
  orders: number;
  waiting: number; stopped: number; oldestAt: Date | null;
  /** From the event to its delivery, last seven days; null: nothing was delivered. */
  medianSeconds: number | null;
};

export async function listShops(ctx: Ctx, { isTest, storeId }: { isTest: boolean; storeId: string | null }): Promise<ShopHealth[]> {
  const now = ctx.now();
  const { sql } = ctx.database;
  const rows = await sql<(Omit<ShopHealth, "returnOrigins"> & { settings: Record<string, unknown> })[]>`
    select c.id as shop_id, c.name, c.enabled, c.last_seen_at, b.name as onec_name, c.settings->'push'->>'url' as webhook_url, c.settings,
           (select count(*)::int from shop_orders s where s.shop_connection_id = c.id and s.order_id is not null and s.created_at > ${addMs(now, -DAY_MS)}) as orders,
           (select count(*)::int from feed_events e where e.connection_id = c.id and e.push_state = 'waiting') as waiting,
           (select count(*)::int from feed_events e where e.connection_id = c.id and e.push_state = 'stopped') as stopped,
           (select min(e.created_at) from feed_events e where e.connection_id = c.id and e.push_state = 'waiting') as oldest_at,
           (select percentile_cont(0.5) within group (order by extract(epoch from e.pushed_at - e.created_at))::float8 from feed_events e where e.connection_id = c.id and e.pushed_at > ${addMs(now, -7 * DAY_MS)}) as median_seconds
      from connections c left join connections b on b.id::text = c.settings->>'onecConnectionId'
     where c.kind = 'shop' and c.environment = ${isTest ? "test" : "live"} and (${storeId}::uuid is null or coalesce(c.store_id, b.store_id) = ${storeId}) order by c.enabled desc, c.name limit 100`;
  return rows.map(({ settings, ...row }) => ({ ...row, returnOrigins: shopSettings({ settings }).returnOrigins }));
}

export type Delivery = {
  eventId: string; shopName: string; type: FeedType; createdAt: Date; orderId: string | null; orderNumber: string | null; amountKopecks: bigint | null;
  state: PushState; tries: number; nextAt: Date | null; deliveredAt: Date | null; note: string | null; isSending: boolean;
};
export type DeliveryFilter = { shopId: string | null; onlyOpen: boolean; before: Date | null };
export const DELIVERIES_PER_PAGE = 50;

const deliveries = (ctx: Ctx, isTest: boolean) => ctx.database.sql`
  select e.id as event_id, c.name as shop_name, e.type, e.created_at, e.order_id, o.number as order_number, f.amount_kopecks, e.push_state as state, e.push_tries as tries, e.next_push_at as next_at,
         e.pushed_at as delivered_at, e.push_note as note, coalesce(e.push_claimed_until > ${ctx.now()}, false) as is_sending
    from feed_events e join connections c on c.id = e.connection_id and c.kind = 'shop' and c.environment = ${isTest ? "test" : "live"}
    left join orders o on o.id = e.order_id left join money_facts f on f.id = e.subject_id`;

/** Events of shops, newest first; `next`: where the page after this one begins, null on the last. */
export async function listDeliveries(ctx: Ctx, { isTest, storeId }: { isTest: boolean; storeId: string | null }, { shopId, onlyOpen, before }: DeliveryFilter): Promise<{ rows: Delivery[]; next: Date | null }> {
  const { sql } = ctx.database;
  const rows = await sql<Delivery[]>`
    ${deliveries(ctx, isTest)} where (${shopId}::uuid is null or c.id = ${shopId}) and (not ${onlyOpen} or e.push_state in ('waiting', 'stopped')) and (${before}::timestamptz is null or e.created_at < ${before})
       and (${storeId}::uuid is null or o.store_id = ${storeId}) order by e.created_at desc, e.insert_no desc limit ${DELIVERIES_PER_PAGE + 1}`;
  const page = rows.slice(0, DELIVERIES_PER_PAGE);
  return { rows: page, next: rows.length > DELIVERIES_PER_PAGE ? page.at(-1)!.createdAt : null };
}

export type DeliveryTry = { tryId: string; at: Date; httpStatus: number | null; isTaken: boolean; answer: string; request: string; durationMs: number };
export type OpenDelivery = Delivery & { attempts: DeliveryTry[] };

const TRIES_SHOWN = 30;

/** One event with its tries, newest first; null when it is not this viewer's. */
export async function readDelivery(ctx: Ctx, scope: { isTest: boolean; storeId: string | null }, eventId: string): Promise<OpenDelivery | null> {
  const id = uuidOrNull(eventId);
  if (id === null) return null;
  const { sql } = ctx.database;
  const [rows, attempts] = await Promise.all([
    sql<Delivery[]>`
      ${deliveries(ctx, scope.isTest)}
       where e.id = ${id} and (${scope.storeId}::uuid is null or o.store_id = ${scope.storeId})`,
    sql<DeliveryTry[]>`
      select x.id as try_id, x.at, x.http_status, x.outcome = 'taken' as is_taken, coalesce(x.answer, '') as answer, coalesce(x.request, '') as request, x.duration_ms
        from exchange_log x where x.subject_id = ${id} and x.action = 'feed.push' order by x.at desc, x.id desc limit ${TRIES_SHOWN}`,
  ]);
  return rows[0] ? { ...rows[0], attempts } : null;
}
