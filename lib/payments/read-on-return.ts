import type { Ctx } from "@/lib/context.ts";
import { addMs } from "@/lib/kit/time.ts";
import { readAttempt } from "./poll-attempt.ts";

/** A buyer who reloads the page must not become a flood at the bank. */
const READ_PAUSE_MS = 3_000;
/** The page waits so long for the bank's answer, then shows what is known; the answer is applied all the same. */
const PATIENCE_MS = 4_000;

/**
 * The buyer came back from the bank: asks it once, at most every three seconds per attempt. The address that brought the
 * buyer back proves nothing (PAY-15). Never throws: the poller asks again.
 */
export async function readOnReturn(ctx: Ctx, attemptId: string): Promise<void> {
  const { sql } = ctx.database;
  const now = ctx.now();
  const [mine] = await sql`
    update payment_attempts set last_polled_at = ${now}
     where id = ${attemptId} and (last_polled_at is null or last_polled_at < ${addMs(now, -READ_PAUSE_MS)}) returning id`;
  if (!mine) return;
  const reading = readAttempt(ctx, attemptId).catch((error: unknown) => ctx.log.warn({ err: error, attemptId }, "read on return failed"));
  await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
}
