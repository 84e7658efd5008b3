import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { can } from "@/lib/auth/permissions.ts";
import type { Role } from "@/lib/auth/roles.ts";
import { readSetting } from "@/lib/settings/index.ts";

export type Approvers = {
  /** Above that only the director approves, kopecks (SEC-12). */
  directorAboveKopecks: bigint;
  people: { actor: string; name: string; role: Role }[];
};

/** Who may agree to a refund, by name: a page tells the author of a request whom to ask. */
export async function listApprovers(ctx: Ctx): Promise<Approvers> {
  const { sql } = ctx.database;
  const [rows, above] = await Promise.all([sql<{ id: string; name: string; role: Role }[]>`select id, name, role from staff_users where is_active order by name limit 200`, readSetting(sql, "refundDirectorAbove")]);
  const people = rows.filter(({ role }) => can(role, "refund.approve")).map(({ id, name, role }) => ({ actor: `staff:${id}`, name, role }));
  return { directorAboveKopecks: BigInt(above), people };
}

/** How the one who asks now stands to a request: may decide it, or why not and who may. Pure. */
export function decisionOf({ people, directorAboveKopecks }: Approvers, me: string, refund: { requestedBy: string; amountKopecks: bigint }): { mayApprove: boolean; isOwn: boolean; others: string[] } {
  const allowed = people.filter((person) => person.actor !== refund.requestedBy && (refund.amountKopecks <= directorAboveKopecks || person.role === "director"));
  return { mayApprove: allowed.some((person) => person.actor === me), isOwn: refund.requestedBy === me, others: allowed.filter((person) => person.actor !== me).map((person) => person.name) };
}

/** The signed-in person as `requestedBy` names people. */
export const meOf = (ctx: Ctx): string => actorText(ctx.actor);
