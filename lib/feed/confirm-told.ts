import type { Tx } from "@/db/index.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { noteExports } from "@/lib/onec/note-exports.ts";
import { noteTold } from "./note-told.ts";

/** What a consumer says of an event: the document that it made, or why it will not. */
export type Said = { key: string; number?: string | null; refusal?: string | null };

const NUMBER_MAX = 64;

/** Refused without a word is refused. */
const isRefusal = (refusal: string | null | undefined): boolean => refusal !== undefined && refusal !== null;

/**
 * The base says that events are in its books (CML-32: a 1C program acknowledged): their money is «Учтено в 1С». Set-based, because one
 * acknowledgement may cover thousands. Events that it refused are left out (`refuseTold`), now or with an earlier call: only a word about
 * that very event takes a refusal back. Returns the orders concerned.
 */
export async function confirmTold(ctx: Ctx, tx: Tx, events: ReturnType<Tx>, said: readonly Said[], way: "push" | "fetch"): Promise<string[]> {
  const now = ctx.now();
  await noteTaken(ctx, tx, events, said, way);
  const documents = said.map(({ key, number, refusal }) => ({ key, number: number?.trim().slice(0, NUMBER_MAX) || null, refused: isRefusal(refusal) }));
  const confirmed = await tx<{ id: string; orderId: string; amountKopecks: bigint; documentNumber: string | null }[]>`
    with told as (
      select e.export_id, d.number, coalesce(d.refused, false) as refused, d.key is not null as is_named from feed_events e
        left join (select distinct on (key) key, number, refused from json_to_recordset(${JSON.stringify(documents)}::text::json) as d(key text, number text, refused boolean) order by key) d on d.key = e.key
       where e.export_id is not null and ${events}
    )
    update export_messages m set state = 'confirmed', confirmed_at = ${now}, delivered_at = coalesce(m.delivered_at, ${now}), onec_document_number = coalesce(t.number, m.onec_document_number), rejected_reason = null
      from told t where m.id = t.export_id and not t.refused and m.state <> 'confirmed' and (m.state <> 'rejected' or t.is_named)
    returning m.id, m.order_id, m.amount_kopecks, m.onec_document_number as document_number`;
  if (confirmed.length === 0) return [];
  await noteExports(ctx, tx, confirmed.map(({ id }) => id));
  const rows = confirmed.map((row) => ({ id: newId(), order_id: row.orderId, amount: row.amountKopecks.toString(), subject: row.id, document: row.documentNumber }));
  await tx`
    insert into order_events (id, order_id, at, kind, actor, amount_kopecks, subject_id, detail)
    select r.id, r.order_id, ${now}::timestamptz, 'export.confirmed', ${actorText(ctx.actor)}::text, r.amount, r.subject, jsonb_build_object('documentNumber', r.document)
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as r(id uuid, order_id uuid, amount bigint, subject uuid, document text)`;
  await tx`
    update alerts set state = 'resolved', resolved_at = ${now} where code in ('ALR-13', 'ALR-14') and state <> 'resolved' and object_key = any(${confirmed.map((row) => `export:${row.id}`)})`;
  return [...new Set(confirmed.map((row) => row.orderId))];
}

/** The same of what is no money: a new order, a receipt. A refusal stands until that very event is said to be taken. */
function noteTaken(ctx: Ctx, tx: Tx, events: ReturnType<Tx>, said: readonly Said[], way: "push" | "fetch"): Promise<void> {
  const refused = said.filter(({ refusal }) => isRefusal(refusal)).map(({ key }) => key);
  const named = said.filter(({ refusal }) => !isRefusal(refusal)).map(({ key }) => key);
  const numbers = new Map(said.map(({ key, number }) => [key, number?.trim().slice(0, NUMBER_MAX) ?? ""]));
  const taken: ReturnType<Tx> = tx`${events} and e.key <> all(${refused}::text[]) and (e.key = any(${named}::text[]) or not exists (
    select 1 from onec_messages w join feed_events z on z.id = w.id where z.connection_id = e.connection_id and z.key = e.key and z.type = e.type and w.result = 'error'))`;
  const text = (key: string) => (numbers.get(key) ? `Документ 1С №${NBSP}${numbers.get(key)!}` : way === "push" ? "HTTP-сервис 1С принял" : "1С забрала и подтвердила");
  return noteTold(ctx, tx, taken, { result: "confirmed", text, isAttempt: way === "push" });
}
