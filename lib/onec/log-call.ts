import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { addMs, SECOND_MS } from "@/lib/kit/time.ts";
import type { Handled } from "./exchange-answers.ts";

const WORD_MAX = 30;
const SUMMARY_MAX = 500;

/** One line per call, and the sign of life of the base (ALR-12). */
export async function logCall(ctx: Ctx, call: { base: OpenConnection; type: string; mode: string; handled: Handled; started: number }): Promise<void> {
  const { sql } = ctx.database;
  const { answer, summary } = call.handled;
  const isXml = answer.headers["content-type"]?.startsWith("application/xml");
  const word = isXml ? "xml" : (answer.body.split("\n", 1)[0] ?? "");
  const now = ctx.now();
  await Promise.all([
    sql`insert into onec_calls (id, connection_id, at, type, mode, answer, summary, duration_ms)
        values (${newId()}, ${call.base.id}, ${now}, ${call.type.slice(0, WORD_MAX)}, ${call.mode.slice(0, WORD_MAX)}, ${word.slice(0, WORD_MAX)}, ${summary.slice(0, SUMMARY_MAX)},
          ${Math.round(performance.now() - call.started)})`,
    sql`update connections set last_seen_at = ${now} where id = ${call.base.id} and (last_seen_at is null or last_seen_at < ${addMs(now, -SECOND_MS)})`,
  ]);
}

/** The same for a call of another door than the stock exchange. `summary`: no personal data. */
export async function logDoorCall(ctx: Ctx, call: { base: Pick<OpenConnection, "id">; door: string; mode: string; isRefused: boolean; summary: string; started: number }): Promise<void> {
  await ctx.database.sql`
    insert into onec_calls (id, connection_id, at, type, mode, answer, summary, duration_ms)
    values (${newId()}, ${call.base.id}, ${ctx.now()}, ${call.door}, ${call.mode.slice(0, WORD_MAX)}, ${call.isRefused ? "failure" : "success"}, ${call.summary.slice(0, SUMMARY_MAX)}, ${Math.round(performance.now() - call.started)})`;
}

const REFUSED_EVERY_MS = 10 * SECOND_MS;

/** A wrong password leaves a trace, a guesser no flood of them. */
export async function logRefusedLogin(ctx: Ctx, mode: string): Promise<void> {
  const now = ctx.now();
  await ctx.database.sql`
    insert into onec_calls (id, connection_id, at, type, mode, answer, summary, duration_ms)
    select ${newId()}, null, ${now}::timestamptz, 'sale', ${mode.slice(0, WORD_MAX)}::text, 'failure', 'Неверный логин или пароль обмена', 0
     where not exists (select 1 from onec_calls where connection_id is null and at > ${addMs(now, -REFUSED_EVERY_MS)})`;
}
