/** The journal of messages and the conflicts that uploads open (A9, LOST-17, LOST-18, CML-19, CML-20, CML-22, CML-23). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordTransfer } from "@/lib/payments/index.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { decideConflict, seenOf } from "@/lib/onec/inbox/index.ts";
import { changeRequisites } from "../edit-buyer.ts";
import { changeContact, changePayBy } from "../edit-order.ts";
import { setOwnContact } from "@/lib/orders/set-own-contact.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aCompany, aDraft, aLine, aPerson, aStatus, changed, upload } from "@/lib/testing/drafts.ts";
import { aShop } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";

let t: TestContext;
let shop: TestShop;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
});
afterAll(() => t.close());

const sql = () => t.ctx.database.sql;
type Message = { id: string; kind: string; result: string; summary: string; resultText: string | null; attempts: number; payload: string | null; orderId: string | null; diff: { field: string; before: string | null; after: string | null; owner: string }[]; objectGuid: string };
const messagesOf = (guid: string) => sql()<Message[]>`select * from onec_messages where object_guid = ${guid} order by at, id`;
const conflictsOf = (orderId: string) => sql()<{ id: string; field: string; state: string; ours: string | null; theirs: string | null; alertCode: string | null; messageId: string | null; repeats: number; amountKopecks: bigint | null; note: string }[]>`
  select * from onec_conflicts where order_id = ${orderId} order by opened_at, id`;

async function taken(draft: ReturnType<typeof aDraft>): Promise<string> {
  const [result] = await upload(t, shop, draft);
  t.clock.advance(1_000);
  return result!.orderId!;
}
const pay = (orderId: string, amountKopecks: bigint) =>
  inTransaction(t.ctx, async (tx) => void (await recordTransfer(t.ctx, tx, await lockOrder(tx, orderId), { amountKopecks, method: "cash", documentKey: newId(), documentNumber: null, occurredAt: t.ctx.now(), fiscalOwner: "pos" })));
const type = (orderId: string, contact: string) => inTransaction(t.ctx, async (tx) => setOwnContact({ ...t.ctx, actor: { kind: "buyer", ip: null } }, tx, await lockOrder(tx, orderId), contact));

test("A9: a new order is one row without a second copy of its document; the same document again leaves none (CML-20)", async () => {
  const draft = aDraft({ lines: [aLine(), aLine({ position: 2 })] });
  const orderId = await taken(draft);
  expect(await messagesOf(draft.onecRef)).toMatchObject([{ kind: "order", result: "applied", payload: null, orderId, attempts: 1, diff: [] }]);
  await upload(t, shop, draft);
  expect(await messagesOf(draft.onecRef)).toHaveLength(1);
});

test("LOST-17: a smaller quantity after payment is a sentence, a difference by field, and a conflict tied to the alert", async () => {
  const lines = [aLine(), { ...aLine({ position: 2, name: "Фильтр", sumKopecks: 360_000n }), quantity: "3", priceKopecks: 120_000n }];
  const draft = aDraft({ lines });
  const orderId = await taken(draft);
  await pay(orderId, 482_000n);
  await upload(t, shop, { ...changed(draft, { lines: [lines[0]!, { ...lines[1]!, quantity: "2", sumKopecks: 240_000n }], totalKopecks: 362_000n }), raw: { format: "xml", text: "<Документ>…</Документ>" } });
  const [, message] = await messagesOf(draft.onecRef);
  expect(message).toMatchObject({
    result: "conflict", summary: "1С изменила количество в строке 2: 3 → 2, сумма −1\u202F200,00\u00A0₽", resultText: "Нужно решение: сумма заказа", payload: "<Документ>…</Документ>",
    diff: [{ field: "total", before: "4\u202F820,00\u00A0₽", after: "3\u202F620,00\u00A0₽", owner: "onec" }, { field: "lines", before: "3\u00A0шт", after: "2\u00A0шт" }, { field: "lines" }],
  });
  expect(await conflictsOf(orderId)).toMatchObject([{ field: "total", state: "open", ours: "оплачено 4\u202F820,00\u00A0₽", theirs: "сумма заказа 3\u202F620,00\u00A0₽", alertCode: "ALR-04", messageId: message!.id, amountKopecks: 120_000n }]);
  t.clock.advance(1_000);
  // 1C takes it back: nothing is left to decide.
  await upload(t, shop, changed(draft, { lines, comment: "как было" }));
  expect(await conflictsOf(orderId)).toMatchObject([{ field: "total", state: "gone" }]);
});

test("LOST-18: deletion with money opens one conflict however often it is said; it names the sum and ends when the order comes back", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  const orderId = await taken(draft);
  await pay(orderId, 100_000n);
  await upload(t, shop, aStatus(draft, { deleted: true }));
  t.clock.advance(1_000);
  await upload(t, shop, aStatus(draft, { deleted: true, statusText: "Закрыт" }));
  expect(await conflictsOf(orderId)).toMatchObject([{ field: "lifecycle", state: "open", theirs: "Удалён в 1С", alertCode: "ALR-05", amountKopecks: 100_000n }]);
  expect((await messagesOf(draft.onecRef))[1]).toMatchObject({ kind: "status", result: "conflict", summary: "1С пометила заказ на удаление" });
  await upload(t, shop, aStatus(draft, { deleted: false, statusText: "В работе" }));
  expect(await conflictsOf(orderId)).toMatchObject([{ state: "gone" }]);
});

test("a change that costs nobody anything is applied without a conflict", async () => {
  const draft = aDraft();
  const orderId = await taken(draft);
  await upload(t, shop, changed(draft, { state: { posted: false, statusText: "Готов к отгрузке" }, comment: "Позвонить" }));
  expect((await messagesOf(draft.onecRef))[1]).toMatchObject({ result: "applied", summary: "1С отменила проведение заказа; изменила комментарий; состояние «Готов к отгрузке»" });
  expect(await conflictsOf(orderId)).toEqual([]);
});

test("CML-23: a refused document is one row however often it comes, with its text; the corrected one ends it", async () => {
  const guid = newId();
  const bad = { kind: "refused" as const, onecRef: guid, number: "Б-1", reason: "сумма документа не читается: «1О0»", raw: { format: "xml" as const, text: "<Документ>1О0</Документ>" } };
  const fine = aDraft();
  expect((await upload(t, shop, bad, fine)).map((r) => r.outcome)).toEqual(["refused", "created"]);
  await upload(t, shop, bad);
  expect(await messagesOf(guid)).toMatchObject([{ result: "error", attempts: 2, summary: "Заказ №\u00A0Б-1 не принят: сумма документа не читается: «1О0»", payload: "<Документ>1О0</Документ>" }]);
  t.clock.advance(1_000);
  await upload(t, shop, { ...bad, reason: "нет суммы документа", raw: { format: "xml", text: "<Документ/>" } });
  expect(await messagesOf(guid)).toMatchObject([{ result: "skipped" }, { result: "error" }]);
  t.clock.advance(1_000);
  await upload(t, shop, aDraft({ onecRef: guid, number: "Б-1" }));
  expect((await messagesOf(guid)).map((m) => m.result)).toEqual(["skipped", "skipped", "applied"]);
});

test("CML-19: a number of another order is a conflict about that order, opened once, and gone when 1C corrects the number", async () => {
  const draft = aDraft();
  const orderId = await taken(draft);
  const stranger = aDraft({ number: draft.number });
  await upload(t, shop, stranger);
  await upload(t, shop, stranger);
  const [message] = await messagesOf(stranger.onecRef);
  expect(message).toMatchObject({ result: "error", attempts: 2, orderId });
  expect(await conflictsOf(orderId)).toMatchObject([{ field: "number", state: "open", ours: draft.number, messageId: message!.id }]);
  await upload(t, shop, changed(stranger, { number: `${draft.number}-2` }));
  expect(await conflictsOf(orderId)).toMatchObject([{ field: "number", state: "gone" }]);
});

test("CML-23: a refused document that a person has set aside is no error any more, so 1C stops sending it", async () => {
  const draft = aDraft();
  await taken(draft);
  const stranger = aDraft({ number: draft.number });
  await upload(t, shop, stranger);
  await sql()`update onec_messages set result = 'skipped', handled_by = 'staff:x', handled_at = now() where object_guid = ${stranger.onecRef}`;
  expect((await upload(t, shop, stranger))[0]).toMatchObject({ outcome: "skipped", reason: expect.stringContaining("пропущено сотрудником") });
  expect(await messagesOf(stranger.onecRef)).toMatchObject([{ result: "skipped", attempts: 2 }]);
});

test("1.2: a contact that 1C set and nobody changed follows 1C", async () => {
  const draft = aDraft({ buyer: aPerson({ email: "old@example.ru" }) });
  const orderId = await taken(draft);
  await upload(t, shop, changed(draft, { buyer: { ...draft.buyer, email: "new@example.ru" } }));
  expect(await sql()`select contact from orders where id = ${orderId}`).toEqual([{ contact: "new@example.ru" }]);
  expect((await messagesOf(draft.onecRef))[1]).toMatchObject({ summary: "1С изменила контакт для чека", diff: [{ field: "contact", owner: "both", before: "old@example.ru", after: "new@example.ru" }] });
});

test("1.2: a contact that the buyer typed is not overwritten: a conflict says both; the same word of 1C again is no news, ours coming from 1C ends it", async () => {
  const draft = aDraft({ buyer: aPerson({ email: "old@example.ru" }) });
  const orderId = await taken(draft);
  await type(orderId, "typed@example.ru");
  const later = changed(draft, { buyer: { ...draft.buyer, email: "new@example.ru" } });
  await upload(t, shop, later);
  const contact = async () => (await sql()<{ contact: string }[]>`select contact from orders where id = ${orderId}`)[0]!.contact;
  expect(await contact()).toBe("typed@example.ru");
  expect(await conflictsOf(orderId)).toMatchObject([{ field: "contact", state: "open", ours: "typed@example.ru", theirs: "new@example.ru", repeats: 0 }]);
  expect((await messagesOf(draft.onecRef))[1]).toMatchObject({ result: "conflict", resultText: "Нужно решение: контакт для чека" });
  await upload(t, shop, changed(later, { comment: "ещё раз" }));
  expect(await conflictsOf(orderId)).toMatchObject([{ state: "open", repeats: 0 }]);
  await upload(t, shop, changed(later, { buyer: { ...draft.buyer, email: "third@example.ru" } }));
  expect(await conflictsOf(orderId)).toMatchObject([{ state: "open", theirs: "third@example.ru", repeats: 1 }]);
  await upload(t, shop, changed(later, { buyer: { ...draft.buyer, email: "Typed@example.ru" } }));
  expect(await conflictsOf(orderId)).toMatchObject([{ state: "gone" }]);
  expect(await contact()).toBe("typed@example.ru");
});

test("1.2: what 1C said before the buyer typed is no news either, and a base that sends no contact has no word", async () => {
  const draft = aDraft({ buyer: aPerson({ email: "old@example.ru" }) });
  const orderId = await taken(draft);
  await type(orderId, "+79161234567");
  await upload(t, shop, changed(draft, { comment: "ещё раз" }));
  await upload(t, shop, changed(draft, { buyer: { ...draft.buyer, email: null } }));
  expect(await conflictsOf(orderId)).toEqual([]);
  expect(await sql()`select contact from orders where id = ${orderId}`).toEqual([{ contact: "+79161234567" }]);
});

test("a rule of the base decides for a field: «всегда наше» keeps it, «всегда 1С» takes it, and nobody is asked", async () => {
  const rule = (side: string) => sql()`insert into onec_field_rules (connection_id, field, side, set_by, set_at) values (${shop.onecId}, 'contact', ${side}, 'system', now()) on conflict (connection_id, field) do update set side = excluded.side`;
  try {
    for (const [side, expected] of [["ours", "typed@example.ru"], ["onec", "new@example.ru"]] as const) {
      await rule(side);
      const draft = aDraft({ buyer: aPerson({ email: "old@example.ru" }) });
      const orderId = await taken(draft);
      await type(orderId, "typed@example.ru");
      await upload(t, shop, changed(draft, { buyer: { ...draft.buyer, email: "new@example.ru" } }));
      expect(await sql()`select contact from orders where id = ${orderId}`).toEqual([{ contact: expected }]);
      expect(await conflictsOf(orderId)).toEqual([]);
    }
  } finally {
    await sql()`delete from onec_field_rules`;
  }
});

test("1.2: requisites that staff corrected are merged the same way, whichever order of the buyer comes", async () => {
  const company = aCompany();
  const draft = aDraft({ buyer: company });
  const orderId = await taken(draft);
  const [buyer] = await sql()<{ id: string }[]>`select counterparty_id as id from orders where id = ${orderId}`;
  await sql()`update counterparties set kpp = '770101001' where id = ${buyer!.id}`;
  await sql()`insert into onec_field_edits (object_type, object_id, field, ours, ours_by, ours_at, onec_value) values ('counterparty', ${buyer!.id}, 'buyer.kpp', '770101001', 'system', now(), ${company.kpp})`;
  const other = aDraft({ buyer: company });
  await taken(other);
  const kpp = async () => (await sql()<{ kpp: string }[]>`select kpp from counterparties where id = ${buyer!.id}`)[0]!.kpp;
  expect(await kpp()).toBe("770101001");
  await upload(t, shop, changed(other, { buyer: { ...company, kpp: "780101001" } }));
  expect(await kpp()).toBe("770101001");
  expect(await sql()`select field, theirs, object_key from onec_conflicts where counterparty_id = ${buyer!.id}`).toEqual([{ field: "buyer.kpp", theirs: "780101001", objectKey: buyer!.id }]);
});

test("the journal keeps what was said, and open rows cannot be removed", async () => {
  const draft = aDraft();
  await taken(draft);
  await expect(sql()`update onec_messages set summary = 'x' where object_guid = ${draft.onecRef}`).rejects.toMatchObject({ code: "23001" });
  await sql()`update onec_messages set result = 'error' where object_guid = ${draft.onecRef}`;
  await expect(sql()`delete from onec_messages where object_guid = ${draft.onecRef}`).rejects.toMatchObject({ code: "23001" });
  await sql()`update onec_messages set result = 'applied' where object_guid = ${draft.onecRef}`;
  await sql()`delete from onec_messages where object_guid = ${draft.onecRef}`;
});

test("2.7: НомерВерсии of the stock exchange: an older document leaves the order alone and is said; an unchanged one counts on", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  const orderId = (await upload(t, shop, { ...draft, version: 7 }))[0]!.orderId!;
  expect((await upload(t, shop, { ...draft, version: 9 }))[0]).toMatchObject({ outcome: "unchanged" });
  const late = changed(draft, { totalKopecks: 80_000n, buyer: { ...draft.buyer, name: "Другая", fullName: "Другая" } });
  expect((await upload(t, shop, { ...late, version: 8 }))[0]).toMatchObject({ outcome: "unchanged", reason: "устаревшая версия" });
  const [order] = await t.ctx.database.sql`select o.total_kopecks, o.onec_version, c.name from orders o join counterparties c on c.id = o.counterparty_id where o.id = ${orderId}`;
  expect(order).toEqual({ totalKopecks: 100_000n, onecVersion: 9n, name: draft.buyer.name });
  expect([...(await t.ctx.database.sql`select field, state, theirs from onec_conflicts where order_id = ${orderId}`)]).toEqual([{ field: "version", state: "open", theirs: "8" }]);
  // A base whose rule says so may go back.
  await t.ctx.database.sql`insert into onec_field_rules (connection_id, field, side, set_by, set_at) values (${shop.onecId}, 'version', 'onec', 'system', now())`;
  expect((await upload(t, shop, { ...late, version: 8 }))[0]).toMatchObject({ outcome: "revised" });
  await t.ctx.database.sql`delete from onec_field_rules`;
});

test("1.2: contact, last day to pay and requisites that staff set are our word: another one of 1C is a question, and both answers hold", async () => {
  const company = aCompany({ email: "old@example.ru" });
  const draft = aDraft({ buyer: company });
  const { payUntil: _none, ...bare } = { ...draft, payUntil: null as Date | null };
  const orderId = (await upload(t, shop, { ...bare, payUntil: new Date("2026-11-30T21:00:00Z") }))[0]!.orderId!;
  const [accountant, manager, stranger, integrator] = await Promise.all([
    aStaff(t, { role: "accountant" }), aStaff(t, { role: "manager", storeId: shop.storeId }), aStaff(t, { role: "manager", storeId: (await aShop(t)).storeId }), aStaff(t, { role: "integrator" }),
  ]);
  const order = async () => (await sql()<{ contact: string; payUntil: Date | null; buyerName: string; version: number; counterpartyId: string; officialName: string; inn: string; kpp: string | null; address: string | null; email: string }[]>`
    select o.contact, o.pay_until, o.buyer_name, o.export_version as version, o.counterparty_id, c.official_name, c.inn, c.kpp, c.address, c.email from orders o join counterparties c on c.id = o.counterparty_id where o.id = ${orderId}`)[0]!;
  const before = await order();
  await expect(changeContact(stranger.ctx, { orderId, contact: "x@example.ru" })).rejects.toMatchObject({ code: "not_found" });
  await expect(changeContact(integrator.ctx, { orderId, contact: "x@example.ru" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(changeContact(manager.ctx, { orderId, contact: "x@" })).rejects.toMatchObject({ code: "invalid", details: { field: "contact" } });
  await changeContact(manager.ctx, { orderId, contact: "staff@example.ru" });
  for (const lastDay of ["2026-11-20", "30.11.2026", "2036-01-01"]) await expect(changePayBy(manager.ctx, { orderId, lastDay })).rejects.toMatchObject({ details: { field: "lastDay" } });
  await changePayBy(manager.ctx, { orderId, lastDay: "2026-12-05" });
  expect(await order()).toMatchObject({ contact: "staff@example.ru", payUntil: new Date("2026-12-05T21:00:00Z"), version: before.version + 2 });
  expect((await sql()`select valid_until from payment_links where order_id = ${orderId} and state = 'active'`)[0]).toEqual({ validUntil: new Date("2026-12-05T21:00:00Z") });
  const requisites = { orderId, officialName: "ООО «Северный Мастер Плюс»", inn: company.inn!, kpp: "770101001", address: "Москва", email: "", phone: "" };
  await expect(changeRequisites(manager.ctx, requisites)).rejects.toMatchObject({ code: "forbidden" });
  for (const [field, value] of [["officialName", " "], ["inn", "9900000025"], ["inn", "99"], ["kpp", "7701"], ["email", "мыло"], ["phone", "12"]] as const) {
    await expect(changeRequisites(accountant.ctx, { ...requisites, [field]: value })).rejects.toMatchObject({ code: "invalid", details: { field } });
  }
  await changeRequisites(accountant.ctx, requisites);
  expect(await order()).toMatchObject({ buyerName: "ООО «Северный Мастер Плюс»", officialName: "ООО «Северный Мастер Плюс»", kpp: "770101001", address: "Москва", email: "old@example.ru" });
  expect((await sql()<{ action: string }[]>`select action from audit_log where object_id in (${orderId}, ${before.counterpartyId}) order by at, id`).map(({ action }) => action)).toEqual(["contact.changed", "pay_by.changed", "requisites.changed"]);

  // 1C repeats its last word: nothing happens. Then it says something new.
  const again = changed(draft, { comment: "ещё раз" });
  await upload(t, shop, { ...again, payUntil: new Date("2026-11-30T21:00:00Z") });
  expect(await conflictsOf(orderId)).toEqual([]);
  expect(await order()).toMatchObject({ contact: "staff@example.ru", buyerName: "ООО «Северный Мастер Плюс»", kpp: "770101001", payUntil: new Date("2026-12-05T21:00:00Z") });
  const news = changed(draft, { comment: "новое", buyer: { ...company, email: "new@example.ru", kpp: "780101001" } });
  await upload(t, shop, { ...news, payUntil: new Date("2026-11-29T21:00:00Z") });
  expect(await order()).toMatchObject({ contact: "staff@example.ru", kpp: "770101001", payUntil: new Date("2026-12-05T21:00:00Z") });
  const open = async () => [...(await sql()<{ id: string; field: string; ours: string; theirs: string }[]>`select id, field, ours, theirs from onec_conflicts where state = 'open' and (order_id = ${orderId} or counterparty_id = ${before.counterpartyId}) order by field`)];
  expect((await open()).map(({ field }) => field)).toEqual(["buyer.kpp", "contact", "payBy"]);
  for (const row of await open()) await decideConflict(accountant.ctx, { conflictId: row.id, side: row.field === "contact" ? "ours" : "theirs", seen: seenOf(row) });
  expect(await order()).toMatchObject({ contact: "staff@example.ru", kpp: "780101001", payUntil: new Date("2026-11-29T21:00:00Z") });
  expect(await open()).toEqual([]);
  // Put back to what 1C says, it is 1C's again.
  await changeContact(manager.ctx, { orderId, contact: "new@example.ru" });
  const last = changed(draft, { comment: "новее", buyer: { ...company, email: "newest@example.ru", kpp: "780101001" } });
  await upload(t, shop, { ...last, payUntil: new Date("2026-11-29T21:00:00Z") });
  expect(await order()).toMatchObject({ contact: "newest@example.ru" });
  expect(await open()).toEqual([]);
});
