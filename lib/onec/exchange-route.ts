import type { Ctx } from "@/lib/context.ts";
import { handleExchange } from "./handle-exchange.ts";

/** A web request of 1C to the exchange and back (CML-1: both addresses come here, GET and POST alike). */
export async function exchangeRoute(ctx: Ctx, request: Request): Promise<Response> {
  const { headers, body } = request;
  const length = Number(headers.get("content-length") ?? Number.NaN);
  const answer = await handleExchange(ctx, {
    method: request.method,
    query: new URL(request.url).searchParams,
    authorization: headers.get("authorization"),
    cookie: headers.get("cookie"),
    contentLength: Number.isSafeInteger(length) ? length : null,
    body: body ?? none(),
  });
  // What is not read is let go, so that a refused upload does not hold the connection.
  if (body && !body.locked) await body.cancel().catch(() => undefined);
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}

// oxlint-disable-next-line require-yield
async function* none(): AsyncGenerator<Uint8Array, void, undefined> {}
