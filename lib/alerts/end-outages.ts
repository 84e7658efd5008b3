import type { Ctx } from "@/lib/context.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";

/** Alerts about wrong logins at the doors of 1C stand under this. */
export const REFUSED_LOGINS = "onec:refused-logins";

/** No new failure for so long: the outage is over, or nobody tried; the next failures raise the alert again. */
const QUIET_MS = 10 * MINUTE_MS;

/**
 * Ends alerts of failing connections (ALR-01, ALR-09, ALR-22). While ALR-01 is open pages show the method as down, so nobody
 * tries it, and no success could end it.
 */
export async function endOutages(ctx: Ctx): Promise<void> {
  const quietSince = addMs(ctx.now(), -QUIET_MS);
  await ctx.database.sql`
    update alerts a set state = 'resolved', resolved_at = ${ctx.now()} from connections c
     where a.state <> 'resolved' and a.object_key = 'connection:' || c.id and c.blocked_reason is null
       and ((a.code in ('ALR-01', 'ALR-22') and a.last_at < ${quietSince}) or a.code = 'ALR-09')`;
  await ctx.database.sql`
    update alerts set state = 'resolved', resolved_at = ${ctx.now()} where code = 'ALR-22' and object_key = ${REFUSED_LOGINS} and state <> 'resolved' and last_at < ${quietSince}`;
  // A status that we do not know is settled when the attempt is.
  await ctx.database.sql`
    update alerts a set state = 'resolved', resolved_at = ${ctx.now()} from payment_attempts p
     where a.state <> 'resolved' and a.object_key = 'provider-status:' || p.id and p.state not in ('created', 'unknown', 'pending', 'authorized')`;
}
