import { maskName } from "@/lib/auth/scope.ts";
import type { Ctx } from "@/lib/context.ts";
import { readTold } from "@/lib/feed/index.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { maskContact } from "@/lib/kit/contact.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import type { FieldChange, PayloadFormat } from "@/lib/onec-messages/index.ts";
import { moneyMessages, moneySentence } from "../note-exports.ts";
import { lastEventSql, owedTextSql, typedInSql } from "./list-messages.ts";
import type { MessageRow, MessageScope } from "./list-messages.ts";
import { shownPayload } from "./mask-payload.ts";
import { outdatedSql, whyNotAgain } from "./repeat-message.ts";

export type MessageDetail = MessageRow & {
  objectGuid: string | null; source: string | null; answer: string | null; diff: FieldChange[]; payload: string | null; payloadFormat: PayloadFormat | null; payloadCut: boolean; orderNumber: string | null; handledByName: string | null; handledAt: Date | null;
  moneyChannel: string | null; canRepeat: boolean;
  /** Refused, and no money: it may be set aside. */
  canSkip: boolean;
};
type Row = Omit<MessageDetail, "canRepeat" | "canSkip"> & { handledBy: string | null; isOutdated: boolean; isMoney: boolean };

/** A message with its document, masked for this person; null: there is none, or it is not theirs to see. */
export async function readMessage(ctx: Ctx, { viewer, isTest }: MessageScope, messageId: string): Promise<MessageDetail | null> {
  const { sql } = ctx.database;
  const [row] = await sql<Row[]>`
    select m.id as message_id, m.at, m.last_at, c.name as base_name, c.money_channel, m.door, m.direction, m.kind, m.object_guid, m.object_number, m.order_id, o.number as order_number, m.summary, m.result, m.result_text, ${typedInSql(sql)} as is_typed_in, m.attempts,
           m.duration_ms, m.source, m.answer, m.diff, m.payload_cut, u.name as handled_by_name, m.handled_by, m.handled_at, ${outdatedSql(sql)} as is_outdated, exists (select 1 from export_messages x where x.id = m.id) as is_money, coalesce(m.payload, r.source::text) as payload, coalesce(m.payload_format, case when r.source is not null then 'json' end) as payload_format
      from onec_messages m join connections c on c.id = m.connection_id left join orders o on o.id = m.order_id left join staff_users u on 'staff:' || u.id = m.handled_by
      left join order_revisions r on r.order_id = m.order_id and r.no = 1 and m.payload is null and m.direction = 'in' and m.kind = 'order' and m.result = 'applied'
     where m.id = ${uuidOrNull(messageId)} and c.environment = ${isTest ? "test" : "live"} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}`;
  if (!row) return readOwed(ctx, { viewer, isTest }, messageId);
  const payload = !viewer.seesRaw ? null : row.payload !== null && row.payloadFormat !== null ? shownPayload({ format: row.payloadFormat, text: row.payload }, viewer.seesBuyers, { isBuyer: row.kind === "counterparty" }) : await told(ctx, row, viewer.seesBuyers);
  const { handledBy: _who, isOutdated: _late, isMoney, ...shown } = row;
  return {
    ...shown, payload, diff: row.diff.map((change) => forViewer(change, viewer.seesBuyers)),
    canRepeat: whyNotAgain(row) === null, canSkip: row.result === "error" && !isMoney,
  };
}

/** What goes to 1C as JSON is kept as an event, not as a text. */
async function told(ctx: Ctx, { direction, messageId }: Row, seesBuyers: boolean): Promise<string | null> {
  const text = direction === "out" ? await readTold(ctx, messageId) : null;
  return text === null ? null : shownPayload({ format: "json", text }, seesBuyers);
}

type Owed = Omit<MessageDetail, "kind" | "summary"> & { factKind: FactKind; amountKopecks: bigint };

/** Money that 1C was never given has no row of the journal yet. */
async function readOwed(ctx: Ctx, { viewer, isTest }: MessageScope, exportId: string): Promise<MessageDetail | null> {
  const { sql } = ctx.database;
  const [row] = await sql<Owed[]>`
    select e.id as message_id, e.created_at as at, e.created_at as last_at, c.name as base_name, c.money_channel, coalesce(c.money_channel, 'commerceml') as door, 'out' as direction, o.onec_guid as object_guid, o.number as object_number,
           o.id as order_id, o.number as order_number, 'waiting_1c' as result, ${owedTextSql(sql)} as result_text, false as is_typed_in, coalesce(v.push_tries, 0) as attempts, null as duration_ms, null as source, null as answer, '[]'::jsonb as diff, null as payload,
           null as payload_format, false as payload_cut, null as handled_by_name, null as handled_at, false as can_repeat, false as can_skip, f.kind as fact_kind, e.amount_kopecks
      from export_messages e join connections c on c.id = e.connection_id join orders o on o.id = e.order_id join money_facts f on f.id = e.fact_id left join lateral (${lastEventSql(sql)}) v on true, lateral (select e.*) m, lateral (select c.*) k
     where e.id = ${uuidOrNull(exportId)} and e.state = 'pending' and c.environment = ${isTest ? "test" : "live"} ${viewer.storeId ? sql`and o.store_id = ${viewer.storeId}` : sql``}`;
  if (!row) return null;
  const { factKind, amountKopecks, ...rest } = row;
  return { ...rest, kind: moneyMessages[factKind].kind, summary: moneySentence({ kind: factKind, amountKopecks, number: rest.orderNumber ?? "" }) };
}

function forViewer(change: FieldChange, seesBuyers: boolean): FieldChange {
  if (!change.personal) return change;
  const mask = (value: string | null) => value && (change.personal === "contact" ? (seesBuyers ? maskContact(value) : "скрыто") : seesBuyers ? value : maskName(value));
  return { ...change, before: mask(change.before), after: mask(change.after) };
}
