import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { HOUR_MS } from "@/lib/kit/time.ts";
import { offerTotp, removeTotp, setUpTotp } from "./change-totp.ts";
import { SESSION_HOURS, findSession, listSessions, revokeOtherSessions, revokeSession } from "./sessions.ts";
import { SignInRefused, signIn } from "./sign-in.ts";
import { ACCOUNT_TRIES, ADDRESS_TRIES } from "./throttle.ts";

let t: TestContext;
beforeAll(async () => void (t = await openTestContext()));
afterAll(() => t.close());

let nextIp = 1;
const anIp = () => `10.1.0.${nextIp++}`;
const enter = (who: Pick<MadeStaff, "email" | "password">, given: { password?: string; code?: string | null; ip?: string } = {}) =>
  signIn(t.ctx, { email: who.email, password: given.password ?? who.password, code: given.code ?? null, ip: given.ip ?? anIp(), userAgent: "test" });
const refusalOf = async (trying: Promise<unknown>): Promise<string> => {
  const error = await trying.then(() => "let in", (thrown: unknown) => thrown);
  return error instanceof SignInRefused ? error.refusal : String(error);
};
const audited = (action: string, objectId: string) => t.ctx.database.sql`select 1 from audit_log where action = ${action} and object_id = ${objectId}`;

test("A16: the right password opens a session of twelve hours, wrong parts are not told apart, both are audited (SEC-14, SEC-15)", async () => {
  const staff = await aStaff(t, { password: "correct horse" });
  const { sessionId } = await enter({ ...staff, email: ` ${staff.email.toUpperCase()} ` });
  expect(await findSession(t.ctx, sessionId)).toMatchObject({ userId: staff.userId, role: "director", hasTotp: false });
  expect(await audited("session.signed_in", sessionId)).toHaveLength(1);

  expect(await refusalOf(enter(staff, { password: "wrong" }))).toBe("wrong");
  expect(await refusalOf(enter({ email: "nobody@test.example", password: "x" }))).toBe("wrong");
  expect(await audited("session.refused", staff.userId)).toHaveLength(1);

  t.clock.advance(SESSION_HOURS * HOUR_MS + 1);
  expect(await findSession(t.ctx, sessionId)).toBeNull();
});

test("A16: somebody who was switched off is refused like a wrong password, and their session ends at once", async () => {
  const staff = await aStaff(t, { password: "pass" });
  const { sessionId } = await enter(staff);
  await t.ctx.database.sql`update staff_users set is_active = false where id = ${staff.userId}`;
  expect(await findSession(t.ctx, sessionId)).toBeNull();
  expect(await refusalOf(enter(staff))).toBe("wrong");
});

test("README 14: a new role and a revoked session work at once", async () => {
  const staff = await aStaff(t, { role: "accountant", password: "pass" });
  const first = await enter(staff);
  const second = await enter(staff);
  await t.ctx.database.sql`update staff_users set role = 'manager' where id = ${staff.userId}`;
  expect(await findSession(t.ctx, first.sessionId)).toMatchObject({ role: "manager" });

  const stranger = await aStaff(t, {});
  await revokeSession(stranger.ctx, stranger.userId, first.sessionId, "session.revoked");
  expect(await findSession(t.ctx, first.sessionId)).not.toBeNull();
  await revokeSession(staff.ctx, staff.userId, first.sessionId, "session.revoked");
  expect(await findSession(t.ctx, first.sessionId)).toBeNull();
  expect(await audited("session.revoked", first.sessionId)).toHaveLength(1);

  const third = await enter(staff);
  const me = await findSession(t.ctx, third.sessionId);
  expect(await revokeOtherSessions(staff.ctx, me!)).toBe(1);
  expect(await findSession(t.ctx, second.sessionId)).toBeNull();
  expect((await listSessions(t.ctx, staff.userId)).map((s) => s.sessionId)).toEqual([third.sessionId]);
  expect(await findSession(t.ctx, "not-an-id")).toBeNull();
});

test("A16: an account takes five wrong tries from anywhere, then even the right password waits; another account does not", async () => {
  const staff = await aStaff(t, { password: "pass" });
  for (let i = 0; i < ACCOUNT_TRIES; i++) expect(await refusalOf(enter(staff, { password: "wrong" }))).toBe("wrong");
  const refused = await enter(staff).catch((error: SignInRefused) => error);
  expect(refused).toMatchObject({ refusal: "too_many" });
  expect((refused as SignInRefused).waitSeconds).toBeGreaterThan(14 * 60);
  const other = await aStaff(t, { password: "pass" });
  await enter(other);

  await t.ctx.database.sql`update throttles set expire = now() - interval '1 second'`;
  await enter(staff);
});

test("A16: parallel tries count too, and a success starts afresh", async () => {
  const staff = await aStaff(t, { password: "pass" });
  const answers = await Promise.all(Array.from({ length: 12 }, () => refusalOf(enter(staff, { password: "wrong" }))));
  expect(answers.filter((answer) => answer === "wrong")).toHaveLength(ACCOUNT_TRIES);

  const careful = await aStaff(t, { password: "pass" });
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < ACCOUNT_TRIES - 1; i++) await refusalOf(enter(careful, { password: "wrong" }));
    await enter(careful);
  }
});

test("A16: an address takes thirty wrong tries over all accounts, known or not", async () => {
  const ip = anIp();
  for (let i = 0; i < ADDRESS_TRIES; i++) expect(await refusalOf(enter({ email: `guess${i}@test.example`, password: "x" }, { ip }))).toBe("wrong");
  const staff = await aStaff(t, { password: "pass" });
  expect(await refusalOf(enter(staff, { ip }))).toBe("too_many");
  await enter(staff);
});

test("SEC-15: with a second factor the password alone is not enough, and a code works once", async () => {
  const staff = await aStaff(t, { password: "pass" });
  const first = await enter(staff);
  const me = (await findSession(t.ctx, first.sessionId))!;
  const { offer, base32 } = offerTotp(t.ctx, me);
  const app = new TOTP({ secret: Secret.fromBase32(base32) });
  const codeNow = () => app.generate({ timestamp: t.clock.now().getTime() });

  await expect(setUpTotp(staff.ctx, me, { offer, code: "000000" })).rejects.toMatchObject({ code: "invalid" });
  const stranger = await aStaff(t, {});
  await expect(setUpTotp(stranger.ctx, { ...me, userId: stranger.userId }, { offer, code: codeNow() })).rejects.toMatchObject({ code: "invalid" });
  await setUpTotp(staff.ctx, me, { offer, code: codeNow() });
  // SEC-15: a stolen session may not put its own authenticator in the place of this one.
  await expect(setUpTotp(staff.ctx, me, { offer, code: codeNow() })).rejects.toMatchObject({ code: "conflict" });
  const [stored] = await t.ctx.database.sql<{ totpSealed: string }[]>`select totp_sealed from staff_users where id = ${staff.userId}`;
  expect(stored!.totpSealed).not.toContain(base32);

  expect(await refusalOf(enter(staff))).toBe("code_needed");
  // The code of the set-up is used up.
  expect(await refusalOf(enter(staff, { code: codeNow() }))).toBe("code_wrong");
  t.clock.advance(30_000);
  const code = codeNow();
  const [a, b] = await Promise.all([refusalOf(enter(staff, { code })), refusalOf(enter(staff, { code }))]);
  expect([a, b].sort()).toEqual(["code_wrong", "let in"]);
  expect(await refusalOf(enter(staff, { code: "abcdef" }))).toBe("code_wrong");

  await expect(removeTotp(staff.ctx, me, { password: "wrong" })).rejects.toMatchObject({ code: "invalid" });
  await removeTotp(staff.ctx, me, { password: "pass" });
  await enter(staff);
});

test("A16: wrong codes are wrong tries", async () => {
  const staff = await aStaff(t, { password: "pass" });
  const { sealed, keyId } = t.ctx.secrets.seal(new Secret({ size: 20 }).base32);
  await t.ctx.database.sql`update staff_users set totp_sealed = ${sealed}, totp_key_id = ${keyId} where id = ${staff.userId}`;
  for (let i = 0; i < 8; i++) expect(await refusalOf(enter(staff))).toBe("code_needed");
  for (let i = 0; i < ACCOUNT_TRIES; i++) expect(await refusalOf(enter(staff, { code: "000000" }))).toBe("code_wrong");
  expect(await refusalOf(enter(staff, { code: "000000" }))).toBe("too_many");
});
