/** Sessions of staff: the cookie only names one, each request reads the row (README decision 14). */
import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Actor, Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { HOUR_MS, MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import type { Role } from "./roles.ts";

/** SEC-15. */
export const SESSION_HOURS = 12;
/** `last_seen_at` is written no oftener than that: a read must not become a write. */
const SEEN_MS = MINUTE_MS;

export type Theme = "system" | "light" | "dark";
export type Staff = {
  sessionId: string;
  userId: string;
  email: string;
  name: string;
  role: Role;
  /** Manager and operator see this store only; null = all. */
  storeId: string | null;
  hasTotp: boolean;
  theme: Theme;
};

export async function openSession(ctx: Ctx, tx: Tx, given: { userId: string; ip: string | null; userAgent: string | null }): Promise<string> {
  const sessionId = newId();
  const now = ctx.now();
  await tx`
    insert into sessions (id, user_id, created_at, last_seen_at, expires_at, ip, user_agent)
    values (${sessionId}, ${given.userId}, ${now}, ${now}, ${addMs(now, SESSION_HOURS * HOUR_MS)}, ${given.ip}, ${given.userAgent?.slice(0, 300) ?? null})`;
  return sessionId;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Who holds this session now: role and store as they are this moment. Null: revoked, run out, or the person was switched off. */
export async function findSession(ctx: Ctx, sessionId: string): Promise<Staff | null> {
  if (!UUID.test(sessionId)) return null;
  const { sql } = ctx.database;
  const [row] = await sql<(Staff & { lastSeenAt: Date })[]>`
    select s.id as session_id, u.id as user_id, u.email, u.name, u.role, u.store_id, u.totp_sealed is not null as has_totp, u.theme, s.last_seen_at
      from sessions s join staff_users u on u.id = s.user_id
     where s.id = ${sessionId} and s.revoked_at is null and s.expires_at > ${ctx.now()} and u.is_active`;
  if (!row) return null;
  const { lastSeenAt, ...staff } = row;
  if (ctx.now().getTime() - lastSeenAt.getTime() > SEEN_MS) await sql`update sessions set last_seen_at = ${ctx.now()} where id = ${sessionId}`;
  return staff;
}

export const actorOf = (staff: Staff, ip: string | null): Extract<Actor, { kind: "staff" }> => ({ kind: "staff", userId: staff.userId, role: staff.role, storeId: staff.storeId, ip });

export type SessionRow = { sessionId: string; createdAt: Date; lastSeenAt: Date; expiresAt: Date; ip: string | null; userAgent: string | null };

/** Live sessions of a person, the latest first. */
export const listSessions = (ctx: Ctx, userId: string): Promise<SessionRow[]> =>
  ctx.database.sql<SessionRow[]>`
    select id as session_id, created_at, last_seen_at, expires_at, ip, user_agent from sessions
     where user_id = ${userId} and revoked_at is null and expires_at > ${ctx.now()} order by last_seen_at desc limit 50`;

/** Ends a session of this person at once, wherever it is open. Nothing happens when it is not theirs or has ended. */
export async function revokeSession(ctx: Ctx, userId: string, sessionId: string, action: "session.signed_out" | "session.revoked"): Promise<void> {
  if (!UUID.test(sessionId)) return;
  await inTransaction(ctx, async (tx) => {
    const ended = await tx`update sessions set revoked_at = ${ctx.now()} where id = ${sessionId} and user_id = ${userId} and revoked_at is null returning id`;
    if (ended.length > 0) await recordAudit(ctx, tx, { action, objectType: "session", objectId: sessionId });
  });
}

/** Ends every other session of this person; returns how many. */
export async function revokeOtherSessions(ctx: Ctx, staff: Staff): Promise<number> {
  return inTransaction(ctx, async (tx) => {
    const ended = await tx`
      update sessions set revoked_at = ${ctx.now()} where user_id = ${staff.userId} and id <> ${staff.sessionId} and revoked_at is null and expires_at > ${ctx.now()} returning id`;
    if (ended.length > 0) await recordAudit(ctx, tx, { action: "session.others_revoked", objectType: "staff", objectId: staff.userId, after: { count: ended.length } });
    return ended.length;
  });
}
