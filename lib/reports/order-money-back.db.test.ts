import { afterAll, beforeAll, expect, test } from "vitest";
import { viewerOf } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import { openDispute } from "@/lib/disputes/index.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { previewRefund, requestRefund } from "@/lib/refunds/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, aStore, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { readOrderMoneyBack } from "./order-money-back.ts";

let t: TestContext;
let shop: TestShop;
let connectionId: string;
let accountant: MadeStaff;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
  ({ connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId }));
  accountant = await aStaff(t, { role: "accountant" });
});
afterAll(() => t.close());

let payments = 0;
async function paid() {
  const order = await anOrder(t, { ...shop, lines: [{ name: "Чайник", sumKopecks: 600_000n }, { name: "Книга", sumKopecks: 63_100n }] });
  const factId = await inTransaction(t.ctx, async (tx) => {
    const fact = await recordFact(t.ctx, tx, {
      kind: "payment_captured", amountKopecks: 663_100n, method: "card", connectionId, providerPaymentId: `p-${(payments += 1)}`, captureNo: 1, occurredAt: t.ctx.now(), fiscalOwner: "none", isTest: true,
      allocations: [{ orderId: order.orderId, counterpartyId: null, amountKopecks: 663_100n }],
    });
    await saveMoney(t.ctx, tx, withMoney(await lockOrder(tx, order.orderId), "payment_captured", 663_100n), false);
    return fact!.factId;
  });
  const read = () => readOrderMoneyBack(t.ctx, viewerOf({ role: "accountant", storeId: null }), { orderId: order.orderId, isTest: true });
  return { ...order, factId, read };
}
const wish = (orderId: string) => ({ orderId, paymentFactId: null, amountKopecks: 63_100n, reason: "goods_return" as const, reasonText: null, method: "instrument" as const });

test("A3: a quiet order has no flags; a request, a dispute and the bank's papers are told", async () => {
  const order = await paid();
  expect(await order.read()).toMatchObject({ refunds: [], disputes: [], holds: [], bank: { isInRegistry: false, creditedOn: null }, flags: { hasPendingRefund: false, hasDispute: false, awaitsRevision: false } });
  await requestRefund(accountant.ctx, wish(order.orderId));
  expect((await order.read()).flags).toEqual({ hasPendingRefund: true, hasDispute: false, awaitsRevision: false });
  await openDispute(accountant.ctx, { payment: { factId: order.factId }, providerDisputeId: `CB-${order.number}`, amountKopecks: 100_000n, occurredAt: t.ctx.now(), reasonText: null, deadlineOn: null });
  await inTransaction(t.ctx, async (tx) => {
    await recordEvent(t.ctx, tx, { orderId: order.orderId, kind: "registry.seen", amountKopecks: 663_100n });
    await recordEvent(t.ctx, tx, { orderId: order.orderId, kind: "settlement.credited", detail: { receivedOn: "2026-11-23" } });
  });
  expect(await order.read()).toMatchObject({ disputes: [{ amountKopecks: 100_000n }], bank: { isInRegistry: true, creditedOn: "2026-11-23" }, flags: { hasPendingRefund: true, hasDispute: true } });
});

test("LOST-10: the preview is what the request would do, and writes nothing", async () => {
  const order = await paid();
  const preview = await previewRefund(accountant.ctx, wish(order.orderId));
  expect(preview).toEqual({ amountKopecks: 63_100n, lines: [], parts: [{ paymentFactId: order.factId, amountKopecks: 63_100n, method: "card", instrument: null }], needsApproval: true });
  expect((await order.read()).refunds).toEqual([]);
  await expect(previewRefund(accountant.ctx, { ...wish(order.orderId), amountKopecks: 663_101n })).rejects.toMatchObject({ code: "conflict", details: { reason: "refund_limit", refundableKopecks: "663100" } });
  await expect(previewRefund(accountant.ctx, { ...wish(order.orderId), amountKopecks: 0n })).rejects.toMatchObject({ code: "invalid", details: { field: "amount" } });
});

test("SEC-13: a preview is refused to who may not ask, and another store's order is not found", async () => {
  const order = await paid();
  const integrator = await aStaff(t, { role: "integrator" });
  await expect(previewRefund(integrator.ctx, wish(order.orderId))).rejects.toMatchObject({ code: "forbidden" });
  const { storeId } = await aStore(t, { sellerOrgId: shop.sellerOrgId, name: "Другой" });
  const stranger = await aStaff(t, { role: "manager", storeId });
  await expect(previewRefund(stranger.ctx, wish(order.orderId))).rejects.toMatchObject({ code: "not_found" });
});
