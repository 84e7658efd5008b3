import type { Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId, sha256Hex } from "@/lib/kit/ids.ts";
import { redactBody, redactHeaders } from "@/lib/kit/redact.ts";
import type { InboxResult } from "./results.ts";

export type NewMessage = {
  connectionId: string | null;
  source: string;
  eventKey: string;
  headers: Record<string, string>;
  /** Form or JSON text as received; stored redacted, its hash is of the original. */
  body: string;
  ip: string | null;
  result: InboxResult;
  resultText?: string | null;
  providerPaymentId?: string | null;
  orderId?: string | null;
};

/** Headers worth keeping as evidence; the rest is noise of the way. */
const keptHeaders = ["content-type", "user-agent", "x-real-ip", "x-forwarded-for"];
const BODY_LIMIT = 64 * 1024;

/** Stores a message once; the same message again only counts (LOST-02). Returns its id when it is new. */
export async function storeMessage(ctx: Ctx, tx: Tx, message: NewMessage): Promise<string | null> {
  const { inboxId, write } = messageWrite(ctx, tx, message);
  const [row] = await tx<{ id: string }[]>`${write} returning id`;
  return row?.id === inboxId ? inboxId : null;
}

/** The same as a write that is sent together with others. */
export function messageWrite(ctx: Ctx, tx: Tx, message: NewMessage): { inboxId: string; write: Write } {
  const headers = Object.fromEntries(keptHeaders.flatMap((name) => (message.headers[name] ? [[name, message.headers[name]]] : [])));
  const now = ctx.now();
  const inboxId = newId();
  const write = tx`
    insert into inbox_messages (id, connection_id, source, event_key, received_at, headers, body, body_sha256, ip, result, result_text, order_id, provider_payment_id, handled_at)
    values (${inboxId}, ${message.connectionId}, ${message.source}, ${message.eventKey}, ${now}, ${JSON.stringify(redactHeaders(headers))}::text::jsonb,
      ${redactBody(message.body).slice(0, BODY_LIMIT)}, ${sha256Hex(message.body)}, ${message.ip}, ${message.result}, ${message.resultText ?? null},
      ${message.orderId ?? null}, ${message.providerPaymentId ?? null}, ${now})
    on conflict (connection_id, event_key) do update set repeats = inbox_messages.repeats + 1`;
  return { inboxId, write };
}

/** Counts a repetition of a message that is stored already. */
export async function countRepeat(tx: Tx, connectionId: string, eventKey: string): Promise<void> {
  await tx`update inbox_messages set repeats = repeats + 1 where connection_id = ${connectionId} and event_key = ${eventKey}`;
}
