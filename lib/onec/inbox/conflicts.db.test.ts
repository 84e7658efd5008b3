/** Decisions about conflicts: ours or 1C's, a rule for ever, money with a reason (LOST-17, PIL-03). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { viewerOf } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { setOwnContact } from "@/lib/orders/set-own-contact.ts";
import { recordTransfer } from "@/lib/payments/index.ts";
import { aCompany, aDraft, aPerson, anOperation, changed, upload } from "@/lib/testing/drafts.ts";
import { aShop } from "@/lib/testing/factories.ts";
import { openInboxWorld } from "@/lib/testing/inbox-world.ts";
import type { InboxWorld } from "@/lib/testing/inbox-world.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { decideConflict, isConflictVisible, seenOf, settleConflict, watchConflicts } from "./index.ts";

let t: InboxWorld;
beforeAll(async () => {
  t = await openInboxWorld();
});
afterAll(() => t.close());

const sql = () => t.ctx.database.sql;

type Conflict = { id: string; field: string; state: string; ours: string; theirs: string; decidedBy: string | null; reason: string | null };
const conflictOf = async (orderId: string): Promise<Conflict> => (await sql()<Conflict[]>`select * from onec_conflicts where order_id = ${orderId} order by opened_at desc, id desc limit 1`)[0]!;
const contactOf = async (orderId: string) => (await sql()<{ contact: string }[]>`select contact from orders where id = ${orderId}`)[0]!.contact;

/** A contact in conflict: the buyer's against 1C's. */
async function disputed() {
  const draft = aDraft({ buyer: aPerson({ email: "old@example.ru" }) });
  const orderId = (await upload(t, t.shop, draft))[0]!.orderId!;
  await inTransaction(t.ctx, async (tx) => setOwnContact({ ...t.ctx, actor: { kind: "buyer", ip: null } }, tx, await lockOrder(tx, orderId), "typed@example.ru"));
  const later = changed(draft, { buyer: { ...draft.buyer, email: "new@example.ru" } });
  await upload(t, t.shop, later);
  return { orderId, later, row: await conflictOf(orderId) };
}
const messageOfConflict = async (id: string) => (await sql()<{ result: string; resultText: string }[]>`select m.result, m.result_text from onec_messages m join onec_conflicts c on c.message_id = m.id where c.id = ${id}`)[0];

test("«Взять из 1С»: the value is 1C's, and 1C may change it again without a question", async () => {
  const { orderId, later, row } = await disputed();
  await decideConflict(t.accountant, { conflictId: row.id, side: "theirs", seen: seenOf(row) });
  expect(await contactOf(orderId)).toBe("new@example.ru");
  expect(await conflictOf(orderId)).toMatchObject({ state: "theirs", decidedBy: expect.stringContaining("staff:") });
  expect(await messageOfConflict(row.id)).toEqual({ result: "applied", resultText: "Взято значение из 1С" });
  await upload(t, t.shop, changed(later, { buyer: { ...later.buyer, email: "again@example.ru" } }));
  expect(await contactOf(orderId)).toBe("again@example.ru");
});

test("«Оставить наше»: the value stays, the base is told again, and the same word of 1C does not open it again", async () => {
  const { orderId, later, row } = await disputed();
  const version = async () => (await sql()<{ v: number }[]>`select export_version as v from orders where id = ${orderId}`)[0]!.v;
  const before = await version();
  await decideConflict(t.accountant, { conflictId: row.id, side: "ours", seen: seenOf(row) });
  expect(await contactOf(orderId)).toBe("typed@example.ru");
  expect(await version()).toBe(before + 1);
  await upload(t, t.shop, changed(later, { comment: "повтор" }));
  expect(await sql()`select state from onec_conflicts where order_id = ${orderId}`).toEqual([{ state: "ours" }]);
  expect(await sql()`select action from audit_log where object_id = ${row.id}`).toEqual([{ action: "conflict.ours" }]);
  const { body } = await (async () => { const onec = onecClient(t, "inbox"); return onec.call("type=sale&mode=query", { session: await onec.open() }); })();
  expect(body).toContain("typed@example.ru");
  expect(body).not.toContain("new@example.ru");
});

test("a rule «всегда» is kept per base; two people decide once; a word of 1C that came meanwhile is seen first; roles", async () => {
  const { orderId, later, row } = await disputed();
  await expect(decideConflict(t.manager, { conflictId: row.id, side: "ours", seen: seenOf(row) })).rejects.toMatchObject({ code: "forbidden" });
  await expect(decideConflict(t.integrator, { conflictId: row.id, side: "ours", seen: seenOf(row) })).rejects.toMatchObject({ code: "forbidden" });
  await upload(t, t.shop, changed(later, { buyer: { ...later.buyer, email: "third@example.ru" } }));
  await expect(decideConflict(t.accountant, { conflictId: row.id, side: "theirs", seen: seenOf(row) })).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("другое значение") });
  const present = await conflictOf(orderId);
  const both = await Promise.allSettled(["theirs", "ours"].map((side) => decideConflict(t.accountant, { conflictId: row.id, side: side as "ours", seen: seenOf(present), always: true })));
  expect(both.map((each) => each.status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await sql()`select field from onec_field_rules where connection_id = ${t.shop.onecId}`).toEqual([{ field: "contact" }]);
  await sql()`delete from onec_field_rules`;
});

test("LOST-17: a difference about money has no «наше или 1С»: it is settled with a reason, or ends with its alert", async () => {
  const draft = aDraft({ totalKopecks: 100_000n });
  const orderId = (await upload(t, t.shop, draft))[0]!.orderId!;
  await inTransaction(t.ctx, async (tx) => void (await recordTransfer(t.ctx, tx, await lockOrder(tx, orderId), { amountKopecks: 100_000n, method: "cash", documentKey: newId(), documentNumber: null, occurredAt: t.ctx.now(), fiscalOwner: "pos" })));
  const smaller = changed(draft, { totalKopecks: 80_000n });
  await upload(t, t.shop, smaller);
  const row = await conflictOf(orderId);
  await expect(decideConflict(t.accountant, { conflictId: row.id, side: "theirs", seen: seenOf(row) })).rejects.toMatchObject({ code: "invalid" });
  await expect(settleConflict(t.accountant, { conflictId: row.id, reason: "да" })).rejects.toMatchObject({ code: "invalid", details: { field: "reason" } });
  await expect(settleConflict(t.integrator, { conflictId: row.id, reason: "Вернём покупателю" })).rejects.toMatchObject({ code: "forbidden" });
  await settleConflict(t.accountant, { conflictId: row.id, reason: "Вернём покупателю в кассе" });
  expect(await conflictOf(orderId)).toMatchObject({ state: "settled", reason: "Вернём покупателю в кассе" });
  await upload(t, t.shop, changed(draft, { totalKopecks: 70_000n }));
  expect(await conflictOf(orderId)).toMatchObject({ state: "open" });
  await sql()`update alerts set state = 'resolved', resolved_at = now() where order_id = ${orderId}`;
  await watchConflicts(t.ctx);
  expect(await conflictOf(orderId)).toMatchObject({ state: "gone" });
  expect(await sql()`select count(*)::int as n from onec_messages where order_id = ${orderId} and result = 'conflict'`).toEqual([{ n: 0 }]);
});

test("PIL-03, 8.4: a conflict of the other world, or of another store, is not this person's to decide; a rule of the other world neither", async () => {
  const { row } = await disputed();
  const viewer = viewerOf({ role: "manager", storeId: t.shop.storeId });
  const other = await aShop(t, { login: "other-store" });
  expect(await isConflictVisible(t.ctx, { isTest: true, viewer }, row.id)).toBe(true);
  expect(await isConflictVisible(t.ctx, { isTest: false, viewer }, row.id)).toBe(false);
  expect(await isConflictVisible(t.ctx, { isTest: true, viewer: viewerOf({ role: "manager", storeId: other.storeId }) }, row.id)).toBe(false);
  for (const id of [newId(), "нет"]) expect(await isConflictVisible(t.ctx, { isTest: true, viewer }, id)).toBe(false);
  await decideConflict(t.accountant, { conflictId: row.id, side: "ours", seen: seenOf(row) });
  expect(await isConflictVisible(t.ctx, { isTest: true, viewer }, row.id)).toBe(true);
});

test("CML-21, CML-22: 1C called an order paid and does so no more: nothing opens by itself, a person lets the buyer pay or leaves it closed; money in our books stays, and is told", async () => {
  const paid = { state: { paid: { number: "УТ-77", dateLocal: null } } };
  const open = async (orderId: string) => [...(await sql()<{ field: string; ours: string; theirs: string }[]>`select field, ours, theirs from onec_conflicts where order_id = ${orderId} and state = 'open'`)];
  const named = async (given: Parameters<typeof aDraft>[0] = {}) => {
    const draft = aDraft({ totalKopecks: 100_000n, ...given });
    const orderId = (await upload(t, t.shop, draft))[0]!.orderId!;
    await upload(t, t.shop, changed(draft, paid));
    t.clock.advance(60_000);
    return { draft, orderId, link: async () => (await sql()`select state, amount_kopecks from payment_links where order_id = ${orderId} order by created_at desc, id desc limit 1`)[0] };
  };
  const person = await named();
  const silent = changed(person.draft, { comment: "документ оплаты удалён" });
  await upload(t, t.shop, silent);
  const question = { field: "closing", ours: "оплачен, документ УТ-77", theirs: "не оплачен" };
  expect([await open(person.orderId), await person.link()]).toEqual([[question], { state: "fulfilled", amountKopecks: 100_000n }]);
  // Named again it is no question any more; silent again it is the same one.
  await upload(t, t.shop, changed(silent, paid));
  expect(await open(person.orderId)).toEqual([]);
  t.clock.advance(60_000);
  await upload(t, t.shop, silent);
  const row = await conflictOf(person.orderId);
  await decideConflict(t.accountant, { conflictId: row.id, side: "theirs", seen: seenOf(row) });
  expect(await person.link()).toEqual({ state: "active", amountKopecks: 100_000n });
  expect((await sql()`select onec_payment_number from orders where id = ${person.orderId}`)[0]).toEqual({ onecPaymentNumber: null });
  // What a person left closed is not asked about again.
  const kept = await named();
  await upload(t, t.shop, changed(kept.draft, { comment: "раз" }));
  const ours = await conflictOf(kept.orderId);
  await decideConflict(t.accountant, { conflictId: ours.id, side: "ours", seen: seenOf(ours) });
  await upload(t, t.shop, changed(kept.draft, { comment: "два" }));
  expect([await open(kept.orderId), await kept.link()]).toEqual([[], { state: "fulfilled", amountKopecks: 100_000n }]);
  // A total that grew explains the silence, also of later documents (LOST-17).
  const grown = await named();
  await upload(t, t.shop, changed(grown.draft, { totalKopecks: 150_000n }));
  await upload(t, t.shop, changed(grown.draft, { totalKopecks: 150_000n, comment: "ещё раз" }));
  expect((await open(grown.orderId)).map(({ field }) => field)).toEqual(["total"]);
  const company = await named({ buyer: aCompany() });
  await upload(t, t.shop, changed(company.draft, { comment: "платёж отменён" }));
  expect((await open(company.orderId)).map(({ field, theirs }) => [field, theirs])).toEqual([["payment:unpaid", "не оплачен"]]);
  expect([...(await sql()`select code, severity from alerts where order_id = ${company.orderId} and state = 'firing'`)]).toEqual([{ code: "ALR-16", severity: "P2" }]);
  // Money that went back by the same word is reason enough.
  const returned = await named({ buyer: aCompany() });
  await upload(t, t.shop, changed(returned.draft, { operations: [anOperation({ operation: "Возврат безналичных денег", number: "РБД-7", totalKopecks: 30_000n, marks: { paid: true } })] }));
  expect([await open(returned.orderId), [...(await sql()`select refunded_kopecks from orders where id = ${returned.orderId}`)]]).toEqual([[], [{ refundedKopecks: 30_000n }]]);
});
