/** What the staff's order page reads, on a million orders. Floor of the same run: one row of `orders` by its key over the same client. */
import { viewerOf } from "@/lib/auth/scope.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { readTimeline } from "@/lib/reports/timeline.ts";
import { openRuntime } from "@/lib/runtime.ts";
import { machine } from "./harness.ts";
import { LARGE_ORDERS, largeDatabase } from "./large-database.ts";

const PAGES = 3_000;
const LIMIT_MS = 50;

export async function benchOrderPage(): Promise<void> {
  const large = await largeDatabase();
  Object.assign(process.env, large.env);
  const { ctx, close } = await openRuntime(large.url, "bench");
  const { sql } = ctx.database;
  const orders = await sql<{ id: string }[]>`select id from orders tablesample bernoulli (1) limit ${PAGES}`;
  const viewer = viewerOf({ role: "director", storeId: null });
  const floor = await times(orders, ({ id }) => sql`select * from orders where id = ${id}`);
  const page = await times(orders, async ({ id }) => {
    await Promise.all([readOrderPage(ctx, viewer, id), readTimeline(ctx, viewer, id)]);
  });
  await close();
  console.log(`\norder page of ${LARGE_ORDERS} orders (${machine()}), ${orders.length} pages one after another`);
  console.log(`  page and timeline: p50 ${page.p50.toFixed(1)} ms, p99 ${page.p99.toFixed(1)} ms (limit ${LIMIT_MS} ms); one row by key: p50 ${floor.p50.toFixed(2)} ms, p99 ${floor.p99.toFixed(2)} ms; ratio of p50 ${(page.p50 / floor.p50).toFixed(0)}`);
}

async function times<T>(given: readonly T[], work: (each: T) => PromiseLike<unknown>): Promise<{ p50: number; p99: number }> {
  const took: number[] = [];
  for (const each of given) {
    const started = performance.now();
    await work(each);
    took.push(performance.now() - started);
  }
  took.sort((a, b) => a - b);
  return { p50: took[Math.floor(took.length / 2)]!, p99: took[Math.floor(took.length * 0.99)]! };
}
