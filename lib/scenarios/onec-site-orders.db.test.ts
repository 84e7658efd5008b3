/** Orders born in an internet shop: they go to 1C as new ones with `query`, come back with 1C's GUID and number, and stay one order with one payment. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConnection, loadConnection } from "@/lib/connections/index.ts";
import type { DraftLine } from "@/lib/onec/wire/index.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aDraft, aLine, aPerson } from "@/lib/testing/drafts.ts";
import { openExchangeDoor } from "@/lib/testing/exchange-door.ts";
import { openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";

let t: MoneyWorld;
let door: Awaited<ReturnType<typeof openExchangeDoor>>;
let shopId: string;
beforeAll(async () => {
  t = await openMoneyWorld();
  door = await openExchangeDoor(t.ctx);
  await t.sandbox.control("onec/settings", { exchangeUrl: door.url, login: "1c", password: "secret" });
  const { connectionId } = await createConnection(t.ctx, { kind: "shop", provider: "shop", name: "Интернет-магазин", sellerOrgId: t.shop.sellerOrgId, environment: "test", settings: { onecConnectionId: t.shop.onecId }, secret: {} });
  shopId = connectionId;
});
afterAll(async () => {
  await door.close();
  await t.close();
});

type Report = { ok: boolean; error: string | null; loaded: { created: string[]; updated: string[]; booked: { order: string; sum: string; method: string }[]; skipped: unknown[]; damaged: unknown[]; newGoods: string[]; warnings: string[] } | null; uploaded: { number: string }[] };
type OnecOrder = { id: string; number: string; siteNumber: string; total: string; outstanding: string; posted: boolean; buyer: { name: string; kind: string }; payments: { sum: string }[]; lines: { name: string; quantity: string; sum: string; vat: string; kind: string }[] };
const exchange = () => t.sandbox.control<Report>("onec/exchange");
const inOnec = async () => (await t.sandbox.read<{ orders: OnecOrder[] }>("onec/state")).orders;
const viewer = { storeId: null, seesBuyers: true } as Parameters<typeof readOrderPage>[1];

const lines = (): DraftLine[] => [
  { ...aLine({ position: 1, name: "Чайник «Ладога»", sumKopecks: 244_000n }), quantity: "2", priceKopecks: 122_000n, ref: "" },
  { ...aLine({ position: 2, name: "Книга", sumKopecks: 90_000n }), ref: "", vat: "vat10", vatKopecks: 8_182n, priceKopecks: 100_000n },
  { ...aLine({ position: 3, name: "Доставка", sumKopecks: 35_000n }), ref: "", service: true, article: null },
];
async function shopOrder(number: string): Promise<string> {
  const draft = { ...aDraft({ number, lines: lines(), buyer: aPerson({ ref: null, phone: "+79990000001", email: "petrov@buyer.example", name: "Петров Пётр Сергеевич", fullName: "Петров Пётр Сергеевич" }) }), onecRef: "" };
  const [result] = await takeOrders(t.ctx, { ...(await loadConnection(t.ctx, t.shop.onecId)), shopId }, [draft]);
  expect(result).toMatchObject({ outcome: "created" });
  return result!.orderId!;
}
const ours = async (orderId: string) => (await t.ctx.database.sql<{ number: string; onecGuid: string | null; onecNumber: string | null; paymentStatus: string; capturedKopecks: bigint; totalKopecks: bigint; isPosted: boolean }[]>`
  select number, onec_guid, onec_number, payment_status, captured_kopecks, total_kopecks, is_posted from orders where id = ${orderId}`)[0]!;
const count = async () => (await t.ctx.database.sql<{ n: number }[]>`select count(*)::int as n from orders`)[0]!.n;
const exportsOf = async (orderId: string) => (await readOrderPage(t.ctx, viewer, orderId))!.exports.map((each) => each.byHand ?? each.state);

test.each([["W-20001", "W-20001"], ["ORDER-2026-000123456", null]])("a paid order %s goes to УТ as a new one with its payment, comes back with its GUID and number, and is one order with one payment", async (number, given) => {
  const before = (await inOnec()).length;
  const orderId = await shopOrder(number);
  const { totalKopecks } = await ours(orderId);
  await cardMoney(t, orderId, totalKopecks, t.acquirer.connectionId, "sbp");
  expect((await readOrderPage(t.ctx, viewer, orderId))!.order.siteBorn).toBe("waiting");
  const known = await count();

  const taken = await exchange();
  expect(taken).toMatchObject({ ok: true, error: null, loaded: { skipped: [], damaged: [], warnings: [] } });
  expect(taken.loaded!.created).toHaveLength(1);
  const siteNumber = taken.loaded!.created[0]!;
  expect(siteNumber).toEqual(given ?? expect.stringMatching(/^K-\d+$/));
  expect(siteNumber.length).toBeLessThanOrEqual(11);
  expect(taken.loaded!.booked).toEqual([{ order: siteNumber, document: expect.any(String), sum: totalKopecks.toString(), method: "СБП" }]);
  expect(await exportsOf(orderId)).toEqual(["delivered"]);
  expect((await readOrderPage(t.ctx, viewer, orderId))!.order.siteBorn).toBe("given");
  const made = (await inOnec()).find((order) => order.siteNumber === siteNumber)!;
  expect(made).toMatchObject({ posted: true, outstanding: "0", buyer: { name: "Петров Пётр Сергеевич", kind: "person" } });
  expect(made.lines.map((line) => [line.name, line.quantity, line.sum, line.vat, line.kind])).toEqual([
    ["Чайник «Ладога»", "2", "244000", "22", "Товар"], ["Книга", "1", "90000", "10", "Товар"], ["Доставка", "1", "35000", "22", "Услуга"],
  ]);

  expect((await exchange()).uploaded.map((each) => each.number)).toContain(siteNumber);
  expect(await ours(orderId)).toMatchObject({ number, onecGuid: made.id, onecNumber: made.number, paymentStatus: "paid", capturedKopecks: totalKopecks, totalKopecks, isPosted: true });
  expect(await exportsOf(orderId)).toEqual(["confirmed"]);
  expect((await readOrderPage(t.ctx, viewer, orderId))!.order).toMatchObject({ siteBorn: "in_onec", onecNumber: made.number });
  const events = await t.ctx.database.sql`select detail from order_events where order_id = ${orderId} and kind = 'order.in_onec'`;
  expect([...events]).toEqual([{ detail: { number: made.number } }]);

  for (let times = 0; times < 3; times++) expect((await exchange()).loaded).toMatchObject({ created: [], booked: [], damaged: [] });
  expect(await count()).toBe(known);
  expect((await inOnec()).length).toBe(before + 1);
});

test("an unpaid order goes to 1C first and is paid later: the same document, its payment booked once; 1C's own lines are not harmed", async () => {
  const orderId = await shopOrder("W-20002");
  expect((await exchange()).loaded).toMatchObject({ created: ["W-20002"], booked: [] });
  await exchange();
  const { onecGuid, totalKopecks } = await ours(orderId);
  expect(onecGuid).not.toBeNull();
  await cardMoney(t, orderId, totalKopecks, t.acquirer.connectionId);
  expect((await exchange()).loaded).toMatchObject({ created: [], updated: ["W-20002"], damaged: [], booked: [{ order: "W-20002", sum: totalKopecks.toString() }] });
  await exchange();
  expect(await exportsOf(orderId)).toEqual(["confirmed"]);
});

test("CML-16: УТ makes the order and dies before success: the same again makes no second one", async () => {
  const orderId = await shopOrder("W-20003");
  await cardMoney(t, orderId, (await ours(orderId)).totalKopecks, t.acquirer.connectionId);
  await t.sandbox.control("fault", { target: "onec", fault: "die_before_success", loaded: true });
  expect(await exchange()).toMatchObject({ ok: false });
  expect((await exchange()).loaded).toMatchObject({ created: [], booked: [] });
  await exchange();
  expect((await inOnec()).filter((order) => order.siteNumber === "W-20003")).toMatchObject([{ payments: [{ sum: (await ours(orderId)).totalKopecks.toString() }] }]);
  expect(await exportsOf(orderId)).toEqual(["confirmed"]);
});

test("CML-19: another GUID under the number that 1C was given is another order's: refused, nothing is joined", async () => {
  const orderId = await shopOrder("ORDER-2026-000777777");
  await exchange();
  await exchange();
  const { onecGuid } = await ours(orderId);
  const [{ no }] = (await t.ctx.database.sql<{ no: bigint }[]>`select no from orders where id = ${orderId}`) as unknown as [{ no: bigint }];
  const [result] = await takeOrders(t.ctx, await loadConnection(t.ctx, t.shop.onecId), [aDraft({ number: `K-${no}` })]);
  expect(result).toMatchObject({ outcome: "refused", reason: "номер занят другим заказом 1С" });
  expect(await ours(orderId)).toMatchObject({ onecGuid, number: "ORDER-2026-000777777" });
});

test("CML-19: an old order of another site under the same number, with another date and sum, is not laid over the shop's order: a person is asked", async () => {
  const orderId = await shopOrder("W-30001");
  const before = await ours(orderId);
  const base = await loadConnection(t.ctx, t.shop.onecId);
  const old = { ...aDraft({ number: "W-30001", totalKopecks: 7_700n }), createdLocal: "2024-03-05T12:00:00" };
  expect(await takeOrders(t.ctx, base, [old])).toMatchObject([{ outcome: "refused", reason: "номер занят другим заказом на сайте", orderId }]);
  expect(await ours(orderId)).toEqual(before);
  expect(await t.ctx.database.sql`select 1 from onec_conflicts where order_id = ${orderId} and field = 'number' and state = 'open'`).toHaveLength(1);
  // Edited in 1C before it came back, it bears the site's own date.
  expect(await takeOrders(t.ctx, base, [aDraft({ number: "W-30001", totalKopecks: 7_700n })])).toMatchObject([{ outcome: "revised", orderId }]);
});

test("a shop's order that ended without money is nothing to tell; a base that wants only paid ones gets them when money came", async () => {
  const gone = await shopOrder("W-20005");
  await t.ctx.database.sql`update orders set lifecycle = 'cancelled' where id = ${gone}`;
  expect((await exchange()).loaded!.created).not.toContain("W-20005");
  const unpaid = await shopOrder("W-20006");
  await t.ctx.database.sql`update connections set settings = settings || '{"siteOrders": "when_paid"}' where id = ${t.shop.onecId}`;
  const onec = onecClient(t, "1c");
  const asked = async () => (await onec.call("type=sale&mode=query", { session: await onec.open() })).body;
  expect(await asked()).not.toContain("W-20006");
  await cardMoney(t, unpaid, 10_000n, t.acquirer.connectionId);
  expect(await asked()).toContain("<Номер>W-20006</Номер>");
});
