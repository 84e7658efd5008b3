/** Days: one without a registry, what keeps a day open, what comes after it is closed (REC-10), and what stands however old it grows. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { addDays } from "@/lib/kit/time.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { openReconciliationWorld } from "@/lib/testing/reconciliation-world.ts";
import type { ReconciliationWorld } from "@/lib/testing/reconciliation-world.ts";
import { closeDay, listReconciliationDays, readReconciliationDay, reconcile, reopenDay } from "./index.ts";

let t: ReconciliationWorld;
beforeAll(async () => {
  t = await openReconciliationWorld();
});
afterAll(() => t.close());
beforeEach(() => t.begin());

test("REGISTRY_LATE: a day without any registry is told at noon of T+2 working days (ALR-18), once, and ends with the registry", async () => {
  await t.ctx.database.sql`update connections set enabled = true, created_at = '2026-11-19T00:00:00Z' where id = ${t.bank.connectionId}`;
  await t.fact({ id: "p1", kopecks: 10_000n });
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["REGISTRY_LATE expected"]);
  // Thursday's registry: Friday and Monday are its two working days.
  t.clock.set("2026-11-23T09:00:01Z");
  await reconcile(t.ctx, "full");
  await reconcile(t.ctx, "full");
  expect(await t.ctx.database.sql`select business_date::text as day, ours_kopecks from discrepancies where class = 'REGISTRY_LATE' and state = 'open' and connection_id = ${t.bank.connectionId}`).toEqual([{ day: "2026-11-19", oursKopecks: 10_000n }]);
  expect((await t.seen()).filter((each) => each.endsWith("open"))).toEqual(["REGISTRY_LATE open"]);
  expect(await t.alertsOf()).toEqual(["ALR-18 P2"]);
  await t.upload([{ id: "p1", kopecks: 10_000n }]);
  await reconcile(t.ctx, "full");
  expect(await t.alertsOf()).toEqual([]);
});

test("LATE_IN_CLOSED_DAY, REC-10: a closed day keeps its figures; what comes later counts on the next open day and is shown", async () => {
  await t.fact({ id: "p1", kopecks: 10_000n, day: "2026-11-12" });
  await t.upload([{ id: "p1", kopecks: 10_000n, day: "2026-11-12" }]);
  await reconcile(t.ctx, "full");
  await closeDay(t.accountant.ctx, { day: "2026-11-12", isTest: true });
  t.clock.advance(1_000);
  const before = await readReconciliationDay(t.ctx, { day: "2026-11-12", isTest: true });
  expect(before).toMatchObject({ state: "closed", closed: { by: `staff:${t.accountant.userId}` } });
  await expect(closeDay(t.accountant.ctx, { day: "2026-11-12", isTest: true })).rejects.toMatchObject({ code: "conflict" });
  await t.fact({ id: "p2", kopecks: 5_000n, day: "2026-11-12" });
  await t.upload([{ id: "p2", kopecks: 5_000n, day: "2026-11-12" }]);
  await reconcile(t.ctx, "full");
  expect((await t.seen()).filter((each) => each.startsWith("LATE"))).toEqual(["LATE_IN_CLOSED_DAY open", "LATE_IN_CLOSED_DAY open"]);
  const after = await readReconciliationDay(t.ctx, { day: "2026-11-12", isTest: true });
  const cells = (day: typeof after) => day.connections.find((each) => each.connectionId === t.bank.connectionId)!.cells;
  expect(cells(after)).toEqual(cells(before));
  expect(cells(after).registry).toMatchObject({ netKopecks: 10_000n, count: 1n });
  expect(await t.ctx.database.sql`select business_date::text from money_facts where provider_payment_id = 'p2' and connection_id = ${t.bank.connectionId}`).toEqual([{ businessDate: "2026-11-13" }]);
  await expect(reopenDay(t.accountant.ctx, { day: "2026-11-12", isTest: true, reason: "" })).rejects.toMatchObject({ code: "invalid" });
  await reopenDay(t.accountant.ctx, { day: "2026-11-12", isTest: true, reason: "опоздавший реестр" });
  expect((await readReconciliationDay(t.ctx, { day: "2026-11-12", isTest: true })).state).not.toBe("closed");
});

test("TOTALS_MISMATCH_DAY: figures of a closed day that are not those of its facts are a bug, and are told as one", async () => {
  await t.fact({ id: "p1", kopecks: 10_000n, day: "2026-11-16" });
  await t.ctx.database.sql`insert into closed_days (id, day, is_test, figures, closed_by, closed_at) values (${newId()}, '2026-11-16', true, '{"totals": {}}', 'test', ${t.ctx.now()})`;
  await reconcile(t.ctx, "full");
  expect(await t.ctx.database.sql`select severity, state from discrepancies where class = 'TOTALS_MISMATCH_DAY'`).toEqual([{ severity: "P1", state: "open" }]);
  await t.ctx.database.sql`update closed_days set reopened_at = now(), reopened_by = 'test', reopen_reason = 'test' where day = '2026-11-16'`;
});

test("REC-10: a day with an open P1 or P2 is not closed and the reason names them; today never is", async () => {
  await t.upload([{ id: "p9", kopecks: 70_000n, day: "2026-11-17" }]);
  await reconcile(t.ctx, "full");
  await expect(closeDay(t.accountant.ctx, { day: "2026-11-17", isTest: true })).rejects.toMatchObject({ code: "conflict", details: { classes: "MISSING_IN_LEDGER" } });
  await expect(closeDay(t.accountant.ctx, { day: "2026-11-20", isTest: true })).rejects.toMatchObject({ code: "invalid" });
  const manager = await aStaff(t, { role: "manager", storeId: t.shop.storeId });
  await expect(closeDay(manager.ctx, { day: "2026-11-17", isTest: true })).rejects.toMatchObject({ code: "forbidden" });
  const days = await listReconciliationDays(t.ctx, { from: "2026-11-17", to: "2026-11-17", isTest: true });
  expect(days).toMatchObject([{ day: "2026-11-17", state: "diff" }]);
});

test("invariant 20: a payment and the closing of its day at once: either the payment is in the figures, or it counts on the next day", async () => {
  for (let round = 0; round < 10; round++) {
    const day = addDays("2026-10-01", round * 2);
    const [money] = await Promise.allSettled([t.fact({ id: `race-${round}`, kopecks: 10_000n, day }), closeDay(t.accountant.ctx, { day, isTest: true })]);
    if (money.status === "rejected") await t.fact({ id: `race-${round}`, kopecks: 10_000n, day });
    const [row] = await t.ctx.database.sql<{ businessDate: string; totals: Record<string, string> }[]>`
      select f.business_date::text, c.figures->'totals' as totals from money_facts f, closed_days c where f.provider_payment_id = ${`race-${round}`} and f.connection_id = ${t.bank.connectionId} and c.day = ${day} and c.is_test and c.reopened_at is null`;
    const inFigures = row!.totals[`${t.bank.connectionId}:card:payment_captured`] === "10000";
    expect(inFigures).toBe(row!.businessDate === day);
  }
});

test("REC-04: what still stands does not close because it grew old (REGISTRY_LATE, TEST_LIVE_MIX, TOTALS_MISMATCH_DAY, AMOUNT_MISMATCH)", async () => {
  await t.ctx.database.sql`update connections set enabled = true, created_at = '2026-11-19T00:00:00Z' where id = ${t.bank.connectionId}`;
  await t.upload([{ id: "two", kopecks: 10_000n, day: "2026-11-20" }]);
  await t.upload([{ id: "two", kopecks: 12_000n, day: "2026-11-20" }]);
  await t.fact({ id: "two", kopecks: 12_000n, day: "2026-11-20" });
  await t.mixWorlds();
  await t.ctx.database.sql`insert into closed_days (id, day, is_test, figures, closed_by, closed_at) values (${newId()}, '2026-11-13', true, '{"totals": {"x": "1"}}', 'test', ${t.ctx.now()})`;
  const standing = async () =>
    (await t.ctx.database.sql<{ class: string; state: string; ours: bigint | null }[]>`
      select class, state, ours_kopecks as ours from discrepancies where (connection_id = ${t.bank.connectionId} and (business_date = '2026-11-19' or class <> 'REGISTRY_LATE') or class = 'TOTALS_MISMATCH_DAY' and business_date = '2026-11-13')
         and class in ('REGISTRY_LATE', 'TEST_LIVE_MIX', 'TOTALS_MISMATCH_DAY', 'AMOUNT_MISMATCH') order by class, found_at`).map((row) => `${row.class} ${row.state}`);
  t.goTo("2026-11-24");
  await reconcile(t.ctx, "full");
  const before = await standing();
  expect(before).toEqual(["AMOUNT_MISMATCH open", "REGISTRY_LATE open", "TEST_LIVE_MIX open", "TOTALS_MISMATCH_DAY open"]);
  t.goTo("2026-12-20");
  await reconcile(t.ctx, "full");
  expect(await standing()).toEqual(before);
  await t.ctx.database.sql`update closed_days set reopened_at = now(), reopened_by = 'test', reopen_reason = 'test' where day = '2026-11-13'`;
});

test("REC-10: a file that came a moment ago is compared before its day closes, not after", async () => {
  await t.upload([{ id: "unseen", kopecks: 70_000n, day: "2026-11-10" }]);
  await expect(closeDay(t.accountant.ctx, { day: "2026-11-10", isTest: true })).rejects.toMatchObject({ code: "conflict", details: { classes: "MISSING_IN_LEDGER" } });
});
