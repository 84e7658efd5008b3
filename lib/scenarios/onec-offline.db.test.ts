/** LOST-16: 1C is away for three days and comes back; over HTTP, with the sandbox's 1C, bank and register. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { watchAlerts } from "@/lib/alerts/index.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { localDate } from "@/lib/kit/time.ts";
import { listShipments } from "@/lib/shipments/index.ts";
import type { MadeOrder } from "@/lib/testing/an-order.ts";
import { openExchangeDoor } from "@/lib/testing/exchange-door.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { uploadedOrder } from "@/lib/testing/order-e.ts";
import { live, paid, printedOf } from "@/lib/testing/shop-day.ts";

let t: MoneyWorld;
let door: Awaited<ReturnType<typeof openExchangeDoor>>;
beforeAll(async () => {
  t = await openMoneyWorld();
  door = await openExchangeDoor(t.ctx);
  await t.sandbox.control("onec/settings", { exchangeUrl: door.url, login: "1c", password: "secret" });
});
afterAll(async () => {
  await door.close();
  await t.close();
});

type Booked = { order: string; sum: string };
type Report = { ok: boolean; loaded: { booked: Booked[]; damaged: unknown[]; skipped: unknown[] } | null };
type OnecOrder = { siteNumber: string; total: string; outstanding: string; payments: { sum: string }[] };
const lines = (price: string) => [{ article: "A-1", name: "Чайник", price, quantity: "1", vat: "22", kind: "Товар" }];
const inOnec = async (siteNumber: string, given: Record<string, unknown>) => (await t.sandbox.control<{ orders: OnecOrder[] }>("onec/orders", { siteNumber, ...given })).orders[0]!;
const exchange = () => t.sandbox.control<Report>("onec/exchange");
const onecOrder = async (siteNumber: string) => (await t.sandbox.read<{ orders: OnecOrder[] }>("onec/state")).orders.find((order) => order.siteNumber === siteNumber)!;
const silence = () => t.ctx.database.sql<{ objectKey: string; severity: string }[]>`select split_part(object_key, ':', 3) as object_key, severity from alerts where code = 'ALR-12' and state <> 'resolved' order by object_key`;
const exportStates = (orderId: string) => t.ctx.database.sql<{ state: string; seq: number }[]>`select state, seq from export_messages where order_id = ${orderId} order by seq`;
const order = (number: string): Promise<MadeOrder> => uploadedOrder(t, number);

test("LOST-16: three days without 1C: payments and receipts go on, the queue grows, alerts rise, and on return nothing is lost and nothing doubled", async () => {
  for (const number of ["OFF-1", "OFF-2", "OFF-3"]) await inOnec(number, { kind: "person", lines: lines("1000.00") });
  expect(await exchange()).toMatchObject({ ok: true });
  const [first, second, third] = [await order("OFF-1"), await order("OFF-2"), await order("OFF-3")];

  // The first hours.
  await paid(t, first);
  await live(t, 60);
  await t.advance(16 * 60);
  await watchAlerts(t.ctx);
  expect([...(await silence())]).toEqual([{ objectKey: "", severity: "P2" }]);
  await t.advance(2 * 3_600);
  await watchAlerts(t.ctx);
  expect([...(await silence())]).toEqual([{ objectKey: "", severity: "P1" }]);
  expect((await moneyOf(t, first.orderId)).alerts).toContainEqual({ code: "ALR-13", severity: "P2" });

  // The second day: goods leave the store in 1C, another order gets dearer there; a buyer pays by the old link.
  await t.advance(24 * 3_600);
  await watchAlerts(t.ctx);
  expect([...(await silence())]).toEqual([{ objectKey: "", severity: "P1" }, { objectKey: "day", severity: "P1" }]);
  const shippedOn = localDate(t.ctx.now(), t.ctx.zone);
  await inOnec("OFF-1", { ship: true });
  await inOnec("OFF-3", { lines: lines("1250.00") });
  await paid(t, second);
  await live(t, 60);

  // The third day.
  await t.advance(20 * 3_600);
  await paid(t, third);
  await live(t, 60);
  await sweep(t.ctx);
  for (const { orderId } of [first, second, third]) {
    const money = await moneyOf(t, orderId);
    expect(money).toMatchObject({ status: "paid", capturedKopecks: 100_000n, exports: [{ state: "pending", amountKopecks: 100_000n }] });
    expect(money.receipts).toMatchObject([{ state: "registered", totalKopecks: 100_000n }]);
  }
  await t.advance(24 * 3_600);

  // 1C is back. First it only gives its changes: what we gave out would rewrite the lines that were changed there.
  expect(await exchange()).toMatchObject({ ok: true, loaded: { booked: [], damaged: [] } });
  expect((await moneyOf(t, third.orderId)).status).toBe("partially_paid");
  // Then it takes the money, once; the next exchange proves what it booked.
  const taken = await exchange();
  expect(taken).toMatchObject({ ok: true, loaded: { damaged: [], skipped: [] } });
  expect(taken.loaded!.booked.map((each) => `${each.order} ${each.sum}`).toSorted()).toEqual(["OFF-1 100000", "OFF-2 100000"]);
  for (let times = 0; times < 2; times++) expect((await exchange()).loaded!.booked).toEqual([]);

  // What is missing of the dearer order is asked for by the same door; 1C books an order when it is paid whole.
  const rest = await order("OFF-3");
  expect(rest.link).toMatchObject({ amountKopecks: 25_000n });
  await paid(t, rest);
  await live(t, 60);
  expect((await exchange()).loaded!.booked.map((each) => `${each.order} ${each.sum}`)).toEqual(["OFF-3 125000"]);
  for (let times = 0; times < 3; times++) expect((await exchange()).loaded!.booked).toEqual([]);
  await live(t, 120);
  await watchAlerts(t.ctx);
  expect([...(await silence())]).toEqual([]);
  for (const { orderId, number } of [first, second, third]) {
    expect(new Set((await exportStates(orderId)).map((message) => message.state))).toEqual(new Set(["confirmed"]));
    expect(await moneyOf(t, orderId)).toMatchObject({ status: "paid" });
    expect((await moneyOf(t, orderId)).alerts.map((alert) => alert.code)).not.toContain("ALR-13");
    expect((await onecOrder(number)).outstanding.toString()).toBe("0");
  }
  expect([...(await exportStates(third.orderId))]).toEqual([{ state: "confirmed", seq: 1 }, { state: "confirmed", seq: 2 }]);
  // The hand-over keeps its real day; its closing receipt went out when we learned of it.
  const [shipment] = await listShipments(t.ctx, first.orderId);
  expect(shipment).toMatchObject({ totalKopecks: 100_000n, receipt: { state: "registered" } });
  expect(localDate(shipment!.shippedAt, t.ctx.zone)).toBe(shippedOn);
  expect(shippedOn < localDate(t.ctx.now(), t.ctx.zone)).toBe(true);
  expect((await printedOf(t, first.orderId)).map((printed) => printed.money)).toEqual([{ 2: 1000 }, { 14: 1000 }]);
  expect((await checkInvariants(t.ctx)).filter((each) => each.count > 0)).toEqual([]);
}, 60_000);
