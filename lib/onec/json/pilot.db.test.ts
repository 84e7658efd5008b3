/** The pilot as a base sees it by JSON: whose orders a rule chooses, and what the answers say of it (PIL-01 … PIL-05). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, localDate } from "@/lib/kit/time.ts";
import { changeStoreMode, listBatches, makeBatch, resumePayments, stopPayments } from "@/lib/pilot/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { anOrder, openJsonBases, stateOf } from "@/lib/testing/json-orders.ts";
import type { JsonBase, JsonBases } from "@/lib/testing/json-orders.ts";
import { ChangesAnswer } from "./schema-changes.ts";
import { OrdersAnswer } from "./schema-order.ts";

let t: JsonBases["t"];
let bankId: string;
let aBase: JsonBases["aBase"];
let director: Awaited<ReturnType<typeof aStaff>>;
beforeAll(async () => {
  ({ t, bankId, aBase } = await openJsonBases());
  director = await aStaff(t);
});
afterAll(() => t.close());

const storeOf = async (siteId: string): Promise<string> => {
  const [row] = await t.ctx.database.sql<{ storeId: string }[]>`select store_id from orders where id = ${siteId}`;
  return row!.storeId;
};
const send = async (base: JsonBase, order: Record<string, unknown>) => OrdersAnswer.parse((await base.post("/orders", { orders: [order] })).json).results[0]!;

test("PIL-01, PIL-05: GET /orders answers in every mode, with the kill switch pressed and in every state of the order; the link alone is missing", async () => {
  const base = await aBase();
  const order = await anOrder(base);
  const cancelled = await anOrder(base, { state: { cancelled: true } });
  const over = await anOrder(base, { payBy: "2020-01-01" });
  await cardMoney(t, order.siteId, 100_000n, bankId);
  const director = await aStaff(t);
  const [{ storeId }] = (await t.ctx.database.sql<{ storeId: string }[]>`select store_id from orders where id = ${order.siteId}`) as unknown as [{ storeId: string }];
  expect(await stateOf(base, order.id)).toMatchObject({ payUrl: expect.stringMatching(/\/pay\//) });
  const { stopId } = await stopPayments(director.ctx, { storeId, reason: "проверка остановки" });
  expect(await stateOf(base, order.id)).toMatchObject({ paid: "1000.00", due: "1300.03", payUrl: "" });
  for (const { id } of [cancelled, over]) expect(await stateOf(base, id)).toMatchObject({ payUrl: "" });
  await resumePayments(director.ctx, { stopId, reason: "проверка закончена" });
  await changeStoreMode(director.ctx, { storeId, to: "shadow", reason: "проверка режима", isTest: true });
  expect(await stateOf(base, (await anOrder(base)).id)).toMatchObject({ due: "2300.03", payUrl: "" });
});

test("PIL-02: a rule chooses the orders of one manager, whom 1C names in any case of letters; every answer names the pilot", async () => {
  const base = await aBase();
  const early = await anOrder(base, { manager: "Орлов Павел" });
  const storeId = await storeOf(early.siteId);
  await changeStoreMode(director.ctx, { storeId, to: "shadow", reason: "до пилота", isTest: true });
  await changeStoreMode(director.ctx, { storeId, to: "pilot", reason: "пилот", isTest: true });
  const rule = { storeId, isTest: true, kind: "rule" as const, maxOrders: 5, endsOn: addDays(localDate(t.ctx.now(), t.ctx.zone), 3) };
  await expect(makeBatch(director.ctx, { ...rule, manager: "Орлов" })).rejects.toMatchObject({ code: "invalid", details: { field: "manager" } });
  const { no } = await makeBatch(director.ctx, { ...rule, manager: " орлов павел " });
  expect(await listBatches(t.ctx, { storeId, isTest: true })).toMatchObject([{ manager: "орлов павел", takenCount: 0 }]);

  const mark = `Пилот Копейки № ${no}`;
  const his = await anOrder(base, { manager: "ОРЛОВ ПАВЕЛ" });
  const others = [await anOrder(base, { manager: "Орлова Павла" }), await anOrder(base)];
  expect(await stateOf(base, his.id)).toMatchObject({ manager: "ОРЛОВ ПАВЕЛ", pilot: mark, payUrl: expect.stringMatching(/\/pay\//) });
  for (const other of [early, ...others]) expect(await stateOf(base, other.id)).toMatchObject({ pilot: "", payUrl: "" });
  expect(await send(base, { id: his.id, comment: "ещё раз" })).toMatchObject({ status: "updated", pilot: mark });
  expect(await send(base, { id: early.id, comment: "ещё раз" })).toMatchObject({ status: "updated", pilot: "" });

  await cardMoney(t, his.siteId, 230_003n, bankId);
  const { items } = ChangesAnswer.parse((await base.get("/changes")).json);
  expect(items.find((item) => item.type === "payment.succeeded")).toMatchObject({ order: { id: his.id, pilot: mark } });
});

test("API-18: a manager left out stays, null takes him away, another one is a change that people read of", async () => {
  const base = await aBase();
  const { id, siteId } = await anOrder(base, { manager: "Орлов Павел" });
  const now = async () => (await stateOf(base, id)).manager;
  await send(base, { id, comment: "без менеджера в сообщении" });
  expect(await now()).toBe("Орлов Павел");
  expect(await send(base, { id, manager: "Орлов Павел" })).toMatchObject({ status: "unchanged" });
  expect(await send(base, { id, manager: "Белова Ирина" })).toMatchObject({ status: "updated" });
  const [message] = await t.ctx.database.sql<{ summary: string }[]>`select summary from onec_messages where order_id = ${siteId} order by at desc, id desc limit 1`;
  expect(message!.summary).toContain("Белова Ирина");
  expect(await send(base, { id, manager: null })).toMatchObject({ status: "updated" });
  expect(await now()).toBe("");
  // No order is refused for a word beside the matter.
  expect(await send(base, { id, manager: ` Орлов\u00A0 Павел ${"м".repeat(300)}` })).toMatchObject({ status: "updated", warnings: [] });
  expect(await now()).toBe(`Орлов Павел ${"м".repeat(188)}`);
  // A letter that stands on the edge goes whole.
  for (const to of [{ manager: `${"м".repeat(199)}🙂` }, { comment: `${"к".repeat(2_999)}🙂` }, { customer: { type: "person", name: `${"и".repeat(254)}🙂`, address: `${"а".repeat(499)}🙂` } }]) for (const _ of [1, 2]) expect((await send(base, { id, ...to })).status).not.toBe("rejected");
  await send(base, { id, manager: `Орлов Павел ${"м".repeat(300)}` });
  expect(await send(base, { id, comment: "ещё", manager: { id: "1", name: "Белова" } })).toMatchObject({ status: "updated", warnings: [expect.stringContaining("manager")] });
  expect(await now()).toBe(`Орлов Павел ${"м".repeat(188)}`);
});
