/** Marking codes that are told after their hand-over, and the receipt that waits for them (FISC-51, FISC-32). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeAlert } from "@/lib/alerts/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aRegister } from "@/lib/testing/factories.ts";
import { closingOf, person, printed } from "@/lib/testing/goods-receipts.ts";
import { anOrder, boards, openJsonBases, screws, ship } from "@/lib/testing/json-orders.ts";
import type { JsonBases } from "@/lib/testing/json-orders.ts";

let t: JsonBases["t"];
let seller: JsonBases["seller"];
let bankId: string;
let aBase: JsonBases["aBase"];
beforeAll(async () => {
  ({ t, seller, bankId, aBase } = await openJsonBases());
});
afterAll(() => t.close());

test("FISC-51, FISC-32: codes that come after a bare «Отгружен», or after their shipment, join a closing receipt that is not out; a printed one is for the accountant", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const shippedOrder = async () => {
    const order = await anOrder(base, person);
    await cardMoney(t, order.siteId, 230_003n, bankId);
    await base.post("/orders", { orders: [{ id: order.id, state: { shippedAt: "2026-11-20T12:00:00", shipmentNumber: "Р-1" } }] });
    return order;
  };
  const named = (order: { id: string }, quantity: number, codes: string[]) => ({ id: newId(), number: "Р-1", orderId: order.id, items: [{ line: 1, quantity, markCodes: codes }] });
  const alertsOn = async (siteId: string) => [...(await t.ctx.database.sql`select code, severity, title from alerts where order_id = ${siteId} and code in ('ALR-15', 'ALR-16')`)];
  const waiting = await shippedOrder();
  expect(await closingOf(t, waiting.siteId)).toMatchObject([{ state: "planned", codes: [] }]);
  const whole = named(waiting, 4, ["а", "б", "в", "г"]);
  expect(await ship(base, whole, whole)).toMatchObject([{ status: "created", msg: "коды маркировки приняты: 4" }, { status: "unchanged" }]);
  expect(await closingOf(t, waiting.siteId)).toMatchObject([{ state: "cancelled" }, { state: "planned", codes: ["а", "б", "в", "г"] }]);
  expect(await alertsOn(waiting.siteId)).toEqual([]);
  // In two documents: the first alone leaves pieces without a code, so the receipt waits for a person, until the second has come.
  const parts = await shippedOrder();
  await ship(base, named(parts, 1, ["а"]));
  expect((await closingOf(t, parts.siteId)).at(-1)).toMatchObject({ state: "failed_final" });
  await ship(base, named(parts, 3, ["б", "в", "г"]));
  expect((await closingOf(t, parts.siteId)).at(-1)).toMatchObject({ state: "planned", codes: ["а", "б", "в", "г"] });
  expect([...(await t.ctx.database.sql`select state from alerts where order_id = ${parts.siteId} and code = 'ALR-08'`)]).toEqual([{ state: "resolved" }]);
  // The document itself, first without its codes.
  const own = await anOrder(base, person);
  const document = { id: newId(), number: "Р-2", orderId: own.id, items: [{ line: 1, quantity: 2 }] };
  const coded = { ...document, items: [{ line: 1, quantity: 2, markCodes: ["д", "е"] }] };
  expect(await ship(base, document, coded, coded)).toMatchObject([{ status: "created", msg: "" }, { status: "created", msg: "коды маркировки приняты: 2" }, { status: "unchanged" }]);
  expect((await closingOf(t, own.siteId)).at(-1)).toMatchObject({ state: "planned", codes: ["д", "е"] });
  // Told without them once more, they stay, and 1C hears of it; so do those that came with their document at once.
  const kept = (count: number) => `коды маркировки остались прежними: раньше названо ${count}, в этом документе их нет`;
  expect(await ship(base, document, { id: document.id, orderId: own.id })).toMatchObject([{ status: "unchanged", msg: kept(2) }, { status: "unchanged", msg: "" }]);
  const atOnce = { id: newId(), number: "Р-3", orderId: (await anOrder(base, person)).id, items: [{ line: 1, quantity: 1, markCodes: ["з"] }, { line: 2, quantity: 1, markCodes: ["и"] }] };
  const [first, second] = atOnce.items as [(typeof atOnce.items)[number], (typeof atOnce.items)[number]];
  expect(await ship(base, atOnce, atOnce, { ...atOnce, items: [first, { line: 2, quantity: 1 }] }, { ...atOnce, items: [first, { ...second, markCodes: [] }] })).toMatchObject([
    { status: "created" }, { status: "unchanged", msg: "" }, { status: "unchanged", msg: kept(1) }, { status: "rejected", code: "changed_after_recorded" },
  ]);
  // One document that names more codes each time; another code for a piece that has one is no silent change.
  const grows = await shippedOrder();
  const growing = { ...named(grows, 1, ["а"]) };
  const grown = { ...growing, items: [{ line: 1, quantity: 4, markCodes: ["а", "б", "в", "г"] }] };
  expect(await ship(base, growing, grown, grown)).toMatchObject([{ msg: "коды маркировки приняты: 1" }, { status: "created", msg: "коды маркировки приняты: 3" }, { status: "unchanged" }]);
  expect((await closingOf(t, grows.siteId)).at(-1)).toMatchObject({ state: "planned", codes: ["а", "б", "в", "г"] });
  expect(await alertsOn(grows.siteId)).toEqual([]);
  const count = (await closingOf(t, grows.siteId)).length;
  for (const [order, wrong] of [[grows, { ...grown, items: [{ line: 1, quantity: 4, markCodes: ["а", "б", "в", "ж"] }] }], [own, { ...document, items: [{ line: 1, quantity: 2, markCodes: ["д", "ж"] }] }]] as const) {
    expect(await ship(base, wrong)).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
    expect(await alertsOn(order.siteId)).toEqual([{ code: "ALR-15", severity: "P2", title: expect.stringContaining("с другими кодами маркировки") }]);
  }
  expect(await closingOf(t, grows.siteId)).toHaveLength(count);
  // Nor is it joined as one more while there is room.
  const swapped = await shippedOrder();
  const began = named(swapped, 1, ["а"]);
  await ship(base, began);
  const before = await closingOf(t, swapped.siteId);
  for (const items of [[{ line: 1, quantity: 1, markCodes: ["ж"] }], [{ line: 1, quantity: 4, markCodes: ["ж", "б", "в", "г"] }]]) {
    expect(await ship(base, { ...began, items })).toMatchObject([{ status: "rejected", code: "changed_after_recorded" }]);
    expect(await closingOf(t, swapped.siteId)).toEqual(before);
  }
  expect(await alertsOn(swapped.siteId)).toEqual([expect.objectContaining({ code: "ALR-15" })]);
  const late = await shippedOrder();
  await printed(t, late.siteId);
  await ship(base, named(late, 4, ["а", "б", "в", "г"]));
  expect(await closingOf(t, late.siteId)).toMatchObject([{ state: "sent", codes: [] }]);
  expect(await alertsOn(late.siteId)).toEqual([{ code: "ALR-16", severity: "P1", title: expect.stringContaining("без кодов маркировки") }]);
});

test("FISC-51: codes told after the order got a new revision join the goods of their hand-over; those whose goods it does not have are told, never passed over", async () => {
  const base = await aBase();
  await aRegister(t, seller);
  const revised = { amount: "2400.04", items: [{ line: 1, id: screws, characteristicId: boards, name: "Саморез", quantity: 4, price: "100.01", amount: "400.04", vatRate: "22" }, { line: 2, id: boards, name: "Доска", quantity: 4, price: 500, amount: 2000, vatRate: "22" }] };
  const codes = ["а1", "б1", "в1", "г1"];
  const lastOf = async (siteId: string) => (await closingOf(t, siteId)).at(-1);
  for (const byStatus of [false, true]) {
    const order = await anOrder(base, person);
    await cardMoney(t, order.siteId, 230_003n, bankId);
    const bare = { id: newId(), number: "Р-1", orderId: order.id, items: [{ line: 1, id: boards, quantity: 4 }] };
    if (byStatus) await base.post("/orders", { orders: [{ id: order.id, state: { shippedAt: "2026-11-20T12:00:00", shipmentNumber: "Р-1" } }] });
    else expect(await ship(base, bare)).toMatchObject([{ status: "created" }]);
    await base.post("/orders", { orders: [{ id: order.id, ...revised }] });
    const coded = { ...bare, items: [{ line: 2, id: boards, quantity: 4, markCodes: codes }] };
    expect(await ship(base, coded, coded)).toMatchObject([{ status: "created", msg: "коды маркировки приняты: 4" }, { status: "unchanged" }]);
    expect(await lastOf(order.siteId)).toMatchObject({ state: "planned", codes });
    if (!byStatus) expect(await ship(base, bare)).toMatchObject([{ status: "unchanged", msg: "коды маркировки остались прежними: раньше названо 4, в этом документе их нет" }]);
    expect([...(await t.ctx.database.sql`select code from alerts where order_id = ${order.siteId} and code in ('ALR-15', 'ALR-16')`)]).toEqual([]);
  }
  // «Отгружен» told of the boards alone: the screws went out by a document, without codes, and another one names codes for them.
  const mixed = await anOrder(base, person);
  await cardMoney(t, mixed.siteId, 230_003n, bankId);
  await ship(base, { id: newId(), number: "Р-2", orderId: mixed.id, items: [{ line: 2, quantity: 3 }] });
  await base.post("/orders", { orders: [{ id: mixed.id, state: { shippedAt: "2026-11-20T12:00:00", shipmentNumber: "Р-3" } }] });
  const other = { id: newId(), number: "Р-3", orderId: mixed.id, items: [{ line: 1, quantity: 4, markCodes: codes }, { line: 2, quantity: 3, markCodes: ["ш1", "ш2", "ш3"] }] };
  const lost = expect.arrayContaining([expect.stringContaining("не приняты коды маркировки: 3")]);
  expect(await ship(base, other, other)).toMatchObject([{ status: "created", msg: "коды маркировки приняты: 4", warnings: lost }, { status: "unchanged", warnings: lost }]);
  expect([...(await t.ctx.database.sql`select title from alerts where order_id = ${mixed.siteId} and code = 'ALR-15'`)]).toMatchObject([{ title: expect.stringMatching(/для 3\s+кодов маркировки нет строки отгрузки$/u) }]);
  // A wrong number of them is no complete row.
  const own = await anOrder(base, person);
  const two = { id: newId(), number: "Р-4", orderId: own.id, items: [{ line: 1, quantity: 2 }] };
  expect(await ship(base, two, { ...two, items: [{ line: 1, quantity: 2, markCodes: ["д"] }] })).toMatchObject([{ status: "created" }, { status: "unchanged", warnings: ["items[0].markCodes: кодов 1, а количество 2; коды не приняты"] }]);
});

test("FISC-51: codes of goods that stand in two lines go to the line they were told for, the rest to one with room; codes on another hand-over of the order are no loss; what was lost has an end", async () => {
  const base = await aBase();
  const accountant = await aStaff(t, { role: "accountant" });
  const items = [{ line: 1, id: boards, name: "Доска", quantity: 2, price: 500, amount: 1000, vatRate: "22" }, { line: 2, id: boards, name: "Доска", quantity: 3, price: 400, amount: 1200, vatRate: "22" }];
  const shipped = async (given: Record<string, unknown>) => {
    const order = await anOrder(base, given);
    return { ...order, byFlag: () => base.post("/orders", { orders: [{ id: order.id, state: { shippedAt: "2026-11-20T12:00:00", shipmentNumber: "Р-9" } }] }) };
  };
  const codesOf = async (siteId: string) => [...(await t.ctx.database.sql<{ lineNo: number; codes: string[] }[]>`
    select ol.line_no, array_agg(c.mark_code order by c.mark_code) as codes from shipment_codes c join shipment_lines l on l.shipment_id = c.shipment_id and l.line_no = c.line_no join order_lines ol on ol.id = l.order_line_id
      join shipments s on s.id = l.shipment_id where s.order_id = ${siteId} group by ol.line_no order by ol.line_no`)];
  const twice = { amount: 2200, items };
  for (const [rows, codes] of [
    [[{ line: 2, id: boards, quantity: 3, markCodes: ["в", "г", "д"] }, { line: 1, id: boards, quantity: 2, markCodes: ["а", "б"] }], [["а", "б"], ["в", "г", "д"]]],
    // Without numbers: the line that lacks just so many.
    [[{ name: "Доска", id: boards, quantity: 3, markCodes: ["в", "г", "д"] }, { name: "Доска", id: boards, quantity: 2, markCodes: ["а", "б"] }], [["а", "б"], ["в", "г", "д"]]],
    // More of a line than it has: what was told for the other one keeps its places.
    [[{ line: 1, id: boards, quantity: 3, markCodes: ["а", "б", "в"] }, { line: 2, id: boards, quantity: 2, markCodes: ["г", "д"] }], [["а", "б"], ["в", "г", "д"]]],
  ] as const) {
    const order = await shipped(twice);
    await order.byFlag();
    expect(await ship(base, { id: newId(), number: "Р-9", orderId: order.id, items: rows })).toMatchObject([{ status: "created", msg: "коды маркировки приняты: 5" }]);
    expect(await codesOf(order.siteId)).toEqual(codes.map((each, at) => ({ lineNo: at + 1, codes: each })));
  }
  const alertsOn = async (siteId: string) => [...(await t.ctx.database.sql<{ id: string; state: string }[]>`select id, state from alerts where order_id = ${siteId} and code = 'ALR-15'`)];
  const [withOwn, without] = [await shipped({}), await shipped({})];
  const nails = (codes: string[]) => ({ line: 2, quantity: 3, ...(codes.length > 0 && { markCodes: codes }) });
  const of = (order: { id: string }, ...rows: Record<string, unknown>[]) => ({ id: newId(), number: "Р-10", orderId: order.id, items: rows });
  const four = { line: 1, quantity: 4, markCodes: ["1", "2", "3", "4"] };
  await ship(base, of(withOwn, nails(["x", "y", "z"])), of(without, nails([])));
  await withOwn.byFlag();
  await without.byFlag();
  expect(await ship(base, of(withOwn, four, nails(["x", "y", "z"])))).toMatchObject([{ status: "created", msg: "коды маркировки приняты: 4", warnings: expect.not.arrayContaining([expect.stringContaining("коды")]) }]);
  expect(await alertsOn(withOwn.siteId)).toEqual([]);
  // Nor do they take the places of pieces that went out by «Отгружен» alone.
  const parted = await shipped({});
  await ship(base, of(parted, { line: 1, quantity: 2, markCodes: ["1", "2"] }));
  await parted.byFlag();
  expect(await ship(base, of(parted, four))).toMatchObject([{ status: "created", msg: "коды маркировки приняты: 2" }]);
  expect(await codesOf(parted.siteId)).toEqual([{ lineNo: 1, codes: ["3", "4"] }]);
  const lost = of(without, four, nails(["x", "y", "z"]));
  await ship(base, lost);
  expect(await alertsOn(without.siteId)).toMatchObject([{ state: "firing" }]);
  await ship(base, { ...lost, items: [four] });
  expect(await alertsOn(without.siteId)).toMatchObject([{ state: "resolved" }]);
  await ship(base, lost);
  const open = (await alertsOn(without.siteId)).find(({ state }) => state === "firing")!;
  await closeAlert(accountant.ctx, { alertId: open.id, reason: "Саморезы не маркируются" });
  expect((await alertsOn(without.siteId)).map(({ state }) => state)).toEqual(["resolved", "resolved"]);
});
