import { hashPassword } from "@/lib/auth/passwords.ts";
import type { Role } from "@/lib/auth/roles.ts";
import { actingAs } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";

export type MadeStaff = { userId: string; email: string; password: string; ctx: Ctx };

/** A staff member and a context that acts as them. `password` given = it can sign in (hashing takes time). */
export async function aStaff({ ctx }: { ctx: Ctx }, given: { role?: Role; storeId?: string | null; password?: string } = {}): Promise<MadeStaff> {
  const userId = newId();
  const role = given.role ?? "director";
  const storeId = given.storeId ?? null;
  const email = `${role}-${userId.slice(-8)}@test.example`;
  const hash = given.password ? await hashPassword(given.password) : "none";
  await ctx.database.sql`
    insert into staff_users (id, email, name, role, store_id, password_hash, is_active, created_at) values (${userId}, ${email}, 'Анна Соколова', ${role}, ${storeId}, ${hash}, true, ${ctx.now()})`;
  return { userId, email, password: given.password ?? "", ctx: actingAs(ctx, { kind: "staff", userId, role, storeId, ip: "10.0.0.1" }) };
}
