/** Lines of a bank's registry beside our ledger (5.2): every difference is found, told, mended or decided, and closed. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { addDays, instantOfLocal } from "@/lib/kit/time.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { anAcquirer } from "@/lib/testing/factories.ts";
import { openReconciliationWorld } from "@/lib/testing/reconciliation-world.ts";
import type { ReconciliationWorld } from "@/lib/testing/reconciliation-world.ts";
import type { GivenRegistryLine } from "@/lib/testing/registry-lines.ts";
import { countOpenDiscrepancies, listDiscrepancies, reconcile, resolveDiscrepancy, uploadRegistry } from "./index.ts";

let t: ReconciliationWorld;
beforeAll(async () => {
  t = await openReconciliationWorld();
});
afterAll(() => t.close());
beforeEach(() => t.begin());

test("REC-01: a registry that agrees to the kopeck finds nothing, and the order's story says that the bank has it", async () => {
  const order = await anOrder(t, t.shop);
  await t.fact({ id: "p1", kopecks: 663_100n, orderId: order.orderId });
  const taken = await t.upload([{ id: "p1", kopecks: 663_100n, feeKopecks: 13_925n }]);
  expect(taken).toMatchObject({ status: "taken", registry: { lineCount: 1, newCount: 1, knownCount: 0, problemCount: 0, dayFrom: "2026-11-19", dayTo: "2026-11-19" } });
  await reconcile(t.ctx, "full");
  await reconcile(t.ctx, "full");
  expect((await t.seen()).filter((each) => !each.endsWith("_1C open"))).toEqual([]);
  const events = await t.ctx.database.sql`select amount_kopecks, detail from order_events where order_id = ${order.orderId} and kind = 'registry.seen'`;
  expect(events).toEqual([{ amountKopecks: 663_100n, detail: { kind: "payment", feeKopecks: "13925" } }]);
});

test("REC-04: MISSING_IN_REGISTRY is expected until T+2 working days, then open with ALR-16, and closes by itself when the line comes", async () => {
  await t.fact({ id: "p1", kopecks: 10_000n });
  await t.fact({ id: "p2", kopecks: 20_000n });
  await t.upload([{ id: "p1", kopecks: 10_000n }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["MISSING_IN_REGISTRY expected"]);
  expect(await t.alertsOf()).toEqual([]);
  t.goTo("2026-11-23");
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["MISSING_IN_REGISTRY expected"]);
  t.goTo("2026-11-24");
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["MISSING_IN_REGISTRY open"]);
  expect(await t.alertsOf()).toEqual(["ALR-16 P1"]);
  await t.upload([{ id: "p2", kopecks: 20_000n }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["MISSING_IN_REGISTRY auto_resolved"]);
  expect(await t.alertsOf()).toEqual([]);
});

test("MISSING_IN_LEDGER: money that only the bank has is a P1 at once, and is over when it is booked", async () => {
  await t.upload([{ id: "p9", kopecks: 70_000n }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["MISSING_IN_LEDGER open"]);
  expect(await t.one("MISSING_IN_LEDGER")).toMatchObject({ severity: "P1", oursKopecks: null, theirsKopecks: 70_000n, detail: { providerPaymentId: "p9" } });
  expect(await t.alertsOf()).toEqual(["ALR-16 P1"]);
  await t.fact({ id: "p9", kopecks: 70_000n });
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["MISSING_IN_LEDGER auto_resolved"]);
});

test("AMOUNT_MISMATCH: the same id with another sum names the fact (PAY-16 forbids its refunds); two deliveries with two sums as well", async () => {
  const factId = await t.fact({ id: "p1", kopecks: 10_000n });
  await t.fact({ id: "p2", kopecks: 5_000n });
  await t.upload([{ id: "p1", kopecks: 9_999n }, { id: "p2", kopecks: 5_000n }]);
  await t.upload([{ id: "p2", kopecks: 4_000n }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["AMOUNT_MISMATCH open", "AMOUNT_MISMATCH open"]);
  const rows = await t.ctx.database.sql`select ours_kopecks, theirs_kopecks, fact_id = ${factId} as first from discrepancies where connection_id = ${t.bank.connectionId} order by ours_kopecks`;
  expect(rows).toEqual([{ oursKopecks: 5_000n, theirsKopecks: 4_000n, first: false }, { oursKopecks: 10_000n, theirsKopecks: 9_999n, first: true }]);
  // No sum is ever changed to fit (REC-05): a person ends it, and while the sums stay it is not asked again.
  const ids = await t.ctx.database.sql<{ id: string }[]>`select id from discrepancies where connection_id = ${t.bank.connectionId}`;
  for (const { id } of ids) await resolveDiscrepancy(t.accountant.ctx, { discrepancyId: id, decision: "resolved", reason: "банк исправил реестр письмом" });
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["AMOUNT_MISMATCH resolved", "AMOUNT_MISMATCH resolved"]);
  expect(await t.alertsOf()).toEqual([]);
  await t.upload([{ id: "p2", kopecks: 3_000n }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["AMOUNT_MISMATCH open", "AMOUNT_MISMATCH resolved", "AMOUNT_MISMATCH resolved"]);
});

test("M1: without the provider's id a line is found by our reference, by RRN, and by sum, day and last four digits when only one fits", async () => {
  const made = async (id: string, kopecks: bigint, more: { reference: string; rrn?: string; instrument?: string }) => {
    const order = await anOrder(t, t.shop);
    const attemptId = newId();
    await t.ctx.database.sql`
      insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, rrn, instrument, is_test, created_at)
      values (${attemptId}, ${order.orderId}, ${t.bank.connectionId}, 'paykeeper', 'card', ${more.reference}, 1, ${kopecks}, 'x', 'a@b.ru', 'succeeded', ${newId()}, ${more.rrn ?? null}, ${more.instrument ?? null}, true, ${t.ctx.now()})`;
    await inTransaction(t.ctx, (tx) => recordFact(t.ctx, tx, {
      kind: "payment_captured", amountKopecks: kopecks, method: "card", connectionId: t.bank.connectionId, providerPaymentId: id, captureNo: 1, attemptId, occurredAt: instantOfLocal("2026-11-19T12:00:00")!,
      fiscalOwner: "none", isTest: true, allocations: [{ orderId: null, counterpartyId: null, amountKopecks: kopecks }],
    }));
  };
  await made("a", 100n, { reference: "k1-1" });
  await made("b", 200n, { reference: "k2-1", rrn: "632514789012" });
  await made("c", 300n, { reference: "k3-1", instrument: "Мир •••• 4477" });
  await made("d", 400n, { reference: "k4-1", instrument: "Мир •••• 1111" });
  await made("e", 400n, { reference: "k5-1", instrument: "Мир •••• 1111" });
  await t.upload([
    { id: "other-a", kopecks: 100n, reference: "k1-1" }, { id: "", rrn: "632514789012", kopecks: 200n }, { id: "other-c", kopecks: 300n, card: "220138******4477", day: "2026-11-20" },
    { id: "other-d", kopecks: 400n, card: "220138******1111" },
  ]);
  await reconcile(t.ctx, "full");
  const left = (await t.seen()).filter((each) => !each.includes("_1C"));
  // Two equal payments with one card: nobody can tell which one the line means.
  expect(left).toEqual(["MISSING_IN_LEDGER open", "MISSING_IN_REGISTRY expected", "MISSING_IN_REGISTRY expected"]);
});

test("REFUND_UNKNOWN, REFUND_MISSING (T+5) and a refund that agrees by payment and sum", async () => {
  const [a, b] = [await t.fact({ id: "p1", kopecks: 10_000n }), await t.fact({ id: "p2", kopecks: 10_000n })];
  await t.fact({ id: "p1", kopecks: 3_000n, kind: "refund_succeeded", operationId: "r-ours", parent: a });
  await t.fact({ id: "p2", kopecks: 4_000n, kind: "refund_succeeded", operationId: "r-lost", parent: b });
  await t.upload([{ id: "p1", kopecks: 10_000n }, { id: "p2", kopecks: 10_000n }, { id: "p1", kopecks: 3_000n, kind: "Возврат", operationId: "bank-77" }, { id: "p1", kopecks: 500n, kind: "Возврат", operationId: "bank-78" }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["REFUND_MISSING expected", "REFUND_UNKNOWN open"]);
  expect(await t.one("REFUND_UNKNOWN")).toMatchObject({ severity: "P3", theirsKopecks: 500n, detail: { providerOperationId: "bank-78" } });
  t.goTo("2026-11-26");
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toContain("REFUND_MISSING expected");
  t.goTo("2026-11-27");
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toContain("REFUND_MISSING open");
  await t.upload([{ id: "p2", kopecks: 4_000n, kind: "Возврат", operationId: "r-lost" }]);
  await t.fact({ id: "p1", kopecks: 500n, kind: "refund_succeeded", operationId: "bank-78", parent: a });
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["REFUND_MISSING auto_resolved", "REFUND_UNKNOWN auto_resolved"]);
});

test("LOST-14: a chargeback that only the registry knows opens a dispute with its fact, once", async () => {
  const order = await anOrder(t, t.shop);
  const paid = await t.fact({ id: "p1", kopecks: 10_000n, orderId: order.orderId });
  await t.ctx.database.sql`update orders set captured_kopecks = 10000 where id = ${order.orderId}`;
  await t.upload([{ id: "p1", kopecks: 10_000n }, { id: "p1", kopecks: 10_000n, kind: "Опротестование", operationId: "d-1" }]);
  await reconcile(t.ctx, "full");
  await reconcile(t.ctx, "full");
  expect((await t.seen()).filter((each) => each.startsWith("CHARGEBACK"))).toEqual(["CHARGEBACK_NEW auto_resolved"]);
  expect(await t.ctx.database.sql`select provider_dispute_id, amount_kopecks, payment_fact_id from disputes where connection_id = ${t.bank.connectionId}`).toEqual([{ providerDisputeId: "d-1", amountKopecks: 10_000n, paymentFactId: paid }]);
  expect(await t.ctx.database.sql`select 1 from money_facts where connection_id = ${t.bank.connectionId} and kind = 'chargeback'`).toHaveLength(1);
});

test("FEE_MISMATCH: more than a kopeck off the tariff, half a kopeck goes up (REC-06)", async () => {
  await t.fact({ id: "p1", kopecks: 663_100n });
  await t.fact({ id: "p2", kopecks: 269_981n });
  await t.fact({ id: "p3", kopecks: 120_000n });
  await t.upload([{ id: "p1", kopecks: 663_100n, feeKopecks: 13_925n }, { id: "p2", kopecks: 269_981n, feeKopecks: 5_671n }, { id: "p3", kopecks: 120_000n, feeKopecks: 2_522n }]);
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["FEE_MISMATCH open"]);
  expect(await t.one("FEE_MISMATCH")).toMatchObject({ severity: "P3", oursKopecks: 2_520n, theirsKopecks: 2_522n });
  expect(await t.alertsOf()).toEqual([]);
  // The payout names the right fee.
  await t.upload([{ id: "p3", kopecks: 120_000n, feeKopecks: 2_520n, payoutId: "777001", payoutDay: "2026-11-20" }]);
  await reconcile(t.ctx, "full");
  expect((await t.seen()).filter((each) => each.startsWith("FEE"))).toEqual(["FEE_MISMATCH auto_resolved"]);
});

test("DUPLICATE_IN_REGISTRY: an equal line is ignored and one with another sum is set aside, both with their numbers; an operation paid out twice is shown", async () => {
  await t.fact({ id: "p1", kopecks: 10_000n });
  await t.fact({ id: "p2", kopecks: 20_000n });
  const taken = await t.upload([{ id: "p1", kopecks: 10_000n }, { id: "p1", kopecks: 10_000n }, { id: "p1", kopecks: 9_000n }, { id: "p2", kopecks: 20_000n, payoutId: "P-1", payoutDay: "2026-11-20" }]);
  expect(taken).toMatchObject({ registry: { lineCount: 4, newCount: 2, problemCount: 2 } });
  expect(await t.ctx.database.sql`select line_no, code from registry_problems where registry_id = ${taken.status === "taken" ? taken.registry.registryId : ""} order by line_no`).toEqual([{ lineNo: 3, code: "DUPLICATE_IDENTICAL" }, { lineNo: 4, code: "DUPLICATE_OTHER_SUM" }]);
  await t.upload([{ id: "p2", kopecks: 20_000n, payoutId: "P-2", payoutDay: "2026-11-20" }]);
  await reconcile(t.ctx, "full");
  expect((await t.seen()).filter((each) => each.startsWith("DUPLICATE"))).toEqual(["DUPLICATE_IN_REGISTRY open", "DUPLICATE_IN_REGISTRY open", "DUPLICATE_IN_REGISTRY open"]);
  expect((await t.seen()).filter((each) => each.startsWith("AMOUNT"))).toEqual([]);
});

test("CURRENCY_MISMATCH and TERMINAL_MISMATCH: lines that are not ours to count are told and stay until a person has looked", async () => {
  await t.ctx.database.sql`update connections set settings = settings || '{"merchantId": "T1"}' where id = ${t.bank.connectionId}`;
  const bytes = Buffer.from("ID платежа;Дата;Сумма;Валюта;Терминал\np1;19.11.2026;100;RUB;T1\np2;19.11.2026;100;USD;T1\np3;19.11.2026;100;RUB;T2\n");
  // Settings are cached for seconds; another connection object reads them anew.
  const fresh = await anAcquirer(t, { sellerOrgId: t.shop.sellerOrgId, settings: { merchantId: "T1" } });
  await t.ctx.database.sql`update connections set enabled = false where id = ${fresh.connectionId}`;
  t.bank = fresh;
  await t.fact({ id: "p1", kopecks: 10_000n });
  expect(await uploadRegistry(t.accountant.ctx, { connectionId: fresh.connectionId, fileName: "r.csv", bytes })).toMatchObject({ registry: { newCount: 1, problemCount: 2 } });
  await reconcile(t.ctx, "full");
  t.goTo(addDays("2026-11-20", 20));
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["CURRENCY_MISMATCH open", "TERMINAL_MISMATCH open"]);
  await resolveDiscrepancy(t.accountant.ctx, { discrepancyId: (await t.one("TERMINAL_MISMATCH")).id, decision: "ignored", reason: "строки соседнего магазина" });
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["CURRENCY_MISMATCH open", "TERMINAL_MISMATCH ignored"]);
});

test("TEST_LIVE_MIX: a live fact on a test terminal", async () => {
  await t.mixWorlds();
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["TEST_LIVE_MIX open"]);
  await resolveDiscrepancy(t.accountant.ctx, { discrepancyId: (await t.one("TEST_LIVE_MIX")).id, decision: "resolved", reason: "терминал переведён в бой" });
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["TEST_LIVE_MIX resolved"]);
});

test("REC-11: a decision stores who, when, why and the proof, is audited, and is not asked again while the sums stay", async () => {
  await t.upload([{ id: "p9", kopecks: 70_000n }]);
  await reconcile(t.ctx, "full");
  const found = await t.one("MISSING_IN_LEDGER");
  const integrator = await aStaff(t, { role: "integrator" });
  const decide = { discrepancyId: found.id, decision: "resolved" as const, reason: "платёж другого юрлица", evidence: { url: "https://bank.example/letter/7" } };
  await expect(resolveDiscrepancy(integrator.ctx, decide)).rejects.toMatchObject({ code: "forbidden" });
  await expect(resolveDiscrepancy(t.accountant.ctx, { ...decide, reason: "да" })).rejects.toMatchObject({ code: "invalid" });
  const { p1: openBefore } = await countOpenDiscrepancies(t.ctx, true);
  await resolveDiscrepancy(t.accountant.ctx, decide);
  await expect(resolveDiscrepancy(t.accountant.ctx, decide)).rejects.toMatchObject({ code: "conflict" });
  await reconcile(t.ctx, "full");
  expect(await t.seen()).toEqual(["MISSING_IN_LEDGER resolved"]);
  expect(await t.alertsOf()).toEqual([]);
  const { rows } = await listDiscrepancies(t.ctx, { isTest: true, tab: "closed", connectionId: t.bank.connectionId });
  expect(rows).toMatchObject([{ closedBy: `staff:${t.accountant.userId}`, resolution: "платёж другого юрлица", evidence: [{ url: "https://bank.example/letter/7" }] }]);
  expect(await t.ctx.database.sql`select reason from audit_log where object_id = ${found.id}`).toEqual([{ reason: "платёж другого юрлица" }]);
  expect((await countOpenDiscrepancies(t.ctx, true)).p1).toBe(openBefore - 1n);
});

test("REC-03, REC-04: what was delivered in whatever order ends in the same differences", async () => {
  const deliveries: GivenRegistryLine[][] = [
    [{ id: "p1", kopecks: 10_000n }, { id: "p2", kopecks: 20_000n }, { id: "p9", kopecks: 70_000n }],
    [{ id: "p1", kopecks: 10_000n, feeKopecks: 300n, payoutId: "555001", payoutDay: "2026-11-20" }, { id: "p2", kopecks: 19_000n, feeKopecks: 399n }],
    [{ id: "p1", kopecks: 1_000n, kind: "Возврат", operationId: "r1" }, { id: "p3", kopecks: 30_000n, day: "2026-11-18" }],
  ];
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  const results: string[] = [];
  for (const order of orders) {
    const connection = await anAcquirer(t, { sellerOrgId: t.shop.sellerOrgId, settings: { feePercent: "2.1" } });
    await t.ctx.database.sql`update connections set enabled = false where id = ${connection.connectionId}`;
    t.bank = connection;
    for (const [id, kopecks] of [["p1", 10_000n], ["p2", 20_000n], ["p3", 30_000n], ["p4", 40_000n]] as const) await t.fact({ id, kopecks });
    for (const at of order) {
      await t.upload(deliveries[at]!);
      if (at % 2 === 0) await reconcile(t.ctx, "full");
    }
    await reconcile(t.ctx, "full");
    const rows = await t.ctx.database.sql<{ line: string }[]>`
      select class || ' ' || state || ' ' || coalesce(ours_kopecks::text, '-') || ' ' || coalesce(theirs_kopecks::text, '-') || ' ' || coalesce(detail->>'providerPaymentId', '') as line
        from discrepancies where connection_id = ${connection.connectionId} and state in ('expected', 'open') order by 1`;
    results.push(rows.map((row) => row.line).join("\n"));
  }
  expect(results[0]).toContain("MISSING_IN_LEDGER open - 70000 p9");
  expect(results[0]).toContain("AMOUNT_MISMATCH open 20000 19000 p2");
  expect(new Set(results).size).toBe(1);
});
