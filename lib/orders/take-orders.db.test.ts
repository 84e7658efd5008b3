/** Documents of 1C become orders: which order each is, what is new in it, and what is refused (CML-18 … CML-20, CML-23, CML-24, CML-31). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { aCompany, aDraft, aLine, aPerson, aStatus, changed, upload } from "@/lib/testing/drafts.ts";
import { openTakenOrders } from "@/lib/testing/taken-orders.ts";
import type { TakenOrders } from "@/lib/testing/taken-orders.ts";

let t: TakenOrders;
beforeAll(async () => {
  t = await openTakenOrders();
});
afterAll(() => t.close());

const sql = () => t.ctx.database.sql;

test("CML-19: a new order gets its row, lines, buyer, link and the beginning of its story", async () => {
  const draft = aDraft({ lines: [aLine(), aLine({ position: 2, sumKopecks: 61_000n })], buyer: aPerson({ email: "buyer@example.ru" }) });
  const [result] = await upload(t, t.shop, draft);
  expect(result).toMatchObject({ outcome: "created", number: draft.number });
  const order = await t.orderOf(draft.number);
  expect(order).toMatchObject({ totalKopecks: 183_000n, lines: 2, lifecycle: "active", paymentStatus: "not_paid", isTest: true, contact: "buyer@example.ru", sellerOrgId: t.shop.sellerOrgId, storeId: t.shop.storeId, exportVersion: 0 });
  expect(await t.linksOf(order.id)).toMatchObject([{ state: "active", amountKopecks: 183_000n }]);
  expect(await t.eventsOf(order.id)).toEqual(["order.received", "link.created"]);
  expect(t.hints).toContain(order.id);
});

test("CML-20: the same document again changes nothing at all", async () => {
  const draft = aDraft();
  await upload(t, t.shop, draft);
  const before = await t.orderOf(draft.number);
  t.clock.advance(60_000);
  expect((await upload(t, t.shop, draft))[0]).toMatchObject({ outcome: "unchanged", orderId: before.id });
  expect(await t.orderOf(draft.number)).toEqual(before);
  expect(await t.eventsOf(before.id)).toHaveLength(2);
});

test("CML-19: an order is found by its number, else by its GUID, and a number of another GUID is refused", async () => {
  const draft = aDraft();
  await upload(t, t.shop, draft);
  const renumbered = changed(draft, { number: `${draft.number}-new` });
  expect((await upload(t, t.shop, renumbered))[0]).toMatchObject({ outcome: "status" });
  expect((await t.orderOf(renumbered.number)).onecGuid).toBe(draft.onecRef);
  const stranger = aDraft({ number: renumbered.number });
  const fine = aDraft();
  const [refused, taken] = await upload(t, t.shop, stranger, fine);
  expect(refused).toMatchObject({ outcome: "refused", reason: "номер занят другим заказом 1С" });
  expect(taken).toMatchObject({ outcome: "created" });
  expect((await t.orderOf(renumbered.number)).onecGuid).toBe(draft.onecRef);
});

test("CML-19: unknown orders are refused with a reason when creation is switched off", async () => {
  await sql()`insert into settings (key, value, updated_at) values ('onec.createOrders', 'false', now())`;
  try {
    const draft = aDraft();
    expect((await upload(t, t.shop, draft))[0]).toMatchObject({ outcome: "refused", reason: expect.stringContaining("выключено") });
    expect(await t.orderOf(draft.number)).toBeUndefined();
  } finally {
    await sql()`delete from settings`;
  }
});

test("a changed sum makes a revision; the old one, its lines and the old link stay as they were (LOST-07)", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  const [link] = await t.linksOf(id);
  t.clock.advance(1_000);
  expect((await upload(t, t.shop, changed(draft, { totalKopecks: 120_000n })))[0]).toMatchObject({ outcome: "revised" });
  expect(await t.orderOf(draft.number)).toMatchObject({ revisionNo: 2, revisions: 2, totalKopecks: 120_000n });
  expect(await t.linksOf(id)).toMatchObject([{ id: link!.id, state: "superseded", amountKopecks: 100_000n }, { state: "active", amountKopecks: 120_000n }]);
  const [event] = await sql()<{ detail: Record<string, string>; amountKopecks: bigint }[]>`select detail, amount_kopecks from order_events where order_id = ${id} and kind = 'order.revised'`;
  expect(event).toEqual({ amountKopecks: 120_000n, detail: { oldTotalKopecks: "100000", newTotalKopecks: "120000", revisionNo: 2 } });
});

test("a new comment or buyer is no new revision, and the link lives on", async () => {
  const draft = aDraft();
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  const [link] = await t.linksOf(id);
  await upload(t, t.shop, changed(draft, { comment: "Позвонить заранее", buyer: { ...draft.buyer, name: "Иванова М. П." } }));
  expect(await t.orderOf(draft.number)).toMatchObject({ revisionNo: 1, comment: "Позвонить заранее" });
  expect(await t.linksOf(id)).toMatchObject([{ id: link!.id, state: "active" }]);
});

test("an order that was never posted has no link; one that lost its posting loses the link", async () => {
  const draft = aDraft({ state: { posted: false } });
  await upload(t, t.shop, draft);
  const { id } = await t.orderOf(draft.number);
  expect(await t.linksOf(id)).toEqual([]);
  await upload(t, t.shop, changed(draft, { state: { posted: true } }));
  await upload(t, t.shop, changed(draft, { state: { posted: false } }));
  expect(await t.linksOf(id)).toMatchObject([{ state: "revoked" }]);
});

test("CML-31: a short document touches states only; of an unknown order it is passed over", async () => {
  const draft = aDraft({ totalKopecks: 70_000n });
  await upload(t, t.shop, draft);
  const [taken, unknown] = await upload(t, t.shop, aStatus(draft, { shipped: { number: "РТ-1", dateLocal: "2026-11-21T09:30:00" }, statusText: "Выполнен" }), aStatus(aDraft(), {}));
  expect(taken).toMatchObject({ outcome: "status" });
  expect(unknown).toMatchObject({ outcome: "skipped", reason: expect.stringContaining("заказа нет на сайте") });
  const order = await t.orderOf(draft.number);
  expect(order).toMatchObject({ totalKopecks: 70_000n, lines: 1, revisionNo: 1, lifecycle: "shipped", onecShipmentNumber: "РТ-1", onecState: "Выполнен" });
  expect(order["onecShipmentAt"]).toEqual(new Date("2026-11-21T06:30:00Z"));
  // The full document from before has the old hash, and yet is no longer what we have.
  expect((await upload(t, t.shop, draft))[0]).toMatchObject({ outcome: "status" });
  expect(await t.orderOf(draft.number)).toMatchObject({ lifecycle: "shipped" });
});

test("CML-18: lines that do not add up are kept, and the order is marked", async () => {
  const draft = aDraft({ lines: [aLine({ sumKopecks: 10_000n }), aLine({ position: 2, sumKopecks: 3_000n, included: false })], totalKopecks: 10_000n, linesMatchTotal: false });
  await upload(t, t.shop, draft);
  const order = await t.orderOf(draft.number);
  expect(order).toMatchObject({ linesMatchTotal: false, totalKopecks: 10_000n, lines: 1 });
  const [revision] = await sql()<{ source: { lines: unknown[] } }[]>`select source from order_revisions where order_id = ${order.id}`;
  expect(revision!.source.lines).toEqual(draft.lines.map((line) => line.echo));
});

test("CML-23, CML-24: a document that the database refuses is refused alone, and nothing of it is left", async () => {
  const [good, bad, other] = [aDraft(), aDraft({ lines: [{ ...aLine(), sumKopecks: -5n }], totalKopecks: 5n }), aDraft()];
  const results = await upload(t, t.shop, good, bad, other);
  expect(results.map((r) => r.outcome)).toEqual(["created", "refused", "created"]);
  expect(results[1]!.reason).toContain("не загружен");
  expect(await t.orderOf(bad.number)).toBeUndefined();
  const [left] = await sql()<{ n: bigint }[]>`select count(*) as n from counterparties where onec_guid = ${bad.buyer.ref}`;
  expect(left!.n).toBe(0n);
  expect(await t.orderOf(good.number)).toMatchObject({ lines: 1 });
});

test("CML-24: two exchanges of the same orders at once make each order once, and neither stumbles over the other", async () => {
  const drafts = Array.from({ length: 60 }, () => aDraft());
  const warned: unknown[] = [];
  // Open connections beforehand, or the second upload would only begin when the first has ended.
  await Promise.all(Array.from({ length: 4 }, () => sql()`select pg_sleep(0.05)`));
  const quiet = { ctx: { ...t.ctx, log: { warn: (about: unknown) => warned.push(about), error: (about: unknown) => warned.push(about) } as never } };
  const both = await Promise.all([upload(quiet, t.shop, ...drafts), upload(quiet, t.shop, ...drafts.toReversed())]);
  expect(warned).toEqual([]);
  expect(both.flat().filter((r) => r.outcome === "created")).toHaveLength(60);
  expect(both.flat().filter((r) => r.outcome === "unchanged")).toHaveLength(60);
  const [count] = await sql()<{ n: bigint }[]>`select count(*) as n from orders where onec_guid = any(${drafts.map((d) => d.onecRef)})`;
  expect(count!.n).toBe(60n);
});

test("two documents of one order in one upload are taken in their order", async () => {
  const draft = aDraft({ totalKopecks: 10_000n });
  const results = await upload(t, t.shop, draft, changed(draft, { totalKopecks: 20_000n }), aStatus(draft, { cancelled: true }));
  expect(results.map((r) => r.outcome)).toEqual(["created", "revised", "status"]);
  expect(await t.orderOf(draft.number)).toMatchObject({ totalKopecks: 20_000n, lifecycle: "cancelled", revisions: 2 });
});

test("B2B-02: terms of the buyer give the due date, from the order or from the shipment", async () => {
  await sql()`insert into calendar_days (day, is_working) values ('2026-11-04', false) on conflict do nothing`;
  const buyer = aCompany();
  const first = aDraft({ buyer });
  await upload(t, t.shop, first);
  await sql()`update counterparties set deferral_days = 14, deferral_day_kind = 'calendar', deferral_base = 'shipment_date' where onec_guid = ${buyer.ref}`;
  const draft = aDraft({ buyer });
  await upload(t, t.shop, draft);
  expect(await t.orderOf(draft.number)).toMatchObject({ dueDate: null });
  await upload(t, t.shop, aStatus(draft, { shipped: { number: "РТ-7", dateLocal: "2026-11-07T10:00:00" } }));
  expect(await t.orderOf(draft.number)).toMatchObject({ dueDate: "2026-11-23", onecShipmentNumber: "РТ-7" });
  await sql()`update counterparties set deferral_base = 'order_date', deferral_days = 5, deferral_day_kind = 'working' where onec_guid = ${buyer.ref}`;
  const counted = aDraft({ buyer });
  await upload(t, t.shop, counted);
  // Ordered on Friday 20 November.
  expect(await t.orderOf(counted.number)).toMatchObject({ dueDate: "2026-11-27" });
});

test("contacts that 1C does not send are kept", async () => {
  const buyer = aPerson({ email: "first@example.ru" });
  const draft = aDraft({ buyer });
  await upload(t, t.shop, draft);
  await upload(t, t.shop, changed(draft, { buyer: { ...buyer, email: null, name: "Другое имя" } }));
  const [row] = await sql()`select name, email from counterparties where onec_guid = ${buyer.ref}`;
  expect(row).toEqual({ name: "Другое имя", email: "first@example.ru" });
  expect(await t.orderOf(draft.number)).toMatchObject({ contact: "first@example.ru" });
});
