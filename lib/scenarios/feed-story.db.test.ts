/** What a 1C base by JSON hears of the whole life of orders: the sandbox's bank and register, an accountant's files. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { moveMoney } from "@/lib/allocations/index.ts";
import { changeDispute, openDispute } from "@/lib/disputes/index.ts";
import { ackChanges, readChanges } from "@/lib/feed/index.ts";
import type { FeedItem } from "@/lib/feed/index.ts";
import { createConnection } from "@/lib/connections/index.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { localDate } from "@/lib/kit/time.ts";
import { newId } from "@/lib/kit/ids.ts";
import { readAttempt, renewLink } from "@/lib/payments/index.ts";
import { uploadBankStatement, uploadRegistry } from "@/lib/reconciliation/index.ts";
import { absorbProviderRefunds, approveRefund, recordBouncedRefund, requestRefund } from "@/lib/refunds/index.ts";
import { viewShopOrder } from "@/lib/shops/view-order.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { jsonClient } from "@/lib/testing/json-client.ts";
import { OrderAnswer } from "@/lib/onec/json/schema-money.ts";
import { aCompany, aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { aPaidOrder, letTimePass, paymentOf } from "@/lib/testing/paid-order.ts";
import { registryFile, statementFile } from "@/lib/testing/registry-lines.ts";

let t: MoneyWorld;
let accountant: MadeStaff;
let director: MadeStaff;
beforeAll(async () => {
  t = await openMoneyWorld();
  await t.ctx.database.sql`update connections set settings = settings || '{"doors": ["commerceml", "json"], "moneyChannel": "json"}' where id = ${t.shop.onecId}`;
  accountant = await aStaff(t, { role: "accountant" });
  director = await aStaff(t, { role: "director" });
});
afterAll(() => t.close());
afterEach(async () => {
  await t.disarmFaults();
  expect((await checkInvariants(t.ctx)).filter((each) => each.count > 0)).toEqual([]);
});

/** What came since the last time, as 1C fetches it: read, then acknowledged. */
async function news(orderId?: string): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  for (;;) {
    const page = await readChanges(t.ctx, t.shop.onecId, { since: null, limit: 50 });
    items.push(...page.items);
    if (page.items.length > 0) await ackChanges(t.ctx, t.shop.onecId, { cursor: page.cursor });
    if (!page.hasMore) return items.filter((item) => orderId === undefined || (item["order"] as { siteId: string }).siteId === orderId);
  }
}

/** What a base that mends itself by reading an order finds there of money that went back. */
async function refundsOf(orderId: string): Promise<[string, string, string][]> {
  const { refunds } = OrderAnswer.parse((await jsonClient(t, "1c").get(`/orders/${orderId}`)).json);
  return refunds.map(({ id, amount, state }) => [id, amount, state]);
}
const refundOf = (item: FeedItem) => item["refund"] as { id: string; amount: string };

test("the payment, its receipt, a refund with its receipt, the payout with its fee: each told once, in this order", async () => {
  const paid = await aPaidOrder(t, { contact: "feed@example.ru" });
  await letTimePass(t, 60);
  const told = await news(paid.orderId);
  expect(told.map((item) => item.type)).toEqual(["payment.succeeded", "receipt.registered"]);
  expect(told[0]).toMatchObject({
    key: `payment:${paid.factId}`,
    payment: {
      id: paid.factId, amount: "6631.00", method: "card", acquirer: "paykeeper", acquirerId: paid.bankPaymentId, maskedPan: expect.stringMatching(/^\*{12}\d{4}$/),
      vat: [{ rate: "10", amount: "1291.00", vatAmount: "117.36" }, { rate: "22", amount: "5340.00", vatAmount: "962.95" }],
    },
    balance: { paid: "6631.00", refunded: "0.00", due: "0.00" },
  });
  expect(told[1]).toMatchObject({ payment: { id: paid.factId }, receipt: { kind: "income", fn: expect.stringMatching(/^\d{16}$/), fd: expect.stringMatching(/^\d+$/), url: expect.stringContaining("http"), amount: "6631.00" }, balance: { paid: "6631.00" } });

  const [refund] = await requestRefund(accountant.ctx, { orderId: paid.orderId, paymentFactId: null, amountKopecks: 64_550n, reason: "goods_return", reasonText: null, method: "instrument" });
  expect(await refundsOf(paid.orderId)).toEqual([[refund!.refundId, "645.50", "requested"]]);
  await approveRefund(director.ctx, { refundId: refund!.refundId });
  await letTimePass(t, 120);
  const back = await news(paid.orderId);
  expect(back.map((item) => item.type)).toEqual(["refund.succeeded", "receipt.registered"]);
  expect(back[0]).toMatchObject({ payment: { id: paid.factId }, key: `refund:${refund!.refundId}`, refund: { id: refund!.refundId, paymentId: paid.factId, amount: "645.50" }, balance: { paid: "6631.00", refunded: "645.50", due: "645.50" } });
  expect(back[1]).toMatchObject({ receipt: { kind: "income_return", amount: "645.50" } });
  expect(await refundsOf(paid.orderId)).toEqual([[refund!.refundId, "645.50", "succeeded"]]);

  const day = localDate(t.ctx.now(), t.ctx.zone);
  await uploadRegistry(accountant.ctx, { connectionId: t.acquirer.connectionId, fileName: "r.csv", bytes: registryFile([{ id: paid.bankPaymentId, kopecks: 663_100n, feeKopecks: 13_926n, payoutId: "P-77", payoutDay: day, day }]) });
  await drainJobs(t, { mayFail: true });
  expect(await news(paid.orderId)).toMatchObject([{ type: "payout.registered", payment: { id: paid.factId }, payout: { id: "P-77", date: day, gross: "6631.00", fee: "139.26", net: "6491.74" } }]);
  // The payment read again for repair names its fee now.
  const again = (await readChanges(t.ctx, t.shop.onecId, { since: "0", limit: 1_000 })).items.find((item) => item.key === `payment:${paid.factId}`);
  expect(again).toMatchObject({ payment: { fee: "139.26", net: "6491.74" } });
  const [exported] = await t.ctx.database.sql`select count(*)::int as count, count(*) filter (where state = 'confirmed')::int as confirmed from export_messages where order_id = ${paid.orderId}`;
  expect(exported).toEqual({ count: 2, confirmed: 2 });
});

test("payment.failed: a final refusal of the bank is told once, with its reason", async () => {
  await news();
  const order = await anOrder(t, t.shop);
  const { attemptId } = await t.pay(order, "sbp");
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "decline", method: "sbp" });
  await readAttempt(t.ctx, attemptId);
  await readAttempt(t.ctx, attemptId);
  expect(await news(order.orderId)).toMatchObject([{ type: "payment.failed", key: `attempt:${attemptId}`, payment: { id: "", amount: "6631.00", method: "sbp", failReason: "failed" }, balance: { paid: "0.00", due: "6631.00" } }]);
});

test("order.expired: the link ran out with money due; a new link that is paid is told as ever", async () => {
  await news();
  const order = await anOrder(t, t.shop);
  await t.advance(4 * 86_400);
  await sweep(t.ctx);
  expect(await news(order.orderId)).toMatchObject([{ type: "order.expired", payment: null, balance: { paid: "0.00", due: "6631.00" } }]);
  const link = await renewLink(t.ctx, order.orderId);
  const { attemptId } = await t.pay({ ...order, link }, "sbp");
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success", method: "sbp" });
  await readAttempt(t.ctx, attemptId);
  await drainJobs(t, { mayFail: true });
  expect((await news(order.orderId))[0]).toMatchObject({ type: "payment.succeeded", key: `payment:${(await paymentOf(t, attemptId)).factId}` });
});

test("LOST-23: a company's transfer of the bank's statement, bound to its order, is an invoice.matched", async () => {
  await news();
  const account = "40702810900000000029";
  await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, is_default) values (${newId()}, ${t.shop.sellerOrgId}, 'Банк', '044525225', ${account}, true)`;
  const draft = aDraft({ totalKopecks: 77_000n, buyer: aCompany() });
  const [result, other] = [...(await upload(t, t.shop, draft)), ...(await upload(t, t.shop, aDraft({ totalKopecks: 30_000n, buyer: draft.buyer })))];
  await uploadBankStatement(accountant.ctx, {
    fileName: "kl.txt", isTest: true,
    bytes: statementFile(account, [{ number: "501", day: localDate(t.ctx.now(), t.ctx.zone), kopecks: 100_000n, purpose: `Оплата по счету ${draft.number}`, payerInn: draft.buyer.inn!, payerName: "ООО Северный Мастер", payerAccount: "40702810900000000777" }]),
  });
  await drainJobs(t, { mayFail: true });
  const [advance] = await t.ctx.database.sql<{ factId: string; orderId: string | null }[]>`select f.id as fact_id, a.order_id from money_facts f join allocations a on a.fact_id = f.id where f.document_number = '501' or f.document_key like '%501%' limit 1`;
  expect(advance).toBeDefined();
  expect(advance!.orderId).toBeNull();
  expect(await news()).toEqual([]);
  await moveMoney(accountant.ctx, { factId: advance!.factId, fromOrderId: null, toOrderId: result!.orderId!, amountKopecks: 77_000n, reason: "счёт покупателя" });
  expect(await news(result!.orderId!)).toMatchObject([{ type: "invoice.matched", key: `payment:${advance!.factId}`, payment: { documentNumber: "501", amount: "770.00", method: "bank_transfer" }, balance: { paid: "770.00", due: "0.00" } }]);
  // The rest of the transfer is another order's: news of its own, with its own part of the sum.
  await moveMoney(accountant.ctx, { factId: advance!.factId, fromOrderId: null, toOrderId: other!.orderId!, amountKopecks: 23_000n, reason: "остаток перевода" });
  expect(await news(other!.orderId!)).toMatchObject([
    { type: "invoice.matched", key: expect.stringMatching(new RegExp(`^payment:${advance!.factId}:`)), payment: { id: advance!.factId, documentNumber: "501", amount: "230.00" }, balance: { paid: "230.00", due: "70.00" } },
  ]);
  // 1C makes the first order cheaper: what only moves between orders that it knows is no more money of the transfer (ALR-13 asks a person).
  await upload(t, t.shop, changed(draft, { totalKopecks: 70_000n }));
  await news();
  await moveMoney(accountant.ctx, { factId: advance!.factId, fromOrderId: result!.orderId!, toOrderId: other!.orderId!, amountKopecks: 7_000n, reason: "излишек первого заказа" });
  expect(await news()).toEqual([]);
});

test("invariant 13, API-24: a refund and a dispute of a payment that stands on two orders are told of each order with its own part, under a key of its own", async () => {
  await news();
  const from = await anOrder(t, t.shop);
  const to = await anOrder(t, { ...t.shop, lines: [{ name: "Чайник", sumKopecks: 100_000n }] });
  const { connectionId: shopId } = await createConnection(t.ctx, {
    kind: "shop", provider: "shop", name: "Витрина", sellerOrgId: null, storeId: t.shop.storeId, environment: "test", settings: { onecConnectionId: t.shop.onecId }, secret: { apiKey: "shop-key-0123456789abcdef" },
  });
  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru', shop_connection_id = case when id = ${to.orderId} then ${shopId}::uuid end where id in (${from.orderId}, ${to.orderId})`;
  const { attemptId } = await t.pay(from, "card");
  const invoice = await t.bankId(attemptId);
  await t.sandbox.control(`pay/${invoice}`, { outcome: "success" });
  await t.advance(3);
  await t.sandbox.control(`pay/${invoice}`, { outcome: "success", late: true });
  await letTimePass(t, 60);
  const [second] = await t.ctx.database.sql<{ id: string; bankId: string }[]>`
    select f.id, f.provider_payment_id as bank_id from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${from.orderId} and f.kind = 'payment_captured' order by f.occurred_at desc limit 1`;
  await moveMoney(accountant.ctx, { factId: second!.id, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 100_000n, reason: "согласен, звонок" });
  await news();
  const { disputeId } = (await openDispute(director.ctx, { payment: { factId: second!.id }, providerDisputeId: "CB-1", amountKopecks: 663_100n, occurredAt: t.ctx.now(), reasonText: null, deadlineOn: null }))!;
  const disputed = await news();
  expect(disputed.map((item) => [item.type, (item["order"] as { siteId: string }).siteId, (item["payment"] as { id: string; amount: string }).amount, item["balance"]])).toEqual([
    ["payment.disputed", from.orderId, "5631.00", { paid: "6631.00", refunded: "0.00", due: "0.00" }],
    ["payment.disputed", to.orderId, "1000.00", { paid: "0.00", refunded: "0.00", due: "1000.00" }],
  ]);
  await changeDispute(director.ctx, { disputeId, state: "under_review", text: "Документы отправлены" });
  await changeDispute(director.ctx, { disputeId, state: "won", text: "Банк отказал покупателю" });
  expect((await news()).map((item) => [(item["payment"] as { kind: string; amount: string }).kind, (item["payment"] as { amount: string }).amount])).toEqual([["chargeback_reversed", "5631.00"], ["chargeback_reversed", "1000.00"]]);
  // The bank's cabinet gives the whole payment back.
  await t.sandbox.control(`paykeeper/refund/${second!.bankId}`, { amount: "6631.00" });
  await t.advance(10);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await absorbProviderRefunds(t.ctx, t.acquirer.connectionId, second!.bankId)).toBe("changed");
  const page = await readChanges(t.ctx, t.shop.onecId, { since: null, limit: 50 });
  const back = page.items.filter((item) => item.type === "refund.succeeded");
  expect(back.map((item) => [(item["order"] as { siteId: string }).siteId, (item["refund"] as { amount: string }).amount, (item["refund"] as { paymentId: string }).paymentId])).toEqual([[from.orderId, "5631.00", second!.id], [to.orderId, "1000.00", second!.id]]);
  expect(new Set(back.flatMap((item) => [item.key, `refund:${(item["refund"] as { id: string }).id}`])).size).toBe(2);
  expect(back[1]!["balance"]).toEqual({ paid: "1000.00", refunded: "1000.00", due: "1000.00" });
  // The same ids, sums and orders when 1C reads the orders instead.
  const parts = back.map((item) => refundOf(item).id);
  expect([await refundsOf(from.orderId), await refundsOf(to.orderId)]).toEqual([[[parts[0], "5631.00", "succeeded"]], [[parts[1], "1000.00", "succeeded"]]]);
  const [toShop] = (await readChanges(t.ctx, shopId, { since: null, limit: 50 })).items.filter((item) => item.type === "refund.succeeded");
  expect(await viewShopOrder(t.ctx, shopId, to.orderId)).toMatchObject({ payments: [{ id: second!.id, amount: "1000.00" }], refunds: [refundOf(toShop!)].map(({ id, amount }) => ({ id, amount })) });
  // Each part waits for its own answer.
  await ackChanges(t.ctx, t.shop.onecId, { cursor: page.cursor, documents: [{ key: back[0]!.key, number: "ВК-1" }], rejected: [{ key: back[1]!.key, msg: "Период закрыт" }] });
  const told = await t.ctx.database.sql`
    select m.order_id, m.amount_kopecks, m.state, m.onec_document_number from export_messages m join money_facts f on f.id = m.fact_id where f.parent_fact_id = ${second!.id} and f.kind = 'refund_succeeded' order by m.amount_kopecks desc`;
  expect([...told]).toEqual([{ orderId: from.orderId, amountKopecks: 563_100n, state: "confirmed", onecDocumentNumber: "ВК-1" }, { orderId: to.orderId, amountKopecks: 100_000n, state: "rejected", onecDocumentNumber: null }]);
  // Money that came back names the refunds that it undoes.
  const [refund] = await t.ctx.database.sql<{ id: string }[]>`select id from refunds where payment_fact_id = ${second!.id} and state = 'succeeded'`;
  await recordBouncedRefund(accountant.ctx, { refundId: refund!.id, reason: "Вернулось из банка покупателя" });
  const undone = (await news()).filter((item) => item.type === "refund.reversed");
  expect(undone.map((item) => [refundOf(item).id, refundOf(item).amount])).toEqual([[parts[0], "5631.00"], [parts[1], "1000.00"]]);
  expect(new Set([...undone, ...back].map((item) => item.key)).size).toBe(4);
  expect([(await refundsOf(from.orderId))[0], (await refundsOf(to.orderId))[0]]).toEqual([[parts[0], "5631.00", "reversed"], [parts[1], "1000.00", "reversed"]]);
});

test("a base that changes its channel: what the stock exchange had not taken yet is in the feed; what it took is not told again", async () => {
  await t.ctx.database.sql`update connections set settings = settings || '{"moneyChannel": "commerceml"}' where id = ${t.shop.onecId}`;
  const [taken, waiting] = [await aPaidOrder(t), await aPaidOrder(t)];
  await t.ctx.database.sql`update export_messages set state = 'delivered', delivered_at = ${t.ctx.now()} where order_id = ${taken.orderId}`;
  expect(await news()).toEqual([]);
  await t.ctx.database.sql`update connections set settings = settings || '{"moneyChannel": "json"}' where id = ${t.shop.onecId}`;
  await sweep(t.ctx);
  await sweep(t.ctx);
  expect((await news()).map((item) => item.key)).toEqual([`payment:${waiting.factId}`]);
});
