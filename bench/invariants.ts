/** The twenty invariants over a million facts. Floor of the same run: one pass over facts, allocations and receipt lines that sums them. */
import { findBreaks } from "@/lib/invariants/index.ts";
import { openRuntime } from "@/lib/runtime.ts";
import { machine } from "./harness.ts";
import { LARGE_ORDERS, largeDatabase } from "./large-database.ts";

const LIMIT_SECONDS = 60;

export async function benchInvariants(): Promise<void> {
  const large = await largeDatabase();
  Object.assign(process.env, large.env);
  const { ctx, close } = await openRuntime(large.url, "bench");
  const { sql } = ctx.database;
  const floor = await seconds(() => sql`select (select sum(amount_kopecks) from money_facts), (select sum(amount_kopecks) from allocations), (select sum(sum_kopecks) from receipt_lines)`);
  let broken = 0;
  const took = await seconds(async () => {
    broken = (await findBreaks(ctx)).filter((each) => each.count > 0).length;
  });
  await close();
  console.log(`\ninvariants over ${LARGE_ORDERS} facts (${machine()}; filled in ${large.fillSeconds.toFixed(0)} s)`);
  console.log(`  all twenty: ${took.toFixed(1)} s (limit ${LIMIT_SECONDS} s), ${(took / floor).toFixed(0)} × one summing pass of ${floor.toFixed(2)} s; broken: ${broken}`);
}

async function seconds(work: () => PromiseLike<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}
