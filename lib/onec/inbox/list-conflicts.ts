import { fieldOf, showValue } from "@/lib/conflicts/index.ts";
import type { ConflictState } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { MessageScope } from "./list-messages.ts";
import { isChoice, seenOf } from "./decide-conflict.ts";

export type ConflictRow = {
  conflictId: string; connectionId: string; baseName: string; orderId: string | null; orderNumber: string | null; field: string; label: string; state: ConflictState; ours: string; theirs: string; oursBy: string | null; oursAt: Date | null; theirsAt: Date;
  note: string; amountKopecks: bigint | null; messageId: string | null; alertId: string | null; repeats: number; openedAt: Date; decidedAt: Date | null; decidedBy: string | null; reason: string | null;
  /** «Оставить наше» or «Взять из 1С» can be chosen; else a person says how it was settled. */
  isChoice: boolean; isTechnical: boolean; hasRule: boolean; seen: string; isToldByExchange: boolean;
};
type Row = Omit<ConflictRow, "label" | "ours" | "theirs" | "isChoice" | "isTechnical" | "hasRule" | "seen"> & { ours: string | null; theirs: string | null };

const PAGE = 100;
const who: Record<string, string> = { buyer: "покупатель", system: "система", provider: "банк" };

/** Conflicts, the newest first: open ones, or those that were decided. Values are masked as the person may see them. */
export async function listConflicts(ctx: Ctx, { viewer, isTest }: MessageScope, query: { state: "open" | "decided"; baseId?: string | null; orderId?: string | null }): Promise<ConflictRow[]> {
  const { sql } = ctx.database;
  const rows = await sql<Row[]>`
    select x.id as conflict_id, x.connection_id, c.name as base_name, c.money_channel = 'commerceml' as is_told_by_exchange, x.order_id, o.number as order_number, x.field, x.state, x.ours, x.theirs, coalesce(a.name, x.ours_by) as ours_by, x.ours_at, x.theirs_at, x.note,
           x.amount_kopecks, x.message_id, (select l.id from alerts l where l.code = x.alert_code and l.object_key = x.alert_key and l.state <> 'resolved' limit 1) as alert_id, x.repeats, x.opened_at, x.decided_at, coalesce(d.name, x.decided_by) as decided_by, x.reason
      from onec_conflicts x join connections c on c.id = x.connection_id left join orders o on o.id = x.order_id left join staff_users a on 'staff:' || a.id = x.ours_by left join staff_users d on 'staff:' || d.id = x.decided_by
     where c.environment = ${isTest ? "test" : "live"} and ${query.state === "open" ? sql`x.state = 'open'` : sql`x.state <> 'open'`} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}
       ${query.baseId ? sql`and x.connection_id = ${query.baseId}` : sql``} ${query.orderId ? sql`and x.order_id = ${query.orderId}` : sql``} order by x.amount_kopecks desc nulls last, x.opened_at desc, x.id desc limit ${PAGE}`;
  return rows.map((row) => {
    const { label, isTechnical, hasRule } = fieldOf(row.field);
    return {
      ...row, label, isChoice: isChoice(row.field), isTechnical: isTechnical ?? false, hasRule: hasRule ?? false, seen: seenOf(row), ours: showValue(row.field, row.ours, viewer.seesBuyers), theirs: showValue(row.field, row.theirs, viewer.seesBuyers),
      oursBy: row.oursBy && (who[row.oursBy] ?? (row.oursBy.startsWith("onec:") ? "1С" : row.oursBy)), decidedBy: row.decidedBy && (who[row.decidedBy] ?? (row.decidedBy.startsWith("onec:") ? "1С" : row.decidedBy)),
    };
  });
}

export type RuleRow = { connectionId: string; baseName: string; field: string; label: string; side: "ours" | "onec"; setAt: Date };

/** Rules «для этого поля всегда …» of this world. */
export async function listRules(ctx: Ctx, isTest: boolean): Promise<RuleRow[]> {
  const rows = await ctx.database.sql<Omit<RuleRow, "label">[]>`
    select r.connection_id, c.name as base_name, r.field, r.side, r.set_at from onec_field_rules r join connections c on c.id = r.connection_id where c.environment = ${isTest ? "test" : "live"} order by c.name, r.field limit 200`;
  return rows.map((row) => ({ ...row, label: fieldOf(row.field).label }));
}
