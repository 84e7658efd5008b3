/** Every class of 5.2 on a real database: found, told, mended or decided, and closed. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { addDays, instantOfLocal } from "@/lib/kit/time.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { registryFile, statementFile } from "@/lib/testing/registry-lines.ts";
import type { GivenRegistryLine } from "@/lib/testing/registry-lines.ts";
import { adjustSettlement, closeDay, countOpenDiscrepancies, listDiscrepancies, listReconciliationDays, readReconciliationDay, reconcile, reopenDay, resolveDiscrepancy, uploadBankStatement, uploadRegistry } from "./index.ts";

let t: TestContext;
let shop: TestShop;
let bank: { connectionId: string };
let accountant: MadeStaff;
let account: string;

beforeAll(async () => {
  t = await openTestContext();
  accountant = await aStaff(t, { role: "accountant" });
});
afterAll(() => t.close());

let no = 0;
/** A world of its own for each test: a shop, its bank and its account; Friday noon. */
beforeEach(async () => {
  t.clock.set("2026-11-20T09:00:00Z");
  await t.ctx.database.sql`update connections set enabled = false where kind = 'acquirer'`;
  shop = await aShop(t);
  t.clock.set("2026-11-01T09:00:00Z");
  bank = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId, settings: { feePercent: "2.1" } });
  await t.ctx.database.sql`update connections set enabled = false where id = ${bank.connectionId}`;
  t.clock.set("2026-11-20T09:00:00Z");
  account = `4070281090000000${String(++no).padStart(4, "0")}`;
  await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, is_default) values (${newId()}, ${shop.sellerOrgId}, 'Банк', '044525225', ${account}, true)`;
});

type Money = { id: string; kopecks: bigint; day?: string; kind?: FactKind; operationId?: string; parent?: string; orderId?: string | null; owner?: "site" | "none" };
async function fact({ id, kopecks, day = "2026-11-19", kind = "payment_captured", operationId, parent, orderId = null, owner = "none" }: Money): Promise<string> {
  const made = await inTransaction(t.ctx, (tx) =>
    recordFact(t.ctx, tx, {
      kind, amountKopecks: kopecks, method: "card", connectionId: bank.connectionId, providerPaymentId: id, captureNo: kind === "payment_captured" ? 1 : null, providerOperationId: operationId ?? null, parentFactId: parent ?? null,
      occurredAt: instantOfLocal(`${day}T12:00:00`)!, fiscalOwner: owner, isTest: true, allocations: [{ orderId, counterpartyId: null, amountKopecks: kopecks }],
    }),
  );
  return made!.factId;
}
const upload = (lines: GivenRegistryLine[], connectionId = bank.connectionId) => uploadRegistry(accountant.ctx, { connectionId, fileName: "registry.csv", bytes: registryFile(lines) });
const statement = (credits: Parameters<typeof statementFile>[1]) => uploadBankStatement(accountant.ctx, { fileName: "kl_to_1c.txt", bytes: statementFile(account, credits), isTest: true });
/** Discrepancies of this test's bank, or about rows of it: `class state`. */
async function seen(): Promise<string[]> {
  const rows = await t.ctx.database.sql<{ class: string; state: string }[]>`
    select class, state from discrepancies d where connection_id = ${bank.connectionId} or connection_id = ${shop.onecId} or bank_line_id in (select id from bank_statement_lines where account = ${account})
       or order_id in (select id from orders where store_id = ${shop.storeId}) order by class, state`;
  return rows.map((row) => `${row.class} ${row.state}`);
}
const one = async (name: string) => (await t.ctx.database.sql<{ id: string; oursKopecks: bigint | null; theirsKopecks: bigint | null; severity: string; detail: Record<string, unknown>; factId: string | null; settlementId: string | null; resolution: string | null }[]>`
  select id, ours_kopecks, theirs_kopecks, severity, detail, fact_id, settlement_id, resolution from discrepancies where class = ${name} and (connection_id = ${bank.connectionId} or connection_id = ${shop.onecId} or bank_line_id in (select id from bank_statement_lines where account = ${account})
     or order_id in (select id from orders where store_id = ${shop.storeId})) order by found_at desc limit 1`)[0]!;
const alertsOf = async () => (await t.ctx.database.sql<{ code: string; severity: string }[]>`select a.code, a.severity from alerts a join discrepancies d on d.alert_id = a.id where d.connection_id = ${bank.connectionId} and a.state <> 'resolved' and a.object_key like 'discrepanc%'`).map((row) => `${row.code} ${row.severity}`);
/** To noon of a day. */
const goTo = (day: string) => t.clock.set(`${day}T09:00:00Z`);

test("REC-01: a registry that agrees to the kopeck finds nothing, and the order's story says that the bank has it", async () => {
  const order = await anOrder(t, shop);
  await fact({ id: "p1", kopecks: 663_100n, orderId: order.orderId });
  const taken = await upload([{ id: "p1", kopecks: 663_100n, feeKopecks: 13_925n }]);
  expect(taken).toMatchObject({ status: "taken", registry: { lineCount: 1, newCount: 1, knownCount: 0, problemCount: 0, dayFrom: "2026-11-19", dayTo: "2026-11-19" } });
  await reconcile(t.ctx, "full");
  await reconcile(t.ctx, "full");
  expect((await seen()).filter((each) => !each.endsWith("_1C open"))).toEqual([]);
  const events = await t.ctx.database.sql`select amount_kopecks, detail from order_events where order_id = ${order.orderId} and kind = 'registry.seen'`;
  expect(events).toEqual([{ amountKopecks: 663_100n, detail: { kind: "payment", feeKopecks: "13925" } }]);
});

test("REC-04: MISSING_IN_REGISTRY is expected until T+2 working days, then open with ALR-16, and closes by itself when the line comes", async () => {
  await fact({ id: "p1", kopecks: 10_000n });
  await fact({ id: "p2", kopecks: 20_000n });
  await upload([{ id: "p1", kopecks: 10_000n }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["MISSING_IN_REGISTRY expected"]);
  expect(await alertsOf()).toEqual([]);
  goTo("2026-11-23");
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["MISSING_IN_REGISTRY expected"]);
  goTo("2026-11-24");
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["MISSING_IN_REGISTRY open"]);
  expect(await alertsOf()).toEqual(["ALR-16 P1"]);
  await upload([{ id: "p2", kopecks: 20_000n }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["MISSING_IN_REGISTRY auto_resolved"]);
  expect(await alertsOf()).toEqual([]);
});

test("MISSING_IN_LEDGER: money that only the bank has is a P1 at once, and is over when it is booked", async () => {
  await upload([{ id: "p9", kopecks: 70_000n }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["MISSING_IN_LEDGER open"]);
  expect(await one("MISSING_IN_LEDGER")).toMatchObject({ severity: "P1", oursKopecks: null, theirsKopecks: 70_000n, detail: { providerPaymentId: "p9" } });
  expect(await alertsOf()).toEqual(["ALR-16 P1"]);
  await fact({ id: "p9", kopecks: 70_000n });
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["MISSING_IN_LEDGER auto_resolved"]);
});

test("AMOUNT_MISMATCH: the same id with another sum names the fact (PAY-16 forbids its refunds); two deliveries with two sums as well", async () => {
  const factId = await fact({ id: "p1", kopecks: 10_000n });
  await fact({ id: "p2", kopecks: 5_000n });
  await upload([{ id: "p1", kopecks: 9_999n }, { id: "p2", kopecks: 5_000n }]);
  await upload([{ id: "p2", kopecks: 4_000n }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["AMOUNT_MISMATCH open", "AMOUNT_MISMATCH open"]);
  const rows = await t.ctx.database.sql`select ours_kopecks, theirs_kopecks, fact_id = ${factId} as first from discrepancies where connection_id = ${bank.connectionId} order by ours_kopecks`;
  expect(rows).toEqual([{ oursKopecks: 5_000n, theirsKopecks: 4_000n, first: false }, { oursKopecks: 10_000n, theirsKopecks: 9_999n, first: true }]);
  // No sum is ever changed to fit (REC-05): a person ends it, and while the sums stay it is not asked again.
  const ids = await t.ctx.database.sql<{ id: string }[]>`select id from discrepancies where connection_id = ${bank.connectionId}`;
  for (const { id } of ids) await resolveDiscrepancy(accountant.ctx, { discrepancyId: id, decision: "resolved", reason: "банк исправил реестр письмом" });
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["AMOUNT_MISMATCH resolved", "AMOUNT_MISMATCH resolved"]);
  expect(await alertsOf()).toEqual([]);
  await upload([{ id: "p2", kopecks: 3_000n }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["AMOUNT_MISMATCH open", "AMOUNT_MISMATCH resolved", "AMOUNT_MISMATCH resolved"]);
});

test("M1: without the provider's id a line is found by our reference, by RRN, and by sum, day and last four digits when only one fits", async () => {
  const made = async (id: string, kopecks: bigint, more: { reference: string; rrn?: string; instrument?: string }) => {
    const order = await anOrder(t, shop);
    const attemptId = newId();
    await t.ctx.database.sql`
      insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, rrn, instrument, is_test, created_at)
      values (${attemptId}, ${order.orderId}, ${bank.connectionId}, 'paykeeper', 'card', ${more.reference}, 1, ${kopecks}, 'x', 'a@b.ru', 'succeeded', ${newId()}, ${more.rrn ?? null}, ${more.instrument ?? null}, true, ${t.ctx.now()})`;
    await inTransaction(t.ctx, (tx) => recordFact(t.ctx, tx, {
      kind: "payment_captured", amountKopecks: kopecks, method: "card", connectionId: bank.connectionId, providerPaymentId: id, captureNo: 1, attemptId, occurredAt: instantOfLocal("2026-11-19T12:00:00")!,
      fiscalOwner: "none", isTest: true, allocations: [{ orderId: null, counterpartyId: null, amountKopecks: kopecks }],
    }));
  };
  await made("a", 100n, { reference: "k1-1" });
  await made("b", 200n, { reference: "k2-1", rrn: "632514789012" });
  await made("c", 300n, { reference: "k3-1", instrument: "Мир •••• 4477" });
  await made("d", 400n, { reference: "k4-1", instrument: "Мир •••• 1111" });
  await made("e", 400n, { reference: "k5-1", instrument: "Мир •••• 1111" });
  await upload([
    { id: "other-a", kopecks: 100n, reference: "k1-1" }, { id: "", rrn: "632514789012", kopecks: 200n }, { id: "other-c", kopecks: 300n, card: "220138******4477", day: "2026-11-20" },
    { id: "other-d", kopecks: 400n, card: "220138******1111" },
  ]);
  await reconcile(t.ctx, "full");
  const left = (await seen()).filter((each) => !each.includes("_1C"));
  // Two equal payments with one card: nobody can tell which one the line means.
  expect(left).toEqual(["MISSING_IN_LEDGER open", "MISSING_IN_REGISTRY expected", "MISSING_IN_REGISTRY expected"]);
});

test("REFUND_UNKNOWN, REFUND_MISSING (T+5) and a refund that agrees by payment and sum", async () => {
  const [a, b] = [await fact({ id: "p1", kopecks: 10_000n }), await fact({ id: "p2", kopecks: 10_000n })];
  await fact({ id: "p1", kopecks: 3_000n, kind: "refund_succeeded", operationId: "r-ours", parent: a });
  await fact({ id: "p2", kopecks: 4_000n, kind: "refund_succeeded", operationId: "r-lost", parent: b });
  await upload([{ id: "p1", kopecks: 10_000n }, { id: "p2", kopecks: 10_000n }, { id: "p1", kopecks: 3_000n, kind: "Возврат", operationId: "bank-77" }, { id: "p1", kopecks: 500n, kind: "Возврат", operationId: "bank-78" }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["REFUND_MISSING expected", "REFUND_UNKNOWN open"]);
  expect(await one("REFUND_UNKNOWN")).toMatchObject({ severity: "P3", theirsKopecks: 500n, detail: { providerOperationId: "bank-78" } });
  goTo("2026-11-26");
  await reconcile(t.ctx, "full");
  expect(await seen()).toContain("REFUND_MISSING expected");
  goTo("2026-11-27");
  await reconcile(t.ctx, "full");
  expect(await seen()).toContain("REFUND_MISSING open");
  await upload([{ id: "p2", kopecks: 4_000n, kind: "Возврат", operationId: "r-lost" }]);
  await fact({ id: "p1", kopecks: 500n, kind: "refund_succeeded", operationId: "bank-78", parent: a });
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["REFUND_MISSING auto_resolved", "REFUND_UNKNOWN auto_resolved"]);
});

test("LOST-14: a chargeback that only the registry knows opens a dispute with its fact, once", async () => {
  const order = await anOrder(t, shop);
  const paid = await fact({ id: "p1", kopecks: 10_000n, orderId: order.orderId });
  await t.ctx.database.sql`update orders set captured_kopecks = 10000 where id = ${order.orderId}`;
  await upload([{ id: "p1", kopecks: 10_000n }, { id: "p1", kopecks: 10_000n, kind: "Опротестование", operationId: "d-1" }]);
  await reconcile(t.ctx, "full");
  await reconcile(t.ctx, "full");
  expect((await seen()).filter((each) => each.startsWith("CHARGEBACK"))).toEqual(["CHARGEBACK_NEW auto_resolved"]);
  expect(await t.ctx.database.sql`select provider_dispute_id, amount_kopecks, payment_fact_id from disputes where connection_id = ${bank.connectionId}`).toEqual([{ providerDisputeId: "d-1", amountKopecks: 10_000n, paymentFactId: paid }]);
  expect(await t.ctx.database.sql`select 1 from money_facts where connection_id = ${bank.connectionId} and kind = 'chargeback'`).toHaveLength(1);
});

test("FEE_MISMATCH: more than a kopeck off the tariff, half a kopeck goes up (REC-06)", async () => {
  await fact({ id: "p1", kopecks: 663_100n });
  await fact({ id: "p2", kopecks: 269_981n });
  await fact({ id: "p3", kopecks: 120_000n });
  await upload([{ id: "p1", kopecks: 663_100n, feeKopecks: 13_925n }, { id: "p2", kopecks: 269_981n, feeKopecks: 5_671n }, { id: "p3", kopecks: 120_000n, feeKopecks: 2_522n }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["FEE_MISMATCH open"]);
  expect(await one("FEE_MISMATCH")).toMatchObject({ severity: "P3", oursKopecks: 2_520n, theirsKopecks: 2_522n });
  expect(await alertsOf()).toEqual([]);
  // The payout names the right fee.
  await upload([{ id: "p3", kopecks: 120_000n, feeKopecks: 2_520n, payoutId: "777001", payoutDay: "2026-11-20" }]);
  await reconcile(t.ctx, "full");
  expect((await seen()).filter((each) => each.startsWith("FEE"))).toEqual(["FEE_MISMATCH auto_resolved"]);
});

test("DUPLICATE_IN_REGISTRY: an equal line is ignored and one with another sum is set aside, both with their numbers; an operation paid out twice is shown", async () => {
  await fact({ id: "p1", kopecks: 10_000n });
  await fact({ id: "p2", kopecks: 20_000n });
  const taken = await upload([{ id: "p1", kopecks: 10_000n }, { id: "p1", kopecks: 10_000n }, { id: "p1", kopecks: 9_000n }, { id: "p2", kopecks: 20_000n, payoutId: "P-1", payoutDay: "2026-11-20" }]);
  expect(taken).toMatchObject({ registry: { lineCount: 4, newCount: 2, problemCount: 2 } });
  expect(await t.ctx.database.sql`select line_no, code from registry_problems where registry_id = ${taken.status === "taken" ? taken.registry.registryId : ""} order by line_no`).toEqual([{ lineNo: 3, code: "DUPLICATE_IDENTICAL" }, { lineNo: 4, code: "DUPLICATE_OTHER_SUM" }]);
  await upload([{ id: "p2", kopecks: 20_000n, payoutId: "P-2", payoutDay: "2026-11-20" }]);
  await reconcile(t.ctx, "full");
  expect((await seen()).filter((each) => each.startsWith("DUPLICATE"))).toEqual(["DUPLICATE_IN_REGISTRY open", "DUPLICATE_IN_REGISTRY open", "DUPLICATE_IN_REGISTRY open"]);
  expect((await seen()).filter((each) => each.startsWith("AMOUNT"))).toEqual([]);
});

test("CURRENCY_MISMATCH and TERMINAL_MISMATCH: lines that are not ours to count are told and stay until a person has looked", async () => {
  await t.ctx.database.sql`update connections set settings = settings || '{"merchantId": "T1"}' where id = ${bank.connectionId}`;
  const bytes = Buffer.from("ID платежа;Дата;Сумма;Валюта;Терминал\np1;19.11.2026;100;RUB;T1\np2;19.11.2026;100;USD;T1\np3;19.11.2026;100;RUB;T2\n");
  // Settings are cached for seconds; another connection object reads them anew.
  const fresh = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId, settings: { merchantId: "T1" } });
  await t.ctx.database.sql`update connections set enabled = false where id = ${fresh.connectionId}`;
  bank = fresh;
  await fact({ id: "p1", kopecks: 10_000n });
  expect(await uploadRegistry(accountant.ctx, { connectionId: fresh.connectionId, fileName: "r.csv", bytes })).toMatchObject({ registry: { newCount: 1, problemCount: 2 } });
  await reconcile(t.ctx, "full");
  goTo(addDays("2026-11-20", 20));
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["CURRENCY_MISMATCH open", "TERMINAL_MISMATCH open"]);
  await resolveDiscrepancy(accountant.ctx, { discrepancyId: (await one("TERMINAL_MISMATCH")).id, decision: "ignored", reason: "строки соседнего магазина" });
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["CURRENCY_MISMATCH open", "TERMINAL_MISMATCH ignored"]);
});

/** A live fact on a test terminal, as a database of before the guards may hold it (PIL-03): today the database refuses it. */
const mixWorlds = () =>
  t.ctx.database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    const id = newId();
    await tx`
      insert into money_facts (id, kind, amount_kopecks, method, connection_id, provider_payment_id, capture_no, occurred_at, recorded_at, business_date, fiscal_owner, is_test, actor)
      values (${id}, 'payment_captured', 100, 'card', ${bank.connectionId}, 'mix', 1, ${t.ctx.now()}, ${t.ctx.now()}, '2026-11-20', 'none', false, 'system')`;
    await tx`insert into allocations (id, fact_id, amount_kopecks, created_at, actor) values (${newId()}, ${id}, 100, ${t.ctx.now()}, 'system')`;
  });

test("TEST_LIVE_MIX: a live fact on a test terminal", async () => {
  await mixWorlds();
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["TEST_LIVE_MIX open"]);
  await resolveDiscrepancy(accountant.ctx, { discrepancyId: (await one("TEST_LIVE_MIX")).id, decision: "resolved", reason: "терминал переведён в бой" });
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["TEST_LIVE_MIX resolved"]);
});

test("REGISTRY_LATE: a day without any registry is told at noon of T+2 working days (ALR-18), once, and ends with the registry", async () => {
  await t.ctx.database.sql`update connections set enabled = true, created_at = '2026-11-19T00:00:00Z' where id = ${bank.connectionId}`;
  await fact({ id: "p1", kopecks: 10_000n });
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["REGISTRY_LATE expected"]);
  // Thursday's registry: Friday and Monday are its two working days.
  t.clock.set("2026-11-23T09:00:01Z");
  await reconcile(t.ctx, "full");
  await reconcile(t.ctx, "full");
  expect((await one("REGISTRY_LATE")).oursKopecks).toBeDefined();
  expect((await seen()).filter((each) => each.endsWith("open"))).toEqual(["REGISTRY_LATE open"]);
  expect(await alertsOf()).toEqual(["ALR-18 P2"]);
  await upload([{ id: "p1", kopecks: 10_000n }]);
  await reconcile(t.ctx, "full");
  expect(await alertsOf()).toEqual([]);
});

const example: GivenRegistryLine[] = [
  { id: "p1", kopecks: 663_100n, feeKopecks: 13_925n, payoutId: "20261120-1", payoutDay: "2026-11-20" },
  { id: "p2", kopecks: 269_981n, feeKopecks: 5_670n, payoutId: "20261120-1", payoutDay: "2026-11-20" },
  { id: "p3", kopecks: 120_000n, feeKopecks: 2_520n, payoutId: "20261120-1", payoutDay: "2026-11-20" },
  { id: "p1", kopecks: 64_550n, kind: "Возврат", operationId: "r1", payoutId: "20261120-1", payoutDay: "2026-11-20" },
];
async function exampleFacts(orderId: string | null = null): Promise<void> {
  const paid = await fact({ id: "p1", kopecks: 663_100n, orderId });
  await fact({ id: "p2", kopecks: 269_981n });
  await fact({ id: "p3", kopecks: 120_000n });
  await fact({ id: "p1", kopecks: 64_550n, kind: "refund_succeeded", operationId: "r1", parent: paid, orderId });
}

test("REC-06: the example of the rule: gross − fees − refund = 9 664.16, credited by the payout's number, told to the order", async () => {
  const order = await anOrder(t, shop);
  await exampleFacts(order.orderId);
  await upload(example);
  await statement([{ number: "381145", day: "2026-11-20", kopecks: 966_416n, purpose: "Возмещение по реестру 20261120-1 за 19.11.2026. Комиссия 221.15" }]);
  await reconcile(t.ctx, "full");
  const [payout] = (await readReconciliationDay(t.ctx, { day: "2026-11-19", isTest: true })).payouts.filter((each) => each.connectionId === bank.connectionId);
  expect(payout).toMatchObject({ capturedKopecks: 1_053_081n, refundedKopecks: 64_550n, feeKopecks: 22_115n, feeVatKopecks: 0n, expectedKopecks: 966_416n, creditedKopecks: 966_416n, creditedOn: "2026-11-20" });
  expect((await seen()).filter((each) => !each.includes("_1C"))).toEqual([]);
  expect(await t.ctx.database.sql`select amount_kopecks, detail from order_events where order_id = ${order.orderId} and kind = 'settlement.credited'`).toEqual([{ amountKopecks: 966_416n, detail: { payoutId: "20261120-1", receivedOn: "2026-11-20" } }]);
  await reconcile(t.ctx, "full");
  expect(await t.ctx.database.sql`select 1 from order_events where order_id = ${order.orderId} and kind in ('settlement.credited', 'registry.seen')`).toHaveLength(3);
});

test("M2: without a number the payout is found by its sum within three working days, not later", async () => {
  await exampleFacts();
  await upload(example);
  await statement([{ number: "1", day: "2026-11-25", kopecks: 966_416n, purpose: "Возмещение по операциям эквайринга" }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual([]);
  const [line] = await t.ctx.database.sql<{ bound: boolean }[]>`select settlement_id is not null as bound from bank_statement_lines where account = ${account}`;
  expect(line!.bound).toBe(true);
});

test("LOST-13: SETTLEMENT_MISSING is expected until T+3 working days, then P1; the order stays paid; a late credit closes it", async () => {
  await exampleFacts();
  await upload(example);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["SETTLEMENT_MISSING expected"]);
  goTo("2026-11-25");
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["SETTLEMENT_MISSING expected"]);
  goTo("2026-11-26");
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["SETTLEMENT_MISSING open"]);
  expect(await alertsOf()).toEqual(["ALR-16 P1"]);
  await statement([{ number: "2", day: "2026-11-26", kopecks: 966_416n, purpose: "Возмещение, реестр 20261120-1" }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["SETTLEMENT_MISSING auto_resolved"]);
});

test("SETTLEMENT_MISMATCH: another sum came; the difference is explained and an adjustment with a reason settles it", async () => {
  await exampleFacts();
  await upload(example);
  await statement([{ number: "3", day: "2026-11-20", kopecks: 966_416n - 22_115n, purpose: "Возмещение, реестр 20261120-1" }]);
  await reconcile(t.ctx, "full");
  const found = await one("SETTLEMENT_MISMATCH");
  expect(found).toMatchObject({ severity: "P1", oursKopecks: 966_416n, theirsKopecks: 944_301n, detail: { explanation: "комиссия удержана дважды" } });
  await expect(adjustSettlement(accountant.ctx, { settlementId: found.settlementId!, adjustmentKopecks: -22_115n, reason: " " })).rejects.toMatchObject({ code: "invalid" });
  expect(await adjustSettlement(accountant.ctx, { settlementId: found.settlementId!, adjustmentKopecks: -22_115n, reason: "комиссия за ноябрь, письмо банка" })).toEqual({ expectedKopecks: 944_301n });
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["SETTLEMENT_MISMATCH auto_resolved"]);
  // The lines come again with a new delivery: what a person added stays.
  await upload([{ id: "p3", kopecks: 120_000n, feeKopecks: 2_520n, payoutId: "20261120-1", payoutDay: "2026-11-20" }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["SETTLEMENT_MISMATCH auto_resolved"]);
});

test("BANK_UNEXPECTED: an acquirer's money without a payout waits for its registry until T+2, then is told", async () => {
  await statement([{ number: "4", day: "2026-11-20", kopecks: 50_000n, purpose: "Возмещение, реестр 999888" }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["BANK_UNEXPECTED expected"]);
  goTo("2026-11-25");
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["BANK_UNEXPECTED open"]);
  await fact({ id: "p1", kopecks: 50_000n });
  await upload([{ id: "p1", kopecks: 50_000n, payoutId: "999888", payoutDay: "2026-11-20" }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["BANK_UNEXPECTED auto_resolved"]);
});

test("REC-06, bank that pays out each day: gross by the list, net by the tariff, and the difference is found when the tariff is another", async () => {
  const daily = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId, settings: { payout: "daily", feePercent: "2.1" } });
  await t.ctx.database.sql`update connections set enabled = false where id = ${daily.connectionId}`;
  bank = daily;
  await fact({ id: "p1", kopecks: 663_100n });
  await upload([{ id: "p1", kopecks: 663_100n }]);
  await statement([{ number: "5", day: "2026-11-20", kopecks: 663_100n - 13_925n, purpose: "Возмещение по эквайрингу за 19.11.2026" }]);
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual([]);
  const [settled] = await t.ctx.database.sql`select payout_id, payout_date::text, expected_kopecks from settlements where connection_id = ${daily.connectionId}`;
  expect(settled).toEqual({ payoutId: "day:2026-11-19", payoutDate: "2026-11-20", expectedKopecks: 649_175n });
  await fact({ id: "p2", kopecks: 100_000n, day: "2026-11-18" });
  await upload([{ id: "p2", kopecks: 100_000n, day: "2026-11-18" }]);
  await statement([{ number: "6", day: "2026-11-19", kopecks: 97_000n, purpose: "Возмещение по эквайрингу за 18.11.2026" }]);
  await reconcile(t.ctx, "full");
  expect(await one("SETTLEMENT_MISMATCH")).toMatchObject({ oursKopecks: 97_900n, theirsKopecks: 97_000n });
});

test("LATE_IN_CLOSED_DAY, REC-10: a closed day keeps its figures; what comes later counts on the next open day and is shown", async () => {
  await fact({ id: "p1", kopecks: 10_000n, day: "2026-11-12" });
  await upload([{ id: "p1", kopecks: 10_000n, day: "2026-11-12" }]);
  await reconcile(t.ctx, "full");
  await closeDay(accountant.ctx, { day: "2026-11-12", isTest: true });
  t.clock.advance(1_000);
  const before = await readReconciliationDay(t.ctx, { day: "2026-11-12", isTest: true });
  expect(before).toMatchObject({ state: "closed", closed: { by: `staff:${accountant.userId}` } });
  await expect(closeDay(accountant.ctx, { day: "2026-11-12", isTest: true })).rejects.toMatchObject({ code: "conflict" });
  await fact({ id: "p2", kopecks: 5_000n, day: "2026-11-12" });
  await upload([{ id: "p2", kopecks: 5_000n, day: "2026-11-12" }]);
  await reconcile(t.ctx, "full");
  expect((await seen()).filter((each) => each.startsWith("LATE"))).toEqual(["LATE_IN_CLOSED_DAY open", "LATE_IN_CLOSED_DAY open"]);
  const after = await readReconciliationDay(t.ctx, { day: "2026-11-12", isTest: true });
  const cells = (day: typeof after) => day.connections.find((each) => each.connectionId === bank.connectionId)!.cells;
  expect(cells(after)).toEqual(cells(before));
  expect(cells(after).registry).toMatchObject({ netKopecks: 10_000n, count: 1n });
  expect(await t.ctx.database.sql`select business_date::text from money_facts where provider_payment_id = 'p2' and connection_id = ${bank.connectionId}`).toEqual([{ businessDate: "2026-11-13" }]);
  await expect(reopenDay(accountant.ctx, { day: "2026-11-12", isTest: true, reason: "" })).rejects.toMatchObject({ code: "invalid" });
  await reopenDay(accountant.ctx, { day: "2026-11-12", isTest: true, reason: "опоздавший реестр" });
  expect((await readReconciliationDay(t.ctx, { day: "2026-11-12", isTest: true })).state).not.toBe("closed");
});

test("TOTALS_MISMATCH_DAY: figures of a closed day that are not those of its facts are a bug, and are told as one", async () => {
  await fact({ id: "p1", kopecks: 10_000n, day: "2026-11-16" });
  await t.ctx.database.sql`insert into closed_days (id, day, is_test, figures, closed_by, closed_at) values (${newId()}, '2026-11-16', true, '{"totals": {}}', 'test', ${t.ctx.now()})`;
  await reconcile(t.ctx, "full");
  expect(await t.ctx.database.sql`select severity, state from discrepancies where class = 'TOTALS_MISMATCH_DAY'`).toEqual([{ severity: "P1", state: "open" }]);
  await t.ctx.database.sql`update closed_days set reopened_at = now(), reopened_by = 'test', reopen_reason = 'test' where day = '2026-11-16'`;
});

test("REC-10: a day with an open P1 or P2 is not closed and the reason names them; today never is", async () => {
  await upload([{ id: "p9", kopecks: 70_000n, day: "2026-11-17" }]);
  await reconcile(t.ctx, "full");
  await expect(closeDay(accountant.ctx, { day: "2026-11-17", isTest: true })).rejects.toMatchObject({ code: "conflict", details: { classes: "MISSING_IN_LEDGER" } });
  await expect(closeDay(accountant.ctx, { day: "2026-11-20", isTest: true })).rejects.toMatchObject({ code: "invalid" });
  const manager = await aStaff(t, { role: "manager", storeId: shop.storeId });
  await expect(closeDay(manager.ctx, { day: "2026-11-17", isTest: true })).rejects.toMatchObject({ code: "forbidden" });
  const days = await listReconciliationDays(t.ctx, { from: "2026-11-17", to: "2026-11-17", isTest: true });
  expect(days).toMatchObject([{ day: "2026-11-17", state: "diff" }]);
});

test("invariant 20: a payment and the closing of its day at once: either the payment is in the figures, or it counts on the next day", async () => {
  for (let round = 0; round < 10; round++) {
    const day = addDays("2026-10-01", round * 2);
    const [money] = await Promise.allSettled([fact({ id: `race-${round}`, kopecks: 10_000n, day }), closeDay(accountant.ctx, { day, isTest: true })]);
    if (money.status === "rejected") await fact({ id: `race-${round}`, kopecks: 10_000n, day });
    const [row] = await t.ctx.database.sql<{ businessDate: string; totals: Record<string, string> }[]>`
      select f.business_date::text, c.figures->'totals' as totals from money_facts f, closed_days c where f.provider_payment_id = ${`race-${round}`} and f.connection_id = ${bank.connectionId} and c.day = ${day} and c.is_test and c.reopened_at is null`;
    const inFigures = row!.totals[`${bank.connectionId}:card:payment_captured`] === "10000";
    expect(inFigures).toBe(row!.businessDate === day);
  }
});

test("REC-11: a decision stores who, when, why and the proof, is audited, and is not asked again while the sums stay", async () => {
  await upload([{ id: "p9", kopecks: 70_000n }]);
  await reconcile(t.ctx, "full");
  const found = await one("MISSING_IN_LEDGER");
  const integrator = await aStaff(t, { role: "integrator" });
  const decide = { discrepancyId: found.id, decision: "resolved" as const, reason: "платёж другого юрлица", evidence: { url: "https://bank.example/letter/7" } };
  await expect(resolveDiscrepancy(integrator.ctx, decide)).rejects.toMatchObject({ code: "forbidden" });
  await expect(resolveDiscrepancy(accountant.ctx, { ...decide, reason: "да" })).rejects.toMatchObject({ code: "invalid" });
  await resolveDiscrepancy(accountant.ctx, decide);
  await expect(resolveDiscrepancy(accountant.ctx, decide)).rejects.toMatchObject({ code: "conflict" });
  await reconcile(t.ctx, "full");
  expect(await seen()).toEqual(["MISSING_IN_LEDGER resolved"]);
  expect(await alertsOf()).toEqual([]);
  const { rows } = await listDiscrepancies(t.ctx, { isTest: true, tab: "closed", connectionId: bank.connectionId });
  expect(rows).toMatchObject([{ closedBy: `staff:${accountant.userId}`, resolution: "платёж другого юрлица", evidence: [{ url: "https://bank.example/letter/7" }] }]);
  expect(await t.ctx.database.sql`select reason from audit_log where object_id = ${found.id}`).toEqual([{ reason: "платёж другого юрлица" }]);
  expect((await countOpenDiscrepancies(t.ctx, true)).p1).toBeTypeOf("bigint");
});

test("the same file twice changes nothing; a file that is refused leaves nothing; a manager may not upload", async () => {
  const lines: GivenRegistryLine[] = [{ id: "p1", kopecks: 10_000n }];
  const first = await upload(lines);
  expect(await upload(lines)).toEqual({ status: "known", registryId: first.status === "taken" ? first.registry.registryId : "" });
  const both = await Promise.all([upload([{ id: "p5", kopecks: 1n }]), upload([{ id: "p5", kopecks: 1n }])]);
  expect(both.map((each) => each.status).toSorted()).toEqual(["known", "taken"]);
  const more = await upload([...lines, { id: "p2", kopecks: 5n }]);
  expect(more).toMatchObject({ registry: { newCount: 1, knownCount: 1 } });
  const count = async () => (await t.ctx.database.sql`select (select count(*) from registries) as registries, (select count(*) from registry_entries) as entries, (select count(*) from registry_problems) as problems`)[0];
  const before = await count();
  // A broken row after good ones: an archive that ends in the middle, a header without columns, a stranger's file.
  for (const bytes of [Buffer.from("Дата;Сумма\n19.11.2026;5"), Buffer.from("ID платежа;Дата;Сумма;ИНН\np1;19.11.2026;5;7707083893"), Buffer.from("ID платежа;Дата;Сумма\np1;19.11.2026;0")]) {
    await expect(uploadRegistry(accountant.ctx, { connectionId: bank.connectionId, fileName: "x", bytes })).rejects.toMatchObject({ code: "invalid" });
  }
  const manager = await aStaff(t, { role: "manager", storeId: shop.storeId });
  await expect(uploadRegistry(manager.ctx, { connectionId: bank.connectionId, fileName: "x", bytes: registryFile([{ id: "p7", kopecks: 5n }]) })).rejects.toMatchObject({ code: "forbidden" });
  expect(await count()).toEqual(before);
});

test("BNK-10: an overlapping statement adds only what is new; equal transfers of one day are two", async () => {
  const line = { number: "000381145", day: "2026-11-20", kopecks: 5_000n, purpose: "Возмещение, реестр 1234" };
  expect(await statement([line, line])).toMatchObject({ status: "taken", statements: [{ newCount: 2, knownCount: 0, settlementCount: 2 }] });
  expect(await statement([line, line])).toMatchObject({ status: "known", statements: [] });
  expect(await statement([{ ...line, number: "381145" }, { ...line, number: "7" }])).toMatchObject({ statements: [{ newCount: 1, knownCount: 1 }] });
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
    const connection = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId, settings: { feePercent: "2.1" } });
    await t.ctx.database.sql`update connections set enabled = false where id = ${connection.connectionId}`;
    bank = connection;
    for (const [id, kopecks] of [["p1", 10_000n], ["p2", 20_000n], ["p3", 30_000n], ["p4", 40_000n]] as const) await fact({ id, kopecks });
    for (const at of order) {
      await upload(deliveries[at]!);
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

test("BNK-3: a zero byte or half a letter in one document of a statement does not stop the file", async () => {
  const taken = await statement([
    { number: "1\u0000", day: "2026-11-19", kopecks: 100n, purpose: `нечто\u0000 ${"я".repeat(3_985)}${"😀".repeat(20)}`, payerName: "А\u0000", payerInn: "7700000000" },
    { number: "1\u0000", day: "2026-11-19", kopecks: 100n, purpose: `нечто ${"я".repeat(3_984)}${"😀".repeat(20)}`, payerName: "Б" },
    { number: "2", day: "2026-11-19", kopecks: 200n, purpose: "Оплата" },
  ]);
  expect(taken).toMatchObject({ status: "taken", statements: [{ lineCount: 3, newCount: 3 }] });
});

test("REC-04: what still stands does not close because it grew old (REGISTRY_LATE, TEST_LIVE_MIX, TOTALS_MISMATCH_DAY, AMOUNT_MISMATCH)", async () => {
  await t.ctx.database.sql`update connections set enabled = true, created_at = '2026-11-19T00:00:00Z' where id = ${bank.connectionId}`;
  await upload([{ id: "two", kopecks: 10_000n, day: "2026-11-20" }]);
  await upload([{ id: "two", kopecks: 12_000n, day: "2026-11-20" }]);
  await fact({ id: "two", kopecks: 12_000n, day: "2026-11-20" });
  await mixWorlds();
  await t.ctx.database.sql`insert into closed_days (id, day, is_test, figures, closed_by, closed_at) values (${newId()}, '2026-11-13', true, '{"totals": {"x": "1"}}', 'test', ${t.ctx.now()})`;
  const standing = async () =>
    (await t.ctx.database.sql<{ class: string; state: string; ours: bigint | null }[]>`
      select class, state, ours_kopecks as ours from discrepancies where (connection_id = ${bank.connectionId} and (business_date = '2026-11-19' or class <> 'REGISTRY_LATE') or class = 'TOTALS_MISMATCH_DAY' and business_date = '2026-11-13')
         and class in ('REGISTRY_LATE', 'TEST_LIVE_MIX', 'TOTALS_MISMATCH_DAY', 'AMOUNT_MISMATCH') order by class, found_at`).map((row) => `${row.class} ${row.state}`);
  goTo("2026-11-24");
  await reconcile(t.ctx, "full");
  const before = await standing();
  expect(before).toEqual(["AMOUNT_MISMATCH open", "REGISTRY_LATE open", "TEST_LIVE_MIX open", "TOTALS_MISMATCH_DAY open"]);
  goTo("2026-12-20");
  await reconcile(t.ctx, "full");
  expect(await standing()).toEqual(before);
  await t.ctx.database.sql`update closed_days set reopened_at = now(), reopened_by = 'test', reopen_reason = 'test' where day = '2026-11-13'`;
});

test("REC-03: a live credit is never bound to a payout of a test terminal, whatever its sum", async () => {
  await upload([{ id: "p1", kopecks: 50_505n, payoutId: "T-505", payoutDay: "2026-11-20" }]);
  await fact({ id: "p1", kopecks: 50_505n });
  await uploadBankStatement(accountant.ctx, { fileName: "live.txt", bytes: statementFile(account, [{ number: "505", day: "2026-11-20", kopecks: 50_505n, purpose: "Возмещение по реестру операций, эквайринг" }]), isTest: false });
  await reconcile(t.ctx, "full");
  expect(await t.ctx.database.sql`select settlement_id from bank_statement_lines where account = ${account}`).toEqual([{ settlementId: null }]);
});

test("REC-03: a statement that was tried in the test world is taken again in the live one, line by line", async () => {
  const bytes = statementFile(account, [{ number: "1", day: "2026-11-19", kopecks: 10_000n, purpose: "Оплата по счёту 1" }, { number: "2", day: "2026-11-19", kopecks: 20_000n, purpose: "Оплата по счёту 2" }]);
  const into = (isTest: boolean) => uploadBankStatement(accountant.ctx, { fileName: "kl_to_1c.txt", bytes, isTest });
  expect(await into(true)).toMatchObject({ status: "taken", statements: [{ newCount: 2, knownCount: 0 }] });
  expect(await into(false)).toMatchObject({ status: "taken", statements: [{ newCount: 2, knownCount: 0 }] });
  expect(await into(false)).toMatchObject({ status: "known" });
  expect(await t.ctx.database.sql`select is_test, count(*)::int as count from bank_statement_lines where account = ${account} group by 1 order by 1`).toEqual([{ isTest: false, count: 2 }, { isTest: true, count: 2 }]);
});

test("REC-10: a file that came a moment ago is compared before its day closes, not after", async () => {
  await upload([{ id: "unseen", kopecks: 70_000n, day: "2026-11-10" }]);
  await expect(closeDay(accountant.ctx, { day: "2026-11-10", isTest: true })).rejects.toMatchObject({ code: "conflict", details: { classes: "MISSING_IN_LEDGER" } });
});

test("REC-04: a registry and a statement that come a month late are compared all the same", async () => {
  await upload([{ id: "old", kopecks: 70_000n, day: "2026-10-15", payoutId: "OLD-77", payoutDay: "2026-10-16" }]);
  await statement([{ number: "77", day: "2026-10-16", kopecks: 69_000n, purpose: "Возмещение по эквайрингу OLD-77" }]);
  await reconcile(t.ctx, "full");
  expect((await seen()).filter((each) => !each.startsWith("REGISTRY_LATE"))).toEqual(["MISSING_IN_LEDGER open", "SETTLEMENT_MISMATCH open"]);
});
