import type { Sql, Tx } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";

/** Messages whose last conflict has ended are applied; one with another open conflict goes on waiting. */
export async function closeMessages(ctx: Ctx, on: Tx | Sql, messageIds: readonly string[], text: string): Promise<void> {
  if (messageIds.length === 0) return;
  await on`
    update onec_messages m set result = 'applied', result_text = ${text}, handled_by = ${actorText(ctx.actor)}, handled_at = ${ctx.now()}
     where m.id = any(${messageIds as string[]}::uuid[]) and m.result = 'conflict' and not exists (select 1 from onec_conflicts c where c.message_id = m.id and c.state = 'open')`;
}

const BATCH = 200;

/** Every minute: conflicts that end with their alert, and messages that nobody disputes any more. */
export async function watchConflicts(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  await sql`
    update onec_conflicts set state = 'gone', decided_at = ${ctx.now()}, decided_by = 'system', reason = 'Событие закрыто: причина ушла' where id in (
      select c.id from onec_conflicts c where c.state = 'open' and c.alert_code is not null
         and not exists (select 1 from alerts a where a.code = c.alert_code and a.object_key = c.alert_key and a.state <> 'resolved') order by c.opened_at limit ${BATCH})`;
  const settled = await sql<{ id: string }[]>`
    select m.id from onec_messages m where m.result = 'conflict' and not exists (select 1 from onec_conflicts c where c.message_id = m.id and c.state = 'open') order by m.at limit ${BATCH}`;
  await closeMessages(ctx, sql, settled.map(({ id }) => id), "Решено");
}
