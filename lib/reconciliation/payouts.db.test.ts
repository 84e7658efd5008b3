/** Payouts and the statements that prove them (5.2): the sum a bank owes, the credit that brings it, and files of statements that come twice, broken or late. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { anOrder } from "@/lib/testing/an-order.ts";
import { anAcquirer } from "@/lib/testing/factories.ts";
import { openReconciliationWorld } from "@/lib/testing/reconciliation-world.ts";
import type { ReconciliationWorld } from "@/lib/testing/reconciliation-world.ts";
import { statementFile } from "@/lib/testing/registry-lines.ts";
import type { GivenRegistryLine } from "@/lib/testing/registry-lines.ts";
import { adjustSettlement, readReconciliationDay, reconcile, uploadBankStatement } from "./index.ts";

let t: ReconciliationWorld;
beforeAll(async () => {
  t = await openReconciliationWorld();
});
afterAll(() => t.close());
beforeEach(() => t.begin());

const example: GivenRegistryLine[] = [
  { id: "p1", kopecks: 663_100n, feeKopecks: 13_925n, payoutId: "20261120-1", payoutDay: "2026-11-20" },
  { id: "p2", kopecks: 269_981n, feeKopecks: 5_670n, payoutId: "20261120-1", payoutDay: "2026-11-20" },
  { id: "p3", kopecks: 120_000n, feeKopecks: 2_520n, payoutId: "20261120-1", payoutDay: "2026-11-20" },
  { id: "p1", kopecks: 64_550n, kind: "Возврат", operationId: "r1", payoutId: "20261120-1", payoutDay: "2026-11-20" },
];
async function exampleFacts(orderId: string | null = null): Promise<void> {
  const paid = await t.fact({ id: "p1", kopecks: 663_100n, orderId });
  await t.fact({ id: "p2", kopecks: 269_981n });
  await t.fact({ id: "p3", kopecks: 120_000n });
  await t.fact({ id: "p1", kopecks: 64_550n, kind: "refund_succeeded", operationId: "r1", parent: paid, orderId });
}

test("REC-06: the example of the rule: gross − fees − refund = 9 664.16, credited by the payout's number, told to the order", async () => {
  const order = await anOrder(t, t.shop);
  await exampleFacts(order.orderId);
  await t.upload(example);
  await t.statement([{ number: "381145", day: "2026-11-20", kopecks: 966_416n, purpose: "Возмещение по реестру 20261120-1 за 19.11.2026. Комиссия 221.15" }]);
  await reconcile(t.ctx, "full");
  const [payout] = (await readReconciliationDay(t.ctx, { day: "2026-11-19", isTest: true })).payouts.filter((each) => each.connectionId === t.bank.connectionId);
  expect(payout).toMatchObject({ capturedKopecks: 1_053_081n, refundedKopecks: 64_550n, feeKopecks: 22_115n, feeVatKopecks: 0n, expectedKopecks: 966_416n, creditedKopecks: 966_416n, creditedOn: "2026-11-20" });
  expect((await t.seen()).filter((each) => !each.includes("_1C"))).toEqual([]);
  expect(await t.ctx.database.sql`select amount_kopecks, detail from order_events where order_id = ${order.orderId} and kind = 'settlement.credited'`).toEqual([{ amountKopecks: 966_416n, detail: { payoutId: "20261120-1", receivedOn: "2026-11-20" } }]);
  await reconcile(t.ctx, "full");
  expect(await t.ctx.database.sql`select 1 from order_events where order_id = ${order.orderId} and kind in ('settlement.credited', 'registry.seen')`).toHaveLength(3);
});

test("M2: without a number the payout is found by its sum within three working days, not later", async () => {
  await exampleFacts();
  await t.upload(example);
  await t.statement([{ number: "1", day: "2026-11-25", kopecks: 966_416n, purpose: "Возмещение по операциям эквайринга" }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual([]);
  const [line] = await t.ctx.database.sql<{ bound: boolean }[]>`select settlement_id is not null as bound from bank_statement_lines where account = ${t.account}`;
  expect(line!.bound).toBe(true);
});

test("LOST-13: SETTLEMENT_MISSING is expected until T+3 working days, then P1; the order stays paid; a late credit closes it", async () => {
  await exampleFacts();
  await t.upload(example);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["SETTLEMENT_MISSING expected"]);
  t.goTo("2026-11-25");
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["SETTLEMENT_MISSING expected"]);
  t.goTo("2026-11-26");
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["SETTLEMENT_MISSING open"]);
  expect(await t.alertsOf()).toEqual(["ALR-16 P1"]);
  await t.statement([{ number: "2", day: "2026-11-26", kopecks: 966_416n, purpose: "Возмещение, реестр 20261120-1" }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["SETTLEMENT_MISSING auto_resolved"]);
});

test("SETTLEMENT_MISMATCH: another sum came; the difference is explained and an adjustment with a reason settles it", async () => {
  await exampleFacts();
  await t.upload(example);
  await t.statement([{ number: "3", day: "2026-11-20", kopecks: 966_416n - 22_115n, purpose: "Возмещение, реестр 20261120-1" }]);
  await reconcile(t.ctx, "full");
  const found = await t.one("SETTLEMENT_MISMATCH");
  expect(found).toMatchObject({ severity: "P1", oursKopecks: 966_416n, theirsKopecks: 944_301n, detail: { explanation: "комиссия удержана дважды" } });
  await expect(adjustSettlement(t.accountant.ctx, { settlementId: found.settlementId!, adjustmentKopecks: -22_115n, reason: " " })).rejects.toMatchObject({ code: "invalid" });
  expect(await adjustSettlement(t.accountant.ctx, { settlementId: found.settlementId!, adjustmentKopecks: -22_115n, reason: "комиссия за ноябрь, письмо банка" })).toEqual({ expectedKopecks: 944_301n });
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["SETTLEMENT_MISMATCH auto_resolved"]);
  // The lines come again with a new delivery: what a person added stays.
  await t.upload([{ id: "p3", kopecks: 120_000n, feeKopecks: 2_520n, payoutId: "20261120-1", payoutDay: "2026-11-20" }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["SETTLEMENT_MISMATCH auto_resolved"]);
});

test("BANK_UNEXPECTED: an acquirer's money without a payout waits for its registry until T+2, then is told", async () => {
  await t.statement([{ number: "4", day: "2026-11-20", kopecks: 50_000n, purpose: "Возмещение, реестр 999888" }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["BANK_UNEXPECTED expected"]);
  t.goTo("2026-11-25");
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["BANK_UNEXPECTED open"]);
  await t.fact({ id: "p1", kopecks: 50_000n });
  await t.upload([{ id: "p1", kopecks: 50_000n, payoutId: "999888", payoutDay: "2026-11-20" }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["BANK_UNEXPECTED auto_resolved"]);
});

test("REC-06, bank that pays out each day: gross by the list, net by the tariff, and the difference is found when the tariff is another", async () => {
  const daily = await anAcquirer(t, { sellerOrgId: t.shop.sellerOrgId, settings: { payout: "daily", feePercent: "2.1" } });
  await t.ctx.database.sql`update connections set enabled = false where id = ${daily.connectionId}`;
  t.bank = daily;
  await t.fact({ id: "p1", kopecks: 663_100n });
  await t.upload([{ id: "p1", kopecks: 663_100n }]);
  await t.statement([{ number: "5", day: "2026-11-20", kopecks: 663_100n - 13_925n, purpose: "Возмещение по эквайрингу за 19.11.2026" }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual([]);
  const [settled] = await t.ctx.database.sql`select payout_id, payout_date::text, expected_kopecks from settlements where connection_id = ${daily.connectionId}`;
  expect(settled).toEqual({ payoutId: "day:2026-11-19", payoutDate: "2026-11-20", expectedKopecks: 649_175n });
  await t.fact({ id: "p2", kopecks: 100_000n, day: "2026-11-18" });
  await t.upload([{ id: "p2", kopecks: 100_000n, day: "2026-11-18" }]);
  await t.statement([{ number: "6", day: "2026-11-19", kopecks: 97_000n, purpose: "Возмещение по эквайрингу за 18.11.2026" }]);
  await reconcile(t.ctx, "full");
  expect(await t.one("SETTLEMENT_MISMATCH")).toMatchObject({ oursKopecks: 97_900n, theirsKopecks: 97_000n });
});

test("BNK-10: an overlapping statement adds only what is new; equal transfers of one day are two", async () => {
  const line = { number: "000381145", day: "2026-11-20", kopecks: 5_000n, purpose: "Возмещение, реестр 1234" };
  expect(await t.statement([line, line])).toMatchObject({ status: "taken", statements: [{ newCount: 2, knownCount: 0, settlementCount: 2 }] });
  expect(await t.statement([line, line])).toMatchObject({ status: "known", statements: [] });
  expect(await t.statement([{ ...line, number: "381145" }, { ...line, number: "7" }])).toMatchObject({ statements: [{ newCount: 1, knownCount: 1 }] });
});

test("BNK-3: a zero byte or half a letter in one document of a statement does not stop the file", async () => {
  const taken = await t.statement([
    { number: "1\u0000", day: "2026-11-19", kopecks: 100n, purpose: `нечто\u0000 ${"я".repeat(3_985)}${"😀".repeat(20)}`, payerName: "А\u0000", payerInn: "7700000000" },
    { number: "1\u0000", day: "2026-11-19", kopecks: 100n, purpose: `нечто ${"я".repeat(3_984)}${"😀".repeat(20)}`, payerName: "Б" },
    { number: "2", day: "2026-11-19", kopecks: 200n, purpose: "Оплата" },
  ]);
  expect(taken).toMatchObject({ status: "taken", statements: [{ lineCount: 3, newCount: 3 }] });
});

test("REC-03: a live credit is never bound to a payout of a test terminal, whatever its sum", async () => {
  await t.upload([{ id: "p1", kopecks: 50_505n, payoutId: "T-505", payoutDay: "2026-11-20" }]);
  await t.fact({ id: "p1", kopecks: 50_505n });
  await uploadBankStatement(t.accountant.ctx, { fileName: "live.txt", bytes: statementFile(t.account, [{ number: "505", day: "2026-11-20", kopecks: 50_505n, purpose: "Возмещение по реестру операций, эквайринг" }]), isTest: false });
  await reconcile(t.ctx, "full");
  expect(await t.ctx.database.sql`select settlement_id from bank_statement_lines where account = ${t.account}`).toEqual([{ settlementId: null }]);
});

test("REC-03: a statement that was tried in the test world is taken again in the live one, line by line", async () => {
  const bytes = statementFile(t.account, [{ number: "1", day: "2026-11-19", kopecks: 10_000n, purpose: "Оплата по счёту 1" }, { number: "2", day: "2026-11-19", kopecks: 20_000n, purpose: "Оплата по счёту 2" }]);
  const into = (isTest: boolean) => uploadBankStatement(t.accountant.ctx, { fileName: "kl_to_1c.txt", bytes, isTest });
  expect(await into(true)).toMatchObject({ status: "taken", statements: [{ newCount: 2, knownCount: 0 }] });
  expect(await into(false)).toMatchObject({ status: "taken", statements: [{ newCount: 2, knownCount: 0 }] });
  expect(await into(false)).toMatchObject({ status: "known" });
  expect(await t.ctx.database.sql`select is_test, count(*)::int as count from bank_statement_lines where account = ${t.account} group by 1 order by 1`).toEqual([{ isTest: false, count: 2 }, { isTest: true, count: 2 }]);
});

test("REC-04: a registry and a statement that come a month late are compared all the same", async () => {
  await t.upload([{ id: "old", kopecks: 70_000n, day: "2026-10-15", payoutId: "OLD-77", payoutDay: "2026-10-16" }]);
  await t.statement([{ number: "77", day: "2026-10-16", kopecks: 69_000n, purpose: "Возмещение по эквайрингу OLD-77" }]);
  await reconcile(t.ctx, "full");
  expect((await t.seen()).filter((each) => !each.startsWith("REGISTRY_LATE"))).toEqual(["MISSING_IN_LEDGER open", "SETTLEMENT_MISMATCH open"]);
});
