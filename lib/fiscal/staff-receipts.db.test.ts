import { afterAll, beforeAll, expect, test } from "vitest";
import { acknowledgeAlert, countOpenAlerts, listAlerts, raiseAlert } from "@/lib/alerts/index.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aRegister, aShop } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { countReceipts, countReceiptsToDecide, groupFailures, listReceipts } from "./list-receipts.ts";

let t: TestContext;
let shop: TestShop;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
});
afterAll(() => t.close());
const viewer = viewerOf({ role: "accountant", storeId: null });
const scope = { viewer, isTest: true };
const paid = async () => {
  const order = await anOrder(t, { sellerOrgId: shop.sellerOrgId, storeId: shop.storeId, onecId: shop.onecId });
  await putMoney(t, { orderId: order.orderId, kopecks: 663_100n, fiscalOwner: "site", announced: true });
  return order;
};

test("A5: payments and receipts are counted against each other, failures grouped by cause (invariant 8)", async () => {
  expect(await countReceipts(t.ctx, scope)).toMatchObject({ payments: 0n, settled: 0n, forgotten: 0n });
  await paid();
  await paid();
  await aRegister(t, { sellerOrgId: shop.sellerOrgId });
  await paid();
  const counts = await countReceipts(t.ctx, scope);
  expect(counts).toMatchObject({ payments: 3n, settled: 0n, forgotten: 0n, byTab: { decide: 2n, retry: 0n, working: 1n, done: 0n, all: 3n } });
  expect(await countReceiptsToDecide(t.ctx, scope)).toBe(2n);
  expect(await groupFailures(t.ctx, scope, "decide")).toMatchObject([{ failCode: "NO_REGISTER", count: 2n, kopecks: 1_326_200n }]);

  const { rows } = await listReceipts(t.ctx, scope, { tab: "decide", before: null });
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatchObject({ contact: "iv***@example.ru", failCode: "NO_REGISTER" });
  const older = await listReceipts(t.ctx, scope, { tab: "decide", before: rows[0]!.receiptId });
  expect(older.rows.map((row) => row.receiptId)).toEqual([rows[1]!.receiptId]);
  expect((await listReceipts(t.ctx, { ...scope, isTest: false }, { tab: "all", before: null })).rows).toEqual([]);
  expect((await listReceipts(t.ctx, { ...scope, viewer: viewerOf({ role: "operator", storeId: shop.sellerOrgId }) }, { tab: "all", before: null })).rows).toEqual([]);

  // Money that nobody planned a receipt for is told apart from receipts that wait.
  const order = await anOrder(t, { sellerOrgId: shop.sellerOrgId, storeId: shop.storeId });
  await putMoney(t, { orderId: order.orderId, kopecks: 100n, fiscalOwner: "site" });
  // A receipt that another side prints is none of ours (FISC-00).
  await putMoney(t, { orderId: order.orderId, kopecks: 200n, fiscalOwner: "onec" });
  expect(await countReceipts(t.ctx, scope)).toMatchObject({ payments: 4n, forgotten: 1n });
});

test("A10: an alert is taken once, by name, audited; resolved and foreign ones are not", async () => {
  const { sql } = t.ctx.database;
  const order = await paid();
  await raiseAlert(t.ctx, sql, { code: "ALR-04", objectKey: `order:${order.orderId}:test`, severity: "P2", orderId: order.orderId, title: "Переплата", advice: "Верните лишнее", amountKopecks: 500n });
  const find = async () => (await listAlerts(t.ctx, scope, { state: "open", by: "severity", limit: 100 })).find((alert) => alert.code === "ALR-04")!;
  const alert = await find();
  const before = await countOpenAlerts(t.ctx, scope);

  const foreign = await aStaff(t, { role: "operator", storeId: null });
  await expect(acknowledgeAlert(foreign.ctx, alert.alertId)).rejects.toMatchObject({ code: "not_found" });
  const accountant = await aStaff(t, { role: "accountant" });
  await acknowledgeAlert(accountant.ctx, alert.alertId);
  expect(await find()).toMatchObject({ state: "acknowledged", ownerName: "Анна Соколова" });
  const after = await countOpenAlerts(t.ctx, scope);
  expect([before.open - after.open, before.firing - after.firing]).toEqual([0n, 1n]);
  expect(await sql`select 1 from audit_log where action = 'alert.acknowledged' and object_id = ${alert.alertId}`).toHaveLength(1);
  await expect(acknowledgeAlert(accountant.ctx, alert.alertId)).rejects.toMatchObject({ code: "conflict" });
  await expect(acknowledgeAlert(t.ctx, alert.alertId)).rejects.toMatchObject({ code: "forbidden" });
  expect((await listAlerts(t.ctx, { viewer, isTest: false }, { state: "open", by: "money", limit: 100 })).filter((row) => row.orderId !== null)).toEqual([]);
});
