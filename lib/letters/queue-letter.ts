import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { LetterTemplate } from "./templates.ts";

/** Notes a letter that is owed; the same `dedupeKey` again owes nothing more. Returns its id when it is new. */
export async function queueLetter(
  ctx: Ctx,
  tx: Tx,
  letter: { orderId: string | null; template: LetterTemplate; recipient: string; params: Record<string, string>; dedupeKey: string },
): Promise<string | null> {
  const letterId = newId();
  const [row] = await tx`
    insert into letters (id, order_id, template, recipient, params, dedupe_key, state, created_at)
    values (${letterId}, ${letter.orderId}, ${letter.template}, ${letter.recipient}, ${JSON.stringify(letter.params)}::text::jsonb, ${letter.dedupeKey}, 'queued', ${ctx.now()})
    on conflict (dedupe_key) do nothing returning id`;
  return row ? letterId : null;
}
