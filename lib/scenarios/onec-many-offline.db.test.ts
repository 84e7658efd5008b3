/** LOST-16 with many orders: 1C is away for three days while money comes and goes here and orders change there; over HTTP with the sandbox's 1C. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openExchangeDoor } from "@/lib/testing/exchange-door.ts";
import { openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";

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

type Report = { ok: boolean; loaded: { created: string[]; booked: { order: string; sum: string }[]; damaged: unknown[]; skipped: { number: string }[] } };
type OnecOrder = { siteNumber: string; outstanding: string; payments: { sum: string }[] };
const exchange = () => t.sandbox.control<Report>("onec/exchange");
const inOnec = (siteNumber: string, given: Record<string, unknown>) => t.sandbox.control("onec/orders", { siteNumber, ...given });
const onecOrders = async () => new Map((await t.sandbox.read<{ orders: OnecOrder[] }>("onec/state")).orders.map((order) => [order.siteNumber, order]));
const lines = (price: string) => [{ article: "A-1", name: "Чайник", price, quantity: "1", vat: "22", kind: "Товар" }];
const viewer = { storeId: null, seesBuyers: true } as Parameters<typeof readOrderPage>[1];
const idOf = async (number: string) => (await t.ctx.database.sql<{ id: string }[]>`select id from orders where number = ${number}`)[0]!.id;
const shown = async (number: string) => (await readOrderPage(t.ctx, viewer, await idOf(number)))!.exports.map((each) => each.byHand ?? each.state).toReversed();
const statusOf = async (number: string) => (await t.ctx.database.sql<{ paymentStatus: string }[]>`select payment_status from orders where number = ${number}`)[0]!.paymentStatus;
const pay = async (number: string, kopecks: bigint) => (await cardMoney(t, await idOf(number), kopecks, t.acquirer.connectionId)).factId;

async function giveBack(number: string, parentFactId: string, amountKopecks: bigint): Promise<void> {
  const orderId = await idOf(number);
  await inTransaction(t.ctx, async (tx) => {
    const order = await lockOrder(tx, orderId);
    const fact = await recordFact(t.ctx, tx, {
      kind: "refund_succeeded", amountKopecks, method: "card", connectionId: t.acquirer.connectionId, providerPaymentId: newId(), providerOperationId: newId(), parentFactId, occurredAt: t.ctx.now(), fiscalOwner: "none", isTest: order.isTest,
      allocations: [{ orderId, counterpartyId: order.counterpartyId, amountKopecks }],
    });
    const saved = await saveMoney(t.ctx, tx, withMoney(order, "refund_succeeded", amountKopecks), false);
    await t.ctx.announce(t.ctx, tx, { type: "money.returned", fact: fact!, order: saved, refundId: null, contact: null });
  });
}

const kinds = ["paid", "parts", "part", "refunded", "dearer", "cheaper", "deleted", "unpaid"] as const;
const EACH = 4;
const all = kinds.flatMap((kind, k) => Array.from({ length: EACH }, (_, i) => ({ kind, number: `L${k}-${i}` })));
const of = (kind: (typeof kinds)[number]) => all.filter((order) => order.kind === kind).map((order) => order.number);

test("LOST-16: 32 orders, three days away: imports first, then money in sequence; nothing lost, nothing doubled, and what УТ cannot book is left to a person", async () => {
  for (const { number } of all) await inOnec(number, { kind: "person", lines: lines("1000.00") });
  expect(await exchange()).toMatchObject({ ok: true });
  expect((await t.ctx.database.sql`select 1 from orders`).length).toBe(all.length);

  // The first day.
  for (const number of [...of("paid"), ...of("dearer"), ...of("cheaper"), ...of("deleted")]) await pay(number, 100_000n);
  for (const number of [...of("parts"), ...of("part")]) await pay(number, 40_000n);
  const facts = new Map<string, string>();
  for (const number of of("refunded")) facts.set(number, await pay(number, 100_000n));
  await t.advance(30 * 3_600);
  // The second: money goes back here, managers work there.
  for (const number of of("refunded")) await giveBack(number, facts.get(number)!, 100_000n);
  for (const number of of("dearer")) await inOnec(number, { lines: lines("1250.00") });
  for (const number of of("cheaper")) await inOnec(number, { lines: lines("800.00") });
  for (const number of of("deleted")) await inOnec(number, { deleted: true });
  await t.advance(30 * 3_600);
  for (const number of of("parts")) await pay(number, 60_000n);
  await inOnec("L9-NEW", { kind: "person", lines: lines("500.00") });
  await t.advance(12 * 3_600);

  // Back: its changes come in, nothing goes out that would rewrite them.
  const back = await exchange();
  expect(back.loaded).toMatchObject({ created: [], booked: [], damaged: [] });
  expect([await statusOf(of("dearer")[0]!), await statusOf(of("cheaper")[0]!), await statusOf(of("deleted")[0]!), await statusOf("L9-NEW")]).toEqual(["partially_paid", "overpaid", "overpaid", "not_paid"]);
  const taken = await exchange();
  expect(taken.loaded).toMatchObject({ created: [], damaged: [] });
  const expected = [...of("paid").map((number) => `${number} 100000`), ...of("parts").map((number) => `${number} 100000`), ...of("cheaper").map((number) => `${number} 80000`)];
  expect(taken.loaded.booked.map((each) => `${each.order} ${each.sum}`).toSorted()).toEqual(expected.toSorted());
  for (let times = 0; times < 3; times++) expect((await exchange()).loaded).toMatchObject({ created: [], booked: [], damaged: [] });

  for (const number of [...of("paid"), ...of("cheaper")]) expect([number, await shown(number)]).toEqual([number, ["confirmed"]]);
  for (const number of of("parts")) expect([number, await shown(number)]).toEqual([number, ["confirmed", "confirmed"]]);
  for (const number of [...of("part"), ...of("dearer")]) expect([number, await shown(number)]).toEqual([number, ["part"]]);
  for (const number of of("refunded")) expect([number, await shown(number)]).toEqual([number, ["part", "refund"]]);
  for (const number of of("deleted")) expect([number, await shown(number)]).toEqual([number, ["gone"]]);
  for (const number of of("unpaid")) expect([number, await shown(number)]).toEqual([number, []]);

  // The rest of a dearer order makes it whole: booked once, both payments proven.
  for (const number of of("dearer")) await pay(number, 25_000n);
  expect((await exchange()).loaded.booked.map((each) => `${each.order} ${each.sum}`).toSorted()).toEqual(of("dearer").map((number) => `${number} 125000`));
  for (let times = 0; times < 2; times++) expect((await exchange()).loaded.booked).toEqual([]);
  for (const number of of("dearer")) expect([number, await shown(number)]).toEqual([number, ["confirmed", "confirmed"]]);

  const there = await onecOrders();
  for (const { number, kind } of all) {
    const isBooked = ["paid", "parts", "dearer", "cheaper"].includes(kind);
    expect([number, there.get(number)!.payments.length]).toEqual([number, isBooked ? 1 : 0]);
  }
  // Messages of one order went out in their sequence.
  const disorder = await t.ctx.database.sql`
    select a.order_id from export_messages a join export_messages b on b.order_id = a.order_id and b.seq > a.seq and b.delivered_at < a.delivered_at`;
  expect([...disorder]).toEqual([]);
  expect((await checkInvariants(t.ctx)).filter((each) => each.count > 0)).toEqual([]);
}, 90_000);
