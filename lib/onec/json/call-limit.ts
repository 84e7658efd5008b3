import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { MINUTE_MS, SECOND_MS, addMs } from "@/lib/kit/time.ts";
import { CallRefused } from "./errors.ts";

/** Calls of one base in a minute; a job that runs every second with five calls stays far below. `callsPerMinute` of the connection changes it. */
const PER_MINUTE = 1_200;

/** Throws 429 with the seconds to wait. The count stands in the database: any number of web processes keep one limit. */
export async function assertNotTooOften(ctx: Ctx, base: Pick<OpenConnection, "id" | "settings">): Promise<void> {
  const now = ctx.now();
  const given = Number(base.settings["callsPerMinute"] ?? PER_MINUTE);
  const limit = Number.isSafeInteger(given) && given > 0 ? given : PER_MINUTE;
  const [row] = await ctx.database.sql<{ points: number; expire: Date }[]>`
    insert into throttles as t (key, points, expire) values (${`json:${base.id}`}, 1, ${addMs(now, MINUTE_MS)})
    on conflict (key) do update set points = case when t.expire <= ${now} then 1 else t.points + 1 end, expire = case when t.expire <= ${now} then excluded.expire else t.expire end
    returning points, expire`;
  if (row!.points <= limit) return;
  const seconds = Math.max(1, Math.ceil((row!.expire.getTime() - now.getTime()) / SECOND_MS));
  throw new CallRefused(429, `Больше ${limit} обращений в минуту: повторите через ${seconds} с`, {}, { "retry-after": String(seconds) });
}
