/** Test and real never mix (PIL-03, PIL-04, LOST-27): what the database makes impossible, whatever the programs do. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aDraft, upload } from "@/lib/testing/drafts.ts";
import { aOnecBase, aRegister, aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";

let t: TestContext;
let shop: TestShop;
let live: { order: string; base: string; bank: string; register: string };
let trial: { order: string; base: string; bank: string; register: string; fact: string };
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
  const { connectionId: liveBase } = await aOnecBase(t, { storeId: shop.storeId, login: "live", environment: "live" });
  const [taken] = await upload(t, { ...shop, onecId: liveBase }, aDraft());
  live = { order: taken!.orderId!, base: liveBase, bank: (await anAcquirer(t, { ...shop, environment: "live" })).connectionId, register: (await aRegister(t, { ...shop, environment: "live" })).connectionId };
  const { orderId } = await anOrder(t, { ...shop, onecId: shop.onecId });
  const bank = (await anAcquirer(t, shop)).connectionId;
  trial = { order: orderId, base: shop.onecId, bank, register: (await aRegister(t, shop)).connectionId, fact: (await cardMoney(t, orderId, 663_100n, bank)).factId };
});
afterAll(() => t.close());

const sql = () => t.ctx.database.sql;
const fact = (connectionId: string, isTest: boolean, parent: string | null = null) => sql()`
  insert into money_facts (id, kind, amount_kopecks, method, connection_id, provider_payment_id, capture_no, parent_fact_id, occurred_at, recorded_at, business_date, fiscal_owner, is_test, actor)
  values (${newId()}, 'payment_captured', 100, 'card', ${connectionId}, ${newId()}, 1, ${parent}, now(), now(), '2026-11-21', 'site', ${isTest}, 'system')`;
const receipt = (about: { fact?: string; order?: string; connection?: string }, isTest: boolean) => sql()`
  insert into receipts (id, fact_id, order_id, connection_id, purpose, kind, state, total_kopecks, due_at, planned_at, is_test)
  values (${newId()}, ${about.fact ?? null}, ${about.order ?? null}, ${about.connection ?? null}, 'prepayment', 'income', 'planned', 100, now(), now(), ${isTest})`;
const attempt = (orderId: string, connectionId: string, isTest: boolean) => sql()`
  insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, is_test, created_at)
  values (${newId()}, ${orderId}, ${connectionId}, 'paykeeper', 'card', ${newId()}, 1, 100, 'x', 'a@b.ru', 'failed', ${newId()}, ${isTest}, now())`;
const message = (connectionId: string, orderId: string, isTest: boolean, factId = trial.fact) => sql()`
  insert into export_messages (id, connection_id, order_id, fact_id, amount_kopecks, seq, order_version, state, created_at, is_test)
  values (${newId()}, ${connectionId}, ${orderId}, ${factId}, 100, 9, 1, 'pending', now(), ${isTest})`;
const mixed = { code: "23503" };

test.each<[string, () => Promise<unknown>]>([
  ["a real receipt for test money", () => receipt({ fact: trial.fact }, false)],
  ["a real receipt at a test register", () => receipt({ connection: trial.register }, false)],
  ["a test receipt at a real register", () => receipt({ connection: live.register }, true)],
  ["a real receipt on a test order", () => receipt({ order: trial.order }, false)],
  ["a test receipt on a real order", () => receipt({ order: live.order }, true)],
  ["a test attempt at a real bank", () => attempt(trial.order, live.bank, true)],
  ["a real attempt at a test bank", () => attempt(live.order, trial.bank, false)],
  ["a real attempt on a test order", () => attempt(trial.order, live.bank, false)],
  ["real money of a test bank", () => fact(trial.bank, false)],
  ["test money of a real bank", () => fact(live.bank, true)],
  ["real money that takes test money back", () => fact(live.bank, false, trial.fact)],
  ["test money told to a real base", () => message(live.base, trial.order, false)],
  ["test money told as real of a real order", () => message(live.base, live.order, false)],
  ["a test order of a real base", () => sql()`insert into orders (id, seller_org_id, store_id, onec_connection_id, number, order_date, payer_kind, buyer_name, lifecycle, is_posted, revision_no, content_hash, total_kopecks, lines_match_total,
     payment_status, is_test, created_at, updated_at) values (${newId()}, ${shop.sellerOrgId}, ${shop.storeId}, ${live.base}, 'X', now(), 'individual', 'x', 'active', true, 1, 'x', 1, true, 'not_paid', true, now(), now())`],
  ["a refund of test money as real", () => sql()`insert into refunds (id, order_id, payment_fact_id, amount_kopecks, method, reason, source, state, requested_by, requested_at, is_test)
     values (${newId()}, null, ${trial.fact}, 1, 'instrument', 'other', 'staff', 'requested', 'x', now(), false)`],
])("PIL-03, PIL-04: %s cannot be written down", async (_what, write) => {
  await expect(write()).rejects.toMatchObject(mixed);
});

test("PIL-03: test money never pays a real order", async () => {
  await expect(
    sql().begin(async (tx) => {
      await tx`insert into allocations (id, fact_id, order_id, amount_kopecks, created_at, actor) values (${newId()}, ${trial.fact}, ${trial.order}, -663100, now(), 'x'), (${newId()}, ${trial.fact}, ${live.order}, 663100, now(), 'x')`;
    }),
  ).rejects.toMatchObject({ code: "23514", constraint_name: "allocations_one_world" });
});

test("PIL-03: an order and a connection are test or real for life", async () => {
  await expect(sql()`update orders set is_test = false where id = ${trial.order}`).rejects.toMatchObject({ code: "23001" });
  await expect(sql()`update connections set environment = 'live' where id = ${trial.bank}`).rejects.toMatchObject({ code: "23001" });
  await expect(sql()`update connections set is_test = false where id = ${trial.bank}`).rejects.toMatchObject({ code: "428C9" });
});
