import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { REFUSED_LOGINS } from "@/lib/alerts/end-outages.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatCount } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import { addMs, MINUTE_MS, SECOND_MS } from "@/lib/kit/time.ts";
import type { Handled } from "./exchange-answers.ts";

const WORD_MAX = 30;
const SUMMARY_MAX = 500;

/** An address may say anything, also what no column keeps: that is no reason to answer otherwise. */
const kept = (text: string, max: number): string => storableText(text).slice(0, max);

/** One line per call, and the sign of life of the base (ALR-12). */
export async function logCall(ctx: Ctx, call: { base: OpenConnection; type: string; mode: string; handled: Handled; started: number }): Promise<void> {
  const { sql } = ctx.database;
  const { answer, summary } = call.handled;
  const isXml = answer.headers["content-type"]?.startsWith("application/xml");
  const word = isXml ? "xml" : (answer.body.split("\n", 1)[0] ?? "");
  const now = ctx.now();
  await Promise.all([
    sql`insert into onec_calls (id, connection_id, at, type, mode, answer, summary, duration_ms)
        values (${newId()}, ${call.base.id}, ${now}, ${kept(call.type, WORD_MAX)}, ${kept(call.mode, WORD_MAX)}, ${kept(word, WORD_MAX)}, ${kept(summary, SUMMARY_MAX)},
          ${Math.round(performance.now() - call.started)})`,
    sql`update connections set last_seen_at = ${now} where id = ${call.base.id} and (last_seen_at is null or last_seen_at < ${addMs(now, -SECOND_MS)})`,
  ]);
}

/** The same for a call of another door than the stock exchange. `summary`: no personal data. */
export async function logDoorCall(ctx: Ctx, call: { base: Pick<OpenConnection, "id">; door: string; mode: string; isRefused: boolean; summary: string; started: number }): Promise<void> {
  await ctx.database.sql`
    insert into onec_calls (id, connection_id, at, type, mode, answer, summary, duration_ms)
    values (${newId()}, ${call.base.id}, ${ctx.now()}, ${call.door}, ${kept(call.mode, WORD_MAX)}, ${call.isRefused ? "failure" : "success"}, ${kept(call.summary, SUMMARY_MAX)}, ${Math.round(performance.now() - call.started)})`;
}

const REFUSED_EVERY_MS = 10 * SECOND_MS;
/** So many wrong logins in ten minutes are a series (ALR-22): somebody guesses, or a base goes on with an old password. */
const GUESSES = 20;
const GUESSES_WINDOW_MS = 10 * MINUTE_MS;

/** A wrong password leaves a trace, a guesser no flood of them. */
export async function logRefusedLogin(ctx: Ctx, mode: string): Promise<void> {
  const now = ctx.now();
  await ctx.database.sql`
    insert into onec_calls (id, connection_id, at, type, mode, answer, summary, duration_ms)
    select ${newId()}, null, ${now}::timestamptz, 'sale', ${kept(mode, WORD_MAX)}::text, 'failure', 'Неверный логин или пароль обмена', 0
     where not exists (select 1 from onec_calls where connection_id is null and at > ${addMs(now, -REFUSED_EVERY_MS)})`;
  const [row] = await ctx.database.sql<{ points: number }[]>`
    insert into throttles as t (key, points, expire) values ('onec:refused', 1, ${addMs(now, GUESSES_WINDOW_MS)})
    on conflict (key) do update set points = case when t.expire <= ${now} then 1 else t.points + 1 end, expire = case when t.expire <= ${now} then excluded.expire else t.expire end
    returning points`;
  if (row!.points % GUESSES !== 0) return;
  await raiseAlert(ctx, ctx.database.sql, {
    code: "ALR-22", objectKey: REFUSED_LOGINS, severity: "P2",
    title: `Обмен с 1С: ${formatCount(row!.points, ["неверный вход", "неверных входа", "неверных входов"])} за 10 минут`,
    advice: "Если 1С давно не на связи, сверьте её пароль с файлом подключения. Если обмен идёт, пароль подбирают: закройте адрес обмена для чужих сетей и смените пароль.",
  });
}
