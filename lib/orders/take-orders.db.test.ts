import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { aCompany, aDraft, aLine, aPerson, aStatus, changed, upload } from "@/lib/testing/drafts.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { bookTransfer, recordTransfer } from "@/lib/payments/index.ts";
import { lockOrder } from "./lock-order.ts";

let t: TestContext;
let shop: TestShop;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
});
afterAll(() => t.close());

const sql = () => t.ctx.database.sql;

async function orderOf(number: string) {
  const [row] = await sql()`
    select o.*, (select count(*)::int from order_revisions r where r.order_id = o.id) as revisions,
           (select count(*)::int from order_lines l join order_revisions r on r.id = l.revision_id where r.order_id = o.id and r.no = o.revision_no) as lines
      from orders o where o.number = ${number}`;
  return row as Record<string, unknown> & { id: string };
}
const eventsOf = async (orderId: string) => (await sql()<{ kind: string }[]>`select kind from order_events where order_id = ${orderId} order by at, id`).map((e) => e.kind);
const linksOf = (orderId: string) => sql()<{ id: string; state: string; amountKopecks: bigint }[]>`select id, state, amount_kopecks from payment_links where order_id = ${orderId} order by created_at, id`;
const alertsOf = (orderId: string) => sql()<{ code: string; severity: string; state: string }[]>`select code, severity, state from alerts where order_id = ${orderId} order by first_at, id`;

/** Card money as a notification books it. */
async function pay(orderId: string, amountKopecks: bigint): Promise<void> {
  await inTransaction(t.ctx, async (tx) => {
    await recordTransfer(t.ctx, tx, await lockOrder(tx, orderId), { amountKopecks, method: "cash", documentKey: newId(), documentNumber: null, occurredAt: t.ctx.now(), fiscalOwner: "pos" });
  });
}

test("CML-19: a new order gets its row, lines, buyer, link and the beginning of its story", async () => {
  const draft = aDraft({ lines: [aLine(), aLine({ position: 2, sumKopecks: 61_000n })], buyer: aPerson({ email: "buyer@example.ru" }) });
  const [result] = await upload(t, shop, draft);
  expect(result).toMatchObject({ outcome: "created", number: draft.number });
  const order = await orderOf(draft.number);
  expect(order).toMatchObject({ totalKopecks: 183_000n, lines: 2, lifecycle: "active", paymentStatus: "not_paid", isTest: true, contact: "buyer@example.ru", sellerOrgId: shop.sellerOrgId, storeId: shop.storeId, exportVersion: 0 });
  expect(await linksOf(order.id)).toMatchObject([{ state: "active", amountKopecks: 183_000n }]);
  expect(await eventsOf(order.id)).toEqual(["order.received", "link.created"]);
  expect(t.hints).toContain(order.id);
});

test("CML-20: the same document again changes nothing at all", async () => {
  const draft = aDraft();
  await upload(t, shop, draft);
  const before = await orderOf(draft.number);
  t.clock.advance(60_000);
  expect((await upload(t, shop, draft))[0]).toMatchObject({ outcome: "unchanged", orderId: before.id });
  expect(await orderOf(draft.number)).toEqual(before);
  expect(await eventsOf(before.id)).toHaveLength(2);
});

test("CML-19: an order is found by its number, else by its GUID, and a number of another GUID is refused", async () => {
  const draft = aDraft();
  await upload(t, shop, draft);
  const renumbered = changed(draft, { number: `${draft.number}-new` });
  expect((await upload(t, shop, renumbered))[0]).toMatchObject({ outcome: "status" });
  expect((await orderOf(renumbered.number)).onecGuid).toBe(draft.onecRef);
  const stranger = aDraft({ number: renumbered.number });
  const fine = aDraft();
  const [refused, taken] = await upload(t, shop, stranger, fine);
  expect(refused).toMatchObject({ outcome: "refused", reason: "номер занят другим заказом 1С" });
  expect(taken).toMatchObject({ outcome: "created" });
  expect((await orderOf(renumbered.number)).onecGuid).toBe(draft.onecRef);
});

test("CML-19: unknown orders are refused with a reason when creation is switched off", async () => {
  await sql()`insert into settings (key, value, updated_at) values ('onec.createOrders', 'false', now())`;
  try {
    const draft = aDraft();
    expect((await upload(t, shop, draft))[0]).toMatchObject({ outcome: "refused", reason: expect.stringContaining("выключено") });
    expect(await orderOf(draft.number)).toBeUndefined();
  } finally {
    await sql()`delete from settings`;
  }
});

test("a changed sum makes a revision; the old one, its lines and the old link stay as they were (LOST-07)", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  const [link] = await linksOf(id);
  t.clock.advance(1_000);
  expect((await upload(t, shop, changed(draft, { totalKopecks: 120_000n })))[0]).toMatchObject({ outcome: "revised" });
  expect(await orderOf(draft.number)).toMatchObject({ revisionNo: 2, revisions: 2, totalKopecks: 120_000n });
  expect(await linksOf(id)).toMatchObject([{ id: link!.id, state: "superseded", amountKopecks: 100_000n }, { state: "active", amountKopecks: 120_000n }]);
  const [event] = await sql()<{ detail: Record<string, string>; amountKopecks: bigint }[]>`select detail, amount_kopecks from order_events where order_id = ${id} and kind = 'order.revised'`;
  expect(event).toEqual({ amountKopecks: 120_000n, detail: { oldTotalKopecks: "100000", newTotalKopecks: "120000", revisionNo: 2 } });
});

test("a new comment or buyer is no new revision, and the link lives on", async () => {
  const draft = aDraft();
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  const [link] = await linksOf(id);
  await upload(t, shop, changed(draft, { comment: "Позвонить заранее", buyer: { ...draft.buyer, name: "Иванова М. П." } }));
  expect(await orderOf(draft.number)).toMatchObject({ revisionNo: 1, comment: "Позвонить заранее" });
  expect(await linksOf(id)).toMatchObject([{ id: link!.id, state: "active" }]);
});

test("LOST-17, CML-22: a smaller sum after payment is an overpayment with an alert; money stays", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  await pay(id, 100_000n);
  await upload(t, shop, changed(draft, { totalKopecks: 80_000n }));
  expect(await orderOf(draft.number)).toMatchObject({ paymentStatus: "overpaid", capturedKopecks: 100_000n, totalKopecks: 80_000n });
  expect(await alertsOf(id)).toMatchObject([{ code: "ALR-04", severity: "P2", state: "firing" }]);
  await upload(t, shop, changed(draft, { totalKopecks: 100_000n, comment: "как было" }));
  expect(await orderOf(draft.number)).toMatchObject({ paymentStatus: "paid" });
  expect(await alertsOf(id)).toMatchObject([{ code: "ALR-04", state: "resolved" }]);
});

test("LOST-17, CML-22: a larger sum after payment asks for the difference by a new link", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  await pay(id, 100_000n);
  expect((await linksOf(id)).at(-1)).toMatchObject({ state: "fulfilled" });
  t.clock.advance(1_000);
  await upload(t, shop, changed(draft, { totalKopecks: 130_000n }));
  expect(await orderOf(draft.number)).toMatchObject({ paymentStatus: "partially_paid", capturedKopecks: 100_000n });
  expect((await linksOf(id)).at(-1)).toMatchObject({ state: "active", amountKopecks: 30_000n });
  expect(await alertsOf(id)).toMatchObject([{ code: "ALR-04", severity: "P3" }]);
});

test("LOST-17: an order that 1C called paid with money of a till grows: the buyer is asked for nothing a second time, a person is told", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  await upload(t, shop, changed(draft, { state: { paid: { number: "ПКО-1", dateLocal: "2026-11-20T12:00:00" } } }));
  await upload(t, shop, changed(draft, { totalKopecks: 110_000n }));
  expect((await linksOf(id)).filter((link) => link.state === "active")).toEqual([]);
  expect(await alertsOf(id)).toMatchObject([{ code: "ALR-04", severity: "P2", state: "firing" }]);
  // Money of ours under 1C's document: the difference is asked for.
  const known = aDraft({ totalKopecks: 100_000n });
  await upload(t, shop, known);
  const other = await orderOf(known.number);
  await pay(other.id, 100_000n);
  await upload(t, shop, changed(known, { state: { paid: { number: "УТ00-1", dateLocal: "2026-11-20T12:00:00" } } }));
  await upload(t, shop, changed(known, { totalKopecks: 110_000n }));
  expect((await linksOf(other.id)).at(-1)).toMatchObject({ state: "active", amountKopecks: 10_000n });
});

test("LOST-18: a deletion mark on a paid order keeps the money, raises P1 and stops payments; without money it only closes the link", async () => {
  const [paid, unpaid] = [aDraft({ totalKopecks: 50_000n }), aDraft()];
  await upload(t, shop, paid, unpaid);
  const [paidOrder, unpaidOrder] = [await orderOf(paid.number), await orderOf(unpaid.number)];
  await pay(paidOrder.id, 50_000n);
  await upload(t, shop, changed(paid, { state: { deleted: true } }), changed(unpaid, { state: { deleted: true } }));
  expect(await orderOf(paid.number)).toMatchObject({ lifecycle: "deleted", paymentStatus: "overpaid", capturedKopecks: 50_000n });
  expect(await alertsOf(paidOrder.id)).toMatchObject([{ code: "ALR-05", severity: "P1" }]);
  expect(await orderOf(unpaid.number)).toMatchObject({ lifecycle: "deleted", paymentStatus: "nothing_due" });
  expect(await alertsOf(unpaidOrder.id)).toEqual([]);
  expect(await linksOf(unpaidOrder.id)).toMatchObject([{ state: "revoked" }]);
  // 1C takes its mark back.
  t.clock.advance(1_000);
  await upload(t, shop, changed(paid, { comment: "восстановлен" }), unpaid);
  expect(await orderOf(paid.number)).toMatchObject({ lifecycle: "active", paymentStatus: "paid" });
  expect(await alertsOf(paidOrder.id)).toMatchObject([{ code: "ALR-05", state: "resolved" }]);
  expect((await linksOf(unpaidOrder.id)).at(-1)).toMatchObject({ state: "active" });
});

test("an order that was never posted has no link; one that lost its posting loses the link", async () => {
  const draft = aDraft({ state: { posted: false } });
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  expect(await linksOf(id)).toEqual([]);
  await upload(t, shop, changed(draft, { state: { posted: true } }));
  await upload(t, shop, changed(draft, { state: { posted: false } }));
  expect(await linksOf(id)).toMatchObject([{ state: "revoked" }]);
});

test("CML-31: a short document touches states only; of an unknown order it is passed over", async () => {
  const draft = aDraft({ totalKopecks: 70_000n });
  await upload(t, shop, draft);
  const [taken, unknown] = await upload(t, shop, aStatus(draft, { shipped: { number: "РТ-1", dateLocal: "2026-11-21T09:30:00" }, statusText: "Выполнен" }), aStatus(aDraft(), {}));
  expect(taken).toMatchObject({ outcome: "status" });
  expect(unknown).toMatchObject({ outcome: "skipped", reason: expect.stringContaining("заказа нет на сайте") });
  const order = await orderOf(draft.number);
  expect(order).toMatchObject({ totalKopecks: 70_000n, lines: 1, revisionNo: 1, lifecycle: "shipped", onecShipmentNumber: "РТ-1", onecState: "Выполнен" });
  expect(order["onecShipmentAt"]).toEqual(new Date("2026-11-21T06:30:00Z"));
  // The full document from before has the old hash, and yet is no longer what we have.
  expect((await upload(t, shop, draft))[0]).toMatchObject({ outcome: "status" });
  expect(await orderOf(draft.number)).toMatchObject({ lifecycle: "shipped" });
});

test("CML-18: lines that do not add up are kept, and the order is marked", async () => {
  const draft = aDraft({ lines: [aLine({ sumKopecks: 10_000n }), aLine({ position: 2, sumKopecks: 3_000n, included: false })], totalKopecks: 10_000n, linesMatchTotal: false });
  await upload(t, shop, draft);
  const order = await orderOf(draft.number);
  expect(order).toMatchObject({ linesMatchTotal: false, totalKopecks: 10_000n, lines: 1 });
  const [revision] = await sql()<{ source: { lines: unknown[] } }[]>`select source from order_revisions where order_id = ${order.id}`;
  expect(revision!.source.lines).toEqual(draft.lines.map((line) => line.echo));
});

test("CML-23, CML-24: a document that the database refuses is refused alone, and nothing of it is left", async () => {
  const [good, bad, other] = [aDraft(), aDraft({ lines: [{ ...aLine(), sumKopecks: -5n }], totalKopecks: 5n }), aDraft()];
  const results = await upload(t, shop, good, bad, other);
  expect(results.map((r) => r.outcome)).toEqual(["created", "refused", "created"]);
  expect(results[1]!.reason).toContain("не загружен");
  expect(await orderOf(bad.number)).toBeUndefined();
  const [left] = await sql()<{ n: bigint }[]>`select count(*) as n from counterparties where onec_guid = ${bad.buyer.ref}`;
  expect(left!.n).toBe(0n);
  expect(await orderOf(good.number)).toMatchObject({ lines: 1 });
});

test("CML-24: two exchanges of the same orders at once make each order once, and neither stumbles over the other", async () => {
  const drafts = Array.from({ length: 60 }, () => aDraft());
  const warned: unknown[] = [];
  // Open connections beforehand, or the second upload would only begin when the first has ended.
  await Promise.all(Array.from({ length: 4 }, () => sql()`select pg_sleep(0.05)`));
  const quiet = { ctx: { ...t.ctx, log: { warn: (about: unknown) => warned.push(about), error: (about: unknown) => warned.push(about) } as never } };
  const both = await Promise.all([upload(quiet, shop, ...drafts), upload(quiet, shop, ...drafts.toReversed())]);
  expect(warned).toEqual([]);
  expect(both.flat().filter((r) => r.outcome === "created")).toHaveLength(60);
  expect(both.flat().filter((r) => r.outcome === "unchanged")).toHaveLength(60);
  const [count] = await sql()<{ n: bigint }[]>`select count(*) as n from orders where onec_guid = any(${drafts.map((d) => d.onecRef)})`;
  expect(count!.n).toBe(60n);
});

test("two documents of one order in one upload are taken in their order", async () => {
  const draft = aDraft({ totalKopecks: 10_000n });
  const results = await upload(t, shop, draft, changed(draft, { totalKopecks: 20_000n }), aStatus(draft, { cancelled: true }));
  expect(results.map((r) => r.outcome)).toEqual(["created", "revised", "status"]);
  expect(await orderOf(draft.number)).toMatchObject({ totalKopecks: 20_000n, lifecycle: "cancelled", revisions: 2 });
});

test("PAY-02: 1C reports a company's payment: booked once as a transfer for what is due, without a receipt and without going back", async () => {
  const draft = aDraft({ totalKopecks: 92_110_00n, buyer: aCompany() });
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  const paid = changed(draft, { state: { paid: { number: "УТ00-000377", dateLocal: "2026-11-20T12:00:00" } } });
  await upload(t, shop, paid);
  expect(await orderOf(draft.number)).toMatchObject({ paymentStatus: "paid", capturedKopecks: 92_110_00n, onecPaymentNumber: "УТ00-000377" });
  const facts = await sql()`select f.method, f.amount_kopecks, f.document_key, f.document_number, f.business_date, f.fiscal_owner from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${id}`;
  expect([...facts]).toEqual([{ method: "bank_transfer", amountKopecks: 92_110_00n, documentKey: `${draft.onecRef}:УТ00-000377`, documentNumber: "УТ00-000377", businessDate: "2026-11-20", fiscalOwner: "site" }]);
  expect([...(await sql()`select state, reason_code from receipts where order_id = ${id}`)]).toEqual([{ state: "not_required", reasonCode: "b2b_bank_transfer" }]);
  const [owed] = await sql()`select (select count(*)::int from export_messages where order_id = ${id}) as exports, export_version = exported_version as nothing_to_give from orders where id = ${id}`;
  expect(owed).toEqual({ exports: 0, nothingToGive: true });
  expect((await linksOf(id)).at(-1)).toMatchObject({ state: "fulfilled" });

  await upload(t, shop, changed(paid, { comment: "ещё раз" }));
  expect(await orderOf(draft.number)).toMatchObject({ capturedKopecks: 92_110_00n });
  expect((await eventsOf(id)).filter((kind) => kind === "order.paid_in_onec")).toHaveLength(1);
});

test("CML-21: a person's payment in 1C closes the page and books nothing", async () => {
  const draft = aDraft();
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000001", dateLocal: "2026-11-20T12:00:00" } } }));
  expect(await orderOf(draft.number)).toMatchObject({ paymentStatus: "not_paid", capturedKopecks: 0n, onecPaymentNumber: "УТ00-000001" });
  expect(await linksOf(id)).toMatchObject([{ state: "fulfilled" }]);
  expect([...(await sql()`select 1 from allocations where order_id = ${id}`)]).toEqual([]);
  expect(await eventsOf(id)).toContain("order.paid_in_onec");
  // CML-22: an upload that says nothing of it opens nothing.
  await upload(t, shop, changed(draft, { comment: "без номера оплаты" }));
  expect(await orderOf(draft.number)).toMatchObject({ onecPaymentNumber: "УТ00-000001" });
  expect((await linksOf(id)).filter((link) => link.state === "active")).toEqual([]);
});

test("LOST-07, CML-21: an unpaid attempt of an order paid in 1C is to be withdrawn", async () => {
  const draft = aDraft({ totalKopecks: 30_000n });
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  const attemptId = newId();
  await sql()`
    insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, is_test, created_at)
    values (${attemptId}, ${id}, ${shop.onecId}, 'paykeeper', 'card', ${`k-${attemptId}`}, 1, 30000, 'p', 'a@b.ru', 'pending', ${attemptId}, true, ${t.ctx.now()})`;
  await upload(t, shop, changed(draft, { comment: "сумма та же" }));
  const jobs = () => sql()`select data from pgboss.job where name = 'attempt.withdraw' and data->>'attemptId' = ${attemptId}`;
  expect(await jobs()).toHaveLength(0);
  await upload(t, shop, changed(draft, { state: { paid: { number: "УТ00-000002", dateLocal: null } } }));
  expect(await jobs()).toHaveLength(1);
});

test("LOST-07: an attempt is withdrawn also when the link is gone already", async () => {
  const draft = aDraft({ totalKopecks: 30_000n });
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  const attemptId = newId();
  await sql()`
    insert into payment_attempts (id, order_id, connection_id, provider, method, reference, revision_no, amount_kopecks, payer_id, contact, state, form_key, is_test, created_at)
    values (${attemptId}, ${id}, ${shop.onecId}, 'paykeeper', 'card', ${`k-${attemptId}`}, 1, 30000, 'p', 'a@b.ru', 'pending', ${attemptId}, true, ${t.ctx.now()})`;
  await sql()`update payment_links set state = 'expired' where order_id = ${id}`;
  await upload(t, shop, changed(draft, { state: { cancelled: true } }));
  expect(await sql()`select 1 from pgboss.job where name = 'attempt.withdraw' and data->>'attemptId' = ${attemptId}`).toHaveLength(1);
});

test("УНФ: subordinate payments are booked one by one by their GUID, also the part that the accountant entered before", async () => {
  const marks = { onecNumber: null, onecDateLocal: null, posted: null, deleted: null, cancelled: null, paid: true, shipped: null, final: null, paymentNumber: "НФНФ-000012", paymentDateLocal: "2026-11-19T16:00:00", shipmentNumber: null, shipmentDateLocal: null, statusText: null, statusId: null, paymentMethod: null, paymentMethodId: null, bankDocumentNumber: "318", receiptNumber: null, refund: null };
  const operation = { ref: newId(), number: "", operation: "Выплата безналичных денег", createdLocal: "2026-11-19T16:00:00", totalKopecks: 10_000_00n, baseRef: null, container: null, marks, lines: [] };
  const draft = aDraft({ totalKopecks: 24_400_00n, buyer: aCompany() });
  await upload(t, shop, draft);
  const { id } = await orderOf(draft.number);
  // The accountant was quicker, with the bank's own number.
  await bookTransfer(t.ctx, { orderId: id, amountKopecks: 10_000_00n, documentNumber: "№ 318", documentDate: "2026-11-19" });
  await upload(t, shop, changed(draft, { operations: [operation] }));
  expect(await orderOf(draft.number)).toMatchObject({ paymentStatus: "partially_paid", capturedKopecks: 10_000_00n });
  const cash = { ...operation, ref: newId(), operation: "Выплата наличных денег", totalKopecks: 14_400_00n, marks: { ...marks, paymentNumber: "НФНФ-000013", bankDocumentNumber: null } };
  await upload(t, shop, changed(draft, { operations: [operation, cash] }));
  expect(await orderOf(draft.number)).toMatchObject({ paymentStatus: "paid", capturedKopecks: 24_400_00n });
  const facts = await sql()`select f.method, f.fiscal_owner from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${id} order by f.recorded_at, f.id`;
  expect([...facts]).toEqual([{ method: "bank_transfer", fiscalOwner: "site" }, { method: "cash", fiscalOwner: "pos" }]);
});

test("B2B-02: terms of the buyer give the due date, from the order or from the shipment", async () => {
  await sql()`insert into calendar_days (day, is_working) values ('2026-11-04', false) on conflict do nothing`;
  const buyer = aCompany();
  const first = aDraft({ buyer });
  await upload(t, shop, first);
  await sql()`update counterparties set deferral_days = 14, deferral_day_kind = 'calendar', deferral_base = 'shipment_date' where onec_guid = ${buyer.ref}`;
  const draft = aDraft({ buyer });
  await upload(t, shop, draft);
  expect(await orderOf(draft.number)).toMatchObject({ dueDate: null });
  await upload(t, shop, aStatus(draft, { shipped: { number: "РТ-7", dateLocal: "2026-11-07T10:00:00" } }));
  expect(await orderOf(draft.number)).toMatchObject({ dueDate: "2026-11-23", onecShipmentNumber: "РТ-7" });
  await sql()`update counterparties set deferral_base = 'order_date', deferral_days = 5, deferral_day_kind = 'working' where onec_guid = ${buyer.ref}`;
  const counted = aDraft({ buyer });
  await upload(t, shop, counted);
  // Ordered on Friday 20 November.
  expect(await orderOf(counted.number)).toMatchObject({ dueDate: "2026-11-27" });
});

test("contacts that 1C does not send are kept", async () => {
  const buyer = aPerson({ email: "first@example.ru" });
  const draft = aDraft({ buyer });
  await upload(t, shop, draft);
  await upload(t, shop, changed(draft, { buyer: { ...buyer, email: null, name: "Другое имя" } }));
  const [row] = await sql()`select name, email from counterparties where onec_guid = ${buyer.ref}`;
  expect(row).toEqual({ name: "Другое имя", email: "first@example.ru" });
  expect(await orderOf(draft.number)).toMatchObject({ contact: "first@example.ru" });
});
