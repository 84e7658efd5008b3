import type { Tx } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";

export type AuditEntry = {
  action: string;
  objectType: string;
  objectId: string;
  before?: Record<string, unknown> | null;
  after?: Record<string, unknown> | null;
  reason?: string | null;
};

const json = (value: Record<string, unknown> | null | undefined) =>
  value ? JSON.stringify(value, (_key, v: unknown) => (typeof v === "bigint" ? v.toString() : v)) : null;

/** Who changed what, in the transaction of the change: when it cannot be written, the change rolls back (SEC-14). */
export async function recordAudit(ctx: Ctx, tx: Tx, entry: AuditEntry): Promise<void> {
  const staff = ctx.actor.kind === "staff" ? ctx.actor : null;
  await tx`
    insert into audit_log (id, at, actor, role, ip, action, object_type, object_id, before, after, reason)
    values (${newId()}, ${ctx.now()}, ${actorText(ctx.actor)}, ${staff?.role ?? null}, ${staff?.ip ?? null}, ${entry.action}, ${entry.objectType},
      ${entry.objectId}, ${json(entry.before)}::text::jsonb, ${json(entry.after)}::text::jsonb, ${entry.reason ?? null})`;
}
