import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { checkInvariants, findBreaks, invariants } from "./index.ts";

let t: TestContext;
let shop: TestShop;
let connectionId: string;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
  ({ connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId }));
  const order = await anOrder(t, { ...shop });
  await cardMoney(t, order.orderId, 663_100n, connectionId);
});
afterAll(() => t.close());

const broken = async () => (await findBreaks(t.ctx)).filter((each) => each.count > 0).map((each) => each.no);

/** Does something that the guards refuse, as a database repaired by hand might hold. */
async function behindTheGuards(statement: string): Promise<void> {
  await t.ctx.database.sql.begin(async (tx) => {
    await tx.unsafe("set local session_replication_role = replica");
    await tx.unsafe(statement);
  });
}
async function breaking(statement: string, repair: string): Promise<number[]> {
  await behindTheGuards(statement);
  const found = await broken();
  await behindTheGuards(repair);
  return found;
}

test("domain 10: all twenty are checked, and a sound ledger breaks none", async () => {
  expect(invariants.map((each) => each.no)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(await broken()).toEqual([]);
});

test("invariants 2, 4: a lost allocation and a wrong cached status are found", async () => {
  expect(await breaking("update allocations set amount_kopecks = amount_kopecks - 1", "update allocations set amount_kopecks = amount_kopecks + 1")).toEqual([2, 4]);
  expect(await breaking("update orders set payment_status = 'not_paid'", "update orders set payment_status = 'paid'")).toEqual([4]);
  expect(await breaking("update orders set captured_kopecks = captured_kopecks + 1", "update orders set captured_kopecks = captured_kopecks - 1")).toEqual([4]);
});

test("invariant 1: a guard that was switched off is found", async () => {
  await t.ctx.database.sql.unsafe("alter table money_facts disable trigger money_facts_append_only");
  expect(await broken()).toEqual([1]);
  await t.ctx.database.sql.unsafe("alter table money_facts enable trigger money_facts_append_only");
});

test("invariants 3, 8, 13: a refund beyond the payment, a payment without a receipt, money that 1C never hears of", async () => {
  expect(await breaking("update money_facts set fiscal_owner = 'site'", "update money_facts set fiscal_owner = 'none'")).toEqual([8]);
  expect(await breaking("delete from export_messages", "select 1")).toEqual([13]);
  await cardMoney(t, (await anOrder(t, { ...shop })).orderId, 100n, connectionId);
  await behindTheGuards("delete from export_messages; update money_facts set document_key = id::text");
  expect(await breaking(
    `insert into money_facts (id, kind, amount_kopecks, method, connection_id, provider_operation_id, document_key, parent_fact_id, occurred_at, recorded_at, business_date, fiscal_owner, is_test, actor)
     select '${newId()}', 'chargeback', amount_kopecks + 1, method, '${connectionId}', 'x', 'x', id, occurred_at, recorded_at, business_date, 'none', true, 'system' from money_facts limit 1`,
    "delete from money_facts where provider_operation_id = 'x'",
  )).toEqual([2, 3]);
});

test("invariant 17: a live order that stands on a test connection is found", async () => {
  expect(await breaking("update orders set is_test = false", "update orders set is_test = true")).toContain(17);
});

test("invariant 19: a card number or a key in a log is found, our own long numbers are not", async () => {
  const { sql } = t.ctx.database;
  const log = (text: string) => sql`insert into exchange_log (id, at, action, request, outcome, duration_ms) values (${newId()}, ${t.ctx.now()}, 'x', ${text}, 'done', 1)`;
  await log('{"invoice_id":"20261121101530417","fn":"9999078900000001","rrn":"632514789012","account":"40702810900000000001"}');
  expect(await broken()).toEqual([]);
  await log("card_number=4111111111111111");
  expect(await broken()).toEqual([19]);
  await behindTheGuards("delete from exchange_log");
  await log("Authorization: Basic ZGVtbzpkZW1v");
  expect(await broken()).toEqual([19]);
  await behindTheGuards("delete from exchange_log");
});

test("ALR-28: a broken invariant raises a P1 once and ends it when it holds again", async () => {
  await behindTheGuards("update orders set payment_status = 'overpaid'");
  await checkInvariants(t.ctx);
  await checkInvariants(t.ctx);
  const alerts = () => t.ctx.database.sql`select severity, count from alerts where code = 'ALR-28' and state <> 'resolved'`;
  expect(await alerts()).toEqual([{ severity: "P1", count: 2 }]);
  await behindTheGuards("update orders set payment_status = case when captured_kopecks = total_kopecks then 'paid' else 'partially_paid' end");
  await checkInvariants(t.ctx);
  expect(await alerts()).toEqual([]);
});
