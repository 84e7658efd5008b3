/** What came by JSON in the journal: rows, rehearsals, and objects that people repeat or apply by hand (A9). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { viewerOf } from "@/lib/auth/scope.ts";
import { newId } from "@/lib/kit/ids.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { anOrder, openJsonBases, ship } from "@/lib/testing/json-orders.ts";
import type { JsonBases } from "@/lib/testing/json-orders.ts";
import { applyByHand, readMessage, rehearse, repeatMessage } from "../inbox/index.ts";

let t: JsonBases["t"];
let aBase: JsonBases["aBase"];
beforeAll(async () => {
  ({ t, aBase } = await openJsonBases());
});
afterAll(() => t.close());

test("A9: what came by JSON and was taken or refused is a row of the journal with a sentence; the same refused thing again is one row, over when it is taken", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const shipment = { id: newId(), number: "Р-50", orderId: order.id, items: [{ line: 1, quantity: "пять" }] };
  for (const _ of [1, 2]) await ship(base, shipment);
  const broken = { id: newId(), number: "УТ00-BAD", amount: "сто", items: [] };
  await base.post("/orders", { orders: [broken] });
  await base.call("PUT", `/documents/${newId()}?kind=act&number=7&order=${order.id}`, { bytes: Buffer.from("%PDF-1.4") });
  const rows = () => t.ctx.database.sql<{ kind: string; door: string; result: string; summary: string; attempts: number; orderId: string | null }[]>`
    select kind, door, result, summary, attempts, order_id from onec_messages where connection_id = ${base.connectionId} order by at, id`;
  expect((await rows()).map(({ kind, door, result, attempts }) => [kind, door, result, attempts]).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([["document", "json", "applied", 1], ["order", "json", "applied", 1], ["order", "json", "error", 1], ["shipment", "json", "error", 2]]);
  await ship(base, { ...shipment, items: [{ line: 1, quantity: 1 }] });
  const after = (await rows()).filter(({ kind }) => kind === "shipment");
  expect(after.map(({ result }) => result).toSorted()).toEqual(["applied", "skipped"]);
  expect(after.find(({ result }) => result === "applied")).toMatchObject({ orderId: order.siteId, summary: "Отгрузка №\u00A0Р-50 принята" });
});

test("A9: a rehearsal of a JSON package says what would happen to each object, and nothing of it stays", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const late = await anOrder(base, { version: 2 });
  const counts = async () => (await t.ctx.database.sql`select (select count(*) from orders) as orders, (select count(*) from shipments) as shipments, (select count(*) from onec_messages) as messages, (select count(*) from order_events) as events,
    (select count(*) from alerts) as alerts, (select count(*) from pgboss.job) as jobs, (select count(*) from receipts) as receipts, (select sum(attempts) from onec_messages) as attempts`)[0];
  const integrator = (await aStaff(t, { role: "integrator" })).ctx;
  const refused = { id: newId(), number: "УТ00-BAD", amount: "сто", items: [] };
  await base.post("/orders", { orders: [refused] });
  const before = await counts();
  t.hints.length = 0;
  const item = { line: 1, id: newId(), name: "Чайник", quantity: 1, price: 500, amount: 500, vatRate: "22" };
  const text = JSON.stringify({
    orders: [{ id: newId(), version: 1, number: "ПРОБА-1", amount: 500, items: [item] }, { id: order.id, comment: "позвонить" }, { id: order.id, version: 1 }, { id: late.id, version: 1, amount: 500, items: [item] }, { id: newId(), number: "ПРОБА-2", amount: 600, items: [item] }, refused],
    shipments: [{ id: newId(), number: "Р-1", orderId: order.id, items: [{ line: 1, quantity: 1 }] }, { id: newId(), number: "Р-2", orderId: newId() }],
    counterparties: [{ id: newId(), name: "ООО «Проба»" }],
  });
  const found = await rehearse(integrator, { connectionId: base.connectionId, text });
  expect(found.map(({ outcome, result }) => [outcome, result])).toEqual([
    ["created", "applied"], ["revised", "applied"], ["unchanged", "noop"], ["unchanged", "conflict"], ["refused", "error"], ["refused", "error"], ["created", "applied"], ["refused", "error"], ["created", "applied"],
  ]);
  expect(found[1]!.diff).toMatchObject([{ field: "comment", after: "позвонить" }]);
  expect(found[3]).toMatchObject({ summary: expect.stringContaining("прислала старую версию"), diff: expect.arrayContaining([expect.objectContaining({ field: "total" })]) });
  expect(found[4]!.summary).toContain("Сумма строк 500.00 не равна сумме заказа 600.00");
  // Refused before and still refused: the journal has its row already.
  expect(found[5]).toMatchObject({ summary: expect.stringContaining("как и раньше"), resultText: expect.stringContaining("amount") });
  expect(found.slice(6).map(({ summary }) => summary)).toEqual(["Отгрузка №\u00A0Р-1 принята", "Отгрузка №\u00A0Р-2 не принята: Заказа нет на сайте: сначала передайте его", "Новый контрагент из 1С"]);
  expect(await counts()).toEqual(before);
  expect(t.hints).toEqual([]);
  await expect(rehearse(integrator, { connectionId: base.connectionId, text: '{"orders": [' })).rejects.toMatchObject({ code: "invalid", details: { field: "text" }, message: expect.stringContaining("строка 1") });
  await expect(rehearse(integrator, { connectionId: base.connectionId, text: '{"orders": 5}' })).rejects.toMatchObject({ details: { field: "text" } });
});

test("A9: «Повторить» and «Применить вручную» of a refused JSON object: one row tells what came of it; what 1C has sent anew is not repeated", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const integrator = (await aStaff(t, { role: "integrator" })).ctx;
  const late = { id: newId(), number: "Р-90", orderId: newId(), items: [{ line: 1, quantity: 1 }] };
  await ship(base, late);
  const rowOf = async (guid: string) => (await t.ctx.database.sql<{ id: string; result: string; resultText: string; attempts: number; orderId: string | null; handledBy: string | null }[]>`select * from onec_messages where object_guid = ${guid} order by at desc, id desc limit 1`)[0]!;
  const row = await rowOf(late.id);
  const shipped = async () => (await t.ctx.database.sql<{ n: number }[]>`select count(*)::int as n from shipments where document_key = ${late.id}`)[0]!.n;
  expect(await readMessage(t.ctx, { isTest: true, viewer: viewerOf({ role: "integrator", storeId: null }) }, row.id)).toMatchObject({ canRepeat: true });
  expect(await repeatMessage(integrator, row.id)).toMatchObject({ outcome: "refused", reason: expect.stringContaining("Заказа нет на сайте") });
  expect(await rowOf(late.id)).toMatchObject({ id: row.id, result: "error", attempts: 2 });
  await expect(applyByHand(integrator, row.id, { number: "Р-91" })).rejects.toMatchObject({ code: "invalid", details: { field: "number" } });
  expect(await applyByHand(integrator, row.id, { bindToNumber: order.number })).toMatchObject({ outcome: "created" });
  expect(await shipped()).toBe(1);
  expect(await rowOf(late.id)).toMatchObject({ id: row.id, result: "applied", orderId: order.siteId, resultText: "Отгрузка №\u00A0Р-90 принята", handledBy: expect.stringContaining("staff:") });
  await expect(repeatMessage(integrator, row.id)).rejects.toMatchObject({ code: "conflict" });

  // An order whose number is taken: refused, then taken under another one, or as the order that it is.
  const item = { line: 1, id: newId(), name: "Чайник", quantity: 1, price: 500, amount: 500, vatRate: "22" };
  const twin = (id: string, amount = 500) => ({ id, version: 1, number: order.number, amount, items: [{ ...item, price: amount, amount }] });
  const [second, third] = [newId(), newId()];
  await base.post("/orders", { orders: [twin(second), twin(third)] });
  expect(await applyByHand(integrator, (await rowOf(second)).id, { number: `${order.number}-2` })).toMatchObject({ outcome: "created", number: `${order.number}-2` });
  expect(await rowOf(second)).toMatchObject({ result: "applied", attempts: 2 });
  // 1C sends it anew with another content: the former must not come back.
  const old = await rowOf(third);
  await base.post("/orders", { orders: [{ ...twin(third, 700), number: `${order.number}-3` }] });
  await expect(repeatMessage(integrator, old.id)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("прислала этот документ заново") });
  const [kept] = await t.ctx.database.sql`select total_kopecks from orders where onec_guid = ${third}`;
  expect(kept).toMatchObject({ totalKopecks: 70_000n });
});
