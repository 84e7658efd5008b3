/** Rows of the journal of messages (A9) for what comes by JSON beside orders; orders write theirs themselves. */
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId, sha256Hex, stableId } from "@/lib/kit/ids.ts";
import { messagesWrite } from "@/lib/onec-messages/index.ts";
import type { MessageKind, NewMessage } from "@/lib/onec-messages/index.ts";
import type { Call } from "./operation.ts";

export type JournalItem = {
  kind: MessageKind;
  guid: string;
  number: string;
  orderId: string | null;
  /** A sentence that an accountant understands, without personal data. */
  summary: string;
  /** Null: it was taken. */
  refusal: string | null;
  /** As it came; null where it is no JSON. */
  raw: unknown;
};

/**
 * Writes what was taken and what was refused; what changed nothing leaves no row. The same refused thing again counts an attempt; a
 * refusal is over when its document is taken. A journal that cannot be written does not undo what was done.
 */
export async function journal(ctx: Ctx, connectionId: string, items: readonly JournalItem[], durationMs: number, { messageId, source }: NonNullable<Call["origin"]> = {}): Promise<void> {
  if (items.length === 0) return;
  const messages = new Map<string, NewMessage & { id: string }>();
  for (const { kind, guid, number, orderId, summary, refusal, raw } of items) {
    const text = raw === null ? null : JSON.stringify(raw);
    const id = messageId ?? (refusal === null ? newId() : stableId(connectionId, guid, sha256Hex(text ?? refusal)));
    messages.set(id, {
      id, door: "json", direction: "in", kind, objectGuid: guid || null, objectNumber: number || null, orderId, summary, result: refusal === null ? "applied" : "error", resultText: refusal ?? (messageId === undefined ? null : summary), source: source ?? null,
      payload: text === null ? null : { format: "json", text }, durationMs: durationMs / items.length,
    });
  }
  const taken = items.filter(({ refusal, guid }) => refusal === null && guid !== "").map(({ guid }) => guid);
  try {
    await inTransaction(ctx, async (tx) => {
      if (taken.length > 0) {
        await tx`update onec_messages set result = 'skipped', result_text = 'Заменено: 1С прислала этот документ ещё раз', handled_at = ${ctx.now()}
                  where connection_id = ${connectionId} and result = 'error' and object_guid = any(${taken}) and id is distinct from ${messageId ?? null}`;
      }
      await messagesWrite(ctx, tx, connectionId, [...messages.values()]);
    });
  } catch (error) {
    ctx.log.error({ err: error }, "the journal of the JSON exchange could not be written");
  }
}
