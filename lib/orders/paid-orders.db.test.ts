/** What an upload of 1C does to an order whose money is here, on its way or in 1C (LOST-07, LOST-17, LOST-18, CML-21, CML-22, PAY-02). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { bookTransfer } from "@/lib/payments/index.ts";
import { aCompany, aDraft, anOperation, changed, upload } from "@/lib/testing/drafts.ts";
import { openTakenOrders } from "@/lib/testing/taken-orders.ts";
import type { TakenOrders } from "@/lib/testing/taken-orders.ts";

let t: TakenOrders;
beforeAll(async () => {
  t = await openTakenOrders();
});
afterAll(() => t.close());

const sql = () => t.ctx.database.sql;

test("LOST-17, CML-22: a smaller sum after payment is an overpayment with an alert; money stays", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  await t.pay(id, 100_000n);
  await upload(t, t.shop, changed(draft, { totalKopecks: 80_000n }));
  expect(await t.orderOf(draft.number)).toMatchObject({ paymentStatus: "overpaid", capturedKopecks: 100_000n, totalKopecks: 80_000n });
  expect(await t.alertsOf(id)).toMatchObject([{ code: "ALR-04", severity: "P2", state: "firing" }]);
  await upload(t, t.shop, changed(draft, { totalKopecks: 100_000n, comment: "как было" }));
  expect(await t.orderOf(draft.number)).toMatchObject({ paymentStatus: "paid" });
  expect(await t.alertsOf(id)).toMatchObject([{ code: "ALR-04", state: "resolved" }]);
});

test("LOST-17, CML-22: a larger sum after payment asks for the difference by a new link", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  await t.pay(id, 100_000n);
  expect((await t.linksOf(id)).at(-1)).toMatchObject({ state: "fulfilled" });
  t.clock.advance(1_000);
  await upload(t, t.shop, changed(draft, { totalKopecks: 130_000n }));
  expect(await t.orderOf(draft.number)).toMatchObject({ paymentStatus: "partially_paid", capturedKopecks: 100_000n });
  expect((await t.linksOf(id)).at(-1)).toMatchObject({ state: "active", amountKopecks: 30_000n });
  expect(await t.alertsOf(id)).toMatchObject([{ code: "ALR-04", severity: "P3" }]);
});

test("LOST-17: an order that 1C called paid with money of a till grows: the buyer is asked for nothing a second time, a person is told", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  await upload(t, t.shop, changed(draft, { state: { paid: { number: "ПКО-1", dateLocal: "2026-11-20T12:00:00" } } }));
  await upload(t, t.shop, changed(draft, { totalKopecks: 110_000n }));
  expect((await t.linksOf(id)).filter((link) => link.state === "active")).toEqual([]);
  expect(await t.alertsOf(id)).toMatchObject([{ code: "ALR-04", severity: "P2", state: "firing" }]);
  // Money of ours under 1C's document: the difference is asked for.
  const known = aDraft({ totalKopecks: 100_000n });
  await upload(t, t.shop, known);
  const other = await t.orderOf(known.number);
  await t.pay(other.id, 100_000n);
  await upload(t, t.shop, changed(known, { state: { paid: { number: "УТ00-1", dateLocal: "2026-11-20T12:00:00" } } }));
  await upload(t, t.shop, changed(known, { totalKopecks: 110_000n }));
  expect((await t.linksOf(other.id)).at(-1)).toMatchObject({ state: "active", amountKopecks: 10_000n });
});

test("LOST-18: a deletion mark on a paid order keeps the money, raises P1 and stops payments; without money it only closes the link", async () => {
  const [paid, unpaid] = [aDraft({ totalKopecks: 50_000n }), aDraft()];
  await upload(t, t.shop, paid, unpaid);
  const [paidOrder, unpaidOrder] = [await t.orderOf(paid.number), await t.orderOf(unpaid.number)];
  await t.pay(paidOrder.id, 50_000n);
  await upload(t, t.shop, changed(paid, { state: { deleted: true } }), changed(unpaid, { state: { deleted: true } }));
  expect(await t.orderOf(paid.number)).toMatchObject({ lifecycle: "deleted", paymentStatus: "overpaid", capturedKopecks: 50_000n });
  expect(await t.alertsOf(paidOrder.id)).toMatchObject([{ code: "ALR-05", severity: "P1" }]);
  expect(await t.orderOf(unpaid.number)).toMatchObject({ lifecycle: "deleted", paymentStatus: "nothing_due" });
  expect(await t.alertsOf(unpaidOrder.id)).toEqual([]);
  expect(await t.linksOf(unpaidOrder.id)).toMatchObject([{ state: "revoked" }]);
  // 1C takes its mark back.
  t.clock.advance(1_000);
  await upload(t, t.shop, changed(paid, { comment: "восстановлен" }), unpaid);
  expect(await t.orderOf(paid.number)).toMatchObject({ lifecycle: "active", paymentStatus: "paid" });
  expect(await t.alertsOf(paidOrder.id)).toMatchObject([{ code: "ALR-05", state: "resolved" }]);
  expect((await t.linksOf(unpaidOrder.id)).at(-1)).toMatchObject({ state: "active" });
});

test("PAY-02: 1C reports a company's payment: booked once as a transfer for what is due, without a receipt and without going back", async () => {
  const draft = aDraft({ totalKopecks: 92_110_00n, buyer: aCompany() });
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  const paid = changed(draft, { state: { paid: { number: "УТ00-000377", dateLocal: "2026-11-20T12:00:00" } } });
  await upload(t, t.shop, paid);
  expect(await t.orderOf(draft.number)).toMatchObject({ paymentStatus: "paid", capturedKopecks: 92_110_00n, onecPaymentNumber: "УТ00-000377" });
  const facts = await sql()`select f.method, f.amount_kopecks, f.document_key, f.document_number, f.business_date, f.fiscal_owner from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${id}`;
  expect([...facts]).toEqual([{ method: "bank_transfer", amountKopecks: 92_110_00n, documentKey: `${draft.onecRef}:УТ00-000377`, documentNumber: "УТ00-000377", businessDate: "2026-11-20", fiscalOwner: "site" }]);
  expect([...(await sql()`select state, reason_code from receipts where order_id = ${id}`)]).toEqual([{ state: "not_required", reasonCode: "b2b_bank_transfer" }]);
  const [owed] = await sql()`select (select count(*)::int from export_messages where order_id = ${id}) as exports, export_version = exported_version as nothing_to_give from orders where id = ${id}`;
  expect(owed).toEqual({ exports: 0, nothingToGive: true });
  expect((await t.linksOf(id)).at(-1)).toMatchObject({ state: "fulfilled" });

  await upload(t, t.shop, changed(paid, { comment: "ещё раз" }));
  expect(await t.orderOf(draft.number)).toMatchObject({ capturedKopecks: 92_110_00n });
  expect((await t.eventsOf(id)).filter((kind) => kind === "order.paid_in_onec")).toHaveLength(1);
});

test("CML-21: a person's payment in 1C closes the page and books nothing", async () => {
  const draft = aDraft();
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  await upload(t, t.shop, changed(draft, { state: { paid: { number: "УТ00-000001", dateLocal: "2026-11-20T12:00:00" } } }));
  expect(await t.orderOf(draft.number)).toMatchObject({ paymentStatus: "not_paid", capturedKopecks: 0n, onecPaymentNumber: "УТ00-000001" });
  expect(await t.linksOf(id)).toMatchObject([{ state: "fulfilled" }]);
  expect([...(await sql()`select 1 from allocations where order_id = ${id}`)]).toEqual([]);
  expect(await t.eventsOf(id)).toContain("order.paid_in_onec");
  // CML-22: an upload that says nothing of it opens nothing.
  await upload(t, t.shop, changed(draft, { comment: "без номера оплаты" }));
  expect(await t.orderOf(draft.number)).toMatchObject({ onecPaymentNumber: "УТ00-000001" });
  expect((await t.linksOf(id)).filter((link) => link.state === "active")).toEqual([]);
});

test("УНФ: a payment that 1C takes back stays booked, and staff are told until 1C posts it again", async () => {
  const draft = aDraft({ buyer: aCompany(), totalKopecks: 100_000n });
  const payment = anOperation({ totalKopecks: 60_000n, number: "УНФ-318" });
  await upload(t, t.shop, changed(draft, { operations: [payment] }));
  const { id } = await t.orderOf(draft.number);
  const says = async (marks: Partial<(typeof payment)["marks"]>, comment: string) => {
    await upload(t, t.shop, changed(draft, { comment, operations: [{ ...payment, marks: { ...payment.marks, ...marks } }] }));
    return [(await t.orderOf(draft.number)).capturedKopecks, ...(await sql()<{ title: string }[]>`select title from alerts where order_id = ${id} and code = 'ALR-16' and state = 'firing'`).map(({ title }) => title.replaceAll("\u00A0", " "))];
  };
  const told = `«Выплата безналичных денег» УНФ-318 по заказу № ${draft.number} в 1С отменён или удалён, а у нас учтён`;
  expect(await says({ deleted: true }, "1")).toEqual([60_000n, told]);
  expect(await says({}, "2")).toEqual([60_000n]);
  expect(await says({ posted: false }, "3")).toEqual([60_000n, told]);
  // The form of a payment that never came is not for money that went back.
  const back = anOperation({ operation: "Возврат безналичных денег", number: "УНФ-319", totalKopecks: 10_000n });
  await upload(t, t.shop, changed(draft, { operations: [payment, back] }));
  await upload(t, t.shop, changed(draft, { operations: [payment, { ...back, marks: { ...back.marks, deleted: true } }] }));
  expect((await sql()<{ advice: string }[]>`select advice from alerts where order_id = ${id} and state = 'firing' and title like '%УНФ-319%'`).map(({ advice }) => [advice.includes("у возврата"), advice.includes("Деньги не поступили")])).toEqual([[true, false]]);
});

test("LOST-07, CML-21: an unpaid attempt of an order paid in 1C is to be withdrawn", async () => {
  const draft = aDraft({ totalKopecks: 30_000n });
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  const attemptId = newId();
  await sql()`
    insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, is_test, created_at)
    values (${attemptId}, ${id}, ${t.shop.onecId}, 'paykeeper', 'card', ${`k-${attemptId}`}, 1, 30000, 'p', 'a@b.ru', 'pending', ${attemptId}, true, ${t.ctx.now()})`;
  await upload(t, t.shop, changed(draft, { comment: "сумма та же" }));
  const jobs = () => sql()`select data from pgboss.job where name = 'attempt.withdraw' and data->>'attemptId' = ${attemptId}`;
  expect(await jobs()).toHaveLength(0);
  await upload(t, t.shop, changed(draft, { state: { paid: { number: "УТ00-000002", dateLocal: null } } }));
  expect(await jobs()).toHaveLength(1);
});

test("LOST-07: an attempt is withdrawn also when the link is gone already", async () => {
  const draft = aDraft({ totalKopecks: 30_000n });
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  const attemptId = newId();
  await sql()`
    insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, is_test, created_at)
    values (${attemptId}, ${id}, ${t.shop.onecId}, 'paykeeper', 'card', ${`k-${attemptId}`}, 1, 30000, 'p', 'a@b.ru', 'pending', ${attemptId}, true, ${t.ctx.now()})`;
  await sql()`update payment_links set state = 'expired' where order_id = ${id}`;
  await upload(t, t.shop, changed(draft, { state: { cancelled: true } }));
  expect(await sql()`select 1 from pgboss.job where name = 'attempt.withdraw' and data->>'attemptId' = ${attemptId}`).toHaveLength(1);
});

test("УНФ: subordinate payments are booked one by one by their GUID, also the part that the accountant entered before", async () => {
  const marks = { posted: null, paid: true, paymentNumber: "НФНФ-000012", paymentDateLocal: "2026-11-19T16:00:00", bankDocumentNumber: "318" };
  const operation = anOperation({ createdLocal: "2026-11-19T16:00:00", totalKopecks: 10_000_00n, marks });
  const draft = aDraft({ totalKopecks: 24_400_00n, buyer: aCompany() });
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  // The accountant was quicker, with the bank's own number.
  await bookTransfer(t.ctx, { orderId: id, amountKopecks: 10_000_00n, documentNumber: "№ 318", documentDate: "2026-11-19" });
  await upload(t, t.shop, changed(draft, { operations: [operation] }));
  expect(await t.orderOf(draft.number)).toMatchObject({ paymentStatus: "partially_paid", capturedKopecks: 10_000_00n });
  const cash = anOperation({ createdLocal: "2026-11-19T16:00:00", operation: "Выплата наличных денег", totalKopecks: 14_400_00n, marks: { ...marks, paymentNumber: "НФНФ-000013", bankDocumentNumber: null } });
  await upload(t, t.shop, changed(draft, { operations: [operation, cash] }));
  expect(await t.orderOf(draft.number)).toMatchObject({ paymentStatus: "paid", capturedKopecks: 24_400_00n });
  const facts = await sql()`select f.method, f.fiscal_owner from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${id} order by f.recorded_at, f.id`;
  expect([...facts]).toEqual([{ method: "bank_transfer", fiscalOwner: "site" }, { method: "cash", fiscalOwner: "pos" }]);
});
