import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { setOwnContact } from "@/lib/orders/set-own-contact.ts";
import { lockAttempt } from "./lock-attempt.ts";
import { isLive } from "./states.ts";

/**
 * The buyer corrected the address before paying: the receipt and the letters of an attempt that is not paid yet go to the new
 * one (FISC-05). A paid attempt keeps its own. `contact` is parsed.
 */
export async function correctContact(ctx: Ctx, attemptId: string, contact: string): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const attempt = await lockAttempt(tx, { attemptId });
    if (!attempt || !isLive(attempt.state) || attempt.contact === contact) return;
    await Promise.all([
      tx`update payment_attempts set contact = ${contact} where id = ${attemptId}`,
      setOwnContact(ctx, tx, attempt.order, contact),
    ]);
  });
}
