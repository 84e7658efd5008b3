/** Shipments and returns by JSON: which lines and sums they are, and which of them cannot be (json-api.md 3). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { anOrder, boards, giveBack, openJsonBases, screws, ship, stateOf } from "@/lib/testing/json-orders.ts";
import type { JsonBases } from "@/lib/testing/json-orders.ts";

let t: JsonBases["t"];
let aBase: JsonBases["aBase"];
beforeAll(async () => {
  ({ t, aBase } = await openJsonBases());
});
afterAll(() => t.close());

test("shipments: lines find the order's, sums are its shares to the kopeck, codes are kept, the same document changes nothing", async () => {
  const base = await aBase();
  const order = await anOrder(base, { deferral: { days: 14, from: "shipment" } });
  const first = { id: newId(), number: "Р-1", date: "2026-11-20T12:00:00", orderId: order.id, items: [{ id: screws, characteristicId: boards, quantity: 1, markCodes: ["код-1"] }, { line: 1, quantity: "2" }] };
  expect(await ship(base, first)).toMatchObject([{ id: first.id, status: "created", lifecycle: "partially_shipped", orderId: order.id, warnings: [], siteId: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  const [again] = await ship(base, first);
  expect(again).toMatchObject({ status: "unchanged", lifecycle: "partially_shipped" });
  const lines = await t.ctx.database.sql`
    select l.name, l.quantity, l.sum_kopecks, l.mark_codes from shipment_lines l join shipments s on s.id = l.shipment_id where s.order_id = ${order.siteId} order by l.line_no`;
  expect([...lines]).toEqual([{ name: "Саморез", quantity: "1", sumKopecks: 10_001n, markCodes: ["код-1"] }, { name: "Доска", quantity: "2", sumKopecks: 100_000n, markCodes: null }]);
  // 14 calendar days after Friday the 20th.
  expect(await stateOf(base, order.id)).toMatchObject({ lifecycle: "partially_shipped", dueDate: "2026-12-04", shipments: [{ id: first.id, number: "Р-1", amount: "1100.01", dateLocal: "2026-11-20T12:00:00" }] });
  // A partial update of a partly shipped order ships nothing by itself.
  await base.post("/orders", { orders: [{ id: order.id, comment: "звонили" }] });
  expect((await stateOf(base, order.id)).shipments).toHaveLength(1);
  // No lines: everything that is left.
  const rest = { id: newId(), number: "Р-2", orderNumber: order.number, amount: "1200.02" };
  expect(await ship(base, rest)).toMatchObject([{ status: "created", lifecycle: "shipped" }]);
  expect(await ship(base, rest, { id: newId(), orderId: order.id })).toMatchObject([{ status: "unchanged" }, { status: "unchanged", msg: expect.stringContaining("больше нечего") }]);
  expect((await stateOf(base, order.id)).shipments.map(({ amount }) => amount)).toEqual(["1100.01", "1200.02"]);
});

test("a recorded shipment is not rewritten: another content is refused, and staff hear of it; one deleted in 1C counts no more", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const one = { id: newId(), number: "Р-9", orderId: order.id, items: [{ line: 1, quantity: 1 }] };
  await ship(base, one);
  expect(await ship(base, { ...one, items: [{ line: 1, quantity: 2 }] })).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
  expect(await ship(base, { ...one, deleted: true })).toMatchObject([{ status: "withdrawn", lifecycle: "active", siteId: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  expect(await ship(base, { ...one, deleted: true })).toMatchObject([{ status: "unchanged" }]);
  expect((await stateOf(base, order.id)).shipments).toEqual([]);
  expect(await ship(base, { ...one, items: [{ line: 1, quantity: 2 }] })).toMatchObject([{ status: "created", lifecycle: "partially_shipped" }]);
  expect((await stateOf(base, order.id)).shipments).toMatchObject([{ id: one.id, amount: "1000.00" }]);
  expect(await ship(base, { ...one, id: newId(), posted: false })).toMatchObject([{ status: "unchanged" }]);
  const [alert] = await t.ctx.database.sql`select code, count from alerts where order_id = ${order.siteId} and object_key = ${`document:${one.id}:${order.siteId}`}`;
  expect(alert).toEqual({ code: "ALR-15", count: 1 });
});

test("a document of before its words were kept: the first comparison keeps what it says and calls nothing a change, the next ones compare", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const unknown = (table: "shipments" | "goods_returns") => t.ctx.database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update ${tx(table)} set said = null where order_id = ${order.siteId}`;
  });
  const one = { id: newId(), number: "Р-1", orderId: order.id, items: [{ line: 1, quantity: 3 }] };
  await ship(base, one);
  const back = { id: newId(), number: "В-1", orderId: order.id, items: [{ line: 1, quantity: 1 }] };
  await giveBack(base, back);
  for (const table of ["shipments", "goods_returns"] as const) await unknown(table);
  // It had said more than was left of the order then.
  const told = { ...one, items: [{ line: 1, quantity: 5 }] };
  expect(await ship(base, told, told)).toMatchObject([{ status: "unchanged" }, { status: "unchanged" }]);
  expect(await giveBack(base, back, back)).toMatchObject([{ status: "unchanged" }, { status: "unchanged" }]);
  expect([...(await t.ctx.database.sql`select code from alerts where order_id = ${order.siteId}`)]).toEqual([]);
  expect(await ship(base, one)).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
  expect(await giveBack(base, { ...back, items: [{ line: 1, quantity: 2 }] })).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
  // Words are kept once; nothing else of a document ever changes.
  const { sql } = t.ctx.database;
  await expect(sql`update shipments set said = '{"lines": null, "totalKopecks": null}' where order_id = ${order.siteId}`).rejects.toThrow(/append-only|refused/);
  await unknown("shipments");
  await expect(sql`update shipments set said = '{"lines": null, "totalKopecks": null}', number = 'Р-2' where order_id = ${order.siteId}`).rejects.toThrow(/append-only|refused/);
});

test("more is handed over than was ordered: what the order has is recorded, staff hear of the rest; a document of nothing but surplus waits for the order", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const weighed = { id: newId(), number: "Р-5", orderId: order.id, amount: "2350.03", items: [{ line: 1, quantity: "4.1", amount: 2050 }, { line: 2, quantity: 3 }] };
  expect(await ship(base, weighed)).toMatchObject([{ status: "created", lifecycle: "shipped", warnings: [expect.stringContaining("items[0]: отгружено больше")] }]);
  expect((await stateOf(base, order.id)).shipments).toMatchObject([{ amount: "2300.03" }]);
  expect([...await t.ctx.database.sql`select code, object_key from alerts where order_id = ${order.siteId}`]).toEqual([{ code: "ALR-16", objectKey: `order:${order.siteId}:document:${weighed.id}` }]);
  const surplus = { id: newId(), number: "Р-6", orderId: order.id, items: [{ line: 1, quantity: 1 }] };
  expect(await ship(base, surplus)).toMatchObject([{ status: "rejected", code: "too_much" }]);
  await base.post("/orders", { orders: [{ id: order.id, amount: 2800.03, items: [{ line: 1, id: boards, name: "Доска", quantity: 5, amount: 2500, vatRate: "22" }, { line: 2, id: screws, characteristicId: boards, name: "Саморез", quantity: 3, amount: "300.03", vatRate: "22" }] }] });
  expect(await ship(base, surplus)).toMatchObject([{ status: "created", warnings: [] }]);
});

test("the same goods in two lines: documents that name goods without a number fill both", async () => {
  const base = await aBase();
  const items = [1, 2].map((line) => ({ line, id: boards, name: "Доска", quantity: 2, amount: line * 1000, vatRate: "22" }));
  const order = await anOrder(base, { amount: 3000, items });
  const some = (quantity: number) => ({ id: newId(), number: `Р-${9 - quantity}`, orderId: order.id, items: [{ id: boards, quantity, markCodes: Array.from({ length: quantity }, (_, at) => `код-${at}`) }] });
  expect(await ship(base, some(3), some(1))).toMatchObject([{ status: "created", warnings: [] }, { status: "created", lifecycle: "shipped", warnings: [] }]);
  const lines = await t.ctx.database.sql`select l.quantity, l.sum_kopecks, l.mark_codes from shipment_lines l join shipments s on s.id = l.shipment_id where s.order_id = ${order.siteId} order by s.number, l.line_no`;
  expect([...lines]).toEqual([{ quantity: "2", sumKopecks: 100_000n, markCodes: ["код-0", "код-1"] }, { quantity: "1", sumKopecks: 100_000n, markCodes: ["код-2"] }, { quantity: "1", sumKopecks: 100_000n, markCodes: ["код-0"] }]);
});

test("a document that is known and says other goods, another sum or other quantities is changed; rows in another sequence, or with less said, are not", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const one = { id: newId(), number: "Р-7", orderId: order.id, items: [{ line: 1, quantity: 2 }, { line: 2, quantity: 1, amount: "100.01" }] };
  await ship(base, one);
  const same = [{ items: one.items.toReversed() }, { items: [{ id: boards, quantity: "2,000" }, { id: screws, characteristicId: boards, quantity: 1 }] }, { items: null, amount: "1100.01" }, { items: null, number: "Р-7а" }];
  for (const said of same) expect(await ship(base, { ...one, ...said })).toMatchObject([{ status: "unchanged" }]);
  const other = [{ items: [{ line: 2, quantity: 2 }, { line: 1, quantity: 1 }] }, { items: [{ line: 1, quantity: 2, amount: 900 }, { line: 2, quantity: 1 }] }, { items: one.items.slice(1) }, { amount: 1200 }, { items: null, amount: 1200 }];
  for (const said of other) expect(await ship(base, { ...one, ...said })).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
  // Codes that come afterwards do not mend a receipt: a person prints it, and hears of them.
  const marked = { id: newId(), number: "Р-8", orderId: order.id, items: [{ line: 1, quantity: 1, markCodes: ["б", "а", "лишний"] }] };
  expect(await ship(base, marked, { ...marked, items: [{ line: 1, quantity: 1, markCodes: ["лишний", "а", "б"] }] }, { ...marked, items: [{ line: 1, quantity: 1 }] })).toMatchObject([{ status: "created" }, { status: "unchanged" }, { status: "unchanged" }]);
  expect(await ship(base, { ...marked, items: [{ line: 1, quantity: 1, markCodes: ["а"] }] })).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
  // The order has dropped a line since: the document is what it was.
  await base.post("/orders", { orders: [{ id: order.id, amount: 2000, items: [{ line: 1, id: boards, name: "Доска", quantity: 4, amount: 2000, vatRate: "22" }] }] });
  expect(await ship(base, { ...one, items: [{ line: 1, id: boards, quantity: 2 }, { line: 2, id: screws, characteristicId: boards, quantity: 1 }] })).toMatchObject([{ status: "unchanged" }]);
  const back = { id: newId(), number: "В-7", orderId: order.id, items: [{ line: 1, quantity: 1 }] };
  expect(await giveBack(base, back)).toMatchObject([{ status: "created" }]);
  expect(await giveBack(base, { ...back, items: [{ line: 1, quantity: 1, amount: 400 }] }, back)).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }, { status: "unchanged" }]);
});

test("shipments and returns that cannot be: no order, no id, strange goods, sums apart; the others of the package are taken", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const about = { orderId: order.id };
  const results = await ship(
    base,
    { id: newId(), orderId: newId() }, { ...about }, { id: newId() }, { ...about, id: newId(), items: [{ name: "Неизвестное", quantity: 1 }] }, { ...about, id: newId(), items: [{ line: 1, quantity: 0 }] },
    { ...about, id: newId(), amount: 1, items: [{ line: 1, quantity: 1 }] }, { ...about, id: newId(), items: [{ line: 1, quantity: "пять" }] },
    { ...about, id: newId(), items: [{ name: "Замена", quantity: 1, amount: 700, vatRate: "22", unitCode: "796" }, { line: 2, quantity: 3, markCodes: ["один"] }] },
  );
  expect(results.map(({ status, code }) => [status, code])).toEqual([
    ["rejected", "unknown_order"], ["rejected", "missing_field"], ["rejected", "missing_field"], ["rejected", "unknown_line"], ["rejected", "missing_field"], ["rejected", "amount_mismatch"], ["rejected", "bad_value"], ["created", ""],
  ]);
  expect(results[7]!.warnings).toEqual([expect.stringContaining("строки нет в заказе"), expect.stringContaining("кодов 1, а количество 3")]);
  await ship(base, { ...about, id: newId(), items: [{ line: 1, quantity: 4 }] });
  const back = await giveBack(
    base,
    { ...about, id: newId() }, { ...about, id: newId(), items: [{ line: 1, quantity: 9 }] }, { ...about, id: newId(), items: [{ line: 1, quantity: 1, amount: 99999 }] }, { ...about, id: newId(), number: "В-1", items: [{ line: 1, quantity: 1 }] },
  );
  expect(back.map(({ status, code }) => [status, code])).toEqual([["rejected", "missing_field"], ["rejected", "too_much"], ["rejected", "too_much"], ["created", ""]]);
  expect(await stateOf(base, order.id)).toMatchObject({ due: "1800.03", returns: [{ number: "В-1", amount: "500.00" }] });
});

test("a return is taken once, at once and again", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  await ship(base, { id: newId(), orderId: order.id });
  const one = { id: newId(), number: "В-2", orderId: order.id, items: [{ id: boards, quantity: "1,0" }] };
  const both = (await Promise.all([giveBack(base, one), giveBack(base, one)])).flat();
  expect(both.map(({ status }) => status).toSorted()).toEqual(["created", "unchanged"]);
  expect(await giveBack(base, one)).toMatchObject([{ status: "unchanged" }]);
  expect(await stateOf(base, order.id)).toMatchObject({ due: "1800.03" });
});

test("PAY-05, invariant 12: only what was handed over comes back, of a line no more than was sold; parts without sums add up to it", async () => {
  const base = await aBase();
  const items = [{ line: 1, id: boards, name: "Доска", quantity: 3, amount: 100, vatRate: "22" }, { line: 2, id: screws, name: "Саморез", quantity: 4, amount: 20000, vatRate: "22" }];
  const order = await anOrder(base, { amount: 20100, items });
  const back = async (given: Record<string, unknown>) => {
    const [said] = await giveBack(base, { id: newId(), orderId: order.id, ...given });
    return [said!.status, said!.code];
  };
  const [taken, refused] = [["created", ""], ["rejected", "too_much"]];
  expect(await back({ items: [{ line: 1, quantity: 1 }] })).toEqual(["rejected", "not_shipped"]);
  await ship(base, { id: newId(), orderId: order.id, items: [{ line: 1, quantity: 3 }, { line: 2, quantity: 2 }] });
  expect(await back({ items: [{ line: 2, quantity: 3 }] })).toEqual(refused);
  expect(await back({ items: [{ line: 1, quantity: 1, amount: 5000 }] })).toEqual(refused);
  for (let i = 0; i < 3; i++) expect(await back({ items: [{ line: 1, quantity: 1 }] })).toEqual(taken);
  expect(await back({ items: [{ line: 1, quantity: 1 }] })).toEqual(refused);
  expect((await stateOf(base, order.id)).returns.map(({ amount }) => amount).toSorted()).toEqual(["33.33", "33.33", "33.34"]);
  expect(await stateOf(base, order.id)).toMatchObject({ due: "20000.00" });
  // Closed in 1C without a word of a hand-over: handed over whole.
  const closed = await anOrder(base, { state: { closed: true } });
  expect(await giveBack(base, { id: newId(), orderId: closed.id, items: [{ line: 1, quantity: 4 }] })).toMatchObject([{ status: "created" }]);
});
