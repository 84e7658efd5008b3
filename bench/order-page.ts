/** What the staff's order page reads, on a million orders. Floor of the same run: one row of `orders` by its key over the same client. */
import { viewerOf } from "@/lib/auth/scope.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { readTimeline } from "@/lib/reports/timeline.ts";
import { openRuntime } from "@/lib/runtime.ts";
import { machine, times } from "./harness.ts";
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
