import type { TestContext } from "./context.ts";

const LIMIT = 500;

/** Until some transaction of this test's database waits for a lock; throws when none comes to wait. For proofs of the order of locks. */
export async function untilBlocked({ ctx }: Pick<TestContext, "ctx">): Promise<void> {
  for (let look = 0; look < LIMIT; look++) {
    const [waiting] = await ctx.database.sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' limit 1`;
    if (waiting) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("nobody waits for a lock");
}
