import type { Ctx } from "@/lib/context.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import { readSetting } from "@/lib/settings/index.ts";

const BATCH = 2_000;

/** Janitor: rows of the journal that are older than `onec.messageDays` (SEC-04), a batch at a time. What still waits for somebody stays, whatever its age. */
export async function forgetMessages(ctx: Ctx): Promise<number> {
  const { sql } = ctx.database;
  const until = addMs(ctx.now(), -(await readSetting(sql, "onec.messageDays")) * DAY_MS);
  const gone = await sql`
    delete from onec_messages where id in (
      select id from onec_messages where at < ${until} and result not in ('received', 'conflict', 'error', 'waiting_1c') order by at limit ${BATCH}) returning 1`;
  return gone.length;
}
