import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { z } from "zod";
import { recordAudit } from "@/lib/audit/index.ts";
import { actingAs, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { hashPassword, verifyPassword } from "./passwords.ts";
import type { Role } from "./roles.ts";
import { openSession } from "./sessions.ts";
import { createThrottle } from "./throttle.ts";
import { useTotpCode } from "./totp.ts";

/** Why nobody was let in. `wrong` never says which part was wrong. */
export type SignInRefusal = "wrong" | "too_many" | "code_needed" | "code_wrong";

export class SignInRefused extends Error {
  readonly refusal: SignInRefusal;
  /** For `too_many`: until the next try, seconds. */
  readonly waitSeconds: number;
  constructor(refusal: SignInRefusal, waitSeconds = 0) {
    super(refusal);
    this.refusal = refusal;
    this.waitSeconds = waitSeconds;
  }
}

const SignIn = z.object({
  email: z.string().trim().toLowerCase().min(3).max(254),
  // Argon2 is as slow as its input is long; no manager makes more.
  password: z.string().min(1).max(512),
  code: z.string().max(20).nullable(),
  ip: z.string().max(64).nullable(),
  userAgent: z.string().max(2_000).nullable(),
});
export type SignIn = z.input<typeof SignIn>;

type Account = { userId: string; role: Role; storeId: string | null; passwordHash: string; isActive: boolean; totpSealed: string | null; totpKeyId: string | null };

/** Checked for unknown accounts, so that they take as long as known ones. */
let dummy: Promise<string> | null = null;
const dummyHash = () => (dummy ??= hashPassword(randomBytes(16).toString("hex")));

/** Checks password and, where it is set up, the second factor; opens a session. Throws {@link SignInRefused}. */
export async function signIn(ctx: Ctx, input: SignIn): Promise<{ sessionId: string; userId: string }> {
  const parsed = SignIn.safeParse(input);
  if (!parsed.success) throw new SignInRefused("wrong");
  const { email, password, code, userAgent } = parsed.data;
  const ip = parsed.data.ip !== null && isIP(parsed.data.ip) ? parsed.data.ip : null;
  const throttle = createThrottle(ctx.database);

  const wait = await throttle.take(email, ip);
  if (wait !== null) {
    ctx.log.warn({ ip }, "sign-in throttled");
    throw new SignInRefused("too_many", wait);
  }
  const [account] = await ctx.database.sql<Account[]>`
    select id as user_id, role, store_id, password_hash, is_active, totp_sealed, totp_key_id from staff_users where email = ${email}`;
  const isRight = await verifyPassword(account?.passwordHash ?? (await dummyHash()), password);
  if (!account || !isRight || !account.isActive) {
    if (account) await auditRefusal(ctx, account.userId, ip);
    throw new SignInRefused("wrong");
  }
  if (account.totpSealed !== null && account.totpKeyId !== null) {
    if (!code) {
      await throttle.giveBack(email, ip);
      throw new SignInRefused("code_needed");
    }
    const holder = { userId: account.userId, totpSealed: account.totpSealed, totpKeyId: account.totpKeyId };
    if (!(await useTotpCode(ctx, ctx.database.sql, holder, code))) {
      await auditRefusal(ctx, account.userId, ip);
      throw new SignInRefused("code_wrong");
    }
  }
  await throttle.forgive(email, ip);
  const staff = actingAs(ctx, { kind: "staff", userId: account.userId, role: account.role, storeId: account.storeId, ip });
  const sessionId = await inTransaction(staff, async (tx) => {
    const opened = await openSession(staff, tx, { userId: account.userId, ip, userAgent });
    await recordAudit(staff, tx, { action: "session.signed_in", objectType: "session", objectId: opened, after: { userId: account.userId, secondFactor: account.totpSealed !== null } });
    return opened;
  });
  return { sessionId, userId: account.userId };
}

/** A wrong try is told of known accounts only, and the throttle bounds how many there are. */
const auditRefusal = (ctx: Ctx, userId: string, ip: string | null) =>
  inTransaction(ctx, (tx) => recordAudit(ctx, tx, { action: "session.refused", objectType: "staff", objectId: userId, after: { ip } }));
