import type { CopyInto } from "@/db/copy-rows.ts";
import type { Sql, Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import type { FieldChange, MessageDirection, MessageDoor, MessageKind, MessageResult, PayloadFormat } from "./states.ts";

/** Longer documents are cut: they can be read and not repeated. A thousand-line order has about half of it. */
export const PAYLOAD_MAX = 1_000_000;
const TEXT_MAX = 500;
const VALUE_MAX = 300;
const CHANGES_MAX = 60;

export type Payload = { format: PayloadFormat; text: string };

export type NewMessage = {
  /** Given: the same thing again counts an attempt and moves the result instead of making a second row. */
  id?: string;
  door: MessageDoor;
  direction: MessageDirection;
  kind: MessageKind;
  objectGuid: string | null;
  objectNumber: string | null;
  orderId: string | null;
  /** A sentence that an accountant understands, without personal data. */
  summary: string;
  result: MessageResult;
  resultText?: string | null;
  diff?: readonly FieldChange[];
  /** Null where another row keeps the document. */
  payload?: Payload | null;
  source?: string | null;
  answer?: string | null;
  durationMs?: number | null;
};

const cut = (text: string | null | undefined, max: number): string | null => (text ? storableText(text.length > max ? `${text.slice(0, max - 1)}…` : text) : null);

/**
 * The one way into the journal, for every door: all rows in one statement. Null when there is nothing to write. Give each id once.
 */
export function messagesWrite(ctx: Ctx, on: Tx | Sql, connectionId: string, messages: readonly NewMessage[], { countsAttempt = true }: { /** False: nothing went or came, only the result is news. */ countsAttempt?: boolean } = {}): Write | null {
  if (messages.length === 0) return null;
  const now = ctx.now();
  return on`
    insert into onec_messages as m (id, connection_id, at, door, direction, kind, object_guid, object_number, order_id, summary, payload, payload_format, payload_cut, source,
      result, result_text, diff, answer, attempts, duration_ms, last_at)
    select id, ${connectionId}::uuid, ${now}::timestamptz, door, direction, kind, guid, number, order_id, summary, payload, format, is_cut, source,
           result, text, coalesce(diff, '[]'), answer, 1, ms, ${now}::timestamptz
      from json_to_recordset(${JSON.stringify(messages.map(rowOf))}::text::json) as r(id uuid, door text, direction text, kind text, guid text, number text, order_id uuid, summary text,
        payload text, format text, is_cut boolean, source text, result text, text text, diff jsonb, answer text, ms int)
    on conflict (id) do update set attempts = m.attempts + ${countsAttempt ? 1 : 0}::int, last_at = excluded.last_at, duration_ms = coalesce(excluded.duration_ms, m.duration_ms), order_id = coalesce(m.order_id, excluded.order_id),
      result = case when ${stays(on)} then m.result else excluded.result end, result_text = case when ${stays(on)} then m.result_text else excluded.result_text end,
      diff = case when excluded.diff = '[]' then m.diff else excluded.diff end, answer = coalesce(excluded.answer, m.answer)`;
}

/** Rows that are nobody's repetition, for a batch that is copied with what they tell of: the same columns at half the price (bench W2). */
export function freshMessages(ctx: Ctx, connectionId: string, messages: readonly NewMessage[]): CopyInto {
  const now = ctx.now();
  return {
    table: "onec_messages",
    columns: ["id", "connection_id", "at", "door", "direction", "kind", "object_guid", "object_number", "order_id", "summary", "payload", "payload_format", "payload_cut", "source", "result", "result_text", "diff", "answer", "attempts", "duration_ms", "last_at"],
    rows: messages.map(rowOf).map((r) => [
      r.id, connectionId, now, r.door, r.direction, r.kind, r.guid, r.number, r.order_id, r.summary, r.payload, r.format, r.is_cut, r.source, r.result, r.text, r.diff === null ? "[]" : JSON.stringify(r.diff), r.answer, 1, r.ms, now,
    ]),
  };
}

/** The same thing again does not undo what a person or 1C has said of it: a conflict is decided, a refusal was set aside, a payment is booked. */
const stays = (on: Tx | Sql) => on`(
  (m.result = 'conflict' and excluded.result in ('applied', 'noop')) or (m.result = 'skipped' and m.handled_by is not null and excluded.result in ('error', 'skipped'))
  or (m.result = 'confirmed' and excluded.result = 'waiting_1c'))`;

/** Writes them; see `messagesWrite`. */
export async function writeMessages(ctx: Ctx, on: Tx | Sql, connectionId: string, messages: readonly NewMessage[], options: { countsAttempt?: boolean } = {}): Promise<void> {
  await messagesWrite(ctx, on, connectionId, messages, options);
}

function rowOf(message: NewMessage) {
  const { payload } = message;
  const isCut = payload ? payload.text.length > PAYLOAD_MAX : false;
  return {
    id: message.id ?? newId(), door: message.door, direction: message.direction, kind: message.kind, guid: cut(message.objectGuid, 100), number: cut(message.objectNumber, 255), order_id: message.orderId,
    summary: cut(message.summary, TEXT_MAX) ?? "Сообщение без содержания", payload: payload ? storableText(payload.text.slice(0, PAYLOAD_MAX)) : null, format: payload?.format ?? null, is_cut: isCut,
    source: cut(message.source, 255), result: message.result, text: cut(message.resultText, TEXT_MAX), diff: message.diff && message.diff.length > 0 ? message.diff.slice(0, CHANGES_MAX).map(bounded) : null,
    answer: cut(message.answer, 2_000), ms: message.durationMs === undefined || message.durationMs === null ? null : Math.round(message.durationMs),
  };
}

const bounded = (change: FieldChange): FieldChange => ({ ...change, before: cut(change.before, VALUE_MAX), after: cut(change.after, VALUE_MAX) });
