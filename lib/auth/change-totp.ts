import { recordAudit } from "@/lib/audit/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { DomainError, conflict, invalid } from "@/lib/kit/errors.ts";
import { HOUR_MS } from "@/lib/kit/time.ts";
import { verifyPassword } from "./passwords.ts";
import type { Staff } from "./sessions.ts";
import { createThrottle } from "./throttle.ts";
import { newTotpSecret, totpStep, totpUri } from "./totp.ts";

/** A started set-up is good for that long. */
const SETUP_MS = HOUR_MS;

const tooMany = () => new DomainError("too_many", "Слишком много попыток. Подождите 15 минут");

type Offer = { userId: string; base32: string; at: number };

/** A new secret to show: nothing is stored, the sealed offer travels with the form. */
export function offerTotp(ctx: Ctx, staff: Staff): { offer: string; uri: string; base32: string } {
  const base32 = newTotpSecret();
  const { sealed, keyId } = ctx.secrets.seal(JSON.stringify({ userId: staff.userId, base32, at: ctx.now().getTime() } satisfies Offer));
  return { offer: `${keyId}.${sealed}`, uri: totpUri(base32, staff.email), base32 };
}

/** The secret inside an offer made to this person within the last hour; throws `invalid` for any other text. */
export function readOffer(ctx: Ctx, staff: Staff, offer: string): { base32: string; uri: string } {
  try {
    const dot = offer.indexOf(".");
    const { userId, base32, at } = JSON.parse(ctx.secrets.open(offer.slice(dot + 1), offer.slice(0, dot))) as Offer;
    if (userId === staff.userId && ctx.now().getTime() - at < SETUP_MS) return { base32, uri: totpUri(base32, staff.email) };
  } catch {
    // Altered or made with a key that is gone: the same answer as for an old one.
  }
  throw invalid("Настройка устарела, начните её заново");
}

/** Switches the second factor on when the code proves that the authenticator has the secret. One that is on is never replaced: taking it off asks for the password (SEC-15). */
export async function setUpTotp(ctx: Ctx, staff: Staff, given: { offer: string; code: string }): Promise<void> {
  const { base32 } = readOffer(ctx, staff, given.offer);
  const step = totpStep(base32, given.code, ctx.now());
  if (step === null) throw invalid("Код не подошёл. Проверьте время на телефоне и введите следующий код", { field: "code" });
  const { sealed, keyId } = ctx.secrets.seal(base32);
  await inTransaction(ctx, async (tx) => {
    const [set] = await tx`
      update staff_users set totp_sealed = ${sealed}, totp_key_id = ${keyId}, totp_last_step = ${step} where id = ${staff.userId} and totp_sealed is null returning id`;
    if (!set) throw conflict("Второй фактор уже включён. Сначала выключите его: для этого нужен пароль");
    await recordAudit(ctx, tx, { action: "totp.set_up", objectType: "staff", objectId: staff.userId });
  });
}

/** Switches the second factor off; asks for the password again (SEC-15). */
export async function removeTotp(ctx: Ctx, staff: Staff, given: { password: string }): Promise<void> {
  const ip = ctx.actor.kind === "staff" ? ctx.actor.ip : null;
  const throttle = createThrottle(ctx.database);
  // Behind a stolen session the password may not be guessed either.
  if ((await throttle.take(staff.email, ip)) !== null) throw tooMany();
  const [row] = await ctx.database.sql<{ passwordHash: string }[]>`select password_hash from staff_users where id = ${staff.userId}`;
  if (!row || given.password.length > 512 || !(await verifyPassword(row.passwordHash, given.password))) throw invalid("Пароль не подошёл", { field: "password" });
  await throttle.forgive(staff.email, ip);
  await inTransaction(ctx, async (tx) => {
    await tx`update staff_users set totp_sealed = null, totp_key_id = null, totp_last_step = null where id = ${staff.userId}`;
    await recordAudit(ctx, tx, { action: "totp.removed", objectType: "staff", objectId: staff.userId });
  });
}
