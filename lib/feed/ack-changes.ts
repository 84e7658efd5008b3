import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict } from "@/lib/kit/errors.ts";
import { confirmTold } from "./confirm-told.ts";
import type { Said } from "./confirm-told.ts";
import { cursorText, knownCursor } from "./cursor.ts";
import { noteTold } from "./note-told.ts";
import { refusalKey, refusalText, refuseTold } from "./refuse-told.ts";

export type Ack = {
  cursor: string;
  /** Documents that 1C made, by the `key` of their event. */
  documents?: readonly { key: string; number: string }[];
  /** Events that 1C will not book, with its reason. */
  rejected?: readonly { key: string; msg: string }[];
};

/**
 * The consumer wrote everything up to this cursor into its books (API-23): forward only, the same cursor again is fine. `settled`: what it
 * refuses and staff have booked meanwhile; it must not try that again. `unknown`: keys that are of no event of this consumer. Throws
 * `conflict` (details.cursor = where it stands) for a lower one and for one that was never given out, whatever it looks like.
 */
export async function ackChanges(ctx: Ctx, connectionId: string, ack: Ack): Promise<{ cursor: string; settled: string[]; unknown: Set<string> }> {
  const asked = knownCursor(ack.cursor);
  const settled: string[] = [];
  const touched = await inTransaction(ctx, async (tx) => {
    const [standing] = await tx<{ ackedSeq: bigint; lastSeq: bigint }[]>`select acked_seq, last_seq from feed_cursors where connection_id = ${connectionId} for update`;
    const { ackedSeq, lastSeq } = standing ?? { ackedSeq: 0n, lastSeq: 0n };
    if (asked === null || asked > lastSeq) throw conflict("Такого курсора сайт не выдавал", { cursor: cursorText(ackedSeq) });
    const to = asked;
    if (to < ackedSeq) throw conflict("Курсор меньше уже подтверждённого", { cursor: cursorText(ackedSeq) });
    const said: Said[] = [...(ack.documents ?? []).map(({ key, number }) => ({ key, number })), ...(ack.rejected ?? []).map(({ key, msg }) => ({ key, refusal: msg }))];
    const orders = await confirmTold(ctx, tx, tx`e.connection_id = ${connectionId} and e.seq > ${ackedSeq} and e.seq <= ${to}`, said, "fetch");
    // Numbers told late, with a later or the same cursor, are taken as well, and so is what 1C had refused and has booked now.
    const named = (ack.documents ?? []).map(({ key }) => key);
    if (named.length > 0) {
      orders.push(...(await confirmTold(ctx, tx, tx`e.connection_id = ${connectionId} and e.seq <= ${ackedSeq} and e.key = any(${named})`, said, "fetch")));
      await nameDocuments(tx, connectionId, ack.documents!);
      await tx`update alerts set state = 'resolved', resolved_at = ${ctx.now()} where code = 'ALR-14' and state <> 'resolved' and object_key = any(${named.map((key) => refusalKey(connectionId, key))})`;
    }
    for (const { key, msg } of ack.rejected ?? []) {
      const isSettled = (await refuseTold(ctx, tx, { connectionId, key, reason: msg })) === "settled";
      if (isSettled) settled.push(key);
      await noteTold(ctx, tx, tx`e.connection_id = ${connectionId} and e.key = ${key} and e.seq <= ${to}`, { result: isSettled ? "skipped" : "error", text: refusalText(msg.trim() || "причина не названа", isSettled) });
    }
    await tx`update feed_events set push_state = 'delivered', pushed_at = ${ctx.now()}, push_claimed_until = null where connection_id = ${connectionId} and seq <= ${to} and push_state = 'waiting'`;
    await tx`update feed_cursors set acked_seq = ${to}, acked_at = ${ctx.now()} where connection_id = ${connectionId}`;
    return orders;
  });
  for (const orderId of touched) ctx.hint(orderId);
  return { cursor: cursorText(asked!), settled, unknown: await unknownKeys(ctx, connectionId, [...(ack.documents ?? []), ...(ack.rejected ?? [])].map(({ key }) => key)) };
}

async function unknownKeys(ctx: Ctx, connectionId: string, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await ctx.database.sql<{ key: string }[]>`select distinct key from feed_events where connection_id = ${connectionId} and key = any(${keys as string[]})`;
  const known = new Set(rows.map(({ key }) => key));
  return new Set(keys.filter((key) => !known.has(key)));
}

const nameDocuments = (tx: Tx, connectionId: string, documents: readonly { key: string; number: string }[]) => tx`
  update export_messages m set onec_document_number = left(d.number, 64)
    from feed_events e join json_to_recordset(${JSON.stringify(documents)}::text::json) as d(key text, number text) on d.key = e.key
   where e.connection_id = ${connectionId} and m.id = e.export_id and m.state = 'confirmed' and m.onec_document_number is null and d.number <> ''`;
