/** What the buyer or staff have said of an order is our word: another word of 1C is a question, and a rule may answer it (domain 1.2). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { decideConflict, seenOf } from "@/lib/onec/inbox/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { aCompany, aDraft, aPerson, changed, upload } from "@/lib/testing/drafts.ts";
import { aShop } from "@/lib/testing/factories.ts";
import { openOrderJournal } from "@/lib/testing/order-journal.ts";
import type { OrderJournal } from "@/lib/testing/order-journal.ts";
import { changeRequisites } from "../edit-buyer.ts";
import { changeContact, changePayBy } from "../edit-order.ts";

let t: OrderJournal;
beforeAll(async () => {
  t = await openOrderJournal();
});
afterAll(() => t.close());

const sql = () => t.ctx.database.sql;

test("1.2: a contact that 1C set and nobody changed follows 1C", async () => {
  const draft = aDraft({ buyer: aPerson({ email: "old@example.ru" }) });
  const orderId = await t.taken(draft);
  await upload(t, t.shop, changed(draft, { buyer: { ...draft.buyer, email: "new@example.ru" } }));
  expect(await sql()`select contact from orders where id = ${orderId}`).toEqual([{ contact: "new@example.ru" }]);
  expect((await t.messagesOf(draft.onecRef))[1]).toMatchObject({ summary: "1С изменила контакт для чека", diff: [{ field: "contact", owner: "both", before: "old@example.ru", after: "new@example.ru" }] });
});

test("1.2: a contact that the buyer typed is not overwritten: a conflict says both; the same word of 1C again is no news, ours coming from 1C ends it", async () => {
  const draft = aDraft({ buyer: aPerson({ email: "old@example.ru" }) });
  const orderId = await t.taken(draft);
  await t.type(orderId, "typed@example.ru");
  const later = changed(draft, { buyer: { ...draft.buyer, email: "new@example.ru" } });
  await upload(t, t.shop, later);
  const contact = async () => (await sql()<{ contact: string }[]>`select contact from orders where id = ${orderId}`)[0]!.contact;
  expect(await contact()).toBe("typed@example.ru");
  expect(await t.conflictsOf(orderId)).toMatchObject([{ field: "contact", state: "open", ours: "typed@example.ru", theirs: "new@example.ru", repeats: 0 }]);
  expect((await t.messagesOf(draft.onecRef))[1]).toMatchObject({ result: "conflict", resultText: "Нужно решение: контакт для чека" });
  await upload(t, t.shop, changed(later, { comment: "ещё раз" }));
  expect(await t.conflictsOf(orderId)).toMatchObject([{ state: "open", repeats: 0 }]);
  await upload(t, t.shop, changed(later, { buyer: { ...draft.buyer, email: "third@example.ru" } }));
  expect(await t.conflictsOf(orderId)).toMatchObject([{ state: "open", theirs: "third@example.ru", repeats: 1 }]);
  await upload(t, t.shop, changed(later, { buyer: { ...draft.buyer, email: "Typed@example.ru" } }));
  expect(await t.conflictsOf(orderId)).toMatchObject([{ state: "gone" }]);
  expect(await contact()).toBe("typed@example.ru");
});

test("1.2: what 1C said before the buyer typed is no news either, and a base that sends no contact has no word", async () => {
  const draft = aDraft({ buyer: aPerson({ email: "old@example.ru" }) });
  const orderId = await t.taken(draft);
  await t.type(orderId, "+79161234567");
  await upload(t, t.shop, changed(draft, { comment: "ещё раз" }));
  await upload(t, t.shop, changed(draft, { buyer: { ...draft.buyer, email: null } }));
  expect(await t.conflictsOf(orderId)).toEqual([]);
  expect(await sql()`select contact from orders where id = ${orderId}`).toEqual([{ contact: "+79161234567" }]);
});

test("a rule of the base decides for a field: «всегда наше» keeps it, «всегда 1С» takes it, and nobody is asked", async () => {
  const rule = (side: string) => sql()`insert into onec_field_rules (connection_id, field, side, set_by, set_at) values (${t.shop.onecId}, 'contact', ${side}, 'system', now()) on conflict (connection_id, field) do update set side = excluded.side`;
  try {
    for (const [side, expected] of [["ours", "typed@example.ru"], ["onec", "new@example.ru"]] as const) {
      await rule(side);
      const draft = aDraft({ buyer: aPerson({ email: "old@example.ru" }) });
      const orderId = await t.taken(draft);
      await t.type(orderId, "typed@example.ru");
      await upload(t, t.shop, changed(draft, { buyer: { ...draft.buyer, email: "new@example.ru" } }));
      expect(await sql()`select contact from orders where id = ${orderId}`).toEqual([{ contact: expected }]);
      expect(await t.conflictsOf(orderId)).toEqual([]);
    }
  } finally {
    await sql()`delete from onec_field_rules`;
  }
});

test("1.2: requisites that staff corrected are merged the same way, whichever order of the buyer comes", async () => {
  const company = aCompany();
  const draft = aDraft({ buyer: company });
  const orderId = await t.taken(draft);
  const [buyer] = await sql()<{ id: string }[]>`select counterparty_id as id from orders where id = ${orderId}`;
  await sql()`update counterparties set kpp = '770101001' where id = ${buyer!.id}`;
  await sql()`insert into onec_field_edits (object_type, object_id, field, ours, ours_by, ours_at, onec_value) values ('counterparty', ${buyer!.id}, 'buyer.kpp', '770101001', 'system', now(), ${company.kpp})`;
  const other = aDraft({ buyer: company });
  await t.taken(other);
  const kpp = async () => (await sql()<{ kpp: string }[]>`select kpp from counterparties where id = ${buyer!.id}`)[0]!.kpp;
  expect(await kpp()).toBe("770101001");
  await upload(t, t.shop, changed(other, { buyer: { ...company, kpp: "780101001" } }));
  expect(await kpp()).toBe("770101001");
  expect(await sql()`select field, theirs, object_key from onec_conflicts where counterparty_id = ${buyer!.id}`).toEqual([{ field: "buyer.kpp", theirs: "780101001", objectKey: buyer!.id }]);
});

test("1.2: contact, last day to pay and requisites that staff set are our word: another one of 1C is a question, and both answers hold", async () => {
  const company = aCompany({ email: "old@example.ru" });
  const draft = aDraft({ buyer: company });
  const { payUntil: _none, ...bare } = { ...draft, payUntil: null as Date | null };
  const orderId = (await upload(t, t.shop, { ...bare, payUntil: new Date("2026-11-30T21:00:00Z") }))[0]!.orderId!;
  const [accountant, manager, stranger, integrator] = await Promise.all([
    aStaff(t, { role: "accountant" }), aStaff(t, { role: "manager", storeId: t.shop.storeId }), aStaff(t, { role: "manager", storeId: (await aShop(t)).storeId }), aStaff(t, { role: "integrator" }),
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
  await upload(t, t.shop, { ...again, payUntil: new Date("2026-11-30T21:00:00Z") });
  expect(await t.conflictsOf(orderId)).toEqual([]);
  expect(await order()).toMatchObject({ contact: "staff@example.ru", buyerName: "ООО «Северный Мастер Плюс»", kpp: "770101001", payUntil: new Date("2026-12-05T21:00:00Z") });
  const news = changed(draft, { comment: "новое", buyer: { ...company, email: "new@example.ru", kpp: "780101001" } });
  await upload(t, t.shop, { ...news, payUntil: new Date("2026-11-29T21:00:00Z") });
  expect(await order()).toMatchObject({ contact: "staff@example.ru", kpp: "770101001", payUntil: new Date("2026-12-05T21:00:00Z") });
  const open = async () => [...(await sql()<{ id: string; field: string; ours: string; theirs: string }[]>`select id, field, ours, theirs from onec_conflicts where state = 'open' and (order_id = ${orderId} or counterparty_id = ${before.counterpartyId}) order by field`)];
  expect((await open()).map(({ field }) => field)).toEqual(["buyer.kpp", "contact", "payBy"]);
  for (const row of await open()) await decideConflict(accountant.ctx, { conflictId: row.id, side: row.field === "contact" ? "ours" : "theirs", seen: seenOf(row) });
  expect(await order()).toMatchObject({ contact: "staff@example.ru", kpp: "780101001", payUntil: new Date("2026-11-29T21:00:00Z") });
  expect(await open()).toEqual([]);
  // Put back to what 1C says, it is 1C's again.
  await changeContact(manager.ctx, { orderId, contact: "new@example.ru" });
  const last = changed(draft, { comment: "новее", buyer: { ...company, email: "newest@example.ru", kpp: "780101001" } });
  await upload(t, t.shop, { ...last, payUntil: new Date("2026-11-29T21:00:00Z") });
  expect(await order()).toMatchObject({ contact: "newest@example.ru" });
  expect(await open()).toEqual([]);
});
