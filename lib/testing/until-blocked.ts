import type { TestContext } from "./context.ts";

const LIMIT = 1_000;

/** Until so many transactions of this test's database wait for a lock; throws when they never do. `count` may fall meanwhile. For proofs of the order of locks. */
export async function untilBlocked({ ctx }: Pick<TestContext, "ctx">, count: () => number = () => 1): Promise<void> {
  for (let look = 0; look < LIMIT; look++) {
    // By the table of locks: one whose holder has just gone is shown as waiting a moment longer.
    const [waiting] = await ctx.database.sql<{ n: number }[]>`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and cardinality(pg_blocking_pids(pid)) > 0`;
    if (waiting!.n >= count()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("they do not wait for a lock");
}
