import { afterAll, beforeAll, expect, test } from "vitest";
import { raiseAlert, watchAlerts } from "@/lib/alerts/index.ts";
import { inTransaction } from "@/lib/context.ts";
import { redactText } from "@/lib/kit/redact.ts";
import { markLinkOpened } from "@/lib/payments/index.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";

let t: TestContext;
beforeAll(async () => {
  t = await openTestContext();
});
afterAll(() => t.close());

test("ALR-01: an outage without new failures ends, so that pages offer the method again; refused credentials stay", async () => {
  const shop = await aShop(t);
  const { connectionId } = await anAcquirer(t, shop);
  const { sql } = t.ctx.database;
  const state = async () => (await sql<{ state: string }[]>`select state from alerts where code = 'ALR-01' order by first_at desc limit 1`)[0]!.state;
  const alert = { code: "ALR-01", objectKey: `connection:${connectionId}`, severity: "P1" as const, title: "не отвечает", advice: "ждать" };
  await raiseAlert(t.ctx, sql, alert);
  t.clock.advance(9 * 60_000);
  await watchAlerts(t.ctx);
  expect(await state()).toBe("firing");
  t.clock.advance(2 * 60_000);
  await watchAlerts(t.ctx);
  expect(await state()).toBe("resolved");
  await sql`update connections set blocked_reason = 'wrong password' where id = ${connectionId}`;
  await raiseAlert(t.ctx, sql, alert);
  t.clock.advance(11 * 60_000);
  await watchAlerts(t.ctx);
  expect(await state()).toBe("firing");
});

test("CML-24: a verb that holds the order and one that notes an opened link do not wait for each other in a circle", async () => {
  const shop = await aShop(t);
  const order = await anOrder(t, shop);
  await inTransaction(t.ctx, async (tx) => {
    await lockOrder(tx, order.orderId);
    // Needs only that the order exists: it must get through while we hold the order, else we could deadlock on the link.
    await markLinkOpened(t.ctx, order.link!.linkId, "phone");
    await tx`update payment_links set state = 'superseded' where id = ${order.link!.linkId}`;
  });
});

test("SEC-03: the token of a pay page does not stand in logs", () => {
  expect(redactText('{"user_result_callback":"https://shop.ru/pay/0cIZMKyrVhqFUTMZaLIXZcAMUnw4n9iQxYb1v2z3A4E?back=1"}')).not.toContain("0cIZMKyr");
});
