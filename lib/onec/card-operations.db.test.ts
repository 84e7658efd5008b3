/** Card operations that 1C tells of: which payment of ours each proves, and which is money of a till (CML-16, CML-32). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ackChanges, readChanges, resendEvent } from "@/lib/feed/index.ts";
import { checkInvariants } from "@/lib/invariants/check-invariants.ts";
import { readSending, sendAgain, settleConflict } from "@/lib/onec/inbox/index.ts";
import { confirmExportByHand } from "@/lib/onec/index.ts";
import { reversePayment } from "@/lib/payments/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import { cardMoney } from "@/lib/testing/card-money.ts";
import { aDraft, anOperation, changed, upload } from "@/lib/testing/drafts.ts";
import { openFileExchange } from "@/lib/testing/file-exchange.ts";
import type { FileExchange } from "@/lib/testing/file-exchange.ts";

let t: FileExchange;
beforeAll(async () => {
  t = await openFileExchange();
});
afterAll(() => t.close());

const aBase = (settings: Record<string, unknown> = {}) => t.aBase({ flavour: "unf", ...settings });

const alertsOf = async (orderId: string) => (await t.ctx.database.sql<{ title: string }[]>`select title from alerts where order_id = ${orderId} and code = 'ALR-16' and state <> 'resolved' order by first_at, id`).map((alert) => alert.title.replaceAll("\u00A0", " "));
const factsOf = async (orderId: string) => [...(await t.ctx.database.sql`select f.method, f.fiscal_owner, f.amount_kopecks from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId} order by f.recorded_at, f.id`)];
async function partPaid(settings: Record<string, unknown> = {}) {
  const { shop, bankId, onec, exchange } = await aBase(settings);
  const draft = aDraft({ totalKopecks: 100_000n });
  const [result] = await upload(t, shop, draft);
  const orderId = result!.orderId!;
  await cardMoney(t, orderId, 40_000n, bankId);
  const typed = anOperation({ operation: "Эквайринговая операция", number: "ЭО-1", totalKopecks: 40_000n });
  const query = async () => onec.call("type=sale&mode=query", { session: await onec.open() });
  return { shop, draft, orderId, typed, query, exchange };
}

test("CML-32: a card operation that the accountant typed proves the message of its sum; another one is money of a till, with no receipt of ours", async () => {
  // A part is nothing that УТ books from the file: it is by hand.
  const { shop, draft, orderId, typed } = await partPaid({ flavour: "ut" });
  await upload(t, shop, changed(draft, { operations: [typed] }));
  expect(await t.exportsOf(orderId)).toEqual([{ state: "confirmed", onecDocumentNumber: "ЭО-1" }]);
  const atTill = anOperation({ operation: "Эквайринговая операция", number: "ЭО-2", totalKopecks: 60_000n });
  for (const comment of ["раз", "два"]) await upload(t, shop, changed(draft, { operations: [typed, atTill], comment }));
  expect(await factsOf(orderId)).toEqual([{ method: "card", fiscalOwner: "none", amountKopecks: 40_000n }, { method: "card_pos", fiscalOwner: "pos", amountKopecks: 60_000n }]);
  await upload(t, shop, changed(draft, { operations: [typed, atTill, anOperation({ operation: "Эквайринговая операция", number: "ЭВ-3", totalKopecks: 10_000n, marks: { refund: true } })] }));
  expect(await alertsOf(orderId)).toEqual([`Возврат на карту ЭВ-3 из 1С по заказу № ${draft.number}: у нас такого возврата нет`]);
});

test("CML-32, CML-16: a card operation of the same sum proves no payment that 1C was never given: it is money of a till, staff are asked, ours still goes out and stays unproven", async () => {
  const { shop, draft, orderId, typed, query } = await partPaid();
  await upload(t, shop, changed(draft, { operations: [typed] }));
  expect(await t.exportsOf(orderId)).toEqual([{ state: "pending", onecDocumentNumber: null }]);
  expect(await factsOf(orderId)).toEqual([{ method: "card", fiscalOwner: "none", amountKopecks: 40_000n }, { method: "card_pos", fiscalOwner: "pos", amountKopecks: 40_000n }]);
  expect(await alertsOf(orderId)).toEqual([expect.stringMatching(/^Операция по карте ЭО-1 из 1С на 400,00 ₽ по заказу № \S+: наша оплата этой суммы 1С ещё не передана$/)]);
  // Ours is given now; the till's operation, told again, is still the till's.
  expect((await query()).body).toContain("<Сумма>400.00</Сумма>");
  await upload(t, shop, changed(draft, { operations: [typed], comment: "ещё раз" }));
  expect(await t.exportsOf(orderId)).toEqual([{ state: "pending", onecDocumentNumber: null }]);
  expect(await factsOf(orderId)).toHaveLength(2);
});

test("CML-32: the till's operation was our payment typed by hand: its number given to ours and the till's money taken back, 1C is told of no reversal", async () => {
  const staff = await aStaff(t, { role: "accountant" });
  for (const settings of [{}, { doors: ["commerceml", "json"], moneyChannel: "json" }]) {
    const { shop, draft, orderId, typed } = await partPaid(settings);
    await upload(t, shop, changed(draft, { operations: [typed] }));
    const [mine] = await t.ctx.database.sql<{ id: string }[]>`select id from export_messages where order_id = ${orderId}`;
    await confirmExportByHand(staff.ctx, { exportId: mine!.id, documentNumber: "ЭО-1" });
    const [till] = await t.ctx.database.sql<{ id: string }[]>`select f.id from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId} and f.method = 'card_pos'`;
    await reversePayment(staff.ctx, { factId: till!.id, orderId, amountKopecks: 40_000n, reason: "это наша оплата", evidence: { note: "Письмо бухгалтера от 21.11.2026" } });
    expect(await t.exportsOf(orderId)).toEqual([{ state: "confirmed", onecDocumentNumber: "ЭО-1" }]);
    expect([...(await t.ctx.database.sql`select type from feed_events where order_id = ${orderId} and type = 'payment.reversed'`)]).toEqual([]);
    expect((await alertsOf(orderId)).filter((title) => title.includes("чек"))).toEqual([]);
    // Nor do the books or the reconciliation find anything to tell.
    expect((await checkInvariants(t.ctx)).filter(({ count }) => count > 0)).toEqual([]);
    // Told once more it is ours and changes nothing.
    await upload(t, shop, changed(draft, { operations: [typed], comment: "снова" }));
    expect((await factsOf(orderId)).map((fact) => fact["amountKopecks"])).toEqual([40_000n, 40_000n, 40_000n]);
    expect([...(await t.ctx.database.sql`select payment_status from orders where id = ${orderId}`)]).toEqual([{ paymentStatus: "partially_paid" }]);
  }
});

test("CML-32, CML-16: given out without a `success`, read from `changes` without an acknowledgement, or refused, it may stand in 1C without our id: the operation of its sum proves it and it is not told again", async () => {
  const { shop, draft, orderId, typed, query } = await partPaid();
  await query();
  await upload(t, shop, changed(draft, { operations: [typed] }));
  expect(await t.exportsOf(orderId)).toEqual([{ state: "confirmed", onecDocumentNumber: "ЭО-1" }]);
  expect(await factsOf(orderId)).toHaveLength(1);
  const json = await partPaid({ doors: ["commerceml", "json"], moneyChannel: "json" });
  const told = await readChanges(t.ctx, json.shop.onecId, { since: null, limit: 10 });
  expect(told.items).toHaveLength(1);
  await upload(t, json.shop, changed(json.draft, { operations: [json.typed] }));
  expect(await t.exportsOf(json.orderId)).toEqual([{ state: "confirmed", onecDocumentNumber: "ЭО-1" }]);
  await ackChanges(t.ctx, json.shop.onecId, { cursor: told.cursor });
  // Nor by a person: 1C would book it under our key beside the typed document.
  const director = (await aStaff(t)).ctx;
  const [event] = await t.ctx.database.sql<{ id: string; exportId: string }[]>`select id, export_id from feed_events where order_id = ${json.orderId}`;
  expect((await readSending(director, event!.exportId))!.canResend).toBe(false);
  await expect(sendAgain(director, event!.exportId)).rejects.toMatchObject({ code: "conflict" });
  await expect(resendEvent(director, event!.id)).rejects.toMatchObject({ code: "conflict" });
  expect((await readChanges(t.ctx, json.shop.onecId, { since: null, limit: 10 })).items).toEqual([]);
  // Refused, typed by hand: ALR-14 is over.
  const refused = await partPaid({ doors: ["commerceml", "json"], moneyChannel: "json" });
  const page = await readChanges(t.ctx, refused.shop.onecId, { since: null, limit: 10 });
  await ackChanges(t.ctx, refused.shop.onecId, { cursor: page.cursor, rejected: [{ key: page.items[0]!.key, msg: "Период закрыт" }] });
  await upload(t, refused.shop, changed(refused.draft, { operations: [refused.typed] }));
  expect(await t.exportsOf(refused.orderId)).toEqual([{ state: "confirmed", onecDocumentNumber: "ЭО-1" }]);
  expect(await factsOf(refused.orderId)).toHaveLength(1);
  expect([...(await t.ctx.database.sql`select state from alerts where order_id = ${refused.orderId} and code = 'ALR-14'`)]).toEqual([{ state: "resolved" }]);
});

test("CML-32: a document of 1C with our id and another sum is «Учтено», and people are told of the sum until 1C puts it right; one that 1C takes back later is told too", async () => {
  const { shop, draft, orderId, exchange } = await partPaid();
  const [export_] = await t.ctx.database.sql<{ factId: string }[]>`select fact_id from export_messages where order_id = ${orderId}`;
  await exchange();
  const says = (totalKopecks: bigint, marks: { posted?: boolean; deleted?: boolean } = {}, comment: string | null = null) =>
    upload(t, shop, changed(draft, { comment, operations: [anOperation({ operation: "Эквайринговая операция", number: `P-${export_!.factId}`, totalKopecks, marks: { paymentNumber: "УНФ-9", ...marks } })] }));
  const told = (what: string) => `Документ УНФ-9 об оплате 400,00 ₽ по заказу № ${draft.number} ${what}`;
  // Taken back before it proved anything: the payment goes on waiting for its proof, and nobody is told.
  await says(40_000n, { posted: false });
  expect([await t.shown(orderId), await alertsOf(orderId)]).toEqual([["delivered"], []]);
  await says(4_000n);
  expect([await t.shown(orderId), await alertsOf(orderId)]).toEqual([["confirmed"], [told("в 1С на 40,00 ₽")]]);
  expect([...(await t.ctx.database.sql`select ours, theirs from onec_conflicts where order_id = ${orderId} and state = 'open'`)].map((row) => [row["ours"].replaceAll("\u00A0", " "), row["theirs"].replaceAll("\u00A0", " ")])).toEqual([["оплата 400,00 ₽", "документ УНФ-9 в 1С на 40,00 ₽"]]);
  await says(40_000n);
  expect(await alertsOf(orderId)).toEqual([]);
  await says(40_000n, { deleted: true });
  expect([await t.shown(orderId), await alertsOf(orderId)]).toEqual([["confirmed"], [told("отменён или удалён в 1С")]]);
  await says(40_000n);
  expect(await alertsOf(orderId)).toEqual([]);
  // What a person has settled is not asked anew with each change of the order; other words of 1C are.
  await says(4_000n);
  const [open] = await t.ctx.database.sql<{ id: string }[]>`select id from onec_conflicts where order_id = ${orderId} and state = 'open'`;
  await settleConflict((await aStaff(t, { role: "accountant" })).ctx, { conflictId: open!.id, reason: "Разницу оформили отдельным документом" });
  await t.ctx.database.sql`update alerts set state = 'resolved', resolved_at = ${t.ctx.now()} where order_id = ${orderId} and code = 'ALR-16'`;
  await says(4_000n, {}, "комментарий");
  expect([await alertsOf(orderId), [...(await t.ctx.database.sql`select 1 from onec_conflicts where order_id = ${orderId} and state = 'open'`)]]).toEqual([[], []]);
  await says(5_000n, {}, "комментарий");
  expect(await alertsOf(orderId)).toEqual([told("в 1С на 50,00 ₽")]);
  // A refund that bears the payment's id proves no payment; our own id said back is no number of 1C's.
  const other = await partPaid();
  await other.exchange();
  const [theirs] = await t.ctx.database.sql<{ factId: string }[]>`select fact_id from export_messages where order_id = ${other.orderId}`;
  const named = anOperation({ operation: "Эквайринговая операция", number: `P-${theirs!.factId}`, totalKopecks: 40_000n });
  await upload(t, other.shop, changed(other.draft, { operations: [{ ...named, marks: { ...named.marks, refund: true } }] }));
  expect(await t.shown(other.orderId)).toEqual(["delivered"]);
  await upload(t, other.shop, changed(other.draft, { operations: [named] }));
  expect(await t.exportsOf(other.orderId)).toEqual([{ state: "confirmed", onecDocumentNumber: "б/н" }]);
});
