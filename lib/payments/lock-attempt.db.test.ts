import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import { lockAttempt } from "./lock-attempt.ts";

let t: TestContext;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());

test("LOST-02: who waited for the lock sees what the holder booked, in every table", async () => {
  const shop = await aShop(t);
  const { connectionId } = await anAcquirer(t, shop);
  const order = await anOrder(t, shop);
  const { sql } = t.ctx.database;
  const attemptId = newId();
  await sql`
    insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, is_test, created_at)
    values (${attemptId}, ${order.orderId}, ${connectionId}, 'paykeeper', 'card', 'k1-1', 1, 663100, 'p', 'c', 'pending', 'f', true, now())`;
  let waiting: Promise<unknown> | undefined;
  await inTransaction(t.ctx, async (tx) => {
    await lockAttempt(tx, { attemptId });
    waiting = inTransaction(t.ctx, (other) => lockAttempt(other, { attemptId }));
    // The other one has sent its statements and waits for our lock.
    while ((await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await recordFact(t.ctx, tx, {
      kind: "payment_captured", amountKopecks: 663_100n, method: "card", connectionId, providerPaymentId: "42", captureNo: 1, attemptId, occurredAt: t.ctx.now(), fiscalOwner: "none", isTest: true,
      allocations: [{ orderId: order.orderId, counterpartyId: null, amountKopecks: 663_100n }],
    });
    await tx`update orders set captured_kopecks = 663100, export_version = export_version + 1 where id = ${order.orderId}`;
  });
  expect(await waiting).toMatchObject({ bookedPaymentIds: ["42"], order: { capturedKopecks: 663_100n } });
});

test("LOST-07: who waited for a new revision gets its lines, not none", async () => {
  const shop = await aShop(t);
  const order = await anOrder(t, shop);
  const { sql } = t.ctx.database;
  let waiting: Promise<{ orderRevisionNo: number; lines: unknown[] }> | undefined;
  await inTransaction(t.ctx, async (tx) => {
    await lockOrder(tx, order.orderId);
    waiting = inTransaction(t.ctx, (other) => lockOrder(other, order.orderId));
    while ((await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`).length === 0) await new Promise((resolve) => setImmediate(resolve));
    const revisionId = newId();
    await tx`insert into order_revisions (id, order_id, no, total_kopecks, content_hash, source, received_at) values (${revisionId}, ${order.orderId}, 2, 100, 'h2', '{}', now())`;
    await tx`insert into order_lines (id, revision_id, line_no, name, kind, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks) values (${newId()}, ${revisionId}, 1, 'Новая строка', 'goods', '1', 100, 100, 'vat22', 18)`;
    await tx`update orders set revision_no = 2, total_kopecks = 100 where id = ${order.orderId}`;
  });
  expect(await waiting).toMatchObject({ orderRevisionNo: 2, lines: [{ name: "Новая строка" }] });
});
