import { findByEntrance } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { MINUTE_MS, SECOND_MS, addMs } from "@/lib/kit/time.ts";
import { shopSettings } from "./shop-settings.ts";

/** Guessing a key of 256 bits is hopeless; this only keeps a broken client from hammering. */
const WRONG_KEY_PAUSE_MS = 400;

/** The enabled shop whose `apiKey` this is. Null for none and for a wrong one. */
export async function enterShop(ctx: Ctx, authorization: string | null): Promise<OpenConnection | null> {
  const key = /^Bearer\s+([\w.~+/=-]{16,512})\s*$/i.exec(authorization ?? "")?.[1];
  if (key === undefined) return null;
  const found = await findByEntrance(ctx, "shop", key);
  if (!found) {
    await new Promise((resolve) => setTimeout(resolve, WRONG_KEY_PAUSE_MS));
    return null;
  }
  const now = ctx.now();
  await ctx.database.sql`update connections set last_seen_at = ${now} where id = ${found.id} and (last_seen_at is null or last_seen_at < ${addMs(now, -SECOND_MS)})`;
  return found;
}

/** Seconds to wait when this shop has called too often within the minute, else null. Counted in the database: any number of web processes keep one limit. */
export async function mustWait(ctx: Ctx, shop: OpenConnection): Promise<number | null> {
  const now = ctx.now();
  const [row] = await ctx.database.sql<{ points: number; expire: Date }[]>`
    insert into throttles as t (key, points, expire) values (${`shop:${shop.id}`}, 1, ${addMs(now, MINUTE_MS)})
    on conflict (key) do update set points = case when t.expire <= ${now} then 1 else t.points + 1 end, expire = case when t.expire <= ${now} then excluded.expire else t.expire end
    returning points, expire`;
  return row!.points <= shopSettings(shop).callsPerMinute ? null : Math.max(1, Math.ceil((row!.expire.getTime() - now.getTime()) / SECOND_MS));
}
