import { afterAll, beforeAll, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { watchAlerts } from "./watch-alerts.ts";

let t: TestContext;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());

const raised = async (code: string) => (await t.ctx.database.sql<{ n: bigint }[]>`select count(*) as n from alerts where code = ${code} and state <> 'resolved'`)[0]!.n;

test("ALR-06, ALR-07: receipt number 201 gets its alert too, and each is raised once", async () => {
  await t.ctx.database.sql`
    insert into receipts (id, purpose, kind, state, total_kopecks, due_at, planned_at, is_test)
    select gen_random_uuid(), 'advance', 'income', 'planned', 100, ${t.ctx.now()}, ${addMs(t.ctx.now(), -20 * MINUTE_MS)}::timestamptz + n * interval '1 second', true from generate_series(1, 230) n`;
  await watchAlerts(t.ctx);
  expect(await raised("ALR-06")).toBe(200n);
  await watchAlerts(t.ctx);
  expect(await raised("ALR-06")).toBe(230n);
  await watchAlerts(t.ctx);
  expect(await t.ctx.database.sql`select 1 from alerts where count > 1`).toHaveLength(0);

  t.clock.advance(5 * HOUR_MS);
  await watchAlerts(t.ctx);
  await watchAlerts(t.ctx);
  expect(await raised("ALR-07")).toBe(230n);
});
