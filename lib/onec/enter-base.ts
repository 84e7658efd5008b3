import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { addMs, SECOND_MS } from "@/lib/kit/time.ts";
import { findBaseByHeader } from "./authenticate.ts";
import { baseSettings } from "./base-settings.ts";
import type { BaseDoor } from "./base-settings.ts";
import { logRefusedLogin } from "./log-call.ts";

/** Slows guessing down without a limit that a burst of right calls could hit (CML-5). */
export const WRONG_LOGIN_PAUSE_MS = 400;

/** `denied`: a text for the client; the caller answers 401 with `WWW-Authenticate: Basic realm="1C"`, or 403 when `isKnown`. */
export type Entered = { kind: "in"; base: OpenConnection } | { kind: "denied"; isKnown: boolean; message: string };

/**
 * Which 1C base knocks at a door of JSON or PayKeeper, by Basic (UTF-8 or windows-1251) or Bearer. A wrong password is slowed down and
 * leaves a trace; the base's sign of life is noted.
 */
export async function enterBase(ctx: Ctx, authorization: string | null, door: BaseDoor): Promise<Entered> {
  if (authorization === null) return { kind: "denied", isKnown: false, message: "Укажите логин и пароль обмена" };
  const base = await findBaseByHeader(ctx, authorization);
  if (!base) {
    await logRefusedLogin(ctx, door);
    await new Promise((resolve) => setTimeout(resolve, WRONG_LOGIN_PAUSE_MS));
    return { kind: "denied", isKnown: false, message: "Неверный логин или пароль обмена" };
  }
  if (!baseSettings(base).doors.includes(door)) return { kind: "denied", isKnown: true, message: `Для базы «${base.name}» этот способ обмена выключен` };
  const now = ctx.now();
  await ctx.database.sql`update connections set last_seen_at = ${now} where id = ${base.id} and (last_seen_at is null or last_seen_at < ${addMs(now, -SECOND_MS)})`;
  return { kind: "in", base };
}
