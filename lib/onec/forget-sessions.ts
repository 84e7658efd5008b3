import type { Sql } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import { isComplete } from "./receive-piece.ts";
import type { FileState } from "./states.ts";

const SESSIONS_PER_SWEEP = 500;
const UNFINISHED_PER_SWEEP = 50;
/** A whole file that could not be loaded for so long will not be loaded; the journal of the exchange still tells of it. */
const PATIENCE_DAYS = 7;

type Unfinished = { id: string; sessionId: string; name: string; pieceCount: number; state: FileState };

/**
 * Janitor (CML-11): uploaded bytes are of no use after a day, what they said stands in revisions. But a whole file that nobody
 * loaded yet holds orders that 1C may believe delivered (CML-13): its session stays until it is loaded. And the last answer that gave
 * payments out stays until 1C has said something of them: they may be in its books already (`given-out.ts`).
 */
export async function forgetSessions(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const dayAgo = addMs(ctx.now(), -DAY_MS);
  await sql`
    delete from onec_sessions where id in (
      select s.id from onec_sessions s where s.last_seen_at < ${dayAgo}
         and (s.last_seen_at < ${addMs(ctx.now(), -PATIENCE_DAYS * DAY_MS)} or not exists (select 1 from onec_files f where f.session_id = s.id and f.state in ('receiving', 'processing')))
         and not (${isLastWord(sql)})
       limit ${SESSIONS_PER_SWEEP})`;
  const broken = await sql<Unfinished[]>`
    select f.id, f.session_id, f.name, f.piece_count, f.state from onec_files f join onec_sessions s on s.id = f.session_id
     where s.last_seen_at < ${dayAgo} and f.state = 'receiving' order by f.touched_at limit ${UNFINISHED_PER_SWEEP}`;
  for (const file of broken) {
    if (!(await isComplete(ctx, file))) await sql`delete from onec_files where id = ${file.id} and state = 'receiving'`;
  }
}

/** Of its base's sessions the last one that gave anything out, and 1C has not been heard of some payment in it. Wants `s` = onec_sessions. */
const isLastWord = (sql: Sql) => sql`s.offered is not null
  and s.id = (select l.id from onec_sessions l where l.connection_id = s.connection_id and l.offered is not null and l.offered <> '[]'::jsonb order by l.offered_at desc, l.id desc limit 1)
  and exists (select 1 from jsonb_array_elements(s.offered) e cross join lateral jsonb_array_elements_text(coalesce(e->'messages', '[]'::jsonb) || coalesce(e->'perhaps', '[]'::jsonb)) x(id)
                join export_messages m on m.id = x.id::uuid where m.state = 'pending')`;
