/** A surplus that the buyer kept as an advance: which receipts it has when it goes back, and what its order may offset afterwards (LOST-09, LOST-24, FISC-21). */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { bindPayment, moveMoney } from "@/lib/allocations/index.ts";
import { closeReceipt } from "@/lib/fiscal/index.ts";
import { findBreaks } from "@/lib/invariants/index.ts";
import { localDate } from "@/lib/kit/time.ts";
import { approveRefund, confirmBankRefund, readOrderRefunds, recordBouncedRefund, requestRefund } from "@/lib/refunds/index.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { closingsOf, givenBackAtBank, shipLine } from "@/lib/testing/money-back.ts";
import { letTimePass, paidByCard, paidTwice } from "@/lib/testing/paid-order.ts";
import { openRefundWorld } from "@/lib/testing/refund-world.ts";
import type { RefundWorld } from "@/lib/testing/refund-world.ts";
import { receiptsOf } from "@/lib/testing/shop-day.ts";

let t: RefundWorld;
beforeAll(async () => {
  t = await openRefundWorld();
});
afterAll(() => t.close());
afterEach(async () => {
  await t.disarmFaults();
  expect((await findBreaks(t.ctx)).filter(({ count }) => count > 0)).toEqual([]);
});

/** Paid 500.00 for 400.00; the surplus is kept as the buyer's advance. */
async function withAdvance() {
  const draft = aDraft({ totalKopecks: 50_000n });
  const orderId = await paidByCard(t, draft);
  const cheaper = changed(draft, { totalKopecks: 40_000n, lines: [{ ...draft.lines[0]!, sumKopecks: 40_000n, priceKopecks: 40_000n, vatKopecks: 7_213n }] });
  await upload(t, t.shop, cheaper);
  const [fact] = await t.ctx.database.sql<{ factId: string }[]>`select fact_id from allocations where order_id = ${orderId}`;
  await moveMoney(t.accountant.ctx, { factId: fact!.factId, fromOrderId: orderId, toOrderId: null, amountKopecks: 10_000n, reason: "оставить на следующий заказ" });
  return { orderId, factId: fact!.factId, draft, cheaper };
}

test("LOST-09, LOST-11: a payment of which a part was kept as an advance goes back whole: one return receipt on its order, nothing waits for a person", async () => {
  const { orderId, factId } = await withAdvance();
  await givenBackAtBank(t, factId, "500.00");
  expect((await receiptsOf(t, orderId)).map(({ kind, state, totalKopecks }) => [kind, state, totalKopecks])).toEqual([["income", "registered", 50_000n], ["income_return", "registered", 50_000n]]);
  expect(await t.openAlerts(orderId, "ALR-08")).toEqual([]);
});

type Kept = Awaited<ReturnType<typeof withAdvance>>;
/** Dear again: 1C puts the hundred back on the order, and hands it over. */
async function shippedDear({ orderId, draft, cheaper }: Pick<Kept, "orderId" | "draft" | "cheaper">) {
  await upload(t, t.shop, changed(cheaper, { totalKopecks: 50_000n, lines: draft.lines }));
  await shipLine(t, orderId, draft.lines[0]!.name);
}
const kinds = async (orderId: string) => (await receiptsOf(t, orderId)).map(({ kind, state, reasonCode, totalKopecks }) => [kind, reasonCode ?? state, totalKopecks]);
const payOut = (refundId: string, documentNumber: string) => confirmBankRefund(t.accountant.ctx, { refundId, documentNumber, documentDate: localDate(t.ctx.now(), t.ctx.zone) });
const bounced = (refundId: string) => recordBouncedRefund(t.accountant.ctx, { refundId, reason: "вернулось по выписке" });

async function advanceBack({ factId }: Pick<Kept, "factId">, method: "instrument" | "cash" | "bank_transfer"): Promise<string> {
  const [refund] = await requestRefund(t.accountant.ctx, { orderId: null, paymentFactId: factId, amountKopecks: 10_000n, reason: "other", reasonText: "новый заказ не нужен", method });
  await approveRefund(t.director.ctx, { refundId: refund!.refundId });
  if (method !== "instrument") await payOut(refund!.refundId, `РКО-${refund!.refundId.slice(-6)}`);
  await letTimePass(t, 60);
  return refund!.refundId;
}

/** The register refused the return receipt of the order, and a person closed it. */
async function refusedAndClosed(orderId: string, note: string) {
  const { id } = (await receiptsOf(t, orderId)).find(({ kind }) => kind === "income_return")!;
  await t.ctx.database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update receipts set state = 'failed_final', fn_number = null, fd_number = null, fiscal_sign = null where id = ${id as string}`;
  });
  await closeReceipt(t.accountant.ctx, { receiptId: id as string, note });
}

test("LOST-09: a kept advance that is given back has its return receipt on the order it was paid for, and that order offsets what is its own", async () => {
  const kept = await withAdvance();
  await advanceBack(kept, "instrument");
  expect(await kinds(kept.orderId)).toEqual([["income", "registered", 50_000n], ["income_return", "registered", 10_000n]]);
  await shippedDear(kept);
  expect(await closingsOf(t, kept.orderId)).toEqual([["registered", null, 40_000n]]);
});

test("FISC-00, LOST-09: an advance given back over the store's register, or whose return a person closed as printed elsewhere, is offset no more", async () => {
  const inCash = await withAdvance();
  await advanceBack(inCash, "cash");
  await shippedDear(inCash);
  expect(await closingsOf(t, inCash.orderId)).toEqual([["registered", null, 40_000n]]);
  const closed = await withAdvance();
  await advanceBack(closed, "instrument");
  await refusedAndClosed(closed.orderId, "пробит на кассе магазина");
  await shippedDear(closed);
  expect(await closingsOf(t, closed.orderId)).toEqual([["registered", null, 40_000n]]);
});

test("FISC-00: what an order gave back in cash it does not offset when it becomes dear again", async () => {
  const draft = aDraft({ totalKopecks: 50_000n });
  const orderId = await paidByCard(t, draft);
  const cheaper = changed(draft, { totalKopecks: 40_000n, lines: [{ ...draft.lines[0]!, sumKopecks: 40_000n, priceKopecks: 40_000n, vatKopecks: 7_213n }] });
  await upload(t, t.shop, cheaper);
  await payOut(await t.approved(orderId, { amountKopecks: 10_000n, reason: "overpayment", method: "cash" }), "РКО-1");
  await shippedDear({ orderId, draft, cheaper });
  expect(await closingsOf(t, orderId)).toEqual([["registered", null, 40_000n]]);
});

test("LOST-24: a payment that went back whole and came back: its receipt serves the next ways back, in whatever parts", async () => {
  const kept = await withAdvance();
  await givenBackAtBank(t, kept.factId, "500.00");
  await bounced((await readOrderRefunds(t.ctx, kept.orderId))[0]!.refundId);
  // Two tasks: what stood on the order, and the advance.
  const tasks = await t.ctx.database.sql<{ id: string; orderId: string | null; amountKopecks: bigint }[]>`select id, order_id, amount_kopecks from refunds where payment_fact_id = ${kept.factId} and state = 'requested' order by amount_kopecks`;
  expect(tasks).toMatchObject([{ orderId: null, amountKopecks: 10_000n }, { orderId: kept.orderId, amountKopecks: 40_000n }]);
  for (const [i, task] of tasks.entries()) {
    await approveRefund(t.director.ctx, { refundId: task.id });
    await payOut(task.id, `ПП-${i}`);
  }
  expect(await kinds(kept.orderId)).toEqual([["income", "registered", 50_000n], ["income_return", "registered", 50_000n], ["income_return", "return_stands", 10_000n], ["income_return", "return_stands", 40_000n]]);
  await shipLine(t, kept.orderId, kept.draft.lines[0]!.name);
  expect(await closingsOf(t, kept.orderId)).toEqual([["not_required", "paid_elsewhere", 0n]]);
});

test("LOST-24, LOST-09: an advance whose way back bounced pays its order again: its return receipt stays, the order offsets no more than the receipts hold", async () => {
  const kept = await withAdvance();
  await bounced(await advanceBack(kept, "instrument"));
  await upload(t, t.shop, changed(kept.cheaper, { totalKopecks: 50_000n, lines: kept.draft.lines }));
  await bindPayment(t.accountant.ctx, { factId: kept.factId, orderId: kept.orderId, reason: "обратно на заказ" });
  await shipLine(t, kept.orderId, kept.draft.lines[0]!.name);
  expect(await closingsOf(t, kept.orderId)).toEqual([["registered", null, 40_000n]]);
});

test("LOST-24: a return of two orders that came back waits for its next way on each of them, and neither prints a second receipt", async () => {
  const from = await paidTwice(t);
  const to = await anOrder(t, { ...t.shop, lines: [{ name: "Чайник", sumKopecks: 100_000n }, { name: "Чашка", sumKopecks: 100_000n }] });
  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru' where id in (${from.orderId}, ${to.orderId})`;
  await moveMoney(t.accountant.ctx, { factId: from.second, fromOrderId: from.orderId, toOrderId: to.orderId, amountKopecks: 100_000n, reason: "согласен, звонок" });
  await givenBackAtBank(t, from.second, "6631.00");
  await bounced((await readOrderRefunds(t.ctx, from.orderId))[0]!.refundId);
  const tasks = await t.ctx.database.sql<{ id: string }[]>`select id from refunds where payment_fact_id = ${from.second} and state = 'requested' order by amount_kopecks`;
  for (const [i, { id }] of tasks.entries()) {
    await approveRefund(t.director.ctx, { refundId: id });
    await payOut(id, `П-${i}`);
  }
  expect(await kinds(to.orderId)).toEqual([["income_return", "registered", 100_000n], ["income_return", "return_stands", 100_000n]]);
  expect((await kinds(from.orderId)).slice(2)).toEqual([["income_return", "registered", 563_100n], ["income_return", "return_stands", 563_100n]]);
  expect(await t.openAlerts(to.orderId, "ALR-08")).toEqual([]);
});

test("LOST-24: money whose return came back does not move to another order while its receipt waits for the next way back", async () => {
  const kept = await withAdvance();
  await bounced(await advanceBack(kept, "instrument"));
  const [next] = await upload(t, t.shop, aDraft({ totalKopecks: 10_000n, buyer: kept.draft.buyer }));
  await expect(bindPayment(t.accountant.ctx, { factId: kept.factId, orderId: next!.orderId!, reason: "на новый заказ" })).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("не дошёл до покупателя") });
  const [task] = await t.ctx.database.sql<{ id: string }[]>`select id from refunds where payment_fact_id = ${kept.factId} and state = 'requested'`;
  await approveRefund(t.director.ctx, { refundId: task!.id });
  await payOut(task!.id, "ПП-9");
  expect((await kinds(kept.orderId)).slice(1)).toEqual([["income_return", "registered", 10_000n], ["income_return", "return_stands", 10_000n]]);
});

test("LOST-24: a return that was closed because the refund came back is no receipt of the next one", async () => {
  const kept = await withAdvance();
  const refundId = await advanceBack(kept, "instrument");
  await refusedAndClosed(kept.orderId, "возврат не состоялся, чек не нужен");
  await bounced(refundId);
  await advanceBack(kept, "bank_transfer");
  await letTimePass(t, 30);
  expect((await kinds(kept.orderId)).slice(1)).toEqual([["income_return", "closed_by_staff", 10_000n], ["income_return", "registered", 10_000n]]);
  await shipLine(t, kept.orderId, kept.draft.lines[0]!.name);
  expect(await closingsOf(t, kept.orderId)).toEqual([["registered", null, 40_000n]]);
});

test("LOST-09, invariant 11: an advance that left a cheaper order and was given back raises no alarm there", async () => {
  const from = await paidTwice(t);
  const draft = aDraft({ totalKopecks: 10_000n });
  const [to] = await upload(t, t.shop, draft);
  await t.ctx.database.sql`update orders set contact = 'ivanov@example.ru' where id in (${from.orderId}, ${to!.orderId})`;
  await moveMoney(t.accountant.ctx, { factId: from.second, fromOrderId: from.orderId, toOrderId: to!.orderId, amountKopecks: 10_000n, reason: "согласен" });
  await upload(t, t.shop, changed(draft, { totalKopecks: 6_000n, lines: [{ ...draft.lines[0]!, sumKopecks: 6_000n, priceKopecks: 6_000n, vatKopecks: 1_082n }] }));
  await moveMoney(t.accountant.ctx, { factId: from.second, fromOrderId: to!.orderId, toOrderId: null, amountKopecks: 4_000n, reason: "согласен" });
  const [refund] = await requestRefund(t.accountant.ctx, { orderId: null, paymentFactId: from.second, amountKopecks: 4_000n, reason: "other", reasonText: "не нужен", method: "instrument" });
  await approveRefund(t.director.ctx, { refundId: refund!.refundId });
  await letTimePass(t, 60);
  await shipLine(t, to!.orderId!, draft.lines[0]!.name);
  expect(await kinds(to!.orderId!)).toEqual([["income_return", "registered", 4_000n], ["income", "registered", 6_000n]]);
});
