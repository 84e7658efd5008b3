/** The journal of messages and the conflicts that uploads open (A9, LOST-17, LOST-18, CML-19, CML-20, CML-22, CML-23). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { aDraft, aLine, aStatus, changed, upload } from "@/lib/testing/drafts.ts";
import { openOrderJournal } from "@/lib/testing/order-journal.ts";
import type { OrderJournal } from "@/lib/testing/order-journal.ts";

let t: OrderJournal;
beforeAll(async () => {
  t = await openOrderJournal();
});
afterAll(() => t.close());

const sql = () => t.ctx.database.sql;

test("A9: a new order is one row without a second copy of its document; the same document again leaves none (CML-20)", async () => {
  const draft = aDraft({ lines: [aLine(), aLine({ position: 2 })] });
  const orderId = await t.taken(draft);
  expect(await t.messagesOf(draft.onecRef)).toMatchObject([{ kind: "order", result: "applied", payload: null, orderId, attempts: 1, diff: [] }]);
  await upload(t, t.shop, draft);
  expect(await t.messagesOf(draft.onecRef)).toHaveLength(1);
});

test("LOST-17: a smaller quantity after payment is a sentence, a difference by field, and a conflict tied to the alert", async () => {
  const lines = [aLine(), { ...aLine({ position: 2, name: "Фильтр", sumKopecks: 360_000n }), quantity: "3", priceKopecks: 120_000n }];
  const draft = aDraft({ lines });
  const orderId = await t.taken(draft);
  await t.pay(orderId, 482_000n);
  await upload(t, t.shop, { ...changed(draft, { lines: [lines[0]!, { ...lines[1]!, quantity: "2", sumKopecks: 240_000n }], totalKopecks: 362_000n }), raw: { format: "xml", text: "<Документ>…</Документ>" } });
  const [, message] = await t.messagesOf(draft.onecRef);
  expect(message).toMatchObject({
    result: "conflict", summary: "1С изменила количество в строке 2: 3 → 2, сумма −1\u202F200,00\u00A0₽", resultText: "Нужно решение: сумма заказа", payload: "<Документ>…</Документ>",
    diff: [{ field: "total", before: "4\u202F820,00\u00A0₽", after: "3\u202F620,00\u00A0₽", owner: "onec" }, { field: "lines", before: "3\u00A0шт", after: "2\u00A0шт" }, { field: "lines" }],
  });
  expect(await t.conflictsOf(orderId)).toMatchObject([{ field: "total", state: "open", ours: "оплачено 4\u202F820,00\u00A0₽", theirs: "сумма заказа 3\u202F620,00\u00A0₽", alertCode: "ALR-04", messageId: message!.id, amountKopecks: 120_000n }]);
  t.clock.advance(1_000);
  // 1C takes it back: nothing is left to decide.
  await upload(t, t.shop, changed(draft, { lines, comment: "как было" }));
  expect(await t.conflictsOf(orderId)).toMatchObject([{ field: "total", state: "gone" }]);
});

test("LOST-18: deletion with money opens one conflict however often it is said; it names the sum and ends when the order comes back", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  const orderId = await t.taken(draft);
  await t.pay(orderId, 100_000n);
  await upload(t, t.shop, aStatus(draft, { deleted: true }));
  t.clock.advance(1_000);
  await upload(t, t.shop, aStatus(draft, { deleted: true, statusText: "Закрыт" }));
  expect(await t.conflictsOf(orderId)).toMatchObject([{ field: "lifecycle", state: "open", theirs: "Удалён в 1С", alertCode: "ALR-05", amountKopecks: 100_000n }]);
  expect((await t.messagesOf(draft.onecRef))[1]).toMatchObject({ kind: "status", result: "conflict", summary: "1С пометила заказ на удаление" });
  await upload(t, t.shop, aStatus(draft, { deleted: false, statusText: "В работе" }));
  expect(await t.conflictsOf(orderId)).toMatchObject([{ state: "gone" }]);
});

test("a change that costs nobody anything is applied without a conflict", async () => {
  const draft = aDraft();
  const orderId = await t.taken(draft);
  await upload(t, t.shop, changed(draft, { state: { posted: false, statusText: "Готов к отгрузке" }, comment: "Позвонить" }));
  expect((await t.messagesOf(draft.onecRef))[1]).toMatchObject({ result: "applied", summary: "1С отменила проведение заказа; изменила комментарий; состояние «Готов к отгрузке»" });
  expect(await t.conflictsOf(orderId)).toEqual([]);
});

test("CML-23: a refused document is one row however often it comes, with its text; the corrected one ends it", async () => {
  const guid = newId();
  const bad = { kind: "refused" as const, onecRef: guid, number: "Б-1", reason: "сумма документа не читается: «1О0»", raw: { format: "xml" as const, text: "<Документ>1О0</Документ>" } };
  const fine = aDraft();
  expect((await upload(t, t.shop, bad, fine)).map((r) => r.outcome)).toEqual(["refused", "created"]);
  await upload(t, t.shop, bad);
  expect(await t.messagesOf(guid)).toMatchObject([{ result: "error", attempts: 2, summary: "Заказ №\u00A0Б-1 не принят: сумма документа не читается: «1О0»", payload: "<Документ>1О0</Документ>" }]);
  t.clock.advance(1_000);
  await upload(t, t.shop, { ...bad, reason: "нет суммы документа", raw: { format: "xml", text: "<Документ/>" } });
  expect(await t.messagesOf(guid)).toMatchObject([{ result: "skipped" }, { result: "error" }]);
  t.clock.advance(1_000);
  await upload(t, t.shop, aDraft({ onecRef: guid, number: "Б-1" }));
  expect((await t.messagesOf(guid)).map((m) => m.result)).toEqual(["skipped", "skipped", "applied"]);
});

test("CML-19: a number of another order is a conflict about that order, opened once, and gone when 1C corrects the number", async () => {
  const draft = aDraft();
  const orderId = await t.taken(draft);
  const stranger = aDraft({ number: draft.number });
  await upload(t, t.shop, stranger);
  await upload(t, t.shop, stranger);
  const [message] = await t.messagesOf(stranger.onecRef);
  expect(message).toMatchObject({ result: "error", attempts: 2, orderId });
  expect(await t.conflictsOf(orderId)).toMatchObject([{ field: "number", state: "open", ours: draft.number, messageId: message!.id }]);
  await upload(t, t.shop, changed(stranger, { number: `${draft.number}-2` }));
  expect(await t.conflictsOf(orderId)).toMatchObject([{ field: "number", state: "gone" }]);
});

test("CML-23: a refused document that a person has set aside is no error any more, so 1C stops sending it", async () => {
  const draft = aDraft();
  await t.taken(draft);
  const stranger = aDraft({ number: draft.number });
  await upload(t, t.shop, stranger);
  await sql()`update onec_messages set result = 'skipped', handled_by = 'staff:x', handled_at = now() where object_guid = ${stranger.onecRef}`;
  expect((await upload(t, t.shop, stranger))[0]).toMatchObject({ outcome: "skipped", reason: expect.stringContaining("пропущено сотрудником") });
  expect(await t.messagesOf(stranger.onecRef)).toMatchObject([{ result: "skipped", attempts: 2 }]);
});

test("the journal keeps what was said, and open rows cannot be removed", async () => {
  const draft = aDraft();
  await t.taken(draft);
  await expect(sql()`update onec_messages set summary = 'x' where object_guid = ${draft.onecRef}`).rejects.toMatchObject({ code: "23001" });
  await sql()`update onec_messages set result = 'error' where object_guid = ${draft.onecRef}`;
  await expect(sql()`delete from onec_messages where object_guid = ${draft.onecRef}`).rejects.toMatchObject({ code: "23001" });
  await sql()`update onec_messages set result = 'applied' where object_guid = ${draft.onecRef}`;
  await sql()`delete from onec_messages where object_guid = ${draft.onecRef}`;
});

test("2.7: НомерВерсии of the stock exchange: an older document leaves the order alone and is said; an unchanged one counts on", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  const orderId = (await upload(t, t.shop, { ...draft, version: 7 }))[0]!.orderId!;
  expect((await upload(t, t.shop, { ...draft, version: 9 }))[0]).toMatchObject({ outcome: "unchanged" });
  const late = changed(draft, { totalKopecks: 80_000n, buyer: { ...draft.buyer, name: "Другая", fullName: "Другая" } });
  expect((await upload(t, t.shop, { ...late, version: 8 }))[0]).toMatchObject({ outcome: "unchanged", reason: "устаревшая версия" });
  const [order] = await t.ctx.database.sql`select o.total_kopecks, o.onec_version, c.name from orders o join counterparties c on c.id = o.counterparty_id where o.id = ${orderId}`;
  expect(order).toEqual({ totalKopecks: 100_000n, onecVersion: 9n, name: draft.buyer.name });
  expect([...(await t.ctx.database.sql`select field, state, theirs from onec_conflicts where order_id = ${orderId}`)]).toEqual([{ field: "version", state: "open", theirs: "8" }]);
  // A base whose rule says so may go back.
  await t.ctx.database.sql`insert into onec_field_rules (connection_id, field, side, set_by, set_at) values (${t.shop.onecId}, 'version', 'onec', 'system', now())`;
  expect((await upload(t, t.shop, { ...late, version: 8 }))[0]).toMatchObject({ outcome: "revised" });
  await t.ctx.database.sql`delete from onec_field_rules`;
});
