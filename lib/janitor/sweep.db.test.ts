import { afterAll, beforeAll, expect, test } from "vitest";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { waitingJobs } from "@/lib/testing/drain-jobs.ts";
import { aRegister, aShop } from "@/lib/testing/factories.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { sweep } from "./sweep.ts";

let t: TestContext;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());

test("LOST-22: a receipt whose job is gone gets one again, and old counters go", async () => {
  const { sql } = t.ctx.database;
  const shop = await aShop(t);
  await aRegister(t, { sellerOrgId: shop.sellerOrgId });
  const order = await anOrder(t, { sellerOrgId: shop.sellerOrgId, storeId: shop.storeId, onecId: shop.onecId });
  await putMoney(t, { orderId: order.orderId, kopecks: 663_100n, fiscalOwner: "site", announced: true });
  await sql`delete from pgboss.job`;
  await sql`insert into throttles (key, points, expire) values ('old', 1, ${addMs(t.ctx.now(), -1)}), ('fresh', 1, ${addMs(t.ctx.now(), MINUTE_MS)})`;

  await sweep(t.ctx);
  expect(await waitingJobs(t)).toEqual([]);
  expect(await sql`select key from throttles`).toEqual([{ key: "fresh" }]);

  t.clock.advance(3 * MINUTE_MS);
  await sweep(t.ctx);
  expect(await waitingJobs(t)).toMatchObject([{ queue: "receipt.work" }]);
});
