/** Two transactions that want the same rows of one base: neither is ended by the database (decision 0023). Each test holds the feed until both wait. */
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { moveMoney } from "@/lib/allocations/index.ts";
import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { MINUTE_MS } from "@/lib/kit/time.ts";
import { confirmExportByHand } from "@/lib/onec/index.ts";
import { decideConflict, rehearse, seenOf, skipMessage } from "@/lib/onec/inbox/index.ts";
import type { OrderDraft } from "@/lib/onec/wire/index.ts";
import { changeRequisites } from "@/lib/orders/edit-buyer.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aCompany, aDraft, aPerson, anOperation, changed, upload } from "@/lib/testing/drafts.ts";
import { openPushReceiver } from "@/lib/testing/push-receiver.ts";
import type { PushReceiver } from "@/lib/testing/push-receiver.ts";
import { untilBlocked } from "@/lib/testing/until-blocked.ts";
import { pushFeed } from "./index.ts";

let t: PushReceiver;
beforeAll(async () => {
  t = await openPushReceiver();
});
beforeEach(() => t.begin());
afterAll(() => t.close());

/** What an upload said on its way: a batch that gave way to another transaction and was taken again is no success here. */
const gaveWay: string[] = [];
const heard = (): PushReceiver => ({ ...t, ctx: { ...t.ctx, log: pino({ level: "warn" }, { write: (line: string) => void gaveWay.push(line) }) } });
const ended = (work: Promise<unknown>) => work.then((value) => JSON.stringify(value) ?? "ok", (error: unknown) => `${(error as { code?: string }).code} ${(error as Error).message}`);
const isFine = expect.not.stringMatching(/40P01|refused/);

async function aWorld() {
  const base = await t.aPushedBase();
  await t.ctx.database.sql`insert into feed_cursors (connection_id) values (${base.connectionId}) on conflict do nothing`;
  return { ...base, shop: { onecId: base.connectionId, sellerOrgId: "", storeId: "" }, accountant: (await aStaff(t, { role: "accountant" })).ctx };
}
/** УНФ's document that names our payment. */
const proofOf = (factId: string) => anOperation({ operation: "Эквайринговая операция", number: `P-${factId}`, totalKopecks: 100_000n, marks: { paymentNumber: "УНФ-1", paid: true } });

const feedOf = (connectionId: string) => (tx: Tx) => tx`select 1 from feed_cursors where connection_id = ${connectionId} for update`;
const orderOf = (orderId: string) => (tx: Tx) => tx`select 1 from orders where id = ${orderId} for no key update`;

/** Starts one after another while something is held, each when those before it wait or are done, and lets them go. */
async function together(hold: (tx: Tx) => Promise<unknown>, ...works: (() => Promise<unknown>)[]): Promise<string[]> {
  let open = 0;
  const { begun } = await inTransaction(t.ctx, async (tx) => {
    await hold(tx);
    const started: Promise<string>[] = [];
    for (const work of works) {
      open += 1;
      started.push(ended(work()).finally(() => (open -= 1)));
      await untilBlocked(t, () => open);
    }
    return { begun: started };
  });
  const said = await Promise.all(begun);
  expect(gaveWay).toEqual([]);
  return said;
}

test("0023: an upload with a refund over several orders holds them before the feed: a person who names a document of one of them waits and goes on", async () => {
  const { connectionId, shop, bankId, accountant } = await aWorld();
  const buyer = aPerson();
  const [a, b, c] = [aDraft({ totalKopecks: 100_000n, buyer }), aDraft({ totalKopecks: 100_000n, buyer }), aDraft({ totalKopecks: 100_000n, buyer })];
  const [idA, idB, idC] = (await upload(t, shop, a, b, c)).map((result) => result.orderId!) as [string, string, string];
  const first = await cardMoney(t, idA, 100_000n, bankId);
  const second = await cardMoney(t, idB, 150_000n, bankId);
  await moveMoney(accountant, { factId: second.factId, fromOrderId: idB, toOrderId: idC, amountKopecks: 50_000n, reason: "согласен" });
  const third = await cardMoney(t, idC, 10_000n, bankId);
  const [ofC] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where fact_id = ${third.factId}`;
  const refund = anOperation({ operation: "Возврат безналичных денег", number: "ВБ-1", totalKopecks: 5_000n, marks: { paid: true } });
  const said = await together(
    feedOf(connectionId),
    () => upload(heard(), shop, changed(a, { operations: [proofOf(first.factId)] }), changed(b, { operations: [refund] })),
    () => confirmExportByHand(accountant, { exportId: ofC!.id, documentNumber: "ЭО-3" }),
  );
  expect(said).toEqual([isFine, isFine]);
});

test("0023: an upload with a refund takes its order and the lower one that the payment also stands on in one ascending sequence: a person who moves that money waits and goes on", async () => {
  const { shop, bankId, accountant } = await aWorld();
  const buyer = aPerson();
  const [low, high] = [aDraft({ totalKopecks: 100_000n, buyer }), aDraft({ totalKopecks: 100_000n, buyer })];
  const ids = (await upload(t, shop, low, high)).map((result) => result.orderId!) as [string, string];
  const [lower, higher] = ids.toSorted() as [string, string];
  const told = ids[0] === higher ? low : high;
  const { factId } = await cardMoney(t, higher, 150_000n, bankId);
  const move = (amountKopecks: bigint) => moveMoney(accountant, { factId, fromOrderId: higher, toOrderId: lower, amountKopecks, reason: "согласен" });
  await move(30_000n);
  const refund = anOperation({ operation: "Возврат безналичных денег", number: "ВБ-2", totalKopecks: 5_000n, marks: { paid: true } });
  const said = await together(orderOf(higher), () => upload(heard(), shop, changed(told, { operations: [refund] })), () => move(10_000n));
  expect(said).toEqual([isFine, isFine]);
  expect(await t.ctx.database.sql`select refunded_kopecks from orders where id = ${higher}`).toEqual([{ refundedKopecks: 5_000n }]);
});

test("0023: money of a refund that came to an order held by another, while the upload waited, lets the upload begin anew", async () => {
  const { shop, bankId } = await aWorld();
  const buyer = aPerson();
  const drafts = [aDraft({ totalKopecks: 100_000n, buyer }), aDraft({ totalKopecks: 100_000n, buyer })] as const;
  const [here, there] = (await upload(t, shop, ...drafts)).map((result) => result.orderId!) as [string, string];
  const { factId } = await cardMoney(t, here, 100_000n, bankId);
  const refund = anOperation({ operation: "Возврат безналичных денег", number: "ВБ-3", totalKopecks: 5_000n, marks: { paid: true } });
  const uploading = await inTransaction(t.ctx, async (busy) => {
    await orderOf(there)(busy);
    const begun = await inTransaction(t.ctx, async (moving) => {
      await orderOf(here)(moving);
      const started = upload(heard(), shop, changed(drafts[0], { operations: [refund] }));
      await untilBlocked(t);
      for (const [orderId, kopecks] of [[here, -40_000n], [there, 40_000n]] as const) {
        await moving`insert into allocations (id, fact_id, order_id, amount_kopecks, created_at, actor) values (${newId()}, ${factId}, ${orderId}, ${kopecks}, ${t.ctx.now()}, 'system')`;
      }
      return { started };
    });
    await untilBlocked(t, () => (gaveWay.length > 0 ? 1 : 2));
    return begun;
  });
  expect(await uploading.started).toEqual([expect.objectContaining({ outcome: "status" })]);
  expect(gaveWay.splice(0)).toEqual([expect.stringContaining("it is taken again")]);
});

test("0023: «Пропустить» of a refused document while 1C sends it again with a payment proven: both are done", async () => {
  const { connectionId, shop, bankId, accountant } = await aWorld();
  const draft = aDraft({ totalKopecks: 100_000n });
  const [made] = await upload(t, shop, draft);
  const { factId } = await cardMoney(t, made!.orderId!, 100_000n, bankId);
  await upload(t, shop, { kind: "refused", onecRef: draft.onecRef, number: draft.number, reason: "нет суммы" });
  const [message] = await t.ctx.database.sql<{ id: string }[]>`select id from onec_messages where connection_id = ${connectionId} and result = 'error'`;
  const said = await together(feedOf(connectionId), () => skipMessage(accountant, { messageId: message!.id, reason: "Не нужно больше" }), () => upload(heard(), shop, changed(draft, { operations: [proofOf(factId)] })));
  expect(said).toEqual([isFine, isFine]);
  expect(await t.ctx.database.sql`select state from export_messages where fact_id = ${factId}`).toEqual([{ state: "confirmed" }]);
});

test("0023, CML-23: what 1C refused of ours stays refused when 1C sends the order again, and a push of it meets the upload without harm", async () => {
  const { connectionId, shop, bankId } = await aWorld();
  const draft = aDraft({ totalKopecks: 100_000n });
  const [made] = await upload(t, shop, draft);
  const { factId } = await cardMoney(t, made!.orderId!, 100_000n, bankId);
  t.answer = () => ({ status: 200, body: '{"ok":false,"msg":"Период закрыт"}' });
  await pushFeed(t.ctx, connectionId);
  const message = async () => [...(await t.ctx.database.sql`select m.result, m.handled_at from onec_messages m join export_messages e on e.id = m.id where e.fact_id = ${factId}`)];
  await upload(t, shop, changed(draft, { comment: "Позвонить" }));
  expect(await message()).toEqual([{ result: "error", handledAt: null }]);

  t.clock.advance(15 * MINUTE_MS);
  let pushing: Promise<unknown> = Promise.resolve();
  await new Promise<void>((arrived) => {
    t.answer = () => (arrived(), { status: 200, body: '{"ok":true,"number":"7"}', waitMs: 300 });
    pushing = pushFeed(t.ctx, connectionId);
  });
  const said = await together(feedOf(connectionId), () => pushing, () => upload(heard(), shop, changed(draft, { comment: "Позвонить ещё раз", operations: [proofOf(factId)] })));
  expect(said).toEqual([isFine, isFine]);
});

test("0023: a buyer's requisites, corrected from one of his orders, hold all of them in ascending sequence: a person who moves money between them waits and goes on", async () => {
  const { shop, bankId, accountant } = await aWorld();
  const buyer = aCompany();
  const [lower, higher] = (await upload(t, shop, aDraft({ totalKopecks: 100_000n, buyer }), aDraft({ totalKopecks: 100_000n, buyer }))).map((result) => result.orderId!) as [string, string];
  const { factId } = await cardMoney(t, higher, 150_000n, bankId);
  const move = (amountKopecks: bigint) => moveMoney(accountant, { factId, fromOrderId: higher, toOrderId: lower, amountKopecks, reason: "согласен" });
  await move(30_000n);
  const requisites = { orderId: higher, officialName: "ООО «Северный Мастер»", inn: buyer.inn!, kpp: buyer.kpp!, address: "Тверь, Речная, 5", email: "", phone: "" };
  expect(await together(orderOf(higher), () => changeRequisites(accountant, requisites), () => move(10_000n))).toEqual([isFine, isFine]);
  const rows = () => t.ctx.database.sql<{ id: string; address: string }[]>`select c.id, c.address from orders o join counterparties c on c.id = o.counterparty_id where o.id = ${lower}`;
  expect(await rows()).toMatchObject([{ address: "Тверь, Речная, 5" }]);
  // «Взять из 1С» of his terms: an upload that holds his order writes the same question.
  const counterpartyId = (await rows())[0]!.id;
  const conflictId = newId();
  await t.ctx.database.sql`
    insert into onec_conflicts (id, connection_id, object_type, object_key, counterparty_id, field, state, ours, theirs, theirs_at, note, repeats, opened_at)
    values (${conflictId}, ${shop.onecId}, 'counterparty', ${counterpartyId}, ${counterpartyId}, 'terms', 'open', '0', '14 calendar order_date', ${t.ctx.now()}, '', 0, ${t.ctx.now()})`;
  const begun = await inTransaction(t.ctx, async (tx) => {
    await orderOf(lower)(tx);
    const deciding = ended(decideConflict(accountant, { conflictId, side: "theirs", seen: seenOf({ ours: "0", theirs: "14 calendar order_date" }) }));
    await untilBlocked(t);
    await tx`update onec_conflicts set repeats = repeats + 1 where id = ${conflictId}`;
    return { deciding };
  });
  expect(await begun.deciding).toEqual(isFine);
  expect(await t.ctx.database.sql`select state, repeats from onec_conflicts where id = ${conflictId}`).toEqual([{ state: "theirs", repeats: 1 }]);
});

const fileOf = (draft: OrderDraft, requisite = "") => `<Документ><Ид>${draft.onecRef}</Ид><Номер>${draft.number}</Номер><Дата>2026-11-20</Дата><ХозОперация>Заказ товара</ХозОперация><Роль>Продавец</Роль><Валюта>RUB</Валюта><Курс>1</Курс>
  <Сумма>900.00</Сумма><Товары><Товар><Ид>g1</Ид><Наименование>Чайник</Наименование><ЦенаЗаЕдиницу>900</ЦенаЗаЕдиницу><Количество>1</Количество><Сумма>900.00</Сумма></Товар></Товары>
  <ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Проведен</Наименование><Значение>true</Значение></ЗначениеРеквизита>${requisite}</ЗначенияРеквизитов></Документ>`;
const rehearsed = (ctx: Ctx, connectionId: string, ...documents: string[]) =>
  rehearse(ctx, { connectionId, text: `<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.07">${documents.join("")}</КоммерческаяИнформация>` });

test("0023: a rehearsal holds the orders of its whole file in ascending sequence: a person who moves money between two of them waits and goes on", async () => {
  const { connectionId, shop, bankId, accountant } = await aWorld();
  const buyer = aPerson();
  const drafts = [aDraft({ totalKopecks: 100_000n, buyer }), aDraft({ totalKopecks: 100_000n, buyer })] as const;
  const [lower, higher] = (await upload(t, shop, ...drafts)).map((result) => result.orderId!) as [string, string];
  const { factId } = await cardMoney(t, higher, 150_000n, bankId);
  const move = (amountKopecks: bigint) => moveMoney(accountant, { factId, fromOrderId: higher, toOrderId: lower, amountKopecks, reason: "согласен" });
  await move(30_000n);
  const said = await together(orderOf(higher), () => rehearsed(accountant, connectionId, fileOf(drafts[1]), fileOf(drafts[0])), () => move(10_000n));
  expect(said).toEqual([expect.stringMatching(/"revised".*"revised"/s), isFine]);
});

test("0023: a rehearsal of a file that proves money takes its turn with the feed: what a push writes meanwhile is not in its way", async () => {
  const { connectionId, shop, bankId, accountant } = await aWorld();
  const draft = aDraft({ totalKopecks: 100_000n });
  const [made] = await upload(t, shop, draft);
  const { factId } = await cardMoney(t, made!.orderId!, 100_000n, bankId);
  const paid = "<ЗначениеРеквизита><Наименование>Номер оплаты по 1С</Наименование><Значение>77</Значение></ЗначениеРеквизита>";
  await t.ctx.database.sql`update export_messages set state = 'delivered', delivered_at = ${t.ctx.now()} where fact_id = ${factId}`;
  const begun = await inTransaction(t.ctx, async (tx) => {
    await feedOf(connectionId)(tx);
    const trying = ended(rehearsed(accountant, connectionId, fileOf(draft, paid)));
    await untilBlocked(t);
    await tx`update export_messages set state = 'confirmed', confirmed_at = ${t.ctx.now()} where fact_id = ${factId}`;
    return { trying };
  });
  expect(await begun.trying).toMatch(/"revised"/);
});
