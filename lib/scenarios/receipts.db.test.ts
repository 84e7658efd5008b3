/** The register fails in every way that `fiscal/orange-data.md` names: one settlement ends with one receipt (LOST-15, LOST-26). */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { repeatReceipt } from "@/lib/fiscal/index.ts";
import { watchAlerts } from "@/lib/alerts/index.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";

let t: MoneyWorld;
beforeAll(async () => {
  t = await openMoneyWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

async function live(seconds: number, step = 5): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    await drainJobs(t, { mayFail: true });
    await t.advance(step);
  }
  await drainJobs(t, { mayFail: true });
}

async function paidOrder(contact?: string) {
  const order = await anOrder(t, t.shop);
  const attempt = await t.pay(order, "card", contact);
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  const [receipt] = await t.ctx.database.sql<{ id: string; externalId: string }[]>`select id, external_id from receipts where order_id = ${order.orderId}`;
  return { order, receipt: receipt! };
}

/** How many fiscal documents the register printed for this order's receipts. */
async function printed(prefix: string): Promise<number> {
  const state = await t.sandbox.read<{ documents: Record<string, { id: string }> | { id: string }[] }>("orange/state");
  return Object.values(state.documents).filter((d) => d.id.startsWith(prefix)).length;
}
const stem = (externalId: string) => externalId.split("-")[0]!;

test("FISC-10: a full prepayment: method 1, calculated rates, lines and VAT of example E1", async () => {
  const { receipt } = await paidOrder();
  const lines = await t.ctx.database.sql<{ name: string; sumKopecks: bigint; vatRate: string; vatKopecks: bigint; method: number; subject: number }[]>`
    select name, sum_kopecks, vat_rate, vat_kopecks, method, subject from receipt_lines where receipt_id = ${receipt.id} order by line_no`;
  expect(lines.map((l) => [l.sumKopecks, l.vatRate, l.vatKopecks, l.method, l.subject])).toEqual([
    [499_000n, "vat22_122", 89_984n, 1, 1],
    [129_100n, "vat10_110", 11_736n, 1, 1],
    [35_000n, "vat22_122", 6_311n, 1, 4],
  ]);
  await live(20);
});

test("503 with Retry-After for two minutes: the receipt waits, then goes with the same id", async () => {
  await t.sandbox.control("fault", { target: "orange", fault: "503_retry_after", seconds: 120, retryAfter: 5 });
  const { order, receipt } = await paidOrder();
  await live(60);
  expect((await moneyOf(t, order.orderId)).receipts[0]).toMatchObject({ state: "failed_retryable" });
  await live(400);
  expect((await moneyOf(t, order.orderId)).receipts).toMatchObject([{ state: "registered" }]);
  expect(await printed(receipt.externalId)).toBe(1);
});

test("LOST-15: the register took the receipt and its answer was lost: asked first, printed once", async () => {
  await t.sandbox.control("fault", { target: "orange", fault: "timeout_after_store", seconds: 1 });
  const { order, receipt } = await paidOrder();
  await live(30);
  const money = await moneyOf(t, order.orderId);
  expect(money.status).toBe("paid");
  expect(money.receipts).toMatchObject([{ state: "registered" }]);
  expect(await printed(stem(receipt.externalId))).toBe(1);
});

test("LOST-26: the worker dies after sending: the next one asks, the receipt is printed once", async () => {
  const { order, receipt } = await paidOrder();
  const { claimReceipt } = await import("@/lib/fiscal/claim-receipt.ts");
  const { cashRegisterOf } = await import("@/lib/fiscal/registry.ts");
  const { loadConnection } = await import("@/lib/connections/index.ts");
  const claimed = await claimReceipt(t.ctx, receipt.id, 0);
  const register = cashRegisterOf(await loadConnection(t.ctx, claimed!.connectionId));
  const prepared = register.prepare(claimed!.document);
  await t.ctx.database.sql`update receipts set request_body = ${prepared.body}, request_sha256 = ${prepared.sha256} where id = ${receipt.id}`;
  expect(await register.send(prepared, AbortSignal.timeout(5_000))).toMatchObject({ kind: "accepted" });
  // Here the process dies: neither the claim nor the state is written back. The job comes again after the claim ran out.
  await t.advance(200);
  await t.ctx.database.sql.begin((tx) => t.ctx.enqueue(tx as never, "receipt.work", { receiptId: receipt.id, stepNo: 0 }));
  await live(30);
  expect((await moneyOf(t, order.orderId)).receipts).toMatchObject([{ state: "registered" }]);
  expect(await printed(stem(receipt.externalId))).toBe(1);
});

test("a rejected receipt stops, raises ALR-08, and goes through after a person repeats it", async () => {
  await t.sandbox.control("fault", { target: "orange", fault: "400_validation" });
  const { order, receipt } = await paidOrder();
  await live(10);
  const failed = await moneyOf(t, order.orderId);
  expect(failed.receipts).toMatchObject([{ state: "failed_final", failText: expect.any(String) }]);
  expect(failed.alerts).toContainEqual({ code: "ALR-08", severity: "P1" });
  await repeatReceipt(t.ctx, { receiptId: receipt.id });
  await live(20);
  const done = await moneyOf(t, order.orderId);
  expect(done.receipts).toMatchObject([{ state: "registered" }]);
  expect(done.alerts).toEqual([]);
  await expect(repeatReceipt(t.ctx, { receiptId: receipt.id })).rejects.toMatchObject({ code: "conflict" });
});

test("524: the register dropped the document: a new id, still one printed receipt", async () => {
  await t.sandbox.control("fault", { target: "orange", fault: "524" });
  const { order, receipt } = await paidOrder();
  await live(40);
  expect((await moneyOf(t, order.orderId)).receipts).toMatchObject([{ state: "registered" }]);
  const [row] = await t.ctx.database.sql<{ externalId: string; tryNo: number }[]>`select external_id, try_no from receipts where id = ${receipt.id}`;
  expect(row!.tryNo).toBe(2);
  expect(row!.externalId).not.toBe(receipt.externalId);
});

test("ALR-06, ALR-07: a receipt in the queue for 15 minutes and for 4 hours; the alerts end with it", async () => {
  await t.sandbox.control("fault", { target: "orange", fault: "pending_forever" });
  const { order } = await paidOrder();
  await live(30);
  await t.advance(16 * 60);
  await watchAlerts(t.ctx);
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-06", severity: "P2" });
  await t.advance(4 * 3_600);
  await watchAlerts(t.ctx);
  await watchAlerts(t.ctx);
  expect((await moneyOf(t, order.orderId)).alerts).toContainEqual({ code: "ALR-07", severity: "P1" });
  const [alert] = await t.ctx.database.sql<{ count: number }[]>`select count from alerts where order_id = ${order.orderId} and code = 'ALR-07'`;
  expect(alert!.count).toBe(1);
});

test("FISC-05: no receipt can be built without lines that add up: a person decides, nothing is printed", async () => {
  const order = await anOrder(t, { ...t.shop, linesMatchTotal: false });
  const attempt = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attempt.attemptId)}`, { outcome: "success" });
  await live(10);
  const money = await moneyOf(t, order.orderId);
  expect(money.status).toBe("paid");
  expect(money.receipts).toMatchObject([{ state: "failed_final" }]);
  expect(money.alerts).toContainEqual({ code: "ALR-08", severity: "P1" });
});
