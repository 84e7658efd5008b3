/** LOST-12: refunds that 1C reports or asks for, and what of ours 1C can prove (CML-32). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { confirmExportByHand } from "@/lib/onec/index.ts";
import type { OrderDraft } from "@/lib/onec/wire/index.ts";
import { openAttempt } from "@/lib/payments/index.ts";
import { approveRefund, confirmBankRefund, readOrderRefunds, requestRefund, requestRefundFromOnec } from "@/lib/refunds/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { aDraft, changed, upload } from "@/lib/testing/drafts.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { bankRefunds, letTimePass, paymentOf } from "@/lib/testing/paid-order.ts";

let t: MoneyWorld;
let accountant: MadeStaff;
let director: MadeStaff;
beforeAll(async () => {
  t = await openMoneyWorld();
  accountant = await aStaff(t, { role: "accountant" });
  director = await aStaff(t, { role: "director" });
});
afterAll(() => t.close());

async function paid() {
  const draft = aDraft({ totalKopecks: 50_000n });
  const [result] = await upload(t, t.shop, draft);
  const orderId = result!.orderId!;
  const [link] = await t.ctx.database.sql<{ id: string }[]>`select id from payment_links where order_id = ${orderId} and state = 'active'`;
  const { attemptId } = await openAttempt(t.ctx, { linkId: link!.id, orderId, method: "card", contact: "a@b.ru", amountSeenKopecks: 50_000n, formKey: newId(), returnUrl: "https://pay.test/x" });
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  await letTimePass(t, 20);
  return { draft, orderId, ...(await paymentOf(t, attemptId)) };
}

const marks = { onecNumber: null, onecDateLocal: null, posted: true, deleted: null, cancelled: null, paid: true, shipped: null, final: null, paymentNumber: null, paymentDateLocal: null, shipmentNumber: null, shipmentDateLocal: null, statusText: null, statusId: null, paymentMethod: null, paymentMethodId: null, bankDocumentNumber: null, receiptNumber: null, refund: true };
const returned = (ref: string, kopecks: bigint, given: { number?: string; operation?: string; refund?: boolean | null } = {}): OrderDraft["operations"][number] => ({
  ref, number: given.number ?? "00БП-000007", operation: given.operation ?? "Выплата безналичных денег", createdLocal: null, totalKopecks: kopecks, baseRef: null, container: null,
  marks: { ...marks, refund: given.refund === undefined ? true : given.refund }, lines: [],
});
const refundFacts = async (orderId: string) => t.ctx.database.sql<{ amountKopecks: bigint; documentKey: string | null; method: string; parentFactId: string | null }[]>`
  select f.amount_kopecks, f.document_key, f.method, f.parent_fact_id from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId} and f.kind = 'refund_succeeded'`;
const alertsOf = async (orderId: string, code: string) => t.ctx.database.sql<{ title: string }[]>`select title from alerts where order_id = ${orderId} and code = ${code} and state <> 'resolved'`;

test("LOST-12: 1C reports that the money went back: one fact with 1C's GUID, no call to the bank, nothing to tell 1C", async () => {
  const { draft, orderId, bankPaymentId, factId } = await paid();
  const guid = newId();
  const reported = changed(draft, { operations: [returned(guid, 20_000n)] });
  await upload(t, t.shop, reported);
  await upload(t, t.shop, changed(reported, { comment: "ещё раз" }));
  await letTimePass(t, 30);
  expect([...(await refundFacts(orderId))]).toEqual([{ amountKopecks: 20_000n, documentKey: guid, method: "bank_transfer", parentFactId: factId }]);
  expect(await bankRefunds(t, bankPaymentId)).toHaveLength(0);
  expect((await moneyOf(t, orderId)).exports).toHaveLength(1);
  expect(await readOrderRefunds(t.ctx, orderId)).toMatchObject([{ state: "succeeded", source: "onec", documentNumber: "00БП-000007" }]);
  expect([...(await alertsOf(orderId, "ALR-16"))]).toEqual([]);
  // Another sum in the document later, or the same document beside another order, is told and changes nothing.
  await upload(t, t.shop, changed(draft, { operations: [returned(guid, 15_000n)] }));
  const other = await paid();
  await upload(t, t.shop, changed(other.draft, { operations: [returned(guid, 20_000n)] }));
  const told = async (id: string) => [...(await refundFacts(id)).map((fact) => fact.amountKopecks), ...(await alertsOf(id, "ALR-16")).map(({ title }) => title.replaceAll("\u00A0", " "))];
  expect(await told(orderId)).toEqual([20_000n, `Возврат 1С 00БП-000007 по заказу № ${draft.number} на 150,00 ₽, а учтён на 200,00 ₽`]);
  expect(await told(other.orderId)).toEqual([`Возврат 1С 00БП-000007 по заказу № ${other.draft.number} на 200,00 ₽, а этот документ учтён по другому заказу`]);
});

test("LOST-12: a document that pays out a refund of ours fulfils it, by name «Возврат…» as well", async () => {
  const { draft, orderId } = await paid();
  const [asked] = await requestRefund(accountant.ctx, { orderId, paymentFactId: null, amountKopecks: 20_000n, reason: "other", reasonText: "по заявлению", method: "bank_transfer" });
  await approveRefund(director.ctx, asked!);
  await upload(t, t.shop, changed(draft, { operations: [returned(newId(), 20_000n, { operation: "Возврат безналичных денег", refund: null })] }));
  expect(await readOrderRefunds(t.ctx, orderId)).toMatchObject([{ refundId: asked!.refundId, state: "succeeded" }]);
  expect(await refundFacts(orderId)).toHaveLength(1);
  await expect(confirmBankRefund(accountant.ctx, { refundId: asked!.refundId, documentNumber: "1", documentDate: "2026-01-01" })).rejects.toMatchObject({ code: "conflict" });
});

test("LOST-12: an online refund that waits for approval here is cancelled, so that the money does not go twice", async () => {
  const { draft, orderId, bankPaymentId } = await paid();
  const [asked] = await requestRefund(accountant.ctx, { orderId, paymentFactId: null, amountKopecks: 20_000n, reason: "goods_return", reasonText: null, method: "instrument" });
  await upload(t, t.shop, changed(draft, { operations: [returned(newId(), 20_000n)] }));
  const states = Object.fromEntries((await readOrderRefunds(t.ctx, orderId)).map((refund) => [refund.refundId, refund.state]));
  expect(states[asked!.refundId]).toBe("canceled");
  await expect(approveRefund(director.ctx, asked!)).rejects.toMatchObject({ code: "conflict" });
  expect(await refundFacts(orderId)).toHaveLength(1);
  expect(await bankRefunds(t, bankPaymentId)).toHaveLength(0);
});

test("LOST-12: an equal online refund that has just succeeded, or more than is left: a person decides, nothing is booked", async () => {
  const { draft, orderId } = await paid();
  const [asked] = await requestRefund(accountant.ctx, { orderId, paymentFactId: null, amountKopecks: 20_000n, reason: "goods_return", reasonText: null, method: "instrument" });
  await approveRefund(director.ctx, asked!);
  await letTimePass(t, 60);
  await upload(t, t.shop, changed(draft, { operations: [returned(newId(), 20_000n)] }));
  expect(await refundFacts(orderId)).toHaveLength(1);
  expect(await alertsOf(orderId, "ALR-16")).toMatchObject([{ title: expect.stringContaining("уже прошёл через банк сайта") }]);
  const other = await paid();
  await upload(t, t.shop, changed(other.draft, { operations: [returned(newId(), 50_001n)] }));
  expect(await refundFacts(other.orderId)).toHaveLength(0);
  expect(await alertsOf(other.orderId, "ALR-16")).toMatchObject([{ title: expect.stringContaining("больше") }]);
});

test("LOST-12: 1C asks us to pay back: an ordinary request with its normal approval, the same document once", async () => {
  const { orderId, bankPaymentId } = await paid();
  const wish = { orderId, amountKopecks: 20_000n, documentKey: newId(), documentNumber: "В-1", reason: "goods_return" as const, reasonText: null, method: "instrument" as const };
  const [first] = await requestRefundFromOnec(t.ctx, wish);
  const [again] = await requestRefundFromOnec(t.ctx, wish);
  expect(again).toEqual(first);
  expect(first!.state).toBe("requested");
  await approveRefund(director.ctx, first!);
  await letTimePass(t, 60);
  expect(await bankRefunds(t, bankPaymentId)).toHaveLength(1);
  await expect(requestRefundFromOnec(t.ctx, { ...wish, documentKey: newId(), amountKopecks: 30_001n })).rejects.toMatchObject({ details: { refundableKopecks: "30000" } });
});

test("CML-32: «Номер оплаты по 1С» proves the payment and never the refund; the accountant names the refund's document", async () => {
  const { draft, orderId } = await paid();
  const [asked] = await requestRefund(accountant.ctx, { orderId, paymentFactId: null, amountKopecks: 20_000n, reason: "goods_return", reasonText: null, method: "instrument" });
  await approveRefund(director.ctx, asked!);
  await letTimePass(t, 60);
  await t.ctx.database.sql`update export_messages set state = 'delivered', delivered_at = ${t.ctx.now()} where order_id = ${orderId}`;
  await upload(t, t.shop, changed(draft, { state: { paid: { number: "УТ00-000013", dateLocal: null } } }));
  const rows = await t.ctx.database.sql<{ id: string; state: string; amountKopecks: bigint }[]>`select id, state, amount_kopecks from export_messages where order_id = ${orderId} order by seq`;
  expect(rows.map((row) => [row.amountKopecks, row.state])).toEqual([[50_000n, "confirmed"], [20_000n, "delivered"]]);
  const manager = await aStaff(t, { role: "manager", storeId: t.shop.storeId });
  await expect(confirmExportByHand(manager.ctx, { exportId: rows[1]!.id, documentNumber: "В-9" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(confirmExportByHand(accountant.ctx, { exportId: rows[1]!.id, documentNumber: " " })).rejects.toMatchObject({ code: "invalid" });
  await confirmExportByHand(accountant.ctx, { exportId: rows[1]!.id, documentNumber: "В-9" });
  await expect(confirmExportByHand(accountant.ctx, { exportId: rows[1]!.id, documentNumber: "В-9" })).rejects.toMatchObject({ code: "conflict" });
  const audit = await t.ctx.database.sql`select 1 from audit_log where action = 'export.confirmed' and object_id = ${rows[1]!.id}`;
  expect(audit).toHaveLength(1);
});
