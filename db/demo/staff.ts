/** Demo staff, one per role. Passwords are random for each copy and printed by `npm run -s demo:credentials`. */
import type { Ctx } from "@/lib/context.ts";
import { hashPassword } from "@/lib/auth/passwords.ts";
import type { Role } from "@/lib/auth/roles.ts";
import { newId } from "@/lib/kit/ids.ts";

export type DemoLogin = { role: Role; name: string; email: string; password: string };

const people: { role: Role; name: string; email: string }[] = [
  { role: "director", name: "Анна Соколова", email: "director@ladoga.example" },
  { role: "accountant", name: "Ирина Белова", email: "accountant@ladoga.example" },
  { role: "manager", name: "Павел Орлов", email: "manager@ladoga.example" },
  { role: "operator", name: "Дарья Лебедева", email: "operator@ladoga.example" },
  { role: "integrator", name: "Тимур Гарипов", email: "integrator@ladoga.example" },
];

/** Adds the demo people who are not there yet, with the given passwords. */
export async function seedStaff(ctx: Ctx, storeId: string, passwordOf: (role: Role) => string): Promise<DemoLogin[]> {
  const logins: DemoLogin[] = [];
  for (const person of people) {
    const password = passwordOf(person.role);
    const ownStore = person.role === "manager" || person.role === "operator" ? storeId : null;
    await ctx.database.sql`
      insert into staff_users (id, email, name, role, store_id, password_hash, is_active, created_at)
      values (${newId()}, ${person.email}, ${person.name}, ${person.role}, ${ownStore}, ${await hashPassword(password)}, true, ${ctx.now()})
      on conflict (email) do nothing`;
    logins.push({ ...person, password });
  }
  return logins;
}
