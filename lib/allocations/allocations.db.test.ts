import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { planReturn, receiptWrites } from "@/lib/fiscal/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aRegister, aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { untilBlocked } from "@/lib/testing/until-blocked.ts";
import { lockPayment } from "@/lib/payments/lock-payment.ts";
import { writeTogether } from "@/db/write-together.ts";
import { bindPayment, countUnbound, findMoveTargets, listUnbound, moveMoney } from "./index.ts";

let t: TestContext;
let shop: TestShop;
let connectionId: string;
let accountant: MadeStaff;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
  ({ connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId }));
  await aRegister(t, { sellerOrgId: shop.sellerOrgId });
  accountant = await aStaff(t, { role: "accountant" });
});
afterAll(() => t.close());

async function orderOf(contact: string, sumKopecks = 663_100n) {
  const order = await anOrder(t, { ...shop, lines: [{ name: "Чайник", sumKopecks }] });
  await t.ctx.database.sql`update orders set contact = ${contact} where id = ${order.orderId}`;
  return order;
}

const moneyOn = async (orderId: string) => {
  const [row] = await t.ctx.database.sql<{ capturedKopecks: bigint; paymentStatus: string; allocated: bigint }[]>`
    select captured_kopecks, payment_status, (select coalesce(sum(a.amount_kopecks), 0)::bigint from allocations a join money_facts f on f.id = a.fact_id where a.order_id = o.id and f.kind = 'payment_captured') as allocated
      from orders o where id = ${orderId}`;
  return row!;
};
const allocatedTo = async (factId: string) => {
  const [row] = await t.ctx.database.sql<{ sum: bigint }[]>`select sum(amount_kopecks)::bigint as sum from allocations where fact_id = ${factId}`;
  return row!.sum;
};
const move = (input: Partial<Parameters<typeof moveMoney>[1]> & { factId: string; amountKopecks: bigint }) =>
  moveMoney(accountant.ctx, { fromOrderId: null, toOrderId: null, reason: "Покупатель согласен, звонок 21.11", ...input });

test("LOST-09: an overpayment moves to another order of the same buyer, and both sums follow", async () => {
  const [from, to] = [await orderOf("a@romashka.ru"), await orderOf("a@romashka.ru", 100_000n)];
  await cardMoney(t, from.orderId, 663_100n, connectionId);
  const second = await cardMoney(t, from.orderId, 663_100n, connectionId);
  await expect(move({ factId: second.factId, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 100_001n })).rejects.toMatchObject({ code: "conflict", details: { maxKopecks: "100000" } });
  await move({ factId: second.factId, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 100_000n });
  expect(await moneyOn(to.orderId)).toEqual({ capturedKopecks: 100_000n, paymentStatus: "paid", allocated: 100_000n });
  expect(await moneyOn(from.orderId)).toEqual({ capturedKopecks: 1_226_200n, paymentStatus: "overpaid", allocated: 1_226_200n });
  await move({ factId: second.factId, fromOrderId: from.orderId, amountKopecks: 563_100n });
  expect(await moneyOn(from.orderId)).toMatchObject({ capturedKopecks: 663_100n, paymentStatus: "paid" });
  expect(await allocatedTo(second.factId)).toBe(663_100n);
});

test("PAY-04: two moves of the same overpayment at once: one loses, no kopeck twice", async () => {
  const [from, a, b] = [await orderOf("b@romashka.ru"), await orderOf("b@romashka.ru"), await orderOf("b@romashka.ru")];
  await cardMoney(t, from.orderId, 663_100n, connectionId);
  const { factId } = await cardMoney(t, from.orderId, 663_100n, connectionId);
  const results = await Promise.allSettled([a, b].map((to) => move({ factId, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 663_100n })));
  expect(results.map((r) => r.status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const sums = await Promise.all([from, a, b].map(async (o) => (await moneyOn(o.orderId)).capturedKopecks));
  expect(sums.reduce((x, y) => x + y, 0n)).toBe(1_326_200n);
});

test("decision 0023: money that moves while a verb waits for it: the verb lets go of what it holds and takes the orders anew by their ids, and no order after the payment", async () => {
  const [lower, higher] = [await orderOf("order@romashka.ru"), await orderOf("order@romashka.ru")];
  const { factId } = await cardMoney(t, higher.orderId, 663_100n, connectionId);
  const { sql } = t.ctx.database;
  let locking: Promise<string[]> = Promise.resolve([]);
  await inTransaction(t.ctx, async (other) => {
    await inTransaction(t.ctx, async (mover) => {
      await mover`select 1 from orders where id = ${higher.orderId} for no key update`;
      locking = inTransaction(t.ctx, async (tx) => [...(await lockPayment(tx, factId)).orders.keys()]);
      await untilBlocked(t);
      for (const [orderId, kopecks] of [[higher.orderId, -663_100n], [lower.orderId, 663_100n]] as const) {
        await mover`insert into allocations (id, fact_id, order_id, amount_kopecks, created_at, actor) values (${newId()}, ${factId}, ${orderId}, ${kopecks}, ${t.ctx.now()}, 'system')`;
      }
      // Somebody holds the order that the money comes to before the verb looks for it.
      await other`select 1 from orders where id = ${lower.orderId} for no key update`;
    });
    await untilBlocked(t);
    await other`select 1 from orders where id = ${higher.orderId} for no key update nowait`;
    await other`select 1 from money_facts where id = ${factId} for no key update nowait`;
  });
  expect(await locking).toEqual([lower.orderId, higher.orderId]);
  // Back where the other tests of this file reckon with it.
  await sql`insert into allocations (id, fact_id, order_id, amount_kopecks, created_at, actor) values (${newId()}, ${factId}, ${lower.orderId}, -663100, ${t.ctx.now()}, 'system'), (${newId()}, ${factId}, ${higher.orderId}, 663100, ${t.ctx.now()}, 'system')`;
});

test("LOST-09, SEC-06: money never moves to another buyer, another seller, a cancelled order, or beyond the overpayment", async () => {
  const from = await orderOf("c@romashka.ru");
  await cardMoney(t, from.orderId, 663_100n, connectionId);
  const { factId } = await cardMoney(t, from.orderId, 100n, connectionId);
  const stranger = await orderOf("d@romashka.ru");
  await expect(move({ factId, fromOrderId: from.orderId, toOrderId: stranger.orderId, amountKopecks: 100n })).rejects.toThrow("другого покупателя");
  const other = await aShop(t, { login: "other" });
  const foreign = await anOrder(t, { ...other });
  await t.ctx.database.sql`update orders set contact = 'c@romashka.ru' where id = ${foreign.orderId}`;
  await expect(move({ factId, fromOrderId: from.orderId, toOrderId: foreign.orderId, amountKopecks: 100n })).rejects.toThrow("другой организации");
  // Nor does an advance: it stands on no order, but a terminal of ours took it.
  const companyId = newId();
  await t.ctx.database.sql`insert into counterparties (id, payer_kind, name, inn, created_at, updated_at) values (${companyId}, 'organization', 'ООО «Вектор»', '9900000031', ${t.ctx.now()}, ${t.ctx.now()})`;
  await t.ctx.database.sql`update orders set counterparty_id = ${companyId} where id = ${from.orderId}`;
  const { factId: kept } = await cardMoney(t, from.orderId, 200n, connectionId);
  await move({ factId: kept, fromOrderId: from.orderId, toOrderId: null, amountKopecks: 200n });
  await t.ctx.database.sql`update orders set counterparty_id = ${companyId} where id = ${foreign.orderId}`;
  await expect(move({ factId: kept, fromOrderId: null, toOrderId: foreign.orderId, amountKopecks: 200n })).rejects.toThrow("другой организации");
  const gone = await anOrder(t, { ...shop, lifecycle: "cancelled" });
  await t.ctx.database.sql`update orders set contact = 'c@romashka.ru' where id = ${gone.orderId}`;
  await expect(move({ factId, fromOrderId: from.orderId, toOrderId: gone.orderId, amountKopecks: 100n })).rejects.toThrow("отменён");
  await expect(move({ factId, fromOrderId: from.orderId, amountKopecks: 101n })).rejects.toMatchObject({ details: { maxKopecks: "100" } });
  await expect(moveMoney((await aStaff(t, { role: "manager", storeId: shop.storeId })).ctx, { factId, fromOrderId: from.orderId, toOrderId: null, amountKopecks: 1n, reason: "x" })).rejects.toMatchObject({ code: "forbidden" });
});

/** Money that came with a reference nobody knows, with its stopped receipt. */
async function strangerMoney(amountKopecks: bigint): Promise<string> {
  return inTransaction(t.ctx, async (tx) => {
    const fact = await recordFact(t.ctx, tx, {
      kind: "payment_captured", amountKopecks, method: "card", connectionId, providerPaymentId: newId(), captureNo: 1, occurredAt: t.ctx.now(), fiscalOwner: "site", isTest: true,
      allocations: [{ orderId: null, counterpartyId: null, amountKopecks }],
    });
    await writeTogether(tx, receiptWrites(t.ctx, tx, { fact: fact!, order: null, contact: null }));
    return fact!.factId;
  });
}

test("LOST-20: a person binds money without an order: the order is paid, one receipt with its lines is planned, 1C is told", async () => {
  const order = await orderOf("e@romashka.ru", 45_000n);
  const factId = await strangerMoney(45_000n);
  expect((await listUnbound(t.ctx, true)).find((u) => u.factId === factId)).toMatchObject({ leftKopecks: 45_000n, candidates: [{ number: order.number }] });
  await bindPayment(accountant.ctx, { factId, orderId: order.orderId, reason: "Номер платежа в письме покупателя" });
  expect(await moneyOn(order.orderId)).toMatchObject({ capturedKopecks: 45_000n, paymentStatus: "paid" });
  const receipts = await t.ctx.database.sql`select state, contact, order_id from receipts where fact_id = ${factId} and state <> 'cancelled'`;
  expect(receipts).toMatchObject([{ state: "planned", contact: "e@romashka.ru", orderId: order.orderId }]);
  expect(await t.ctx.database.sql`select state, amount_kopecks from export_messages where fact_id = ${factId}`).toMatchObject([{ state: "pending", amountKopecks: 45_000n }]);
  expect((await listUnbound(t.ctx, true)).some((u) => u.factId === factId)).toBe(false);
  await expect(bindPayment(accountant.ctx, { factId, orderId: order.orderId, reason: "ещё раз" })).rejects.toMatchObject({ code: "conflict" });
});

test("LOST-09: only unpaid orders of the same buyer, seller and world are offered to move money to", async () => {
  const [from, to, stranger, gone] = [await orderOf("same@romashka.ru"), await orderOf("same@romashka.ru"), await orderOf("other@romashka.ru"), await orderOf("same@romashka.ru")];
  await t.ctx.database.sql`update orders set lifecycle = 'cancelled' where id = ${gone.orderId}`;
  const found = await findMoveTargets(t.ctx, from.orderId, null);
  expect(found).toMatchObject([{ orderId: to.orderId, number: to.number, dueKopecks: 663_100n }]);
  expect(await findMoveTargets(t.ctx, from.orderId, to.number.slice(1))).toHaveLength(1);
  expect(await findMoveTargets(t.ctx, from.orderId, stranger.number)).toEqual([]);
  expect(await findMoveTargets(t.ctx, from.orderId, "%")).toEqual([]);
});

test("LOST-20: the badge counts what the list shows", async () => {
  expect(await countUnbound(t.ctx, true)).toBe((await listUnbound(t.ctx, true)).length);
  const before = await countUnbound(t.ctx, true);
  await inTransaction(t.ctx, (tx) =>
    recordFact(t.ctx, tx, {
      kind: "payment_captured", amountKopecks: 5_000n, method: "card", connectionId, providerPaymentId: `loose-${newId()}`, captureNo: 1, occurredAt: t.ctx.now(), fiscalOwner: "none", isTest: true,
      allocations: [{ orderId: null, counterpartyId: null, amountKopecks: 5_000n }],
    }),
  );
  expect(await countUnbound(t.ctx, true)).toBe(before + 1);
  expect(await countUnbound(t.ctx, false)).toBe(0);
});

test("LOST-20, FISC-25: a part of money without an order that went back before it was bound has its return receipt on the order too", async () => {
  const order = await orderOf("f@romashka.ru", 45_000n);
  const factId = await strangerMoney(50_000n);
  const back = await inTransaction(t.ctx, async (tx) => {
    const fact = await recordFact(t.ctx, tx, {
      kind: "refund_succeeded", amountKopecks: 5_000n, method: "card", connectionId, providerPaymentId: newId(), providerOperationId: newId(), parentFactId: factId, occurredAt: t.ctx.now(), fiscalOwner: "site", isTest: true,
      allocations: [{ orderId: null, counterpartyId: null, amountKopecks: 5_000n }],
    });
    await planReturn(t.ctx, tx, { fact: fact!, order: null, refundId: null, contact: null });
    return fact!.factId;
  });
  const receiptOf = async () => [...(await t.ctx.database.sql`select state, fail_code, order_id, total_kopecks from receipts where fact_id = ${back} and state <> 'cancelled'`)];
  expect(await receiptOf()).toMatchObject([{ state: "failed_final", failCode: "ORDER_UNKNOWN", orderId: null }]);
  await bindPayment(accountant.ctx, { factId, orderId: order.orderId, reason: "Номер платежа в письме покупателя" });
  expect(await receiptOf()).toEqual([{ state: "planned", failCode: null, orderId: order.orderId, totalKopecks: 5_000n }]);
});
