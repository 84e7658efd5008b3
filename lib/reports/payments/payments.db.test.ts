import { afterAll, beforeAll, expect, test } from "vitest";
import type { Viewer } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, aStore, anAcquirer } from "@/lib/testing/factories.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { countPayments, listPayments, parsePaymentFilter, readPaymentDetail, totalPayments } from "./index.ts";
import type { ListTab, PaymentFilter } from "./index.ts";

let t: TestContext;
let orders: { orderId: string; number: string }[];
const everything: Viewer = { role: "director", storeId: null, seesBuyers: true, seesRaw: true };
const scope = { viewer: everything, isTest: true };
const ask = (given: Record<string, string> = {}) => parsePaymentFilter(given) as PaymentFilter & { tab: ListTab };
const at = (text: string) => new Date(`2026-11-${text}Z`);
let ownStore: Viewer;

beforeAll(async () => {
  t = await openTestContext();
  const shop = await aShop(t);
  const other = await aStore(t, { sellerOrgId: shop.sellerOrgId, name: "Другой" });
  const make = (storeId = shop.storeId) => anOrder(t, { sellerOrgId: shop.sellerOrgId, storeId, onecId: shop.onecId });
  orders = [await make(), await make(), await make(other.storeId)];
  ownStore = { ...everything, role: "manager", storeId: other.storeId };
  const { connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId });
  await inTransaction(t.ctx, (tx) =>
    recordFact(t.ctx, tx, {
      kind: "payment_captured", amountKopecks: 100_000n, method: "card", connectionId, providerPaymentId: "40001", captureNo: 1, occurredAt: at("19T08:00:00"), fiscalOwner: "none", isTest: true,
      allocations: [{ orderId: orders[0]!.orderId, counterpartyId: null, amountKopecks: 100_000n }],
    }),
  );
  await putMoney(t, { orderId: orders[1]!.orderId, kopecks: 200_000n, method: "sbp", at: at("20T20:59:59") });
  await putMoney(t, { orderId: orders[1]!.orderId, kopecks: 300_000n, method: "card", at: at("20T21:00:00") });
  await putMoney(t, { orderId: orders[2]!.orderId, kopecks: 400_000n, method: "bank_transfer", at: at("21T07:00:00") });
});
afterAll(() => t.close());

const sums = async (given: Record<string, string>, viewer = everything) => (await listPayments(t.ctx, { viewer, isTest: true }, ask(given))).rows.map((row) => row.amountKopecks);

test("A4: newest first; method, sum, period by the shop's day, number and sum typed", async () => {
  expect(await sums({})).toEqual([400_000n, 300_000n, 200_000n, 100_000n]);
  expect(await sums({ method: "card" })).toEqual([300_000n, 100_000n]);
  expect(await sums({ min: "2000", max: "3 000,00" })).toEqual([300_000n, 200_000n]);
  expect(await sums({ from: "2026-11-21", to: "2026-11-21" })).toEqual([400_000n, 300_000n]);
  expect(await sums({ to: "2026-11-20" })).toEqual([200_000n, 100_000n]);
  expect(await sums({ q: orders[1]!.number })).toEqual([300_000n, 200_000n]);
  expect(await sums({ q: "1000" })).toContain(100_000n);
  expect(await sums({ q: "%" })).toEqual([]);
});

test("SEC-13: a manager sees the payments of his own store, in the list, the totals and the opened row", async () => {
  expect(await sums({}, ownStore)).toEqual([400_000n]);
  expect(await totalPayments(t.ctx, { viewer: ownStore, isTest: true }, ask())).toMatchObject({ count: 1n, amountKopecks: 400_000n });
  const { rows } = await listPayments(t.ctx, scope, ask());
  const foreign = rows.find((row) => row.amountKopecks === 100_000n)!;
  expect(await readPaymentDetail(t.ctx, scope, foreign.key)).toMatchObject({ orderNumber: orders[0]!.number, facts: [{ kind: "payment_captured", amountKopecks: 100_000n }] });
  expect(await readPaymentDetail(t.ctx, { viewer: ownStore, isTest: true }, foreign.key)).toBeNull();
  expect(await readPaymentDetail(t.ctx, { viewer: everything, isTest: false }, foreign.key)).toBeNull();
});

test("A4: pages go on where they stopped and say each row once", async () => {
  const seen: bigint[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < 5; page++) {
    const { rows, next }: Awaited<ReturnType<typeof listPayments>> = await listPayments(t.ctx, scope, { ...ask(), cursor }, 3);
    seen.push(...rows.map((row) => row.amountKopecks));
    if (next === null) break;
    cursor = ask({ after: next }).cursor;
    expect(cursor).toBe(next);
  }
  expect(seen).toEqual([400_000n, 300_000n, 200_000n, 100_000n]);
});

test("A4: fee, net and payout come from the registry, and are not made up where it has none", async () => {
  const { sql } = t.ctx.database;
  const [paid] = await sql<{ id: string; connectionId: string | null; providerPaymentId: string | null }[]>`select id, connection_id, provider_payment_id from money_facts where amount_kopecks = 100000 and kind = 'payment_captured'`;
  const registryId = newId();
  await sql`insert into registries (id, connection_id, source, day_from, day_to, line_count, new_count, known_count, problem_count, received_by, received_at, is_test) values (${registryId}, ${paid!.connectionId}, 'api', '2026-11-19', '2026-11-19', 1, 1, 0, 0, 'system', ${t.ctx.now()}, true)`;
  await sql`
    insert into registry_entries (id, registry_id, connection_id, line_no, kind, entry_key, provider_payment_id, amount_kopecks, fee_kopecks, fee_vat_kopecks, occurred_at, business_date, payout_id, payout_date, is_test)
    values (${newId()}, ${registryId}, ${paid!.connectionId}, 1, 'payment', 'k1', ${paid!.providerPaymentId}, 100000, 2500, 550, ${at("19T08:00:00")}, '2026-11-19', 'П-17', '2026-11-21', true)`;
  const { rows } = await listPayments(t.ctx, scope, ask({ method: "card" }));
  expect(rows.map(({ feeKopecks, netKopecks, payoutId, payoutDate }) => ({ feeKopecks, netKopecks, payoutId, payoutDate }))).toEqual([
    { feeKopecks: null, netKopecks: null, payoutId: null, payoutDate: null }, { feeKopecks: 3_050n, netKopecks: 96_950n, payoutId: "П-17", payoutDate: "2026-11-21" },
  ]);
  expect(await totalPayments(t.ctx, scope, ask())).toEqual({ count: 4n, amountKopecks: 1_000_000n, feeKopecks: 3_050n, withFee: 1n });
});

test("A4: each tab counts its own under the same filter", async () => {
  expect(await countPayments(t.ctx, scope, ask())).toEqual({ succeeded: 4n, working: 0n, unknown: 0n, declined: 0n, refunds: 0n });
  expect(await countPayments(t.ctx, scope, ask({ method: "sbp" }))).toMatchObject({ succeeded: 1n });
  await t.ctx.database.sql`
    insert into refunds (id, order_id, amount_kopecks, method, reason, source, state, requested_by, requested_at, is_test)
    values (${newId()}, ${orders[2]!.orderId}, 5000, 'cash', 'other', 'staff', 'requested', 'system', ${t.ctx.now()}, true)`;
  expect(await countPayments(t.ctx, scope, ask())).toMatchObject({ refunds: 1n });
  const { rows } = await listPayments(t.ctx, scope, ask({ tab: "refunds" }));
  expect(rows).toMatchObject([{ method: "cash", amountKopecks: 5_000n, attemptState: null, refund: { state: "requested", method: "cash", reason: "other", hasBounced: false } }]);
});
