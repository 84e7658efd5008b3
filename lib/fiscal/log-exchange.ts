import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { withHttpTap } from "@/lib/kit/http-tap.ts";
import type { ClaimedReceipt } from "./claim-receipt.ts";

const TEXT_LIMIT = 16_000;

/** Calls a register and leaves request and answer, redacted, one click below the timeline. */
export async function logExchange<T extends { kind: string }>(ctx: Ctx, receipt: ClaimedReceipt, action: string, call: () => Promise<T>): Promise<T> {
  const at = ctx.now();
  const started = performance.now();
  const { value: outcome, request, answer } = await withHttpTap(call);
  await ctx.database.sql`
    insert into exchange_log (id, connection_id, order_id, subject_id, at, action, request, answer, outcome, duration_ms)
    values (${newId()}, ${receipt.connectionId}, ${receipt.orderId}, ${receipt.receiptId}, ${at}, ${action}, ${request.slice(0, TEXT_LIMIT)},
      ${answer.slice(0, TEXT_LIMIT)}, ${outcome.kind}, ${Math.round(performance.now() - started)})`;
  return outcome;
}
