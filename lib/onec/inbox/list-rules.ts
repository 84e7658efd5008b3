import { fieldOf } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";

export type RuleRow = { connectionId: string; baseName: string; field: string; label: string; side: "ours" | "onec"; setAt: Date };

/** Rules «для этого поля всегда …» of this world. */
export async function listRules(ctx: Ctx, isTest: boolean): Promise<RuleRow[]> {
  const rows = await ctx.database.sql<Omit<RuleRow, "label">[]>`
    select r.connection_id, c.name as base_name, r.field, r.side, r.set_at from onec_field_rules r join connections c on c.id = r.connection_id where c.environment = ${isTest ? "test" : "live"} order by c.name, r.field limit 200`;
  return rows.map((row) => ({ ...row, label: fieldOf(row.field).label }));
}
