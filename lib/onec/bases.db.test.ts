/** Several 1C bases: each with its own user, cursor, table of methods, states, clock and rules. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { ackChanges, feedWrite, readChanges, watchFeed } from "@/lib/feed/index.ts";
import { sweep } from "@/lib/janitor/sweep.ts";
import { newId } from "@/lib/kit/ids.ts";
import { HOUR_MS } from "@/lib/kit/time.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { openOwnBases } from "@/lib/testing/own-bases.ts";
import type { OwnBases } from "@/lib/testing/own-bases.ts";
import { untilBlocked } from "@/lib/testing/until-blocked.ts";
import { forgetConnections } from "@/lib/testing/fresh-connections.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { changeChannel, forgetSessions } from "./index.ts";
import { fixture } from "./wire/fixtures/read-fixture.ts";

let t: TestContext;
let seller: TestShop;
let bankId: string;
let newBase: OwnBases["newBase"];
beforeAll(async () => {
  ({ t, seller, bankId, newBase } = await openOwnBases("base"));
});
afterAll(() => t.close());

async function aBase(settings: Record<string, unknown> = {}) {
  const { connectionId, storeId, login } = await newBase(settings);
  return { connectionId, storeId, onec: onecClient(t, login) };
}
const orderIn = async (connectionId: string) => {
  const rows = await t.ctx.database.sql<{ id: string; number: string; lifecycle: string; onecState: string | null; orderDate: Date; onecPaymentAt: Date | null; exportVersion: number; exportedVersion: number }[]>`
    select id, number, lifecycle, onec_state, order_date, onec_payment_at, export_version, exported_version from orders where onec_connection_id = ${connectionId}`;
  return rows[0];
};
const individual = (state = "", more = "") => {
  const text = fixture("orders-ut11-individual.xml").toString("utf8");
  const at = text.lastIndexOf("</ЗначенияРеквизитов>");
  const requisite = (name: string, value: string) => `<ЗначениеРеквизита><Наименование>${name}</Наименование><Значение>${value}</Значение></ЗначениеРеквизита>`;
  return Buffer.from(text.slice(0, at) + (state && requisite("Статус заказа", state)) + more + text.slice(at));
};
const value = (xml: string, name: string) => new RegExp(`<Наименование>${name}</Наименование>\\s*<Значение>([^<]*)</Значение>`).exec(xml)?.[1];

test("two bases that know an order of the same number and GUID have two orders; each takes its own payment by its own table of methods", async () => {
  const ut = await aBase();
  const retail = await aBase({ methodNames: { card: { id: "12", name: "Эквайринг Сбербанк" } } });
  for (const { onec } of [ut, retail]) expect(await onec.give(individual())).toBe("success\nЗагружено заказов: 1");
  const [first, second] = [await orderIn(ut.connectionId), await orderIn(retail.connectionId)];
  expect(first!.number).toBe(second!.number);
  expect(first!.id).not.toBe(second!.id);
  await cardMoney(t, second!.id, 3_746_00n, bankId);
  const [inUt, inRetail] = [await ut.onec.open(), await retail.onec.open()];
  expect((await ut.onec.call("type=sale&mode=query", { session: inUt })).body).not.toContain("<Документ>");
  const { body } = await retail.onec.call("type=sale&mode=query", { session: inRetail });
  expect([value(body, "Метод оплаты ИД"), value(body, "Метод оплаты"), value(body, "Заказ оплачен")]).toEqual(["12", "Эквайринг Сбербанк", "true"]);
  // The other base's `success` moves only the other base's mark.
  await ut.onec.call("type=sale&mode=success", { session: inUt });
  expect(await orderIn(retail.connectionId)).toMatchObject({ exportedVersion: 0 });
  await retail.onec.call("type=sale&mode=success", { session: inRetail });
  expect(await orderIn(retail.connectionId)).toMatchObject({ exportVersion: 1, exportedVersion: 1 });
  expect(await orderIn(ut.connectionId)).toMatchObject({ exportVersion: 0, exportedVersion: 0 });
});

test("a base whose sealing key is gone gets in no more; the others do, and a wrong password is refused as ever", async () => {
  const [whole, gone] = [await aBase(), await aBase()];
  await t.ctx.database.sql`update connections set secret_key_id = 'gone' where id = ${gone.connectionId}`;
  forgetConnections();
  expect(await whole.onec.give(individual())).toBe("success\nЗагружено заказов: 1");
  expect((await gone.onec.call("type=sale&mode=checkauth")).body).toMatch(/^failure/);
  await t.ctx.database.sql`update connections set enabled = false where id = ${gone.connectionId}`;
});

test("a session of one base is of no use with the credentials of another", async () => {
  const [one, two] = [await aBase(), await aBase()];
  await one.onec.give(individual());
  const order = await orderIn(one.connectionId);
  await cardMoney(t, order!.id, 3_746_00n, bankId);
  const stolen = await one.onec.open();
  expect((await two.onec.call("type=sale&mode=query", { session: stolen })).body).not.toContain("<Документ>");
  await two.onec.call("type=sale&mode=success", { session: stolen });
  expect(await orderIn(one.connectionId)).toMatchObject({ exportedVersion: 0 });
});

test("the base's own states go through its own table, the text stays; another base's table means nothing (2.2)", async () => {
  const mapped = await aBase({ statusMap: { "Выполнен": "completed", "Отменён": "cancelled", "В резерве": "reserved" } });
  const plain = await aBase();
  const steps = [["Новый", "active"], ["В РЕЗЕРВЕ", "reserved"], ["Отменен", "cancelled"], ["Новый", "active"], ["Выполнен ", "completed"]] as const;
  for (const [text, lifecycle] of steps) {
    await mapped.onec.give(individual(text));
    expect(await orderIn(mapped.connectionId)).toMatchObject({ lifecycle, onecState: text.trim() });
  }
  await plain.onec.give(individual("Выполнен"));
  expect(await orderIn(plain.connectionId)).toMatchObject({ lifecycle: "active", onecState: "Выполнен" });
});

test("«Финальный статус» of УТ 10.3 closes the order, by whatever name; a cancelled one stays cancelled", async () => {
  const final = "<ЗначениеРеквизита><Наименование>Финальный статус</Наименование><Значение>true</Значение></ЗначениеРеквизита>";
  const { onec, connectionId } = await aBase({ flavour: "ut103" });
  await onec.give(individual("Выполнен", final));
  expect(await orderIn(connectionId)).toMatchObject({ lifecycle: "completed" });
  await onec.give(individual("Отказ", `${final}<ЗначениеРеквизита><Наименование>Отменен</Наименование><Значение>true</Значение></ЗначениеРеквизита>`));
  expect(await orderIn(connectionId)).toMatchObject({ lifecycle: "cancelled" });
});

test("a base in another zone: its wall clock is read and written in its own zone", async () => {
  const far = await aBase({ zone: "Asia/Vladivostok" });
  const [sent] = /<Дата>[^<]*<\/Дата>/.exec(individual().toString())!;
  const paid = (number: string, at: string) => `<ЗначениеРеквизита><Наименование>Номер оплаты по 1С</Наименование><Значение>${number}</Значение></ЗначениеРеквизита><ЗначениеРеквизита><Наименование>Дата оплаты по 1С</Наименование><Значение>${at}</Значение></ЗначениеРеквизита>`;
  await far.onec.give(individual("", paid("УТ-1", "2026-11-21T9:30:00")));
  const order = await orderIn(far.connectionId);
  expect(order!.onecPaymentAt).toEqual(new Date("2026-11-20T23:30:00Z"));
  const local = `${/<Дата>([^<]*)/.exec(individual().toString())![1]}T${/<Время>([^<]*)/.exec(individual().toString())![1]}`;
  expect(order!.orderDate).toEqual(new Date(Date.parse(`${local}Z`) - 10 * 3_600_000));
  await cardMoney(t, order!.id, 3_746_00n, bankId);
  const { body } = await far.onec.call("type=sale&mode=query", { session: await far.onec.open() });
  expect(body).toContain(sent);
  // 12:00 in Moscow.
  expect(value(body, "Дата оплаты")).toBe("2026-11-21T19:00:00");
});

test("CML-19, rate 0: creation of orders and the meaning of a zero rate are the base's own where it says so", async () => {
  const closed = await aBase({ createOrders: false });
  expect(await closed.onec.give(individual())).toMatch(/^failure\n.*выключено/);
  const zero = Buffer.from(individual().toString("utf8").replace(/<Ставка>10<\/Ставка>/g, "<Ставка>0</Ставка>").replace(/<Налоги>[\s\S]*?<\/Налоги>/g, ""));
  const rates = async (settings: Record<string, unknown>) => {
    const { onec, connectionId } = await aBase(settings);
    await onec.give(zero);
    const lines = await t.ctx.database.sql<{ vatRate: string }[]>`select l.vat_rate from order_lines l join order_revisions r on r.id = l.revision_id join orders o on o.id = r.order_id where o.onec_connection_id = ${connectionId} order by l.line_no`;
    return lines.map((line) => line.vatRate);
  };
  expect(await rates({ zeroRateMeans: "vat0" })).toContain("vat0");
  expect(await rates({})).not.toContain("vat0");
});

test("info offers the base's own names", async () => {
  const { onec } = await aBase({ methodNames: { card: { id: "12", name: "Эквайринг Сбербанк" }, sbp_b2b: { id: "sb", name: "СБП юрлиц" } } });
  const { body } = await onec.call("type=sale&mode=info", { session: await onec.open() });
  expect(body).toMatch(/<Ид>12<\/Ид>\s*<Название>Эквайринг Сбербанк<[\s\S]*<Ид>sbp<[\s\S]*<Ид>sb<\/Ид>/);
  expect(body).not.toContain("Банковская карта");
});

/** As the set-up command does it. */
const channel = (connectionId: string, to: "commerceml" | "json") => inTransaction(t.ctx, async (tx) => {
  const unanswered = await changeChannel(tx, connectionId, to);
  if (unanswered === 0) await tx`update connections set settings = settings || jsonb_build_object('moneyChannel', ${to}::text) where id = ${connectionId}`;
  forgetConnections();
  return unanswered;
});

test("money goes by another channel from now on: what 1C has is not given again, what it was given without an answer stops the change", async () => {
  const base = await aBase({ doors: ["commerceml", "json"], moneyChannel: "json", flavour: "unf" });
  await base.onec.give(individual());
  const { id: orderId } = (await orderIn(base.connectionId))!;
  const first = await cardMoney(t, orderId, 100_00n, bankId);
  const { cursor } = await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 });
  expect(await channel(base.connectionId, "commerceml")).toBe(1);
  await ackChanges(t.ctx, base.connectionId, { cursor });
  // A shop's order that 1C was told of and has not sent back yet would be given by the file as another new one.
  const shopOrder = await anOrder(t, { sellerOrgId: seller.sellerOrgId, storeId: base.storeId, onecId: base.connectionId });
  await t.ctx.database.sql`update orders set onec_guid = null where id = ${shopOrder.orderId}`;
  await inTransaction(t.ctx, (tx) => feedWrite(t.ctx, tx, { type: "order.created", key: `order:${shopOrder.orderId}`, orderId: shopOrder.orderId, subjectId: null }));
  await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 });
  expect(await channel(base.connectionId, "commerceml")).toBe(1);
  await t.ctx.database.sql`update orders set onec_guid = ${newId()} where id = ${shopOrder.orderId}`;
  expect(await channel(base.connectionId, "commerceml")).toBe(0);
  const query = async () => {
    const session = await base.onec.open();
    return { session, body: (await base.onec.call("type=sale&mode=query", { session })).body };
  };
  expect((await query()).body).not.toContain("<Документ>");
  const second = await cardMoney(t, orderId, 200_00n, bankId);
  const { body } = await query();
  expect([body.includes(second.factId), body.includes(first.factId)]).toEqual([true, false]);
  expect(await channel(base.connectionId, "json")).toBe(1);
  // Nor after days, nor after a session that was given nothing: it may be in the books of 1C since.
  t.clock.advance(25 * 3_600_000);
  expect((await query()).body).not.toContain("<Документ>");
  t.clock.advance(25 * 3_600_000);
  await forgetSessions(t.ctx);
  expect(await channel(base.connectionId, "json")).toBe(1);
  await base.onec.call("type=sale&mode=success", { session: (await query()).session });
  expect(await channel(base.connectionId, "json")).toBe(0);
  await sweep(t.ctx);
  // Nor the shop's order, which 1C has by now.
  expect((await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 })).items).toEqual([]);
});

test("0023: a change of channel waits for a payment with nothing in its hands that the payment needs", async () => {
  const base = await aBase({ doors: ["commerceml", "json"], moneyChannel: "json", flavour: "unf" });
  await base.onec.give(individual());
  const { id: orderId } = (await orderIn(base.connectionId))!;
  await cardMoney(t, orderId, 100_00n, bankId);
  await ackChanges(t.ctx, base.connectionId, { cursor: (await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 })).cursor });
  await t.ctx.database.sql`update orders set export_version = exported_version + 1 where id = ${orderId}`;
  const { changing } = await inTransaction(t.ctx, async (tx) => {
    await tx`select 1 from orders where id = ${orderId} for no key update`;
    const begun = channel(base.connectionId, "commerceml");
    await untilBlocked(t);
    // As whoever records money does: the row of its event names the base.
    await feedWrite(t.ctx, tx, { type: "receipt.failed", key: "receipt-failed:1", orderId, subjectId: null });
    return { changing: begun };
  });
  expect(await changing).toBe(0);
  expect(await t.ctx.database.sql`select exported_version = export_version as is_told from orders where id = ${orderId}`).toEqual([{ isTold: true }]);
});

test("API-24: what the file told of while the feed stood still is told by the feed no more, and nobody is said not to fetch by a channel that is not in use", async () => {
  const base = await aBase({ doors: ["commerceml", "json"], moneyChannel: "json", flavour: "unf" });
  await base.onec.give(individual());
  const { id: orderId } = (await orderIn(base.connectionId))!;
  const [told, owed] = [await cardMoney(t, orderId, 100_00n, bankId), await cardMoney(t, orderId, 50_00n, bankId)];
  // Nobody has fetched either; the one that is owed still waits when the feed is back.
  await t.ctx.database.sql`update export_messages set state = 'rejected', rejected_reason = 'Период закрыт' where fact_id = ${owed.factId}`;
  expect(await channel(base.connectionId, "commerceml")).toBe(0);
  const session = await base.onec.open();
  expect((await base.onec.call("type=sale&mode=query", { session })).body).toContain(told.factId);
  await base.onec.call("type=sale&mode=success", { session });
  const alerts = () => t.ctx.database.sql`select 1 from alerts where object_key = ${`connection:${base.connectionId}:feed`} and state <> 'resolved'`;
  const now = t.ctx.now();
  t.clock.advance(3 * HOUR_MS);
  await watchFeed(t.ctx);
  t.clock.set(now);
  expect(await alerts()).toHaveLength(0);
  expect(await channel(base.connectionId, "json")).toBe(0);
  await sweep(t.ctx);
  expect((await readChanges(t.ctx, base.connectionId, { since: null, limit: 10 })).items.map((item) => item.key)).toEqual([`payment:${owed.factId}`]);
});
