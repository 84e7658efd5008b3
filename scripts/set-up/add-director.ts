import { randomInt } from "node:crypto";
import { recordAudit } from "@/lib/audit/index.ts";
import { hashPassword } from "@/lib/auth/passwords.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";

/** Without letters and digits that look alike; 20 of them are 99 bits. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const LENGTH = 20;

/** Adds a director with a password of the machine's choice; somebody with this e-mail is left alone. */
export async function addDirector(ctx: Ctx, { name, email }: { name: string; email: string }): Promise<{ line: string; password: string | null }> {
  const password = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  const passwordHash = await hashPassword(password);
  const userId = newId();
  const made = await inTransaction(ctx, async (tx) => {
    const [row] = await tx`
      insert into staff_users (id, email, name, role, store_id, password_hash, is_active, created_at)
      values (${userId}, ${email}, ${name}, 'director', null, ${passwordHash}, true, ${ctx.now()}) on conflict (email) do nothing returning id`;
    if (row) await recordAudit(ctx, tx, { action: "staff.created", objectType: "staff", objectId: userId, after: { role: "director" } });
    return row !== undefined;
  });
  return made ? { line: `director ${email} created`, password } : { line: `${email} is there already, left as it is`, password: null };
}
