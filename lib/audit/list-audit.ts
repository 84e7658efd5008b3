import type { Ctx } from "@/lib/context.ts";

export type AuditRow = { auditId: string; at: Date; actor: string; actorName: string | null; role: string | null; ip: string | null; action: string; objectType: string; objectId: string; before: unknown; after: unknown; reason: string | null };

export const AUDIT_PER_PAGE = 50;

/** What people changed, newest first (A15). `before` is the id of the last row seen. */
export async function listAudit(ctx: Ctx, query: { before: string | null; objectId: string | null }): Promise<{ rows: AuditRow[]; next: string | null }> {
  const { sql } = ctx.database;
  const before = query.before !== null && /^[0-9a-f-]{36}$/.test(query.before) ? query.before : null;
  const found = await sql<AuditRow[]>`
    select a.id as audit_id, a.at, a.actor, u.name as actor_name, a.role, host(a.ip) as ip, a.action, a.object_type, a.object_id, a.before, a.after, a.reason
      from audit_log a left join staff_users u on 'staff:' || u.id = a.actor
     where true ${before ? sql`and a.id < ${before}` : sql``} ${query.objectId ? sql`and a.object_id = ${query.objectId}` : sql``} order by a.id desc limit ${AUDIT_PER_PAGE + 1}`;
  return { rows: found.slice(0, AUDIT_PER_PAGE), next: found.length > AUDIT_PER_PAGE ? found[AUDIT_PER_PAGE - 1]!.auditId : null };
}
