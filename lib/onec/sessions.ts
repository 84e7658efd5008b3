/** Sessions of the exchange stand in the database: several web processes share them (pitfall P6). Tokens are stored hashed. */
import type { OpenConnection } from "@/lib/connections/index.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId, newToken, sha256Hex } from "@/lib/kit/ids.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";

export const COOKIE_NAME = "ONECSESSID";
const LIVE_MS = DAY_MS;

export type NewSession = { sessionId: string; cookieName: string; cookieValue: string; sessid: string };

/**
 * A base that was silent for a day has changes that we have not seen, and what we give out rewrites its lines: its first session of
 * orders after that only takes (LOST-16). Goods, and what it says by other doors, bring none of them. Never two in a row, so that a base that
 * comes once a day gets its payments too.
 */
export async function openSession(ctx: Ctx, connectionId: string, type: string): Promise<NewSession> {
  const session = { sessionId: newId(), cookieName: COOKIE_NAME, cookieValue: newToken(), sessid: newToken() };
  const now = ctx.now();
  await ctx.database.sql`
    with back as (update connections set imports_first_at = ${now} where id = ${connectionId} and ${type === "sale"} and imports_first_at is null
       and (select max(c.at) from onec_calls c where c.connection_id = ${connectionId} and c.type = 'sale') < ${addMs(now, -LIVE_MS)} returning id)
    insert into onec_sessions (id, connection_id, cookie_hash, sessid_hash, created_at, last_seen_at, imports_first)
    values (${session.sessionId}, ${connectionId}, ${sha256Hex(session.cookieValue)}, ${sha256Hex(session.sessid)}, ${now}, ${now}, exists (select 1 from back))`;
  return session;
}

export type SessionKeys = { cookie: string | null; sessid: string | null };
export type FoundSession = { sessionId: string; base: OpenConnection };

/**
 * CML-4: the session of the cookie, else of `sessid`, else, for a client that lost both, the latest one of its base. `base` is
 * the one whose credentials came along; without them the tokens alone must name a session. Null when nothing does.
 */
export async function findSession(ctx: Ctx, keys: SessionKeys, base: OpenConnection | null): Promise<FoundSession | null> {
  const { sql } = ctx.database;
  const since = addMs(ctx.now(), -LIVE_MS);
  const hashes = { cookie: keys.cookie === null ? null : sha256Hex(keys.cookie), sessid: keys.sessid === null ? null : sha256Hex(keys.sessid) };
  const [found] = await sql<{ id: string; connectionId: string }[]>`
    select id, connection_id from onec_sessions
     where last_seen_at > ${since} and ${base === null ? sql`true` : sql`connection_id = ${base.id}`}
       and (cookie_hash = ${hashes.cookie} or sessid_hash = ${hashes.sessid} ${base === null ? sql`` : sql`or true`})
     order by (cookie_hash = ${hashes.cookie}) is true desc, (sessid_hash = ${hashes.sessid}) is true desc, last_seen_at desc, created_at desc limit 1`;
  if (!found) return null;
  const owner = base ?? (await loadConnection(ctx, found.connectionId));
  if (!owner.enabled || owner.kind !== "onec") return null;
  await sql`update onec_sessions set last_seen_at = ${ctx.now()} where id = ${found.id}`;
  return { sessionId: found.id, base: owner };
}

export function cookieOf(header: string | null): string | null {
  for (const pair of (header ?? "").slice(0, 8_000).split(";")) {
    const [name, value] = pair.split("=");
    if (name?.trim() === COOKIE_NAME && value) return value.trim();
  }
  return null;
}
