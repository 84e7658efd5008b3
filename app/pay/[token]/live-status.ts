import { eventStream, subscribe } from "@/lib/live/index.ts";
import { readPayStamp } from "@/lib/orders/pay-page-query.ts";
import type { PayPageKey } from "@/lib/orders/pay-page-query.ts";
import { isLive, readOnReturn } from "@/lib/payments/index.ts";
import type { AttemptState } from "@/lib/payments/index.ts";
import { getContext } from "@/lib/runtime.ts";

const unknownToken = () => new Response(null, { status: 404 });

/** The page's state in one word. `?check=1`: the buyer has just come back, so the bank is asked first (PAY-15). */
export async function answerStatus(request: Request, key: PayPageKey): Promise<Response> {
  const ctx = await getContext({ kind: "buyer", ip: null });
  let status = await readPayStamp(ctx, key);
  if (!status) return unknownToken();
  if (new URL(request.url).searchParams.has("check")) {
    const [last] = await ctx.database.sql<{ attemptId: string; state: AttemptState }[]>`
      select id as attempt_id, state from payment_attempts where order_id = ${status.orderId} and not is_superseded order by created_at desc limit 1`;
    if (last && isLive(last.state)) {
      await readOnReturn(ctx, last.attemptId);
      status = (await readPayStamp(ctx, key)) ?? status;
    }
  }
  return Response.json({ stamp: status.stamp }, { headers: { "cache-control": "no-store" } });
}

/** The page's state, at once and after each change of the order, as an event stream. */
export async function streamStatus(request: Request, key: PayPageKey): Promise<Response> {
  const ctx = await getContext({ kind: "buyer", ip: null });
  const found = await readPayStamp(ctx, key);
  if (!found) return unknownToken();

  const stream = eventStream(request.signal, async (send) => {
    let sent = "";
    let isReading = false;
    let isStale = false;
    // Hints may come in bursts: one read at a time, and one more when something came meanwhile.
    async function tell(): Promise<void> {
      isStale = true;
      if (isReading) return;
      isReading = true;
      try {
        while (isStale) {
          isStale = false;
          const now = await readPayStamp(ctx, key);
          if (now && now.stamp !== sent) send({ stamp: (sent = now.stamp) });
        }
      } catch (error) {
        ctx.log.warn({ err: error }, "live status could not be read");
      } finally {
        isReading = false;
      }
    }
    const stop = await subscribe(ctx.database.url, (orderId) => {
      if (orderId === null || orderId === found.orderId) void tell();
    });
    await tell();
    return stop;
  });
  return stream ?? new Response(null, { status: 503, headers: { "retry-after": "30" } });
}
