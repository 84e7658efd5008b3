import type { Viewer } from "@/lib/auth/scope.ts";
import type { Sql } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { byHandSql, isTypedInSql } from "@/lib/exports/index.ts";
import { addDays, instantOfLocal } from "@/lib/kit/time.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import type { MessageDirection, MessageDoor, MessageKind, MessageResult } from "@/lib/onec-messages/index.ts";
import { moneyMessages, moneySentence } from "../note-exports.ts";
import type { MessageFilter, MessageTab } from "./message-filter.ts";

export const MESSAGES_PER_PAGE = 50;
/** Documents that one search reads: about a tenth of a second. */
const DOCUMENTS_READ = 5_000;

export type MessageRow = {
  messageId: string; at: Date; lastAt: Date; baseName: string; door: MessageDoor; direction: MessageDirection; kind: MessageKind; objectNumber: string | null; orderId: string | null; summary: string; result: MessageResult;
  resultText: string | null; /** Confirmed, because a person typed it into 1C. */ isTypedIn: boolean; attempts: number; durationMs: number | null;
};
type Found = MessageRow & { factKind: FactKind | null; amountKopecks: bigint | null };
export type MessageScope = { viewer: Viewer; isTest: boolean };
type Fragment = ReturnType<Sql>;

export const like = (text: string) => `%${text.replace(/[\\%_]/g, "\\$&")}%`;
const tabResults: Record<MessageTab, MessageResult | null> = { all: null, errors: "error", conflicts: "conflict", waiting: "waiting_1c" };

/** Documents hold buyers: only who sees both may look for words in them. */
export const looksIntoDocuments = ({ viewer }: MessageScope, filter: MessageFilter): boolean => filter.where === "documents" && filter.text !== null && viewer.seesRaw && viewer.seesBuyers;

/**
 * One page of the journal, newest first. Money that 1C was never given stands in it as well: it waits for 1C. A search in the documents reads
 * so many of them at a time: `readTo` = how far it came, the next page goes on from there.
 */
export async function listMessages(ctx: Ctx, scope: MessageScope, filter: MessageFilter): Promise<{ rows: MessageRow[]; next: string | null; readTo: Date | null }> {
  const { sql } = ctx.database;
  const after = readCursor(filter.cursor);
  const edge = looksIntoDocuments(scope, filter) ? await edgeOfReading(ctx, scope, filter, after) : null;
  const place = (at: Fragment, id: Fragment) => sql`
    ${after ? sql`and (${at}, ${id}) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``} ${edge ? sql`and (${at}, ${id}) >= (${edge.at.toISOString()}::timestamptz, ${edge.id}::uuid)` : sql``}`;
  const found = await sql<Found[]>`
    select * from (
      (select m.id as message_id, m.at, m.last_at, c.name as base_name, m.door, m.direction, m.kind, m.object_number, m.order_id, m.summary, m.result, m.result_text, ${typedInSql(sql)} as is_typed_in, m.attempts, m.duration_ms, null::text as fact_kind, null::bigint as amount_kopecks
         from onec_messages m join connections c on c.id = m.connection_id left join orders o on o.id = m.order_id
        where ${stored(ctx, scope, filter, filter.tab)} ${place(sql`m.at`, sql`m.id`)} order by m.at desc, m.id desc limit ${MESSAGES_PER_PAGE + 1})
      union all
      (select e.id, e.created_at, e.created_at, c.name, coalesce(c.money_channel, 'commerceml'), 'out', 'payment', o.number, o.id, '', 'waiting_1c', ${owedTextSql(sql)}, false, coalesce(v.push_tries, 0), null, f.kind, e.amount_kopecks
         from export_messages e join connections c on c.id = e.connection_id join orders o on o.id = e.order_id join money_facts f on f.id = e.fact_id left join lateral (${lastEventSql(sql)}) v on true, lateral (select e.*) m, lateral (select c.*) k
        where ${owed(ctx, scope, filter, filter.tab)} ${place(sql`e.created_at`, sql`e.id`)} order by e.created_at desc, e.id desc limit ${MESSAGES_PER_PAGE + 1})) x
     order by at desc, message_id desc limit ${MESSAGES_PER_PAGE + 1}`;
  const rows = found.slice(0, MESSAGES_PER_PAGE).map(({ factKind, amountKopecks, ...row }) =>
    factKind === null ? row : { ...row, kind: moneyMessages[factKind].kind, summary: moneySentence({ kind: factKind, amountKopecks: amountKopecks!, number: row.objectNumber ?? "" }) });
  const last = found.length > MESSAGES_PER_PAGE ? rows.at(-1) : undefined;
  if (last) return { rows, next: cursorOf(last.at, last.messageId), readTo: null };
  return { rows, next: edge && cursorOf(edge.at, edge.id), readTo: edge?.at ?? null };
}

const cursorOf = (at: Date, id: string): string => Buffer.from(`${at.toISOString()}|${id}`).toString("base64url");

/** The last message that this search reads; null when there are not so many left. */
async function edgeOfReading(ctx: Ctx, scope: MessageScope, filter: MessageFilter, after: { at: string; id: string } | null): Promise<{ at: Date; id: string } | null> {
  const { sql } = ctx.database;
  const [edge] = await sql<{ at: Date; id: string }[]>`
    select m.at, m.id from onec_messages m join connections c on c.id = m.connection_id left join orders o on o.id = m.order_id
     where ${stored(ctx, scope, { ...filter, text: null }, filter.tab)} ${after ? sql`and (m.at, m.id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``} order by m.at desc, m.id desc offset ${DOCUMENTS_READ - 1} limit 1`;
  return edge ?? null;
}

/** As a document may have the words: letters large or small, with the marks that XML and JSON write otherwise. Each is looked for to the letter, which is many times quicker than without regard to case. */
export function spellings(words: string): string[] {
  const capital = words.slice(0, 1).toUpperCase() + words.slice(1).toLowerCase();
  const cases = [words, words.toLowerCase(), words.toUpperCase(), capital];
  const xml = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
  return [...new Set(cases.flatMap((text) => [text, xml(text), JSON.stringify(text).slice(1, -1)]))];
}

/** 1C has it, but not from us. Wants `m` = onec_messages. */
export const typedInSql = (sql: Sql): Fragment => sql`(m.result = 'confirmed' and ${isTypedInSql(sql, sql`m.order_id`, sql`m.id`)})`;

/** The newest telling of this money to a base of JSON. Wants `e` = export_messages. */
export const lastEventSql = (sql: Sql): Fragment => sql`select x.push_tries, x.push_note from feed_events x where x.export_id = e.id order by x.repeat_no desc limit 1`;

/** Why money was not given to 1C yet. Wants `v` = `lastEventSql`, and what `byHandSql` wants. */
export const owedTextSql = (sql: Sql): Fragment => sql`case when ${byHandSql(sql)} is not null then '1С этого не примет: проведите вручную' when v.push_note is not null then 'Не доставлено, повторяем: ' || v.push_note else 'Ждёт, когда 1С заберёт' end`;

/** Only this world, and only the own store for who is tied to one. */
export const world = (ctx: Ctx, { viewer, isTest }: MessageScope): Fragment => ctx.database.sql`c.environment = ${isTest ? "test" : "live"} ${viewer.storeId ? ctx.database.sql`and o.store_id = ${viewer.storeId}` : ctx.database.sql``}`;

export function stored(ctx: Ctx, scope: MessageScope, filter: MessageFilter, tab: MessageTab): Fragment {
  const { sql } = ctx.database;
  const result = filter.result ?? tabResults[tab];
  return sql`${world(ctx, scope)} ${filter.baseId ? sql`and m.connection_id = ${filter.baseId}` : sql``} ${filter.direction ? sql`and m.direction = ${filter.direction}` : sql``} ${filter.kind ? sql`and m.kind = ${filter.kind}` : sql``}
    ${result ? sql`and m.result = ${result}` : sql``} ${filter.orderId ? sql`and m.order_id = ${filter.orderId}` : sql``} ${filter.from ? sql`and m.at >= ${instantOfLocal(filter.from, ctx.zone)}` : sql``}
    ${filter.to ? sql`and m.at < ${instantOfLocal(addDays(filter.to, 1), ctx.zone)}` : sql``} ${filter.text ? sql`and (m.object_number ilike ${like(filter.text)} or m.summary ilike ${like(filter.text)} or m.object_guid = ${filter.text.toLowerCase()}${looksIntoDocuments(scope, filter) ? inDocument(ctx, filter.text) : sql``})` : sql``}`;
}

/** A created order's document is its first revision. */
function inDocument({ database: { sql } }: Ctx, words: string): Fragment {
  const texts = spellings(words);
  return sql` or exists (select 1 from unnest(${texts}::text[]) w(word) where strpos(m.payload, w.word) > 0)
    or (m.payload is null and m.kind = 'order' and exists (select 1 from order_revisions r, unnest(${texts}::text[]) w(word) where r.order_id = m.order_id and r.no = 1 and strpos(r.source::text, w.word) > 0))`;
}

/** Money that no exchange has given out yet. */
export function owed(ctx: Ctx, scope: MessageScope, filter: MessageFilter, tab: MessageTab): Fragment {
  const { sql } = ctx.database;
  const isAsked = (tab === "all" || tab === "waiting") && filter.direction !== "in" && (filter.result === null || filter.result === "waiting_1c") && (filter.kind === null || filter.kind === "payment");
  return sql`${isAsked} and e.state = 'pending' and not exists (select 1 from onec_messages w where w.id = e.id) and ${world(ctx, scope)} ${filter.baseId ? sql`and e.connection_id = ${filter.baseId}` : sql``}
    ${filter.orderId ? sql`and e.order_id = ${filter.orderId}` : sql``} ${filter.from ? sql`and e.created_at >= ${instantOfLocal(filter.from, ctx.zone)}` : sql``} ${filter.to ? sql`and e.created_at < ${instantOfLocal(addDays(filter.to, 1), ctx.zone)}` : sql``}
    ${filter.text ? sql`and o.number ilike ${like(filter.text)}` : sql``}`;
}

function readCursor(cursor: string | null): { at: string; id: string } | null {
  const [at, id] = Buffer.from(cursor ?? "", "base64url").toString("utf8").split("|");
  return at && id && !Number.isNaN(Date.parse(at)) && /^[0-9a-f-]{36}$/.test(id) ? { at, id } : null;
}
