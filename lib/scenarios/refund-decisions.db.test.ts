/** Who may ask for and approve a refund, of how much, and how long it may wait (SEC-12, LOST-10, PAY-21), at the sandbox bank. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { moveMoney } from "@/lib/allocations/index.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { actingAs } from "@/lib/context.ts";
import { approveRefund, cancelRefund, countToApprove, listRefunds, readRefundable, rejectRefund, requestRefund } from "@/lib/refunds/index.ts";
import { watchRefunds } from "@/lib/refunds/watch-refunds.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { moneyOf } from "@/lib/testing/money-world.ts";
import { aPaidOrder, bankRefunds, letTimePass, paidByCard, paidTwice } from "@/lib/testing/paid-order.ts";
import { openRefundWorld, wish } from "@/lib/testing/refund-world.ts";
import type { RefundWorld } from "@/lib/testing/refund-world.ts";
import { setSetting } from "@/lib/testing/settings.ts";

let t: RefundWorld;
beforeAll(async () => {
  t = await openRefundWorld();
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const linkOf = async (orderId: string) => (await t.ctx.database.sql<{ amountKopecks: bigint }[]>`select amount_kopecks from payment_links where order_id = ${orderId} and state = 'active'`)[0] ?? null;

test("bad sums are refused with a clear message and nothing is sent", async () => {
  const order = await aPaidOrder(t);
  await expect(t.asked(order.orderId, { amountKopecks: 0n })).rejects.toMatchObject({ code: "invalid", message: "Укажите сумму больше нуля" });
  await expect(t.asked(order.orderId, { amountKopecks: -1n })).rejects.toMatchObject({ code: "invalid" });
  await expect(t.asked(order.orderId, { currency: "USD" })).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("рубли") });
  await expect(t.asked(order.orderId, { amountKopecks: 663_101n })).rejects.toMatchObject({ code: "conflict", message: "Вернуть можно не больше 6\u202F631,00\u00A0₽", details: { reason: "refund_limit", refundableKopecks: "663100" } });
  const unpaid = await anOrder(t, t.shop);
  await expect(t.asked(unpaid.orderId)).rejects.toMatchObject({ details: { reason: "refund_limit", refundableKopecks: "0" } });
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(0);
});

test("LOST-27: a payment of another world is not refunded", async () => {
  const order = await aPaidOrder(t);
  const sql = t.ctx.database.sql;
  const [live] = await sql<{ id: string }[]>`
    insert into connections (id, kind, provider, name, environment, door, settings, enabled, created_at, priority)
    values (gen_random_uuid(), 'acquirer', 'paykeeper', 'Живой', 'live', ${`door-${order.orderId}`}, '{}', true, now(), 5) returning id`;
  await expect(t.asked(order.orderId)).rejects.toMatchObject({ code: "conflict", details: { reason: "test_payment" } });
  await sql`update connections set enabled = false where id = ${live!.id}`;
  await expect(t.asked(order.orderId)).resolves.toMatch(/-/);
});

test("SEC-12: four eyes and the director's limit", async () => {
  const order = await aPaidOrder(t, { lines: [{ name: "Шкаф", sumKopecks: 4_000_000n }] });
  const [own] = await requestRefund(t.accountant.ctx, wish(order.orderId, { amountKopecks: 100n }));
  await expect(approveRefund(t.accountant.ctx, own!)).rejects.toMatchObject({ code: "forbidden", details: { reason: "four_eyes" } });
  await expect(rejectRefund(t.accountant.ctx, { ...own!, text: "нет" })).rejects.toMatchObject({ code: "forbidden" });
  const big = await t.asked(order.orderId, { amountKopecks: 3_500_000n });
  expect(await t.openAlerts(order.orderId, "ALR-23")).not.toHaveLength(0);
  await expect(approveRefund(t.accountant.ctx, { refundId: big })).rejects.toMatchObject({ code: "forbidden", details: { reason: "director" } });
  await expect(approveRefund(t.manager.ctx, { refundId: big })).rejects.toMatchObject({ code: "forbidden" });
  await approveRefund(t.director.ctx, { refundId: big });
  await cancelRefund(t.director.ctx, { refundId: big, text: "передумали" });
  await letTimePass(t, 40);
  expect(await t.stateOf(big)).toMatchObject({ state: "canceled" });
  expect(await bankRefunds(t, order.bankPaymentId)).toHaveLength(0);
  const stranger = actingAs(t.ctx, { kind: "staff", userId: t.manager.userId, role: "manager", storeId: null, ip: null });
  await expect(requestRefund(stranger, wish(order.orderId))).rejects.toMatchObject({ code: "not_found" });
});

test("SEC-12: up to the limit nobody needs to approve", async () => {
  await setSetting(t, "refundAutoApproveLimit", "10000");
  const order = await aPaidOrder(t);
  const [small] = await requestRefund(t.manager.ctx, wish(order.orderId, { amountKopecks: 10_000n }));
  const [bigger] = await requestRefund(t.manager.ctx, wish(order.orderId, { amountKopecks: 10_001n }));
  await setSetting(t, "refundAutoApproveLimit", "0");
  await letTimePass(t, 40);
  expect([(await t.stateOf(small!.refundId)).state, (await t.stateOf(bigger!.refundId)).state]).toEqual(["succeeded", "requested"]);
});

test("LOST-10: two parallel refunds that together exceed the payment: one loses with the exact sum", async () => {
  const order = await aPaidOrder(t);
  const [first, second] = [await t.asked(order.orderId, { amountKopecks: 400_000n }), await t.asked(order.orderId, { amountKopecks: 400_000n })];
  const results = await Promise.allSettled([approveRefund(t.director.ctx, { refundId: first }), approveRefund(t.accountant.ctx, { refundId: second })]);
  const lost = results.filter((result) => result.status === "rejected");
  // Both may approve; only one finds the money.
  expect(lost).toHaveLength(1);
  expect(lost[0]!.reason).toMatchObject({ code: "conflict", message: "Вернуть можно не больше 2\u202F631,00\u00A0₽", details: { refundableKopecks: "263100" } });
  await letTimePass(t, 60);
  expect(await bankRefunds(t, order.bankPaymentId)).toMatchObject([{ status: "done" }]);
});

test("LOST-10: money promised to a bank refund that names no payment limits the whole order", async () => {
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "card");
  const invoice = await t.bankId(attemptId);
  for (const late of [false, true]) await t.sandbox.control(`pay/${invoice}`, { outcome: "success", late });
  await letTimePass(t, 60);
  const [byBank] = await requestRefund(t.manager.ctx, wish(order.orderId, { amountKopecks: 1_000_000n, method: "bank_transfer" }));
  expect(byBank).toMatchObject({ paymentFactId: null });
  await approveRefund(t.director.ctx, byBank!);
  await expect(t.asked(order.orderId, { amountKopecks: 663_100n })).rejects.toMatchObject({ details: { refundableKopecks: "326200" } });
  // The bank sum by both payments, one row each.
  await cancelRefund(t.director.ctx, { refundId: byBank!.refundId, text: "передумали" });
  const rows = await requestRefund(t.manager.ctx, wish(order.orderId, { amountKopecks: 1_000_000n, formKey: "both" }));
  expect(rows.map((row) => row.amountKopecks)).toEqual([663_100n, 336_900n]);
  expect(new Set(rows.map((row) => row.paymentFactId)).size).toBe(2);
  expect(await requestRefund(t.manager.ctx, wish(order.orderId, { amountKopecks: 1_000_000n, formKey: "both" }))).toEqual(rows);
  for (const { refundId } of rows) await approveRefund(t.director.ctx, { refundId });
  await letTimePass(t, 90);
  expect((await moneyOf(t, order.orderId)).facts.filter((fact) => fact.kind === "refund_succeeded").map((fact) => fact.amountKopecks).toSorted((a, b) => Number(a - b))).toEqual([336_900n, 663_100n]);
});

test("PAY-16: a payment whose sum is in doubt is not refunded", async () => {
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "card");
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success", amount: "6000.00" });
  await letTimePass(t, 30);
  await expect(t.asked(order.orderId, { amountKopecks: 100n })).rejects.toMatchObject({ code: "conflict", details: { reason: "amount_mismatch" } });
});

test("PAY-06: while 1C has not made the order smaller, what looks due is not asked for", async () => {
  const order = await aPaidOrder(t);
  await t.approved(order.orderId, { reason: "order_reduction" });
  await letTimePass(t, 60);
  expect(await linkOf(order.orderId)).toBeNull();
  expect(await readRefundable(t.ctx, order.orderId)).toMatchObject({ awaitsRevision: true, refundableKopecks: 598_550n });
  const other = await aPaidOrder(t);
  await t.approved(other.orderId, { reason: "other", reasonText: "ошиблись" });
  await letTimePass(t, 60);
  expect(await linkOf(other.orderId)).toEqual({ amountKopecks: 64_550n });
});

test("FISC-45: by lines: the sum follows the quantity, the cheaper piece goes last, never more than sold", async () => {
  const order = await aPaidOrder(t, { lines: [{ name: "Винт", quantity: "3", sumKopecks: 1_000n }] });
  const [line] = (await readRefundable(t.ctx, order.orderId))!.lines;
  const one = { lines: [{ orderLineId: line!.orderLineId, quantity: "1" }], amountKopecks: null };
  const sums = [];
  for (let i = 0; i < 3; i++) sums.push((await requestRefund(t.manager.ctx, wish(order.orderId, one)))[0]!.amountKopecks);
  expect(sums).toEqual([334n, 333n, 333n]);
  await expect(requestRefund(t.manager.ctx, wish(order.orderId, one))).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("не больше") });
});

test("the queue of decisions: own store only, paged, and nobody is asked about his own wish", async () => {
  const order = await aPaidOrder(t);
  const [first, second] = [await t.asked(order.orderId, { amountKopecks: 100n }), await t.asked(order.orderId, { amountKopecks: 200n })];
  const all = await listRefunds(t.ctx, viewerOf({ role: "director", storeId: null }), { show: "approve", isTest: true, limit: 200 });
  const mine = all.filter((refund) => refund.orderId === order.orderId);
  expect(mine).toMatchObject([{ refundId: first, requestedByName: "Анна Соколова", state: "requested", payMethod: "card", lines: [] }, { refundId: second }]);
  const { requestedAt, refundId } = mine[0]!;
  const next = await listRefunds(t.ctx, viewerOf({ role: "director", storeId: null }), { show: "approve", isTest: true, limit: 1, before: { requestedAt, refundId } });
  expect(next.map((refund) => refund.refundId)).toEqual([second]);
  expect(await listRefunds(t.ctx, viewerOf({ role: "manager", storeId: null }), { show: "all", isTest: true })).toEqual([]);
  expect(await listRefunds(t.ctx, viewerOf({ role: "director", storeId: null }), { show: "all", isTest: false })).toEqual([]);
  const before = await countToApprove(t.accountant.ctx, true);
  await requestRefund(t.accountant.ctx, wish(order.orderId, { amountKopecks: 300n }));
  expect(await countToApprove(t.accountant.ctx, true)).toBe(before);
  expect(await countToApprove(t.director.ctx, true)).toBeGreaterThan(before);
  expect(await countToApprove(t.manager.ctx, true)).toBe(0);
});

test("a double click asks once", async () => {
  const order = await aPaidOrder(t);
  const made = await Promise.all([1, 2, 3].map(() => requestRefund(t.manager.ctx, wish(order.orderId, { formKey: `key-${order.orderId}` }))));
  expect(new Set(made.map(([row]) => row!.refundId)).size).toBe(1);
});

test("PAY-21: the consumer's ten days: day 7 is P2, day 9 is P1", async () => {
  const order = await aPaidOrder(t);
  const today = t.ctx.now().toISOString().slice(0, 10);
  await t.asked(order.orderId, { demandedOn: today });
  const at = t.ctx.now();
  await watchRefunds(t.ctx);
  expect(await t.openAlerts(order.orderId, "ALR-19")).toHaveLength(0);
  t.clock.set(new Date(at.getTime() + 7 * 86_400_000));
  await watchRefunds(t.ctx);
  await watchRefunds(t.ctx);
  expect(await t.openAlerts(order.orderId, "ALR-19")).toMatchObject([{ severity: "P2" }]);
  t.clock.set(new Date(at.getTime() + 9 * 86_400_000));
  await watchRefunds(t.ctx);
  expect(await t.openAlerts(order.orderId, "ALR-19")).toMatchObject([{ severity: "P1" }]);
  t.clock.set(at);
});

test("LOST-06, LOST-09: one surplus goes back once: not by two requests, and not after it was kept as an advance", async () => {
  const order = await paidTwice(t);
  const surplus = { amountKopecks: 663_100n, reason: "double_payment" } as const;
  const [first, second] = [await t.asked(order.orderId, surplus), await t.asked(order.orderId, { ...surplus, paymentFactId: order.first })];
  await approveRefund(t.director.ctx, { refundId: first });
  await expect(approveRefund(t.director.ctx, { refundId: second })).rejects.toMatchObject({ code: "conflict", details: { reason: "refund_limit", refundableKopecks: "0" }, message: expect.stringContaining("Свободной переплаты по заказу нет") });
  await letTimePass(t, 60);
  expect(await moneyOf(t, order.orderId)).toMatchObject({ status: "paid" });
  await expect(t.asked(order.orderId, surplus)).rejects.toMatchObject({ code: "conflict" });

  const other = await paidTwice(t);
  const waiting = await t.asked(other.orderId, { paymentFactId: other.first, amountKopecks: 663_100n, reason: "overpayment" });
  await moveMoney(t.accountant.ctx, { factId: other.second, fromOrderId: other.orderId, toOrderId: null, amountKopecks: 563_100n, reason: "оставить авансом" });
  await expect(approveRefund(t.director.ctx, { refundId: waiting })).rejects.toMatchObject({ code: "conflict", details: { refundableKopecks: "100000" }, message: expect.stringContaining("не больше 1\u202F000,00") });
  expect((await t.stateOf(waiting)).state).toBe("requested");
});

test("LOST-06: a surplus that an earlier promise may have made is not given back beside it; a later promise takes nothing of one that is approved", async () => {
  const draft = aDraft({ totalKopecks: 50_000n });
  const orderId = await paidByCard(t, draft);
  // Goods come back, the money goes by a transfer that takes days, and 1C makes the order cheaper for them.
  await t.approved(orderId, { amountKopecks: 10_000n, reason: "goods_return", method: "bank_transfer" });
  await upload(t, t.shop, changed(draft, { totalKopecks: 40_000n, lines: [{ ...draft.lines[0]!, sumKopecks: 40_000n, priceKopecks: 40_000n, vatKopecks: 7_213n }] }));
  await expect(t.asked(orderId, { amountKopecks: 10_000n, reason: "overpayment" })).rejects.toMatchObject({ details: { reason: "refund_limit", refundableKopecks: "0" } });

  const twice = await paidTwice(t);
  const surplus = await t.approved(twice.orderId, { paymentFactId: twice.second, amountKopecks: 663_100n, reason: "double_payment" });
  await t.advance(1);
  await t.approved(twice.orderId, { paymentFactId: twice.first, amountKopecks: 64_550n, reason: "goods_return", method: "bank_transfer" });
  await letTimePass(t, 60);
  expect((await t.stateOf(surplus)).state).toBe("succeeded");
});
