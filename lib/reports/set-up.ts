import type { Ctx } from "@/lib/context.ts";

export type SetUp = { hasOnec: boolean; onecCame: boolean; hasAcquirer: boolean; hasRegister: boolean; hasMail: boolean; hasOrders: boolean; hasMoney: boolean };

/** What is set up in this world: the checklist of the first run (A1). */
export async function readSetUp(ctx: Ctx, { isTest }: { isTest: boolean }): Promise<SetUp> {
  const { sql } = ctx.database;
  const environment = isTest ? "test" : "live";
  const has = (kind: string) => sql`exists (select 1 from connections where kind = ${kind} and enabled and environment = ${environment})`;
  const [row] = await sql<SetUp[]>`
    select ${has("onec")} as has_onec, ${has("acquirer")} as has_acquirer, ${has("register")} as has_register, ${has("mail")} as has_mail,
           exists (select 1 from connections where kind = 'onec' and environment = ${environment} and last_seen_at is not null) as onec_came,
           exists (select 1 from orders where is_test = ${isTest}) as has_orders, exists (select 1 from money_facts where is_test = ${isTest}) as has_money`;
  return row!;
}
