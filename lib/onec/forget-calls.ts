import type { Ctx } from "@/lib/context.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import { readSetting } from "@/lib/settings/index.ts";

/** Of one base in one go; the janitor comes every minute. */
const BATCH = 500;

/**
 * Janitor: calls of 1C that are older than `onec.callDays`, a batch of each base at a time. The last call of a base at each door stays, however old: it says
 * since when the base has been silent (LOST-16).
 */
export async function forgetCalls(ctx: Ctx): Promise<number> {
  const { sql } = ctx.database;
  const until = addMs(ctx.now(), -(await readSetting(sql, "onec.callDays")) * DAY_MS);
  const gone = await sql`
    delete from onec_calls where id in (
      select k.id from connections c cross join lateral (
        select k.id from onec_calls k where k.connection_id = c.id and k.at < ${until}
           and exists (select 1 from onec_calls n where n.connection_id = c.id and n.type = k.type and (n.at, n.id) > (k.at, k.id)) order by k.at limit ${BATCH}) k
       where c.kind in ('onec', 'shop')
      union all
      (select k.id from onec_calls k where k.connection_id is null and k.at < ${until} order by k.at limit ${BATCH})) returning 1`;
  return gone.length;
}
