/** Second factor: time-based codes (RFC 6238). The secret is sealed; a code works once. */
import { Secret, TOTP } from "otpauth";
import type { Sql, Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";

const PERIOD_SECONDS = 30;
/** Clocks of telephones differ: one step either way is accepted. */
const WINDOW_STEPS = 1;

const totpOf = (base32: string, email: string) =>
  new TOTP({ issuer: "Копейка", label: email, algorithm: "SHA1", digits: 6, period: PERIOD_SECONDS, secret: Secret.fromBase32(base32) });

/** A new secret of 160 bits, in base32. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

/** What the authenticator's camera reads. */
export const totpUri = (base32: string, email: string): string => totpOf(base32, email).toString();

/** The step of a right code, or null. Pure. */
export function totpStep(base32: string, code: string, now: Date): number | null {
  const token = code.replace(/\s/g, "");
  if (!/^\d{6}$/.test(token)) return null;
  const delta = totpOf(base32, "").validate({ token, window: WINDOW_STEPS, timestamp: now.getTime() });
  return delta === null ? null : Math.floor(now.getTime() / 1000 / PERIOD_SECONDS) + delta;
}

type Holder = { userId: string; totpSealed: string; totpKeyId: string };

/** True when the code is right and was not used before: its step is taken in the same statement. */
export async function useTotpCode(ctx: Ctx, on: Sql | Tx, holder: Holder, code: string): Promise<boolean> {
  const step = totpStep(ctx.secrets.open(holder.totpSealed, holder.totpKeyId), code, ctx.now());
  if (step === null) return false;
  const taken = await on`
    update staff_users set totp_last_step = ${step} where id = ${holder.userId} and (totp_last_step is null or totp_last_step < ${step}) returning id`;
  return taken.length === 1;
}
