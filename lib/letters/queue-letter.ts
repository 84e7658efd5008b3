import type { Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { LetterTemplate } from "./templates.ts";

/** Notes a letter that is owed; the same `dedupeKey` again owes nothing more. */
export function letterWrite(
  ctx: Ctx,
  tx: Tx,
  letter: { orderId: string | null; template: LetterTemplate; recipient: string; params: Record<string, string>; dedupeKey: string },
): Write {
  return tx`
    insert into letters (id, order_id, template, recipient, params, dedupe_key, state, created_at)
    values (${newId()}, ${letter.orderId}, ${letter.template}, ${letter.recipient}, ${JSON.stringify(letter.params)}::text::jsonb, ${letter.dedupeKey}, 'queued', ${ctx.now()})
    on conflict (dedupe_key) do nothing`;
}
