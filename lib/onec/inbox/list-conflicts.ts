import { fieldOf, fieldsNamed, showValue } from "@/lib/conflicts/index.ts";
import type { ConflictState } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { MoneyFormatError, parseRubles } from "@/lib/kit/money.ts";
import { addDays, instantOfLocal } from "@/lib/kit/time.ts";
import { isChoice, isOurWord, seenOf } from "./decide-conflict.ts";
import { like } from "./list-messages.ts";
import type { MessageScope } from "./list-messages.ts";

export type ConflictRow = {
  conflictId: string; connectionId: string; baseName: string; orderId: string | null; orderNumber: string | null; field: string; label: string; state: ConflictState; ours: string; theirs: string; oursBy: string | null; oursAt: Date | null; theirsAt: Date;
  note: string; amountKopecks: bigint | null; messageId: string | null; alertId: string | null; repeats: number; openedAt: Date; decidedAt: Date | null; decidedBy: string | null; reason: string | null;
  /** «Оставить наше» or «Взять из 1С» can be chosen; else a person says how it was settled. */
  isChoice: boolean; /** What stays ours is told to 1C. */ isOurWord: boolean; isTechnical: boolean; hasRule: boolean; seen: string; isToldByExchange: boolean;
};
type Row = Omit<ConflictRow, "label" | "ours" | "theirs" | "isChoice" | "isOurWord" | "isTechnical" | "hasRule" | "seen"> & { ours: string | null; theirs: string | null };

/** Days are those on which it was opened, or decided. */
export type ConflictQuery = { state: "open" | "decided"; baseId?: string | null; orderId?: string | null; messageId?: string | null; text?: string | null; from?: string | null; to?: string | null; cursor?: string | null };

const CONFLICTS_PER_PAGE = 50;
const COUNT_MAX = 10_000;
const who: Record<string, string> = { buyer: "покупатель", system: "система", provider: "банк" };

/** One page of conflicts: open ones with most money first, decided ones from the last. Values are masked as the person may see them. */
export async function listConflicts(ctx: Ctx, scope: MessageScope, query: ConflictQuery): Promise<{ rows: ConflictRow[]; next: string | null }> {
  const { sql } = ctx.database;
  const { viewer } = scope;
  const isOpen = query.state === "open";
  const after = readCursor(query.cursor ?? null);
  const place = isOpen ? sql`(coalesce(x.amount_kopecks, -1), x.opened_at, x.id)` : sql`(0::bigint, x.decided_at, x.id)`;
  const found = await sql<Row[]>`
    select x.id as conflict_id, x.connection_id, c.name as base_name, c.money_channel = 'commerceml' as is_told_by_exchange, x.order_id, o.number as order_number, x.field, x.state, x.ours, x.theirs, coalesce(a.name, x.ours_by) as ours_by, x.ours_at, x.theirs_at, x.note,
           x.amount_kopecks, x.message_id, (select l.id from alerts l where l.code = x.alert_code and l.object_key = x.alert_key and l.state <> 'resolved' limit 1) as alert_id, x.repeats, x.opened_at, x.decided_at, coalesce(d.name, x.decided_by) as decided_by, x.reason
      from onec_conflicts x join connections c on c.id = x.connection_id left join orders o on o.id = x.order_id left join staff_users a on 'staff:' || a.id = x.ours_by left join staff_users d on 'staff:' || d.id = x.decided_by
     where ${wanted(ctx, scope, query)} ${after ? sql`and ${place} < (${after.amount}::bigint, ${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
     order by ${isOpen ? sql`coalesce(x.amount_kopecks, -1) desc, x.opened_at desc` : sql`x.decided_at desc`}, x.id desc limit ${CONFLICTS_PER_PAGE + 1}`;
  const rows = found.slice(0, CONFLICTS_PER_PAGE).map((row) => {
    const { label, isTechnical, hasRule } = fieldOf(row.field);
    return {
      ...row, label, isChoice: isChoice(row.field), isOurWord: isOurWord(row.field), isTechnical: isTechnical ?? false, hasRule: hasRule ?? false, seen: seenOf(row), ours: showValue(row.field, row.ours, viewer.seesBuyers), theirs: showValue(row.field, row.theirs, viewer.seesBuyers),
      oursBy: row.oursBy && (who[row.oursBy] ?? (row.oursBy.startsWith("onec:") ? "1С" : row.oursBy)), decidedBy: row.decidedBy && (who[row.decidedBy] ?? (row.decidedBy.startsWith("onec:") ? "1С" : row.decidedBy)),
    };
  });
  const last = found.length > CONFLICTS_PER_PAGE ? rows.at(-1) : undefined;
  return { rows, next: last ? cursorOf(isOpen ? (last.amountKopecks ?? -1n) : 0n, isOpen ? last.openedAt : last.decidedAt!, last.conflictId) : null };
}

/** Whether this conflict, open or decided, is of the person's world and store. */
export async function isConflictVisible(ctx: Ctx, { viewer, isTest }: MessageScope, conflictId: string): Promise<boolean> {
  const { sql } = ctx.database;
  const rows = await sql`
    select 1 from onec_conflicts x join connections c on c.id = x.connection_id left join orders o on o.id = x.order_id
     where x.id = ${uuidOrNull(conflictId)} and c.environment = ${isTest ? "test" : "live"} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}`;
  return rows.length > 0;
}

/** How many there are; null = more than are counted. */
export async function countConflicts(ctx: Ctx, scope: MessageScope, query: ConflictQuery): Promise<bigint | null> {
  const { sql } = ctx.database;
  const [row] = await sql<{ n: bigint }[]>`
    select count(*) as n from (select 1 from onec_conflicts x join connections c on c.id = x.connection_id left join orders o on o.id = x.order_id where ${wanted(ctx, scope, query)} limit ${COUNT_MAX}) a`;
  return row!.n >= BigInt(COUNT_MAX) ? null : row!.n;
}

/** Values of the two sides are not searched: who may not see a buyer must not find one. */
function wanted(ctx: Ctx, { viewer, isTest }: MessageScope, { state, baseId, orderId, messageId, text, from, to }: ConflictQuery) {
  const { sql } = ctx.database;
  const at = state === "open" ? sql`x.opened_at` : sql`x.decided_at`;
  return sql`c.environment = ${isTest ? "test" : "live"} and ${state === "open" ? sql`x.state = 'open'` : sql`x.state <> 'open'`} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}
    ${baseId ? sql`and x.connection_id = ${baseId}` : sql``} ${orderId ? sql`and x.order_id = ${orderId}` : sql``} ${messageId ? sql`and x.message_id = ${messageId}` : sql``}
    ${from ? sql`and ${at} >= ${instantOfLocal(from, ctx.zone)}` : sql``} ${to ? sql`and ${at} < ${instantOfLocal(addDays(to, 1), ctx.zone)}` : sql``}
    ${text ? sql`and (o.number ilike ${like(text)} or o.onec_number ilike ${like(text)} or o.onec_guid = ${text.toLowerCase()} or x.note ilike ${like(text)} or split_part(x.field, ':', 1) = any(${fieldsNamed(text)}) or x.amount_kopecks = ${sumOf(text)})` : sql``}`;
}

const sumOf = (text: string): bigint | null => {
  try {
    return parseRubles(text);
  } catch (error) {
    if (error instanceof MoneyFormatError) return null;
    throw error;
  }
};

const cursorOf = (amount: bigint, at: Date, id: string): string => Buffer.from(`${amount}|${at.toISOString()}|${id}`).toString("base64url");

function readCursor(cursor: string | null): { amount: string; at: string; id: string } | null {
  const [amount, at, id] = Buffer.from(cursor ?? "", "base64url").toString("utf8").split("|");
  return amount && at && id && /^-?\d{1,18}$/.test(amount) && !Number.isNaN(Date.parse(at)) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? { amount, at, id } : null;
}
