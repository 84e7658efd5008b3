/** What the pages of A8 read, and what staff do there besides the verbs of payouts.db.test.ts and days.db.test.ts. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { instantOfLocal } from "@/lib/kit/time.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { anOrder } from "@/lib/testing/an-order.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { registryFile, statementFile } from "@/lib/testing/registry-lines.ts";
import {
  closeDay, countDayDiscrepancies, findDiscrepancyDay, listDeliveries, listDiscrepancies, listReconciliationDays, makeMonthPack, mendDiscrepancy, readDayClosings, readDelivery, readReconciliationDay, reconcile, reopenDay, requestRegistry,
  resolveDiscrepancy, uploadBankStatement, uploadRegistry,
} from "./index.ts";
import { xlsxRows } from "./registry-file/xlsx-rows.ts";

let t: TestContext;
let bank: string;
let shop: TestShop;
let accountant: MadeStaff;
const account = "40702810900000000777";
const day = "2026-11-19";

beforeAll(async () => {
  t = await openTestContext();
  accountant = await aStaff(t, { role: "accountant" });
  shop = await aShop(t);
  bank = (await anAcquirer(t, { sellerOrgId: shop.sellerOrgId })).connectionId;
  await t.ctx.database.sql`insert into bank_accounts (id, seller_org_id, bank_name, bik, account, is_default) values (${newId()}, ${shop.sellerOrgId}, 'Банк', '044525225', ${account}, true)`;
  t.clock.set("2026-11-20T09:00:00Z");
});
afterAll(() => t.close());

async function fact(id: string, kopecks: bigint): Promise<void> {
  await inTransaction(t.ctx, (tx) =>
    recordFact(t.ctx, tx, {
      kind: "payment_captured", amountKopecks: kopecks, method: "card", connectionId: bank, providerPaymentId: id, captureNo: 1, providerOperationId: null, parentFactId: null, occurredAt: instantOfLocal(`${day}T12:00:00`)!,
      fiscalOwner: "none", isTest: true, allocations: [{ orderId: null, counterpartyId: null, amountKopecks: kopecks }],
    }),
  );
}
const summary = async () => (await listReconciliationDays(t.ctx, { from: day, to: day, isTest: true }))[0];

test("A8: a day of money without the bank's registry is amber and names the bank, whatever else agrees", async () => {
  await fact("p1", 100_000n);
  await fact("p2", 50_000n);
  expect(await summary()).toMatchObject({ state: "partial", missing: [expect.any(String)] });
  expect((await readReconciliationDay(t.ctx, { day, isTest: true })).connections).toMatchObject([{ connectionId: bank, lacksRegistry: true, differs: [] }]);
});

test("bad lines are kept with their number and reason, known files are told; history names who", async () => {
  const bytes = Buffer.concat([registryFile([{ id: "p1", kopecks: 100_000n, feeKopecks: 2_100n, payoutId: "77001", payoutDay: "2026-11-20" }, { id: "p2", kopecks: 49_000n, payoutId: "77001", payoutDay: "2026-11-20" }]), Buffer.from("\r\nx;;;;ерунда;Оплата;10;;;;")]);
  const uploaded = await uploadRegistry(accountant.ctx, { connectionId: bank, fileName: "r.csv", bytes });
  const registryId = uploaded.status === "taken" ? uploaded.registry.registryId : "";
  expect(await readDelivery(t.ctx, { deliveryId: registryId, isTest: true })).toMatchObject({ kind: "registry", newCount: 2, problemCount: 1, receivedByName: expect.stringMatching(/./), lines: [{ lineNo: 4, code: "DATE", raw: expect.stringContaining("ерунда") }], hasMore: false });
  expect(await readDelivery(t.ctx, { deliveryId: registryId, isTest: true, page: 1 })).toMatchObject({ lines: [], hasMore: false });
  expect(await readDelivery(t.ctx, { deliveryId: registryId, isTest: false })).toBeNull();
  expect(await readDelivery(t.ctx, { deliveryId: "no id", isTest: true })).toBeNull();
  const credits = statementFile(account, [{ number: "1", day: "2026-11-20", kopecks: 146_900n, purpose: "Возмещение по эквайрингу 77001" }]).toString().replace("КонецФайла", "СекцияДокумент=Платежное поручение\r\nНомер=9\r\nДата=20.11.2026\r\nСумма=0\r\nПолучательСчет=40702810900000000777\r\nКонецДокумента\r\nКонецФайла");
  const { statements } = await uploadBankStatement(accountant.ctx, { fileName: "kl.txt", bytes: Buffer.from(credits), isTest: true });
  expect((await readDelivery(t.ctx, { deliveryId: statements[0]!.statementId, isTest: true }))!.warnings).toEqual([expect.stringMatching(/^Строка \d+: сумма/)]);
  expect((await listDeliveries(t.ctx, { isTest: true })).rows.map((row) => row.kind).toSorted()).toEqual(["registry", "statement"]);
});

test("A8: a cell's difference leads to its operations, and a link from an alert finds its day", async () => {
  await reconcile(t.ctx, "full");
  const found = await readReconciliationDay(t.ctx, { day, isTest: true });
  expect(found.connections).toMatchObject([{ connectionId: bank, lacksRegistry: false, differs: ["registry"], causes: [{ class: "AMOUNT_MISMATCH", column: "registry", differenceKopecks: 1_000n }] }]);
  expect(await summary()).toMatchObject({ state: "diff", differenceKopecks: 1_000n, missing: [] });
  expect(found.payouts).toMatchObject([{ expectedKopecks: 146_900n, creditedKopecks: 146_900n }]);
  const { rows } = await listDiscrepancies(t.ctx, { isTest: true, day, tab: "open", column: "registry", acquirerId: bank });
  expect(rows).toMatchObject([{ class: "AMOUNT_MISMATCH", oursKopecks: 50_000n, theirsKopecks: 49_000n }]);
  expect((await listDiscrepancies(t.ctx, { isTest: true, day, tab: "open", column: "onec" })).rows).toEqual([]);
  expect((await listDiscrepancies(t.ctx, { isTest: true, day, tab: "open", acquirerId: "none" })).rows).toEqual([]);
  expect(await findDiscrepancyDay(t.ctx, rows[0]!.discrepancyId)).toEqual({ day, tab: "open", orderId: null });
  await expect(mendDiscrepancy(accountant.ctx, { discrepancyId: rows[0]!.discrepancyId })).rejects.toMatchObject({ code: "conflict" });
  await resolveDiscrepancy(accountant.ctx, { discrepancyId: rows[0]!.discrepancyId, decision: "resolved", reason: "банк исправит завтра" });
  expect(await countDayDiscrepancies(t.ctx, { day, isTest: true })).toEqual({ open: 0n, expected: 0n, closed: 1n });
  expect((await listDiscrepancies(t.ctx, { isTest: true, day, tab: "closed" })).rows).toMatchObject([{ resolution: "банк исправит завтра", closedByName: expect.stringMatching(/./) }]);
});

test("REC-10: closings of a day keep who closed it, who opened it again and why", async () => {
  await closeDay(accountant.ctx, { day, isTest: true });
  await reopenDay(accountant.ctx, { day, isTest: true, reason: "пришёл второй файл" });
  await closeDay(accountant.ctx, { day, isTest: true });
  expect(await readDayClosings(t.ctx, { day, isTest: true })).toMatchObject([{ reopenedAt: null }, { reopenReason: "пришёл второй файл", reopenedByName: expect.stringMatching(/./) }]);
});

test("the month's workbook: figures of the days, payouts once, differences; not for a manager", async () => {
  const bytes = await makeMonthPack(accountant.ctx, { month: "2026-11", isTest: true });
  const rows: string[][] = [];
  for await (const row of xlsxRows(bytes)) rows.push(row.cells);
  // 1C, our books, registry, receipts, bank: sum and count each.
  expect(rows[1]).toEqual(["46345", "PayKeeper", "", "", "1500", "2", "1490", "2", "", "", "1469", "2", "Закрыт", expect.any(String), expect.stringMatching(/^46346\.5/)]);
  expect(rows.at(-1)!.slice(0, 6)).toEqual(["Итого", "", "0", "0", "1500", "2"]);
  await expect(makeMonthPack(accountant.ctx, { month: "2026-13", isTest: true })).rejects.toMatchObject({ code: "invalid" });
  const manager = await aStaff(t, { role: "manager" });
  await expect(makeMonthPack(manager.ctx, { month: "2026-11", isTest: true })).rejects.toMatchObject({ code: "forbidden" });
  await expect(requestRegistry(manager.ctx, { connectionId: bank, day })).rejects.toMatchObject({ code: "forbidden" });
  await expect(mendDiscrepancy(manager.ctx, { discrepancyId: newId() })).rejects.toMatchObject({ code: "forbidden" });
});

test("A8: money that owes no receipt and none of 1C's (chargeback, company's transfer, reversal) makes no cell red; a missing receipt does", async () => {
  const [other, { orderId }] = ["2026-11-12", await anOrder(t, shop)];
  let no = 0;
  const money = (kind: FactKind, kopecks: bigint, more: { parent?: string; owner?: "site" | "none"; transfer?: boolean; own?: boolean } = {}) =>
    inTransaction(t.ctx, async (tx) => {
      const key = `${other}-${++no}`;
      const made = await recordFact(t.ctx, tx, {
        kind, amountKopecks: kopecks, method: more.transfer ? "bank_transfer" : "card", connectionId: more.transfer ? null : bank, providerPaymentId: more.transfer ? null : key, captureNo: kind === "payment_captured" && !more.transfer ? 1 : null,
        providerOperationId: more.parent ? key : null, parentFactId: more.parent ?? null, ...(more.transfer && { documentKey: `bank:${key}` }), occurredAt: instantOfLocal(`${other}T12:00:00`)!, fiscalOwner: more.owner ?? "site", isTest: true,
        allocations: [{ orderId: more.own ? orderId : null, counterpartyId: null, amountKopecks: kopecks }],
      });
      return made!.factId;
    });
  const receipt = async (factId: string, kind: string, kopecks: bigint) => void (await t.ctx.database.sql`
    insert into receipts (id, fact_id, order_id, purpose, kind, state, total_kopecks, due_at, planned_at, registered_at, fn_number, fd_number, fiscal_sign, is_test)
    values (${newId()}, ${factId}, ${orderId}, ${kind === "income" ? "prepayment" : "refund"}, ${kind}, 'registered', ${kopecks}, ${t.ctx.now()}, ${t.ctx.now()}, ${t.ctx.now()}, '9999078900000009', ${String(++no)}, '1', true)`);
  const paid = await money("payment_captured", 100_000n, { own: true });
  await receipt(paid, "income", 100_000n);
  const back = await money("refund_succeeded", 20_000n, { parent: paid, own: true });
  await receipt(back, "income_return", 20_000n);
  await money("chargeback", 7_000n, { parent: paid, own: true });
  const wrong = await money("payment_captured", 30_000n, { owner: "none" });
  await money("payment_reversed", 30_000n, { parent: wrong, owner: "none" });
  await money("payment_captured", 500_000n, { transfer: true, owner: "none" });
  const read = async () => (await readReconciliationDay(t.ctx, { day: other, isTest: true })).connections;
  const [card, outside] = await read();
  expect(card).toMatchObject({ connectionId: bank, cells: { ledger: { inKopecks: 130_000n, outKopecks: 57_000n, netKopecks: 73_000n }, receipts: { netKopecks: 80_000n, owedKopecks: 80_000n } }, differs: [] });
  expect(outside).toMatchObject({ connectionId: null, cells: { ledger: { netKopecks: 500_000n }, receipts: null }, differs: [] });
  await money("payment_captured", 1_000n, { own: true });
  expect((await read())[0]).toMatchObject({ differs: ["receipts"], cells: { receipts: { netKopecks: 80_000n, owedKopecks: 81_000n } } });
  // A price concession: back at the old price, out again at the new one (FISC-36); the second document was printed elsewhere, as a person says.
  const conceded = await money("refund_succeeded", 5_000n, { parent: paid, own: true });
  await receipt(conceded, "income_return", 50_000n);
  await t.ctx.database.sql`
    insert into receipts (id, fact_id, part_no, order_id, purpose, kind, state, reason_code, total_kopecks, due_at, planned_at, is_test)
    values (${newId()}, ${conceded}, 2, ${orderId}, 'refund', 'income', 'not_required', 'closed_by_staff', 45_000, ${t.ctx.now()}, ${t.ctx.now()}, true)`;
  expect((await read())[0]).toMatchObject({ differs: ["receipts"], cells: { receipts: { netKopecks: 30_000n, owedKopecks: 31_000n } } });
});
