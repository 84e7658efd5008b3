import { currentStaff } from "../../session/current-staff.ts";
import { findSession } from "@/lib/auth/sessions.ts";
import { eventStream, subscribe } from "@/lib/live/index.ts";

/** A stream outlives its request: the session is looked at again at this pace, so that a revoked one falls silent. */
const CHECK_MS = 30_000;

/** Tells open staff pages which order changed; only ids go out, the pages read the rest with their own rights. */
export async function GET(request: Request): Promise<Response> {
  const signedIn = await currentStaff();
  if (!signedIn) return new Response(null, { status: 401 });
  const { ctx, staff, viewer } = signedIn;
  const { sql } = ctx.database;
  const ended = new AbortController();
  const isOwn = async (orderId: string) => viewer.storeId === null || (await sql`select 1 from orders where id = ${orderId} and store_id = ${viewer.storeId}`).length > 0;
  const response = eventStream(AbortSignal.any([request.signal, ended.signal]), async (send) => {
    const leave = await subscribe(ctx.database.url, (orderId) => {
      if (orderId === null || viewer.storeId === null) return send({ orderId });
      isOwn(orderId).then((own) => own && send({ orderId })).catch(() => undefined);
    });
    const timer = setInterval(() => {
      findSession(ctx, staff.sessionId).then((still) => still ?? ended.abort()).catch(() => undefined);
    }, CHECK_MS);
    return () => {
      clearInterval(timer);
      leave();
    };
  });
  return response ?? new Response(null, { status: 503 });
}
