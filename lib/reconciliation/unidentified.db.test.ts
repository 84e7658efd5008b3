/** LOST-23 on a real database: transfers of a statement become money once, whoever tells of them first. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { instantOfLocal } from "@/lib/kit/time.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { bookTransfer, recordTransfer } from "@/lib/payments/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import type { MadeOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anInn } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { statementFile } from "@/lib/testing/registry-lines.ts";
import { setSetting } from "@/lib/testing/settings.ts";
import { alertUnidentified } from "./alert-unidentified.ts";
import { bindBankLine, setBankLineAside } from "./bind-bank-line.ts";
import { identifyTransfers } from "./identify-transfers.ts";
import { listUnidentified } from "./list-unidentified.ts";
import { uploadBankStatement } from "./upload-bank-statement.ts";

let t: TestContext;
let accountant: MadeStaff;
let shop: TestShop;
let account: string;
let inn: string;
beforeAll(async () => {
  t = await openTestContext();
  accountant = await aStaff(t, { role: "accountant" });
});
afterAll(async () => {
  const broken = (await checkInvariants(t.ctx)).filter((each) => each.count > 0);
  await t.close();
  expect(broken).toEqual([]);
});

let no = 0;
/** Friday noon, a company and its order of 6 631.00. */
beforeEach(async () => {
  t.clock.set("2026-11-20T09:00:00Z");
  shop = await aShop(t);
  account = `4070281090000001${String(++no).padStart(4, "0")}`;
  await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, is_default) values (${newId()}, ${shop.sellerOrgId}, 'Банк', '044525225', ${account}, true)`;
  inn = anInn();
});

const aCompanyOrder = (lines?: bigint) => anOrder(t, { ...shop, payerKind: "organization", inn, ...(lines && { lines: [{ name: "Товар", sumKopecks: lines }] }) });
type Credit = { number?: string; day?: string; kopecks: bigint; inn?: string | null; purpose?: string };
const fileOf = (credits: Credit[]) =>
  statementFile(account, credits.map((c) => ({
    number: c.number ?? "377", day: c.day ?? "2026-11-19", kopecks: c.kopecks, purpose: c.purpose ?? "Оплата по договору", payerAccount: "40702810210000054321", payerName: "ООО Вектор", ...(c.inn !== null && { payerInn: c.inn ?? inn }),
  })));
const upload = (...credits: Credit[]) => uploadBankStatement(accountant.ctx, { fileName: "kl_to_1c.txt", bytes: fileOf(credits), isTest: true });
const identified = async (...credits: Credit[]) => {
  await upload(...credits);
  return identifyTransfers(t.ctx);
};
const facts = () => t.ctx.database.sql<{ id: string; amountKopecks: bigint; documentKey: string }[]>`
  select f.id, f.amount_kopecks, f.document_key from money_facts f where f.kind = 'payment_captured' and (f.document_key in (select 'bank:' || id from bank_statement_lines where account = ${account})
      or exists (select 1 from allocations a join orders o on o.id = a.order_id where a.fact_id = f.id and o.store_id = ${shop.storeId})) order by f.recorded_at, f.amount_kopecks`;
const captured = async ({ orderId }: MadeOrder) => (await t.ctx.database.sql<{ capturedKopecks: bigint }[]>`select captured_kopecks from orders where id = ${orderId}`)[0]!.capturedKopecks;
/** 1C tells of a transfer on an order, under its own number. */
const told = ({ orderId }: MadeOrder, kopecks: bigint, more: { ref?: string; number?: string; bank?: string; day?: string } = {}) =>
  inTransaction(t.ctx, async (tx) =>
    recordTransfer(t.ctx, tx, await lockOrder(tx, orderId), {
      amountKopecks: kopecks, method: "bank_transfer", documentKey: more.ref ?? newId(), documentNumber: more.number ?? "УТ00-000012", bankDocumentNumber: more.bank ?? null,
      occurredAt: instantOfLocal(`${more.day ?? "2026-11-19"}T15:00:00`)!, fiscalOwner: "site",
    }),
  );
const mine = async () => (await listUnidentified(t.ctx, true)).filter((line) => line.account === account);
const alert = async () => (await t.ctx.database.sql<{ severity: string; count: number }[]>`select severity, (detail->>'count')::int as count from alerts where code = 'ALR-17' and state <> 'resolved' and object_key = 'bank:unidentified:test'`)[0] ?? null;

test("LOST-23: a known company's transfer that nobody told of is its advance: no receipt with the reason, nothing to 1C, nothing to decide", async () => {
  await aCompanyOrder();
  expect(await identified({ kopecks: 50_000n })).toEqual({ told: 0, advances: 1 });
  const [fact] = await facts();
  expect(fact).toMatchObject({ amountKopecks: 50_000n, documentKey: expect.stringMatching(/^bank:/) });
  expect(await t.ctx.database.sql`select a.order_id, c.inn, a.amount_kopecks from allocations a join counterparties c on c.id = a.counterparty_id where a.fact_id = ${fact!.id}`).toEqual([{ orderId: null, inn, amountKopecks: 50_000n }]);
  expect(await t.ctx.database.sql`select state, reason_code from receipts where fact_id = ${fact!.id}`).toEqual([{ state: "not_required", reasonCode: "b2b_bank_transfer" }]);
  expect(await t.ctx.database.sql`select 1 from export_messages where fact_id = ${fact!.id}`).toHaveLength(0);
  expect(await t.ctx.database.sql`select business_date::text, method from money_facts where id = ${fact!.id}`).toEqual([{ businessDate: "2026-11-19", method: "bank_transfer" }]);
  expect(await mine()).toEqual([]);
  expect(await identifyTransfers(t.ctx)).toEqual({ told: 0, advances: 0 });
});

test("LOST-23: the advance came first; 1C then books the transfer on an order: the advance moves there, told again it changes nothing", async () => {
  const order = await aCompanyOrder();
  await identified({ kopecks: 663_100n });
  const document = { ref: newId() };
  for (let time = 0; time < 3; time++) await told(order, 663_100n, document);
  expect(await facts()).toHaveLength(1);
  expect(await captured(order)).toBe(663_100n);
  expect(await t.ctx.database.sql`select payment_status, export_version = exported_version as nothing_to_give from orders where id = ${order.orderId}`).toEqual([{ paymentStatus: "paid", nothingToGive: true }]);
  expect(await t.ctx.database.sql`select kind, amount_kopecks from order_events where order_id = ${order.orderId} and kind like 'money.%'`).toEqual([{ kind: "money.moved_in", amountKopecks: 663_100n }]);
});

test("LOST-23: 1C spreads the advance over two orders part by part, and what is left stays an advance", async () => {
  const [a, b] = [await aCompanyOrder(10_000n), await aCompanyOrder(15_000n)];
  await identified({ kopecks: 30_000n });
  const document = { ref: newId(), bank: "000377" };
  await told(a, 10_000n, document);
  await told(b, 15_000n, document);
  await told(a, 10_000n, document);
  expect([await captured(a), await captured(b)]).toEqual([10_000n, 15_000n]);
  expect(await facts()).toHaveLength(1);
  const [left] = await t.ctx.database.sql`select sum(amount_kopecks)::bigint as kopecks from allocations where fact_id = ${(await facts())[0]!.id} and order_id is null`;
  expect(left).toEqual({ kopecks: 5_000n });
});

test("LOST-23: 1C told of it first, under its own number: the line is that money and no second one", async () => {
  const order = await aCompanyOrder();
  await told(order, 663_100n);
  expect(await identified({ kopecks: 663_100n })).toEqual({ told: 1, advances: 0 });
  expect(await facts()).toHaveLength(1);
  expect(await mine()).toEqual([]);
});

test("LOST-23: the accountant had entered it by hand with leading zeros; another number of the same sum is another transfer", async () => {
  const order = await aCompanyOrder();
  await bookTransfer(accountant.ctx, { orderId: order.orderId, amountKopecks: 20_000n, documentNumber: "000377", documentDate: "2026-11-18" });
  expect(await identified({ kopecks: 20_000n, number: "377" }, { kopecks: 20_000n, number: "378" })).toEqual({ told: 1, advances: 1 });
  expect((await facts()).map((fact) => fact.amountKopecks)).toEqual([20_000n, 20_000n]);
});

test("LOST-23: a spread document of 1C that was told whole is one line; one told in part leaves the rest as the advance", async () => {
  const [a, b, c] = [await aCompanyOrder(10_000n), await aCompanyOrder(20_000n), await aCompanyOrder(40_000n)];
  const whole = { ref: newId() };
  await told(a, 10_000n, whole);
  await told(b, 20_000n, whole);
  await told(c, 40_000n, { number: "500", bank: "500" });
  expect(await identified({ kopecks: 30_000n }, { kopecks: 55_000n, number: "500" })).toEqual({ told: 2, advances: 0 });
  expect((await facts()).map((fact) => fact.amountKopecks).toSorted((x, y) => Number(x - y))).toEqual([10_000n, 15_000n, 20_000n, 40_000n]);
});

test("LOST-23: further apart than three days, another payer, another sum: told of something else", async () => {
  const order = await aCompanyOrder();
  await told(order, 100_000n, { day: "2026-11-10" });
  const stranger = await anOrder(t, { ...shop, payerKind: "organization", inn: anInn() });
  await told(stranger, 200_000n);
  expect(await identified({ kopecks: 100_000n }, { kopecks: 200_000n, number: "378" })).toEqual({ told: 0, advances: 2 });
  expect(await facts()).toHaveLength(4);
});

test("LOST-23: a line put on an order by a person, then told by 1C there under its own number, is one payment; on another order it is shown and not doubled", async () => {
  const [a, b] = [await aCompanyOrder(), await aCompanyOrder()];
  await upload({ kopecks: 663_100n });
  await setSetting(t, "bank.autoAdvance", false);
  expect(await identifyTransfers(t.ctx)).toEqual({ told: 0, advances: 0 });
  await setSetting(t, "bank.autoAdvance", true);
  const [line] = await mine();
  expect(line).toMatchObject({ payerInn: inn, counterparties: [{ name: "ООО «Вектор»" }, { name: "ООО «Вектор»" }] });
  expect(line!.candidates.map((each) => each.orderId).toSorted()).toEqual([a.orderId, b.orderId].toSorted());
  await bindBankLine(accountant.ctx, { bankLineId: line!.bankLineId, orderId: a.orderId, reason: "по письму покупателя" });
  await told(a, 663_100n);
  expect(await captured(a)).toBe(663_100n);
  await told(b, 663_100n);
  expect(await captured(b)).toBe(663_100n);
  // Both documents of 1C are there; the second could be no other line, but the first had been told of the line.
  expect(await facts()).toHaveLength(2);
});

test("LOST-23: 1C tells of a line on another order than the person chose: shown, and not counted twice", async () => {
  const [a, b] = [await aCompanyOrder(), await aCompanyOrder()];
  await setSetting(t, "bank.autoAdvance", false);
  await upload({ kopecks: 663_100n });
  await setSetting(t, "bank.autoAdvance", true);
  await bindBankLine(accountant.ctx, { bankLineId: (await mine())[0]!.bankLineId, orderId: a.orderId, reason: "по письму покупателя" });
  await told(b, 663_100n);
  expect([await captured(a), await captured(b)]).toEqual([663_100n, 0n]);
  expect(await t.ctx.database.sql`select code, detail->>'class' as class from alerts where order_id = ${b.orderId}`).toEqual([{ code: "ALR-16", class: "AMOUNT_MISMATCH" }]);
});

test("LOST-23: an unknown INN waits for a person, ALR-17 after more than one working day; binding ends it and keeps the line as evidence", async () => {
  const order = await anOrder(t, shop);
  expect(await identified({ kopecks: 663_100n, inn: anInn(), purpose: "За чайник" })).toEqual({ told: 0, advances: 0 });
  const [line] = await mine();
  expect(line).toMatchObject({ amountKopecks: 663_100n, purpose: "За чайник", candidates: [{ orderId: order.orderId }] });
  await alertUnidentified(t.ctx, t.ctx.database.sql);
  expect(await alert()).toBeNull();
  // Thursday's money: Friday is its working day, Saturday is past it.
  t.clock.set("2026-11-21T09:00:00Z");
  await alertUnidentified(t.ctx, t.ctx.database.sql);
  await alertUnidentified(t.ctx, t.ctx.database.sql);
  expect(await alert()).toEqual({ severity: "P3", count: 1 });
  const { factId } = await bindBankLine(accountant.ctx, { bankLineId: line!.bankLineId, orderId: order.orderId, reason: "покупатель прислал платёжку" });
  expect(await alert()).toBeNull();
  expect(await captured(order)).toBe(663_100n);
  expect(await t.ctx.database.sql`select note from evidence where object_id = ${factId}`).toEqual([{ note: expect.stringContaining("За чайник") }]);
  expect(await t.ctx.database.sql`select detail->>'bankLineId' as line, detail->>'text' as text from order_events where order_id = ${order.orderId} and kind = 'money.captured'`).toEqual([{ line: line!.bankLineId, text: "покупатель прислал платёжку" }]);
  // A person's transfer needs a receipt (FISC-14); here nobody gave a contact, so a person is told.
  expect(await t.ctx.database.sql`select state, fail_code from receipts where fact_id = ${factId}`).toEqual([{ state: "failed_final", failCode: expect.any(String) }]);
  expect(await t.ctx.database.sql`select role, action, reason from audit_log where object_id = ${line!.bankLineId}`).toEqual([{ role: "accountant", action: "bank_line.bound", reason: "покупатель прислал платёжку" }]);
  await expect(bindBankLine(accountant.ctx, { bankLineId: line!.bankLineId, orderId: order.orderId, reason: "ещё раз" })).rejects.toMatchObject({ code: "conflict" });
});

test("LOST-23: what is no buyer's payment is set aside and asked about no more; it may still become somebody's advance", async () => {
  await identified({ kopecks: 100_000_00n, inn: anInn(), purpose: "Предоставление займа" });
  const [line] = await mine();
  t.clock.set("2026-11-24T09:00:00Z");
  await alertUnidentified(t.ctx, t.ctx.database.sql);
  expect(await alert()).toEqual({ severity: "P3", count: 1 });
  await setBankLineAside(accountant.ctx, { bankLineId: line!.bankLineId, reason: "заём учредителя" });
  expect([await alert(), await mine(), await identifyTransfers(t.ctx)]).toEqual([null, [], { told: 0, advances: 0 }]);
  await aCompanyOrder();
  const [payer] = await t.ctx.database.sql<{ id: string }[]>`select id from counterparties where inn = ${inn}`;
  await bindBankLine(accountant.ctx, { bankLineId: line!.bankLineId, counterpartyId: payer!.id, reason: "ошиблись" });
  expect((await facts()).map((fact) => fact.amountKopecks)).toEqual([100_000_00n]);
});

test("LOST-23: who may bind, and what is refused", async () => {
  const order = await aCompanyOrder();
  await identified({ kopecks: 5_000n, inn: anInn() });
  const bankLineId = (await mine())[0]!.bankLineId;
  const manager = await aStaff(t, { role: "manager" });
  await expect(bindBankLine(manager.ctx, { bankLineId, orderId: order.orderId, reason: "наш" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(bindBankLine(accountant.ctx, { bankLineId, orderId: order.orderId, reason: " " })).rejects.toMatchObject({ code: "invalid", details: { field: "reason" } });
  await expect(bindBankLine(accountant.ctx, { bankLineId, reason: "наш" })).rejects.toMatchObject({ code: "invalid", details: { field: "target" } });
  await expect(bindBankLine(accountant.ctx, { bankLineId: newId(), orderId: order.orderId, reason: "наш" })).rejects.toMatchObject({ code: "not_found" });
  const other = await aShop(t);
  const foreign = await anOrder(t, { ...other });
  await expect(bindBankLine(accountant.ctx, { bankLineId, orderId: foreign.orderId, reason: "наш" })).rejects.toMatchObject({ code: "conflict" });
  expect(await facts()).toEqual([]);
});

test("LOST-23: lines of long ago are history and nobody is asked about them", async () => {
  await aCompanyOrder();
  expect(await identified({ kopecks: 7_000n, day: "2026-09-01" }, { kopecks: 8_000n, number: "9", day: "2026-10-21" })).toEqual({ told: 0, advances: 1 });
  expect(await mine()).toEqual([]);
});

test("LOST-23: two uploads that overlap, identified at once with 1C telling of the same money: each transfer is there once", async () => {
  const order = await aCompanyOrder();
  const first = { kopecks: 663_100n, number: "1" };
  const second = { kopecks: 40_000n, number: "2" };
  await Promise.all([upload(first, second), upload(second, first, { kopecks: 1_000n, number: "3" })]);
  const document = { ref: newId() };
  await Promise.all([identifyTransfers(t.ctx), told(order, 663_100n, document), identifyTransfers(t.ctx), told(order, 663_100n, document), identifyTransfers(t.ctx)]);
  await identifyTransfers(t.ctx);
  await told(order, 663_100n, document);
  expect((await facts()).map((fact) => fact.amountKopecks).toSorted((x, y) => Number(x - y))).toEqual([1_000n, 40_000n, 663_100n]);
  expect(await captured(order)).toBe(663_100n);
});
