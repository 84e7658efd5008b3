/** M3 on a real database: 1C's documents beside our facts. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { newId } from "@/lib/kit/ids.ts";
import { HOUR_MS } from "@/lib/kit/time.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { reversePayment } from "@/lib/payments/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { untilBlocked } from "@/lib/testing/until-blocked.ts";
import { readReconciliationDay, reconcile } from "./index.ts";

let t: TestContext;
let shop: TestShop;
let bankId: string;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());
beforeEach(async () => {
  t.clock.set("2026-11-20T09:00:00Z");
  shop = await aShop(t);
  bankId = (await anAcquirer(t, { sellerOrgId: shop.sellerOrgId })).connectionId;
  await t.ctx.database.sql`update connections set enabled = false where id = ${bankId}`;
});

const rows = (orderId: string, scope: "light" | "full" = "light") =>
  reconcile(t.ctx, scope).then(() => t.ctx.database.sql<{ class: string; state: string; severity: string; ours: bigint | null; theirs: bigint | null }[]>`
    select class, state, severity, ours_kopecks as ours, theirs_kopecks as theirs from discrepancies where order_id = ${orderId} order by class, found_at`);
const classes = async (orderId: string, scope: "light" | "full" = "light") => (await rows(orderId, scope)).map((row) => `${row.class} ${row.state}`);

test("MISSING_IN_1C: an hour of silence is a P2, a day a P1; what 1C took and did not book is given once more under the same id", async () => {
  const order = await anOrder(t, shop);
  const { factId } = await cardMoney(t, order.orderId, 663_100n, bankId);
  expect(await classes(order.orderId)).toEqual([]);
  t.clock.advance(HOUR_MS);
  expect(await rows(order.orderId)).toMatchObject([{ class: "MISSING_IN_1C", state: "open", severity: "P2", ours: 663_100n }]);
  const version = async () => (await t.ctx.database.sql<{ exportVersion: number; exportedVersion: number }[]>`select export_version, exported_version from orders where id = ${order.orderId}`)[0]!;
  const before = await version();
  await t.ctx.database.sql`update export_messages set state = 'delivered' where fact_id = ${factId}`;
  await t.ctx.database.sql`update orders set exported_version = export_version where id = ${order.orderId}`;
  t.clock.advance(2 * HOUR_MS);
  await reconcile(t.ctx, "light");
  expect(await version()).toEqual({ exportVersion: before.exportVersion + 1, exportedVersion: before.exportVersion });
  expect(await t.ctx.database.sql`select 1 from export_messages where fact_id = ${factId}`).toHaveLength(1);
  t.clock.advance(24 * HOUR_MS);
  expect(await rows(order.orderId)).toMatchObject([{ class: "MISSING_IN_1C", severity: "P1" }]);
  await t.ctx.database.sql`update export_messages set state = 'confirmed', confirmed_at = ${t.ctx.now()} where fact_id = ${factId}`;
  expect(await classes(order.orderId)).toEqual(["MISSING_IN_1C auto_resolved"]);
});

test("MISSING_IN_1C: money that was never queued for 1C is queued", async () => {
  const order = await anOrder(t, shop);
  const { factId } = await cardMoney(t, order.orderId, 100n, bankId);
  await t.ctx.database.sql`delete from export_messages where fact_id = ${factId}`;
  t.clock.advance(HOUR_MS);
  await reconcile(t.ctx, "light");
  expect(await t.ctx.database.sql`select state, amount_kopecks from export_messages where fact_id = ${factId}`).toEqual([{ state: "pending", amountKopecks: 100n }]);
});

/** A payment of the first order went back from all of them, as the bank's cabinet does it. */
async function givenBack(own: string, parts: { orderId: string; kopecks: bigint }[]): Promise<{ paid: string; back: string }> {
  const { factId: paid } = await cardMoney(t, parts[0]!.orderId, 663_100n, own);
  const amountKopecks = parts.reduce((sum, { kopecks }) => sum + kopecks, 0n);
  const back = await inTransaction(t.ctx, async (tx) => {
    const orders = [];
    for (const { orderId } of parts) orders.push(await lockOrder(tx, orderId));
    const fact = await recordFact(t.ctx, tx, {
      kind: "refund_succeeded", amountKopecks, method: "card", connectionId: own, providerPaymentId: newId(), providerOperationId: newId(), parentFactId: paid, occurredAt: t.ctx.now(), fiscalOwner: "none", isTest: true,
      allocations: parts.map(({ orderId, kopecks }) => ({ orderId, counterpartyId: null, amountKopecks: kopecks })),
    });
    const saved = await saveMoney(t.ctx, tx, withMoney(orders[0]!, "refund_succeeded", parts[0]!.kopecks), false);
    await t.ctx.announce(t.ctx, tx, { type: "money.undone", fact: fact!, order: saved });
    return fact!.factId;
  });
  return { paid, back };
}

test("MISSING_IN_1C, A8: of a refund of several orders the 1C column counts what each told part says, and is short by what is not confirmed; a part that stays in a dry run is owed to nobody", async () => {
  const [home, second, shadow] = [await anOrder(t, shop), await anOrder(t, shop), await anOrder(t, shop)];
  const own = (await anAcquirer(t, { sellerOrgId: shop.sellerOrgId })).connectionId;
  const { paid, back } = await givenBack(own, [{ orderId: home.orderId, kopecks: 300_000n }, { orderId: second.orderId, kopecks: 200_000n }, { orderId: shadow.orderId, kopecks: 50_000n }]);
  const { sql } = t.ctx.database;
  expect((await sql`select amount_kopecks from export_messages where fact_id = ${back} order by 1 desc`).map((row) => row["amountKopecks"])).toEqual([300_000n, 200_000n, 50_000n]);
  await sql`delete from feed_events where order_id = ${shadow.orderId}`;
  await sql`delete from export_messages where fact_id = ${back} and order_id = ${shadow.orderId}`;
  await sql`insert into dry_runs (id, order_id, kind, key, revision_no, fact_id, amount_kopecks, content, is_problem, created_at, is_test) values (${newId()}, ${shadow.orderId}, 'export', ${`fact:${back}`}, 1, ${back}, 50000, '{}', false, ${t.ctx.now()}, true)`;
  const confirm = (factId: string, orderId: string) => sql`update export_messages set state = 'confirmed', confirmed_at = ${t.ctx.now()}, onec_document_number = '1' where fact_id = ${factId} and order_id = ${orderId}`;
  const column = async () => (await readReconciliationDay(t.ctx, { day: "2026-11-20", isTest: true })).connections.find((row) => row.connectionId === own)!;
  const missing = async () => (await sql<{ kopecks: bigint }[]>`select coalesce(sum(ours_kopecks), 0)::bigint as kopecks from discrepancies where class = 'MISSING_IN_1C' and state in ('expected', 'open') and fact_id = ${back}`)[0]!.kopecks;
  await confirm(paid, home.orderId);
  await confirm(back, home.orderId);
  t.clock.advance(HOUR_MS);
  await reconcile(t.ctx, "light");
  expect(await column()).toMatchObject({ differs: ["onec"], cells: { onec: { inKopecks: 663_100n, outKopecks: 300_000n, netKopecks: 363_100n, owedKopecks: 163_100n, count: 2n } } });
  expect(await missing()).toBe(200_000n);
  await confirm(back, second.orderId);
  await reconcile(t.ctx, "light");
  expect(await column()).toMatchObject({ differs: [], cells: { onec: { outKopecks: 500_000n, netKopecks: 163_100n, owedKopecks: 163_100n, count: 2n } } });
  expect(await missing()).toBe(0n);
});

test("MISSING_IN_1C, decision 0023: money of several orders that was never queued is queued for each, the orders taken in the order of their ids", async () => {
  const [lower, higher] = [await anOrder(t, shop), await anOrder(t, shop)];
  const { back } = await givenBack(bankId, [{ orderId: higher.orderId, kopecks: 300_000n }, { orderId: lower.orderId, kopecks: 200_000n }]);
  const { sql } = t.ctx.database;
  await sql`delete from export_messages where fact_id = ${back}`;
  t.clock.advance(HOUR_MS);
  const { going } = await inTransaction(t.ctx, async (tx) => {
    await tx`select 1 from orders where id = ${lower.orderId} for no key update`;
    const mending = reconcile(t.ctx, "light");
    await untilBlocked(t);
    await tx`select 1 from orders where id = ${higher.orderId} for no key update nowait`;
    return { going: mending };
  });
  await going;
  expect([...(await sql`select order_id, amount_kopecks, state from export_messages where fact_id = ${back} order by amount_kopecks desc`)]).toEqual([
    { orderId: higher.orderId, amountKopecks: 300_000n, state: "pending" }, { orderId: lower.orderId, amountKopecks: 200_000n, state: "pending" },
  ]);
});

/** The accountant takes back money that never was. */
const reversed = async (orderId: string, factId: string, amountKopecks: bigint) =>
  reversePayment((await aStaff(t, { role: "accountant" })).ctx, { factId, orderId, amountKopecks, reason: "документ удалён в 1С", evidence: { note: "акт № 3" } });

test("EXTRA_IN_1C: the same sum typed into 1C beside our online payment, until it is taken back", async () => {
  const order = await anOrder(t, shop);
  await cardMoney(t, order.orderId, 663_100n, bankId);
  expect(await classes(order.orderId)).toEqual([]);
  const typed = await putMoney(t, { orderId: order.orderId, kopecks: 663_100n });
  expect(await rows(order.orderId)).toMatchObject([{ class: "EXTRA_IN_1C", severity: "P1", theirs: 663_100n }]);
  await reversed(order.orderId, typed, 663_100n);
  expect(await classes(order.orderId)).toEqual(["EXTRA_IN_1C auto_resolved"]);
});

test("DUPLICATE_IN_1C and WRONG_ORDER_1C: one document twice on an order, and its whole sum on another one", async () => {
  const [order, other] = [await anOrder(t, shop), await anOrder(t, shop)];
  const [first, second, third] = [await putMoney(t, { orderId: order.orderId, kopecks: 50_000n }), await putMoney(t, { orderId: order.orderId, kopecks: 50_000n }), await putMoney(t, { orderId: other.orderId, kopecks: 50_000n })];
  // Facts never change; the guard is lifted for the making of what must not happen.
  await t.ctx.database.sql.begin(async (tx) => {
    await tx`alter table money_facts disable trigger user`;
    await tx`update money_facts set document_number = '0042' where id = ${first}`;
    await tx`update money_facts set document_number = '42' where id = ${second}`;
    await tx`update money_facts set connection_id = ${shop.onecId}, document_key = 'doc-7' where id = ${first}`;
    await tx`update money_facts set connection_id = ${shop.onecId}, document_key = ${`doc-7@${other.orderId}`} where id = ${third}`;
    await tx`alter table money_facts enable trigger user`;
  });
  expect(await classes(order.orderId)).toEqual(["DUPLICATE_IN_1C open"]);
  expect(await classes(other.orderId)).toEqual(["WRONG_ORDER_1C open"]);
  await reversed(order.orderId, second, 50_000n);
  await reversed(other.orderId, third, 50_000n);
  expect(await classes(order.orderId)).toEqual(["DUPLICATE_IN_1C auto_resolved"]);
  expect(await classes(other.orderId)).toEqual(["WRONG_ORDER_1C auto_resolved"]);
});

test("ORDER_TOTAL_MISMATCH: lines that do not add up to 1C's total, until 1C sends it anew", async () => {
  const order = await anOrder(t, { ...shop, linesMatchTotal: false });
  await t.ctx.database.sql`update orders set total_kopecks = 700000 where id = ${order.orderId}`;
  expect(await rows(order.orderId)).toMatchObject([{ class: "ORDER_TOTAL_MISMATCH", severity: "P2", ours: 663_100n, theirs: 700_000n }]);
  await t.ctx.database.sql`update orders set total_kopecks = 663100, lines_match_total = true where id = ${order.orderId}`;
  expect(await classes(order.orderId)).toEqual(["ORDER_TOTAL_MISMATCH auto_resolved"]);
});

test("AMOUNT_MISMATCH_1C, STATUS_MISMATCH: what was told as ALR-16 stands in the list under the same alert and ends with it", async () => {
  const order = await anOrder(t, shop);
  const about = { code: "ALR-16", orderId: order.orderId, title: "Платёж 1С", advice: "Сверьте", amountKopecks: 5n } as const;
  await inTransaction(t.ctx, (tx) => raiseAlert(t.ctx, tx, { ...about, severity: "P2", objectKey: `order:${order.orderId}:document:7`, detail: { class: "AMOUNT_MISMATCH" } }));
  expect(await rows(order.orderId, "full")).toMatchObject([{ class: "AMOUNT_MISMATCH_1C", state: "open", severity: "P2" }]);
  expect(await t.ctx.database.sql`select count(*)::int as count from alerts where order_id = ${order.orderId}`).toEqual([{ count: 1 }]);
  await inTransaction(t.ctx, (tx) => resolveAlert(t.ctx, tx, "ALR-16", `order:${order.orderId}:document:7`));
  expect(await classes(order.orderId, "full")).toEqual(["AMOUNT_MISMATCH_1C auto_resolved"]);
});
