/** Messages of the journal: done again, set aside, applied by hand, rehearsed, searched and forgotten (A9, CML-19, CML-23). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { viewerOf } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { writeMessages } from "@/lib/onec-messages/index.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { recordTransfer } from "@/lib/payments/index.ts";
import { resumePayments, stopPayments } from "@/lib/pilot/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { aDraft, aLine, upload } from "@/lib/testing/drafts.ts";
import { aShop } from "@/lib/testing/factories.ts";
import { openInboxWorld } from "@/lib/testing/inbox-world.ts";
import type { InboxWorld } from "@/lib/testing/inbox-world.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { applyByHand, countMessages, forgetMessages, listConflicts, listMessages, parseMessageFilter, readMessage, readSending, rehearse, repeatMessage, sendAgain, settleConflict, skipMessage } from "./index.ts";

let t: InboxWorld;
beforeAll(async () => {
  t = await openInboxWorld();
});
afterAll(() => t.close());

const sql = () => t.ctx.database.sql;

const fileOf = (inner: string) => `<?xml version="1.0" encoding="windows-1251"?><КоммерческаяИнформация ВерсияСхемы="2.07">${inner}</КоммерческаяИнформация>`;
const documentOf = (guid: string, number: string, sum = "1220.00") =>
  `<Документ><Ид>${guid}</Ид><Номер>${number}</Номер><Дата>2026-11-20</Дата><ХозОперация>Заказ товара</ХозОперация><Роль>Продавец</Роль><Валюта>RUB</Валюта><Курс>1</Курс><Сумма>${sum}</Сумма>` +
  `<Контрагенты><Контрагент><Ид>${guid}</Ид><Наименование>Иванова Мария</Наименование><Роль>Покупатель</Роль></Контрагент></Контрагенты><Товары><Товар><Ид>g1</Ид><Наименование>Чайник</Наименование>` +
  `<ЦенаЗаЕдиницу>1220</ЦенаЗаЕдиницу><Количество>1</Количество><Сумма>1220.00</Сумма></Товар></Товары><ЗначенияРеквизитов><ЗначениеРеквизита><Наименование>Проведен</Наименование><Значение>true</Значение></ЗначениеРеквизита></ЗначенияРеквизитов></Документ>`;
const send = (inner: string, name: string) => onecClient(t, "inbox").give(Buffer.from(fileOf(inner).replace("windows-1251", "utf-8")), name);
const messageOf = async (guid: string) => (await sql()<{ id: string; result: string; resultText: string | null; attempts: number; orderId: string | null; payload: string | null; source: string }[]>`select * from onec_messages where object_guid = ${guid} order by at desc limit 1`)[0]!;

test("CML-19, CML-23: a refused document is bound to the order that it is, set aside with a reason, and repeated", async () => {
  const [first, second] = [newId(), newId()];
  expect(await send(documentOf(first, "РУЧ-1"), "a.xml")).toContain("success");
  expect(await send(documentOf(second, "РУЧ-1"), "b.xml")).toContain("failure");
  const refused = await messageOf(second);
  expect(refused).toMatchObject({ result: "error", source: "b.xml", payload: documentOf(second, "РУЧ-1") });
  // The same thing once more ends the same way, and says so in the same row.
  expect(await repeatMessage(t.integrator, refused.id)).toMatchObject({ outcome: "refused" });
  expect(await messageOf(second)).toMatchObject({ id: refused.id, result: "error", attempts: 2 });
  await expect(repeatMessage(t.manager, refused.id)).rejects.toMatchObject({ code: "forbidden" });
  await expect(skipMessage(t.accountant, { messageId: refused.id, reason: "" })).rejects.toMatchObject({ details: { field: "reason" } });
  await skipMessage(t.accountant, { messageId: refused.id, reason: "Документ введён по ошибке" });
  expect(await send(documentOf(second, "РУЧ-1"), "c.xml")).toContain("success");
  await expect(applyByHand(t.accountant, refused.id, { bindToNumber: "НЕТ-ТАКОГО" })).rejects.toMatchObject({ details: { field: "bindToNumber" } });
  await expect(applyByHand(t.accountant, refused.id, { number: "РУЧ-2" })).rejects.toMatchObject({ message: expect.stringContaining("Номер заказа на сайте") });
  expect(await applyByHand(t.accountant, refused.id, { bindToNumber: "РУЧ-1" })).toMatchObject({ outcome: expect.stringMatching(/status|unchanged|revised/) });
  expect(await sql()`select onec_guid, (select count(*)::int from orders where number = 'РУЧ-1') as n from orders where number = 'РУЧ-1'`).toEqual([{ onecGuid: second, n: 1 }]);
  expect(await messageOf(second)).toMatchObject({ id: refused.id, result: expect.stringMatching(/applied|noop/) });
  // From now on the document is that order's.
  expect(await send(documentOf(second, "РУЧ-1"), "d.xml")).toContain("success");
});

test("2.7: what a person set aside is not laid over what 1C has sent of it since", async () => {
  const [owner, guid] = [newId(), newId()];
  await send(documentOf(owner, "СТАР-1"), "a.xml");
  await send(documentOf(guid, "СТАР-1"), "b.xml");
  const refused = await messageOf(guid);
  await skipMessage(t.accountant, { messageId: refused.id, reason: "Ждём другого номера" });
  t.clock.advance(60_000);
  expect(await send(documentOf(guid, "СТАР-2"), "c.xml")).toContain("success");
  await expect(repeatMessage(t.integrator, refused.id)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("уже прислала этот документ заново") });
});

test("PIL-05: a rehearsal that waits for an order does not hold up the kill switch", async () => {
  const [known, director] = [newId(), await aStaff(t, { role: "director" })];
  await send(documentOf(known, "СТОП-1"), "known.xml");
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const holding = sql().begin(async (tx) => {
    await tx`select 1 from payment_links l join orders o on o.id = l.order_id where o.number = 'СТОП-1' for update of l`;
    await held;
  });
  // The first document gives its order a pay link; the second one has to wait for the old link of its own.
  const trying = rehearse(t.accountant, { connectionId: t.shop.onecId, text: fileOf(`${documentOf(newId(), "СТОП-2")}${documentOf(known, "СТОП-1", "1000.00")}`) }).then(() => "done", (error: { code: string }) => error.code);
  await expect.poll(async () => (await sql()`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length, { timeout: 10_000, interval: 20 }).toBe(1);
  const stop = stopPayments(director.ctx, { storeId: t.shop.storeId, reason: "проверяем рубильник" });
  expect(await Promise.race([stop.then(() => "stopped"), trying])).toBe("stopped");
  release();
  await holding;
  expect(await trying).toBe("done");
  await resumePayments(director.ctx, { stopId: (await stop).stopId, reason: "проверили рубильник" });
});

test("A9: a rehearsal says what would happen to each document, and nothing of it stays: no order, link, job, journal or alert", async () => {
  const known = newId();
  await send(documentOf(known, "ПР-1"), "known.xml");
  const counts = async () => (await sql()`select (select count(*) from orders) as orders, (select count(*) from payment_links) as links, (select count(*) from onec_messages) as messages, (select count(*) from order_events) as events, (select count(*) from alerts) as alerts,
    (select count(*) from pgboss.job) as jobs, (select count(*) from onec_conflicts) as conflicts`)[0];
  const before = await counts();
  t.hints.length = 0;
  const found = await rehearse(t.accountant, { connectionId: t.shop.onecId, text: fileOf(`${documentOf(newId(), "ПР-2")}${documentOf(known, "ПР-1", "1000.00")}${documentOf(newId(), "ПР-1")}${documentOf(newId(), "ПР-3", "1О00")}${documentOf(known, "ПР-1", "1000.00")}`) });
  expect(found.map((each) => [each.outcome, each.result])).toEqual([["created", "applied"], ["revised", "applied"], ["refused", "error"], ["refused", "error"], ["unchanged", "noop"]]);
  expect(found[1]).toMatchObject({ summary: expect.stringContaining("изменила сумму заказа"), diff: [{ field: "total", before: "1\u202F220,00\u00A0₽", after: "1\u202F000,00\u00A0₽" }] });
  expect(found[2]!.summary).toContain("номер занят");
  expect(await counts()).toEqual(before);
  expect(t.hints).toEqual([]);
  await expect(rehearse(t.manager, { connectionId: t.shop.onecId, text: "<x/>" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(rehearse(t.accountant, { connectionId: t.shop.onecId, text: "<x/>" })).rejects.toMatchObject({ code: "invalid", details: { field: "text" } });
  await expect(rehearse(t.accountant, { connectionId: t.shop.onecId, text: " ".repeat(5) })).rejects.toMatchObject({ details: { field: "text" } });
  await expect(rehearse(t.accountant, { connectionId: t.shop.onecId, text: `<!--${"x".repeat(1_000_001)}-->` })).rejects.toMatchObject({ message: expect.stringContaining("МБ") });
});

test("SEC-04: the janitor forgets what is over and old, and never what waits for somebody", async () => {
  const row = (result: string, at: string) => sql()`
    insert into onec_messages (id, connection_id, at, door, direction, kind, summary, payload_cut, result, diff, attempts, last_at) values (${newId()}, ${t.shop.onecId}, ${at}::timestamptz, 'json', 'in', 'other', 'старое', false, ${result}, '[]', 1, ${at}::timestamptz)`;
  for (const result of ["applied", "skipped", "error", "conflict", "waiting_1c"]) await row(result, "2026-01-01T00:00:00Z");
  await row("applied", "2026-11-01T00:00:00Z");
  expect(await forgetMessages(t.ctx)).toBe(2);
  expect((await sql()<{ result: string }[]>`select result from onec_messages where summary = 'старое' order by result`).map((r) => r.result)).toEqual(["applied", "conflict", "error", "waiting_1c"]);
});

test("A9: the journal is paged by fifty without a gap, counted by tab, kept to its world and store, and shows money that 1C was never given", async () => {
  const mine = await aShop(t, { login: "pages" });
  const drafts = Array.from({ length: 60 }, () => aDraft());
  for (const draft of drafts) {
    await upload(t, mine, draft);
    t.clock.advance(1_000);
  }
  const scope = { isTest: true, viewer: viewerOf({ role: "accountant", storeId: null }) };
  const filter = parseMessageFilter({ base: mine.onecId });
  const first = await listMessages(t.ctx, scope, filter);
  const second = await listMessages(t.ctx, scope, { ...filter, cursor: first.next });
  expect([first.rows.length, second.rows.length, second.next]).toEqual([50, 10, null]);
  expect(new Set([...first.rows, ...second.rows].map((row) => row.objectNumber)).size).toBe(60);
  expect(first.rows[0]!.objectNumber).toBe(drafts.at(-1)!.number);
  await upload(t, mine, { kind: "refused", onecRef: newId(), number: "ПЛОХОЙ", reason: "нет суммы документа" });
  const orderId = first.rows[0]!.orderId!;
  const fact = await inTransaction(t.ctx, async (tx) => recordTransfer(t.ctx, tx, await lockOrder(tx, orderId), { amountKopecks: 122_000n, method: "cash", documentKey: newId(), documentNumber: null, occurredAt: t.ctx.now(), fiscalOwner: "pos" }));
  await sql()`insert into export_messages (id, connection_id, order_id, fact_id, amount_kopecks, seq, order_version, state, is_test, created_at) values (${newId()}, ${mine.onecId}, ${orderId}, ${fact!.factId}, 122000, 1, 0, 'pending', true, ${t.ctx.now()})`;
  expect(await countMessages(t.ctx, scope, filter)).toEqual({ all: 62n, errors: 1n, conflicts: 0n, waiting: 1n });
  expect((await listMessages(t.ctx, scope, { ...filter, tab: "waiting" })).rows).toMatchObject([{ kind: "payment", direction: "out", attempts: 0, summary: expect.stringMatching(/^Оплата 1\s220,00/), result: "waiting_1c" }]);
  expect((await listMessages(t.ctx, scope, { ...filter, text: "ПЛОХОЙ" })).rows).toMatchObject([{ result: "error" }]);
  const other = { isTest: true, viewer: viewerOf({ role: "manager", storeId: t.shop.storeId }) };
  expect((await listMessages(t.ctx, other, filter)).rows).toEqual([]);
  expect((await listMessages(t.ctx, { ...scope, isTest: false }, filter)).rows).toEqual([]);
  const message = await readMessage(t.ctx, { isTest: true, viewer: viewerOf({ role: "integrator", storeId: null }) }, first.rows[0]!.messageId);
  expect(message?.payload).not.toContain(drafts.at(-1)!.buyer.name);
  expect(await readMessage(t.ctx, other, first.rows[0]!.messageId)).toBeNull();
});

test("A9: words are looked for in the documents by who sees them, so many documents at a time; conflicts are searched and paged by fifty without a gap", async () => {
  const mine = await aShop(t, { login: "words" });
  const orderId = (await upload(t, mine, aDraft({ lines: [aLine({ name: "Шлагбаум дачный" })] })))[0]!.orderId!;
  await writeMessages(t.ctx, sql(), mine.onecId, [{
    door: "commerceml", direction: "in", kind: "shipment", objectGuid: null, objectNumber: "Б-1", orderId: null, summary: "Документ не принят", result: "error", payload: { format: "xml", text: "<Документ><Склад>ООО &quot;Шлагбаум&quot;</Склад></Документ>" },
  }]);
  const scope = { isTest: true, viewer: viewerOf({ role: "accountant", storeId: null }) };
  const found = async (q: string, viewer = scope.viewer) => (await listMessages(t.ctx, { ...scope, viewer }, parseMessageFilter({ base: mine.onecId, q, in: "documents" }))).rows.map((row) => row.objectNumber);
  const [{ number } = { number: "" }] = await sql()<{ number: string }[]>`select number from orders where id = ${orderId}`;
  expect(new Set(await found("шлагбаум"))).toEqual(new Set([number, "Б-1"]));
  expect(await found('ООО "Шлагбаум"')).toEqual(["Б-1"]);
  expect(await found("калитка")).toEqual([]);
  // An integrator reads documents without their buyers, and so finds none by them.
  expect(await found("шлагбаум", viewerOf({ role: "integrator", storeId: null }))).toEqual([]);
  expect((await listMessages(t.ctx, scope, parseMessageFilter({ base: mine.onecId, q: "шлагбаум" }))).rows).toEqual([]);

  const at = t.ctx.now();
  await sql()`
    insert into onec_conflicts (id, connection_id, object_type, object_key, order_id, field, state, ours, theirs, theirs_at, note, amount_kopecks, repeats, opened_at)
    select gen_random_uuid(), ${mine.onecId}, 'order', ${orderId}, ${orderId}, 'payment:' || n, 'open', 'Тайна', '2', ${at}::timestamptz, 'Платёж ' || n, case when n % 2 = 0 then n * 100 end, 0, ${at}::timestamptz from generate_series(1, 120) n`;
  const query = { state: "open" as const, baseId: mine.onecId };
  const seen: { conflictId: string; amountKopecks: bigint | null }[] = [];
  let cursor: string | null = null;
  for (const size of [50, 50, 20]) {
    const page: Awaited<ReturnType<typeof listConflicts>> = await listConflicts(t.ctx, scope, { ...query, cursor });
    expect(page.rows.length).toBe(size);
    seen.push(...page.rows);
    cursor = page.next;
  }
  expect([cursor, new Set(seen.map(({ conflictId }) => conflictId)).size, seen[0]!.amountKopecks, seen[59]!.amountKopecks, seen[60]!.amountKopecks]).toEqual([null, 120, 12_000n, 200n, null]);
  const notes = async (text: string) => (await listConflicts(t.ctx, scope, { ...query, text })).rows.map(({ note }) => note);
  expect(await notes("платёж 117")).toEqual(["Платёж 117"]);
  expect(await notes("118,00")).toEqual(["Платёж 118"]);
  expect(await notes("тайна")).toEqual([]);
  expect((await notes("платёж")).length).toBe(50);
  expect((await countMessages(t.ctx, scope, parseMessageFilter({ tab: "conflicts", base: mine.onecId, q: "платёж 11" }))).conflicts).toBe(11n);
  expect((await listConflicts(t.ctx, scope, { ...query, state: "decided" })).rows).toEqual([]);
  await settleConflict(t.accountant, { conflictId: seen[0]!.conflictId, reason: "Проведено вручную" });
  expect((await listConflicts(t.ctx, scope, { ...query, state: "decided" })).rows).toMatchObject([{ conflictId: seen[0]!.conflictId, reason: "Проведено вручную" }]);
});

test("CML-32: an order given out is one message however often it is asked for; `success` and 1C's own document move it", async () => {
  const mine = await aShop(t, { login: "given" });
  const draft = aDraft({ number: "ВЫГР-1", state: { statusText: "Не согласован" } });
  const orderId = (await upload(t, mine, draft))[0]!.orderId!;
  await sql()`update orders set export_version = 1 where id = ${orderId}`;
  const onec = onecClient(t, "given");
  const session = await onec.open();
  await onec.call("type=sale&mode=query", { session });
  await onec.call("type=sale&mode=query", { session });
  const out = () => sql()<{ result: string; attempts: number; payload: string }[]>`select result, attempts, payload from onec_messages where order_id = ${orderId} and direction = 'out'`;
  expect(await out()).toMatchObject([{ result: "waiting_1c", attempts: 2, payload: expect.stringContaining("<Номер>ВЫГР-1</Номер>") }]);
  await onec.call("type=sale&mode=success", { session });
  expect(await out()).toMatchObject([{ result: "confirmed", attempts: 2 }]);
  const [{ id }] = (await sql()`select id from onec_messages where order_id = ${orderId} and direction = 'out'`) as unknown as [{ id: string }];
  // «Повторить»: the next answer has the order again; while it waits for one there is nothing to repeat.
  expect(await readSending(t.ctx, id)).toMatchObject({ way: "file", state: "given", canResend: true });
  await expect(sendAgain(t.manager, id)).rejects.toMatchObject({ code: "forbidden" });
  expect(await sendAgain(t.integrator, id)).toBe("file");
  await expect(sendAgain(t.integrator, id)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("при следующем обмене") });
  expect(await readSending(t.ctx, id)).toMatchObject({ state: "waits", canResend: false });
  const again = await onec.open();
  expect((await onec.call("type=sale&mode=query", { session: again })).body).toContain("<Номер>ВЫГР-1</Номер>");
  await onec.call("type=sale&mode=success", { session: again });
  expect((await onec.call("type=sale&mode=query", { session: await onec.open() })).body).not.toContain("ВЫГР-1");
  expect(await sql()`select action from audit_log where object_id = ${id}`).toEqual([{ action: "message.sent_again" }]);
});
